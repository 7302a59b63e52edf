/**
 * Owns a sealed segment as a source of queries: a complete SQLite file that never changes again. The file is open from the
 * beginning, so it can be read whoever removes it meanwhile; it is opened as a database when a question reads it. What it says of itself
 * is known before, from the file, or from an index that is believed until then (segmentIndex.ts).
 */
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../util/errors';
import { noteBook, type NoteBook } from './notes';
import { bringUpToDate, schemaVersion } from './schema';
import { SealedSource } from './sealedSource';
import { factsBytes, factsIn, particularsOf, type Particulars, type SegmentFacts } from './segmentFacts';
import type { IndexedSegment } from './segmentIndex';
import { readExtent, rows, type Extent } from './source';
import type { Database, OpenedFile, SqlEngine, SqlValue } from './sqlEngine';

/** What an index says of a file of this name, size and time of change. */
export type FindIndexed = (name: string, bytes: number, changedMs: number) => Particulars | undefined;

export class Segment extends SealedSource {
  readonly name: string;
  readonly #file: OpenedFile;
  readonly #particulars: Particulars;
  /** An index says so, and the file has not been asked. */
  #isBelieved = false;
  #isMistaken = false;
  #isReopened = false;

  /** Throws `store.newerFormat` or what SQLite says of a damaged file; where `find` knows it, the first question does. */
  constructor(engine: SqlEngine, path: string, notes: NoteBook = noteBook(), warn: (message: string) => void = () => undefined, find?: FindIndexed) {
    super(path, notes, warn);
    this.name = basename(path);
    this.#file = engine.openFile(path, () => {
      this.#isReopened = true;
      this.forget();
    });
    try {
      const { bytes, changedMs } = this.#file;
      const indexed = changedMs === undefined ? undefined : find?.(this.name, bytes, changedMs);
      this.#isBelieved = indexed !== undefined;
      this.#particulars = indexed ?? this.#read();
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get writers(): readonly string[] {
    return this.#particulars.writers;
  }

  get hasRolls(): boolean {
    return this.#particulars.version >= 2;
  }

  get extent(): Extent {
    return this.#particulars.extent;
  }

  get replaces(): readonly string[] {
    return this.#particulars.replaces;
  }

  /** Throws where the file turns out to be damaged, or to be another one than the index says (`isMistaken`). */
  get db(): Database {
    if (this.#isBelieved) this.#confirm();
    return this.#database();
  }

  /** What was believed of it is not so: it has to be opened anew. */
  get isMistaken(): boolean {
    return this.#isMistaken;
  }

  /** It was known without being read. */
  get isBelieved(): boolean {
    return this.#isBelieved;
  }

  /** For the index of a later start; `undefined` where nobody could tell then whether it is this file. */
  get indexed(): IndexedSegment | undefined {
    const { bytes, changedMs } = this.#file;
    return changedMs === undefined || this.#isMistaken || this.fault !== undefined ? undefined : { name: this.name, bytes, changedMs, particulars: this.#particulars };
  }

  /** What SQLite, the disk or a checksum says is wrong with the file. */
  get fault(): string | undefined {
    return this.#file.fault;
  }

  #database(): Database {
    const { db } = this.#file;
    if (this.#isReopened) bringUpToDate(db, this.#particulars.version);
    this.#isReopened = false;
    return db;
  }

  #confirm(): void {
    let found: Particulars | undefined;
    try {
      found = this.#read();
    } catch (error) {
      // What is wrong with a file that is not at fault is found out, and said, when it is opened anew.
      if (this.fault !== undefined) throw error;
    }
    this.#isMistaken = !isDeepStrictEqual(found, this.#particulars);
    if (this.#isMistaken) throw new Error(`${this.name} is another file than it was taken for`);
    this.#isBelieved = false;
  }

  #read(): Particulars {
    const facts = factsIn(this.#file.start(factsBytes), this.#file.bytes) ?? this.#askFacts();
    return particularsOf(facts, () => readExtent(this.#file.db));
  }

  #askFacts(): SegmentFacts {
    const { db } = this.#file;
    const version = db.exec('PRAGMA user_version')[0]!.values[0]![0] as number;
    if (version > schemaVersion) {
      throw new AppError('store.newerFormat', `${this.name} was written by a newer MCP Shark (format ${version}). It is left alone; update MCP Shark to read it.`);
    }
    bringUpToDate(db, version);
    const writers = rows(db, 'SELECT name FROM writer ORDER BY w').map(([name]) => name as string);
    const info = rows(db, "SELECT key, value FROM info WHERE key IN ('calls', 'minMs', 'maxMs', 'replaces')").map(([key, value]) => [key as string, value as string | null] as const);
    return { version, writers, info: new Map(info) };
  }

  protected dataOf(value: SqlValue): Uint8Array {
    return value as Uint8Array;
  }

  /** Time of the newest entry; 0 where there is none. */
  newestMs(): number {
    // Frames lie in the order in which they came, of each writer.
    const [row] = rows(
      this.db,
      `SELECT max(t) FROM (SELECT max(time_ms) AS t FROM call UNION ALL SELECT max(time_ms) FROM event
       UNION ALL SELECT time_ms FROM frame WHERE frame = (SELECT max(frame) FROM frame))`,
    );
    return (row?.[0] as number | null) ?? 0;
  }

  override close(): void {
    super.close();
    this.#file.close();
  }
}

/** The disk did not give what is there, which may be otherwise the next time; not that a file is gone, or damaged. */
export function isDiskFault(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && code !== 'ENOENT';
}
