/**
 * Owns the memory table of one journal: rows of everything but the bodies, which stay in the journal and are read from
 * there. It follows the file as it grows, whoever writes it, and is made anew from it at any time. Rows are written when a
 * question asks the table: how many calls there are, the newest of them, and the sessions are known without.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { messageOf } from '../../util/errors';
import { JournalReader, readAtOf, type ReadAt } from '../journalReader';
import type { SessionRecord } from './callRecords';
import { BodyPlaces } from './bodyPlaces';
import { Filer, type Carry } from './filer';
import { noteBook, type NoteBook } from './notes';
import type { RecentCalls } from './recentCalls';
import { createMemorySchema } from './schema';
import { carriedEntries, readExtent, type Extent, type Source } from './source';
import type { Database, SqlEngine } from './sqlEngine';

export class JournalTable implements Source {
  #db: Database | undefined;
  /** Why rows could not be written; absent: they could so far. */
  fault: string | undefined;
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
    private readonly engine: SqlEngine,
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
    this.reader = new JournalReader(this.#readAt, writer, k);
    this.#filer = new Filer(() => this.#database(), writer, ({ n, body, bodyOffset, cut }) => {
      if (bodyOffset === undefined) this.#places.carry(n, body);
      else this.#places.add(n, bodyOffset, cut?.bytes ?? body.length, cut);
    }, 'whenAsked');
    if (carry) {
      this.#filer.begin(carry);
      this.#changed();
    }
  }

  /** With all that was filed so far. Throws where that cannot be written. */
  get db(): Database {
    this.#writing(() => this.#filer.write());
    return this.#database();
  }

  get extent(): Extent {
    return (this.#extent ??= this.recent?.extent ?? readExtent(this.db));
  }

  /** Unknown once calls were handed over. */
  get recent(): RecentCalls | undefined {
    return this.#handedOver ? undefined : this.#filer.recent;
  }

  get sessions(): ReadonlyMap<string, SessionRecord> {
    return this.#filer.sessions;
  }

  /** Writes rows that wait for being asked for, so that a question need not; gives false where that was not done by then (`performance.now`). */
  write(until: number): boolean {
    return this.#writing(() => this.#filer.write(until));
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
    if (this.#filer.isOverdue && !this.#filer.catchUp(until)) return 'more';
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
    this.#writing(() => this.#filer.fileFrames());
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
    return this.#places.read(this.#readAt, key).bytes;
  }

  bodyRange(key: number, from: number, to: number): { bytes: Buffer; total: number } {
    return this.#places.read(this.#readAt, key, from, to);
  }

  bodyKeys(range: { readonly above: number } | { readonly below: number }, limit: number): number[] {
    return this.#places.keys(range, limit);
  }

  close(): void {
    this.#filer.dispose();
    this.#db?.close();
    closeSync(this.#fd);
  }

  #database(): Database {
    return (this.#db ??= createMemorySchema(this.engine.createMemory()));
  }

  #writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      this.fault = messageOf(error);
      throw error;
    }
  }

  #changed(): void {
    this.#extent = undefined;
    // Counts have changed; what is known of bodies has not.
    for (const key of this.cache.keys()) if (key !== 'bodies') this.cache.delete(key);
  }
}
