/**
 * Owns calls on a time line: one by one with what marks their course where there are few, counted by piece of the period
 * where there are many.
 */
import type { Timeline, TimelineBucket, TimelineMark, TimelineQuery, TimelineSpan } from '../../contract/trafficGroups';
import { answerKey, narrowed, searchBodies, type CompiledFilter } from './filterSql';
import { fetch, type Breathe } from './pages';
import { inPeriod, inServers } from './periods';
import { callColumns, foundOf, remember, type Found } from './places';
import { writerFactor } from './schema';
import { optional, rows, withFrames, type Source } from './source';
import type { SqlValue } from './sqlEngine';
import { failedSql, isCallSql } from './rollups';
import { wholeOf } from './tallies';

const maxMarks = 200;

const markKinds: Readonly<Record<string, TimelineMark['kind']>> = {
  'notifications/progress': 'progress',
  'notifications/message': 'message',
  'notifications/cancelled': 'cancel',
};

export async function timeline(sources: readonly Source[], query: TimelineQuery, filter: CompiledFilter, nowMs: number, through: number, breathe: Breathe): Promise<Timeline> {
  for (const source of sources) await searchBodies(filter, source, breathe);
  // A clock that was ahead must not hide what it recorded.
  const latestMs = sources.reduce((latest, { extent }) => Math.max(latest, extent.maxMs), nowMs);
  const fromMs = Math.min(query.fromMs ?? (await firstMatch(sources, filter, breathe)) ?? latestMs, query.toMs ?? latestMs);
  const toMs = query.toMs ?? steadyEnd(fromMs, latestMs);
  const within = narrowed(filter, 'time_ms BETWEEN ? AND ?', [fromMs, toMs]);
  const there = sources.filter(({ extent }) => extent.calls > 0 && extent.minMs <= toMs && extent.maxMs >= fromMs);
  const buckets = new Map<string, TimelineBucket>();
  let shown = 0;
  for (const source of there) {
    await breathe();
    const pieces = await piecesOf(source, filter, fromMs, toMs, query.buckets, breathe);
    for (const bucket of pieces.buckets) addBucket(buckets, bucket);
    shown += pieces.rows;
  }
  return {
    fromMs,
    toMs,
    calls: [...buckets.values()].reduce((sum, { calls }) => sum + calls, 0),
    spans: shown > query.limit ? [] : await spansOf(there, sources, within, query.limit, breathe),
    buckets: [...buckets.values()].sort((a, b) => a.index - b.index || ((a.server ?? '') < (b.server ?? '') ? -1 : 1)),
    through,
  };
}

/**
 * An end a little after now, by a fortieth of the period at most, that stays the same for a while: then so do the pieces
 * the period is cut into, and what was counted in them.
 */
function steadyEnd(fromMs: number, nowMs: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2((nowMs - fromMs + 1) / 40)));
  return fromMs + Math.ceil((nowMs - fromMs + 1) / step) * step - 1;
}

async function firstMatch(sources: readonly Source[], filter: CompiledFilter, breathe: Breathe): Promise<number | undefined> {
  let first = Infinity;
  for (const source of sources) {
    if (source.extent.minMs >= first) continue;
    await breathe();
    if (!filter.key) first = Math.min(first, source.extent.minMs);
    else first = Math.min(first, (await wholeOf(source, filter, breathe)).firstRowMs);
  }
  return Number.isFinite(first) ? first : undefined;
}

interface Pieces {
  readonly buckets: readonly TimelineBucket[];
  /** How many rows there are to be shown: calls, and what stands for what is not in the log. */
  readonly rows: number;
}

/** The period is cut into pieces of the same length, the last of which ends with it. */
async function piecesOf(source: Source, filter: CompiledFilter, fromMs: number, toMs: number, count: number, breathe: Breathe): Promise<Pieces> {
  const key = `buckets ${count} ${fromMs} ${toMs} ${answerKey(filter, source)}`;
  const known = source.cache.get(key) as Pieces | undefined;
  if (known) return known;
  const buckets = new Map<string, TimelineBucket>();
  let shown = 0;
  // Written, not bound: a big bound number would make it a division of fractions.
  const index = `(time_ms - ${Math.trunc(fromMs)}) * ${Math.trunc(count)} / ${Math.trunc(toMs - fromMs + 1)}`;
  const from = `SELECT server, ${index} AS i, sum(${isCallSql(source)}), sum(${failedSql}), count(*) FROM call`;
  const ask = (scan: string, where: string, params: SqlValue[]): void => {
    for (const [server, i, calls, errors, all] of rows(source.db, `${from} ${scan} WHERE ${where} GROUP BY server, i`, params)) {
      addBucket(buckets, { server: optional<string>(server), index: i as number, calls: calls as number, errors: errors as number });
      shown += all as number;
    }
  };
  if (!filter.key && source.sealed && source.hasRolls) await inServers(source, fromMs, toMs, breathe, ask);
  else await inPeriod(source, filter, fromMs, toMs, breathe, ask);
  const found = { buckets: [...buckets.values()], rows: shown };
  if (source.sealed) remember(source, key, found);
  return found;
}

function addBucket(buckets: Map<string, TimelineBucket>, { server, index, calls, errors }: TimelineBucket): void {
  if (calls === 0) return;
  const key = JSON.stringify([server, index]);
  const before = buckets.get(key);
  buckets.set(key, { server, index, calls: (before?.calls ?? 0) + calls, errors: (before?.errors ?? 0) + errors });
}

async function spansOf(there: readonly Source[], sources: readonly Source[], within: CompiledFilter, limit: number, breathe: Breathe): Promise<TimelineSpan[]> {
  const found = new Map((await fetch(there, within, 'newer', undefined, limit, breathe)).map((call) => [call.row.id, call]));
  await addNested(found, sources, limit, breathe);
  const marks = await marksOf(found, sources, breathe);
  return [...found.values()]
    .sort((a, b) => a.timeMs - b.timeMs || a.n - b.n)
    .map(({ row }) => ({ row, marks: thinned(marks.get(row.id) ?? []) }));
}

/** Calls made in the course of those shown are shown in them, whatever the filter says of them by themselves. */
async function addNested(found: Map<string, Found>, sources: readonly Source[], limit: number, breathe: Breathe): Promise<void> {
  const shown = [...found.values()];
  for (const source of sources) {
    if (!shown.some((call) => mayHold(source, call))) continue;
    await breathe();
    // Few calls are nested, and an index knows which.
    for (const values of rows(source.db, `SELECT ${callColumns} FROM call WHERE parent_frame IS NOT NULL ORDER BY parent_frame LIMIT 100000`)) {
      const nested = foundOf(source, values);
      if (found.size < limit * 2 && nested.row.parent !== undefined && found.has(nested.row.parent)) found.set(nested.row.id, nested);
    }
  }
}

/** Clocks are set, and an extent is that of the calls a file has, not of all its messages. */
const slackMs = 600_000;

/** Whether a source may hold what came in the course of a call: a call that outlived a journal has messages in two. */
function mayHold({ writers, extent }: Source, { writer, timeMs, row }: Found): boolean {
  return writers.includes(writer) && extent.maxMs >= timeMs - slackMs && extent.minMs <= timeMs + (row.durationUs ?? Infinity) / 1000 + slackMs;
}

async function marksOf(found: ReadonlyMap<string, Found>, sources: readonly Source[], breathe: Breathe): Promise<Map<string, TimelineMark[]>> {
  const marks = new Map<string, TimelineMark[]>();
  for (const source of sources) {
    const calls = [...found.values()].filter((call) => call.source === source || mayHold(source, call));
    if (calls.length === 0) continue;
    await breathe();
    const select = withFrames(source).prepare("SELECT method, time_ms FROM frame WHERE call = ? AND ifnull(call_part, 0) = ? AND kind = 'notification' AND forwards IS NULL ORDER BY frame LIMIT 10000");
    try {
      for (const { writer, n, part, row } of calls) {
        select.bind([source.writers.indexOf(writer) * writerFactor + n, part]);
        while (select.step()) {
          const [method, timeMs] = select.get();
          const kind = markKinds[method as string];
          if (!kind) continue;
          const before = marks.get(row.id);
          if (before) before.push({ kind, timeMs: timeMs as number });
          else marks.set(row.id, [{ kind, timeMs: timeMs as number }]);
        }
        select.reset();
      }
    } finally {
      select.free();
    }
  }
  return marks;
}

/** Leaves out marks that stand closest behind another one; never that the call was cancelled. */
function thinned(marks: TimelineMark[]): readonly TimelineMark[] {
  marks.sort((a, b) => a.timeMs - b.timeMs);
  if (marks.length <= maxMarks) return marks;
  const gap = (mark: TimelineMark, index: number): number => (mark.kind === 'cancel' ? Infinity : mark.timeMs - (marks[index - 1]?.timeMs ?? -Infinity));
  const dropped = new Set(
    marks
      .map((mark, index) => ({ index, gap: gap(mark, index) }))
      .sort((a, b) => a.gap - b.gap || b.index - a.index)
      .slice(0, marks.length - maxMarks)
      .map(({ index }) => index),
  );
  return marks.filter((_, index) => !dropped.has(index));
}
