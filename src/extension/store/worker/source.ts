/**
 * Owns what queries need of a place where calls are: the memory table of a journal, or a segment file. Queries never
 * ask which of the two they read.
 */
import { toUSVString } from 'node:util';
import type { FrameMeta } from '../types';
import type { Direction, FrameKind, Leg } from '../../contract/traffic';
import type { SessionRecord } from './callRecords';
import type { CarriedEntry } from './filer';
import type { NoteBook } from './notes';
import type { RecentCalls } from './recentCalls';
import { writerFactor } from './schema';
import type { Pieces } from './signature';
import type { Database, SqlValue } from './sqlEngine';

export interface Source {
  /** File name, for messages. */
  readonly name: string;
  /** Asked for anew by each question: a journal's is made whole by that. */
  readonly db: Database;
  /** Names of the writers, sorted; the position is the writer's number in frame keys. */
  readonly writers: readonly string[];
  /** Never changes again. */
  readonly sealed: boolean;
  /** Keys of stored bodies above one, ascending, or below one, descending; so many at most. */
  bodyKeys(range: { readonly above: number } | { readonly below: number }, limit: number): number[];
  /**
   * Where a text may be found: keys of the bodies, in no order, that may hold all pieces of one of the spellings; frames of
   * calls, from and up to but without, whose previews may hold the pieces. `undefined` where nobody knows.
   */
  candidates?(spellings: readonly Pieces[] | undefined, previewPieces: Pieces | undefined): Candidates | undefined;
  /** Makes table `frame`, which a journal has only when it was asked for (`withFrames`). */
  fileFrames?(): void;
  /** The newest calls, where they are known without asking the database. */
  readonly recent?: RecentCalls;
  /** What is known of sessions, by id, where that needs no database. */
  readonly sessions?: ReadonlyMap<string, SessionRecord>;
  /** Recorded bytes of a frame; empty where there are none (any more). */
  body(key: number): Buffer;
  /** Some of them, and how many there are, without reading the rest where that can be helped. */
  bodyRange(key: number, from: number, to: number): { readonly bytes: Buffer; readonly total: number };
  /** Some of this body turned out to be damaged on disk when it was read; what can be read of it is given all the same. */
  isDamaged?(key: number): boolean;
  /** The text of this frame is recorded, but not among what is kept here. */
  isAbsent?(key: number): boolean;
  /** Calls in it, and the time of the oldest and newest. */
  readonly extent: Extent;
  /** Answers of counting queries, kept until the content changes. */
  readonly cache: Map<string, unknown>;
  /** It holds table `roll`. */
  readonly hasRolls: boolean;
  /** What users have put on calls, of all sources. */
  readonly notes: NoteBook;
  close(): void;
}

export interface Candidates {
  readonly bodies: readonly number[] | undefined;
  readonly previews: readonly (readonly [number, number])[] | undefined;
}

export interface Extent {
  readonly calls: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export const noExtent: Extent = { calls: 0, minMs: Infinity, maxMs: -Infinity };

export function readExtent(db: Database): Extent {
  // Each by itself: the ends are looked up in the index, and only the count reads it through.
  const sql = 'SELECT (SELECT count(*) FROM call), (SELECT min(time_ms) FROM call), (SELECT max(time_ms) FROM call)';
  const [calls, minMs, maxMs] = db.exec(sql)[0]!.values[0] as number[];
  return calls ? { calls, minMs: minMs!, maxMs: maxMs! } : noExtent;
}

/** The database for questions that read table `frame`. */
export function withFrames(source: Source): Database {
  source.fileFrames?.();
  return source.db;
}

/** As a table gives a text back: without halves of characters, each of which sql.js would make three of. */
export function storedText(value: string | undefined): string | null {
  return value === undefined ? null : toUSVString(value);
}

/** Marks for so many values of a statement. */
export const marks = (count: number): string => Array.from({ length: count }, () => '?').join(',');

/** All rows of a query; for queries whose answers are known to be small. */
export function rows(db: Database, sql: string, params: SqlValue[] = []): SqlValue[][] {
  const statement = db.prepare(sql);
  try {
    statement.bind(params);
    const out: SqlValue[][] = [];
    while (statement.step()) out.push(statement.get());
    return out;
  } finally {
    statement.free();
  }
}

export const keyOf = (w: number, n: number): number => w * writerFactor + n;
export const numberOf = (key: number): number => key % writerFactor;

/** Whether not all of a text is there that has been: files made by older versions do not always say so. `body`: its key, `null` where there is none. */
export function isIncomplete(source: Source, body: number | null, isDamaged: boolean, wireBytes: number, storedBytes: number): boolean {
  return isDamaged || (storedBytes === 0 && wireBytes > 0) || (body !== null && source.isDamaged?.(body) === true);
}

/** Frames with their bodies, for the next journal of the same writer to begin with. */
export function carriedEntries(source: Source, frames: readonly number[]): CarriedEntry[] {
  const db = withFrames(source);
  const entries: CarriedEntry[] = [];
  /** Those that are given, and whether their texts are not whole. */
  const given = new Map<number, boolean>();
  for (const key of frames) {
    const [row] = rows(
      db,
      `SELECT time_ms, us, leg, direction, kind, session, server, rpc_id, method, forwards, cause, own, headers, bytes, redacted, body, definition, damaged
       FROM frame WHERE frame = ?`,
      [key],
    );
    if (!row) continue;
    const [timeMs, us, leg, dir, kind, s, srv, id, method, fwd, cause, own, headers, size, red, bodyKey, def, damaged] = row;
    const place = optional<number>(bodyKey);
    const same = place !== key && place !== undefined && given.has(place);
    const body = same || place === undefined ? Buffer.alloc(0) : source.body(place);
    const isAbsent = source.isAbsent?.(key) || undefined;
    const isDamaged = !isAbsent && (same ? damaged === 1 || given.get(place)! : isIncomplete(source, place ?? null, damaged === 1, size as number, body.length));
    given.set(key, isDamaged);
    const meta: FrameMeta = {
      k: 'frame',
      leg: leg as Leg,
      dir: dir as Direction,
      kind: kind as FrameKind,
      s: s as string,
      srv: optional<string>(srv),
      id: optional<string>(id),
      method: optional<string>(method),
      fwd: optional<number>(fwd),
      same: same ? true : undefined,
      cause: optional<number>(cause),
      own: own ? true : undefined,
      headers: typeof headers === 'string' ? (JSON.parse(headers) as Record<string, string>) : undefined,
      def: optional<string>(def),
      size: size as number,
      red: (red as number) || undefined,
    };
    entries.push({ n: key, timeMs: timeMs as number, us: us as number, meta, body, damaged: isDamaged, isAbsent });
  }
  return entries;
}

/** SQL's NULL as what is not there. */
export function optional<T>(value: SqlValue | undefined): T | undefined {
  return value === null ? undefined : (value as T | undefined);
}
