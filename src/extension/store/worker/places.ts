/**
 * Owns what a call is to the store's questions: its place in the order of all calls (time, then writer, then number,
 * newest first), its row, its id, and the cursors that stand for places. A cursor is a place, not a position, so pages
 * neither repeat nor skip a call while others arrive.
 */
import type { CallRow } from '../../contract/traffic';
import { AppError } from '../../util/errors';
import { reaches } from './reaches';
import { writerFactor } from './schema';
import { isPlaygroundSession } from './sessions';
import { optional, rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

/** A call's place in the order of all calls. */
export interface Place {
  readonly timeMs: number;
  readonly writer: string;
  readonly n: number;
  readonly part: number;
}

export interface Found extends Place {
  readonly source: Source;
  readonly key: number;
  readonly row: CallRow;
}

/** Of table `call`, in the order that `foundOf` takes them. */
export const callColumns = `frame, part, time_ms, origin, session, client, server, method, name, detail, status, duration_us, upstream_us,
  request_bytes, response_bytes, error_code, parent_frame, conversation, prompt, definition`;

export function foundOf(source: Source, values: readonly SqlValue[]): Found {
  const [key, part, timeMs, origin, session, client, server, method, name, detailText, status, durationUs, upstreamUs, requestBytes, responseBytes, errorCode, parent, conversation, prompt, definition] = values;
  const place = placeOf(source, key as number, part as number, timeMs as number);
  const id = idOf(place);
  const row: CallRow = {
    id,
    frame: place.n,
    timeMs: place.timeMs,
    origin: origin as CallRow['origin'],
    session: session as string,
    client: optional(client),
    server: optional(server),
    method: method as string,
    name: optional(name),
    detail: optional(detailText),
    status: status as CallRow['status'],
    durationUs: optional(durationUs),
    upstreamUs: optional(upstreamUs),
    requestBytes: requestBytes as number,
    responseBytes: optional(responseBytes),
    errorCode: optional(errorCode),
    parent: typeof parent === 'number' ? `${place.writer}/${parent % writerFactor}` : undefined,
    conversation: optional(conversation),
    prompt: optional(prompt),
    definition: optional(definition),
    isPlayground: isPlaygroundSession(source, session as string) || undefined,
    note: source.notes.note(place.writer, id),
  };
  return { ...place, source, key: key as number, row };
}

export function placeOf(source: Source, key: number, part: number, timeMs: number): Place {
  return { timeMs, writer: source.writers[Math.floor(key / writerFactor)] ?? '', n: key % writerFactor, part };
}

/** Newest first. */
export function compareDescending(a: Place, b: Place): number {
  if (a.timeMs !== b.timeMs) return b.timeMs - a.timeMs;
  if (a.writer !== b.writer) return a.writer < b.writer ? 1 : -1;
  return b.n - a.n || b.part - a.part;
}

/** A condition on this source's rows for a place that may be another writer's. */
export function condition(source: Source, place: Place, op: '<' | '<=' | '>' | '>='): { sql: string; params: SqlValue[] } {
  const w = source.writers.indexOf(place.writer);
  if (w >= 0) {
    return { sql: `(time_ms, frame, part) ${op} (?, ?, ?)`, params: [place.timeMs, w * writerFactor + place.n, place.part] };
  }
  // At the same moment, writers go by name: those before the place's writer have keys below this one.
  const border = source.writers.filter((name) => name < place.writer).length * writerFactor;
  return { sql: `(time_ms, frame) ${op.startsWith('<') ? '<' : '>='} (?, ?)`, params: [place.timeMs, border] };
}

const idPattern = /^(.+)\/(\d{1,12})(?:\.(\d{1,4}))?$/;

export const idOf = ({ writer, n, part }: Place): string => (part === 0 ? `${writer}/${n}` : `${writer}/${n}.${part}`);

export function parseId(id: string): Omit<Place, 'timeMs'> | undefined {
  const match = idPattern.exec(id);
  return match ? { writer: match[1]!, n: Number(match[2]), part: Number(match[3] ?? 0) } : undefined;
}

export const cursorOf = (place: Place): string => `${place.timeMs}|${idOf(place)}`;

/** Throws `query.invalid`. */
export function parseCursor(cursor: string): Place {
  const [, timeMs, id = ''] = /^(\d{1,15})\|(.+)$/.exec(cursor) ?? [];
  const place = parseId(id);
  if (timeMs === undefined || !place) throw unknownPlace();
  return { timeMs: Number(timeMs), ...place };
}

export const unknownPlace = (): AppError => new AppError('query.invalid', 'This place in the list is not known.', { userFacing: false });

/** Where a call with this id is, newest source first. */
export function find(sources: readonly Source[], id: string): Found | undefined {
  const place = parseId(id);
  if (!place) return undefined;
  for (const source of [...sources].reverse()) {
    const w = source.writers.indexOf(place.writer);
    if (w < 0 || !reaches(source, 'calls', w * writerFactor + place.n)) continue;
    const [values] = rows(source.db, `SELECT ${callColumns} FROM call WHERE frame = ? AND part = ?`, [w * writerFactor + place.n, place.part]);
    if (values) return foundOf(source, values);
  }
  return undefined;
}

const rememberedAnswers = 64;
/** Never dropped to make room: one of each at most, and dear to find out again. */
const lasting = new Set(['bodies', 'reaches', 'totals', 'turns', 'runs', 'sessions', 'standIns', 'many groups', 'values server', 'values method', 'values name', 'values session', 'values client']);

/** Keeps an answer with the source it is of; the oldest go when there are many. */
export function remember(source: Source, key: string, answer: unknown): void {
  if (source.cache.size > rememberedAnswers) {
    for (const old of source.cache.keys()) {
      if (lasting.has(old)) continue;
      source.cache.delete(old);
      break;
    }
  }
  source.cache.set(key, answer);
}
