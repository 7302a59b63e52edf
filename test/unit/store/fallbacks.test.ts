// When a part of the store fails: traffic is kept all the same, and somebody says so.
import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as nodeFs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JournalFs } from '../../../src/extension/store/journalWriter';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { openStoreReader } from '../../../src/extension/store/reader';
import type { TrafficStore } from '../../../src/extension/store/types';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { bundle } from '../../support/bundles';
import { cleanFolders, openTestStore, Player, tempFolder, wasmFile, workerFile } from '../../support/store/storeHarness';

const withoutZstd = vi.hoisted(() => ({ on: false }));
vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>();
  return {
    ...zlib,
    get zstdCompressSync() {
      return withoutZstd.on ? undefined : zlib.zstdCompressSync;
    },
  };
});

const open: TrafficStore[] = [];
afterEach(async () => {
  withoutZstd.on = false;
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

async function openIn(dir: string, options: Parameters<typeof openTestStore>[1]): Promise<TrafficStore> {
  const store = await openTestStore(dir, options);
  open.push(store);
  return store;
}

async function callsIn(dir: string): Promise<number> {
  const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: nullLogger });
  let calls = 0;
  for await (const call of reader.calls()) if (call.response?.includes('done')) calls++;
  await reader.close();
  return calls;
}

describe('a store whose worker crashes', () => {
  it('starts it again, once, and nothing is lost', async () => {
    const dir = tempFolder();
    const marker = join(tempFolder(), 'crashed');
    const script = join(tempFolder(), 'worker.js');
    writeFileSync(
      script,
      `const { workerData } = require('node:worker_threads'); const fs = require('node:fs');
       if (workerData.role === 'query' && !fs.existsSync(${JSON.stringify(marker)})) { fs.writeFileSync(${JSON.stringify(marker)}, ''); throw new Error('crash'); }
       require(${JSON.stringify(workerFile())});`,
    );
    const store = await openIn(dir, { workerFile: script });
    new Player(store).call('a', 'b', {});
    await store.settled();
    expect(existsSync(marker)).toBe(true);
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).total).toBe(1);
    expect(store.state).toEqual({ kind: 'ok' });
  });

  it('goes on recording, says that it cannot show what is older, and shows the latest from memory when it crashes again', async () => {
    const dir = tempFolder();
    const script = join(tempFolder(), 'worker.js');
    writeFileSync(script, `throw new Error('crash')`);
    const store = await openIn(dir, { workerFile: script });
    await expect.poll(() => store.state.kind, { timeout: 10_000 }).toBe('degraded');
    expect(store.state).toMatchObject({ missingFrames: 0, isKept: true });
    new Player(store).call('a', 'b', {});
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).rows).toMatchObject([{ server: 'a', name: 'b', status: 'ok' }]);
    await expect(store.call('20200101-000000-other/1')).rejects.toMatchObject({ code: 'store.unavailable' });
    await store.close();
    expect(await callsIn(dir)).toBe(1);
  });

  it('says so where not even that can be shown', async () => {
    const dir = tempFolder();
    const script = join(tempFolder(), 'worker.js');
    writeFileSync(script, `throw new Error('crash')`);
    const store = await openIn(dir, { workerFile: script, wasmFile: join(dir, 'nowhere.wasm') });
    await expect.poll(() => store.state.kind, { timeout: 10_000 }).toBe('degraded');
    new Player(store).call('a', 'b', {});
    await expect(store.page({ position: { kind: 'newest' }, limit: 5 })).rejects.toMatchObject({ code: 'store.unavailable' });
    await store.close();
    expect(await callsIn(dir)).toBe(1);
  });

  it('lets the worker that makes files rest, and wakes it', async () => {
    const dir = tempFolder();
    const started = join(tempFolder(), 'started');
    const script = join(tempFolder(), 'worker.js');
    writeFileSync(
      script,
      `const { workerData } = require('node:worker_threads');
       if (workerData.role === 'sealer') require('node:fs').appendFileSync(${JSON.stringify(started)}, 'x');
       require(${JSON.stringify(workerFile())});`,
    );
    const store = await openIn(dir, { workerFile: script, restAfterMs: 1 });
    const starts = (): string => (existsSync(started) ? nodeFs.readFileSync(started, 'utf8') : '');
    await store.snapshot();
    await expect
      .poll(async () => {
        await store.snapshot();
        return starts().length;
      }, { timeout: 10_000, interval: 100 })
      .toBeGreaterThan(1);
    new Player(store).call('a', 'b', {});
    await store.close();
    expect(readdirSync(dir).filter((name) => name !== 'notes')).toHaveLength(1);
    expect(await callsIn(dir)).toBe(1);
  });

  it('opens, records and closes where there is no worker script at all', async () => {
    const dir = tempFolder();
    const store = await openIn(dir, { workerFile: join(dir, 'nowhere.js') });
    new Player(store).call('a', 'b', {});
    await store.close();
    expect(await callsIn(dir)).toBe(1);
  });
});

describe('a store on a bad disk', () => {
  it('tells how many frames are missing, and that all is well again', async () => {
    const dir = tempFolder();
    let full = false;
    const fs = {
      ...nodeFs,
      writeSync: (...args: Parameters<typeof nodeFs.writeSync>) => {
        if (full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        return nodeFs.writeSync(...args);
      },
    } as unknown as JournalFs;
    const store = await openIn(dir, { fs });
    const player = new Player(store);
    player.call('a', 'kept', {});
    full = true;
    player.call('a', 'lost', {});
    expect(store.state).toMatchObject({ kind: 'degraded', missingFrames: 4 });
    expect((store.state as { message: string }).message).toContain('no space left');
    full = false;
    await expect.poll(() => store.state.kind, { timeout: 10_000 }).toBe('ok');
    player.call('a', 'again', {});
    await store.settled();
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).rows.map((row) => row.name ?? row.method)).toEqual(['again', 'recording/gap', 'kept']);
    const file = await store.snapshot();
    expect(execFileSync('sqlite3', [file, "SELECT json_extract(data, '$.count') FROM events WHERE type = 'store.gap'"], { encoding: 'utf8' }).trim()).toBe('4');
  });

  it('opens where the folder cannot be made, and says so', async () => {
    const parent = tempFolder();
    writeFileSync(join(parent, 'file'), '');
    const store = await openIn(join(parent, 'file', 'store'), {});
    expect(store.state.kind).toBe('degraded');
    expect(new Player(store).call('a', 'b', {}).response).toBe(4);
    await store.close();
  });

  it('begins to keep traffic when its folder can be made after all', async () => {
    const parent = tempFolder();
    const blocker = join(parent, 'store');
    writeFileSync(blocker, '');
    const store = await openIn(blocker, {});
    expect(store.state.kind).toBe('degraded');
    rmSync(blocker);
    await expect.poll(() => existsSync(blocker) && readdirSync(blocker).length, { timeout: 10_000 }).toBeGreaterThan(0);
    new Player(store).call('a', 'b', {});
    await store.settled();
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).total).toBe(1);
  });
});

describe('a store on an odd machine', () => {
  const big = { content: [{ type: 'text', text: `done ${'lorem ipsum '.repeat(5000)}` }] };

  async function deadJournal(dir: string): Promise<void> {
    const journal = new JournalWriter({ dir, writer: 'dead', clock: systemClock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
    const player = new Player({ journal }, 'dead');
    for (let i = 0; i < 5; i++) player.call('a', 'b', { i }, big);
    journal.close();
  }

  it.each([
    ['compresses with deflate where there is no zstd', true, 2],
    ['compresses with zstd', false, 1],
  ])('%s', async (_name, without, enc) => {
    withoutZstd.on = without;
    const dir = tempFolder();
    await deadJournal(dir);
    const engine = await SqlEngine.start(wasmFile, dir);
    await new Sealer({ dir, engine, me: 'me', now: Date.now, warn: (message) => expect.fail(message), compressFrom: 0 }).recover();
    const file = join(dir, 'dead-1.sqlite');
    expect(execFileSync('sqlite3', [file, 'PRAGMA integrity_check; SELECT max(enc) FROM body WHERE enc < 3; SELECT response FROM calls LIMIT 1'], { encoding: 'utf8' })).toMatch(new RegExp(`^ok\n${enc}\n\\(\\d+ bytes, compressed`));
    expect(await callsIn(dir)).toBe(5);
  });

  it('builds and reads segments as a whole where sql.js allows no short cuts', async () => {
    const dir = tempFolder();
    await deadJournal(dir);
    const engine = await SqlEngine.start(wasmFile, dir);
    engine.disableShortcuts();
    await new Sealer({ dir, engine, me: 'me', now: Date.now, warn: (message) => expect.fail(message) }).recover();
    const view = new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message), searchBudgetMs: Infinity });
    await view.refresh();
    const { rows, total } = await view.page({ filter: 'lorem', position: { kind: 'newest' }, limit: 10 }, () => 0);
    expect([rows.length, total]).toEqual([5, 5]);
    view.close();
  });

  it('reads a folder it may not write to', async () => {
    const dir = tempFolder();
    await deadJournal(dir);
    // Whoever is root may write anywhere: another user reads then, for whom the folder has to be open.
    const isRoot = process.getuid?.() === 0;
    const wasm = join(tempFolder(), 'sql-wasm.wasm');
    const script = bundle('test/support/store/readerChild.ts', 'readerChild.js');
    copyFileSync(wasmFile, wasm);
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), isRoot ? 0o444 : 0o400);
    for (const folder of [dir, dirname(wasm)]) chmodSync(folder, isRoot ? 0o555 : 0o500);
    try {
      const answer = execFileSync(process.execPath, [script, dir, wasm, ...(isRoot ? ['65534'] : [])], { encoding: 'utf8' });
      expect(JSON.parse(answer)).toEqual({ mayWrite: false, calls: 5, warnings: [] });
    } finally {
      for (const folder of [dir, dirname(wasm)]) chmodSync(folder, 0o700);
    }
  });
});
