/**
 * Owns making a SQLite file of a journal: a snapshot of one that is still written to, or the sealed segment that takes
 * its place. The file appears complete or not at all: it is built under another name, synced, and renamed.
 */
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { AppError } from '../../util/errors';
import { JournalReader, readAtOf } from '../journalReader';
import { buildingName, signaturesName } from '../fileNames';
import { Filer, type Carry } from './filer';
import { Repeats } from './repeats';
import { bodyPartBytes, createFileSchema, finishFileSchema } from './schema';
import { SignatureBuilder } from './signatureBuilder';
import type { SqlEngine } from './sqlEngine';

export interface BuildOptions {
  readonly engine: SqlEngine;
  readonly dir: string;
  /** Path of the journal, whatever its name is now. */
  readonly journal: string;
  readonly writer: string;
  readonly k: number;
  readonly carry: Carry | undefined;
  /** Name of the file to make. */
  readonly name: string;
  /** Who builds, for the name of the unfinished file. */
  readonly builder: string;
  /**
   * `snapshot`: what is open stays open. `handOver`: what is open goes on in the writer's next journal. `last`: the
   * writer is dead.
   */
  readonly ending: 'snapshot' | 'handOver' | 'last';
  /** Bodies are compressed from this size of the journal on: small histories stay readable with the `sqlite3` tool. */
  readonly compressFrom: number;
  /** Signatures are made from this size of the journal on; default 1 MB. */
  readonly signFrom?: number;
}

export interface BuildReport {
  /** Bytes of the journal that were looked at. */
  readonly journalBytes: number;
  readonly last: number;
  readonly frames: number;
  readonly events: number;
  readonly damagedBytes: number;
  readonly damagedEntries: number;
  readonly tornBytes: number;
  /** No file was made: the journal held nothing. */
  readonly empty: boolean;
}

const compressBodiesFrom = 2048;
/** With a checksum: most flipped bits would only decompress to another text. */
const zstdParams = { [zlib.constants.ZSTD_c_compressionLevel]: 1, [zlib.constants.ZSTD_c_checksumFlag]: 1 };

/** Builds synchronously; throws I/O errors, and leaves nothing behind then. */
export function buildFile(options: BuildOptions): BuildReport {
  const { engine, dir, journal, writer, k, carry, name, builder, ending, compressFrom, signFrom = 1 << 20 } = options;
  const fd = openSync(journal, 'r');
  try {
    const journalBytes = fstatSync(fd).size;
    const compress = journalBytes >= compressFrom;
    const build = engine.createBuild();
    const { db } = build;
    try {
      createFileSchema(db);
      const insertBody = db.prepare('INSERT OR REPLACE INTO body VALUES (?,?,?,?,?)');
      // A snapshot is not searched, its journal is; and a small segment is read as quickly as its signatures.
      const signatures = ending === 'snapshot' || journalBytes < signFrom ? undefined : new SignatureBuilder();
      const repeats = new Repeats();
      const filer = new Filer(() => db, writer, ({ n, body, id }) => {
        signatures?.add(n, body);
        const repeat = repeats.find(n, body, id);
        if (repeat) {
          insertBody.run([n, 0, 3, body.length, repeat]);
          return;
        }
        for (let at = 0, part = 0; at < body.length; part++) {
          const end = cutAt(body, at + bodyPartBytes);
          const bytes = body.subarray(at, end);
          const { enc, data } = encodeBody(bytes, compress);
          insertBody.run([n, part, enc, bytes.length, data]);
          at = end;
        }
      });
      if (carry) filer.begin(carry);
      const reader = new JournalReader(readAtOf(fd), writer, k);
      reader.read(journalBytes, ending !== 'snapshot', (entry) => filer.file(entry));
      filer.flush();
      const { frames, events, last } = filer;
      const { damagedBytes, damagedEntries, tornBytes } = reader;
      const report = { journalBytes, last, frames, events, damagedBytes, damagedEntries, tornBytes };
      if (frames + events === 0 && !carry?.entries.length && ending !== 'snapshot') {
        return { ...report, empty: true };
      }
      if (ending === 'last') filer.writerEnded();
      if (ending === 'handOver') {
        const insert = db.prepare('INSERT INTO carry(frame) VALUES (?)');
        for (const frame of filer.handOver().frames) insert.run([frame]);
        insert.free();
      }
      for (const [key, value] of Object.entries({ writer, journal: k, ending, frames, events, last, journalBytes, damagedBytes, damagedEntries })) {
        db.run('INSERT INTO info VALUES (?, ?)', [key, String(value)]);
      }
      filer.dispose();
      insertBody.free();
      finishFileSchema(db);
      signatures?.addPreviews(db);
      if (signatures) putFile(dir, signaturesName(name), builder, signatures.finish());
      // What a segment takes the place of is deleted afterwards: first it is looked at as a reader will see it.
      putFile(dir, name, builder, build.finish(), ending === 'snapshot' ? undefined : (path) => verify(engine, path));
      return { ...report, empty: false };
    } finally {
      build.discard();
    }
  } finally {
    closeSync(fd);
  }
}

/** Throws where SQLite finds fault with a file. */
export function verify(engine: SqlEngine, path: string): void {
  const file = engine.openFile(path);
  try {
    const answer = file.db.exec('PRAGMA quick_check(1)')[0]?.values[0]?.[0];
    if (answer !== 'ok') throw new AppError('store.corrupt', `A file was not written as it should be: ${String(answer)}`, { userFacing: false });
  } finally {
    file.close();
  }
}

/** Writes a file under another name, syncs it, has it checked, gives it its name, and syncs the folder. */
export function putFile(dir: string, name: string, builder: string, pieces: Iterable<Uint8Array>, check?: (path: string) => void): void {
  const building = join(dir, buildingName(name, builder));
  const fd = openSync(building, 'w', 0o600);
  try {
    for (const bytes of pieces) {
      let done = 0;
      while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
    }
    fsyncSync(fd);
    check?.(building);
  } catch (error) {
    closeSync(fd);
    rmSync(building, { force: true });
    throw error;
  }
  closeSync(fd);
  renameSync(building, join(dir, name));
  syncFolder(dir);
}

export function syncFolder(dir: string): void {
  // Windows knows no such thing and refuses to open a folder.
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A body as it is stored; small ones are not worth compressing. */
export function encodeBody(bytes: Buffer, compress: boolean): { enc: number; data: Buffer } {
  if (!compress || bytes.length < compressBodiesFrom) return { enc: 0, data: bytes };
  // Older hosts' Node has no zstd.
  const zstd = typeof zlib.zstdCompressSync === 'function';
  const data = zstd
    ? zlib.zstdCompressSync(bytes, { params: zstdParams })
    : zlib.deflateRawSync(bytes, { level: 1 });
  return data.length < bytes.length ? { enc: zstd ? 1 : 2, data } : { enc: 0, data: bytes };
}

/** A place to cut UTF-8 at or before `end` that leaves characters whole. */
function cutAt(bytes: Buffer, end: number): number {
  if (end >= bytes.length) return bytes.length;
  let at = end;
  while (at > end - 4 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}
