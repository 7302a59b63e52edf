// The newest rows of segments are remembered, and never shown when they are not so any more.
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallPage } from '../../../src/extension/contract/traffic';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { cleanFolders, sealWindows, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
let dir: string;
let view: StoreView;
let engine: SqlEngine;

beforeEach(async () => {
  dir = tempFolder();
  engine = await SqlEngine.start(wasmFile, dir);
  await sealWindows(dir, engine, 3, now, (player, window) => {
    for (let call = 0; call < 400; call++) player.call('a', `tool${window}`, { call }, { content: [] });
  });
  view = new StoreView({ dir, engine, now: () => now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message) });
  await view.refresh();
});
afterEach(() => {
  vi.restoreAllMocks();
  view.close();
  cleanFolders();
});

const newest = (filter = '', limit = 200): Promise<CallPage> => view.page({ filter, position: { kind: 'newest' }, limit }, () => 0);
const idsOf = ({ rows }: CallPage): string[] => rows.map(({ id }) => id);

describe('the newest page of segments', () => {
  it('is the same when it is asked for again, and nothing is read again for it', async () => {
    const first = await newest('tool:tool*', 500);
    const memory = engine.createMemory();
    const asked = vi.spyOn(Object.getPrototypeOf(memory) as typeof memory, 'prepare');
    expect(await newest('tool:tool*', 500)).toEqual(first);
    expect(asked).not.toHaveBeenCalled();
    expect(idsOf(await newest('tool:tool*', 100))).toEqual(idsOf(first).slice(0, 100));
    expect(asked).toHaveBeenCalled();
    memory.close();
  });

  it('shows what a user has put on a call meanwhile', async () => {
    const id = (await newest()).rows[5]!.id;
    await view.annotate([id], { isPinned: true, comment: 'look' }, 'me');
    expect((await newest()).rows[5]).toMatchObject({ id, note: { isPinned: true, comment: 'look' } });
    expect(idsOf(await newest('is:pinned'))).toEqual([id]);
    await view.annotate([id], { isPinned: false, comment: '' }, 'me');
    expect((await newest()).rows[5]).toMatchObject({ id, note: undefined });
    expect(idsOf(await newest('is:pinned'))).toEqual([]);
  });

  it('does not show a segment that went, and shows it when it is there again', async () => {
    const before = idsOf(await newest('', 1000));
    expect(before[0]).toMatch(/^w2\//);
    const away = join(dir, 'away');
    mkdirSync(away);
    const names = readdirSync(dir).filter((name) => name.startsWith('w2-'));
    for (const name of names) renameSync(join(dir, name), join(away, name));
    await view.refresh();
    expect(idsOf(await newest('', 1000))).toEqual((await all()).filter((id) => !id.startsWith('w2/')).slice(0, 1000));
    for (const name of names) renameSync(join(away, name), join(dir, name));
    await view.refresh();
    expect(idsOf(await newest('', 1000))).toEqual(before);
  });

  it('is right for more pages than are remembered', async () => {
    const ids = await all();
    for (const round of [1, 2]) {
      for (let limit = 10 * round; limit <= 1000; limit += 45) expect(idsOf(await newest('', limit))).toEqual(ids.slice(0, limit));
    }
  });
});

/** Every call, newest first, read page by page. */
async function all(): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; ; offset = ids.length) {
    const found = await view.page({ position: { kind: 'offset', offset }, limit: 97 }, () => 0);
    ids.push(...idsOf(found));
    if (found.rows.length < 97) return ids;
  }
}
