/**
 * Owns pages of calls in other orders than time. All calls are seen as lanes, one behind the other: those of one server,
 * or those whose durations differ by no more than 4 %. How many calls each lane has is counted once per source and
 * kept, so that any place in the list is found without sorting more than a lane, and a page reads few lanes.
 *
 * Within a lane of texts calls lie newest first; within one of numbers by the number, and then newest first. What a call
 * does not have puts it into the last lane. query/order.ts says what the order is; tests hold the two together.
 */
import type { CallPage, CallQuery, CallRow, CallSort } from '../../contract/traffic';
import { compareKeys, keyOfRow } from '../../query/order';
import { tryParseJson } from '../../util/json';
import { bucketOf } from './histogram';
import { answerKey, narrowed, searchBodies, useFilter, type CompiledFilter } from './filterSql';
import { countNewer, fetch, limitOf, placeAt, type Breathe } from './pages';
import { idOf, parseId, remember, unknownPlace, type Found } from './places';
import { countWithin, fetchWithin, numberColumn, placeWithin, type SortedPlace } from './sortedLane';
import { rows, type Source } from './source';

/** What a lane's calls have in common: a text, the first digits of a number, or that they have none. */
export type LaneKey = string | number | null;

export interface Lane {
  readonly key: LaneKey;
  readonly calls: number;
  /** Calls in the lanes before it. */
  readonly before: number;
  readonly counts: ReadonlyMap<Source, number>;
}

const mostDigits = 12;

/** How many digits a size has, and the first two: grows with the number, and has ninety values per power of ten. */
const sizeLane = `CASE WHEN size < 100 THEN size ${Array.from({ length: mostDigits - 2 }, (_, index) => `WHEN size < ${10 ** (index + 3)} THEN ${(index + 3) * 100} + size / ${10 ** (index + 1)}`).join(' ')}
  ELSE ${(mostDigits + 1) * 100} END`;

/** Durations have their lane in the table, for the histogram. */
const laneExpression = (by: CallSort['by']): string => (by === 'duration' ? 'bucket' : by === 'size' ? sizeLane : by);

function laneOf(by: CallSort['by'], key: string | number | undefined): LaneKey {
  if (key === undefined) return null;
  if (by === 'duration') return bucketOf(key as number);
  if (by !== 'size') return key;
  const digits = String(key).length;
  if ((key as number) < 100) return key;
  return digits > mostDigits ? (mostDigits + 1) * 100 : digits * 100 + Number(String(key).slice(0, 2));
}

/** Least and greatest size of a lane. */
function boundsOf(lane: number): [number, number] {
  if (lane < 100) return [lane, lane];
  const digits = Math.floor(lane / 100);
  if (digits > mostDigits) return [10 ** mostDigits, Number.MAX_SAFE_INTEGER];
  const scale = 10 ** (digits - 2);
  return [(lane % 100) * scale, ((lane % 100) + 1) * scale - 1];
}

export async function sortedPage(sources: readonly Source[], query: CallQuery, sort: CallSort, filter: CompiledFilter, through: number, breathe: Breathe): Promise<CallPage> {
  for (const source of sources) {
    await searchBodies(filter, source, breathe);
    lanesOf(source, sort, filter);
    await breathe();
  }
  const lanes = lanesInOrder(sources, sort, filter);
  const total = totalOf(lanes);
  const found = await fetchSorted(lanes, sort, filter, query, breathe);
  const [first] = found;
  const last = found.at(-1);
  const offset = first ? offsetOf(lanes, sort, filter, first) : query.position.kind === 'newest' ? 0 : total;
  return {
    rows: found.map(({ row }) => row),
    total,
    offset,
    olderCursor: last && offset + found.length < total ? sortedCursor(sort, last) : undefined,
    newerCursor: first && offset > 0 ? sortedCursor(sort, first) : undefined,
    through,
  };
}

const totalOf = (lanes: readonly Lane[]): number => lanes.reduce((sum, { calls }) => sum + calls, 0);

async function fetchSorted(lanes: readonly Lane[], sort: CallSort, filter: CompiledFilter, { position, limit: asked }: CallQuery, breathe: Breathe): Promise<Found[]> {
  const limit = limitOf(asked);
  const isUp = position.kind === 'newerThan';
  let place: SortedPlace | undefined;
  let including = false;
  let index = 0;
  if (position.kind === 'offset') {
    const wanted = Math.max(0, Math.trunc(position.offset));
    index = lanes.findIndex(({ before, calls }) => wanted < before + calls);
    const lane = lanes[index];
    if (!lane) return [];
    place = wanted === lane.before ? undefined : await placeIn(lane, sort, filter, wanted - lane.before, breathe);
    including = true;
  } else if (position.kind !== 'newest') {
    place = parseSortedCursor(sort, position.cursor);
    index = laneIndex(lanes, sort, place);
    // Its lane is gone: the next one begins at its beginning, the one before ends at its end.
    const lane = lanes[index];
    if (!lane || compareLanes(sort, lane.key, laneOf(sort.by, place.key)) !== 0) {
      place = undefined;
      if (isUp) index--;
    }
  }
  const found: Found[] = [];
  for (; found.length < limit && index >= 0 && index < lanes.length; index += isUp ? -1 : 1) {
    await breathe();
    found.push(...(await fetchIn(lanes[index]!, sort, filter, isUp, place, limit - found.length, breathe, including)));
    place = undefined;
    including = false;
  }
  return isUp ? found.reverse() : found;
}

function laneFilter({ key, counts }: Lane, sort: CallSort, filter: CompiledFilter): CompiledFilter {
  const column = numberColumn(sort.by);
  if (!column) return narrowed(filter, `${sort.by} IS ?`, [key], counts);
  if (key === null) return narrowed(filter, `${column} IS NULL`, [], counts);
  if (sort.by === 'duration') return narrowed(filter, 'bucket = ?', [key], counts);
  return narrowed(filter, `${column} BETWEEN ? AND ?`, boundsOf(key as number), counts);
}

/** Calls of a lane next to a place; without one from its beginning, or upwards from its end. */
function fetchIn(lane: Lane, sort: CallSort, filter: CompiledFilter, isUp: boolean, place: SortedPlace | undefined, limit: number, breathe: Breathe, including: boolean): Promise<Found[]> {
  const sources = [...lane.counts.keys()];
  const within = laneFilter(lane, sort, filter);
  if (!numberColumn(sort.by) || lane.key === null) return fetch(sources, within, isUp ? 'newer' : 'older', place, limit, breathe, including);
  return fetchWithin(sources, within, sort, isUp, place, limit, breathe, including);
}

async function placeIn(lane: Lane, sort: CallSort, filter: CompiledFilter, skip: number, breathe: Breathe): Promise<SortedPlace | undefined> {
  const sources = [...lane.counts.keys()];
  const within = laneFilter(lane, sort, filter);
  if (numberColumn(sort.by) && lane.key !== null) return placeWithin(sources, within, sort, skip, breathe);
  const place = await placeAt(sources, within, skip, breathe);
  return place === 'end' ? undefined : { ...place, key: lane.key ?? undefined };
}

function offsetOf(lanes: readonly Lane[], sort: CallSort, filter: CompiledFilter, found: Found): number {
  const place: SortedPlace = { ...found, key: keyOfRow(found.row, sort.by) };
  const lane = lanes[laneIndex(lanes, sort, place)];
  if (!lane) return 0;
  const sources = [...lane.counts.keys()];
  const within = laneFilter(lane, sort, filter);
  const isNumber = numberColumn(sort.by) !== undefined && lane.key !== null;
  return lane.before + (isNumber ? countWithin(sources, within, sort, place) : countNewer(sources, within, place));
}

/** The lane that a place lies in, or the first one behind it. */
function laneIndex(lanes: readonly Lane[], sort: CallSort, place: SortedPlace): number {
  const wanted = laneOf(sort.by, place.key);
  let low = 0;
  let high = lanes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareLanes(sort, lanes[middle]!.key, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const compareLanes = (sort: CallSort, a: LaneKey, b: LaneKey): number => compareKeys(sort, a ?? undefined, b ?? undefined);

/** How many calls of a source are in each lane. */
function lanesOf(source: Source, sort: CallSort, filter: CompiledFilter): ReadonlyMap<LaneKey, number> {
  const key = `lanes ${sort.by} ${answerKey(filter, source)}`;
  let lanes = source.cache.get(key) as Map<LaneKey, number> | undefined;
  if (lanes) return lanes;
  const { where, params } = useFilter(filter, source);
  const sql = `SELECT ${laneExpression(sort.by)} AS lane, count(*) FROM call WHERE ${where} GROUP BY lane`;
  lanes = new Map(rows(source.db, sql, [...params]).map(([lane, calls]) => [lane as LaneKey, calls as number]));
  remember(source, key, lanes);
  return lanes;
}

/** What was last put in order: the next page mostly asks for the same. */
let latest: { readonly of: readonly ReadonlyMap<LaneKey, number>[]; readonly sort: CallSort; readonly lanes: readonly Lane[] } | undefined;

function lanesInOrder(sources: readonly Source[], sort: CallSort, filter: CompiledFilter): readonly Lane[] {
  const of = sources.map((source) => lanesOf(source, sort, filter));
  const isSame = latest?.sort.by === sort.by && latest.sort.isDescending === sort.isDescending && latest.of.length === of.length && latest.of.every((each, index) => each === of[index]);
  if (isSame) return latest!.lanes;
  const counts = new Map<LaneKey, Map<Source, number>>();
  of.forEach((lanes, index) => {
    for (const [key, calls] of lanes) {
      let there = counts.get(key);
      if (!there) counts.set(key, (there = new Map()));
      there.set(sources[index]!, calls);
    }
  });
  let before = 0;
  const lanes = [...counts]
    .sort(([a], [b]) => compareLanes(sort, a, b))
    .map(([key, there]): Lane => {
      const calls = [...there.values()].reduce((sum, each) => sum + each, 0);
      const lane = { key, calls, before, counts: there };
      before += calls;
      return lane;
    });
  latest = { of, sort, lanes };
  return lanes;
}

function sortedCursor({ by }: CallSort, found: Found): string {
  return JSON.stringify([keyOfRow(found.row, by) ?? null, found.timeMs, idOf(found)]);
}

function parseSortedCursor({ by }: CallSort, cursor: string): SortedPlace {
  const parsed = tryParseJson(cursor);
  const [key, timeMs, id] = Array.isArray(parsed) ? parsed : [];
  const place = typeof id === 'string' ? parseId(id) : undefined;
  const isKey = key === null || (numberColumn(by) ? typeof key === 'number' && Number.isSafeInteger(key) && key >= 0 : typeof key === 'string');
  if (!place || !isKey || typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs)) throw unknownPlace();
  return { ...place, timeMs, key: (key as CallRow['name'] | number | null) ?? undefined };
}
