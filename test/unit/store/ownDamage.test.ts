// Damage in what this window itself has recorded, and originals that go: both are told, once, and stand in the log.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import type { Recovery, TrafficStore } from '../../../src/extension/store/types';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { deadWindow, sealerIn } from '../../support/store/segmentFile';
import { cleanFolders, openTestStore, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const open: TrafficStore[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

const names = (dir: string, end: string): string[] => readdirSync(dir).filter((name) => name.endsWith(end)).sort();

/** Overwrites some of the text of a journal. */
function damage(dir: string, name: string, text: string): void {
  const at = readFileSync(join(dir, name)).indexOf(text);
  expect(at).toBeGreaterThan(0);
  const fd = openSync(join(dir, name), 'r+');
  writeSync(fd, 'ZZZZ', at);
  closeSync(fd);
}

/** Events of a kind in all files of a folder. */
function eventsIn(dir: string, type: string): Record<string, unknown>[] {
  return names(dir, '.sqlite').flatMap((name) => {
    const db = new DatabaseSync(join(dir, name), { readOnly: true });
    try {
      return db.prepare('SELECT data FROM events WHERE type = ?').all(type).map(({ data }) => JSON.parse(data as string) as Record<string, unknown>);
    } finally {
      db.close();
    }
  });
}

interface Window {
  readonly store: TrafficStore;
  readonly player: Player;
  readonly told: Recovery[];
  readonly dir: string;
}

async function openWindow(dir: string, options: Parameters<typeof openTestStore>[1] = {}): Promise<Window> {
  const store = await openTestStore(dir, options);
  open.push(store);
  const told: Recovery[] = [];
  store.onDidRecover((recovery) => told.push(recovery));
  return { store, player: new Player(store), told, dir };
}

const close = (store: TrafficStore): Promise<void> => (open.splice(open.indexOf(store), 1), store.close());

describe('damage in a window’s own journal', () => {
  it('is told when the journal is sealed, and recorded, and the original put aside', async () => {
    const { store, player, told, dir } = await openWindow(tempFolder(), { rotateBytes: 30_000 });
    for (let i = 0; i < 10; i++) player.call('a', `tool${i}`, { i });
    const [journal] = names(dir, '.jnl') as [string];
    damage(dir, journal, 'a__tool5');
    for (let i = 0; i < 100; i++) player.call('a', 'more', { i });
    await expect.poll(() => existsSync(join(dir, 'quarantine')) && readdirSync(join(dir, 'quarantine')), { timeout: 10_000 }).toEqual([journal]);
    const facts = { journals: 0, frames: 0, damagedEntries: 1, quarantined: [journal] };
    expect(told).toMatchObject([facts]);
    await store.settled();
    // All calls are there, as far as they could be read.
    expect((await store.page({ position: { kind: 'newest' }, limit: 1 })).total).toBe(110);
    await close(store);
    expect(eventsIn(dir, 'store.recovered')).toMatchObject([facts]);
    expect(names(dir, '.jnl')).toEqual([]);
    // It is over: the next start has nothing to tell.
    const engine = await SqlEngine.start(wasmFile, tempFolder());
    expect(await sealerIn(dir, engine).recover()).toMatchObject({ journals: 0, frames: 0, damagedEntries: 0, quarantined: [], failed: 0 });
  });

  it('that is found when it closes is told by the next start, for which the journal stays', async () => {
    const { store, player, told, dir } = await openWindow(tempFolder());
    for (let i = 0; i < 10; i++) player.call('a', `tool${i}`, { i });
    const [journal] = names(dir, '.jnl') as [string];
    damage(dir, journal, 'a__tool5');
    await close(store);
    expect(told).toEqual([]);
    // Whoever looks meanwhile finds everything in a SQLite file.
    expect([names(dir, '.jnl'), names(dir, '.sqlite').length, existsSync(join(dir, 'quarantine'))]).toEqual([[journal], 1, false]);
    // The process that recorded it lives, but nobody answers any more, and that was long ago.
    const engine = await SqlEngine.start(wasmFile, tempFolder());
    const next = sealerIn(dir, engine, { now: () => Date.now() + 3_600_000 });
    expect(await next.recover()).toMatchObject({ journals: 0, frames: 0, damagedEntries: 1, quarantined: [journal], failed: 0 });
    expect([names(dir, '.jnl'), names(dir, '.sqlite').length, readdirSync(join(dir, 'quarantine'))]).toEqual([[], 1, [journal]]);
    expect(await next.recover()).toMatchObject({ damagedEntries: 0, quarantined: [] });
  });

  it('is found again by whoever seals it again, until it was told', async () => {
    const dir = tempFolder();
    deadWindow(dir, 'w', (player) => void player.call('a', 'tool', {}));
    damage(dir, 'w-1.jnl', 'a__tool');
    const sealer = sealerIn(dir, await SqlEngine.start(wasmFile, tempFolder()), { me: 'w' });
    const facts = { journals: 0, frames: 0, damagedEntries: 1, quarantined: ['w-1.jnl'] };
    expect(sealer.seal(1, 'handOver')).toMatchObject(facts);
    expect(sealer.seal(1, 'handOver')).toMatchObject(facts);
    sealer.quarantine(1);
    expect(sealer.seal(1, 'handOver')).toBeUndefined();
    sealer.quarantine(1);
    expect(readdirSync(dir).sort()).toEqual(['quarantine', 'w-1.sqlite']);
  });

  it('that is none leaves nothing to tell', async () => {
    const dir = tempFolder();
    deadWindow(dir, 'w', (player) => void player.call('a', 'tool', {}));
    const sealer = sealerIn(dir, await SqlEngine.start(wasmFile, tempFolder()), { me: 'w' });
    expect(sealer.seal(1, 'last')).toBeUndefined();
    expect(readdirSync(dir)).toEqual(['w-1.sqlite']);
  });
});

describe('originals that go because there are too many', () => {
  function originals(dir: string, ...sizes: number[]): void {
    mkdirSync(join(dir, 'quarantine'));
    sizes.forEach((size, index) => {
      const path = join(dir, 'quarantine', `w${index}-1.jnl`);
      writeFileSync(path, 'x'.repeat(size));
      utimesSync(path, index + 1, index + 1);
    });
  }

  it('are named, also where nothing else goes', async () => {
    const dir = tempFolder();
    originals(dir, 1000, 2000, 3000);
    const sealer = sealerIn(dir, await SqlEngine.start(wasmFile, tempFolder()));
    expect(await sealer.retain({ maxAgeMs: 0, maxBytes: 14_000 })).toEqual({ segments: 0, calls: 0, bytes: 0, tooOld: 0, kept: 0, originals: ['w0-1.jnl', 'w1-1.jnl'], originalBytes: 3000 });
    expect(readdirSync(join(dir, 'quarantine'))).toEqual(['w2-1.jnl']);
    expect(await sealer.retain({ maxAgeMs: 0, maxBytes: 14_000 })).toEqual({ segments: 0, calls: 0, bytes: 0, tooOld: 0, kept: 0 });
  });

  it('are recorded in the log', async () => {
    const dir = tempFolder();
    originals(dir, 1000, 300_000);
    const { store, player } = await openWindow(dir, { maxBytes: 1_202_000 });
    player.call('a', 'b', {});
    await expect.poll(async () => (await store.snapshot(), eventsIn(dir, 'store.retention')), { timeout: 10_000 }).toMatchObject([{ segments: 0, originals: ['w0-1.jnl'], originalBytes: 1000 }]);
  });
});
