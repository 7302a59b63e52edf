// "Get an editor": which real VS Code the tests and `npm start` use, and getting it there once. A desktop VS Code comes
// through @vscode/test-electron; where none can be downloaded or shown, npm's code-server carries the same VS Code as a
// server with a web workbench. Neither is a devDependency: both live in caches that git ignores.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onCleanup } from './cleanup.mjs';
import { SetupError } from './errors.mjs';
import { node24Environment } from './node24.mjs';
import { editorDataFolder, userCacheFolder } from './paths.mjs';
import { formatElapsed, say } from './progress.mjs';
import { run } from './run.mjs';
import { ensureSystemPackages, isOnPath, packagesToInstallCodeServer, packagesToShowTheEditor } from './systemPackages.mjs';

/** Carries VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';
const updateSite = 'https://update.code.visualstudio.com/api/releases/stable';
const updateSiteTimeoutMs = 4_000;

/**
 * @typedef {{ kind: 'code-server', serverMain: string }} CodeServerEditor
 * @typedef {{ kind: 'desktop', executable: string }} DesktopEditor
 * @typedef {CodeServerEditor | DesktopEditor} Editor
 */

/**
 * The editor for the tests. MCP_SHARK_TEST_EDITOR=code-server|desktop forces one; else desktop where it can be had.
 * @returns {Promise<Editor>}
 */
export async function getTestEditor() {
  const forced = process.env.MCP_SHARK_TEST_EDITOR;
  if (forced !== undefined && forced !== '' && forced !== 'code-server' && forced !== 'desktop') {
    throw new SetupError(`MCP_SHARK_TEST_EDITOR is "${forced}"; it can be "code-server" or "desktop".`);
  }
  if (forced === 'desktop') return getDesktopEditor();
  if (forced === 'code-server') return getCodeServer();
  const canShow = hasDisplay() || isOnPath('xvfb-run');
  return canShow && (await canGetDesktopEditor()) ? getDesktopEditor() : getCodeServer();
}

/** Whether this session can show a window to a person. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Whether a desktop VS Code is here already, or can be downloaded. */
export async function canGetDesktopEditor() {
  return (await hasDownloadedDesktopEditor()) || (await updateSiteAnswers());
}

/** @returns {Promise<DesktopEditor>} */
export async function getDesktopEditor() {
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  const executable = await downloadAndUnzipVSCode({ version: 'stable', cachePath: editorDataFolder });
  return { kind: 'desktop', executable };
}

/** @returns {Promise<CodeServerEditor>} */
export async function getCodeServer() {
  if (process.platform === 'win32') {
    throw new SetupError('No desktop VS Code can be downloaded, and code-server does not run on Windows. Check the network connection, then try again.');
  }
  const folder = join(userCacheFolder(), `code-server-${codeServerVersion}`);
  const serverMain = join(folder, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
  if (!existsSync(serverMain)) await installCodeServer(folder);
  await ensureSystemPackages(packagesToShowTheEditor);
  return { kind: 'code-server', serverMain };
}

/**
 * Installs into a sibling folder and renames it into place, so that the cache holds a whole editor or none. A folder left
 * by an interrupted install is deleted: npm cannot continue in it.
 * @param {string} folder
 */
async function installCodeServer(folder) {
  await ensureSystemPackages(packagesToInstallCodeServer);
  const cache = dirname(folder);
  await mkdir(cache, { recursive: true });
  await deleteLeftovers(cache, basename(folder));
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial);
  const release = onCleanup(() => rm(partial, { recursive: true, force: true }));
  const startedAt = performance.now();
  say(`installing VS Code's server (code-server ${codeServerVersion}, about 600 MB and two minutes, once per machine)`);
  try {
    await writeFile(join(partial, 'package.json'), JSON.stringify({ private: true, dependencies: { 'code-server': codeServerVersion } }));
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { label: 'installing code-server', cwd: partial, env: installEnvironment() });
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } catch (error) {
    // Another process may have put a whole one there while this one was installing.
    if (!existsSync(join(folder, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js'))) throw error;
  } finally {
    await release();
  }
  say(`code-server installed in ${formatElapsed(performance.now() - startedAt)}`);
}

/** Under `npm run` npm hands its own settings down (the project's prefix among them); a nested install must not see them. */
function installEnvironment() {
  return Object.fromEntries(Object.entries(node24Environment()).filter(([name]) => !/^npm_(package|lifecycle|command|execpath|config_(prefix|local_prefix|global_prefix))/i.test(name)));
}

/** @param {string} cache @param {string} name */
async function deleteLeftovers(cache, name) {
  for (const entry of await readdir(cache)) {
    const pid = Number(entry.startsWith(`${name}.partial-`) ? entry.slice(`${name}.partial-`.length) : NaN);
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

async function hasDownloadedDesktopEditor() {
  if (!existsSync(editorDataFolder)) return false;
  const entries = await readdir(editorDataFolder);
  return entries.some((entry) => entry.startsWith('vscode-') && existsSync(join(editorDataFolder, entry, 'is-complete')));
}

async function updateSiteAnswers() {
  try {
    const answer = await fetch(updateSite, { method: 'HEAD', signal: AbortSignal.timeout(updateSiteTimeoutMs) });
    return answer.ok;
  } catch {
    return false;
  }
}
