// What nobody has been told of waits for the next entry, at most until the event loop turns, and never out of order.
import * as nodeFs from 'node:fs';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriter, type JournalFs, type JournalWriterOptions } from '../../../src/extension/store/journalWriter';
import type { EntryMeta } from '../../../src/extension/store/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, readJournal, tempFolder } from '../../support/store/storeHarness';

let dir: string;
beforeEach(() => {
  dir = tempFolder();
});
const writers: JournalWriter[] = [];
afterEach(() => {
  for (const writer of writers.splice(0)) writer.close();
  cleanFolders();
});

function write(options: Partial<JournalWriterOptions> = {}): JournalWriter {
  const writer = new JournalWriter({ dir, writer: 'w', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', ...options });
  writers.push(writer);
  return writer;
}

const meta: EntryMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'tools/call', size: 3 };
const path = (k = 1): string => join(dir, `w-${k}.jnl`);

function read(k = 1): { n: number; body: string; type: string }[] {
  const { entries, reader } = readJournal(path(k), k);
  expect([reader.damagedBytes, reader.damagedEntries, reader.tornBytes]).toEqual([0, 0, 0]);
  return entries.map(({ n, body, meta: read }) => ({ n, body: body.toString('latin1'), type: read.k === 'event' ? read.type : read.k }));
}

function counting(): { fs: JournalFs; writes: () => number } {
  let writes = 0;
  const fs = {
    ...nodeFs,
    writeSync: (...args: Parameters<typeof nodeFs.writeSync>) => (writes++, nodeFs.writeSync(...args)),
    writevSync: (...args: Parameters<typeof nodeFs.writevSync>) => (writes++, nodeFs.writevSync(...args)),
  } as unknown as JournalFs;
  return { fs, writes: () => writes };
}

describe('staged entries', () => {
  it.each([10, 100_000, 3_000_000])('are written with the next entry, in one call (bodies of %i bytes)', (size) => {
    const { fs, writes } = counting();
    const writer = write({ fs });
    const before = writes();
    const first = writer.append(meta, 1, 1, Buffer.alloc(size, 'a'), true);
    expect(writes()).toBe(before);
    expect(writer.canReferTo(first)).toBe(true);
    writer.append(meta, 1, 1, Buffer.alloc(size, 'b'));
    expect(writes()).toBe(before + 1);
    expect(read().map(({ n, body }) => [n, body.length, body[0]])).toEqual([[1, size, 'a'], [2, size, 'b']]);
  });

  it('are written when the event loop turns, if nothing follows', async () => {
    const writer = write();
    writer.append(meta, 1, 1, Buffer.from('waits'), true);
    expect(readFileSync(path(), 'latin1')).not.toContain('waits');
    await new Promise((resolve) => setImmediate(resolve));
    expect(read()).toMatchObject([{ n: 1, body: 'waits' }]);
  });

  it('are written when the file is rotated or closed', () => {
    const writer = write();
    writer.append(meta, 1, 1, Buffer.from('one'), true);
    expect(writer.rotate()).toBe(true);
    writer.append(meta, 1, 1, Buffer.from('two'), true);
    writer.close();
    expect([read(1), read(2)]).toMatchObject([[{ n: 1, body: 'one' }], [{ n: 2, body: 'two' }]]);
  });

  it('are counted as missing with the entry they could not be written with', () => {
    let broken = false;
    const fs = {
      ...nodeFs,
      writeSync: (...args: Parameters<typeof nodeFs.writeSync>) => {
        if (broken) throw new Error('disk full');
        return nodeFs.writeSync(...args);
      },
    } as unknown as JournalFs;
    let us = 0;
    const writer = write({ fs, clock: { ...systemClock, monotonicUs: () => us } });
    writer.append(meta, 1, 1, Buffer.from('kept'));
    broken = true;
    expect(writer.append(meta, 1, 1, Buffer.from('x'), true)).toBe(2);
    expect(writer.trouble).toBeUndefined();
    expect(writer.append(meta, 1, 1, Buffer.from('y'))).toBe(3);
    expect(writer.trouble).toEqual({ reason: 'disk full', missing: 2 });
    expect(writer.canReferTo(2)).toBe(false);
    broken = false;
    us = 10_000_000;
    expect(writer.append(meta, 1, 1, Buffer.from('z'))).toBe(5);
    expect(read()).toMatchObject([{ n: 1, body: 'kept' }, { n: 4, type: 'store.gap' }, { n: 5, body: 'z' }]);
    expect(JSON.parse(read()[1]!.body)).toMatchObject({ count: 2, firstNumber: 2, lastNumber: 3 });
  });

  it('keep their order and their bytes, whatever comes together', () => {
    const entry = fc.record({ size: fc.oneof(fc.nat(300), fc.integer({ min: 60_000, max: 70_000 }), fc.constant(200_000)), staged: fc.boolean(), method: fc.string({ maxLength: 500, unit: 'binary' }) });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 30 }), (entries) => {
        dir = tempFolder();
        const writer = write();
        entries.forEach(({ size, staged, method }, index) => {
          const n = writer.append({ ...meta, method }, 1, 1, Buffer.alloc(size, index + 1), staged);
          expect(n).toBe(index + 1);
          // Whoever sends after an entry that is not staged finds everything written.
          if (!staged) expect(writer.position.length).toBe(statSync(path()).size);
        });
        writer.flush();
        expect(writer.position.length).toBe(statSync(path()).size);
        expect(read().map(({ n, body }) => [n, body.length, body.charCodeAt(0) || 0])).toEqual(entries.map(({ size }, index) => [index + 1, size, size > 0 ? index + 1 : 0]));
        writer.close();
      }),
      { numRuns: 60 },
    );
  });
});
