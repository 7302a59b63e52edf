/** Owns what the stub host makes of calls besides pages of them: orders, groups, the time line. Pure, without any index. */
import type { CallRow, CallSort } from '../../../src/extension/contract/traffic';
import { PROMPT_GAP_MS, type CallGroup, type GroupPage, type GroupQuery, type Timeline, type TimelineBucket, type TimelineQuery } from '../../../src/extension/contract/trafficGroups';
import type { RecordedName } from '../../../src/extension/contract/trafficApi';
import { literalTerm } from '../../../src/extension/query/print';

const valueOf = (row: CallRow, by: CallSort['by']): number | string | undefined => {
  if (by === 'time') return row.timeMs;
  if (by === 'duration') return row.durationUs;
  if (by === 'size') return row.requestBytes + (row.responseBytes ?? 0);
  return row[by];
};

/** In the order asked for; what has no value comes last, equal ones newest first. */
export function sortCalls(rows: readonly CallRow[], { by, isDescending }: CallSort): CallRow[] {
  const turn = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [valueOf(a, by), valueOf(b, by)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || b.timeMs - a.timeMs;
    return turn * (typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y)) || b.timeMs - a.timeMs;
  });
}

const isError = ({ status }: CallRow): boolean => status !== 'ok' && status !== 'running' && status !== 'cancelled';

/** `rows`: those of the filter, oldest first. */
export function groupsOf(rows: readonly CallRow[], { by, cursor, limit }: GroupQuery, through: number): GroupPage {
  const members = new Map<string, CallRow[]>();
  const lastOf = new Map<string, { readonly timeMs: number; readonly key: string }>();
  for (const row of rows) {
    const idOf = by === 'session' ? row.session : by === 'server' ? (row.server ?? '') : row[by];
    let key = `${by}:${idOf ?? ''}`;
    if (idOf === undefined) {
      const last = lastOf.get(row.session);
      key = last && row.timeMs - last.timeMs < PROMPT_GAP_MS ? last.key : `gap:${row.id}`;
      lastOf.set(row.session, { timeMs: row.timeMs, key });
    }
    const list = members.get(key);
    if (list) list.push(row);
    else members.set(key, [row]);
  }
  const all = [...members].map(([key, calls]) => groupOf(key, calls, by)).sort((a, b) => b.lastMs - a.lastMs);
  const start = cursor === undefined ? 0 : Number(cursor);
  const groups = all.slice(start, start + limit);
  return { groups, through, ...(start + limit < all.length ? { olderCursor: String(start + limit) } : {}) };
}

function groupOf(key: string, calls: readonly CallRow[], by: GroupQuery['by']): CallGroup {
  const [first, last] = [calls[0]!, calls.at(-1)!];
  const settled = calls.flatMap(({ durationUs }) => (durationUs === undefined ? [] : [durationUs])).sort((a, b) => a - b);
  const p95Us = settled[Math.max(0, Math.ceil(settled.length * 0.95) - 1)];
  const id = by === 'session' ? first.session : first[by === 'server' ? 'server' : by];
  // Groups of prompts lie one behind the other in time: their period selects them.
  const period = `session:${first.session} since:${new Date(first.timeMs).toISOString()} until:${new Date(last.timeMs + 1).toISOString()}`;
  const filter = by === 'session' ? literalTerm('session', first.session) : by === 'server' ? (first.server === undefined ? '-server:*' : literalTerm('server', first.server)) : period;
  return {
    key,
    filter,
    ...(id === undefined ? {} : { id }),
    ...(first.client === undefined || by === 'server' ? {} : { client: first.client, clientVersion: '1.139.1' }),
    ...(by === 'server' ? {} : { session: first.session }),
    ...(key.startsWith('gap:') ? { isByTime: true } : {}),
    ...(first.isPlayground && by === 'session' ? { isPlayground: true } : {}),
    calls: calls.length,
    errors: calls.filter(isError).length,
    running: calls.filter(({ status }) => status === 'running').length,
    bytes: calls.reduce((sum, row) => sum + row.requestBytes + (row.responseBytes ?? 0), 0),
    totalUs: settled.reduce((sum, us) => sum + us, 0),
    ...(p95Us === undefined ? {} : { p95Us }),
    firstMs: first.timeMs,
    lastMs: last.timeMs,
  };
}

/** Of every method of a server as a whole, and of every tool and prompt. */
export function namesOf(rows: readonly CallRow[]): RecordedName[] {
  const counted = new Map<string, RecordedName>();
  const add = (of: Omit<RecordedName, 'calls'>): void => {
    const key = JSON.stringify([of.server, of.method, of.name]);
    counted.set(key, { ...of, calls: (counted.get(key)?.calls ?? 0) + 1 });
  };
  for (const { server, method, name } of rows) {
    add({ server, method });
    if (name !== undefined && (method === 'tools/call' || method === 'prompts/get')) add({ server, method, name });
  }
  return [...counted.values()].sort((a, b) => b.calls - a.calls);
}

/** `rows`: those of the filter, oldest first. */
export function timelineOf(rows: readonly CallRow[], { fromMs, toMs, limit, buckets }: TimelineQuery, through: number): Timeline {
  const from = fromMs ?? rows[0]?.timeMs ?? Date.now();
  const to = Math.max(from + 1, toMs ?? Math.max(Date.now(), rows.at(-1)?.timeMs ?? 0));
  const inside = rows.filter((row) => row.timeMs <= to && row.timeMs + (row.durationUs ?? (row.status === 'running' ? to : 0)) / 1000 >= from);
  const counted = new Map<string, TimelineBucket>();
  for (const row of inside) {
    const index = Math.min(buckets - 1, Math.max(0, Math.floor(((row.timeMs - from) / (to - from)) * buckets)));
    const key = `${index} ${row.server ?? ''}`;
    const held = counted.get(key);
    counted.set(key, { ...(row.server === undefined ? {} : { server: row.server }), index, calls: (held?.calls ?? 0) + 1, errors: (held?.errors ?? 0) + Number(isError(row)) });
  }
  const marksOf = (row: CallRow): readonly { readonly kind: 'progress'; readonly timeMs: number }[] =>
    row.server !== 'browser' || row.durationUs === undefined ? [] : [0.2, 0.4, 0.8].map((at) => ({ kind: 'progress', timeMs: row.timeMs + (at * (row.durationUs ?? 0)) / 1000 }));
  return {
    fromMs: from,
    toMs: to,
    calls: inside.length,
    spans: inside.length > limit ? [] : inside.map((row) => ({ row, marks: marksOf(row) })),
    buckets: [...counted.values()].sort((a, b) => a.index - b.index),
    through,
  };
}
