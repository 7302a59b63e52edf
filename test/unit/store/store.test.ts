// The store as the application uses it: real files, real worker threads, real sql.js.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { openStoreReader } from '../../../src/extension/store/reader';
import type { TrafficStore } from '../../../src/extension/store/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, openTestStore, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const open: TrafficStore[] = [];

async function openIn(dir: string, options: Parameters<typeof openTestStore>[1] = {}): Promise<TrafficStore> {
  const store = await openTestStore(dir, options);
  open.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

const sqlite = (file: string, sql: string): string => execFileSync('sqlite3', [file, sql], { encoding: 'utf8' }).trim();

async function newest(store: Pick<TrafficStore, 'page'>, filter = '', limit = 100): Promise<readonly CallRow[]> {
  return (await store.page({ filter, position: { kind: 'newest' }, limit })).rows;
}

describe('the store', () => {
  it('shows a call with its facts as soon as it is settled', async () => {
    const store = await openIn(tempFolder());
    const player = new Player(store);
    player.initialize();
    const { request } = player.call('github', 'create_issue', { title: 'Hello', n: 3 });
    await store.settled();
    const [call, handshake, ...others] = await newest(store);
    expect(others).toEqual([]);
    expect(handshake).toMatchObject({ method: 'initialize', status: 'ok', client: 'Visual Studio Code' });
    expect(call).toMatchObject({ frame: request, origin: 'client', session: 's1', client: 'Visual Studio Code', server: 'github', method: 'tools/call', name: 'create_issue', detail: 'title: Hello, n: 3', status: 'ok' });
    expect(call?.durationUs).toBeGreaterThanOrEqual(call?.upstreamUs ?? Infinity);
    expect(store.state).toEqual({ kind: 'ok' });
  });

  it('gives a call with both legs and the session', async () => {
    const store = await openIn(tempFolder());
    const player = new Player(store);
    player.initialize();
    const { request, upstreamRequest } = player.ask('files', 'read', { path: '/tmp/x' });
    player.frame({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }, { leg: 'upstream', direction: 'toClient', server: 'files', cause: upstreamRequest });
    player.answer('files', { id: 2, upstreamId: 1002, request, upstreamRequest }, { error: { code: -32000, message: 'no such file' } });
    await store.settled();
    const [call] = await newest(store);
    const detail = await store.call(call?.id ?? '');
    expect(detail?.row).toMatchObject({ status: 'error', errorCode: -32000, detail: 'no such file' });
    expect(detail?.errorMessage).toBe('no such file');
    expect(JSON.parse(detail?.request.text ?? '')).toMatchObject({ id: 2, params: { name: 'files__read' } });
    expect(JSON.parse(detail?.upstreamRequest?.text ?? '')).toMatchObject({ id: 1002, params: { name: 'read' } });
    expect(JSON.parse(detail?.response?.text ?? '')).toMatchObject({ id: 2 });
    expect(JSON.parse(detail?.upstreamResponse?.text ?? '')).toMatchObject({ id: 1002 });
    expect(detail?.related.map((frame) => frame.method)).toEqual(['notifications/progress']);
    expect(detail?.session).toMatchObject({ id: 's1', clientName: 'Visual Studio Code', protocolVersion: '2025-11-25' });
    expect(await store.call('nobody/1')).toBeUndefined();
  });

  it('writes a SQLite file on demand in which the sqlite3 tool finds every call with its texts', async () => {
    const store = await openIn(tempFolder());
    const player = new Player(store);
    for (let i = 0; i < 20; i++) player.call('everything', 'echo', { message: `Grüße ${i}` });
    const file = await store.snapshot();
    expect(sqlite(file, 'PRAGMA integrity_check')).toBe('ok');
    expect(sqlite(file, "SELECT count(*) FROM calls WHERE request LIKE '%Grüße%' AND response LIKE '%done%' AND status = 'ok'")).toBe('20');
    expect(sqlite(file, "SELECT count(*) || ' ' || count(body) FROM frames")).toBe('80 80');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('writes that file by itself after a quiet time', async () => {
    const dir = tempFolder();
    const store = await openIn(dir, { snapshotQuietMs: 50 });
    new Player(store).call('a', 'b', {});
    const snapshot = (): string | undefined => readdirSync(dir).find((name) => name.endsWith('.recent.sqlite'));
    await expect.poll(snapshot, { timeout: 10_000 }).toBeDefined();
    expect(sqlite(join(dir, snapshot() ?? ''), 'SELECT name FROM calls')).toBe('b');
  });

  it('leaves a sealed segment and nothing else behind when it is closed', async () => {
    const dir = tempFolder();
    const store = await openIn(dir);
    new Player(store).call('a', 'b', {});
    await store.snapshot();
    await store.close();
    const names = readdirSync(dir).filter((name) => name !== 'notes');
    expect(readdirSync(join(dir, 'notes'))).toEqual([]);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/-1\.sqlite$/);
    expect(sqlite(join(dir, names[0] ?? ''), 'PRAGMA integrity_check; SELECT server FROM calls')).toBe('ok\na');
  });

  it('still has everything when it is opened again', async () => {
    const dir = tempFolder();
    const first = await openIn(dir);
    new Player(first).call('a', 'one', {});
    await first.close();
    const second = await openIn(dir);
    new Player(second).call('a', 'two', {});
    await second.settled();
    expect((await newest(second)).map((call) => call.name)).toEqual(['two', 'one']);
    const [, old] = await newest(second);
    expect((await second.call(old?.id ?? ''))?.response?.text).toContain('done');
  });

  it.each([
    ['', 4000, 'yes'],
    [', and whose request was written down as what differs', 12_500, 'long '.repeat(2000)],
  ])('continues a call that was open when the journal was rotated%s', async (_, rotateBytes, long) => {
    const dir = tempFolder();
    const store = await openIn(dir, { rotateBytes });
    const player = new Player(store);
    player.initialize();
    const asked = player.ask('slow', 'wait', { long });
    for (let i = 0; i < 30; i++) player.call('quick', 'tick', { i });
    player.answer('slow', asked, { result: { content: [{ type: 'text', text: 'at last' }] } });
    await store.settled();
    const check = async (from: Pick<TrafficStore, 'page' | 'call'>): Promise<void> => {
      const rows = await newest(from);
      expect(rows).toHaveLength(32);
      const slow = rows.filter((row) => row.server === 'slow');
      expect(slow).toHaveLength(1);
      expect(slow[0]).toMatchObject({ name: 'wait', status: 'ok', client: 'Visual Studio Code' });
      const detail = await from.call(slow[0]?.id ?? '');
      expect(detail?.request.text).toContain('slow__wait');
      expect(JSON.parse(detail?.upstreamRequest?.text ?? '')).toMatchObject({ params: { name: 'wait', arguments: { long } } });
      expect(detail?.response?.text).toContain('at last');
    };
    await check(store);
    await expect.poll(() => readdirSync(dir).filter((name) => name.endsWith('.sqlite')).length, { timeout: 10_000 }).toBeGreaterThan(2);
    await store.settled();
    await check(store);
    await store.close();
    const again = await openIn(dir);
    await again.settled();
    await check(again);
  });

  it('is readable by another process while it is written', async () => {
    const dir = tempFolder();
    const store = await openIn(dir);
    const player = new Player(store);
    player.call('a', 'one', { x: 1 });
    const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: nullLogger });
    player.call('a', 'two', { x: 2 });
    const calls = [];
    for await (const call of reader.calls()) calls.push(call);
    expect(calls.map((call) => call.name)).toEqual(['one', 'two']);
    expect(calls[1]?.request).toContain('a__two');
    expect(calls[1]?.response).toContain('done');
    await reader.close();
  });

  it('shows the traffic of two windows in each of them', async () => {
    const dir = tempFolder();
    const left = await openIn(dir);
    const right = await openIn(dir);
    new Player(left, 'l').call('a', 'left', {});
    new Player(right, 'r').call('a', 'right', {});
    await Promise.all([left.settled(), right.settled()]);
    for (const store of [left, right]) expect((await newest(store)).map((call) => call.name).sort()).toEqual(['left', 'right']);
    expect(readdirSync(dir).filter((name) => name.endsWith('.jnl'))).toHaveLength(2);
  });

  it('tells of another window’s traffic by itself, soon', async () => {
    const dir = tempFolder();
    const left = await openIn(dir);
    const right = await openIn(dir);
    await Promise.all([left.settled(), right.settled()]);
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const heard = new Promise<void>((resolve) => {
        const listening = right.onDidAdvance(async () => {
          const { total } = await right.page({ position: { kind: 'newest' }, limit: 1 });
          if (total <= i) return;
          listening.dispose();
          resolve();
        });
      });
      const start = performance.now();
      new Player(left, `s${i}`).call('a', 'b', {});
      await heard;
      waits.push(performance.now() - start);
    }
    // Watching the folder takes milliseconds; looking at it every second would take nearly one each time, since these follow each
    // other. What is told is told ten times a second, so the quickest says how long it takes.
    expect(Math.min(...waits)).toBeLessThan(100);
    expect(waits.toSorted((a, b) => a - b)[2]).toBeLessThan(250);
  });

  it('tells of new traffic at most ten times a second', async () => {
    const store = await openIn(tempFolder());
    await store.settled();
    const seen: number[] = [];
    store.onDidAdvance(({ through }) => seen.push(through));
    const player = new Player(store);
    let last = 0;
    for (let i = 0; i < 500; i++) last = player.call('a', 'b', { i }).response;
    await expect.poll(() => seen.at(-1), { timeout: 5000 }).toBe(last);
    expect(seen.length).toBeLessThan(10);
  });
});
