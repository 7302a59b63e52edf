/**
 * Owns a sealed segment as a source of queries: a complete SQLite file that never changes again.
 */
import { basename } from 'node:path';
import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../util/errors';
import { signaturesName } from '../fileNames';
import type { Carry } from './filer';
import { noteBook, type NoteBook } from './notes';
import { repeated } from './repeats';
import { bodyPartBytes, bringUpToDate, schemaVersion } from './schema';
import type { Pieces } from './signature';
import { askSignatures } from './signatureReader';
import { carriedEntries, noExtent, readExtent, rows, type Candidates, type Extent, type Source } from './source';
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
  #selectBody: Statement | undefined;

  /** Throws `store.newerFormat` or what SQLite says of a damaged file. */
  constructor(
    engine: SqlEngine,
    path: string,
    readonly notes: NoteBook = noteBook(),
  ) {
    this.name = basename(path);
    this.#signatures = signaturesName(path);
    this.#file = engine.openFile(path);
    try {
      const version = this.db.exec('PRAGMA user_version')[0]!.values[0]![0] as number;
      if (version > schemaVersion) {
        throw new AppError('store.newerFormat', `${this.name} was written by a newer MCP Shark (format ${version}). It is left alone; update MCP Shark to read it.`);
      }
      bringUpToDate(this.db, version);
      this.hasRolls = version >= 2;
      this.writers = rows(this.db, 'SELECT name FROM writer ORDER BY w').map(([name]) => name as string);
      const facts = new Map(rows(this.db, "SELECT key, value FROM info WHERE key IN ('calls', 'minMs', 'maxMs', 'replaces')").map(([key, value]) => [key as string, value]));
      this.extent = this.hasRolls ? storedExtent(facts) : readExtent(this.db);
      const replaces = facts.get('replaces');
      this.replaces = typeof replaces === 'string' ? (JSON.parse(replaces) as string[]) : [];
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get db(): Database {
    return this.#file.db;
  }

  body(key: number): Buffer {
    // A search asks for many: prepared once.
    const select = (this.#selectBody ??= this.db.prepare('SELECT enc, bytes, data FROM body WHERE frame = ? ORDER BY part'));
    const parts: Buffer[] = [];
    try {
      select.bind([key]);
      while (select.step()) {
        const [enc, bytes, data] = select.get();
        parts.push(this.#decode(enc as number, bytes as number, data as Uint8Array));
      }
    } finally {
      select.reset();
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  bodyRange(key: number, from: number, to: number): { bytes: Buffer; total: number } {
    const wanted: Buffer[] = [];
    let at = 0;
    for (const [part, bytes] of rows(this.db, 'SELECT part, bytes FROM body WHERE frame = ? ORDER BY part', [key]) as number[][]) {
      if (at < to && at + bytes! > from) wanted.push(this.#part(key, part!).subarray(Math.max(0, from - at), to - at));
      at += bytes!;
    }
    return { bytes: Buffer.concat(wanted), total: at };
  }

  #part(key: number, part: number): Buffer {
    const [row] = rows(this.db, 'SELECT enc, bytes, data FROM body WHERE frame = ? AND part = ?', [key, part]);
    return row ? this.#decode(row[0] as number, row[1] as number, row[2] as Uint8Array) : Buffer.alloc(0);
  }

  /** A body that others repeat; it repeats none itself, whatever a damaged file says. */
  #first(key: number): Buffer {
    const parts = rows(this.db, 'SELECT enc, bytes, data FROM body WHERE frame = ? AND enc <> 3 ORDER BY part', [key]);
    return Buffer.concat(parts.map(([enc, bytes, data]) => decode(enc as number, bytes as number, data as Uint8Array)));
  }

  #decode(enc: number, bytes: number, data: Uint8Array): Buffer {
    return enc === 3 ? repeated(data, (key) => this.#first(key)) : decode(enc, bytes, data);
  }

  bodyKeys(range: { readonly above: number } | { readonly below: number }, limit: number): number[] {
    const [where, order, key] = 'above' in range ? ['frame > ?', 'ASC', range.above] : ['frame < ?', 'DESC', range.below];
    return rows(this.db, `SELECT DISTINCT frame FROM body WHERE ${where} ORDER BY frame ${order} LIMIT ?`, [key, limit]).map(([frame]) => frame as number);
  }

  candidates(spellings: readonly Pieces[] | undefined, previewPieces: Pieces | undefined): Candidates | undefined {
    if (!spellings && !previewPieces) return undefined;
    return askSignatures(this.#signatures, (signatures) => ({
      bodies: spellings && signatures.candidates(spellings),
      previews: previewPieces && signatures.previews(previewPieces),
    }));
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

/** What `finishFileSchema` has counted: to count again would read an index through. */
function storedExtent(facts: ReadonlyMap<string, SqlValue | undefined>): Extent {
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
  const options = { chunkSize: Math.min(Math.max(length, 64), bodyPartBytes) };
  if (enc === 1) return zstdDecompressSync(bytes, options);
  if (enc === 2) return inflateRawSync(bytes, options);
  return bytes;
}
