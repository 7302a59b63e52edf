/**
 * Owns the questions about calls: pages, counts, single calls, over any number of sources. Calls are ordered by time,
 * then writer, then number, newest first; a cursor is a place in that order, so pages neither repeat nor skip a call
 * while others arrive. Sources that cannot hold what is asked for are not looked into.
 */
import type { CallDetail, CallPage, CallQuery, CallRow, CallSummary, FrameText, SessionInfo } from '../../contract/traffic';
import { MAX_INLINE_TEXT } from '../../contract/traffic';
import { AppError } from '../../util/errors';
import { searchBodies, useFilter, type CompiledFilter } from './filterSql';
import { writerFactor } from './schema';
import { rows, type Source } from './source';
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

const columns = `frame, part, time_ms, origin, session, client, server, method, name, detail, status, duration_us, upstream_us,
  request_bytes, response_bytes, error_code`;

/** Between two steps of a long question: throws when nobody wants the answer any more. */
export type Breathe = () => Promise<void>;

export async function page(sources: readonly Source[], query: CallQuery, filter: CompiledFilter, through: number, breathe: Breathe): Promise<CallPage> {
  const limit = Math.min(Math.max(Math.trunc(query.limit) || 1, 1), 1000);
  const { position } = query;
  let total = 0;
  for (const source of sources) {
    await searchBodies(filter, source, breathe);
    total += count(source, filter);
  }
  let found: Found[];
  if (position.kind === 'newerThan') {
    found = (await fetch(sources, filter, 'newer', parseCursor(position.cursor), limit, breathe)).reverse();
  } else {
    const start =
      position.kind === 'olderThan' ? parseCursor(position.cursor) : position.kind === 'offset' ? await placeAt(sources, filter, Math.max(0, Math.trunc(position.offset)), breathe) : undefined;
    if (start === 'end') return { rows: [], total, offset: total, through };
    found = await fetch(sources, filter, 'older', start, limit, breathe, position.kind === 'offset');
  }
  const first = found[0];
  const last = found.at(-1);
  const offset = first ? countNewer(sources, filter, first) : position.kind === 'olderThan' ? total : 0;
  return {
    rows: found.map(({ row }) => row),
    total,
    offset,
    olderCursor: last && offset + found.length < total ? cursorOf(last) : undefined,
    newerCursor: first && offset > 0 ? cursorOf(first) : undefined,
    through,
  };
}

/** Calls next to a place, in the direction's order; without a place from the newest or the oldest on. */
export async function fetch(
  sources: readonly Source[],
  filter: CompiledFilter,
  direction: 'older' | 'newer',
  from: Place | undefined,
  limit: number,
  breathe: Breathe,
  including = false,
): Promise<Found[]> {
  const older = direction === 'older';
  const candidates = sources
    .filter(({ extent }) => extent.calls > 0 && (!from || (older ? extent.minMs <= from.timeMs : extent.maxMs >= from.timeMs)))
    .sort((a, b) => (older ? b.extent.maxMs - a.extent.maxMs : a.extent.minMs - b.extent.minMs));
  let found: Found[] = [];
  for (const source of candidates) {
    const full = found.length >= limit;
    const edge = found[limit - 1]?.timeMs;
    if (full && edge !== undefined && (older ? source.extent.maxMs < edge : source.extent.minMs > edge)) break;
    // Counted before, and nothing there: it need not be read through again.
    if (source.cache.get(`count ${filter.key}`) === 0) continue;
    await searchBodies(filter, source, breathe);
    const more = fetchFrom(source, filter, direction, from, limit, including);
    if (more.length === 0) continue;
    found = found.length === 0 ? more : [...found, ...more].sort(older ? compareDescending : (a, b) => -compareDescending(a, b));
    if (found.length > limit) found.length = limit;
  }
  return found;
}

function fetchFrom(source: Source, filter: CompiledFilter, direction: 'older' | 'newer', from: Place | undefined, limit: number, including: boolean): Found[] {
  const older = direction === 'older';
  const after = from && condition(source, from, older ? (including ? '<=' : '<') : including ? '>=' : '>');
  const order = older ? 'DESC' : 'ASC';
  useFilter(filter, source);
  return rows(
    source.db,
    `SELECT ${columns} FROM call WHERE ${after ? after.sql : '1'} AND ${filter.where}
     ORDER BY time_ms ${order}, frame ${order}, part ${order} LIMIT ${limit}`,
    [...(after?.params ?? []), ...filter.params],
  ).map((values) => foundOf(source, values));
}

/** A condition on this source's rows for a place that may be another writer's. */
function condition(source: Source, place: Place, op: '<' | '<=' | '>' | '>='): { sql: string; params: SqlValue[] } {
  const w = source.writers.indexOf(place.writer);
  if (w >= 0) {
    return { sql: `(time_ms, frame, part) ${op} (?, ?, ?)`, params: [place.timeMs, w * writerFactor + place.n, place.part] };
  }
  // At the same moment, writers go by name: those before the place's writer have keys below this one.
  const border = source.writers.filter((name) => name < place.writer).length * writerFactor;
  return { sql: `(time_ms, frame) ${op.startsWith('<') ? '<' : '>='} (?, ?)`, params: [place.timeMs, border] };
}

function count(source: Source, filter: CompiledFilter, extra?: { sql: string; params: SqlValue[] }): number {
  if (source.extent.calls === 0) return 0;
  if (!filter.key && !extra) return source.extent.calls;
  const known = extra ? undefined : source.cache.get(`count ${filter.key}`);
  if (typeof known === 'number') return known;
  useFilter(filter, source);
  const sql = `SELECT count(*) FROM call WHERE ${extra ? `${extra.sql} AND ` : ''}${filter.where}`;
  const counted = rows(source.db, sql, [...(extra?.params ?? []), ...filter.params])[0]![0] as number;
  if (!extra) remember(source, `count ${filter.key}`, counted);
  return counted;
}

function countNewer(sources: readonly Source[], filter: CompiledFilter, place: Place): number {
  let newer = 0;
  for (const source of sources) {
    if (source.extent.maxMs < place.timeMs) continue;
    newer += source.extent.minMs > place.timeMs ? count(source, filter) : count(source, filter, condition(source, place, '>'));
  }
  return newer;
}

/** The place of the `offset`-th newest call. Sources whose times do not overlap are passed over by their counts. */
async function placeAt(sources: readonly Source[], filter: CompiledFilter, offset: number, breathe: Breathe): Promise<Place | 'end'> {
  let skip = offset;
  for (const group of overlapping(sources)) {
    await breathe();
    const held = group.reduce((sum, source) => sum + count(source, filter), 0);
    if (skip >= held) {
      skip -= held;
      continue;
    }
    const places = group.flatMap((source) => {
      useFilter(filter, source);
      // One source alone can count by itself; several have to be merged from their beginnings.
      const window = group.length === 1 ? `LIMIT 1 OFFSET ${skip}` : `LIMIT ${skip + 1}`;
      return rows(
        source.db,
        `SELECT frame, part, time_ms FROM call WHERE ${filter.where} ORDER BY time_ms DESC, frame DESC, part DESC ${window}`,
        [...filter.params],
      ).map(([key, part, timeMs]) => placeOf(source, key as number, part as number, timeMs as number));
    });
    places.sort(compareDescending);
    return places[group.length === 1 ? 0 : skip] ?? 'end';
  }
  return 'end';
}

function overlapping(sources: readonly Source[]): Source[][] {
  const groups: Source[][] = [];
  let lowest = Infinity;
  for (const source of [...sources].filter(({ extent }) => extent.calls > 0).sort((a, b) => b.extent.maxMs - a.extent.maxMs)) {
    if (source.extent.maxMs >= lowest) groups.at(-1)!.push(source);
    else groups.push([source]);
    lowest = Math.min(lowest, source.extent.minMs);
  }
  return groups;
}

interface Tally {
  calls: number;
  errors: number;
  running: number;
  bytes: number;
  /** Settled calls by duration bucket. */
  readonly buckets: ReadonlyMap<number, number>;
}

export async function summary(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe): Promise<CallSummary> {
  const sum = { calls: 0, errors: 0, running: 0, bytes: 0 };
  const buckets = new Map<number, number>();
  for (const source of sources) {
    await searchBodies(filter, source, breathe);
    const tally = tallyOf(source, filter);
    sum.calls += tally.calls;
    sum.errors += tally.errors;
    sum.running += tally.running;
    sum.bytes += tally.bytes;
    for (const [bucket, calls] of tally.buckets) buckets.set(bucket, (buckets.get(bucket) ?? 0) + calls);
  }
  return { ...sum, p95Us: percentile(sources, filter, buckets, 0.95) };
}

function tallyOf(source: Source, filter: CompiledFilter): Tally {
  const key = `tally ${filter.key}`;
  const known = source.cache.get(key) as Tally | undefined;
  if (known) return known;
  useFilter(filter, source);
  const tally = { calls: 0, errors: 0, running: 0, bytes: 0 };
  const buckets = new Map<number, number>();
  for (const [bucket, calls, errors, running, bytes] of rows(
    source.db,
    `SELECT bucket, count(*), sum(status IN ('error','toolError','transportError','timedOut','blocked')), sum(status = 'running'),
       sum(request_bytes + ifnull(response_bytes, 0)) FROM call WHERE ${filter.where} GROUP BY bucket`,
    [...filter.params],
  ) as (number | null)[][]) {
    tally.calls += calls!;
    tally.errors += errors!;
    tally.running += running!;
    tally.bytes += bytes!;
    if (bucket !== null && bucket !== undefined) buckets.set(bucket, calls!);
  }
  const made: Tally = { ...tally, buckets };
  remember(source, key, made);
  return made;
}

/** Exact where the bucket with the answer holds few enough calls to sort, else within 4 %. */
function percentile(sources: readonly Source[], filter: CompiledFilter, buckets: ReadonlyMap<number, number>, part: number): number | undefined {
  const settled = [...buckets.values()].reduce((sum, calls) => sum + calls, 0);
  if (settled === 0) return undefined;
  let rank = Math.ceil(settled * part);
  for (const [bucket, calls] of [...buckets].sort(([a], [b]) => a - b)) {
    if (rank > calls) {
      rank -= calls;
      continue;
    }
    if (calls > 20_000) return Math.round(1.04 ** (bucket - 0.5));
    const durations = sources.flatMap((source) => {
      if (!tallyOf(source, filter).buckets.has(bucket)) return [];
      useFilter(filter, source);
      return rows(source.db, `SELECT duration_us FROM call WHERE bucket = ? AND ${filter.where}`, [bucket, ...filter.params]).map(([us]) => us as number);
    });
    return durations.sort((a, b) => a - b)[rank - 1];
  }
  return undefined;
}

/** Where a call with this id is, newest source first. */
export function find(sources: readonly Source[], id: string): Found | undefined {
  const match = /^(.+)\/(\d{1,12})(?:\.(\d{1,4}))?$/.exec(id);
  if (!match) return undefined;
  for (const source of [...sources].reverse()) {
    const w = source.writers.indexOf(match[1]!);
    if (w < 0) continue;
    const [values] = rows(source.db, `SELECT ${columns} FROM call WHERE frame = ? AND part = ?`, [w * writerFactor + Number(match[2]), Number(match[3] ?? 0)]);
    if (values) return foundOf(source, values);
  }
  return undefined;
}

const frameColumns = 'f.frame, f.leg, f.direction, f.kind, f.method, f.time_ms, f.us, f.bytes, f.body';
const maxRelated = 1000;

export function detail(sources: readonly Source[], id: string): CallDetail | undefined {
  const found = find(sources, id);
  if (!found) return undefined;
  const { source, key, part, row } = found;
  const [facts] = rows(
    source.db,
    'SELECT start_us, response_frame, other_request_frame, other_response_frame, error_message FROM call WHERE frame = ? AND part = ?',
    [key, part],
  );
  const [startUs, response, otherRequest, otherResponse, errorMessage] = facts as [number, number | null, number | null, number | null, string | null];
  const frame = (wanted: number | null): FrameText | undefined => {
    if (wanted === null) return undefined;
    const [values] = rows(source.db, `SELECT ${frameColumns} FROM frame f WHERE frame = ?`, [wanted]);
    return values && frameText(source, values, startUs);
  };
  const own = new Set([key, response, otherRequest, otherResponse].map((wanted) => (wanted === null ? -1 : wanted % writerFactor)));
  const related = new Map<number, FrameText>();
  // A call that outlived a journal has messages in the one before, too.
  for (const other of sources) {
    const w = other.writers.indexOf(found.writer);
    if (w < 0) continue;
    const there = w * writerFactor + found.n;
    for (const values of rows(
      other.db,
      `SELECT ${frameColumns} FROM frame f WHERE f.call = ?1 AND ifnull(f.call_part, 0) = ?2
       UNION ALL SELECT ${frameColumns} FROM frame f WHERE f.call IN (SELECT frame FROM call WHERE parent_frame = ?1)
       ORDER BY f.frame LIMIT ${maxRelated}`,
      [there, part],
    )) {
      const text = frameText(other, values, startUs);
      if (!own.has(text.frame) && related.size < maxRelated) related.set(text.frame, text);
    }
  }
  return {
    row,
    session: sessionOf(sources, row.session),
    request: frame(key) ?? eventText(source, key, row),
    response: frame(response),
    upstreamRequest: frame(otherRequest),
    upstreamResponse: frame(otherResponse),
    related: [...related.values()].sort((a, b) => a.frame - b.frame),
    errorMessage: errorMessage ?? undefined,
  };
}

/** Recorded text of request and answer, whole. */
export function texts(found: Found): { request?: string; response?: string } {
  const { source, key, part } = found;
  const [values] = rows(source.db, 'SELECT response_frame FROM call WHERE frame = ? AND part = ?', [key, part]);
  const text = (frame: SqlValue | undefined): string | undefined => {
    if (typeof frame !== 'number') return undefined;
    const [body] = rows(source.db, 'SELECT body FROM frame WHERE frame = ?', [frame]);
    return typeof body?.[0] === 'number' ? source.body(body[0]).toString('utf8') : undefined;
  };
  return { request: text(key), response: text(values?.[0]) };
}

function frameText(source: Source, values: SqlValue[], startUs: number): FrameText {
  const [key, leg, direction, kind, method, timeMs, us, bytes, body] = values;
  const recorded = body === null ? Buffer.alloc(0) : source.body(body as number);
  // Four bytes hold any character: what lies behind cannot be within the limit.
  const text = recorded.toString('utf8', 0, Math.min(recorded.length, MAX_INLINE_TEXT * 4));
  const truncated = text.length > MAX_INLINE_TEXT;
  return {
    frame: (key as number) % writerFactor,
    leg: leg as FrameText['leg'],
    direction: direction as FrameText['direction'],
    kind: kind as FrameText['kind'],
    method: (method as string | null) ?? undefined,
    timeMs: timeMs as number,
    sinceRequestUs: (us as number) - startUs,
    bytes: bytes as number,
    text: truncated ? text.slice(0, MAX_INLINE_TEXT) : text,
    truncated,
  };
}

/** A refused HTTP request has no frame: what is known of it is in the event. */
function eventText(source: Source, key: number, row: CallRow): FrameText {
  const [values] = rows(source.db, 'SELECT data FROM event WHERE frame = ?', [key]);
  const text = (values?.[0] as string | undefined) ?? '';
  return { frame: row.frame, leg: 'downstream', direction: 'toServer', kind: 'invalid', timeMs: row.timeMs, sinceRequestUs: 0, bytes: row.requestBytes, text, truncated: false };
}

function sessionOf(sources: readonly Source[], id: string): SessionInfo | undefined {
  for (const source of [...sources].reverse()) {
    const [values] = rows(source.db, 'SELECT id, client_name, client_version, protocol_version, started_ms, ended_ms FROM session WHERE id = ?', [id]);
    if (!values) continue;
    const [, clientName, clientVersion, protocolVersion, startedMs, endedMs] = values;
    return {
      id,
      clientName: (clientName as string | null) ?? undefined,
      clientVersion: (clientVersion as string | null) ?? undefined,
      protocolVersion: (protocolVersion as string | null) ?? undefined,
      startedMs: startedMs as number,
      endedMs: (endedMs as number | null) ?? undefined,
    };
  }
  return undefined;
}

function foundOf(source: Source, values: SqlValue[]): Found {
  const [key, part, timeMs, origin, session, client, server, method, name, detailText, status, durationUs, upstreamUs, requestBytes, responseBytes, errorCode] = values;
  const place = placeOf(source, key as number, part as number, timeMs as number);
  const row: CallRow = {
    id: idOf(place),
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
  };
  return { ...place, source, key: key as number, row };
}

function optional<T>(value: SqlValue | undefined): T | undefined {
  return value === null ? undefined : (value as T | undefined);
}

function placeOf(source: Source, key: number, part: number, timeMs: number): Place {
  return { timeMs, writer: source.writers[Math.floor(key / writerFactor)] ?? '', n: key % writerFactor, part };
}

function compareDescending(a: Place, b: Place): number {
  if (a.timeMs !== b.timeMs) return b.timeMs - a.timeMs;
  if (a.writer !== b.writer) return a.writer < b.writer ? 1 : -1;
  return b.n - a.n || b.part - a.part;
}

const idOf = ({ writer, n, part }: Place): string => (part === 0 ? `${writer}/${n}` : `${writer}/${n}.${part}`);
const cursorOf = (place: Place): string => `${place.timeMs}|${idOf(place)}`;

function parseCursor(cursor: string): Place {
  const match = /^(\d{1,15})\|(.+)\/(\d{1,12})(?:\.(\d{1,4}))?$/.exec(cursor);
  if (!match) throw new AppError('query.invalid', 'This place in the list is not known.', { userFacing: false });
  return { timeMs: Number(match[1]), writer: match[2]!, n: Number(match[3]), part: Number(match[4] ?? 0) };
}

const rememberedAnswers = 64;

function remember(source: Source, key: string, answer: unknown): void {
  if (source.cache.size > rememberedAnswers) {
    for (const old of source.cache.keys()) {
      if (old === 'bodies') continue;
      source.cache.delete(old);
      break;
    }
  }
  source.cache.set(key, answer);
}
