// What is said of the store's state, and of a worker that is given up: for a while only.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stateOf, type StoreCondition } from '../../../src/extension/store/storeStatus';
import type { TrafficStore } from '../../../src/extension/store/types';
import { clockWithLongTimers } from '../../support/store/longTimers';
import { cleanFolders, openTestStore, Player, tempFolder, workerFile } from '../../support/store/storeHarness';

const open: TrafficStore[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

const well: StoreCondition = { trouble: undefined, unsynced: undefined, isSlow: false, queries: 'ready', files: 'ready', unreadable: [] };

describe('the state of the store', () => {
  it.each<[string, Partial<StoreCondition>, RegExp | undefined, boolean]>([
    ['nothing is wrong', {}, undefined, true],
    ['the helper for files rests', { files: 'opening' }, undefined, true],
    ['traffic is not being kept, whatever else there is', { trouble: { reason: 'ENOSPC', missing: 3 }, unsynced: 'EIO', isSlow: true, queries: 'lost' }, /^Traffic is not being kept: ENOSPC$/, false],
    ['the disk does not confirm', { unsynced: 'EIO', isSlow: true }, /does not confirm.*power cut.*EIO/, false],
    ['the disk is slow', { isSlow: true, queries: 'lost' }, /slow/, false],
    ['only the latest can be shown', { queries: 'lost' }, /being kept, but only the latest.*from memory.*older cannot be shown/, true],
    ['no files are made', { files: 'lost' }, /being kept, but only in journals/, true],
    ['both', { queries: 'lost', files: 'lost' }, /cannot be shown.*only in journals/, true],
    ['a file is damaged', { unreadable: [{ name: 'a.sqlite', isNewer: false }] }, /it is damaged: a\.sqlite\./, true],
    ['files are damaged and newer', { unreadable: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, isNewer: name === 'b' })) }, /they are damaged: a, c, d and 1 more\..*newer.*wrote it: b\./, true],
  ])('where %s', (_name, condition, message, isKept) => {
    const state = stateOf({ ...well, ...condition });
    if (!message) expect(state).toEqual({ kind: 'ok' });
    else {
      expect(state).toMatchObject({ kind: 'degraded', message: expect.stringMatching(message) as string });
      expect('isKept' in state).toBe(isKept);
    }
  });
});

describe('a worker that is lost', () => {
  async function openBroken(role: 'query' | 'sealer'): Promise<{ store: TrafficStore; dir: string; mend: () => void }> {
    const dir = tempFolder();
    const broken = join(tempFolder(), 'broken');
    const script = join(tempFolder(), 'worker.js');
    writeFileSync(broken, '');
    writeFileSync(
      script,
      `const { workerData } = require('node:worker_threads');
       const { role } = workerData ?? JSON.parse(process.argv[3]);
       if (role === '${role}' && require('node:fs').existsSync(${JSON.stringify(broken)})) throw new Error('crash');
       require(${JSON.stringify(workerFile())});`,
    );
    const { clock, pass } = clockWithLongTimers();
    const store = await openTestStore(dir, { workerFile: script, clock, rotateBytes: 20_000 });
    open.push(store);
    return { store, dir, mend: () => (rmSync(broken), pass()) };
  }
  const play = (store: TrafficStore): void => {
    const player = new Player(store);
    for (let i = 0; i < 100; i++) player.call('a', 'b', { i, text: 'y'.repeat(200) });
  };
  const files = (dir: string, end: string): number => readdirSync(dir).filter((name) => name.endsWith(end)).length;

  it('is said where it is the one that makes files; it is tried again, and makes up for what it missed', async () => {
    const { store, dir, mend } = await openBroken('sealer');
    play(store);
    await expect.poll(() => store.state, { timeout: 15_000 }).toMatchObject({ kind: 'degraded', isKept: true, message: expect.stringContaining('only in journals') as string });
    expect(files(dir, '.sqlite')).toBe(0);
    expect(files(dir, '.jnl')).toBeGreaterThan(3);
    await expect(store.snapshot()).rejects.toMatchObject({ code: 'store.unavailable', message: expect.stringContaining('No SQLite file') as string });
    await store.settled();
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).total).toBe(100);
    mend();
    await expect.poll(() => store.state, { timeout: 15_000 }).toEqual({ kind: 'ok' });
    await expect.poll(() => files(dir, '.jnl'), { timeout: 15_000 }).toBe(1);
    expect(files(dir, '.sqlite')).toBeGreaterThan(3);
    expect(existsSync(await store.snapshot())).toBe(true);
  });

  it('is started again after a while where it is the one that answers', async () => {
    const { store, mend } = await openBroken('query');
    play(store);
    await expect.poll(() => store.state, { timeout: 15_000 }).toMatchObject({ kind: 'degraded', isKept: true, message: expect.stringContaining('cannot be shown') as string });
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).rows).toHaveLength(5);
    mend();
    await expect.poll(() => store.state, { timeout: 15_000 }).toEqual({ kind: 'ok' });
    await store.settled();
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).total).toBe(100);
  });
});
