// Who looks at the screen goes first: pages and single calls before sums, groups and searching on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { Turns } from '../../../src/extension/store/worker/turns';
import { cleanFolders, sealWindows, tempFolder, wasmFile } from '../../support/store/storeHarness';

describe('turns', () => {
  it('let what is long wait until nothing urgent is left', async () => {
    const turns = new Turns();
    const order: string[] = [];
    let finish = (): void => undefined;
    const urgent = turns.urgently(() => new Promise<void>((resolve) => (finish = resolve))).then(() => order.push('urgent'));
    const long = turns.giveWay().then(() => order.push('long'));
    await Promise.resolve();
    expect(order).toEqual([]);
    finish();
    await Promise.all([urgent, long]);
    expect([...order].sort()).toEqual(['long', 'urgent']);
    expect(turns.isUrgent).toBe(false);
  });

  it('go on also when what was urgent has failed', async () => {
    const turns = new Turns();
    const urgent = turns.urgently(() => Promise.reject(new Error('no')));
    const long = turns.giveWay();
    await expect(urgent).rejects.toThrow('no');
    await long;
  });
});

describe('a page', () => {
  const now = 1_800_000_000_000;
  let dir: string;
  let engine: SqlEngine;

  beforeAll(async () => {
    dir = tempFolder();
    engine = await SqlEngine.start(wasmFile, dir);
    await sealWindows(dir, engine, 4, now, (player, k) => {
      // One server is in the newest file only.
      for (let i = 0; i < 300; i++) player.call(k === 3 && i % 2 === 0 ? 'rare' : 'usual', 'tool', { i, text: 'x'.repeat(200) });
    });
  });

  afterAll(() => cleanFolders());

  it('comes before a search that was asked earlier', async () => {
    const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const view = new StoreView({ dir, engine, now: () => now, breathe, warn: (message) => expect.fail(message) });
    await view.refresh();
    const order: string[] = [];
    // Reads every body of four files.
    const summary = view.summary({ filter: '/x{3}never/' }).then(() => order.push('summary'));
    const page = view.page({ position: { kind: 'newest' }, limit: 50 }, () => 0).then(() => order.push('page'));
    await Promise.all([summary, page]);
    expect(order).toEqual(['page', 'summary']);
    view.close();
  });

  it('does not look into files that cannot hold what it is asked for', async () => {
    const view = new StoreView({ dir, engine, now: () => now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message), searchBudgetMs: 0 });
    await view.refresh();
    const page = await view.page({ filter: 'server:rare', position: { kind: 'newest' }, limit: 50 }, () => 0);
    expect(page.rows).toHaveLength(50);
    expect(page.rows.every(({ server }) => server === 'rare')).toBe(true);
    // Not one of the other files was counted, and the number is known all the same once the newest is.
    await expect.poll(async () => (await view.page({ filter: 'server:rare', position: { kind: 'newest' }, limit: 50 }, () => 0)).total).toBe(150);
    expect((await view.page({ filter: 'server:nowhere', position: { kind: 'newest' }, limit: 50 }, () => 0))).toMatchObject({ rows: [], total: 0 });
    expect((await view.page({ filter: 'server:nowhere', position: { kind: 'newest' }, limit: 50 }, () => 0)).isTotalExact).toBeUndefined();
    view.close();
  });
});
