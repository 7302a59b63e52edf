/**
 * Owns the memory table of one journal: rows of everything but the bodies, which stay in the journal and are read from
 * there. It follows the file as it grows, whoever writes it, and is made anew from it at any time.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { JournalReader, readAtOf, type ReadAt } from '../journalReader';
import type { SessionRecord } from './callRecords';
import { Filer, type Carry } from './filer';
import { noteBook, type NoteBook } from './notes';
import { createMemorySchema } from './schema';
import { carriedEntries, readExtent, rows, type Extent, type Source } from './source';
import type { Database, SqlEngine, SqlValue, Statement } from './sqlEngine';

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
  readonly #place: Statement;
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
    this.#place = this.db.prepare('INSERT OR REPLACE INTO place VALUES (?,?,?,?,?)');
    this.#filer = new Filer(this.db, writer, ({ n, body, offset, bodyOffset }) => {
      const carried = bodyOffset === undefined;
      this.#place.run([n, offset ?? null, bodyOffset ?? null, body.length, carried ? body : null] as SqlValue[]);
    });
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

  /** Gives what is still open to the next journal of the same writer; its calls are in that one's table from now on. */
  handOver(): Carry {
    if (this.#handedOver) throw new Error('handed over twice');
    this.#handedOver = true;
    const { frames, sessions }: { frames: number[]; sessions: SessionRecord[] } = this.#filer.handOver();
    this.#changed();
    return { sessions, entries: carriedEntries(this, frames) };
  }

  body(key: number): Buffer {
    const [row] = rows(this.db, 'SELECT at, bytes, data FROM place WHERE frame = ?', [key]);
    if (!row) return Buffer.alloc(0);
    const [at, bytes, data] = row as [number | null, number, Uint8Array | null];
    if (at === null) return data ? Buffer.from(data) : Buffer.alloc(0);
    const body = Buffer.allocUnsafe(bytes);
    return body.subarray(0, this.#readAt(body, 0, bytes, at));
  }

  bodyRange(key: number, from: number, to: number): { bytes: Buffer; total: number } {
    const [row] = rows(this.db, 'SELECT at, bytes FROM place WHERE frame = ?', [key]) as (number | null)[][];
    if (!row) return { bytes: Buffer.alloc(0), total: 0 };
    const [at, total] = row as [number | null, number];
    if (at === null) return { bytes: this.body(key).subarray(from, to), total };
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, total) - from));
    return { bytes: bytes.subarray(0, this.#readAt(bytes, 0, bytes.length, at + from)), total };
  }

  bodyKeys(_spellings: unknown, after: number): number[] {
    return rows(this.db, 'SELECT frame FROM place WHERE frame > ? ORDER BY frame', [after]).map(([frame]) => frame as number);
  }

  close(): void {
    this.#filer.dispose();
    this.#place.free();
    this.db.close();
    closeSync(this.#fd);
  }

  #changed(): void {
    this.#extent = undefined;
    // Counts have changed; what is known of bodies has not.
    for (const key of this.cache.keys()) if (key !== 'bodies') this.cache.delete(key);
  }
}
