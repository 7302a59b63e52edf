// Pages of calls by their texts, a few calls at a time: the same as what the matcher says of a plain list, whatever the clocks
// did, wherever the calls lie, and whatever was asked before.
import { hostname } from 'node:os';
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallPage } from '../../../src/extension/contract/traffic';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { openStoreReader, type RecordedCall } from '../../../src/extension/store/reader';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView, type StoreViewOptions } from '../../../src/extension/store/worker/storeView';
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { corpusNow as now, makeCorpus } from '../../support/store/recordedCorpus';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Folder {
  readonly dir: string;
  readonly all: readonly RecordedCall[];
}

let engine: SqlEngine;
const folders: Record<string, Folder> = {};

beforeAll(async () => {
  const { dir, reader, all } = await makeCorpus((message) => expect.fail(message));
  await reader.close();
  folders['segments and journals'] = { dir, all };
  engine = await SqlEngine.start(wasmFile, dir);
  folders['a merged file'] = await merged();
});

afterAll(cleanFolders);

/** Three windows whose calls lie between each other's, with batches and repeated lists, in one file. */
async function merged(): Promise<Folder> {
  const dir = tempFolder();
  let wall = now - 500_000;
  let mono = 0;
  let seed = 5;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const clock: Clock = { wallMs: () => wall, monotonicUs: () => (mono += 100), timer: () => toDisposable(() => undefined) };
  const journals = ['a', 'b', 'c'].map((writer) => new JournalWriter({ dir, writer, clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '' }));
  const players = journals.map((journal, index) => new Player({ journal }, `s${index}`, clock));
  for (let i = 0; i < 150; i++) {
    const player = players[Math.floor(random() * 3)]!;
    wall += random() < 0.1 ? -20_000 : random() < 0.5 ? 0 : 900;
    const text = random() < 0.3 ? `needle ${i}` : random() < 0.5 ? 'haystack' : 'nothing';
    if (random() < 0.15) {
      const batch = [1, 2].map((part) => ({ jsonrpc: '2.0', id: 9000 + i * 2 + part, method: 'tools/call', params: { name: 'a__batched', arguments: { part } } }));
      player.frame(JSON.stringify(batch), {});
      player.frame(JSON.stringify(batch.map(({ id }) => ({ jsonrpc: '2.0', id, result: { text } }))), { direction: 'toClient' });
    } else if (random() < 0.2) {
      const list = { jsonrpc: '2.0', id: 20_000 + i, method: 'tools/list', params: { text } };
      const down = player.frame(list, {});
      // The gateway's own copy is an exchange of its own, with the same bytes.
      player.frame(list, { leg: 'upstream', server: 'files', forwards: down, ownMessage: true, unchanged: true });
      const up = player.frame({ jsonrpc: '2.0', id: list.id, result: { tools: ['needle'] } }, { leg: 'upstream', direction: 'toClient', server: 'files' });
      player.frame({ jsonrpc: '2.0', id: list.id, result: { tools: ['needle'] } }, { direction: 'toClient', forwards: up, unchanged: true });
    } else player.call(random() < 0.5 ? 'github' : 'files', 'tool', { i }, { content: [{ type: 'text', text }] });
  }
  for (const journal of journals) journal.close();
  await new Sealer({ dir, engine, me: 'me', now: () => now, warn: (message) => expect.fail(message), signFrom: 0, mergeFrom: 2 }).recover();
  expect(readdirSync(dir).filter((name) => name.endsWith('.sqlite'))).toEqual(['merged-me-1.sqlite']);
  return { dir, all: await readAll(dir) };
}

async function readAll(dir: string): Promise<RecordedCall[]> {
  const reader = await openStoreReader({ dir, wasmFile, clock: { wallMs: () => now, monotonicUs: () => 0, timer: () => toDisposable(() => undefined) }, logger: nullLogger });
  const calls: RecordedCall[] = [];
  for await (const call of reader.calls()) calls.push(call);
  await reader.close();
  return calls.reverse();
}

function matching(all: readonly RecordedCall[], filter: string): string[] {
  const matches = compileMatcher(parseFilter(filter), now);
  return all.filter((call) => matches({ row: call, bodies: () => [call.request, call.response].filter((text) => text !== undefined) })).map(({ id }) => id);
}

/** One that looks at one call at a time, then at two, four …, and never at a file as a whole unless it has to. */
async function viewOf(dir: string, options: Partial<StoreViewOptions> = {}): Promise<StoreView> {
  const view = new StoreView({ dir, engine, now: () => now, breathe, warn: (message) => expect.fail(message), searchBudgetMs: 0, rowsBudgetMs: Infinity, strides: { calls: 1, fewTexts: 0 }, ...options });
  await view.refresh();
  return view;
}

const idsOf = ({ rows }: CallPage): string[] => rows.map(({ id }) => id);

const atoms = fc.constantFrom('needle', '-needle', 'haystack', '"needle 1"', '/needle \\d7/', '/hay.*ck/i', 'Ergebnis', 'ne', '_', '/path.*needle/', 'tools', 'server:files', 'server:github', 'tool:batched', 'status:ok', 'nowhere', 'since:10m', 'is:pinned');
const filters: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2 },
    atoms,
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} ${b})`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} OR ${b})`),
    tie('node').map((a) => `-(${a})`),
  ),
})).node;

describe.each(['segments and journals', 'a merged file'])('pages by text, of %s,', (name) => {
  it('are those of the list, from the newest to the oldest', async () => {
    const { dir, all } = folders[name]!;
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(filters, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 40 }), async (asked, limit, fewTexts) => {
        const view = await viewOf(dir, { strides: { calls: 1 + (limit % 4), fewTexts } });
        for (const filter of asked) {
          const wanted = matching(all, filter);
          const there: string[] = [];
          let page = await view.page({ filter, position: { kind: 'newest' }, limit }, () => 0);
          for (let pages = 0; pages < 4; pages++) {
            expect(idsOf(page)).toEqual(wanted.slice(there.length, there.length + limit));
            if (page.rows.length > 0) expect(page.offset).toBe(there.length);
            expect(page.total).toBeLessThanOrEqual(wanted.length);
            if (page.isTotalExact !== false) expect(page.total).toBe(wanted.length);
            there.push(...idsOf(page));
            if (page.olderCursor === undefined) {
              expect(there).toEqual(wanted);
              break;
            }
            page = await view.page({ filter, position: { kind: 'olderThan', cursor: page.olderCursor }, limit }, () => 0);
          }
          found += there.length;
        }
        // Nothing that was found in part is taken for the whole.
        const [filter = ''] = asked;
        expect((await view.summary({ filter })).calls).toBe(matching(all, filter).length);
        view.close();
      }),
      { numRuns: 30 },
    );
    expect(found).toBeGreaterThan(300);
  }, 120_000);

  it('are those of the list on the way back, and at any place', async () => {
    const { dir, all } = folders[name]!;
    await fc.assert(
      fc.asyncProperty(filters, fc.nat({ max: 200 }), fc.integer({ min: 1, max: 9 }), async (filter, place, limit) => {
        const wanted = matching(all, filter);
        const view = await viewOf(dir);
        const page = await view.page({ filter, position: { kind: 'offset', offset: place }, limit }, () => 0);
        expect(idsOf(page)).toEqual(wanted.slice(place, place + limit));
        view.close();
        if (page.newerCursor === undefined) return;
        const fresh = await viewOf(dir);
        expect(idsOf(await fresh.page({ filter, position: { kind: 'newerThan', cursor: page.newerCursor }, limit }, () => 0))).toEqual(wanted.slice(Math.max(0, place - limit), place));
        fresh.close();
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});

describe('a page that takes too long', () => {
  it('comes with the newest of what there is, says that it is not all, and has it all in the end', async () => {
    const { dir, all } = folders['segments and journals']!;
    const filter = '/Ergebnis.*7/';
    const wanted = matching(all, filter);
    // More files than are looked through however long it takes.
    const view = await viewOf(dir, { rowsBudgetMs: 0 });
    const seen: number[] = [];
    const first = await view.page({ filter, position: { kind: 'newest' }, limit: 1000 }, () => 0);
    expect(first.isTotalExact).toBe(false);
    expect(first.rows.length).toBeLessThan(wanted.length);
    await expect
      .poll(
        async () => {
          const page = await view.page({ filter, position: { kind: 'newest' }, limit: 1000 }, () => 0);
          expect(idsOf(page)).toEqual(wanted.slice(0, page.rows.length));
          seen.push(page.rows.length);
          return page.isTotalExact;
        },
        { timeout: 10_000, interval: 1 },
      )
      .toBeUndefined();
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(wanted.length);
    view.close();
  });
});

describe('a page of a journal that is written to', () => {
  it('has what came since: new calls, answers to old ones, and texts that repeat others', async () => {
    const dir = tempFolder();
    let wall = now - 100_000;
    let mono = 0;
    const clock: Clock = { wallMs: () => (wall += 10), monotonicUs: () => (mono += 100), timer: () => toDisposable(() => undefined) };
    const journal = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: process.pid, host: hostname(), socket: '' });
    const player = new Player({ journal }, 's', clock);
    const view = await viewOf(dir);
    const page = async (filter: string, limit = 3): Promise<CallPage> => {
      await view.refresh();
      return view.page({ filter, position: { kind: 'newest' }, limit }, () => 0);
    };
    for (let i = 0; i < 10; i++) player.call('files', 'tool', { i }, { text: i % 2 ? 'a needle' : 'straw' });
    const open = player.ask('files', 'tool', { i: 10 });
    expect((await page('needle')).rows.map(({ id }) => id)).toEqual(['w/37', 'w/29', 'w/21']);
    expect((await page('-needle', 2)).rows.map(({ status }) => status)).toEqual(['running', 'ok']);
    // Its request holds this, and is looked at only when the call is one of those that are asked for.
    const asked = '"i\\":10" status:ok';
    expect((await page(asked)).rows).toEqual([]);
    player.answer('files', open, { result: { text: 'the needle at last' } });
    player.call('files', 'tool', { i: 11 }, { text: 'straw' });
    wall -= 50_000;
    player.call('files', 'tool', { i: 12 }, { text: 'an old needle' });
    expect((await page(asked)).rows.map(({ frame }) => frame)).toEqual([open.request]);
    expect((await page('needle', 1)).rows.map(({ id }) => id)).toEqual([`w/${open.request}`]);
    const all = await page('needle', 100);
    expect(all.rows).toHaveLength(7);
    expect(all.rows.at(-1)?.frame).toBeGreaterThan(open.request);
    expect((await page('"at last"')).rows.map(({ frame }) => frame)).toEqual([open.request]);
    // What the server said was there before anybody looked, and is passed on as it came afterwards.
    const late = player.ask('files', 'tool', { i: 13 });
    const answer = { jsonrpc: '2.0', id: late.id, result: { text: 'a late word' } };
    const up = player.frame(answer, { leg: 'upstream', direction: 'toClient', server: 'files' });
    expect((await page('"late word"')).rows).toEqual([]);
    player.frame(answer, { direction: 'toClient', forwards: up, unchanged: true });
    expect((await page('"late word"')).rows.map(({ frame }) => frame)).toEqual([late.request]);
    view.close();
    journal.close();
  });

  it('is that of the list at every moment', async () => {
    const texts = ['a needle', 'straw', 'hay and needle', 'nothing'];
    const asked = ['needle', '-needle', 'straw status:ok', 'needle server:files', '/hay.*le/', 'nothing OR straw', '"i\\":3"', '"i\\":3" status:ok', 'status:running -straw'];
    const step = fc.record({ kind: fc.constantFrom('ask', 'answer', 'answer', 'call', 'list', 'back'), text: fc.nat({ max: 3 }), which: fc.nat({ max: 9 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 6 }), fc.array(fc.constantFrom(...asked), { minLength: 2, maxLength: 3 }), fc.integer({ min: 1, max: 6 }), async (rounds, filters, limit) => {
        const dir = tempFolder();
        let wall = now - 100_000;
        let mono = 0;
        const clock: Clock = { wallMs: () => (wall += 10), monotonicUs: () => (mono += 100), timer: () => toDisposable(() => undefined) };
        const journal = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: process.pid, host: hostname(), socket: '' });
        const player = new Player({ journal }, 's', clock);
        const view = await viewOf(dir);
        const open: ReturnType<Player['ask']>[] = [];
        for (const steps of rounds) {
          for (const { kind, text, which } of steps) {
            const server = which % 2 ? 'files' : 'github';
            const content = { text: texts[text] };
            if (kind === 'ask') open.push(player.ask(server, 'tool', { i: which }));
            if (kind === 'call') player.call(server, 'tool', { i: which }, content);
            if (kind === 'back') wall -= 60;
            if (kind === 'list') {
              const list = { jsonrpc: '2.0', id: 7000 + mono, method: 'tools/list', params: content };
              player.frame(list, { leg: 'upstream', server: 'files', forwards: player.frame(list, {}), ownMessage: true, unchanged: true });
            }
            const [first] = kind === 'answer' ? open.splice(which % Math.max(1, open.length), 1) : [];
            if (!first) continue;
            // Some answers are passed on as they came.
            const answer = { jsonrpc: '2.0', id: first.id, result: content };
            if (which < 5) player.frame(answer, { direction: 'toClient', forwards: player.frame(answer, { leg: 'upstream', direction: 'toClient', server }), unchanged: true });
            else player.answer(server, first, { result: content });
          }
          await view.refresh();
          const all = await readAll(dir);
          for (const filter of filters) {
            const page = await view.page({ filter, position: { kind: 'newest' }, limit }, () => 0);
            expect(idsOf(page)).toEqual(matching(all, filter).slice(0, limit));
          }
        }
        view.close();
        journal.close();
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
