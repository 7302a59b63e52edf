/**
 * Owns getting the clients: npm installs each pinned version once, into a folder of its own below `.vscode-test/clients`
 * (git-ignored, survives `npm ci`). A folder is moved to its final name when the client in it has said its version, so a
 * broken or interrupted install is never taken for a client.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CLIENTS, type ClientId, type Installed } from './catalog';
import { bareEnvironment, projectDir } from './processes';

const INSTALL_MS = 600_000;
const VERSION_MS = 60_000;
const HEARTBEAT_MS = 10_000;

const run = promisify(execFile);

export async function installClient(id: ClientId, log: (line: string) => void): Promise<Installed> {
  const { package: name, version, entry, megabytes } = CLIENTS[id];
  const cache = process.env['MCP_SHARK_CLIENTS_DIR'] ?? path.join(projectDir, '.vscode-test/clients');
  const dir = path.resolve(cache, `${id}-${version}`);
  const entryIn = (folder: string): string => path.join(folder, 'node_modules', name, entry);
  if (existsSync(entryIn(dir))) return { entry: entryIn(dir) };

  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  log(`installing ${name} ${version} (about ${megabytes} MB)`);
  const heartbeat = setInterval(() => log(`still installing ${name} (${seconds()} s)`), HEARTBEAT_MS);
  let partial: string | undefined;
  try {
    await mkdir(cache, { recursive: true });
    partial = await mkdtemp(path.join(cache, `${id}.partial-`));
    await writeFile(path.join(partial, 'package.json'), '{"private":true}');
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--save-exact', `${name}@${version}`];
    // npm is a .cmd file on Windows.
    await run('npm', args, { cwd: partial, env: npmEnvironment(), timeout: INSTALL_MS, shell: process.platform === 'win32' });
    await checkVersion(path.join(partial, 'node_modules', name), entry, version);
    await rm(dir, { recursive: true, force: true });
    await rename(partial, dir);
    log(`installed ${name} ${version} in ${seconds()} s`);
    return { entry: entryIn(dir) };
  } catch (error) {
    // Another run may have been quicker.
    if (existsSync(entryIn(dir))) return { entry: entryIn(dir) };
    const { stderr, message } = error as Error & { stderr?: string };
    const failure = `${name}@${version} could not be installed from npm: ${(stderr || message).trim().slice(-1500)}`;
    log(failure);
    return { failure };
  } finally {
    clearInterval(heartbeat);
    if (partial !== undefined) await rm(partial, { recursive: true, force: true });
  }
}

/** Also shows that npm did not leave out the platform's own package, which it does without a word. */
async function checkVersion(folder: string, entry: string, version: string): Promise<void> {
  const { version: installed } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  if (installed !== version) throw new Error(`npm installed version ${installed}`);
  const home = await mkdtemp(path.join(tmpdir(), 'mcp-shark-client-'));
  try {
    const { stdout } = await run(process.execPath, [path.join(folder, entry), '--version'], { cwd: home, env: bareEnvironment(home), timeout: VERSION_MS });
    if (!stdout.includes(version)) throw new Error(`"${entry} --version" says ${stdout.trim()}`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Where npm finds its registry, and nothing of the `npm run` that may have started this. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = /^npm_config_(registry|cache|userconfig|globalconfig|cafile|https?[-_]?proxy|noproxy)$/i;
  const env = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name));
  return { ...Object.fromEntries(env), NODE_ENV: undefined };
}
