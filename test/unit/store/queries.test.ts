// Pages, counts and filters against what a plain list and the matcher say: the same, whatever lies where.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { parseFilter } from '../../../src/extension/query/parser';
import { compileMatcher } from '../../../src/extension/query/match';
import { openStoreReader, type RecordedCall, type StoreReader } from '../../../src/extension/store/reader';
import { compileFilter, useFilter } from '../../../src/extension/store/worker/filterSql';
import { lanesByTime } from '../../../src/extension/store/worker/scans';
import { Segment } from '../../../src/extension/store/worker/segment';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { corpusNow, makeCorpus, type Corpus } from '../../support/store/recordedCorpus';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

let corpus: Corpus;
let reader: StoreReader;
let all: readonly RecordedCall[];
const now = corpusNow;

beforeAll(async () => {
  corpus = await makeCorpus((message) => expect.fail(message));
  ({ reader, all } = corpus);
  expect(readdirSync(corpus.dir).filter((name) => name.endsWith('.sig')).length).toBeGreaterThan(0);
});

afterAll(async () => {
  await reader.close();
  cleanFolders();
});

const bodiesOf = (call: RecordedCall): string[] => [call.request, call.response].filter((text) => text !== undefined);
/** What the matcher lets through. */
function matching(filter: string): RecordedCall[] {
  const matches = compileMatcher(parseFilter(filter), now);
  return all.filter((call) => matches({ row: call, bodies: () => bodiesOf(call) }));
}

const idsOf = (rows: readonly CallRow[]): string[] => rows.map((row) => row.id);

describe('pages', () => {
  it('know every call once, newest first', () => {
    expect(all.length).toBeGreaterThan(370);
    expect(new Set(idsOf(all)).size).toBe(all.length);
    all.forEach((call, index) => expect(call.timeMs).toBeLessThanOrEqual(all[index - 1]?.timeMs ?? Infinity));
  });

  it.each([1, 7, 50, 1000])('of %i calls lead from the newest to the oldest and back', async (limit) => {
    const there: string[] = [];
    let page = await reader.page({ position: { kind: 'newest' }, limit });
    for (;;) {
      expect(page.offset).toBe(there.length);
      expect(page.total).toBe(all.length);
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
      fc.asyncProperty(fc.nat({ max: 420 }), fc.integer({ min: 1, max: 30 }), async (offset, limit) => {
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
    const empty = await openStoreReader({ dir: tempFolder(), wasmFile, clock: systemClock, logger: nullLogger });
    expect(await empty.page({ position: { kind: 'newest' }, limit: 5 })).toMatchObject({ rows: [], total: 0, offset: 0 });
    expect(await empty.summary({ filter: '' })).toEqual({ calls: 0, errors: 0, running: 0, bytes: 0, p95Us: undefined });
    await empty.close();
  });
});

const atoms = fc.constantFrom(
  'server:github', 'server:FILES', 'server:f*', 'server:none', 'tool:*issue', 'tool:under_score', 'tool:underXscore', 'tool:100%_sure', 'name:gr*', 'status:error', 'status:ok', 'status:running', 'status:tool', 'origin:client', 'origin:http',
  'dur:>500ms', 'dur:<1s', 'upstream:>1ms', 'size:>300', 'code:-32000', 'code:>-32002', 'needle', '"needle \\"in\\" a"', 'haystack', 'Ergebnis', 'für', '/gr.ße/i', '/path.*needle/', 'ERGEBNIS', 'since:15m', 'until:10m', 'method:tools/call', 'method:initialize',
  'client:code', 'client:claude', 'session:L', 'kind:call', 'kind:notification', '100%', '_', '%', '\\', 'broken*7', 'id:left/*', 'id:right/1', 'tool:*e*e*e*e*',
  'is:pinned', 'is:commented,colored', 'is:nested', 'is:playground', 'color:red', 'color:blue,green', 'comment:slow', 'comment:why*case*1', 'comment:/case 1\\d\\d/', 'conversation:c1', 'conversation:chat', 'turn:t*', 'turn:turn1', '-turn:*', 'definition:*',
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
        let wanted;
        try {
          wanted = matching(filter);
        } catch {
          return;
        }
        const page = await reader.page({ filter, position: { kind: 'newest' }, limit: 1000 });
        expect(idsOf(page.rows)).toEqual(idsOf(wanted));
        expect(page.total).toBe(wanted.length);
        matched += wanted.length;
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(1000);
  }, 60_000);

  it('for failures are looked up where failures are', async () => {
    const name = readdirSync(corpus.dir).find((each) => /^left-\d+\.sqlite$/.test(each)) ?? '';
    const segment = new Segment(await SqlEngine.start(wasmFile, corpus.dir), join(corpus.dir, name));
    const filter = compileFilter('status:error', now);
    const lanes = lanesByTime(useFilter(filter, segment), filter, segment);
    const plan = lanes.map(({ scan, where, params }) => segment.db.exec(`EXPLAIN QUERY PLAN SELECT frame FROM call ${scan} WHERE ${where} ORDER BY time_ms`, [...params])[0]?.values.join()).join();
    segment.close();
    expect(plan).toContain('call_trouble');
  });

  it('that are no filters are refused with their place', async () => {
    await expect(reader.page({ filter: 'server:(', position: { kind: 'newest' }, limit: 5 })).rejects.toMatchObject({ code: 'query.invalid' });
  });
});

describe('summaries', () => {
  it.each(['', 'status:ok', 'server:github', 'status:running', 'is:pinned', 'nothing-has-this'])('of "%s" are those of the list', async (filter) => {
    const calls = matching(filter);
    const durations = calls.flatMap((call) => call.durationUs ?? []).sort((a, b) => a - b);
    expect(await reader.summary({ filter })).toEqual({
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
