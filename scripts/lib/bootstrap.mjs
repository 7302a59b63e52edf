// Makes a fresh clone able to run everything else: node_modules as package-lock.json says, and Node 24 in it. Runs on any
// Node from 20 on, before anything is installed, so it may import only Node's own modules and its siblings.
// MCP_SHARK_SKIP_INSTALL=1 leaves node_modules alone, for a folder that several people or tools are working in.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from './errors.mjs';
import { findNode24, requireNode24, systemEnvironment } from './node24.mjs';
import { inProject, projectFolder } from './paths.mjs';
import { formatElapsed, say } from './progress.mjs';
import { run } from './run.mjs';

const oldestNodeMajor = 20;
const wantedLock = inProject('package-lock.json');
const installedLock = inProject('node_modules', '.package-lock.json');
/** Holds the hash of the package-lock.json that was installed last. */
const stamp = inProject('node_modules', '.mcp-shark-installed');

/** @param {{ log?: (text: string) => void }} [options] */
export async function bootstrap({ log = say } = {}) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNodeMajor) {
    throw new SetupError(`MCP Shark needs Node ${oldestNodeMajor} or newer to build; this is Node ${process.versions.node}. Install a newer one and try again.`);
  }
  const reason = whyInstall();
  if (reason && process.env.MCP_SHARK_SKIP_INSTALL) {
    log(`not installing npm packages, as MCP_SHARK_SKIP_INSTALL asks, although ${reason}`);
  } else if (reason) {
    const startedAt = performance.now();
    // An outdated folder is brought up to date in place: `npm ci` would delete it under a running watch or editor.
    const command = existsSync(installedLock) ? ['install', '--no-save'] : ['ci'];
    const removes = existsSync(installedLock) ? '; packages that are not in package-lock.json are removed' : '';
    log(`installing npm packages (${reason}); about a minute the first time${removes}`);
    await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...command, '--no-audit', '--no-fund', '--loglevel=error'], {
      label: `npm ${command[0]}`, cwd: projectFolder, env: systemEnvironment(), shell: process.platform === 'win32',
    });
    writeFileSync(stamp, lockHash());
    log(`npm packages installed in ${formatElapsed(performance.now() - startedAt)}`);
  }
  requireNode24();
}

/**
 * Why an install is needed, or undefined when what is installed is what package-lock.json asks for. npm writes what it
 * installed to node_modules/.package-lock.json, last of all, so an interrupted install is seen too.
 * @returns {string | undefined}
 */
export function whyInstall() {
  const wanted = readLock(wantedLock);
  if (!wanted) throw new SetupError('package-lock.json is missing or broken. Restore it from git, then try again.');
  const installed = readLock(installedLock);
  if (!installed) return 'none are installed';
  if (!findNode24()) return 'Node 24 is not installed';
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return undefined;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional || entry.devOptional) continue;
    if (installed[path]?.version !== entry.version) return `${path.replace('node_modules/', '')} ${entry.version} is not installed`;
  }
  return undefined;
}

function lockHash() {
  return createHash('sha256').update(readFileSync(wantedLock)).digest('hex');
}

/** @param {string} path @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> | undefined} */
function readLock(path) {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
