/**
 * Owns roll-ups: sums of calls that a segment holds besides them, so that questions about all of history read a few rows
 * of each instead of every call. Table `roll`: per hour, server, method, name, outcome and kind of session; `total`: the
 * same without the hour; `turn`: per session and what the user asked for (runs.ts). What has none (journals,
 * files of older versions) is counted when it is asked for, by the same SQL.
 *
 * Histograms are text, "bucket:calls bucket:calls …". Durations of one bucket differ by 4 % (`bucketOf`), so a percentile
 * taken from its middle is at most 2 % off.
 */
import { FAILURE_STATUSES } from '../../query/ast';
import type { CallStatus } from '../../contract/traffic';
import { remember } from './places';
import { runsSql } from './runs';
import { optional, rows, type Source } from './source';
import type { Database, SqlValue } from './sqlEngine';

export const hourMs = 3_600_000;

const failures = FAILURE_STATUSES.map((status) => `'${status}'`).join(',');
/** In SQL: the call failed, in any way. */
export const failedSql = `status IN (${failures})`;

const sums = 'sum(calls), sum(request_bytes), sum(response_bytes), sum(total_us), min(first_ms), max(last_ms), group_concat(histogram, \' \')';
const sumColumns = 'calls, request_bytes, response_bytes, total_us, first_ms, last_ms, histogram';
const sumTypes = `calls INTEGER NOT NULL, request_bytes INTEGER NOT NULL, response_bytes INTEGER NOT NULL, total_us INTEGER NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, histogram TEXT NOT NULL`;

export const rollTables = `
CREATE TABLE roll(hour INTEGER NOT NULL, server TEXT, method TEXT NOT NULL, name TEXT, status TEXT NOT NULL, playground INTEGER NOT NULL, ${sumTypes});
CREATE TABLE total(server TEXT, method TEXT NOT NULL, name TEXT, status TEXT NOT NULL, playground INTEGER NOT NULL, ${sumTypes});
CREATE TABLE turn(
  session TEXT NOT NULL, conversation TEXT, prompt TEXT, run_ms INTEGER, calls INTEGER NOT NULL, errors INTEGER NOT NULL, running INTEGER NOT NULL,
  bytes INTEGER NOT NULL, total_us INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, histogram TEXT NOT NULL);
`;

/** Columns that a roll-up goes by, and a row of sums for each of their values and duration. */
const detailed = (where: string): string => `
  SELECT time_ms / ${hourMs} AS hour, server, method, CASE WHEN method IN ('tools/call', 'prompts/get') THEN name END AS name, status,
    session IN (SELECT id FROM session WHERE kind = 'playground') AS playground, count(*) AS calls, sum(request_bytes) AS request_bytes,
    sum(ifnull(response_bytes, 0)) AS response_bytes, sum(ifnull(duration_us, 0)) AS total_us, min(time_ms) AS first_ms, max(time_ms) AS last_ms,
    CASE WHEN bucket IS NULL THEN '' ELSE bucket || ':' || count(*) END AS histogram
  FROM call WHERE ${where} GROUP BY 1, 2, 3, 4, 5, 6, bucket`;

const turns = `
  SELECT session, conversation, prompt, run_ms, sum(calls), sum(errors), sum(running), sum(bytes), sum(total_us), min(first_ms), max(last_ms),
    group_concat(histogram, ' ')
  FROM (SELECT session, conversation, prompt, run_ms, count(*) AS calls, sum(${failedSql}) AS errors, sum(status = 'running') AS running,
      sum(size) AS bytes, sum(ifnull(duration_us, 0)) AS total_us, min(time_ms) AS first_ms, max(time_ms) AS last_ms,
      CASE WHEN bucket IS NULL THEN '' ELSE bucket || ':' || count(*) END AS histogram
    FROM (${runsSql}) GROUP BY session, conversation, prompt, run_ms, bucket)
  GROUP BY session, conversation, prompt, run_ms`;

const rollColumns = 'server, method, name, status, playground';

export const totalColumns = `${rollColumns}, ${sumColumns}`;

/** What table `total` holds, from what `roll` does. */
export const totalSql = (rolls: string): string => `SELECT ${rollColumns}, ${sums} FROM ${rolls} GROUP BY ${rollColumns}`;

/** Fills the tables of roll-ups from table `call`. */
export function fillRolls(db: Database): void {
  const by = 'hour, server, method, name, status, playground';
  db.exec(`
    INSERT INTO roll(${by}, ${sumColumns}) SELECT ${by}, ${sums} FROM (${detailed('1')}) GROUP BY ${by};
    INSERT INTO total(${totalColumns}) ${totalSql('roll')};
    INSERT INTO turn ${turns};
    CREATE INDEX roll_hour ON roll(hour);
  `);
}

export interface Roll {
  readonly server?: string;
  readonly method: string;
  /** Tool or prompt; resources have too many names to be told apart here. */
  readonly name?: string;
  readonly status: CallStatus;
  readonly isPlayground: boolean;
  readonly calls: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly totalUs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly histogram: string;
}

const rollsSql = `SELECT ${rollColumns}, ${sums} FROM roll`;

const rollOf = ([server, method, name, status, playground, calls, requestBytes, responseBytes, totalUs, firstMs, lastMs, histogram]: SqlValue[]): Roll => ({
  server: optional(server),
  method: method as string,
  name: optional(name),
  status: status as CallStatus,
  isPlayground: playground === 1,
  calls: calls as number,
  requestBytes: requestBytes as number,
  responseBytes: responseBytes as number,
  totalUs: totalUs as number,
  firstMs: firstMs as number,
  lastMs: lastMs as number,
  histogram: histogram as string,
});

/** Sums of the calls of some hours, the first taken in, the last not. */
export function rollsOfHours(source: Source, first: number, last: number): readonly Roll[] {
  if (!source.hasRolls) return rollsWhere(source, 'time_ms >= ? AND time_ms < ?', [bounded(first * hourMs), bounded(last * hourMs)]);
  const key = `hours ${first} ${last}`;
  let known = source.cache.get(key) as readonly Roll[] | undefined;
  if (!known) remember(source, key, (known = rows(source.db, `${rollsSql} WHERE hour >= ? AND hour < ? GROUP BY ${rollColumns}`, [bounded(first), bounded(last)]).map(rollOf)));
  return known;
}

/** Sums of the calls that a condition selects, from the calls themselves. */
export function rollsWhere(source: Source, where: string, params: readonly SqlValue[]): Roll[] {
  return rows(source.db, `SELECT ${rollColumns}, ${sums} FROM (${detailed(where)}) GROUP BY ${rollColumns}`, [...params]).map(rollOf);
}

/** Sums of all calls, by server, method, name and outcome. Kept until the source changes. */
export function totalsOf(source: Source): readonly Roll[] {
  let totals = source.cache.get('totals') as readonly Roll[] | undefined;
  if (!totals) {
    const sql = source.hasRolls ? `SELECT ${totalColumns} FROM total` : totalSql(`(${detailed('1')})`);
    totals = rows(source.db, sql).map(rollOf);
    source.cache.set('totals', totals);
  }
  return totals;
}

/** What the user asked for once, or a run of calls between two silences; in one source. */
export interface Turn {
  readonly session: string;
  readonly conversation: string | null;
  readonly prompt: string | null;
  /** Begin of the run, where the calls have no ids. */
  readonly runMs: number | null;
  readonly calls: number;
  readonly errors: number;
  readonly running: number;
  readonly bytes: number;
  readonly totalUs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly histogram: string;
}

/** The turns that a source holds (parts of). Kept until it changes. */
export function turnsOf(source: Source): readonly Turn[] {
  let known = source.cache.get('turns') as readonly Turn[] | undefined;
  if (!known) {
    known = rows(source.db, source.hasRolls ? 'SELECT * FROM turn' : turns).map(
      ([session, conversation, prompt, runMs, calls, errors, running, bytes, totalUs, firstMs, lastMs, histogram]) => ({
        session: session as string,
        conversation: conversation as string | null,
        prompt: prompt as string | null,
        runMs: runMs as number | null,
        calls: calls as number,
        errors: errors as number,
        running: running as number,
        bytes: bytes as number,
        totalUs: totalUs as number,
        firstMs: firstMs as number,
        lastMs: lastMs as number,
        histogram: histogram as string,
      }),
    );
    source.cache.set('turns', known);
  }
  return known;
}

const bounded = (value: number): number => Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER);

/**
 * Sums of the calls that a condition on server, method, name, outcome and kind of method selects, of a source with
 * roll-ups: calls, failures and so on for each outcome, with their durations.
 */
export function totalsWhere(source: Source, where: string, params: readonly SqlValue[]): Roll[] {
  return rows(source.db, `SELECT ${totalColumns} FROM total WHERE ${where}`, [...params]).map(rollOf);
}

/** Settled calls by bucket of their duration. */
export type Histogram = Map<number, number>;

export function addHistogram(histogram: Histogram, text: string): void {
  let bucket = 0;
  let number = 0;
  for (let at = 0; at <= text.length; at++) {
    // Digits, colons and spaces, and a space in thought at the end: much quicker than cutting the text to pieces.
    const code = at < text.length ? text.charCodeAt(at) : 32;
    if (code >= 48) {
      if (code < 58) number = number * 10 + code - 48;
      else bucket = number;
    }
    if (code === 32 && number > 0) histogram.set(bucket, (histogram.get(bucket) ?? 0) + number);
    if (code === 32 || code === 58) number = 0;
  }
}

/** Durations in microseconds that these parts of the calls, ascending, do not exceed, within 2 %; empty where there are none. */
export function percentilesOf(histogram: Histogram, parts: readonly number[]): number[] {
  const settled = settledIn(histogram);
  const found: number[] = [];
  let passed = 0;
  if (settled === 0) return found;
  for (const [bucket, calls] of [...histogram].sort(([a], [b]) => a - b)) {
    passed += calls;
    while (found.length < parts.length && passed >= Math.ceil(settled * parts[found.length]!)) found.push(middleOf(bucket));
  }
  return found;
}

/** The bucket that holds the percentile, and its rank within the bucket, from 1. */
export function bucketAt(histogram: Histogram, part: number): { readonly bucket: number; readonly rank: number } | undefined {
  let rank = Math.ceil(settledIn(histogram) * part);
  for (const [bucket, calls] of [...histogram].sort(([a], [b]) => a - b)) {
    if (rank <= calls) return { bucket, rank };
    rank -= calls;
  }
  return undefined;
}

export const settledIn = (histogram: Histogram): number => [...histogram.values()].reduce((sum, calls) => sum + calls, 0);

export const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.round(1.04 ** (bucket - 0.5)));
