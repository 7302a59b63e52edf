// Searching bodies of a long history: what a common word finds is there at once, and how often it occurs soon after.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFilter, isOutOfQuestion, searchBodies } from '../../../src/extension/store/worker/filterSql';
import { count } from '../../../src/extension/store/worker/pages';
import { Segment } from '../../../src/extension/store/worker/segment';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { cleanFolders, sealWindows, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
let dir: string;
let engine: SqlEngine;

beforeAll(async () => {
  dir = tempFolder();
  engine = await SqlEngine.start(wasmFile, dir);
  await sealWindows(dir, engine, 6, now, (player) => {
    for (let i = 0; i < 50; i++) player.call('a', 'tool', { i, text: i % 2 ? 'a common word' : 'nothing' });
  });
});

afterAll(() => cleanFolders());

async function viewWith(onSearched?: () => void, breathe: () => Promise<void> = () => new Promise((resolve) => setImmediate(resolve))): Promise<StoreView> {
  const view = new StoreView({ dir, engine, now: () => now, breathe, warn: (message) => expect.fail(message), searchBudgetMs: 0, onSearched });
  await view.refresh();
  return view;
}

describe('a search for a common word', () => {
  it('gives its newest page before it has read all of history, and says so', async () => {
    let told = 0;
    const view = await viewWith(() => told++);
    const query = { filter: '"common word"', position: { kind: 'newest' }, limit: 10 } as const;
    const first = await view.page(query, () => 0);
    expect(first.rows).toHaveLength(10);
    expect(first.rows.every(({ session }) => session === 's5')).toBe(true);
    expect(first).toMatchObject({ isTotalExact: false, total: 10, offset: 0 });
    expect(first.olderCursor).toBeDefined();
    // Nobody has to ask for it to go on; and what is told is that there is more to ask for.
    await expect.poll(() => told, { timeout: 5000, interval: 5 }).toBeGreaterThan(0);
    await expect.poll(async () => (await view.page(query, () => 0)).isTotalExact, { timeout: 10_000, interval: 5 }).toBeUndefined();
    expect((await view.page(query, () => 0)).total).toBe(150);
    view.close();
  });

  it('leads from page to page to the very end, whatever has been counted by then', async () => {
    const view = await viewWith();
    const ids: string[] = [];
    let page = await view.page({ filter: 'common', position: { kind: 'newest' }, limit: 20 }, () => 0);
    for (;;) {
      expect(page.offset).toBe(ids.length);
      ids.push(...page.rows.map(({ id }) => id));
      if (page.olderCursor === undefined) break;
      page = await view.page({ filter: 'common', position: { kind: 'olderThan', cursor: page.olderCursor }, limit: 20 }, () => 0);
    }
    expect(new Set(ids).size).toBe(150);
    view.close();
  });

  it('ends when nobody wants its answer any more', async () => {
    const abort = new AbortController();
    let turns = 0;
    const view = await viewWith(undefined, async () => {
      if (++turns === 2) abort.abort();
    });
    await expect(view.summary({ filter: '/comm.n wo.d/' }, abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
    view.close();
  });
});

describe('a search for a rare word', () => {
  it('leaves segments alone that cannot hold it, and is right about all of them', async () => {
    const folder = tempFolder();
    // So long that they have signatures.
    const filling = 'the quick brown fox jumps over the lazy dog '.repeat(30_000);
    await sealWindows(folder, engine, 3, now, (player, window) => {
      player.call('a', 'tool', { filling });
      player.call('a', 'tool', { text: window === 1 ? 'a zebrafinch' : 'a bird' });
    });
    const segments = readdirSync(folder).filter((name) => name.endsWith('.sqlite')).sort().map((name) => new Segment(engine, join(folder, name)));
    expect(segments).toHaveLength(3);
    const [rare, others, named] = ['zebrafinch', '-zebrafinch', 'zebrafinch OR tool'].map((text) => compileFilter(text, now));
    for (const filter of [rare!, others!, named!]) for (const segment of segments) await searchBodies(filter, segment, () => Promise.resolve());
    expect(segments.map((segment) => isOutOfQuestion(rare!, segment))).toEqual([true, false, true]);
    expect(segments.map((segment) => count(segment, rare!))).toEqual([0, 1, 0]);
    expect(segments.map((segment) => count(segment, others!))).toEqual([2, 1, 2]);
    expect(segments.map((segment) => count(segment, named!))).toEqual([2, 2, 2]);
    // Other texts take the place of what is known, and it is found out again.
    for (let other = 0; other < 8; other++) for (const segment of segments) await searchBodies(compileFilter(`finch${other}`, now), segment, () => Promise.resolve());
    const again = compileFilter('zebrafinch bird', now);
    expect(segments.map((segment) => count(segment, again))).toEqual([0, 0, 0]);
    expect(segments.map((segment) => count(segment, { ...rare!, key: 'again' }))).toEqual([0, 1, 0]);
    for (const segment of segments) segment.close();
  });
});
