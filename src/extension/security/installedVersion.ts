/**
 * Owns looking up which version of an npm package this machine already has: in the workspace's `node_modules` and in
 * npx's cache. No network. For the quick fix that pins a version: what ran until now is the version to stay with.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { isJsonObject, tryParseJson } from '../util/json';

export interface InstalledOptions {
  /** Absolute paths of workspace folders; looked at first. */
  readonly folders: readonly string[];
  /** npm's cache, mostly `~/.npm` (`%LocalAppData%\npm-cache` on Windows). */
  readonly npmCache: string;
}

/** Runs at most so many times. */
const MAX_NPX = 500;

/** The workspace's version, else the one that npx used last; `undefined`: none is here. Never rejects. */
export async function installedVersion(name: string, { folders, npmCache }: InstalledOptions): Promise<string | undefined> {
  if (!/^(?:@[\w.-]+\/)?[\w.-]+$/.test(name) || name.split('/').some((part) => /^\.+$/.test(part))) return undefined;
  for (const folder of folders) {
    const found = await versionIn(folder, name);
    if (found) return found.version;
  }
  const npx = path.join(npmCache, '_npx');
  const runs = await readdir(npx).catch(() => []);
  const found = await Promise.all(runs.slice(0, MAX_NPX).map((run) => versionIn(path.join(npx, run), name)));
  return found.reduce((last, next) => (next && (!last || next.atMs > last.atMs) ? next : last), undefined)?.version;
}

async function versionIn(folder: string, name: string): Promise<{ version: string; atMs: number } | undefined> {
  const file = path.join(folder, 'node_modules', ...name.split('/'), 'package.json');
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    const manifest = tryParseJson(text);
    const version = isJsonObject(manifest) ? manifest['version'] : undefined;
    return typeof version === 'string' && /^\d+\.\d+\.\d+/.test(version) ? { version, atMs: mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}
