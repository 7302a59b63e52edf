/**
 * Owns counting calls, over any number of sources: how many, failures, bytes, durations. Each source's counts are kept
 * until it changes. What can be told from roll-ups is not counted again.
 */
import { FAILURE_STATUSES } from '../../query/ast';
import type { CallSummary } from '../../contract/traffic';
import { answerKey, isOutOfQuestion, searchBodies, useFilter, type CompiledFilter } from './filterSql';
import { Histogram, middleOf } from './histogram';
import type { Breathe } from './pages';
import { remember } from './places';
import { inSlices } from './scans';
import { failedSql, isCallSql, totalsOf, totalsWhere, type Roll } from './rollups';
import { rows, type Source } from './source';
import { isStandIn } from './standInCalls';

export interface Tally {
  calls: number;
  errors: number;
  running: number;
  bytes: number;
  totalUs: number;
  firstMs: number;
  lastMs: number;
}

export const newTally = (): Tally => ({ calls: 0, errors: 0, running: 0, bytes: 0, totalUs: 0, firstMs: Infinity, lastMs: -Infinity });

export function addTally(sum: Tally, more: Tally): void {
  sum.calls += more.calls;
  sum.errors += more.errors;
  sum.running += more.running;
  sum.bytes += more.bytes;
  sum.totalUs += more.totalUs;
  sum.firstMs = Math.min(sum.firstMs, more.firstMs);
  sum.lastMs = Math.max(sum.lastMs, more.lastMs);
}

export const isFailure: ReadonlySet<string> = new Set(FAILURE_STATUSES);

/** The sums of a tally, in SQL, in the order of `tallyOf`. */
export const tallySql = `count(*), sum(${failedSql}), sum(status = 'running'), sum(size), sum(ifnull(duration_us, 0)), min(time_ms), max(time_ms)`;

export function tallyOf([calls, errors, running, bytes, totalUs, firstMs, lastMs]: readonly unknown[]): Tally {
  return { calls, errors, running, bytes, totalUs, firstMs, lastMs } as Tally;
}

export function tallyOfRoll({ calls, status, requestBytes, responseBytes, totalUs, firstMs, lastMs }: Roll): Tally {
  return { calls, errors: isFailure.has(status) ? calls : 0, running: status === 'running' ? calls : 0, bytes: requestBytes + responseBytes, totalUs, firstMs, lastMs };
}

export interface Whole {
  readonly tally: Tally;
  readonly histogram: Histogram;
  /** Time of the first row, which may stand for what is not in the log. */
  firstRowMs: number;
}

/** What passes a filter in one source, as a whole, with the histogram of durations. */
export async function wholeOf(source: Source, filter: CompiledFilter, breathe: Breathe): Promise<Whole> {
  const key = `whole ${answerKey(filter, source)}`;
  const known = source.cache.get(key) as Whole | undefined;
  if (known) return known;
  const whole: Whole = { tally: newTally(), histogram: new Histogram(), firstRowMs: Infinity };
  const asked = useFilter(filter, source);
  if (asked.where !== '0' && asked.isOfTotals) {
    for (const roll of filter.key ? totalsWhere(source, asked.where, asked.params) : totalsOf(source)) {
      whole.firstRowMs = Math.min(whole.firstRowMs, roll.firstMs);
      if (isStandIn(roll.method)) continue;
      addTally(whole.tally, tallyOfRoll(roll));
      whole.histogram.addBuckets(roll.histogram);
    }
  } else if (asked.where !== '0') {
    const from = `SELECT bucket, ${isCallSql(source)} AS is_call, ${tallySql} FROM call`;
    await inSlices(source, filter, breathe, (scan, where, params) => {
      // Not in the order of an index: that would be one look into the table for each call.
      for (const [bucket, isCall, ...sums] of rows(source.db, `${from} ${scan} WHERE ${where} GROUP BY +bucket, is_call`, params)) {
        const tally = tallyOf(sums);
        whole.firstRowMs = Math.min(whole.firstRowMs, tally.firstMs);
        if (!isCall) continue;
        addTally(whole.tally, tally);
        if (typeof bucket === 'number') whole.histogram.add(bucket, tally.calls);
      }
    });
  }
  remember(source, key, whole);
  return whole;
}

export async function summary(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe): Promise<CallSummary> {
  const sum = newTally();
  const histogram = new Histogram();
  const wholes = new Map<Source, Whole>();
  for (const source of sources) {
    if (isOutOfQuestion(filter, source)) continue;
    await searchBodies(filter, source, breathe);
    await breathe();
    const whole = await wholeOf(source, filter, breathe);
    wholes.set(source, whole);
    addTally(sum, whole.tally);
    histogram.addAll(whole.histogram);
  }
  const { calls, errors, running, bytes } = sum;
  return { calls, errors, running, bytes, p95Us: await percentile(wholes, filter, histogram, 0.95, breathe) };
}

/** Up to so many calls, a percentile is exact. */
const exactUpTo = 20_000;

/** Exact where there are few enough calls to look at, else within 2 %. */
async function percentile(wholes: ReadonlyMap<Source, Whole>, filter: CompiledFilter, histogram: Histogram, part: number, breathe: Breathe): Promise<number | undefined> {
  const at = histogram.place(part);
  if (!at) return undefined;
  if (histogram.settled > exactUpTo) return middleOf(at.bucket);
  const durations: number[] = [];
  for (const [source, { histogram: held }] of wholes) {
    if (!held.has(at.bucket)) continue;
    await breathe();
    const { where, params } = useFilter(filter, source);
    for (const [us] of rows(source.db, `SELECT duration_us FROM call WHERE bucket = ? AND ${isCallSql(source)} AND ${where}`, [at.bucket, ...params])) durations.push(us as number);
  }
  // Calls may have come in since they were counted.
  return durations.sort((a, b) => a - b)[at.rank - 1] ?? middleOf(at.bucket);
}
