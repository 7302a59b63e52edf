// A journal's frames are filed when messages are first asked for, and then none is missing.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { JournalTable } from '../../../src/extension/store/worker/journalTable';
import { rows, withFrames } from '../../../src/extension/store/worker/source';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

let journal: JournalWriter;
let table: JournalTable;
let path: string;
beforeEach(async () => {
  const dir = tempFolder();
  journal = new JournalWriter({ dir, writer: 'w', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', rotateBytes: Infinity });
  path = join(dir, 'w-1.jnl');
  write(1);
  table = new JournalTable(await SqlEngine.start(wasmFile, dir), path, 'w-1.jnl', 'w', 1, undefined);
});
afterEach(() => {
  table.close();
  journal.close();
  cleanFolders();
});

/** Calls with their answers. */
function write(calls: number): void {
  for (let call = 0; call < calls; call++) {
    const id = String(journal.position.length);
    const common = { k: 'frame', leg: 'downstream', s: 's', id, size: 9 } as const;
    journal.append({ ...common, dir: 'toServer', kind: 'request', method: 'tools/call' }, 1, 1, Buffer.from(`{"id":${id}}`), true);
    journal.append({ ...common, dir: 'toClient', kind: 'result' }, 2, 2, Buffer.from(`{"id":${id}}`), true);
  }
  journal.flush();
}

const follow = (budgetMs?: number): string => table.follow(statSync(path).size, false, budgetMs);
const count = (what: 'call' | 'frame'): unknown => rows(table.db, `SELECT count(*), count(DISTINCT frame) FROM ${what}`)[0];

describe('frames of a journal that is followed', () => {
  it('are filed when they are asked for, and from then on as they come', () => {
    write(10);
    expect(follow(Infinity)).toBe('all');
    expect(count('call')).toEqual([11, 11]);
    // Who forgets to ask for them is told, instead of being given too little.
    expect(() => count('frame')).toThrow(/no such table/);
    expect(rows(withFrames(table), 'SELECT count(*) FROM frame WHERE call IS NOT NULL')).toEqual([[22]]);
    write(5);
    expect(follow(Infinity)).toBe('all');
    expect(count('frame')).toEqual([32, 32]);
    expect(rows(table.db, 'SELECT frame, direction, call, body FROM frame WHERE frame > 30 ORDER BY frame')).toEqual([
      [31, 'toServer', 31, 31],
      [32, 'toClient', 31, 32],
    ]);
  });

  it('do not wait in any number, and are filed in slices then, while more come', () => {
    write(9_000);
    expect(follow(Infinity)).toBe('all');
    expect(() => count('frame')).toThrow(/no such table/);
    write(50);
    let slices = 0;
    while (follow(0) === 'more') slices++;
    expect(slices).toBeGreaterThan(10);
    // Asked directly: nobody asked for them.
    expect(count('frame')).toEqual([18_102, 18_102]);
    expect(count('call')).toEqual([9_051, 9_051]);
  });

  it('are whole for who asks while they are filed in slices', () => {
    write(9_000);
    follow(Infinity);
    write(1);
    expect(follow(0)).toBe('more');
    expect(rows(withFrames(table), 'SELECT count(*), max(frame) FROM frame')).toEqual([[18_002, 18_002]]);
    expect(follow(Infinity)).toBe('all');
    expect(count('frame')).toEqual([18_004, 18_004]);
  });

  it('are handed over where a call is open', () => {
    journal.append({ k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '"open"', method: 'm', size: 9 }, 1, 1, Buffer.from('{"id":"open"}'));
    follow(Infinity);
    const { entries } = table.handOver();
    expect(entries.map(({ n, meta, body }) => [n, meta.method, body.toString()])).toEqual([[3, 'm', '{"id":"open"}']]);
  });
});
