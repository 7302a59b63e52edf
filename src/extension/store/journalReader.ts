/**
 * Owns reading a journal file: entries in order, in bounded memory, past damage. One reader serves live tailing,
 * recovery and other windows' journals. It never writes; whatever the bytes are, it ends, and gives only entries whose
 * checksums fit.
 */
import { readSync } from 'node:fs';
import { decodeHeader, journalVersion, leastCutBytes, maxSoughtHeadBytes, parseEntry, seedOf, wholeEntry, withoutBody, type JournalEntry, type JournalHeader, type Parsed } from './journalFormat';
import { AppError } from '../util/errors';

/** Reads bytes of an open file into `buffer` at `position`; gives how many. Replaced in tests. */
export type ReadAt = (buffer: Buffer, offset: number, length: number, position: number) => number;

export const readAtOf =
  (fd: number): ReadAt =>
  (buffer, offset, length, position) => {
    let done = 0;
    while (done < length) {
      const got = readSync(fd, buffer, offset + done, length - done, position + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  };

/** So much is read at once: what is looked at right after is in the processor's cache then. */
const windowBytes = 512 * 1024;
/** Memory for entries up to this size is kept. */
const keptBytes = 4 << 20;

const nothing = Buffer.alloc(0);

/** Where what is being read stands: one for all readers, since reading is never interrupted. */
let room: Buffer = Buffer.alloc(0);

function roomFor(length: number): Buffer {
  if (length > keptBytes) return Buffer.allocUnsafe(length);
  if (room.length < length) room = Buffer.allocUnsafeSlow(Math.max(windowBytes, length));
  return room;
}

export class JournalReader {
  /** Where the next entry is looked for. */
  offset = 0;
  lastNumber = 0;
  /** Bytes passed over because no entry could be made of them. */
  damagedBytes = 0;
  /** Entries of which only the head could be kept, and stretches of lost ones; not those whose body is that of one of them. */
  damagedEntries = 0;
  /** Bytes of an entry at the very end that was never completed: the writer was killed while it wrote. */
  tornBytes = 0;
  header: JournalHeader | undefined;
  /** Where whole bodies are that later entries may refer to, by frame. */
  readonly #bodies = new Map<number, { readonly at: number; readonly bytes: number }>();
  /** Number of the first entry that was read; 0: none yet. */
  #first = 0;
  /** First and last numbers, by turns, of stretches of entries that are not there whole; of ones that were read, ascending. */
  readonly #lost: number[] = [];
  #hasSkipped = false;
  #seed: number;
  #headerRead = false;

  constructor(
    private readonly readAt: ReadAt,
    writer: string,
    k: number,
  ) {
    this.#seed = seedOf(writer, k);
  }

  /**
   * Goes on at `offset`, which may be in the middle of an entry. Entries that refer to one from before are given as they stand
   * from then on: with `same`, or with `cut` and only the bytes that differ.
   */
  skipTo(offset: number): void {
    this.offset = offset;
    this.#first = 0;
    this.#hasSkipped = true;
    this.#lost.length = 0;
  }

  /**
   * Gives the entries up to file offset `to` to `visit`, which may return false to stop after that entry.
   * `final`: nothing will be added before `to`, so what is incomplete is damage; otherwise reading stops in front of it.
   * Gives true when everything up to `to` has been read. Throws `store.newerFormat`, and I/O errors as they are.
   */
  read(to: number, final: boolean, visit: (entry: JournalEntry) => boolean | void): boolean {
    if (!this.#headerRead && !this.#readHeader(to, final)) return this.offset >= to;
    let window: Buffer = Buffer.alloc(0);
    let base = this.offset;
    let seeking = false;
    let tornAt = -1;
    const load = (from: number, bytes: number): void => {
      const length = Math.min(Math.max(bytes, windowBytes), to - from);
      const target = roomFor(length);
      // What has been read of it stands at the window's end.
      const known = from >= base && from < base + window.length ? window.copy(target, 0, from - base) : 0;
      window = target.subarray(0, known + this.readAt(target, known, length - known, from + known));
      base = from;
    };
    while (this.offset < to) {
      let at = this.offset - base;
      const atEnd = base + window.length >= to;
      if (seeking) {
        // Any number sign may begin an entry: the line end before it may have been damaged, too.
        const found = window.indexOf(35, at);
        this.#skip(found >= 0 ? base + found : base + window.length);
        if (found < 0) {
          if (atEnd) this.#skip(to);
          else load(this.offset, windowBytes);
          if (window.length === 0) return this.#giveUp(to, final);
          continue;
        }
        at = found;
      }
      const parsed: Parsed = parseEntry(window, at, this.#seed, this.lastNumber, seeking ? maxSoughtHeadBytes : undefined);
      if ((parsed.kind === 'torn' || parsed.kind === 'tornHead') && !atEnd) {
        const need = parsed.kind === 'torn' ? parsed.need : Math.max(windowBytes, (window.length - at) * 2);
        if (parsed.kind === 'torn' && this.offset + need > to && !final) return false;
        const before = window.length - at;
        load(this.offset, need);
        if (window.length <= before) return this.#giveUp(to, final);
        continue;
      }
      if (parsed.kind === 'entry') {
        const { head, body, bodyStart, end, bodyOk } = parsed;
        if (bodyOk || this.#isFramed(window, end, base + end >= to)) {
          this.#arrive(head.n);
          const entry = this.#whole({
            n: head.n,
            timeMs: head.t,
            us: head.u,
            meta: head.meta,
            body: bodyOk ? body : nothing,
            offset: this.offset,
            bodyOffset: base + bodyStart,
            damaged: !bodyOk,
          });
          if (!bodyOk) this.damagedEntries++;
          if (entry.damaged) this.#lose(head.n, head.n);
          this.offset = base + end;
          this.lastNumber = head.n;
          tornAt = -1;
          seeking = false;
          if (visit(entry) === false) return this.offset >= to;
          continue;
        }
      } else if (parsed.kind !== 'bad') {
        if (!final) return false;
        if (!seeking) tornAt = this.offset;
      }
      if (!seeking) this.damagedEntries++;
      seeking = true;
      this.#skip(this.offset + 1);
    }
    if (tornAt >= 0) {
      this.tornBytes += to - tornAt;
      this.damagedBytes -= to - tornAt;
      this.damagedEntries--;
    }
    return true;
  }

  /** The entry with its whole body, also where the journal keeps what differs from another one; damaged where its body is another one that is not there. */
  #whole(entry: JournalEntry): JournalEntry {
    const { n, meta, body, bodyOffset } = entry;
    if (meta.k !== 'frame') return entry;
    if (meta.cut === undefined && meta.same === undefined) {
      if (body.length >= leastCutBytes) this.#bodies.set(n, { at: bodyOffset, bytes: body.length });
      return entry;
    }
    const { fwd = 0 } = meta;
    if (this.#hasSkipped && fwd < this.#first) return entry;
    if (meta.cut !== undefined) return wholeEntry(entry, this.#bodyOf(fwd));
    return !entry.damaged && this.#isThere(fwd) ? entry : withoutBody(entry, 'damaged');
  }

  /** Notes what is missing up to this entry: numbers have no holes but where something is lost. */
  #arrive(n: number): void {
    if (this.#first === 0) this.#first = n;
    else if (n > this.lastNumber + 1) this.#lose(this.lastNumber + 1, n - 1);
  }

  #lose(from: number, to: number): void {
    if (this.#lost.at(-1) === from - 1) this.#lost[this.#lost.length - 1] = to;
    else this.#lost.push(from, to);
  }

  /** Whether an entry before the one that is being read is there whole. */
  #isThere(n: number): boolean {
    if (n < this.#first) return false;
    const { length } = this.#lost;
    if (length === 0) return true;
    let low = 0;
    let high = length / 2;
    // The first stretch that does not end before it.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#lost[middle * 2 + 1]! < n) low = middle + 1;
      else high = middle;
    }
    return low * 2 === length || n < this.#lost[low * 2]!;
  }

  #bodyOf(n: number): Buffer | undefined {
    const there = this.#bodies.get(n);
    if (!there) return undefined;
    const body = Buffer.allocUnsafe(there.bytes);
    return body.subarray(0, this.readAt(body, 0, there.bytes, there.at));
  }

  /** Whether an entry with a broken body at least ends where its head says: there the next one begins, or nothing. */
  #isFramed(window: Buffer, end: number, atEnd: boolean): boolean {
    if (atEnd) return window[end - 1] === 10;
    const next = parseEntry(window, end, this.#seed, this.lastNumber);
    return next.kind === 'bad' ? false : window[end - 1] === 10 || next.kind !== 'tornHead';
  }

  #skip(next: number): void {
    this.damagedBytes += next - this.offset;
    this.offset = next;
  }

  #giveUp(to: number, final: boolean): boolean {
    if (!final) return false;
    this.#skip(to);
    return true;
  }

  #readHeader(to: number, final: boolean): boolean {
    const start = Buffer.alloc(Math.min(to, 8192));
    const got = this.readAt(start, 0, start.length, 0);
    const decoded = decodeHeader(start.subarray(0, got));
    if (decoded === 'incomplete' && !final) return false;
    this.#headerRead = true;
    if (typeof decoded === 'string') {
      // The name of the file gave the seed; entries are found by looking for them.
      return true;
    }
    if (decoded.header.version > journalVersion) {
      throw new AppError('store.newerFormat', `This journal was written by a newer MCP Shark (format ${decoded.header.version}). It is left alone; update MCP Shark to read it.`);
    }
    this.header = decoded.header;
    this.#seed = seedOf(decoded.header.writer, decoded.header.k);
    this.offset = decoded.length;
    return true;
  }
}
