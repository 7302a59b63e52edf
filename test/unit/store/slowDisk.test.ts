// A slow disk never holds traffic up: entries are written in the background, in bounded memory, and what does not fit is a gap.
import * as nodeFs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriter, type JournalFs } from '../../../src/extension/store/journalWriter';
import type { EntryMeta } from '../../../src/extension/store/types';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, readJournal, tempFolder } from '../../support/store/storeHarness';

const meta: EntryMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'tools/call', size: 3 };

let dir: string;
beforeEach(() => {
  dir = tempFolder();
});
afterEach(cleanFolders);

/** A disk whose writes take `ms`; those in the background end when they are told to. */
class Disk {
  us = 0;
  ms = 0;
  synchronous = 0;
  readonly background: ((error?: Error) => void)[] = [];
  readonly clock = { wallMs: () => 1_700_000_000_000 + this.us / 1000, monotonicUs: () => this.us, timer: () => toDisposable(() => undefined) };
  readonly fs = {
    ...nodeFs,
    writeSync: (...args: Parameters<typeof nodeFs.writeSync>) => (this.#pass(), nodeFs.writeSync(...args)),
    writevSync: (...args: Parameters<typeof nodeFs.writevSync>) => (this.#pass(), nodeFs.writevSync(...args)),
    write: (fd: number, bytes: Buffer, offset: number, length: number, position: number, done: (error: Error | null, written: number) => void) => {
      this.background.push((error) => {
        this.us += this.ms * 1000;
        done(error ?? null, error ? 0 : nodeFs.writeSync(fd, bytes, offset, length, position));
      });
    },
    fdatasync: () => undefined,
  } as unknown as JournalFs;

  #pass(): void {
    this.synchronous++;
    this.us += this.ms * 1000;
  }

  open(options: { mostPendingBytes?: number; rotateBytes?: number } = {}): JournalWriter {
    return new JournalWriter({ dir, writer: 'w', clock: this.clock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', fs: this.fs, ...options });
  }

  /** Lets everything that waits be written. */
  catchUp(): void {
    for (let write = this.background.shift(); write; write = this.background.shift()) write();
  }
}

function read(k = 1): { n: number; type: string; text: string }[] {
  const { entries, reader } = readJournal(join(dir, `w-${k}.jnl`), k);
  expect([reader.damagedBytes, reader.damagedEntries, reader.tornBytes]).toEqual([0, 0, 0]);
  return entries.map(({ n, body, meta: read }) => ({ n, type: read.k === 'event' ? read.type : read.k, text: body.toString() }));
}

/** Three slow writes: numbers 1 to 3. */
function makeSlow(disk: Disk, writer: JournalWriter): void {
  disk.ms = 60;
  for (let k = 0; k < 3; k++) writer.append(meta, 1, 1, Buffer.from(`slow ${k}`));
  expect(writer.isSlow).toBe(true);
}

describe('on a slow disk', () => {
  it('a single slow write, or a few in a long time, change nothing', () => {
    const disk = new Disk();
    const writer = disk.open();
    disk.ms = 60;
    for (let k = 0; k < 6; k++) {
      writer.append(meta, 1, 1, Buffer.from('x'));
      disk.us += 6_000_000;
    }
    expect(writer.isSlow).toBe(false);
    writer.close();
  });

  it('entries are taken without waiting, and written in their order', () => {
    const disk = new Disk();
    const writer = disk.open();
    makeSlow(disk, writer);
    const before = { writes: disk.synchronous, us: disk.us };
    for (let k = 4; k <= 30; k++) expect(writer.append(meta, 1, 1, Buffer.from(`entry ${k}`))).toBe(k);
    expect({ writes: disk.synchronous, us: disk.us }).toEqual(before);
    expect(read()).toHaveLength(3);
    disk.catchUp();
    expect(read().map(({ n }) => n)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(read().at(-1)?.text).toBe('entry 30');
    writer.close();
  });

  it('writes are synchronous again when the disk has been well for a while', () => {
    const disk = new Disk();
    const writer = disk.open();
    makeSlow(disk, writer);
    for (let k = 0; k < 40; k++) {
      writer.append(meta, 1, 1, Buffer.from('still slow'));
      disk.catchUp();
    }
    expect(writer.isSlow).toBe(true);
    disk.ms = 1;
    for (let k = 0; k < 20; k++) {
      expect(writer.isSlow).toBe(true);
      writer.append(meta, 1, 1, Buffer.from('quick'));
      disk.catchUp();
    }
    expect(writer.isSlow).toBe(false);
    const before = disk.synchronous;
    const n = writer.append(meta, 1, 1, Buffer.from('before it is passed on'));
    expect(disk.synchronous).toBe(before + 1);
    expect(read().at(-1)).toMatchObject({ n, text: 'before it is passed on' });
    writer.close();
  });

  it('no more waits than fits; what does not is counted and becomes a gap', () => {
    const disk = new Disk();
    const writer = disk.open({ mostPendingBytes: 5000 });
    makeSlow(disk, writer);
    for (let k = 0; k < 10; k++) writer.append(meta, 10 + k, 1, Buffer.alloc(1000, 'x'));
    expect(writer.trouble).toMatchObject({ missing: 6 });
    disk.catchUp();
    disk.us += 5_000_000;
    writer.append(meta, 99, 1, Buffer.from('after'));
    disk.catchUp();
    const entries = read();
    const gap = entries.find(({ type }) => type === 'store.gap');
    expect(JSON.parse(gap?.text ?? '')).toMatchObject({ count: 6, firstNumber: 8, lastNumber: 13, reason: expect.stringContaining('too slow') });
    expect(entries.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 14, 15]);
    writer.close();
  });

  it('what fails in the background is a gap, and the journal goes on whole', () => {
    const disk = new Disk();
    const writer = disk.open();
    makeSlow(disk, writer);
    for (let k = 0; k < 4; k++) writer.append(meta, 10, 1, Buffer.from(`lost ${k}`));
    disk.background.shift()?.(new Error('EIO: injected'));
    expect(writer.trouble).toMatchObject({ missing: 4 });
    disk.us += 5_000_000;
    writer.append(meta, 20, 1, Buffer.from('after'));
    disk.catchUp();
    expect(read().map(({ n, type }) => [n, type])).toEqual([[1, 'frame'], [2, 'frame'], [3, 'frame'], [8, 'store.gap'], [9, 'frame']]);
    writer.close();
  });

  it('what could not be said of a gap, since the disk was full meanwhile, is said by the next one', () => {
    const disk = new Disk();
    const writer = disk.open();
    makeSlow(disk, writer);
    for (let k = 0; k < 4; k++) writer.append(meta, 10, 1, Buffer.from(`lost ${k}`));
    disk.background.shift()?.(new Error('EIO: injected'));
    for (let k = 0; k < 5; k++) {
      // Each try to write again is a gap, and this entry behind it.
      disk.us += 5_000_000;
      writer.append(meta, 20, 1, Buffer.from('lost, too'));
      disk.background.shift()?.(new Error('ENOSPC: injected'));
      expect(writer.trouble).toMatchObject({ missing: 4 + (k + 1), reason: 'EIO: injected' });
    }
    disk.us += 5_000_000;
    writer.append(meta, 30, 1, Buffer.from('after'));
    disk.catchUp();
    expect(writer.trouble).toBeUndefined();
    const entries = read();
    expect(entries.map(({ n, type }) => [n, type])).toEqual([[1, 'frame'], [2, 'frame'], [3, 'frame'], [18, 'store.gap'], [19, 'frame']]);
    // The five tries have had numbers as well, but are no traffic.
    expect(JSON.parse(entries[3]?.text ?? '')).toMatchObject({ count: 9, firstNumber: 4, lastNumber: 17 });
    writer.close();
  });

  it('a file is given up for the next one only when all of it is written', () => {
    const disk = new Disk();
    const writer = disk.open({ rotateBytes: 3000 });
    const rotated: number[] = [];
    writer.onDidRotate((k) => rotated.push(k));
    makeSlow(disk, writer);
    for (let k = 0; k < 4; k++) writer.append(meta, 1, 1, Buffer.alloc(1000, 'x'));
    expect(rotated).toEqual([]);
    expect(writer.rotate()).toBe(false);
    disk.catchUp();
    expect(rotated).toEqual([1]);
    expect(read(1)).toHaveLength(7);
    writer.close();
  });

  it('closing writes what waits, and leaves the file to a write that is under way', async () => {
    const disk = new Disk();
    const closed: number[] = [];
    disk.fs.closeSync = ((fd: number) => (closed.push(fd), nodeFs.closeSync(fd))) as typeof nodeFs.closeSync;
    const writer = disk.open();
    makeSlow(disk, writer);
    for (let k = 0; k < 5; k++) writer.append(meta, 1, 1, Buffer.from('waits'));
    writer.close();
    expect(read()).toHaveLength(8);
    expect(closed).toEqual([]);
    disk.catchUp();
    await Promise.resolve();
    expect(closed).toHaveLength(1);
  });
});
