// Makes a fresh clone able to run everything else: node_modules as package-lock.json says, and Node 24 in it. Runs on any
// Node from 20 on, before anything is installed, so it may import only Node's own modules and its siblings.
import { existsSync, readFileSync } from 'node:fs';
import { SetupError } from './errors.mjs';
import { findNode24, requireNode24, systemEnvironment } from './node24.mjs';
import { inProject, projectFolder } from './paths.mjs';
import { formatElapsed, say } from './progress.mjs';
import { run } from './run.mjs';

const oldestNodeMajor = 20;

/** @param {{ log?: (text: string) => void }} [options] */
export async function bootstrap({ log = say } = {}) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNodeMajor) {
    throw new SetupError(`MCP Shark needs Node ${oldestNodeMajor} or newer to build; this is Node ${process.versions.node}. Install a newer one and try again.`);
  }
  const reason = whyInstall();
  if (reason) {
    const startedAt = performance.now();
    log(`installing npm packages (${reason}); about a minute the first time`);
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      label: 'npm ci', cwd: projectFolder, env: systemEnvironment(), shell: process.platform === 'win32', liveTo: process.stderr,
    });
    log(`npm packages installed in ${formatElapsed(performance.now() - startedAt)}`);
  }
  requireNode24();
}

/**
 * Why `npm ci` is needed, or undefined when what is installed is what package-lock.json asks for. npm writes what it
 * installed to node_modules/.package-lock.json, last of all, so an interrupted install is seen too.
 * @returns {string | undefined}
 */
export function whyInstall() {
  const wanted = readLock(inProject('package-lock.json'));
  if (!wanted) throw new SetupError('package-lock.json is missing or broken. Restore it from git, then try again.');
  const installed = readLock(inProject('node_modules', '.package-lock.json'));
  if (!installed) return 'none are installed';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional || entry.devOptional) continue;
    if (installed[path]?.version !== entry.version) return `${path.replace('node_modules/', '')} ${entry.version} is not installed`;
  }
  return findNode24() ? undefined : 'Node 24 is not installed';
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
