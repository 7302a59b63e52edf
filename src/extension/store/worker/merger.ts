/**
 * Owns putting small segments together: many short windows would leave many tiny files, and every query would have to
 * ask each. The merged file names the files it replaces, so that for the moment both exist readers take the new one.
 *
 * Invariant: a source goes only after the merged file is complete, under its name and synced; one window merges at a time.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { mergeLockName, mergedName, parseFileName, signaturesName, type StoreFile } from '../fileNames';
import { knock, socketPathOf } from '../ownership';
import { putFile, verify } from './fileBuilder';
import { MergedBodies } from './mergedBodies';
import { createFileSchema, finishFileSchema, writerFactor } from './schema';
import { isDiskFault, Segment } from './segment';
import { signatureOf } from './signature';
import { SignatureBuilder } from './signatureBuilder';
import { askSignatures, type Signature } from './signatureReader';
import { marks } from './source';
import type { Database, SqlEngine } from './sqlEngine';

export interface MergeOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  readonly me: string;
  /** Segments smaller than this, in bytes, are merged. */
  readonly below: number;
  /** A merged file's sources have this many bytes at most. */
  readonly upTo: number;
  /** So many there must be before it is worth the writing. */
  readonly least: number;
  /** Bodies are compressed where the sources have this many bytes together. */
  readonly compressFrom: number;
  readonly warn: (message: string) => void;
}

type SegmentFile = Extract<StoreFile, { kind: 'segment' }> & { readonly bytes: number };

const emptyLockMs = 60_000;

const keyColumns: Readonly<Record<string, readonly string[]>> = {
  call: ['frame', 'response_frame', 'other_request_frame', 'other_response_frame', 'parent_frame'],
  frame: ['frame', 'forwards', 'cause', 'call', 'body'],
  event: ['frame'],
  session: [],
};

/** Merges what there is to merge; gives the names of the files that were replaced. Throws I/O errors. */
export async function mergeSmallSegments(options: MergeOptions, list: () => readonly StoreFile[]): Promise<string[]> {
  const { dir, me, least } = options;
  if (smallSegments(options, list()).length < least || !(await lockFolder(dir, me))) return [];
  try {
    // Another window may have merged since.
    const small = smallSegments(options, list());
    return small.length < least ? [] : merge(options, small);
  } finally {
    unlockFolder(dir);
  }
}

function smallSegments({ dir, below, upTo }: MergeOptions, files: readonly StoreFile[]): SegmentFile[] {
  // What a writer left open is read from its last segment for as long as it has journals.
  const busy = new Set(files.flatMap((file) => (file.kind === 'journal' ? [file.writer] : [])));
  const small: SegmentFile[] = [];
  let bytes = 0;
  for (const file of files.filter((each) => each.kind === 'segment')) {
    const size = statSync(join(dir, file.name), { throwIfNoEntry: false })?.size ?? Infinity;
    if (size >= below || busy.has(file.writer) || bytes + size > upTo) continue;
    small.push({ ...file, bytes: size });
    bytes += size;
  }
  return small;
}

/** Names of files that a merged one has already replaced and that are to be removed: its maker may have died first. */
export function replacedBy(engine: SqlEngine, dir: string, files: readonly StoreFile[]): string[] {
  return files.flatMap((file) => {
    if (file.kind !== 'segment' || !file.merged) return [];
    try {
      const segment = new Segment(engine, join(dir, file.name));
      segment.close();
      return [...segment.replaces];
    } catch (error) {
      if (isDiskFault(error)) throw error;
      // Damaged, or of a newer version: readers leave it out, and what it was made of is as good.
      return [];
    }
  });
}

/** Keeps other windows from merging and removing segments, until `unlockFolder`; false where one is about it. Throws I/O errors. */
export async function lockFolder(dir: string, me: string): Promise<boolean> {
  const path = join(dir, mergeLockName);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      makeLock(path, me);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const lock = readLock(path);
      // Its owner was done just now.
      if (!lock) continue;
      const { owner, changedMs } = lock;
      // Left over: nobody does two such things at once.
      if (owner === me) return true;
      // Just made, and its owner not yet written, unless that was long ago.
      if (!owner && Date.now() - changedMs < emptyLockMs) return false;
      if (owner && (await knock(socketPathOf(dir, owner))) === 'open') return false;
      // Of several that see a dead owner, one moves its lock away.
      const stale = `${path}.${me}`;
      try {
        renameSync(path, stale);
      } catch {
        return false;
      }
      rmSync(stale, { force: true });
    }
  }
  return false;
}

export function unlockFolder(dir: string): void {
  rmSync(join(dir, mergeLockName), { force: true });
}

/** A lock of one's own is left over where one is not at it: it could not be removed. It would keep everybody else waiting. */
export function releaseOwnLock(dir: string, me: string): void {
  const path = join(dir, mergeLockName);
  if (readLock(path)?.owner === me) rmSync(path, { force: true });
}

/** `undefined`: there is none. */
function readLock(path: string): { readonly owner: string; readonly changedMs: number } | undefined {
  try {
    return { owner: readFileSync(path, 'utf8'), changedMs: statSync(path).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Makes the lock, or throws and leaves none. */
function makeLock(path: string, me: string): void {
  const fd = openSync(path, 'wx', 0o600);
  let done = false;
  try {
    writeSync(fd, me);
    done = true;
  } finally {
    closeSync(fd);
    if (!done) rmSync(path, { force: true });
  }
}

function merge(options: MergeOptions, files: readonly SegmentFile[]): string[] {
  const { dir, engine, me, compressFrom, least } = options;
  const sources: Segment[] = [];
  try {
    for (const file of files) {
      try {
        sources.push(new Segment(engine, join(dir, file.name)));
      } catch {
        // Not readable, or of a newer version: it stays as it is.
      }
    }
    const compress = files.reduce((sum, { bytes }) => sum + bytes, 0) >= compressFrom;
    while (sources.length >= least) {
      try {
        const replaces = putTogether({ dir, engine, me, name: mergedName(me, freeNumber(dir, (k) => mergedName(me, k))), sources, compress });
        for (const source of sources.splice(0)) source.close();
        removeSegments(dir, replaces);
        return replaces;
      } catch (error) {
        if (!leaveOutDamaged(sources, options.warn)) throw error;
      }
    }
    return [];
  } finally {
    for (const source of sources) source.close();
  }
}

/** Takes out what turned out to be damaged when it was read; false where nothing did. It stays as it is. */
function leaveOutDamaged(sources: Segment[], warn: (message: string) => void): boolean {
  const damaged = sources.filter(({ fault }) => fault !== undefined);
  for (const source of damaged) {
    sources.splice(sources.indexOf(source), 1);
    warn(`${source.name} is not put together with other segments: ${source.fault}`);
    source.close();
  }
  return damaged.length > 0;
}

export interface Composition {
  readonly dir: string;
  readonly engine: SqlEngine;
  readonly me: string;
  /** Of the file to make. */
  readonly name: string;
  readonly sources: readonly Segment[];
  readonly compress: boolean;
  /** What is taken of a source, as conditions on its tables `call`, `frame`, `event`, `session` and `body`; absent: everything. */
  readonly select?: (source: Segment) => Readonly<Record<string, string>>;
}

/** Makes one file of several; gives the names of those it takes the place of, which are still there. Throws I/O errors. */
export function putTogether({ dir, engine, me, name, sources, compress, select }: Composition): string[] {
  const build = engine.createBuild();
  const { db } = build;
  try {
    // Later journals of a writer come later: what is carried on is taken from them.
    const order = new Map(sources.map((source) => [source, parseFileName(source.name)]));
    const sorted = [...sources].sort((a, b) => kOf(order.get(a)) - kOf(order.get(b)));
    const writers = [...new Set(sorted.flatMap((source) => source.writers))].sort();
    createFileSchema(db);
    writers.forEach((writer, w) => db.run('INSERT INTO writer VALUES (?, ?)', [w, writer]));
    const signatures = new Map<number, Uint8Array>();
    const bodies = new MergedBodies(db, compress);
    for (const source of sorted) {
      const numbers = source.writers.map((writer) => writers.indexOf(writer));
      const rekey = (key: number): number => (numbers[Math.floor(key / writerFactor)] ?? 0) * writerFactor + (key % writerFactor);
      const where = select?.(source) ?? {};
      db.run('BEGIN');
      for (const [table, keys] of Object.entries(keyColumns)) copyTable(source.db, db, table, keys, rekey, where[table]);
      const copied = bodies.copy(source, rekey, where['body']);
      const take = (all: Iterable<Signature>): void => {
        for (const { key, bits } of all) if (copied.has(key)) signatures.set(rekey(key), bits.slice());
      };
      // A segment whose signatures are lost gets new ones.
      const isTaken = askSignatures(join(dir, signaturesName(source.name)), (known) => (take(known.all()), true));
      if (!isTaken) take(signaturesOf(source));
      db.run('COMMIT');
    }
    // What these took the place of may still be there, too: its maker did not live to remove it.
    const replaces = [...new Set(sorted.flatMap((source) => [source.name, ...source.replaces]))];
    bodies.dispose();
    db.run('INSERT INTO info VALUES (?, ?)', ['replaces', JSON.stringify(replaces)]);
    finishFileSchema(db);
    const builder = new SignatureBuilder();
    for (const [key, bits] of signatures) builder.addBits(key, bits);
    builder.addPreviews(db);
    putFile(dir, signaturesName(name), me, builder.finish());
    putFile(dir, name, me, build.finish(), (path) => verify(engine, path));
    return replaces;
  } finally {
    build.discard();
  }
}

/** Removes segments and what lies beside them. */
export function removeSegments(dir: string, names: readonly string[]): void {
  for (const name of names) {
    rmSync(join(dir, name), { force: true });
    rmSync(join(dir, signaturesName(name)), { force: true });
  }
}

function* signaturesOf(source: Segment): Iterable<Signature> {
  for (const key of source.bodyKeys({ above: -1 }, Number.MAX_SAFE_INTEGER)) yield { key, bits: signatureOf(source.body(key)) };
}

const kOf = (file: StoreFile | undefined): number => (file?.kind === 'segment' ? file.k : 0);

/** The first number whose name is free. */
export function freeNumber(dir: string, nameOf: (k: number) => string): number {
  for (let k = 1; ; k++) if (!statSync(join(dir, nameOf(k)), { throwIfNoEntry: false })) return k;
}

function copyTable(from: Database, to: Database, table: string, keys: readonly string[], rekey: (key: number) => number, where = '1'): void {
  const select = from.prepare(`SELECT * FROM ${table} WHERE ${where}`);
  const columns = select.getColumnNames();
  const keyed = columns.map((column) => keys.includes(column));
  const insert = to.prepare(`INSERT OR REPLACE INTO ${table}(${columns.join(',')}) VALUES (${marks(columns.length)})`);
  while (select.step()) insert.run(select.get().map((value, index) => (keyed[index] && typeof value === 'number' ? rekey(value) : value)));
  select.free();
  insert.free();
}
