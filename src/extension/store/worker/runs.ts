/**
 * Owns telling apart, by silences, what a session's client does without saying so: its calls without ids of conversation
 * and turn, cut where nothing came for `PROMPT_GAP_MS`. Whatever a filter lets through, the cuts stay where they are.
 */
import { PROMPT_GAP_MS } from '../../contract/trafficGroups';
import type { Source } from './source';
import { isStandInSql } from './standInCalls';
import type { TurnTable } from './turnTable';

/** The calls of a source that `which` selects, whole sessions, each with the time at which its run begins there; NULL where the client says what it is about. */
export const runsSql = (which: string): string => `
  SELECT *, CASE WHEN conversation IS NULL AND prompt IS NULL THEN max(begins) OVER (PARTITION BY session, conversation, prompt ORDER BY time_ms, frame ROWS UNBOUNDED PRECEDING) END AS run_ms
  FROM (SELECT *, CASE WHEN conversation IS NULL AND prompt IS NULL
      AND time_ms - ifnull(lag(time_ms) OVER (PARTITION BY session, conversation, prompt ORDER BY time_ms, frame), -${PROMPT_GAP_MS}) >= ${PROMPT_GAP_MS} THEN time_ms END AS begins FROM call WHERE NOT ${isStandInSql} AND ${which})`;

interface Run {
  readonly firstMs: number;
  lastMs: number;
}

/** By session, oldest first. */
export type Runs = Map<string, Run[]>;

/** Where the run of a call begins in its source, in SQL. Holds after `bringRuns`, until the source changes. */
export const runExpression = '(SELECT max(r.first_ms) FROM temp.run r WHERE r.session = call.session AND r.first_ms <= call.time_ms)';

/** Makes a source's table `run`. */
export function bringRuns({ db, cache }: Source, turns: TurnTable): void {
  if (cache.get('runs')) return;
  db.run('CREATE TEMP TABLE IF NOT EXISTS run(session TEXT, first_ms INTEGER, PRIMARY KEY(session, first_ms)) WITHOUT ROWID');
  db.run('DELETE FROM temp.run');
  const insert = db.prepare('INSERT OR IGNORE INTO temp.run VALUES (?, ?)');
  turns.session.forEach((session, index) => {
    const runMs = turns.runMs(index);
    if (runMs !== null) insert.run([session, runMs]);
  });
  insert.free();
  cache.set('runs', true);
}

/** The runs of all sources together: what one of them holds the middle of is no silence. */
export function runsOf(tables: readonly TurnTable[]): Runs {
  const runs: Runs = new Map();
  const all = tables
    .flatMap((table) => table.session.flatMap((session, index) => (table.runMs(index) === null ? [] : { session, ...table.tally(index) })))
    .sort((a, b) => a.firstMs - b.firstMs);
  for (const { session, firstMs, lastMs } of all) {
    const there = runs.get(session);
    const last = there?.at(-1);
    if (last && firstMs - last.lastMs < PROMPT_GAP_MS) last.lastMs = Math.max(last.lastMs, lastMs);
    else if (there) there.push({ firstMs, lastMs });
    else runs.set(session, [{ firstMs, lastMs }]);
  }
  return runs;
}

/** The run of a session that a moment lies in. */
export function runOf(runs: Runs, session: string, ms: number): { readonly firstMs: number; readonly lastMs: number } {
  const there = runs.get(session) ?? [];
  let low = 0;
  let high = there.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (there[middle]!.firstMs <= ms) low = middle;
    else high = middle - 1;
  }
  return there[low] ?? { firstMs: ms, lastMs: ms };
}
