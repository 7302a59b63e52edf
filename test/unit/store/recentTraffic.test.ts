// What is shown while the worker that answers is lost: the latest traffic, from memory, until it is there again.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EntryMeta, TrafficStore } from '../../../src/extension/store/types';
import { RecentView } from '../../../src/extension/store/worker/recentView';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { clockWithLongTimers } from '../../support/store/longTimers';
import { cleanFolders, openTestStore, Player, recordedIn, tempFolder, wasmFile, workerFile } from '../../support/store/storeHarness';

const open: TrafficStore[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

/** A store with the real worker for questions, which ends at once whenever `kill` says so, and is started again after a while when `revive` does. */
async function openKillable(): Promise<{ store: TrafficStore; dir: string; kill: () => Promise<void>; revive: () => void }> {
  const dir = tempFolder();
  const dead = join(tempFolder(), 'dead');
  const script = join(tempFolder(), 'worker.js');
  writeFileSync(
    script,
    `const { workerData } = require('node:worker_threads');
     if (workerData?.role === 'query') setInterval(() => { if (require('node:fs').existsSync(${JSON.stringify(dead)})) process.exit(3); }, 5);
     require(${JSON.stringify(workerFile())});`,
  );
  const { clock, pass } = clockWithLongTimers();
  const store = await openTestStore(dir, { workerFile: script, clock });
  open.push(store);
  return {
    store,
    dir,
    kill: async () => {
      writeFileSync(dead, '');
      await expect.poll(() => store.state, { timeout: 15_000 }).toMatchObject({ kind: 'degraded', isKept: true });
    },
    revive: () => {
      rmSync(dead);
      pass();
    },
  };
}

const newest = (store: TrafficStore, limit = 1000, filter = ''): ReturnType<TrafficStore['page']> => store.page({ filter, position: { kind: 'newest' }, limit });

describe('a store whose worker for questions is killed twice', () => {
  it('shows what was recorded last and what comes, with its texts, and all of it when the worker is back', async () => {
    const { store, dir, kill, revive } = await openKillable();
    const player = new Player(store);
    player.initialize('Client', '1');
    for (let i = 0; i < 30; i++) player.call('one', `before${i}`, { i });
    await store.settled();
    expect((await newest(store)).total).toBe(31);
    const asked = player.ask('one', 'meanwhile', { question: 'needle' });
    await kill();

    const seen: number[] = [];
    const listening = store.onDidAdvance(({ through }) => seen.push(through));
    player.answer('one', asked, { result: { content: [{ type: 'text', text: 'haystack' }] } });
    for (let i = 0; i < 20; i++) player.call('two', `after${i}`, { i }, { content: [{ type: 'text', text: `answer ${i}` }] });
    const { response } = player.call('two', 'last', { i: 'x' });
    const page = await newest(store);
    expect(page.rows.map(({ name }) => name).slice(0, 3)).toEqual(['last', 'after19', 'after18']);
    // The end of the journal was read: all of it, since it is short.
    expect([page.rows.length, page.total]).toEqual([53, 53]);
    expect(page.rows.find(({ name }) => name === 'meanwhile')).toMatchObject({ status: 'ok', client: 'Client' });
    await expect.poll(() => seen.at(-1)).toBe(response);
    listening.dispose();

    const [found] = (await newest(store, 5, 'needle')).rows;
    const detail = await store.call(found!.id);
    expect(detail?.request?.text).toContain('needle');
    expect(detail?.response?.text).toContain('haystack');
    expect((await store.body({ id: found!.id, part: 'response' }, 0, 1000)).text).toContain('haystack');
    expect((await store.summary({ filter: 'server:two', scope: 'all' })).calls).toBe(21);
    expect((await store.groups({ by: 'session', limit: 10 })).groups).toHaveLength(1);
    expect((await store.statistics({ by: 'server' })).rows.map(({ server, calls }) => [server, calls])).toEqual(expect.arrayContaining([['one', 31], ['two', 21]]));
    expect((await store.timeline({ limit: 100, buckets: 10 })).calls).toBe(53);
    await store.annotate([found!.id], { isPinned: true });
    expect((await newest(store, 5, 'is:pinned')).rows.map(({ id }) => id)).toEqual([found!.id]);
    await store.settled();

    revive();
    await expect.poll(() => store.state, { timeout: 15_000 }).toEqual({ kind: 'ok' });
    await store.settled();
    const whole = await newest(store);
    expect(whole.rows.map(({ id }) => id)).toEqual(page.rows.map(({ id }) => id));
    expect((await newest(store, 5, 'is:pinned')).rows.map(({ id }) => id)).toEqual([found!.id]);
    await store.close();
    expect(await recordedIn(dir)).toHaveLength(53);
  }, 40_000);

  it('keeps nothing in memory while the worker lives, and lets it go when it is back', async () => {
    const { store, kill, revive } = await openKillable();
    const tapped = (): boolean => (store.journal as unknown as { tap?: unknown }).tap !== undefined;
    new Player(store).call('a', 'b', {});
    await store.settled();
    expect(tapped()).toBe(false);
    await kill();
    expect(tapped()).toBe(true);
    revive();
    await expect.poll(() => store.state, { timeout: 15_000 }).toEqual({ kind: 'ok' });
    expect(tapped()).toBe(false);
  }, 40_000);
});

describe('what is shown from memory', () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await SqlEngine.start(wasmFile, tempFolder());
  });

  /** Plays calls into a view as the journal's writer tells of them. */
  function playInto(view: RecentView, play: (player: Player) => void, onAppend?: (meta: EntryMeta) => void): number {
    let last = 0;
    const journal = {
      append: (meta: EntryMeta, timeMs: number, us: number, body: Uint8Array | undefined): number => {
        const n = ++last;
        onAppend?.(meta);
        view.add({ n, timeMs, us, meta, body: meta.k === 'event' ? Buffer.from(JSON.stringify(meta.data)) : Buffer.from(body ?? []), offset: 0, bodyOffset: 0, damaged: false });
        return n;
      },
      flush: () => undefined,
      canReferTo: () => true,
    };
    play(new Player({ journal } as never));
    return last;
  }

  it('is bounded: the oldest go, and a call that is open meanwhile stays', async () => {
    const view = new RecentView({ dir: tempFolder(), engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message) }, 'me');
    const total = 6000;
    playInto(view, (player) => {
      const asked = player.ask('slow', 'open', {});
      for (let i = 0; i < total; i++) player.call('a', `tool${i}`, { i });
      player.answer('slow', asked, { result: {} });
    });
    await view.refresh();
    const page = await view.page({ position: { kind: 'newest' }, limit: 1000 }, () => 0);
    expect(page.rows[0]).toMatchObject({ name: `tool${total - 1}` });
    expect(page.total).toBeGreaterThan(2000);
    expect(page.total).toBeLessThan(4200);
    const open = await view.page({ filter: 'server:slow', position: { kind: 'newest' }, limit: 10 }, () => 0);
    expect(open.rows).toMatchObject([{ name: 'open', status: 'ok' }]);
    view.close();
  });

  it('is whole where the journal keeps only what differs from another message, and empty where that one is gone', async () => {
    const view = new RecentView({ dir: tempFolder(), engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message) }, 'me');
    const text = 'x'.repeat(5000);
    const cuts: number[] = [];
    const answered = playInto(view, (player) => player.call('a', 'large', { text }), (meta) => meta.k === 'frame' && meta.cut && cuts.push(meta.cut[1]));
    await view.refresh();
    const { rows: [row] } = await view.page({ position: { kind: 'newest' }, limit: 1 }, () => 0);
    expect([cuts.length, answered]).toEqual([1, 4]);
    const body = await view.body({ id: row!.id, part: 'upstreamRequest' }, 0, 10_000);
    expect(JSON.parse(body.text)).toMatchObject({ params: { name: 'large', arguments: { text } } });

    view.add({ n: 5, timeMs: 1, us: 1, meta: { k: 'frame', leg: 'upstream', dir: 'toServer', kind: 'request', s: 's1', srv: 'a', id: '9', method: 'tools/call', fwd: 77, cut: [3, 4], size: 5000 }, body: Buffer.from('"large"'), offset: 0, bodyOffset: 0, damaged: false });
    await view.refresh();
    expect(view.last).toBe(5);
    view.close();
  });

  it('is bounded by the size of texts, too', async () => {
    const view = new RecentView({ dir: tempFolder(), engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message) }, 'me');
    const text = 'x'.repeat(1 << 20);
    playInto(view, (player) => {
      for (let i = 0; i < 60; i++) player.call('a', `tool${i}`, { i }, { content: [{ type: 'text', text }] });
    });
    await view.refresh();
    const page = await view.page({ position: { kind: 'newest' }, limit: 1000 }, () => 0);
    expect(page.rows[0]).toMatchObject({ name: 'tool59' });
    expect(page.total).toBeLessThan(34);
    view.close();
  });
});
