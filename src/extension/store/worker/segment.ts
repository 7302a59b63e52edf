/**
 * Owns a sealed segment as a source of queries: a complete SQLite file that never changes again. It is opened as a database
 * when a question reads it; what it says of itself is known before.
 */
import { basename } from 'node:path';
import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../util/errors';
import { signaturesName } from '../fileNames';
import type { Carry } from './filer';
import { noteBook, type NoteBook } from './notes';
import { repeated } from './repeats';
import { bodyPartBytes, bringUpToDate, schemaVersion } from './schema';
import { factsBytes, factsIn, type SegmentFacts } from './segmentFacts';
import type { Pieces } from './signature';
import { askSignatures, type KnownLayout, type Signatures } from './signatureReader';
import { carriedEntries, noExtent, numberOf, readExtent, rows, type Candidates, type Extent, type Source } from './source';
import type { Database, OpenedFile, SqlEngine, SqlValue, Statement } from './sqlEngine';
import type { SessionRecord } from './callRecords';

export class Segment implements Source {
  readonly name: string;
  readonly writers: readonly string[];
  readonly sealed = true;
  readonly hasRolls: boolean;
  readonly extent: Extent;
  /** Names of the segments that this one was made of; they are not to be read beside it. */
  readonly replaces: readonly string[];
  readonly cache = new Map<string, unknown>();
  readonly #file: OpenedFile;
  readonly #signatures: string;
  readonly #layout: KnownLayout = {};
  readonly #damaged = new DamagedParts();
  #selectBody: Statement | undefined;

  /** Throws `store.newerFormat` or what SQLite says of a damaged file. */
  constructor(
    engine: SqlEngine,
    path: string,
    readonly notes: NoteBook = noteBook(),
    private readonly warn: (message: string) => void = () => undefined,
  ) {
    this.name = basename(path);
    this.#signatures = signaturesName(path);
    this.#file = engine.openFile(path);
    try {
      const { version, writers, info } = factsIn(this.#file.start(factsBytes), this.#file.bytes) ?? this.#askFacts();
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
    return this.#file.db;
  }

  /** What SQLite, or the disk, found wrong with the file when it was asked; absent: nothing so far. */
  get fault(): string | undefined {
    return this.#file.fault;
  }

  /** Opens it as a database, as the first question would. Throws where it cannot be read. */
  open(): void {
    void this.db;
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

  body(key: number): Buffer {
    // A search asks for many: prepared once.
    const select = (this.#selectBody ??= this.db.prepare('SELECT part, enc, bytes, data FROM body WHERE frame = ? ORDER BY part'));
    const parts: Buffer[] = [];
    try {
      select.bind([key]);
      while (select.step()) parts.push(this.#decode(key, select.get()));
    } finally {
      select.reset();
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  bodyRange(key: number, from: number, to: number): { bytes: Buffer; total: number } {
    const parts = rows(this.db, 'SELECT part, bytes FROM body WHERE frame = ? ORDER BY part', [key]) as [number, number][];
    const wanted: Buffer[] = [];
    let at = 0;
    for (const [part, bytes] of parts) {
      if (this.#damaged.has(key, part)) continue;
      if (at < to && at + bytes > from) {
        wanted.push(this.#part(key, part).subarray(Math.max(0, from - at), to - at));
        // It turns out now: what is behind it moves up.
        if (this.#damaged.has(key, part)) return this.bodyRange(key, from, to);
      }
      at += bytes;
    }
    return { bytes: Buffer.concat(wanted), total: at };
  }

  isDamaged(key: number): boolean {
    return this.#damaged.has(key);
  }

  #part(key: number, part: number): Buffer {
    const [row] = rows(this.db, 'SELECT part, enc, bytes, data FROM body WHERE frame = ? AND part = ?', [key, part]);
    return row ? this.#decode(key, row) : Buffer.alloc(0);
  }

  /** A body that others repeat; it repeats none itself, whatever a damaged file says. */
  #first(key: number): Buffer {
    const parts = rows(this.db, 'SELECT enc, bytes, data FROM body WHERE frame = ? AND enc <> 3 ORDER BY part', [key]);
    return Buffer.concat(parts.map(([enc, bytes, data]) => decode(enc as number, bytes as number, data as Uint8Array)));
  }

  /** Nothing, and it is noted, where the part is damaged: SQLite sees nothing wrong with bytes that do not say what they said. */
  #decode(key: number, [part, enc, bytes, data]: readonly SqlValue[]): Buffer {
    try {
      const body = enc === 3 ? repeated(data as Uint8Array, (first) => this.#first(first)) : decode(enc as number, bytes as number, data as Uint8Array);
      if (body.length === bytes) return body;
    } catch (error) {
      // What cannot be read at all concerns more than this text.
      if (this.fault !== undefined) throw error;
    }
    if (this.#damaged.add(key, part as number)) this.warn(`${this.name}: a recorded text (frame ${numberOf(key)}) is damaged on disk and cannot be read.`);
    return Buffer.alloc(0);
  }

  bodyKeys(range: { readonly above: number } | { readonly below: number }, limit: number): number[] {
    const [where, order, key] = 'above' in range ? ['frame > ?', 'ASC', range.above] : ['frame < ?', 'DESC', range.below];
    return rows(this.db, `SELECT DISTINCT frame FROM body WHERE ${where} ORDER BY frame ${order} LIMIT ?`, [key, limit]).map(([frame]) => frame as number);
  }

  candidates(spellings: readonly Pieces[] | undefined, previewPieces: Pieces | undefined): Candidates | undefined {
    if (!spellings && !previewPieces) return undefined;
    const ask = (signatures: Signatures): Candidates => ({
      bodies: spellings && signatures.candidates(spellings),
      previews: previewPieces && signatures.previews(previewPieces),
    });
    return askSignatures(this.#signatures, ask, this.#layout);
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

  /** What the next journal of the same writer has to begin with. */
  carry(): Carry {
    const frames = rows(this.db, 'SELECT frame FROM carry ORDER BY frame').map(([frame]) => frame as number);
    const sessions = rows(
      this.db,
      'SELECT id, started_ms, client_name, client_version, protocol_version, kind FROM session WHERE ended_ms IS NULL',
    ).map(
      ([id, startedMs, clientName, clientVersion, protocolVersion, kind]): SessionRecord => ({
        id: id as string,
        startedMs: startedMs as number,
        clientName: (clientName as string | null) ?? undefined,
        clientVersion: (clientVersion as string | null) ?? undefined,
        protocolVersion: (protocolVersion as string | null) ?? undefined,
        kind: kind === 'playground' ? kind : undefined,
      }),
    );
    return { sessions, entries: carriedEntries(this, frames) };
  }

  close(): void {
    this.#file.close();
  }
}

/** Parts of bodies that turned out to be damaged. */
class DamagedParts {
  readonly #parts = new Map<number, Set<number>>();

  /** Any part of this body, or this one. */
  has(key: number, part?: number): boolean {
    const parts = this.#parts.get(key);
    return parts !== undefined && (part === undefined || parts.has(part));
  }

  /** Gives whether it is the first of this body. */
  add(key: number, part: number): boolean {
    const parts = this.#parts.get(key);
    if (parts) parts.add(part);
    else this.#parts.set(key, new Set([part]));
    return !parts;
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

function decode(enc: number, length: number, data: Uint8Array): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // The length is known: one piece of output instead of many. Never less than zlib accepts, nor more than a part can be.
  const options = { chunkSize: Math.min(Math.max(length, 64), bodyPartBytes), maxOutputLength: Math.max(length, 64) };
  if (enc === 1) return zstdDecompressSync(bytes, options);
  if (enc === 2) return inflateRawSync(bytes, options);
  return bytes;
}
