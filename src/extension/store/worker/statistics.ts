/**
 * Owns statistics of a period: from roll-ups for the hours that lie in it as a whole, by minutes for those at its ends, and from the
 * calls themselves for what is left. So it costs hours, not calls, and is exact but for the percentiles.
 */
import type { Statistics, StatisticsBy, StatisticsQuery, StatisticsRow } from '../../contract/trafficGroups';
import type { CallStatus } from '../../contract/traffic';
import { Histogram } from './histogram';
import type { Breathe } from './pages';
import { hourMs, minuteMs, rollsBetween, rollsOfHours, rollsOfMinutes, totalsOf, type Roll } from './rollups';
import type { Source } from './source';
import { isStandIn } from './standInCalls';
import { isFailure } from './tallies';

interface Sum {
  readonly server?: string;
  readonly method?: string;
  readonly name?: string;
  calls: number;
  errors: number;
  readonly byStatus: Partial<Record<CallStatus, number>>;
  requestBytes: number;
  responseBytes: number;
  totalUs: number;
  lastMs: number;
  readonly histogram: Histogram;
}

/** `writer`: only what that one recorded. */
export async function statistics(sources: readonly Source[], query: StatisticsQuery, writer: string | undefined, through: number, breathe: Breathe): Promise<Statistics> {
  const { fromMs = -Infinity, toMs = Infinity, by, withPlayground = false } = query;
  const sums = new Map<string, Sum>();
  for (const source of sources) {
    const { extent } = source;
    if (extent.calls === 0 || extent.minMs >= toMs || extent.maxMs < fromMs) continue;
    await breathe();
    for (const roll of rollsWithin(source, fromMs, toMs, writer)) {
      if (roll.isPlayground && !withPlayground) continue;
      if (by === 'name' && roll.name === undefined) continue;
      if (isStandIn(roll.method)) continue;
      const part = partsOf(roll, by);
      const key = `${part.server ?? ''}\0${part.method ?? ''}\0${part.name ?? ''}`;
      let sum = sums.get(key);
      if (!sum) sums.set(key, (sum = { ...part, calls: 0, errors: 0, byStatus: {}, requestBytes: 0, responseBytes: 0, totalUs: 0, lastMs: 0, histogram: new Histogram() }));
      add(sum, roll);
    }
  }
  return { rows: [...sums.values()].sort((a, b) => b.calls - a.calls || b.lastMs - a.lastMs).map(rowOf), through };
}

function partsOf({ server, method, name }: Roll, by: StatisticsBy): Pick<Sum, 'server' | 'method' | 'name'> {
  switch (by) {
    case 'all':
      return {};
    case 'server':
      return { server };
    case 'method':
      return { server, method };
    case 'name':
      return { server, method, name };
  }
}

function rollsWithin(source: Source, fromMs: number, toMs: number, writer: string | undefined): readonly Roll[] {
  // Roll-ups are of all writers of a file.
  if (writer !== undefined && source.writers.length > 1) return rollsBetween(source, fromMs, toMs, source.writers.indexOf(writer));
  const { minMs, maxMs } = source.extent;
  if (minMs >= fromMs && maxMs < toMs) return totalsOf(source);
  return within(fromMs, toMs, hourMs, (first, last) => rollsOfHours(source, first, last), (from, to) => {
    if (minMs >= to || maxMs < from) return [];
    return within(from, to, minuteMs, (first, last) => rollsOfMinutes(source, first, last), (start, end) => rollsBetween(source, start, end));
  });
}

/** What `whole` gives of the hours, or minutes, that lie in a period as a whole, and `part` of what is left at its ends. */
function within(fromMs: number, toMs: number, unitMs: number, whole: (first: number, last: number) => readonly Roll[], part: (fromMs: number, toMs: number) => readonly Roll[]): readonly Roll[] {
  const first = Math.ceil(fromMs / unitMs);
  const last = Math.floor(toMs / unitMs);
  const ends: readonly (readonly [number, number])[] = first > last ? [[fromMs, toMs]] : [[fromMs, first * unitMs], [last * unitMs, toMs]];
  return [...(first < last ? whole(first, last) : []), ...ends.flatMap(([from, to]) => (from < to ? part(from, to) : []))];
}

function add(sum: Sum, { status, calls, requestBytes, responseBytes, totalUs, lastMs, histogram }: Roll): void {
  sum.calls += calls;
  if (isFailure.has(status)) sum.errors += calls;
  sum.byStatus[status] = (sum.byStatus[status] ?? 0) + calls;
  sum.requestBytes += requestBytes;
  sum.responseBytes += responseBytes;
  sum.totalUs += totalUs;
  sum.lastMs = Math.max(sum.lastMs, lastMs);
  sum.histogram.addBuckets(histogram);
}

function rowOf({ histogram, ...sum }: Sum): StatisticsRow {
  const [p50Us, p95Us, p99Us] = histogram.percentiles([0.5, 0.95, 0.99]);
  return { ...sum, p50Us, p95Us, p99Us };
}
