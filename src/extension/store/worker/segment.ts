/**
 * Owns a sealed segment as a source of queries: a complete SQLite file that never changes again. It is opened as a database
 * when a question reads it; what it says of itself is known before.
 */
import { basename } from 'node:path';
import { AppError } from '../../util/errors';
import { noteBook, type NoteBook } from './notes';
import { bringUpToDate, schemaVersion } from './schema';
import { SealedSource } from './sealedSource';
import { factsBytes, factsIn, type SegmentFacts } from './segmentFacts';
import { noExtent, readExtent, rows, type Extent } from './source';
import type { Database, OpenedFile, SqlEngine, SqlValue } from './sqlEngine';

export class Segment extends SealedSource {
  readonly name: string;
  readonly writers: readonly string[];
  readonly hasRolls: boolean;
  readonly extent: Extent;
  readonly replaces: readonly string[];
  readonly #file: OpenedFile;
  readonly #version: number = schemaVersion;
  #isReopened = false;

  /** Throws `store.newerFormat` or what SQLite says of a damaged file. */
  constructor(engine: SqlEngine, path: string, notes: NoteBook = noteBook(), warn: (message: string) => void = () => undefined) {
    super(path, notes, warn);
    this.name = basename(path);
    this.#file = engine.openFile(path, () => {
      this.#isReopened = true;
      this.forget();
    });
    try {
      const { version, writers, info } = factsIn(this.#file.start(factsBytes), this.#file.bytes) ?? this.#askFacts();
      this.#version = version;
      this.hasRolls = version >= 2;
      this.writers = writers;
      this.extent = this.hasRolls ? storedExtent(info) : readExtent(this.db);
      const replaces = info.get('replaces');
      this.replaces = typeof replaces === 'string' ? (JSON.parse(replaces) as string[]) : [];
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get db(): Database {
    const { db } = this.#file;
    if (this.#isReopened) bringUpToDate(db, this.#version);
    this.#isReopened = false;
    return db;
  }

  /** What SQLite, the disk or a checksum says is wrong with the file. */
  get fault(): string | undefined {
    return this.#file.fault;
  }

  #askFacts(): SegmentFacts {
    const { db } = this;
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

/** What `finishFileSchema` has counted: to count again would read an index through. */
function storedExtent(facts: SegmentFacts['info']): Extent {
  const calls = Number(facts.get('calls'));
  return calls > 0 ? { calls, minMs: Number(facts.get('minMs')), maxMs: Number(facts.get('maxMs')) } : noExtent;
}

/** The disk did not give what is there, which may be otherwise the next time; not that a file is gone, or damaged. */
export function isDiskFault(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && code !== 'ENOENT';
}
