/**
 * Owns what all sealed sources have in common: bodies, which are looked up in table `body` and read one by one, signatures, and
 * what the next journal begins with. Segment is one that is a sound file, SalvagedSegment what can be read of a damaged one.
 */
import { basename } from 'node:path';
import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { signaturesName } from '../fileNames';
import type { SessionRecord } from './callRecords';
import type { Carry } from './filer';
import { forgetPages } from './knownPages';
import type { NoteBook } from './notes';
import { repeated } from './repeats';
import { bodyPartBytes } from './schema';
import type { Pieces } from './signature';
import { askSignatures, type KnownFile, type Signatures } from './signatureReader';
import { carriedEntries, numberOf, rows, type Candidates, type Extent, type Source } from './source';
import type { Database, SqlValue, Statement } from './sqlEngine';

export abstract class SealedSource implements Source {
  readonly sealed = true;
  readonly cache = new Map<string, unknown>();
  abstract readonly name: string;
  abstract readonly db: Database;
  abstract readonly writers: readonly string[];
  abstract readonly hasRolls: boolean;
  abstract readonly extent: Extent;
  /** Names of the segments that this one was made of; they are not to be read beside it. */
  abstract readonly replaces: readonly string[];
  /** What was found wrong with the file since it was opened; absent: nothing so far. */
  abstract readonly fault: string | undefined;
  protected readonly damaged = new DamagedParts();
  readonly #signatures: string;
  readonly #knownSignatures: KnownFile;
  #selectBody: Statement | undefined;

  constructor(
    path: string,
    readonly notes: NoteBook,
    private readonly warn: (message: string) => void,
  ) {
    this.#signatures = signaturesName(path);
    this.#knownSignatures = {
      onDamage: (reason) => this.warn(`${basename(this.#signatures)} is damaged (${reason}) and not used: searching finds everything in ${basename(path)} without it, but takes longer.`),
    };
  }

  /** Opens it as a database, as the first question would. Throws where it cannot be read. */
  open(): void {
    void this.db;
  }

  close(): void {
    forgetPages(this);
  }

  /** Bytes that a row of table `body` is for. Throws where they cannot be read. */
  protected abstract dataOf(value: SqlValue): Uint8Array;

  /** The database is closed, and opened anew when it is asked: what was made in it is gone. */
  protected forget(): void {
    this.#selectBody = undefined;
    this.cache.delete('bodies');
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
      if (this.damaged.has(key, part)) continue;
      if (at < to && at + bytes > from) {
        wanted.push(this.#part(key, part).subarray(Math.max(0, from - at), to - at));
        // It turns out now: what is behind it moves up.
        if (this.damaged.has(key, part)) return this.bodyRange(key, from, to);
      }
      at += bytes;
    }
    return { bytes: Buffer.concat(wanted), total: at };
  }

  isDamaged(key: number): boolean {
    return this.damaged.has(key);
  }

  #part(key: number, part: number): Buffer {
    const [row] = rows(this.db, 'SELECT part, enc, bytes, data FROM body WHERE frame = ? AND part = ?', [key, part]);
    return row ? this.#decode(key, row) : Buffer.alloc(0);
  }

  /** A body that others repeat; it repeats none itself, whatever a damaged file says. */
  #first(key: number): Buffer {
    const parts = rows(this.db, 'SELECT enc, bytes, data FROM body WHERE frame = ? AND enc <> 3 ORDER BY part', [key]);
    return Buffer.concat(parts.map(([enc, bytes, data]) => decode(enc as number, bytes as number, this.dataOf(data!))));
  }

  /** Nothing, and it is noted, where the part is damaged: SQLite sees nothing wrong with bytes that do not say what they said. */
  #decode(key: number, [part, enc, bytes, data]: readonly SqlValue[]): Buffer {
    try {
      const read = this.dataOf(data!);
      const body = enc === 3 ? repeated(read, (first) => this.#first(first)) : decode(enc as number, bytes as number, read);
      if (body.length === bytes) return body;
    } catch (error) {
      // What cannot be read at all concerns more than this text.
      if (this.fault !== undefined) throw error;
    }
    if (this.damaged.add(key, part as number)) this.warn(`${this.name}: a recorded text (frame ${numberOf(key)}) is damaged on disk and cannot be read.`);
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
    return askSignatures(this.#signatures, ask, this.#knownSignatures);
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

function decode(enc: number, length: number, data: Uint8Array): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // The length is known: one piece of output instead of many. Never less than zlib accepts, nor more than a part can be.
  const options = { chunkSize: Math.min(Math.max(length, 64), bodyPartBytes), maxOutputLength: Math.max(length, 64) };
  if (enc === 1) return zstdDecompressSync(bytes, options);
  if (enc === 2) return inflateRawSync(bytes, options);
  return bytes;
}
