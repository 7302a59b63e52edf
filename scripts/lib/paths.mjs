// Where things are: the project, its build output, and the per-user cache that outlives a clone. Only computes paths;
// creates nothing. Everything in scripts/ that must run before `npm ci` may import this file (Node built-ins only).
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const projectFolder = resolve(fileURLToPath(import.meta.url), '..', '..', '..');

/** @param {...string} parts a path below the project folder */
export function inProject(...parts) {
  return join(projectFolder, ...parts);
}

/** Test reports, screenshots of failures and editor logs; ignored by git. */
export const testResultsFolder = inProject('test-results');

/** Generated things that live as long as the clone: downloaded desktop editors, the sample workspace. Ignored by git. */
export const editorDataFolder = inProject('.vscode-test');

/** The cache that a fresh clone on the same machine finds again. */
export function userCacheFolder(env = process.env, platform = process.platform) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'mcp-shark');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'mcp-shark');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'mcp-shark');
  return join(homedir(), '.cache', 'mcp-shark');
}

/** @returns {{ name: string, version: string, publisher: string }} */
export function readManifest() {
  return JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
}

/** The file `npm run package` writes. */
export function vsixPath() {
  const { name, version } = readManifest();
  return inProject(`${name}-${version}.vsix`);
}
