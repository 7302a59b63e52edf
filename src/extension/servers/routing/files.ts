/**
 * Owns the file operations of routing behind a port (so that tests can make each of them fail) and the two that are more
 * than one operation: taking a snapshot, and replacing a file atomically with its mode and through its links.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

export interface FileStat {
  readonly isFile: boolean;
  readonly isLink: boolean;
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
}

/** Each rejects with the error of Node, whose `code` tells. */
export interface RoutingFs {
  read(file: string): Promise<Uint8Array>;
  stat(file: string): Promise<FileStat>;
  lstat(file: string): Promise<FileStat>;
  realpath(file: string): Promise<string>;
  /** Makes what is missing; gives the first folder that was made. */
  mkdir(dir: string, mode?: number): Promise<string | undefined>;
  /** A new file, flushed to disk; rejects with EEXIST where there is one. */
  create(file: string, bytes: Uint8Array, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(file: string): Promise<void>;
  rmdir(dir: string): Promise<void>;
  list(dir: string): Promise<readonly string[]>;
}

export const nodeRoutingFs: RoutingFs = {
  read: (file) => fs.readFile(file),
  stat: async (file) => toStat(await fs.stat(file)),
  lstat: async (file) => toStat(await fs.lstat(file)),
  realpath: (file) => fs.realpath(file),
  mkdir: (dir, mode) => fs.mkdir(dir, { recursive: true, ...(mode === undefined ? {} : { mode }) }),
  async create(file, bytes, mode) {
    const handle = await fs.open(file, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      // The mask of the process has been taken off `mode`.
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename: replaceOnDisk,
  unlink: (file) => fs.unlink(file),
  rmdir: (dir) => fs.rmdir(dir),
  list: (dir) => fs.readdir(dir),
};

/** Windows lets nobody replace a file that another program has open for a moment: it is tried again for about a second. */
const RENAME_TRIES = 7;

async function replaceOnDisk(from: string, to: string): Promise<void> {
  // As root: the file stays its owner's.
  if (process.getuid?.() === 0) {
    const owner = await fs.stat(to).catch(() => undefined);
    if (owner) await fs.chown(from, owner.uid, owner.gid).catch(() => undefined);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await fs.rename(from, to);
      break;
    } catch (error) {
      const isPassing = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(String((error as NodeJS.ErrnoException).code));
      if (!isPassing || attempt >= RENAME_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    }
  }
  // The new name must be on disk before the next step relies on it; where folders cannot be flushed, they need not be.
  const folder = await fs.open(path.dirname(to), 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function toStat(stat: { isFile(): boolean; isSymbolicLink(): boolean; mode: number; size: number }): FileStat {
  return { isFile: stat.isFile(), isLink: stat.isSymbolicLink(), mode: stat.mode & 0o777, size: stat.size };
}

/** A file as it is now. */
export type Snapshot =
  | { readonly kind: 'missing' }
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly hash: string; readonly mode: number };

/** Rejects where there is something that cannot be read as a file. */
export async function snapshotOf(port: RoutingFs, file: string): Promise<Snapshot> {
  try {
    const { isFile, mode } = await port.stat(file);
    if (!isFile) throw Object.assign(new Error('It is not a regular file'), { code: 'EINVAL' });
    const bytes = await port.read(file);
    return { kind: 'file', bytes, hash: hashOf(bytes), mode };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { kind: 'missing' };
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Where a link leads; the file itself where it is none, or is missing. Rejects for a link that leads nowhere. */
export async function realFileOf(port: RoutingFs, file: string): Promise<string> {
  try {
    return await port.realpath(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const isLink = await port.lstat(file).then(
      (stat) => stat.isLink,
      () => false,
    );
    if (isLink) throw Object.assign(new Error('It is a link that leads nowhere'), { code: 'EINVAL' });
    return file;
  }
}

/** Name of the file a new version is written to before it takes the place of the old one. */
export function temporaryName(real: string, id: string): string {
  return `${real}.${id}.mcp-shark.tmp`;
}

/** The file has the old content or the new one at every moment. Folders must exist. */
export async function replaceFile(port: RoutingFs, file: string, bytes: Uint8Array, mode: number, id: string): Promise<void> {
  const real = await realFileOf(port, file);
  const temporary = temporaryName(real, id);
  try {
    await port.create(temporary, bytes, mode);
    await port.rename(temporary, real);
  } catch (error) {
    await port.unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Folders from the first that was made down to `dir`. */
export function madeFolders(first: string | undefined, dir: string): string[] {
  if (first === undefined) return [];
  const made: string[] = [];
  for (let current = dir; current.length >= first.length; current = path.dirname(current)) {
    made.push(current);
    if (current === first || path.dirname(current) === current) break;
  }
  return made.toReversed();
}
