/**
 * Owns pages of calls by time, over any number of sources, and counting them. Sources that cannot hold what is asked for
 * are not looked into.
 */
import type { CallPage, CallQuery } from '../../contract/traffic';
import { countByBlocks, fetchByBlocks, type Walked } from './blocks';
import { answerKey, isOutOfQuestion, isSearchDone, searchBodies, useFilter, type CompiledFilter } from './filterSql';
import { fetchNearest, type Nearest } from './nearest';
import { compareDescending, condition, cursorOf, parseCursor, placeOf, remember, type Found, type Place } from './places';
import { totalsWhere } from './rollups';
import { inSlices } from './scans';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

/** Between two steps of a long question: throws when nobody wants the answer any more. */
export type Breathe = () => Promise<void>;

export const limitOf = (limit: number): number => Math.min(Math.max(Math.trunc(limit) || 1, 1), 1000);

export interface PageBudgets {
  /** How long a page waits for the rest of history to be searched and counted, once it has its rows, milliseconds; default 60. */
  readonly searchBudgetMs?: number;
  /**
   * How long the newest page waits for its rows, where texts are searched for them; default 120. Then it comes with those found
   * so far, or a little later where there are none.
   */
  readonly rowsBudgetMs?: number;
}

const defaultSearchMs = 60;
const defaultRowsMs = 120;
const firstRowMs = 60;
/** Besides, so many sources of no more than so many calls are searched and counted. */
const shortSources = 8;
const shortCalls = 4096;

/**
 * A page by time; `sortedPage` gives those in any other order. History is read from the newest on, as far as the page
 * needs and for `searchBudgetMs` besides: what passes is there at once, and how much it is in all is told later.
 */
export async function page(sources: readonly Source[], query: CallQuery, filter: CompiledFilter, through: number, breathe: Breathe, budgets: PageBudgets = {}): Promise<CallPage> {
  const isAscending = query.sort?.isDescending === false;
  const byAge = [...sources].sort((a, b) => b.extent.maxMs - a.extent.maxMs);
  const { position } = query;
  // Counted from the oldest on, or to a number, everything has to be known.
  const isWhole = isAscending || position.kind === 'offset';
  if (isWhole && (isAscending || !filter.readsBodies)) await searchAndCount(sources, filter, breathe, () => true);
  const rowsUntil = position.kind === 'newest' && !isAscending ? performance.now() + (budgets.rowsBudgetMs ?? defaultRowsMs) : Infinity;
  const { found, isCutShort } = await fetchPage(byAge, query, filter, isAscending, breathe, rowsUntil);
  const first = found?.[0];
  const until = isCutShort ? 0 : performance.now() + (budgets.searchBudgetMs ?? defaultSearchMs);
  // The place in the list is told by what is newer than the page.
  const tellsPlace = ({ extent }: Source): boolean => position.kind !== 'newest' && first !== undefined && extent.maxMs >= first.timeMs;
  // Behind the last call, by what there is at all.
  const isBehind = position.kind === 'olderThan' && !first;
  const isNewer = (source: Source): boolean => isBehind || tellsPlace(source) && (!filter.readsBodies || isAscending || source.extent.minMs > first!.timeMs);
  // A short history is counted however busy the machine is.
  const short = new Set<Source>();
  const isShort = (source: Source): boolean => !filter.readsBodies && source.extent.calls <= shortCalls && (short.has(source) || (short.size < shortSources && short.add(source) === short));
  // Nor is what was known not known any more because a journal has got a little longer.
  const isAlmostKnown = (source: Source): boolean => !source.sealed && isSearchDone(filter, source, filter.strides.fewTexts);
  await searchAndCount(byAge, filter, breathe, (source) => performance.now() < until || isNewer(source) || isShort(source) || isAlmostKnown(source));
  let newerElsewhere = 0;
  const told = new Set<Source>();
  for (const source of byAge) {
    if (isKnown(source, filter) || !tellsPlace(source)) continue;
    newerElsewhere += await countByBlocks(source, filter, first!, breathe);
    told.add(source);
  }
  // Counted when the rows are there, and at once: calls come in meanwhile.
  const known = sources.filter((source) => isKnown(source, filter));
  const isExact = known.length === sources.length && !isCutShort;
  const counted = known.reduce((sum, source) => sum + count(source, filter), 0);
  const exactness = isExact ? {} : { isTotalExact: false as const };
  if (!found) return { rows: [], total: counted, ...exactness, offset: counted, through };
  const last = found.at(-1);
  // Before the newest there is nothing but what came in meanwhile.
  const countable = known.filter((source) => !told.has(source) && (position.kind !== 'newest' || isAscending || !source.sealed));
  const newer = first && countNewer(countable, filter, first) + newerElsewhere;
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

/** Whether it is known how many calls of a source pass, or found out in no time: a journal is never long to count once it is searched. */
function isKnown(source: Source, filter: CompiledFilter): boolean {
  if (!filter.key || isOutOfQuestion(filter, source)) return true;
  return isSearchDone(filter, source) && (!source.sealed || knownCount(source, filter) !== undefined);
}

async function searchAndCount(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe, isWanted: (source: Source) => boolean): Promise<void> {
  for (const source of sources) {
    if (isKnown(source, filter) && source.sealed) continue;
    if (!isKnown(source, filter) && !isWanted(source)) continue;
    if (!(await searchBodies(filter, source, breathe, () => isWanted(source)))) continue;
    await countSlowly(source, filter, breathe, () => isWanted(source));
    await breathe();
  }
}

/** Searches and counts what a page has left; throws when `breathe` does. */
export async function searchOn(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe): Promise<void> {
  const byAge = [...sources].sort((a, b) => b.extent.maxMs - a.extent.maxMs);
  await searchAndCount(byAge, filter, breathe, () => true);
}

interface Fetched {
  /** `undefined`: the place is behind the last call. */
  readonly found: Found[] | undefined;
  /** There are more, but searching for them took too long. */
  readonly isCutShort?: boolean;
}

async function fetchPage(sources: readonly Source[], { position, limit: asked }: CallQuery, filter: CompiledFilter, isAscending: boolean, breathe: Breathe, until: number): Promise<Fetched> {
  const limit = limitOf(asked);
  const [down, up] = isAscending ? (['newer', 'older'] as const) : (['older', 'newer'] as const);
  switch (position.kind) {
    case 'newerThan':
      return { found: (await fetch(sources, filter, up, parseCursor(position.cursor), limit, breathe)).reverse() };
    case 'olderThan':
      return { found: await fetch(sources, filter, down, parseCursor(position.cursor), limit, breathe) };
    case 'offset': {
      const wanted = Math.max(0, Math.trunc(position.offset));
      const fromNewest = isAscending ? sources.reduce((sum, source) => sum + count(source, filter), 0) - 1 - wanted : wanted;
      const start = fromNewest < 0 ? 'end' : await placeAt(sources, filter, fromNewest, breathe);
      return { found: start === 'end' ? undefined : await fetch(sources, filter, down, start, limit, breathe, true) };
    }
    default:
      return fetchUntil(sources, filter, { direction: down, from: undefined, including: false, limit }, breathe, until);
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
  return (await fetchUntil(sources, filter, { direction, from, including, limit }, breathe, Infinity)).found;
}

/** The same, up to a time (`performance.now`); then those that are certain by then to be the next ones. */
async function fetchUntil(sources: readonly Source[], filter: CompiledFilter, asked: Nearest, breathe: Breathe, until: number): Promise<{ found: Found[]; isCutShort: boolean }> {
  const { direction, from, limit } = asked;
  const older = direction === 'older';
  const candidates = sources
    .filter(({ extent }) => extent.calls > 0 && (!from || (older ? extent.minMs <= from.timeMs : extent.maxMs >= from.timeMs)))
    .sort((a, b) => (older ? b.extent.maxMs - a.extent.maxMs : a.extent.minMs - b.extent.minMs));
  let found: Found[] = [];
  let short = 0;
  for (const source of candidates) {
    const edgeMs = found[limit - 1]?.timeMs;
    if (edgeMs !== undefined && (older ? source.extent.maxMs < edgeMs : source.extent.minMs > edgeMs)) break;
    // Counted before, and nothing there: it need not be read through again.
    if (knownCount(source, filter) === 0 || isOutOfQuestion(filter, source)) continue;
    await breathe();
    const isDone = isSearchDone(filter, source);
    // What is short is looked through however busy the machine is.
    const isLong = !isDone && (source.extent.calls > shortCalls || short++ >= shortSources);
    const before = found.length;
    const isOver = (rows: number): boolean => isLong && performance.now() >= until + (before + rows === 0 ? firstRowMs : 0);
    if (isOver(0)) return { found: newerThan(found, source.extent.maxMs), isCutShort: true };
    const { found: more, isCutShort, to }: Walked = isDone ? { found: fetchNearest(source, filter, asked) } : await fetchByBlocks(source, filter, asked, breathe, isOver, edgeMs);
    if (more.length > 0) found = found.length === 0 ? more : [...found, ...more].sort(older ? compareDescending : (a, b) => -compareDescending(a, b));
    if (found.length > limit) found.length = limit;
    if (isCutShort) return { found: to ? found.filter((call) => compareDescending(call, to) <= 0) : newerThan(found, source.extent.maxMs), isCutShort };
  }
  return { found, isCutShort: false };
}

/** Those before which no call of that time or an earlier one can be. */
const newerThan = (found: readonly Found[], ms: number): Found[] => found.filter(({ timeMs }) => timeMs > ms);

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

/** Counts what passes, for `count` to know: a long history a little at a time, as long as it is wanted. */
async function countSlowly(source: Source, filter: CompiledFilter, breathe: Breathe, isWanted: () => boolean): Promise<void> {
  if (!source.sealed || knownCount(source, filter) !== undefined || useFilter(filter, source).isOfTotals) {
    count(source, filter);
    return;
  }
  const unwanted = new Error('no longer wanted');
  const goOn = async (): Promise<void> => {
    if (!isWanted()) throw unwanted;
    await breathe();
  };
  let counted = 0;
  try {
    await inSlices(source, filter, goOn, (scan, where, params) => {
      counted += rows(source.db, `SELECT count(*) FROM call ${scan} WHERE ${where}`, params)[0]![0] as number;
    });
    remember(source, `count ${answerKey(filter, source)}`, counted);
  } catch (error) {
    if (error !== unwanted) throw error;
  }
}

export function countNewer(sources: readonly Source[], filter: CompiledFilter, place: Place): number {
  let newer = 0;
  for (const source of sources) {
    if (source.extent.maxMs < place.timeMs) continue;
    newer += source.extent.minMs > place.timeMs ? count(source, filter) : (recentAfter(source, filter, place) ?? count(source, filter, condition(source, place, '>')));
  }
  return newer;
}

/** How many calls of a journal are newer than a place, where that is known without asking its table. */
function recentAfter({ recent, writers: [own = ''] }: Source, filter: CompiledFilter, { timeMs, writer, n, part }: Place): number | undefined {
  if (filter.key) return undefined;
  // At the same moment, writers go by name.
  return recent?.after(timeMs, own === writer ? n : own > writer ? -1 : Infinity, part);
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
