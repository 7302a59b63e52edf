/**
 * Owns pages within a lane of numbers (sortedPages.ts): by the number, and newest first among equal ones. Each source
 * gives no more than the page can still use, so most give nothing.
 */
import type { CallSort, SortKey } from '../../contract/traffic';
import { compareKeys } from '../../query/order';
import { useFilter, type CompiledFilter } from './filterSql';
import { count, type Breathe } from './pages';
import { callColumns, compareDescending, condition, foundOf, placeOf, type Found, type Place } from './places';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

/** A place in a sorted list: newest first among those with the same key. */
export interface SortedPlace extends Place {
  readonly key: string | number | undefined;
}

const numbers: Readonly<Partial<Record<SortKey, string>>> = { duration: 'duration_us', size: 'size' };

/** The column of a numeric key; `undefined` for texts. */
export const numberColumn = (by: SortKey): string | undefined => numbers[by];

/** `isUp`: towards the beginning of the list, nearest first. */
export async function fetchWithin(
  sources: readonly Source[],
  filter: CompiledFilter,
  sort: CallSort,
  isUp: boolean,
  from: SortedPlace | undefined,
  limit: number,
  breathe: Breathe,
  including: boolean,
): Promise<Found[]> {
  const column = numberColumn(sort.by)!;
  // The way that is gone: numbers grow, and times among equal ones.
  const grows = sort.isDescending === isUp;
  const [order, timeOrder] = [grows ? 'ASC' : 'DESC', isUp ? 'ASC' : 'DESC'];
  const direction = isUp ? -1 : 1;
  const compare = (a: Candidate, b: Candidate): number => direction * (compareKeys(sort, a.value, b.value) || compareDescending(a, b));
  let found: Candidate[] = [];
  for (const source of sources) {
    await breathe();
    const after = from && beyond(source, column, from, grows, isUp, including);
    // What comes behind all that the page can hold is of no use.
    const edge = found[limit - 1]?.value;
    const before = edge === undefined ? '' : `AND ${column} ${grows ? '<=' : '>='} ?`;
    const asked = useFilter(filter, source);
    const more = rows(
      source.db,
      `SELECT frame, part, time_ms, ${column} FROM call WHERE ${after?.sql ?? '1'} ${before} AND ${asked.where}
       ORDER BY ${column} ${order}, time_ms ${timeOrder}, frame ${timeOrder}, part ${timeOrder} LIMIT ${limit}`,
      [...(after?.params ?? []), ...(edge === undefined ? [] : [edge]), ...asked.params],
    ).map(([key, part, timeMs, value]): Candidate => ({ ...placeOf(source, key as number, part as number, timeMs as number), source, key: key as number, value: value as number }));
    if (more.length === 0) continue;
    found = [...found, ...more].sort(compare);
    if (found.length > limit) found.length = limit;
  }
  // Rows lie all over the files: only those that are shown are read.
  return found.flatMap(({ source, key, part }) => {
    const [values] = rows(source.db, `SELECT ${callColumns} FROM call WHERE frame = ? AND part = ?`, [key, part]);
    return values ? foundOf(source, values) : [];
  });
}

interface Candidate extends Place {
  readonly source: Source;
  readonly key: number;
  readonly value: number;
}

/** What comes behind a place on the way that is gone. */
function beyond(source: Source, column: string, { key, ...place }: SortedPlace, grows: boolean, isUp: boolean, including: boolean): { sql: string; params: SqlValue[] } {
  const op = grows ? '>' : '<';
  const later = condition(source, place, isUp ? (including ? '>=' : '>') : including ? '<=' : '<');
  return { sql: `${column} ${op}= ? AND (${column} ${op} ? OR ${later.sql})`, params: [key ?? null, key ?? null, ...later.params] };
}

/** How many calls of the lane come before this place. */
export function countWithin(sources: readonly Source[], filter: CompiledFilter, sort: CallSort, place: SortedPlace): number {
  const column = numberColumn(sort.by)!;
  let before = 0;
  // Before it in the list: that is the way up.
  for (const source of sources) before += count(source, filter, beyond(source, column, place, sort.isDescending, true, false));
  return before;
}

/** The place of the lane's call number `skip`, from 0. */
export async function placeWithin(sources: readonly Source[], filter: CompiledFilter, sort: CallSort, skip: number, breathe: Breathe): Promise<SortedPlace | undefined> {
  const column = numberColumn(sort.by)!;
  const places: SortedPlace[] = [];
  for (const source of sources) {
    await breathe();
    const { where, params } = useFilter(filter, source);
    for (const [key, part, timeMs, value] of rows(source.db, `SELECT frame, part, time_ms, ${column} FROM call WHERE ${where}`, [...params])) {
      places.push({ ...placeOf(source, key as number, part as number, timeMs as number), key: value as number });
    }
  }
  return places.sort((a, b) => compareKeys(sort, a.key, b.key) || compareDescending(a, b))[skip];
}
