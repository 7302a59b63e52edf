/** Owns reading those calls of one source that pass a filter and lie next to a place, in the order of time. */
import { rowOf } from './callRows';
import { useFilter, type CompiledFilter } from './filterSql';
import { knownPage } from './knownPages';
import { callColumns, condition, foundOf, type Found, type Place } from './places';
import { lanesByTime } from './scans';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

export interface Nearest {
  readonly direction: 'older' | 'newer';
  /** Absent: from the newest or the oldest on. */
  readonly from: Place | undefined;
  /** The call at the place is one of them. */
  readonly including: boolean;
  readonly limit: number;
  /** None behind this one is of use. */
  readonly to?: Place;
  /** Their texts have been looked at; absent: all of the source's are, before. */
  readonly isLookedAt?: boolean;
}

export function fetchNearest(source: Source, filter: CompiledFilter, asked: Nearest): Found[] {
  const { direction, from, to, limit } = asked;
  const newest = direction === 'older' && !from && !to && !filter.key ? source.recent?.newest(limit) : undefined;
  if (newest) return newest.map((call) => foundOf(source, rowOf(call)));
  return knownPage(source, filter, asked, () => nearest(source, filter, asked, callColumns).map((values) => foundOf(source, values)));
}

/** What is asked of them; `columns`, of table `call`, begin with frame, part and time. */
export function nearest(source: Source, filter: CompiledFilter, { direction, from, including, limit, to, isLookedAt }: Nearest, columns: string): SqlValue[][] {
  const older = direction === 'older';
  const after = from && condition(source, from, older ? (including ? '<=' : '<') : including ? '>=' : '>');
  const within = to && condition(source, to, older ? '>=' : '<=');
  const order = older ? 'DESC' : 'ASC';
  const asked = useFilter(filter, source, isLookedAt);
  if (asked.where === '0') return [];
  const lanes = lanesByTime(asked, filter, source);
  const found: SqlValue[][] = [];
  for (const lane of lanes) {
    // What comes behind all that the page can hold is of no use.
    const edge = found.length >= limit ? (found[limit - 1]![2] as number) : undefined;
    const before = edge === undefined ? '' : `AND time_ms ${older ? '>=' : '<='} ?`;
    const more = rows(
      source.db,
      `SELECT ${columns} FROM call ${lane.scan} WHERE ${lane.where} AND ${after?.sql ?? '1'} AND ${within?.sql ?? '1'} ${before} AND ${asked.where}
       ORDER BY time_ms ${order}, frame ${order}, part ${order} LIMIT ${limit}`,
      [...lane.params, ...(after?.params ?? []), ...(within?.params ?? []), ...(edge === undefined ? [] : [edge]), ...asked.params],
    );
    found.push(...more);
    if (lanes.length > 1) found.sort((a, b) => (older ? -1 : 1) * compareRows(a, b));
    if (found.length > limit) found.length = limit;
  }
  return found;
}

/** By time, frame and part. */
function compareRows([frameA, partA, msA]: SqlValue[], [frameB, partB, msB]: SqlValue[]): number {
  return (msA as number) - (msB as number) || (frameA as number) - (frameB as number) || (partA as number) - (partB as number);
}
