// Counting one big file lets others have a turn between its slices, and gives what counting it at once does.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { compileFilter } from '../../../src/extension/store/worker/filterSql';
import { groups } from '../../../src/extension/store/worker/groups';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { Segment } from '../../../src/extension/store/worker/segment';
import { rows } from '../../../src/extension/store/worker/source';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { timeline } from '../../../src/extension/store/worker/timeline';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
const calls = 20_000;
const beganMs = now - calls * 1000;

describe('of a file of twenty thousand calls', () => {
  let segment: Segment;
  let breaths = 0;
  /** Turns of others while it is being counted, which ends when the answer is kept. */
  const breathe = (): Promise<void> => {
    if (![...segment.cache.keys()].some((key) => /^(groups|buckets|many groups)/.test(key))) breaths++;
    return Promise.resolve();
  };

  beforeAll(async () => {
    const dir = tempFolder();
    const clock = { wallMs: () => now, monotonicUs: () => 0, timer: () => ({ dispose: () => undefined }) };
    const journal = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '' });
    for (let i = 0; i < calls; i++) {
      const common = { k: 'frame', leg: 'downstream', s: `s${i % 7}`, srv: ['a', 'b', 'c'][i % 3]!, id: String(i), size: 20 } as const;
      const timeMs = beganMs + i * 1000;
      const request = { method: 'tools/call', params: { name: 't', _meta: { 'vscode.conversationId': `c${i % 50}`, 'vscode.requestId': `r${i % 100}` } } };
      journal.append({ ...common, dir: 'toServer', kind: 'request', method: 'tools/call' }, timeMs, i * 1000, Buffer.from(JSON.stringify(request)), true);
      journal.append({ ...common, dir: 'toClient', kind: 'result' }, timeMs, i * 1000 + (i % 900), Buffer.from('{"result":{}}'), i % 100 > 0);
    }
    journal.close();
    const engine = await SqlEngine.start(wasmFile, dir);
    new Sealer({ dir, engine, me: 'w', now: () => now, warn: (message) => expect.fail(message) }).seal(1, 'last');
    segment = new Segment(engine, join(dir, 'w-1.sqlite'));
  });

  afterAll(() => {
    segment.close();
    cleanFolders();
  });

  it.each(['session', 'server', 'conversation', 'prompt'] as const)('groups by %s are counted in slices', async (by) => {
    breaths = 0;
    segment.cache.clear();
    const { groups: found } = await groups([segment], { by, filter: 'dur:>=100us', limit: 1000 }, compileFilter('dur:>=100us', now), 0, breathe);
    expect(breaths).toBeGreaterThanOrEqual(3);
    const column = { session: 'session', server: 'server', conversation: 'conversation', prompt: "conversation || '/' || prompt" }[by];
    const wanted = rows(segment.db, `SELECT ${column}, count(*), max(time_ms) FROM call WHERE duration_us >= 100 GROUP BY 1 ORDER BY 3 DESC`);
    expect(found.map((group) => [group.calls, group.lastMs])).toEqual(wanted.map(([, count, last]) => [count, last]));
    for (const group of found) {
      const durations = rows(segment.db, `SELECT duration_us FROM call WHERE duration_us >= 100 AND ${column} = ? ORDER BY 1`, [by === 'prompt' ? /conversation:(\S+)/.exec(group.filter)![1]! + '/' + group.id! : group.id!]).map(([us]) => us as number);
      expect(durations).toHaveLength(group.calls);
      const exact = durations[Math.ceil(durations.length * 0.95) - 1]!;
      expect(Math.abs(group.p95Us! - exact)).toBeLessThanOrEqual(Math.max(1, exact * 0.021));
    }
  });

  it.each([
    ['', beganMs, now],
    ['dur:>=100us', beganMs, now],
    ['dur:>=100us', beganMs + 1_500_000, now - 500_000],
  ])('the time line of "%s" is counted in slices', async (filter, fromMs, toMs) => {
    breaths = 0;
    segment.cache.clear();
    const line = await timeline([segment], { filter, fromMs, toMs, limit: 1, buckets: 30 }, compileFilter(filter, now), now, 0, breathe);
    expect(breaths).toBeGreaterThanOrEqual(3);
    const wanted = rows(segment.db, `SELECT server, (time_ms - ${fromMs}) * 30 / ${toMs - fromMs + 1}, count(*) FROM call WHERE time_ms BETWEEN ? AND ? ${filter === '' ? '' : 'AND duration_us >= 100'} GROUP BY 1, 2 ORDER BY 2, 1`, [fromMs, toMs]);
    expect(line.buckets.map(({ server, index, calls: count }) => [server, index, count])).toEqual(wanted);
  });
});
