// Pages, counts and filters against what a plain list and the matcher say: the same, whatever lies where.
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { parseFilter } from '../../../src/extension/query/parser';
import { compileMatcher } from '../../../src/extension/query/match';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { openStoreReader, type RecordedCall, type StoreReader } from '../../../src/extension/store/reader';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
let wall = now - 1_000_000;
let mono = 0;
const clock: Clock = {
  wallMs: () => wall,
  monotonicUs: () => (mono += 137),
  timer: () => toDisposable(() => undefined),
};

let reader: StoreReader;
let all: RecordedCall[];

const tools = ['create_issue', 'read_file', 'search', 'Grüße_senden', '100%_sure', 'under_score'];

function play(player: Player, count: number, random: () => number): void {
  for (let i = 0; i < count; i++) {
    const server = ['github', 'files', 'Files'][Math.floor(random() * 3)] ?? 'x';
    const tool = tools[Math.floor(random() * tools.length)] ?? 'x';
    // Many calls in one millisecond, and a clock that is set back now and then.
    if (random() < 0.4) wall += Math.floor(random() * 3000);
    if (random() < 0.02) wall -= 5000;
    const asked = player.ask(server, tool, { path: `/tmp/${i}`, note: random() < 0.3 ? 'needle "in" a\nhaystack' : 'straw' });
    mono += Math.floor(random() * 2_000_000);
    const luck = random();
    if (luck < 0.7) player.answer(server, asked, { result: { content: [{ type: 'text', text: `Ergebnis für ${tool} ${i}` }] } });
    else if (luck < 0.8) player.answer(server, asked, { error: { code: -32000 - (i % 3), message: `broken ${i}` } });
    else if (luck < 0.9) player.answer(server, asked, { result: { isError: true, content: [{ type: 'text', text: 'tool says no' }] } });
  }
}

beforeAll(async () => {
  const dir = tempFolder();
  let seed = 11;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const journal = (writer: string, pid: number): JournalWriter => new JournalWriter({ dir, writer, clock, logger: nullLogger, pid, host: hostname(), socket: '', rotateBytes: 40_000 });
  // Two windows at once, interleaved; one is sealed, the other is still writing.
  const [left, right] = [journal('left', 999_999_999), journal('right', process.pid)];
  const players = [new Player({ journal: left }, 'L', clock), new Player({ journal: right }, 'R', clock)];
  players[0]?.initialize('Code');
  players[1]?.initialize('Claude');
  for (let i = 0; i < 12; i++) play(players[i % 2] as Player, 25, random);
  left.close();
  const engine = await SqlEngine.start(wasmFile, dir);
  await new Sealer({ dir, engine, me: 'me', now: () => now, warn: (message) => expect.fail(message), compressFrom: 10_000, signFrom: 0 }).recover();
  expect(readdirSync(dir).filter((name) => name.endsWith('.sig')).length).toBeGreaterThan(0);
  right.close();
  reader = await openStoreReader({ dir, wasmFile, clock: { ...clock, wallMs: () => now }, logger: nullLogger });
  all = [];
  for await (const call of reader.calls()) all.push(call);
  all.reverse();
});

afterAll(async () => {
  await reader.close();
  cleanFolders();
});

const idsOf = (rows: readonly CallRow[]): string[] => rows.map((row) => row.id);

describe('pages', () => {
  it('know every call once, newest first', () => {
    expect(all).toHaveLength(302);
    expect(new Set(idsOf(all)).size).toBe(302);
    all.forEach((call, index) => expect(call.timeMs).toBeLessThanOrEqual(all[index - 1]?.timeMs ?? Infinity));
  });

  it.each([1, 7, 50, 1000])('of %i calls lead from the newest to the oldest and back', async (limit) => {
    const there: string[] = [];
    let page = await reader.page({ position: { kind: 'newest' }, limit });
    for (;;) {
      expect(page.offset).toBe(there.length);
      expect(page.total).toBe(302);
      there.push(...idsOf(page.rows));
      if (page.olderCursor === undefined) break;
      page = await reader.page({ position: { kind: 'olderThan', cursor: page.olderCursor }, limit });
    }
    expect(there).toEqual(idsOf(all));
    const back: string[] = idsOf(page.rows);
    while (page.newerCursor !== undefined) {
      page = await reader.page({ position: { kind: 'newerThan', cursor: page.newerCursor }, limit });
      back.unshift(...idsOf(page.rows));
    }
    expect(back).toEqual(idsOf(all));
  });

  it('at any offset are those of the list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 320 }), fc.integer({ min: 1, max: 30 }), async (offset, limit) => {
        const page = await reader.page({ position: { kind: 'offset', offset }, limit });
        expect(idsOf(page.rows)).toEqual(idsOf(all.slice(offset, offset + limit)));
        if (page.rows.length > 0) expect(page.offset).toBe(offset);
      }),
      { numRuns: 60 },
    );
  });

  it('of a filter are complete, count right and can be walked', async () => {
    const filter = 'server:files status:ok';
    const wanted = all.filter((call) => call.server?.toLowerCase() === 'files' && call.status === 'ok');
    const first = await reader.page({ filter, position: { kind: 'newest' }, limit: 10 });
    expect(first.total).toBe(wanted.length);
    const second = await reader.page({ filter, position: { kind: 'olderThan', cursor: first.olderCursor ?? '' }, limit: 1000 });
    expect([...idsOf(first.rows), ...idsOf(second.rows)]).toEqual(idsOf(wanted));
  });

  it('refuse a place that is none', async () => {
    await expect(reader.page({ position: { kind: 'olderThan', cursor: "'; DROP TABLE call" }, limit: 5 })).rejects.toMatchObject({ code: 'query.invalid' });
  });

  it('are empty for an empty folder', async () => {
    const empty = await openStoreReader({ dir: tempFolder(), wasmFile, clock, logger: nullLogger });
    expect(await empty.page({ position: { kind: 'newest' }, limit: 5 })).toMatchObject({ rows: [], total: 0, offset: 0 });
    expect(await empty.summary('')).toEqual({ calls: 0, errors: 0, running: 0, bytes: 0, p95Us: undefined });
    await empty.close();
  });
});

const atoms = fc.constantFrom(
  'server:github', 'server:FILES', 'server:f*', 'server:none', 'tool:*issue', 'tool:under_score', 'tool:underXscore', 'tool:100%_sure', 'name:gr*', 'status:error', 'status:ok', 'status:running', 'status:tool', 'origin:client', 'origin:http',
  'dur:>500ms', 'dur:<1s', 'upstream:>1ms', 'size:>300', 'code:-32000', 'code:>-32002', 'needle', '"needle \\"in\\" a"', 'haystack', 'Ergebnis', 'für', '/gr.ße/i', '/path.*needle/', 'ERGEBNIS', 'since:15m', 'until:10m', 'method:tools/call', 'method:initialize',
  'client:code', 'client:claude', 'session:L', 'kind:call', 'kind:notification', '100%', '_', '%', '\\', 'broken*7', 'id:left/*', 'id:right/1', 'tool:*e*e*e*e*',
);
const filters: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    atoms,
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} ${b})`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} OR ${b})`),
    tie('node').map((a) => `-(${a})`),
  ),
})).node;

describe('filters', () => {
  it('in SQL mean what the matcher says they mean', async () => {
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        let tree;
        try {
          tree = parseFilter(filter);
        } catch {
          return;
        }
        const matches = compileMatcher(tree, now);
        const wanted = all.filter((call) => matches({ row: call, bodies: () => [call.request, call.response].filter((text) => text !== undefined) }));
        const page = await reader.page({ filter, position: { kind: 'newest' }, limit: 1000 });
        expect(idsOf(page.rows)).toEqual(idsOf(wanted));
        expect(page.total).toBe(wanted.length);
        matched += wanted.length;
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(1000);
  });

  it('that are no filters are refused with their place', async () => {
    await expect(reader.page({ filter: 'server:(', position: { kind: 'newest' }, limit: 5 })).rejects.toMatchObject({ code: 'query.invalid' });
  });
});

describe('summaries', () => {
  it.each(['', 'status:ok', 'server:github', 'status:running', 'nothing-has-this'])('of "%s" are those of the list', async (filter) => {
    const matches = compileMatcher(parseFilter(filter), now);
    const calls = all.filter((call) => matches({ row: call, bodies: () => [call.request, call.response].filter((text) => text !== undefined) }));
    const durations = calls.flatMap((call) => call.durationUs ?? []).sort((a, b) => a - b);
    expect(await reader.summary(filter)).toEqual({
      calls: calls.length,
      errors: calls.filter((call) => ['error', 'toolError', 'transportError', 'timedOut', 'blocked'].includes(call.status)).length,
      running: calls.filter((call) => call.status === 'running').length,
      bytes: calls.reduce((sum, call) => sum + call.requestBytes + (call.responseBytes ?? 0), 0),
      p95Us: durations[Math.ceil(durations.length * 0.95) - 1],
    });
  });
});

describe('a single call', () => {
  it('is found wherever it is, with the texts it was recorded with', async () => {
    for (const call of all.filter((_, index) => index % 17 === 0)) {
      const detail = await reader.call(call.id);
      const { request, response, ...row } = call;
      expect(detail?.row).toEqual(row);
      expect(detail?.request.text).toBe(request);
      expect(detail?.response?.text).toBe(response);
    }
    expect(await reader.call('left/999999')).toBeUndefined();
    expect(await reader.call('no such id')).toBeUndefined();
  });
});
