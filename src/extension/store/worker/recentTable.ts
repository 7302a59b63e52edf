/**
 * Owns a table of entries that come one by one and are kept in memory, bodies and all: it is asked as the table of a journal is, and
 * needs none.
 */
import type { JournalEntry } from '../journalFormat';
import type { SessionRecord } from './callRecords';
import { Filer, type Carry } from './filer';
import type { NoteBook } from './notes';
import type { RecentCalls } from './recentCalls';
import { createMemorySchema } from './schema';
import { carriedEntries, readExtent, type Extent, type Source } from './source';
import type { Database } from './sqlEngine';

export class RecentTable implements Source {
  readonly sealed = false;
  readonly hasRolls = false;
  readonly cache = new Map<string, unknown>();
  readonly writers: readonly string[];
  readonly #filer: Filer;
  /** By number, in the order in which they came. */
  readonly #bodies = new Map<number, Buffer>();
  /** Frames without their texts. */
  readonly #textless = new Map<number, 'damaged' | 'absent'>();
  #db: Database | undefined;
  #isHandedOver = false;
  /** Entries in it, and about how much memory they take. */
  entries = 0;
  bytes = 0;

  constructor(
    private readonly createMemory: () => Database,
    readonly name: string,
    writer: string,
    readonly notes: NoteBook,
    carry?: Carry,
  ) {
    this.writers = [writer];
    this.#filer = new Filer(() => this.#database(), writer, ({ n, body }) => void this.#bodies.set(n, body), 'whenAsked');
    if (!carry) return;
    this.#filer.begin(carry);
    for (const entry of carry.entries) this.#note(entry);
  }

  /** Its body is kept as it is. */
  add(entry: JournalEntry): void {
    this.#filer.file(entry);
    this.#note(entry);
    this.entries++;
    this.bytes += entry.body.length;
  }

  /** Makes what was added visible to questions. */
  flush(): void {
    this.#filer.flush();
    // Counts have changed; what is known of bodies has not.
    for (const key of this.cache.keys()) if (key !== 'bodies') this.cache.delete(key);
  }

  get db(): Database {
    this.#filer.write();
    return this.#database();
  }

  get last(): number {
    return this.#filer.last;
  }

  get extent(): Extent {
    return this.recent?.extent ?? readExtent(this.db);
  }

  /** Unknown once calls were handed over. */
  get recent(): RecentCalls | undefined {
    return this.#isHandedOver ? undefined : this.#filer.recent;
  }

  get sessions(): ReadonlyMap<string, SessionRecord> {
    return this.#filer.sessions;
  }

  fileFrames(): void {
    this.#filer.fileFrames();
  }

  /** Gives what is still open to the next table. */
  handOver(): Carry {
    this.#isHandedOver = true;
    const { frames, sessions } = this.#filer.handOver();
    this.flush();
    return { sessions, entries: carriedEntries(this, frames) };
  }

  body(key: number): Buffer {
    return this.#bodies.get(key) ?? Buffer.alloc(0);
  }

  bodyRange(key: number, from: number, to: number): { bytes: Buffer; total: number } {
    const body = this.body(key);
    return { bytes: body.subarray(from, to), total: body.length };
  }

  /** The body of this frame, or why there is none; `undefined`: none came here. */
  text(n: number): Buffer | 'damaged' | 'absent' | undefined {
    return this.#bodies.get(n) ?? this.#textless.get(n);
  }

  isAbsent(key: number): boolean {
    return this.#textless.get(key) === 'absent';
  }

  bodyKeys(range: { readonly above: number } | { readonly below: number }, limit: number): number[] {
    const keys = [...this.#bodies.keys()];
    return 'above' in range ? keys.filter((key) => key > range.above).slice(0, limit) : keys.reverse().filter((key) => key < range.below).slice(0, limit);
  }

  close(): void {
    this.#filer.dispose();
    this.#db?.close();
  }

  #note({ n, damaged, isAbsent }: Pick<JournalEntry, 'n' | 'damaged' | 'isAbsent'>): void {
    if (damaged) this.#textless.set(n, 'damaged');
    else if (isAbsent) this.#textless.set(n, 'absent');
  }

  #database(): Database {
    return (this.#db ??= createMemorySchema(this.createMemory()));
  }
}
