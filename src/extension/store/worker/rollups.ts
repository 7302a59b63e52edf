/**
 * Owns roll-ups: sums of calls that a segment holds besides them, so that questions about all of history read a few rows
 * of each instead of every call. Table `roll`: per hour, server, method, name, outcome and kind of session; `total`: the
 * same without the hour; `turn`: per session and what the user asked for (runs.ts). What has none (journals,
 * files of older versions) is counted when it is asked for, by the same SQL.
 *
 * Tables `roll` and `total` hold rows that stand for what is not in the log, too, told by their method; `turn` does not.
 *
 * Histograms are text there (histogram.ts).
 */
import { FAILURE_STATUSES } from '../../query/ast';
import type { CallStatus } from '../../contract/traffic';
import { readBuckets, type Buckets } from './histogram';
import { remember } from './places';
import { runsSql } from './runs';
import { writerFactor } from './schema';
import { optional, rows, type Source } from './source';
import { isStandIn, isStandInSql, standInEvents } from './standInCalls';
import { TurnTableBuilder, type TurnTable } from './turnTable';
import type { Database, SqlValue } from './sqlEngine';

export const hourMs = 3_600_000;
export const minuteMs = 60_000;

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

/** Columns that a roll-up goes by, a period's number among them or not, and a row of sums for each of their values and duration. */
const detailed = (where: string, periodMs?: number): string => `
  SELECT ${periodMs === undefined ? '' : `time_ms / ${periodMs} AS period, `}server, method, CASE WHEN method IN ('tools/call', 'prompts/get') THEN name END AS name, status,
    session IN (SELECT id FROM session WHERE kind = 'playground') AS playground, count(*) AS calls, sum(request_bytes) AS request_bytes,
    sum(ifnull(response_bytes, 0)) AS response_bytes, sum(ifnull(duration_us, 0)) AS total_us, min(time_ms) AS first_ms, max(time_ms) AS last_ms,
    CASE WHEN bucket IS NULL THEN '' ELSE bucket || ':' || count(*) END AS histogram
  FROM call WHERE ${where} GROUP BY ${periodMs === undefined ? '1, 2, 3, 4, 5' : '1, 2, 3, 4, 5, 6'}, bucket`;

/** Rows as table `turn` has them, of rows of calls with these columns: `session, conversation, prompt, run_ms`, as said, and those of a call. */
export const turnSums = (columns: string, from: string): string => `
  SELECT session, conversation, prompt, run_ms, sum(calls), sum(errors), sum(running), sum(bytes), sum(total_us), min(first_ms), max(last_ms),
    group_concat(histogram, ' ')
  FROM (SELECT ${columns}, count(*) AS calls, sum(${failedSql}) AS errors, sum(status = 'running') AS running,
      sum(size) AS bytes, sum(ifnull(duration_us, 0)) AS total_us, min(time_ms) AS first_ms, max(time_ms) AS last_ms,
      CASE WHEN bucket IS NULL THEN '' ELSE bucket || ':' || count(*) END AS histogram
    FROM ${from} GROUP BY 1, 2, 3, 4, bucket)
  GROUP BY session, conversation, prompt, run_ms`;

const turns = (which = '1'): string => turnSums('session, conversation, prompt, run_ms', `(${runsSql(which)})`);

const rollColumns = 'server, method, name, status, playground';

export const totalColumns = `${rollColumns}, ${sumColumns}`;

/** What table `total` holds, from rows of sums as `roll` has them. */
export const totalSql = (rolls: string): string => `SELECT ${rollColumns}, ${sums} FROM ${rolls} GROUP BY ${rollColumns}`;

/** Fills the tables of roll-ups from table `call`. */
export function fillRolls(db: Database): void {
  db.exec(`
    INSERT INTO roll(hour, ${rollColumns}, ${sumColumns}) SELECT period, ${rollColumns}, ${sums} FROM (${detailed('1', hourMs)}) GROUP BY period, ${rollColumns};
    INSERT INTO total(${totalColumns}) ${totalSql(`(${detailed('1')})`)};
    INSERT INTO turn ${turns()};
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
  readonly histogram: Buckets;
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
  histogram: readBuckets(histogram as string),
});

/** Sums of the calls of some hours, the first taken in, the last not. */
export function rollsOfHours(source: Source, first: number, last: number): readonly Roll[] {
  if (!source.hasRolls) return rollsBetween(source, first * hourMs, last * hourMs);
  const key = `hours ${first} ${last}`;
  let known = source.cache.get(key) as readonly Roll[] | undefined;
  if (!known) remember(source, key, (known = rows(source.db, `${rollsSql} WHERE hour >= ? AND hour < ? GROUP BY ${rollColumns}`, [bounded(first), bounded(last)]).map(rollOf)));
  return known;
}

/**
 * Sums of the calls of some minutes of one hour, the first taken in, the last not, from the calls themselves. Of a sealed file those of
 * the hour are kept: a period that ends now begins a little later each time it is asked about.
 */
export function rollsOfMinutes(source: Source, first: number, last: number): readonly Roll[] {
  if (!source.sealed) return rollsBetween(source, first * minuteMs, last * minuteMs);
  const hour = Math.floor((first * minuteMs) / hourMs);
  const key = `minutes ${hour}`;
  let known = source.cache.get(key) as ReadonlyMap<number, readonly Roll[]> | undefined;
  if (!known) {
    const byMinute = new Map<number, Roll[]>();
    const sql = `SELECT period, ${rollColumns}, ${sums} FROM (${detailed('time_ms >= ? AND time_ms < ?', minuteMs)}) GROUP BY period, ${rollColumns}`;
    for (const [minute, ...values] of rows(source.db, sql, [hour * hourMs, (hour + 1) * hourMs])) {
      const rolls = byMinute.get(minute as number);
      if (rolls) rolls.push(rollOf(values));
      else byMinute.set(minute as number, [rollOf(values)]);
    }
    remember(source, key, (known = byMinute));
  }
  return [...known].flatMap(([minute, rolls]) => (minute >= first && minute < last ? rolls : []));
}

/** Sums of the calls of a period, from the calls themselves; of one writer of the file, by its number, where it is given. */
export function rollsBetween(source: Source, fromMs: number, toMs: number, writer?: number): Roll[] {
  const where = `${writer === undefined ? '' : `frame / ${writerFactor} = ${writer} AND `}time_ms >= ? AND time_ms < ?`;
  return rows(source.db, `SELECT ${rollColumns}, ${sums} FROM (${detailed(where)}) GROUP BY ${rollColumns}`, [bounded(fromMs), bounded(toMs)]).map(rollOf);
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

/** It holds rows that stand for what is not in the log. */
export function hasStandIns(source: Source): boolean {
  let known = source.cache.get('standIns') as boolean | undefined;
  if (known === undefined) {
    const asked = (): boolean => rows(source.db, `SELECT 1 FROM event WHERE type IN (${standInEvents.map((type) => `'${type}'`).join()}) LIMIT 1`).length > 0;
    known = source.hasRolls ? totalsOf(source).some(({ method }) => isStandIn(method)) : asked();
    source.cache.set('standIns', known);
  }
  return known;
}

/** In SQL: the row is a call of this source, not one that stands for what is not in the log. */
export const isCallSql = (source: Source): string => (hasStandIns(source) ? `(NOT ${isStandInSql})` : '1');

/** The turns that a source holds (parts of). Kept until it changes. */
export function turnsOf(source: Source): TurnTable {
  let known = source.cache.get('turns') as TurnTable | undefined;
  if (!known) {
    const builder = new TurnTableBuilder();
    builder.add(source.db, turnsSql(source));
    source.cache.set('turns', (known = builder.finish()));
  }
  return known;
}

function turnsSql(source: Source): string {
  if (!source.hasRolls) return turns();
  // Older files count what stands for a gap among the turns of no session.
  return hasStandIns(source) ? `SELECT * FROM turn WHERE session <> '' UNION ALL SELECT * FROM (${turns("session = ''")})` : 'SELECT * FROM turn';
}

const bounded = (value: number): number => Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER);

/**
 * Sums of the calls that a condition on server, method, name, outcome and kind of method selects, of a source with
 * roll-ups: calls, failures and so on for each outcome, with their durations.
 */
export function totalsWhere(source: Source, where: string, params: readonly SqlValue[]): Roll[] {
  return rows(source.db, `SELECT ${totalColumns} FROM total WHERE ${where}`, [...params]).map(rollOf);
}
