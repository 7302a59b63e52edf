// A journal's newest calls are known without its table, and the table says the same of them.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import type { FrameMeta } from '../../../src/extension/store/types';
import type { CallRecord } from '../../../src/extension/store/worker/callRecords';
import { rowOf } from '../../../src/extension/store/worker/callRows';
import { JournalTable } from '../../../src/extension/store/worker/journalTable';
import { callColumns } from '../../../src/extension/store/worker/places';
import { RecentCalls } from '../../../src/extension/store/worker/recentCalls';
import { readExtent, rows, storedText } from '../../../src/extension/store/worker/source';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterAll(cleanFolders);

interface Step {
  /** Moves the clock, also back. */
  readonly ms: number;
  readonly what: 'request' | 'batch' | 'answer' | 'refused' | 'session' | 'cancel';
  readonly id: number;
  readonly said: string;
  readonly code: number;
}

const step = fc.record<Step>({
  ms: fc.integer({ min: -3, max: 3 }),
  what: fc.constantFrom('request', 'request', 'batch', 'answer', 'answer', 'refused', 'session', 'cancel'),
  id: fc.nat({ max: 5 }),
  said: fc.oneof(fc.string(), fc.constantFrom('end\0 behind', 'half \ud83d', '漢🙂', 'a\n  b')),
  code: fc.constantFrom(-32603, -0, 1.5, 1e19),
});

function journalIn(dir: string): JournalWriter {
  return new JournalWriter({ dir, writer: 'w', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', rotateBytes: Infinity });
}

function append(journal: JournalWriter, timeMs: number, { what, id, said, code }: Step): void {
  const put = (meta: Pick<FrameMeta, 'dir' | 'kind'> & Partial<FrameMeta>, message: unknown): void => {
    journal.append({ k: 'frame', leg: 'downstream', s: `s${id % 2}`, srv: 'srv', size: 9, ...meta }, timeMs, 1, Buffer.from(JSON.stringify(message)));
  };
  const request = { id, method: 'tools/call', params: { name: said, arguments: { said }, clientInfo: { name: said } } };
  if (what === 'request') put({ dir: 'toServer', kind: 'request', id: String(id), method: 'tools/call' }, request);
  else if (what === 'batch') put({ dir: 'toServer', kind: 'batch' }, [request, { ...request, id: id + 10 }]);
  else if (what === 'answer') put({ dir: 'toClient', kind: 'error', id: String(id) }, { id, error: { code, message: said } });
  else if (what === 'cancel') put({ dir: 'toServer', kind: 'notification', method: 'notifications/cancelled' }, { params: { requestId: id, reason: said } });
  else if (what === 'session') journal.append({ k: 'event', type: id % 2 ? 'session.closed' : 'session.opened', s: `s${id % 2}`, data: { playground: id % 3 === 0 } }, timeMs, 1, undefined);
  else journal.append({ k: 'event', type: 'http.rejected', data: { reason: said, path: said, status: code } }, timeMs, 1, undefined);
}

describe('a journal’s newest calls', () => {
  it('are those of its table, whatever came, and in which order of time', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), fc.nat(40), fc.integer({ min: 1, max: 12 }), (steps, until, limit) => {
        const dir = tempFolder();
        const journal = journalIn(dir);
        const path = join(dir, 'w-1.jnl');
        const table = new JournalTable(engine, path, 'w-1.jnl', 'w', 1, undefined);
        let timeMs = 1000;
        steps.forEach((each, index) => {
          append(journal, (timeMs += each.ms), each);
          if (index === until) table.follow(statSync(path).size, false, Infinity);
        });
        journal.flush();
        table.follow(statSync(path).size, false, Infinity);
        const known = { newest: table.recent?.newest(limit)?.map(rowOf), extent: table.extent, sessions: new Map(table.sessions) };
        const all = rows(table.db, `SELECT ${callColumns} FROM call ORDER BY time_ms DESC, frame DESC, part DESC`);
        expect(known.newest).toEqual(all.slice(0, limit));
        expect(known.extent).toEqual(readExtent(table.db));
        all.forEach(([frame, part, ms], place) => expect(table.recent?.after(ms as number, frame as number, part as number)).toBe(place));
        expect([...known.sessions].map(([id, { startedMs, endedMs = null, clientName, kind = null }]) => [id, startedMs, endedMs, storedText(clientName), kind]).sort()).toEqual(
          rows(table.db, 'SELECT id, started_ms, ended_ms, client_name, kind FROM session').sort(),
        );
        table.close();
        journal.close();
      }),
      { numRuns: 120 },
    );
  });

  it('are known up to the longest page, however many there are, and more is not claimed', () => {
    const recent = new RecentCalls();
    const call = (frame: number, timeMs: number): CallRecord => ({ frame, part: 0, timeMs, startUs: 0, origin: 'client', session: 's', method: 'm', status: 'ok', requestBytes: 1, leg: 'downstream' });
    for (let frame = 1; frame <= 2500; frame++) recent.add(call(frame, 10_000 + frame));
    // Older than all that is listed; among the listed; listed already.
    recent.add(call(2501, 1));
    recent.add(call(2502, 12_400));
    expect(recent.extent).toEqual({ calls: 2502, minMs: 1, maxMs: 12_500 });
    expect(recent.newest(1000)?.map(({ frame }) => frame).slice(98, 103)).toEqual([2402, 2401, 2502, 2400, 2399]);
    expect(recent.newest(2400)).toBeUndefined();
    expect(recent.after(12_400, 2400, 0)).toBe(101);
    expect(recent.after(5000, 1, 0)).toBeUndefined();
  });

  it('are handed over where they are open, and unknown from then on', () => {
    const dir = tempFolder();
    const journal = journalIn(dir);
    for (const id of [1, 2]) append(journal, id, { ms: 0, what: 'request', id, said: 'x', code: 0 });
    append(journal, 3, { ms: 0, what: 'answer', id: 1, said: 'x', code: 0 });
    const path = join(dir, 'w-1.jnl');
    const table = new JournalTable(engine, path, 'w-1.jnl', 'w', 1, undefined);
    table.follow(statSync(path).size, true, Infinity);
    expect(table.extent.calls).toBe(2);
    table.handOver();
    expect(table.recent).toBeUndefined();
    expect(table.extent).toEqual({ calls: 1, minMs: 1, maxMs: 1 });
    table.close();
    journal.close();
  });
});

describe('rows of a journal that wait for being asked for', () => {
  it('are written behind the questions’ back, a little at a time', () => {
    const dir = tempFolder();
    const journal = journalIn(dir);
    for (let id = 0; id < 500; id++) append(journal, id, { ms: 0, what: 'request', id, said: 'x', code: 0 });
    const path = join(dir, 'w-1.jnl');
    const table = new JournalTable(engine, path, 'w-1.jnl', 'w', 1, undefined);
    table.follow(statSync(path).size, false, Infinity);
    let slices = 1;
    while (!table.write(0)) slices++;
    expect(slices).toBeGreaterThan(10);
    expect(rows(table.db, 'SELECT count(*), max(frame) FROM call')).toEqual([[500, 500]]);
    table.close();
    journal.close();
  });

  it('cost their journal where they cannot be written, and nothing else', async () => {
    const dir = tempFolder();
    const good = new JournalWriter({ dir, writer: 'good', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none' });
    append(good, 1, { ms: 0, what: 'request', id: 1, said: 'x', code: 0 });
    good.close();
    const bad = journalIn(dir);
    bad.append({ k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'm', size: null as unknown as number }, 2, 2, Buffer.from('{}'));
    bad.close();
    const warnings: string[] = [];
    const view = new StoreView({ dir, engine, now: () => 10, breathe: () => Promise.resolve(), warn: (message) => warnings.push(message) });
    await view.refresh();
    expect((await view.page({ filter: 'status:running', position: { kind: 'newest' }, limit: 10 }, () => 0)).rows.map(({ id }) => id)).toEqual(['good/1']);
    expect(view.unreadable).toEqual([{ name: 'w-1.jnl', isNewer: false }]);
    expect(warnings).toEqual([expect.stringMatching(/^w-1\.jnl cannot be read and is left out: NOT NULL/)]);
    view.close();
  });
});
