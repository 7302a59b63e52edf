/**
 * Owns how the calls of a source are gone through: a few along an index, where a filter's values are few; all of them in
 * slices, so that others have a turn; the newest ones that pass in the order of time.
 */
import { useFilter, type CompiledFilter, type Condition, type Driver } from './filterSql';
import type { Breathe } from './pages';
import { totalsOf } from './rollups';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';
import { indexOf, statusesIn, valuesOf, type ValueColumn } from './values';

/** Calls that are gone through at once: some 10 ms. */
const sliceCalls = 8192;
/** An index that leads to so many of all calls, or more, is slower than reading them all. */
const fewOf = 10;
const mostLanes = 16;

interface Ranked extends Driver {
  readonly calls: number;
}

/** How many calls have one of these values. */
function callsOf(source: Source, { column, values, table }: Driver): number {
  if (table !== undefined) return rows(source.db, `SELECT count(*) FROM temp.${table}`)[0]![0] as number;
  const wanted = new Set(values);
  if (column === 'status') return [...(statusesIn(source) ?? [])].reduce((sum, [status, calls]) => sum + (wanted.has(status) ? calls : 0), 0);
  if (column === 'server' || column === 'method') {
    return totalsOf(source).reduce((sum, total) => sum + (wanted.has(total[column] ?? '') ? total.calls : 0), 0);
  }
  const all = valuesOf(source, column as ValueColumn)?.length ?? 1;
  return (source.extent.calls * values.length) / Math.max(all, 1);
}

/** The values that lead to the fewest calls. */
function bestDriver({ drivers }: Condition, source: Source): Ranked | undefined {
  if (!source.sealed || !source.hasRolls) return undefined;
  const ranked = drivers.map((driver): Ranked => ({ ...driver, calls: callsOf(source, driver) }));
  return ranked.sort((a, b) => a.calls - b.calls)[0];
}

export interface Lane {
  /** Which index is to be taken; SQL, behind the table's name. */
  readonly scan: string;
  readonly where: string;
  readonly params: readonly SqlValue[];
}

const laneOf = ({ column }: Driver, value: string): Lane => ({
  scan: `INDEXED BY ${indexOf(column)}`,
  where: column === 'status' ? "status = ? AND status <> 'ok'" : `${column} = ?`,
  params: [value],
});

const laneIn = (table: string): Lane => ({ scan: 'NOT INDEXED', where: `frame IN (SELECT frame FROM temp.${table})`, params: [] });

/**
 * Ways that together lead to all calls that pass, each in the order of time: one for each value of a column, or one along
 * the time where most calls pass anyway.
 */
export function lanesByTime(condition: Condition, filter: CompiledFilter, source: Source): readonly Lane[] {
  // What is asked besides may have an index of its own.
  if (filter.besides.length > 0 || (source.sealed && !source.hasRolls)) return [{ scan: '', where: '1', params: [] }];
  const driver = bestDriver(condition, source);
  // Each way gives up to a page: not worth it where walking along the time passes no more calls than that.
  if (driver?.table !== undefined && driver.calls * fewOf < source.extent.calls) return [laneIn(driver.table)];
  if (driver && driver.table === undefined && driver.values.length <= Math.min(mostLanes, Math.max(1, source.extent.calls / Math.max(driver.calls, 1)))) return driver.values.map((value) => laneOf(driver, value));
  return [{ scan: 'INDEXED BY call_time', where: '1', params: [] }];
}

/** Asks `ask` of all calls that may pass, a slice at a time: its answers are to be summed up. */
export async function inSlices(source: Source, filter: CompiledFilter, breathe: Breathe, ask: (scan: string, where: string, params: SqlValue[]) => void): Promise<void> {
  const condition = useFilter(filter, source);
  if (condition.where === '0') return;
  const driver = filter.besides.length > 0 ? undefined : bestDriver(condition, source);
  if (driver && driver.calls * fewOf < source.extent.calls) {
    for (const lane of driver.table === undefined ? driver.values.map((value) => laneOf(driver, value)) : [laneIn(driver.table)]) {
      await breathe();
      const { where, params } = useFilter(filter, source);
      ask(lane.scan, `${lane.where} AND ${where}`, [...lane.params, ...params]);
    }
    return;
  }
  // What an index may answer is left to it, and short histories need no slices.
  if (filter.besides.length > 0 || !source.sealed || !source.hasRolls || source.extent.calls <= sliceCalls) {
    ask('', condition.where, [...condition.params]);
    return;
  }
  for (let from = -1; ; ) {
    const [end] = rows(source.db, `SELECT frame FROM call NOT INDEXED WHERE frame > ? ORDER BY frame, part LIMIT 1 OFFSET ${sliceCalls}`, [from]);
    const to = (end?.[0] as number | undefined) ?? Number.MAX_SAFE_INTEGER;
    const { where, params } = useFilter(filter, source);
    ask('NOT INDEXED', `frame > ? AND frame <= ? AND ${where}`, [from, to, ...params]);
    if (!end) return;
    from = to;
    await breathe();
  }
}
