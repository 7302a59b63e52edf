// Groups, the time line and statistics against what a plain list says of the same calls.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { PROMPT_GAP_MS, type CallGroup, type GroupBy } from '../../../src/extension/contract/trafficGroups';
import { FAILURE_STATUSES } from '../../../src/extension/query/ast';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { corpusNow, makeCorpus, type Corpus } from '../../support/store/recordedCorpus';
import { cleanFolders } from '../../support/store/storeHarness';

let corpus: Corpus;

beforeAll(async () => {
  corpus = await makeCorpus((message) => expect.fail(message));
});

afterAll(async () => {
  await corpus.reader.close();
  cleanFolders();
});

function matching(filter: string): CallRow[] {
  const matches = compileMatcher(parseFilter(filter), corpusNow);
  return corpus.all.filter((call) => matches({ row: call, bodies: () => [call.request, call.response].filter((text) => text !== undefined) }));
}

const failed = (row: CallRow): boolean => FAILURE_STATUSES.includes(row.status);
const sizeOf = (row: CallRow): number => row.requestBytes + (row.responseBytes ?? 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** What a row is grouped by, said in the plainest way. */
function keyOf(by: GroupBy): (row: CallRow) => string {
  if (by === 'session') return (row) => row.session;
  if (by === 'server') return (row) => String(row.server);
  if (by === 'conversation') return (row) => row.conversation ?? `session ${row.session}`;
  const runs = new Map<string, string>();
  const last = new Map<string, { run: number; timeMs: number }>();
  for (const row of corpus.all.filter((each) => each.conversation === undefined && each.prompt === undefined).toReversed()) {
    const before = last.get(row.session);
    const run = before === undefined || row.timeMs - before.timeMs >= PROMPT_GAP_MS ? (before?.run ?? 0) + 1 : before.run;
    last.set(row.session, { run, timeMs: row.timeMs });
    runs.set(row.id, `${row.session} run ${run}`);
  }
  return (row) => runs.get(row.id) ?? `${row.conversation} ${row.prompt}`;
}

async function allGroups(by: GroupBy, filter: string, limit: number): Promise<CallGroup[]> {
  const groups: CallGroup[] = [];
  let cursor: string | undefined;
  do {
    const page = await corpus.reader.groups({ by, filter, limit, ...(cursor === undefined ? {} : { cursor }) });
    groups.push(...page.groups);
    cursor = page.olderCursor;
  } while (cursor !== undefined);
  return groups;
}

describe.each<GroupBy>(['session', 'server', 'conversation', 'prompt'])('groups by %s', (by) => {
  it.each(['', 'status:error', 'server:files', 'needle', 'nothing-has-this'])('hold what a plain list says of "%s"', async (filter) => {
    const key = keyOf(by);
    const wanted = new Map<string, CallRow[]>();
    for (const row of matching(filter)) wanted.set(key(row), [...(wanted.get(key(row)) ?? []), row]);
    const groups = await allGroups(by, filter, 3);
    const plain = (group: CallGroup): object => ({ calls: group.calls, errors: group.errors, running: group.running, bytes: group.bytes, totalUs: group.totalUs, firstMs: group.firstMs, lastMs: group.lastMs });
    expect(groups.map(plain).map((each) => JSON.stringify(each)).sort()).toEqual(
      [...wanted.values()]
        .map((rows) => ({
          calls: rows.length,
          errors: rows.filter(failed).length,
          running: rows.filter((row) => row.status === 'running').length,
          bytes: sum(rows.map(sizeOf)),
          totalUs: sum(rows.map((row) => row.durationUs ?? 0)),
          firstMs: Math.min(...rows.map((row) => row.timeMs)),
          lastMs: Math.max(...rows.map((row) => row.timeMs)),
        }))
        .map((each) => JSON.stringify(each))
        .sort(),
    );
    groups.forEach((group, index) => expect(group.lastMs).toBeLessThanOrEqual(groups[index - 1]?.lastMs ?? Infinity));
  });

  it('say in the filter language which calls are theirs', async () => {
    const groups = await allGroups(by, '', 1000);
    expect(new Set(groups.map((group) => group.key)).size).toBe(groups.length);
    const seen: string[] = [];
    for (const group of groups) {
      const rows = matching(group.filter);
      expect(rows.length, group.filter).toBe(group.calls);
      const page = await corpus.reader.page({ filter: group.filter, position: { kind: 'newest' }, limit: 1000 });
      expect(page.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
      seen.push(...rows.map(({ id }) => id));
    }
    expect(seen.sort()).toEqual(corpus.all.map(({ id }) => id).sort());
  });

  it('have percentiles within two in a hundred', async () => {
    for (const group of await allGroups(by, '', 1000)) {
      const durations = matching(group.filter).flatMap((row) => row.durationUs ?? []).sort((a, b) => a - b);
      const exact = durations[Math.ceil(durations.length * 0.95) - 1];
      if (exact === undefined) expect(group.p95Us).toBeUndefined();
      else expect(Math.abs((group.p95Us ?? 0) - exact)).toBeLessThanOrEqual(Math.max(1, exact * 0.021));
    }
  });
});

it('groups know their client, and the Playground', async () => {
  const groups = await allGroups('session', '', 100);
  expect(groups.find(({ id }) => id === 'P')).toMatchObject({ client: 'MCP Shark', isPlayground: true, session: 'P' });
  expect(groups.find(({ id }) => id === 'L')).toMatchObject({ client: 'Code', clientVersion: '1.0' });
  expect(groups.find(({ id }) => id === 'L')?.isPlayground).toBeUndefined();
  expect((await allGroups('prompt', 'session:R', 100)).every(({ isByTime }) => isByTime)).toBe(true);
});

it('prompts have the id of the request, and none where the client names no more than the conversation', async () => {
  const groups = await allGroups('prompt', 'conversation:*', 100);
  const ids = groups.map(({ filter, id }) => [/conversation:(\S+)/.exec(filter)?.[1], id]);
  expect(ids.filter(([, id]) => id === undefined)).toEqual([[expect.stringMatching(/C1/), undefined]]);
  expect(ids.map(([, id]) => id)).toEqual(expect.arrayContaining(['t1', 't2']));
});

describe('the time line', () => {
  it('counts every call of a period once, in its piece', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('', 'server:files', 'status:error'), fc.nat({ max: 900_000 }), fc.integer({ min: 1, max: 600_000 }), fc.integer({ min: 1, max: 60 }), async (filter, start, length, buckets) => {
        const fromMs = corpusNow - 1_000_000 + start;
        const toMs = fromMs + length;
        const wanted = new Map<string, { calls: number; errors: number }>();
        const rows = matching(filter).filter((row) => row.timeMs >= fromMs && row.timeMs <= toMs);
        for (const row of rows) {
          const key = `${row.server} ${Math.floor(((row.timeMs - fromMs) * buckets) / (toMs - fromMs + 1))}`;
          const before = wanted.get(key) ?? { calls: 0, errors: 0 };
          wanted.set(key, { calls: before.calls + 1, errors: before.errors + (failed(row) ? 1 : 0) });
        }
        const timeline = await corpus.reader.timeline({ filter, fromMs, toMs, buckets, limit: 1 });
        expect(timeline.calls).toBe(rows.length);
        expect(Object.fromEntries(timeline.buckets.map(({ server, index, calls, errors }) => [`${server} ${index}`, { calls, errors }]))).toEqual(Object.fromEntries(wanted));
      }),
      { numRuns: 60 },
    );
  });

  it('gives calls one by one with those nested in them and their progress', async () => {
    const timeline = await corpus.reader.timeline({ filter: 'tool:*', buckets: 10, limit: 5000 });
    const ids = timeline.spans.map(({ row }) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    const tools = matching('tool:*');
    expect(timeline.calls).toBe(tools.length);
    expect(timeline.fromMs).toBe(Math.min(...tools.map(({ timeMs }) => timeMs)));
    // The corpus's clock ran ahead; and the end is one that stays for a while.
    const latest = Math.max(corpusNow, ...corpus.all.map(({ timeMs }) => timeMs));
    expect(timeline.toMs).toBeGreaterThanOrEqual(latest);
    expect(timeline.toMs - latest).toBeLessThanOrEqual((latest - timeline.fromMs) / 40);
    const parents = new Set(tools.map(({ id }) => id));
    const nested = corpus.all.filter((row) => row.parent !== undefined && parents.has(row.parent));
    expect(nested.length).toBeGreaterThan(10);
    expect([...ids].sort()).toEqual([...tools, ...nested].map(({ id }) => id).sort());
    // The older of the fixtures records no progress.
    const withProgress = timeline.spans.filter(({ marks }) => marks.some(({ kind }) => kind === 'progress')).map(({ row }) => row.id);
    expect(withProgress.sort()).toEqual(nested.flatMap(({ parent }) => (parent?.startsWith('left/') || parent?.startsWith('right/') ? [parent] : [])).sort());
    timeline.spans.forEach(({ row }, index) => expect(row.timeMs).toBeGreaterThanOrEqual(timeline.spans[index - 1]?.row.timeMs ?? 0));
  });

  it('leaves the calls out where there are more than were asked for', async () => {
    const timeline = await corpus.reader.timeline({ buckets: 10, limit: 20 });
    expect(timeline.spans).toEqual([]);
    expect(sum(timeline.buckets.map(({ calls }) => calls))).toBe(corpus.all.length);
  });

  it('of nothing is empty', async () => {
    expect(await corpus.reader.timeline({ filter: 'nothing-has-this', buckets: 10, limit: 20 })).toMatchObject({ calls: 0, spans: [], buckets: [] });
  });
});

describe('statistics', () => {
  it('of any period are those of its calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 14_000_000 }), fc.nat({ max: 8_000_000 }), fc.constantFrom('all' as const, 'server' as const, 'method' as const, 'name' as const), fc.boolean(), async (start, length, by, withPlayground) => {
        const fromMs = corpusNow - 10_000_000 + start;
        const toMs = fromMs + length;
        const rows = corpus.all.filter((row) => row.timeMs >= fromMs && row.timeMs < toMs && (withPlayground || !row.isPlayground) && (by !== 'name' || row.method === 'tools/call'));
        const key = (row: CallRow): string => [by === 'all' ? '' : row.server, by === 'method' || by === 'name' ? row.method : '', by === 'name' ? row.name : ''].join('|');
        const wanted = new Map<string, CallRow[]>();
        for (const row of rows) wanted.set(key(row), [...(wanted.get(key(row)) ?? []), row]);
        const found = await corpus.reader.statistics({ fromMs, toMs, by, withPlayground });
        expect(found.rows).toHaveLength(wanted.size);
        for (const row of found.rows) {
          const there = wanted.get([row.server, row.method, row.name].join('|')) ?? [];
          expect(row.calls).toBe(there.length);
          expect(row.errors).toBe(there.filter(failed).length);
          expect(sum(Object.values(row.byStatus))).toBe(there.length);
          expect(row.byStatus.toolError ?? 0).toBe(there.filter(({ status }) => status === 'toolError').length);
          expect(row.requestBytes + row.responseBytes).toBe(sum(there.map(sizeOf)));
          expect(row.lastMs).toBe(Math.max(...there.map(({ timeMs }) => timeMs)));
          const durations = there.flatMap(({ durationUs }) => durationUs ?? []).sort((a, b) => a - b);
          const exact = durations[Math.ceil(durations.length * 0.5) - 1];
          if (exact !== undefined) expect(Math.abs((row.p50Us ?? 0) - exact)).toBeLessThanOrEqual(Math.max(1, exact * 0.021));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leave the Playground out unless it is asked for', async () => {
    const playground = corpus.all.filter((row) => row.isPlayground).length;
    expect(playground).toBeGreaterThan(5);
    const [without] = (await corpus.reader.statistics({ by: 'all' })).rows;
    const [together] = (await corpus.reader.statistics({ by: 'all', withPlayground: true })).rows;
    expect((together?.calls ?? 0) - (without?.calls ?? 0)).toBe(playground);
  });
});
