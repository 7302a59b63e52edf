/**
 * Owns the memory table of one journal: rows of everything but the bodies, which stay in the journal and are read from
 * there. It follows the file as it grows, whoever writes it, and is made anew from it at any time.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { JournalReader, readAtOf, type ReadAt } from '../journalReader';
import type { SessionRecord } from './callRecords';
import { BodyPlaces } from './bodyPlaces';
import { Filer, type Carry } from './filer';
import { noteBook, type NoteBook } from './notes';
import { createMemorySchema } from './schema';
import { carriedEntries, readExtent, type Extent, type Source } from './source';
import type { Database, SqlEngine } from './sqlEngine';

export class JournalTable implements Source {
  readonly db: Database;
  readonly writers: readonly string[];
  readonly sealed = false;
  readonly hasRolls = false;
  readonly cache = new Map<string, unknown>();
  readonly reader: JournalReader;
  readonly #fd: number;
  readonly #readAt: ReadAt;
  readonly #filer: Filer;
  readonly #places = new BodyPlaces();
  /** Read when it is asked for: entries come far more often than questions. */
  #extent: Extent | undefined;
  #handedOver = false;

  constructor(
    engine: SqlEngine,
    path: string,
    readonly name: string,
    readonly writer: string,
    readonly k: number,
    carry: Carry | undefined,
    readonly notes: NoteBook = noteBook(),
  ) {
    this.#fd = openSync(path, 'r');
    this.#readAt = readAtOf(this.#fd);
    this.writers = [writer];
    this.db = engine.createMemory();
    createMemorySchema(this.db);
    this.reader = new JournalReader(this.#readAt, writer, k);
    this.#filer = new Filer(this.db, writer, ({ n, body, bodyOffset }) => {
      if (bodyOffset === undefined) this.#places.carry(n, body);
      else this.#places.add(n, bodyOffset, body.length);
    }, 'whenAsked');
    if (carry) {
      this.#filer.begin(carry);
      this.#changed();
    }
  }

  get extent(): Extent {
    return (this.#extent ??= readExtent(this.db));
  }

  /** Number of the last entry that queries can see. */
  get last(): number {
    return this.#filer.last;
  }

  fileLength(): number {
    return fstatSync(this.#fd).size;
  }

  /**
   * Files what the journal holds up to `to`, for about `budgetMs`. `more`: there is more to file; `waiting`: what
   * follows is not all there yet. `final` as in `JournalReader.read`.
   */
  follow(to: number, final: boolean, budgetMs = 15): 'all' | 'more' | 'waiting' {
    if (this.reader.offset >= to) return 'all';
    const before = this.#filer.last;
    const until = performance.now() + budgetMs;
    if (this.#filer.isOverdue && !this.#filer.fileFrames(until)) return 'more';
    let stopped = false;
    const done = this.reader.read(to, final, (entry) => {
      this.#filer.file(entry);
      stopped = performance.now() >= until;
      return !stopped;
    });
    this.#filer.flush();
    if (this.#filer.last !== before) this.#changed();
    return done ? 'all' : stopped ? 'more' : 'waiting';
  }

  fileFrames(): void {
    this.#filer.fileFrames();
  }

  /** Gives what is still open to the next journal of the same writer; its calls are in that one's table from now on. */
  handOver(): Carry {
    if (this.#handedOver) throw new Error('handed over twice');
    this.#handedOver = true;
    const { frames, sessions }: { frames: number[]; sessions: SessionRecord[] } = this.#filer.handOver();
    this.#changed();
    return { sessions, entries: carriedEntries(this, frames) };
  }

  body(key: number): Buffer {
    const { at, bytes = 0, data } = this.#places.get(key) ?? {};
    if (at === undefined) return data ?? Buffer.alloc(0);
    const body = Buffer.allocUnsafe(bytes);
    return body.subarray(0, this.#readAt(body, 0, bytes, at));
  }

  bodyRange(key: number, from: number, to: number): { bytes: Buffer; total: number } {
    const { at, bytes: total = 0 } = this.#places.get(key) ?? {};
    if (at === undefined) return { bytes: this.body(key).subarray(from, to), total };
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, total) - from));
    return { bytes: bytes.subarray(0, this.#readAt(bytes, 0, bytes.length, at + from)), total };
  }

  bodyKeys(range: { readonly above: number } | { readonly below: number }, limit: number): number[] {
    return this.#places.keys(range, limit);
  }

  close(): void {
    this.#filer.dispose();
    this.db.close();
    closeSync(this.#fd);
  }

  #changed(): void {
    this.#extent = undefined;
    // Counts have changed; what is known of bodies has not.
    for (const key of this.cache.keys()) if (key !== 'bodies') this.cache.delete(key);
  }
}
