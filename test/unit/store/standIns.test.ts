// Rows that stand for what is not in the log (pauses of recording, gaps) are shown among the calls and count nowhere as one.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { GroupBy } from '../../../src/extension/contract/trafficGroups';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import type { Clock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
const hour = 3_600_000;
afterEach(cleanFolders);

/** Three calls, a pause of an hour in their midst, a gap and a refused request: four calls in all. */
function record(dir: string, writer: string): void {
  let wall = now - 5 * hour;
  let mono = 0;
  const clock: Clock = { wallMs: () => wall, monotonicUs: () => (mono += 1000), timer: () => toDisposable(() => undefined) };
  const journal = new JournalWriter({ dir, writer, clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
  const player = new Player({ journal }, `${writer}-session`, clock);
  const event = (type: 'recording.paused' | 'recording.resumed' | 'http.rejected', data: Record<string, unknown>): void => void player.recorder.event({ type, data });
  player.call('a', 'tool', { i: 1 });
  event('recording.paused', {});
  wall += hour;
  event('recording.resumed', { sinceMs: wall - hour, frames: 70 });
  player.call('a', 'tool', { i: 2 });
  wall += 90_000;
  event('http.rejected', { method: 'POST', path: '/mcp', status: 401, reason: 'No token.' });
  const gap = { count: 3, fromMs: wall - 1000, toMs: wall, firstNumber: 1, lastNumber: 3, reason: 'the disk is full' };
  journal.append({ k: 'event', type: 'store.gap', data: gap }, wall, mono, undefined);
  player.call('a', 'tool', { i: 3 });
  journal.close();
}

const warn = (message: string): never => expect.fail(message);

async function viewOf(dir: string, engine: SqlEngine): Promise<StoreView> {
  const view = new StoreView({ dir, engine, now: () => now, breathe: () => Promise.resolve(), warn });
  await view.refresh();
  return view;
}

describe.each(['a journal', 'a segment', 'a segment that counts them among its turns'])('in %s, rows that stand for what is not in the log', (kind) => {
  async function open(): Promise<StoreView> {
    const dir = tempFolder();
    record(dir, 'w');
    const engine = await SqlEngine.start(wasmFile, dir);
    if (kind !== 'a journal') await new Sealer({ dir, engine, me: 'me', now: () => now, warn }).recover();
    if (kind === 'a segment that counts them among its turns') {
      const path = join(dir, 'w-1.sqlite');
      const db = new (await initSqlJs()).Database(readFileSync(path));
      db.run("INSERT INTO turn SELECT '', NULL, NULL, min(time_ms), count(*), 0, 0, 0, sum(duration_us), min(time_ms), max(time_ms), '500:2' FROM call WHERE status = 'unrecorded'");
      writeFileSync(path, db.export());
    }
    return viewOf(dir, engine);
  }

  it('are on the list', async () => {
    const view = await open();
    const { rows, total } = await view.page({ position: { kind: 'newest' }, limit: 10 }, () => 0);
    expect(total).toBe(6);
    expect(rows.map(({ method }) => method)).toEqual(['tools/call', 'recording/gap', 'POST', 'tools/call', 'recording/paused', 'tools/call']);
  });

  it.each(['', 'dur:>=0', '-server:nobody'])('are not in sums and percentiles of "%s"', async (filter) => {
    const view = await open();
    const { calls, errors, p95Us } = await view.summary({ filter });
    expect({ calls, errors }).toEqual({ calls: 4, errors: 1 });
    expect(p95Us).toBeLessThan(1_000_000);
    expect((await view.summary({ filter: 'status:unrecorded' })).calls).toBe(0);
  });

  it.each<GroupBy>(['session', 'server', 'conversation', 'prompt'])('are in no group by %s, nor in what it says are its calls', async (by) => {
    const view = await open();
    for (const filter of ['', '-server:nobody']) {
      const { groups } = await view.groups({ by, filter, limit: 100 }, () => 0);
      expect(groups.reduce((sum, { calls }) => sum + calls, 0)).toBe(4);
      for (const group of groups) {
        expect(group.p95Us).toBeLessThan(1_000_000);
        const { rows, total } = await view.page({ filter: group.filter, position: { kind: 'newest' }, limit: 10 }, () => 0);
        expect(total, group.filter).toBe(group.calls);
        expect(rows.filter(({ status }) => status === 'unrecorded')).toEqual([]);
      }
    }
  });

  it('are on the time line, and not counted there', async () => {
    const view = await open();
    const line = await view.timeline({ limit: 10, buckets: 5 }, () => 0);
    expect(line.calls).toBe(4);
    expect(line.buckets.reduce((sum, { calls }) => sum + calls, 0)).toBe(4);
    expect(line.spans.map(({ row }) => row.method)).toEqual(['tools/call', 'recording/paused', 'tools/call', 'POST', 'recording/gap', 'tools/call']);
    expect((await view.timeline({ limit: 5, buckets: 5 }, () => 0)).spans).toEqual([]);
    expect(await view.timeline({ filter: 'status:unrecorded', limit: 5, buckets: 5 }, () => 0)).toMatchObject({ calls: 0, spans: [{}, {}], buckets: [] });
  });

  it('are not in statistics', async () => {
    const view = await open();
    for (const fromMs of [undefined, now - 5 * hour + 1]) {
      const { rows } = await view.statistics({ by: 'method', fromMs }, () => 0);
      expect(rows.map(({ method }) => method).sort()).toEqual(['POST', 'tools/call']);
    }
  });
});

it('what retention says it removed does not count rows that stand for what is not in the log', async () => {
  const dir = tempFolder();
  record(dir, 'w');
  const engine = await SqlEngine.start(wasmFile, dir);
  const sealer = new Sealer({ dir, engine, me: 'me', now: () => now, warn });
  await sealer.recover();
  expect(await sealer.retain({ maxBytes: 0, maxAgeMs: hour })).toMatchObject({ segments: 1, calls: 4 });
});
