/**
 * Owns what is done to a journal's file: making it, writing bytes to a place in it, all of them or an error, and telling whether
 * its name still leads to it.
 */
import type * as nodeFs from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../util/clock';
import { journalName } from './fileNames';
import { encodeHeader, journalVersion, seedOf, type JournalHeader } from './journalFormat';
import type { SyncedFile } from './journalSync';

export type WriteFs = Pick<typeof nodeFs, 'writeSync' | 'writevSync'>;

export interface OpenFile extends SyncedFile {
  readonly k: number;
  readonly path: string;
  readonly seed: number;
  readonly openedUs: number;
  /** Of its last entry, once it is complete. */
  lastNumber: number | undefined;
}

export interface JournalFacts extends Pick<JournalHeader, 'writer' | 'pid' | 'birth' | 'host' | 'socket'> {
  readonly dir: string;
  readonly clock: Clock;
}

type MakeFs = WriteFs & Pick<typeof nodeFs, 'mkdirSync' | 'openSync' | 'closeSync'>;

/** Makes journal `k` and its first line, where there is none; `onMade` as soon as it has its name. Throws I/O errors. */
export function makeJournal(fs: MakeFs, facts: JournalFacts, k: number, firstNumber: number, onMade: () => void): OpenFile {
  const { dir, writer, clock, pid, birth, host, socket } = facts;
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, journalName(writer, k));
  const fd = fs.openSync(path, 'wx', 0o600);
  onMade();
  try {
    const startedMs = clock.wallMs();
    const header = encodeHeader({ version: journalVersion, writer, k, pid, birth, host, socket, startedMs });
    writeFully(fs, fd, header, 0);
    const synced = { syncedLength: 0, syncedNumber: firstNumber - 1, syncedMs: startedMs };
    return { fd, k, path, seed: seedOf(writer, k), firstNumber, lastNumber: undefined, openedUs: clock.monotonicUs(), length: header.length, ...synced };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** Throws I/O errors; what was written until then stays. */
export function writeFully(fs: WriteFs, fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  // A short write is followed by one that says why, for example that the disk is full.
  while (done < bytes.length) done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** Several pieces, one behind the other, in one call. */
export function writeParts(fs: WriteFs, fd: number, parts: readonly Uint8Array[], position: number): void {
  if (parts.length === 1) {
    writeFully(fs, fd, parts[0]!, position);
    return;
  }
  let done = fs.writevSync(fd, parts, position);
  for (const part of parts) {
    if (done < part.length) {
      writeFully(fs, fd, part.subarray(Math.max(done, 0)), position + Math.max(done, 0));
      done = part.length;
    }
    done -= part.length;
    position += part.length;
  }
}

/** What has become of an open file: its name leads to it, to another one or to none (`moved`), or it has no name any more. */
export function whereIs(fs: Pick<typeof nodeFs, 'fstatSync' | 'statSync'>, fd: number, path: string): 'there' | 'moved' | 'deleted' {
  try {
    const open = fs.fstatSync(fd);
    if (open.nlink === 0) return 'deleted';
    return fs.statSync(path).ino === open.ino ? 'there' : 'moved';
  } catch {
    return 'moved';
  }
}
