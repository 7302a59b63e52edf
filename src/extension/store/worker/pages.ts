/**
 * Owns pages of calls by time, over any number of sources, and counting them. Sources that cannot hold what is asked for
 * are not looked into.
 */
import type { CallPage, CallQuery } from '../../contract/traffic';
import { answerKey, isOutOfQuestion, isSearchDone, searchBodies, useFilter, type CompiledFilter } from './filterSql';
import { callColumns, compareDescending, condition, cursorOf, foundOf, parseCursor, placeOf, remember, type Found, type Place } from './places';
import { totalsWhere } from './rollups';
import { inSlices, lanesByTime } from './scans';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

/** Between two steps of a long question: throws when nobody wants the answer any more. */
export type Breathe = () => Promise<void>;

export const limitOf = (limit: number): number => Math.min(Math.max(Math.trunc(limit) || 1, 1), 1000);

/** How long a page waits for the rest of history to be searched and counted, once it has its rows; default 60 ms. */
const defaultBudgetMs = 60;
/** Besides, so many sources of no more than so many calls are counted. */
const shortSources = 8;
const shortCalls = 4096;

/**
 * A page by time; `sortedPage` gives those in any other order. History is read from the newest on, as far as the page
 * needs and for `budgetMs` besides: what passes is there at once, and how much it is in all is told later.
 */
export async function page(sources: readonly Source[], query: CallQuery, filter: CompiledFilter, through: number, breathe: Breathe, budgetMs = defaultBudgetMs): Promise<CallPage> {
  const isAscending = query.sort?.isDescending === false;
  const byAge = [...sources].sort((a, b) => b.extent.maxMs - a.extent.maxMs);
  const { position } = query;
  // Counted from the oldest on, or to a number, everything has to be known.
  const isWhole = isAscending || position.kind === 'offset';
  if (isWhole && (isAscending || !filter.readsBodies)) await searchAndCount(sources, filter, breathe, () => true);
  const found = await fetchPage(byAge, query, filter, isAscending, breathe);
  const first = found?.[0];
  const until = performance.now() + budgetMs;
  // The place in the list is told by what is newer than the page.
  const isNewer = ({ extent }: Source): boolean => position.kind !== 'newest' && first !== undefined && extent.maxMs >= first.timeMs;
  // A short history is counted however busy the machine is.
  let counts = 0;
  const isShort = ({ extent }: Source): boolean => !filter.readsBodies && extent.calls <= shortCalls && counts++ < shortSources;
  await searchAndCount(byAge, filter, breathe, (source) => performance.now() < until || isNewer(source) || isShort(source));
  // Counted when the rows are there, and at once: calls come in meanwhile.
  const known = sources.filter((source) => isKnown(source, filter));
  const isExact = known.length === sources.length;
  const counted = known.reduce((sum, source) => sum + count(source, filter), 0);
  const exactness = isExact ? {} : { isTotalExact: false as const };
  if (!found) return { rows: [], total: counted, ...exactness, offset: counted, through };
  const last = found.at(-1);
  // Before the newest there is nothing but what came in meanwhile.
  const newer = first && countNewer(position.kind === 'newest' && !isAscending ? known.filter(({ sealed }) => !sealed) : known, filter, first);
  const offset = newer === undefined ? (position.kind === 'olderThan' ? counted : 0) : isAscending ? counted - 1 - newer : newer;
  // What the page itself shows is not counted yet where its file is not.
  const total = Math.max(counted, offset + found.length);
  return {
    rows: found.map(({ row }) => row),
    total,
    ...exactness,
    offset,
    olderCursor: last && (offset + found.length < total || !isExact) ? cursorOf(last) : undefined,
    newerCursor: first && offset > 0 ? cursorOf(first) : undefined,
    through,
  };
}

/** Whether it is known how many calls of a source pass, or found out in no time: a journal is never long to count. */
function isKnown(source: Source, filter: CompiledFilter): boolean {
  return !source.sealed || !filter.key || isOutOfQuestion(filter, source) || (isSearchDone(filter, source) && knownCount(source, filter) !== undefined);
}

async function searchAndCount(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe, isWanted: (source: Source) => boolean): Promise<void> {
  for (const source of sources) {
    if (isKnown(source, filter) && source.sealed) continue;
    // Most of a journal was looked at before.
    if (source.sealed && !isWanted(source)) continue;
    if (!(await searchBodies(filter, source, breathe, () => !source.sealed || isWanted(source)))) continue;
    await countSlowly(source, filter, breathe);
    await breathe();
  }
}

/** Searches and counts what a page has left; throws when `breathe` does. */
export async function searchOn(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe): Promise<void> {
  const byAge = [...sources].sort((a, b) => b.extent.maxMs - a.extent.maxMs);
  await searchAndCount(byAge.filter(({ sealed }) => sealed), filter, breathe, () => true);
}

/** `undefined`: the place is behind the last call. */
async function fetchPage(sources: readonly Source[], { position, limit: asked }: CallQuery, filter: CompiledFilter, isAscending: boolean, breathe: Breathe): Promise<Found[] | undefined> {
  const limit = limitOf(asked);
  const [down, up] = isAscending ? (['newer', 'older'] as const) : (['older', 'newer'] as const);
  switch (position.kind) {
    case 'newerThan':
      return (await fetch(sources, filter, up, parseCursor(position.cursor), limit, breathe)).reverse();
    case 'olderThan':
      return fetch(sources, filter, down, parseCursor(position.cursor), limit, breathe);
    case 'offset': {
      const wanted = Math.max(0, Math.trunc(position.offset));
      const fromNewest = isAscending ? sources.reduce((sum, source) => sum + count(source, filter), 0) - 1 - wanted : wanted;
      const start = fromNewest < 0 ? 'end' : await placeAt(sources, filter, fromNewest, breathe);
      return start === 'end' ? undefined : fetch(sources, filter, down, start, limit, breathe, true);
    }
    default:
      return fetch(sources, filter, down, undefined, limit, breathe);
  }
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
    if (knownCount(source, filter) === 0 || isOutOfQuestion(filter, source)) continue;
    await searchBodies(filter, source, breathe);
    await breathe();
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
  const asked = useFilter(filter, source);
  if (asked.where === '0') return [];
  const lanes = lanesByTime(asked, filter, source);
  const found: SqlValue[][] = [];
  for (const lane of lanes) {
    // What comes behind all that the page can hold is of no use.
    const edge = found.length >= limit ? (found[limit - 1]![2] as number) : undefined;
    const before = edge === undefined ? '' : `AND time_ms ${older ? '>=' : '<='} ?`;
    const more = rows(
      source.db,
      `SELECT ${callColumns} FROM call ${lane.scan} WHERE ${lane.where} AND ${after ? after.sql : '1'} ${before} AND ${asked.where}
       ORDER BY time_ms ${order}, frame ${order}, part ${order} LIMIT ${limit}`,
      [...lane.params, ...(after?.params ?? []), ...(edge === undefined ? [] : [edge]), ...asked.params],
    );
    found.push(...more);
    if (lanes.length > 1) found.sort((a, b) => (older ? -1 : 1) * compareRows(a, b));
    if (found.length > limit) found.length = limit;
  }
  return found.map((values) => foundOf(source, values));
}

/** By time, frame and part, the first columns of `callColumns` but in another order. */
function compareRows([frameA, partA, msA]: SqlValue[], [frameB, partB, msB]: SqlValue[]): number {
  return (msA as number) - (msB as number) || (frameA as number) - (frameB as number) || (partA as number) - (partB as number);
}

function knownCount(source: Source, filter: CompiledFilter): number | undefined {
  return filter.counts ? (filter.counts.get(source) ?? 0) : (source.cache.get(`count ${answerKey(filter, source)}`) as number | undefined);
}

export function count(source: Source, filter: CompiledFilter, extra?: { sql: string; params: readonly SqlValue[] }): number {
  if (source.extent.calls === 0) return 0;
  if (!filter.key && !extra) return source.extent.calls;
  const known = extra ? undefined : knownCount(source, filter);
  if (known !== undefined) return known;
  const { where, params, isOfTotals } = useFilter(filter, source);
  if (where === '0') return 0;
  const sql = `SELECT count(*) FROM call WHERE ${extra ? `${extra.sql} AND ` : ''}${where}`;
  const counted =
    isOfTotals && !extra
      ? totalsWhere(source, where, params).reduce((sum, { calls }) => sum + calls, 0)
      : (rows(source.db, sql, [...(extra?.params ?? []), ...params])[0]![0] as number);
  if (!extra) remember(source, `count ${answerKey(filter, source)}`, counted);
  return counted;
}

/** Counts what passes, for `count` to know: a long history a little at a time. */
async function countSlowly(source: Source, filter: CompiledFilter, breathe: Breathe): Promise<void> {
  if (!source.sealed || knownCount(source, filter) !== undefined || useFilter(filter, source).isOfTotals) {
    count(source, filter);
    return;
  }
  let counted = 0;
  await inSlices(source, filter, breathe, (scan, where, params) => {
    counted += rows(source.db, `SELECT count(*) FROM call ${scan} WHERE ${where}`, params)[0]![0] as number;
  });
  remember(source, `count ${answerKey(filter, source)}`, counted);
}

export function countNewer(sources: readonly Source[], filter: CompiledFilter, place: Place): number {
  let newer = 0;
  for (const source of sources) {
    if (source.extent.maxMs < place.timeMs) continue;
    newer += source.extent.minMs > place.timeMs ? count(source, filter) : count(source, filter, condition(source, place, '>'));
  }
  return newer;
}

/** The place of the `offset`-th newest call. Sources whose times do not overlap are passed over by their counts. */
export async function placeAt(sources: readonly Source[], filter: CompiledFilter, offset: number, breathe: Breathe): Promise<Place | 'end'> {
  let skip = offset;
  for (const group of overlapping(sources)) {
    await breathe();
    for (const source of group) await searchBodies(filter, source, breathe);
    const held = group.reduce((sum, source) => sum + count(source, filter), 0);
    if (skip >= held) {
      skip -= held;
      continue;
    }
    const places = group.flatMap((source) => {
      const { where, params } = useFilter(filter, source);
      // One source alone can count by itself; several have to be merged from their beginnings.
      const window = group.length === 1 ? `LIMIT 1 OFFSET ${skip}` : `LIMIT ${skip + 1}`;
      return rows(
        source.db,
        `SELECT frame, part, time_ms FROM call WHERE ${where} ORDER BY time_ms DESC, frame DESC, part DESC ${window}`,
        [...params],
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
