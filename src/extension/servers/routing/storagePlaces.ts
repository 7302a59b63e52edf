/**
 * Owns finding the storage folder from outside the editor, for the uninstall script: VS Code runs that as a plain program
 * and tells it nothing (microsoft/vscode `extensionLifecycle.ts`), and deletes the folder right after it. The extension
 * leaves a note of the place beside its code; without one, the place follows from where the extension is installed. Only
 * the editor that is left is looked at: another one's routing is still in use.
 */
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { appData, pathsOf } from '../import/paths';
import type { DiscoveryEnvironment } from '../import/types';
import type { Routing } from './routing';

/** Publisher and name of package.json, in lower case, as VS Code names the folder. */
const EXTENSION_ID = 'mcpshark.mcp-shark';
const NOTE_NAME = 'storage.json';

/**
 * Leaves the note where something is routed; to be called at every start, since an update of the extension comes without
 * it, and after every change. Never rejects: without it, the usual places are tried.
 */
export async function rememberStorage(routing: Pick<Routing, 'records'>, distDir: string, storageDir: string): Promise<void> {
  // A list of what was routed that cannot be read now is there all the same.
  const isRouted = await routing.records().then((records) => records.length > 0, () => true);
  if (isRouted) await writeFile(path.join(distDir, NOTE_NAME), JSON.stringify({ storageDir })).catch(() => undefined);
}

export async function rememberedStorage(distDir: string): Promise<string | undefined> {
  try {
    const { storageDir } = JSON.parse(await readFile(path.join(distDir, NOTE_NAME), 'utf8')) as { storageDir?: unknown };
    return typeof storageDir === 'string' && path.isAbsolute(storageDir) ? storageDir : undefined;
  } catch {
    return undefined;
  }
}

/** Folder names of user data, by the folder in the home that extensions are installed below. */
const PRODUCTS: Readonly<Record<string, readonly string[]>> = {
  '.vscode': ['Code'],
  '.vscode-insiders': ['Code - Insiders'],
  '.vscode-oss': ['VSCodium', 'Code - OSS'],
  '.vscodium': ['VSCodium'],
  '.vscodium-insiders': ['VSCodium - Insiders'],
  '.vscode-oss-dev': ['code-oss-dev'],
  '.cursor': ['Cursor'],
  '.windsurf': ['Windsurf'],
  '.kiro': ['Kiro'],
};

/** Where the storage folder can be, most likely first. Pure. */
export function storagePlaces(environment: Pick<DiscoveryEnvironment, 'platform' | 'home' | 'env'>, distDir: string): readonly string[] {
  const full: DiscoveryEnvironment = { ...environment, folders: [] };
  const { join, dirname, basename } = pathsOf(full);
  // <root>/extensions/<extension>/dist
  const root = dirname(dirname(dirname(distDir)));
  const users = [
    ...(PRODUCTS[basename(root)] ?? []).map((product) => join(appData(full), product, 'User')),
    // code-server: extensions and User side by side.
    join(root, 'User'),
    // Servers for remote use: extensions beside data.
    join(root, 'data', 'User'),
    // Portable: data/extensions beside data/user-data.
    join(root, 'user-data', 'User'),
  ];
  return users.map((user) => join(user, 'globalStorage', EXTENSION_ID));
}
