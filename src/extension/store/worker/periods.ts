/**
 * Owns asking of a source's calls in a period: of all that pass a filter where the period holds all of them, along the time
 * where it holds few, and otherwise in slices, so that others have a turn.
 */
import { narrowed, useFilter, type CompiledFilter } from './filterSql';
import type { Breathe } from './pages';
import { totalsOf } from './rollups';
import { inSlices } from './scans';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

/** So many calls are asked of at once: some 20 ms. */
const mostAtOnce = 16_384;

/** Both ends, Unix epoch in milliseconds, lie in the period. `ask` as in `inSlices`: its answers are to be summed up. */
export async function inPeriod(source: Source, filter: CompiledFilter, fromMs: number, toMs: number, breathe: Breathe, ask: (scan: string, where: string, params: SqlValue[]) => void): Promise<void> {
  const { minMs, maxMs } = source.extent;
  const period = 'time_ms BETWEEN ? AND ?';
  if (minMs >= fromMs && maxMs <= toMs) {
    await inSlices(source, filter, breathe, ask);
    return;
  }
  const held = rows(source.db, `SELECT count(*) FROM call WHERE ${period}`, [fromMs, toMs])[0]![0] as number;
  if (held === 0) return;
  if (held <= mostAtOnce) {
    const { where, params } = useFilter(narrowed(filter, period, [fromMs, toMs]), source);
    if (where !== '0') ask('', where, [...params]);
    return;
  }
  await inSlices(source, filter, breathe, (scan, where, params) => ask(scan, `${period} AND ${where}`, [fromMs, toMs, ...params]));
}

/** The same of all calls, server by server: for questions that the index of servers answers by itself. */
export async function inServers(source: Source, fromMs: number, toMs: number, breathe: Breathe, ask: (scan: string, where: string, params: SqlValue[]) => void): Promise<void> {
  for (const server of new Set(totalsOf(source).map((total) => total.server))) {
    ask('INDEXED BY call_server', 'server IS ? AND time_ms BETWEEN ? AND ?', [server ?? null, fromMs, toMs]);
    await breathe();
  }
}
