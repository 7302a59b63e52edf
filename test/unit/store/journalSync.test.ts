// A disk that does not confirm what was written to it: traffic goes on, somebody says so, and what may be missing is noted.
import { existsSync, readdirSync } from 'node:fs';
import * as nodeFs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/extension/store/journalFormat';
import { JournalWriter, type JournalFs } from '../../../src/extension/store/journalWriter';
import type { EntryMeta } from '../../../src/extension/store/types';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, openTestStore, Player, readJournal, tempFolder } from '../../support/store/storeHarness';
import { FakeClock } from '../util/fakeClock';

type Done = (error: NodeJS.ErrnoException | null) => void;
const failure = (): NodeJS.ErrnoException => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

let dir: string;
let clock: FakeClock;
let writer: JournalWriter | undefined;
beforeEach(() => {
  dir = tempFolder();
  clock = new FakeClock();
});
afterEach(() => {
  writer?.close();
  writer = undefined;
  cleanFolders();
});

/** A disk whose syncs are answered at once; `fails` says of each whether it fails. */
function disk(fails: () => boolean): { fs: JournalFs; syncs: () => number } {
  let syncs = 0;
  const fdatasync = (_fd: number, done: Done): void => {
    syncs++;
    done(fails() ? failure() : null);
  };
  return { fs: { ...nodeFs, fdatasync } as unknown as JournalFs, syncs: () => syncs };
}

function write(fs: JournalFs): JournalWriter {
  return (writer = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', fs }));
}

const meta: EntryMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'tools/call', size: 3 };

const entriesOf = (k: number): JournalEntry[] => readJournal(join(dir, `w-${k}.jnl`), k).entries;

const gapsOf = (k: number): Record<string, unknown>[] =>
  entriesOf(k).flatMap(({ meta: { k: kind }, body }) => (kind === 'event' ? [JSON.parse(body.toString()) as Record<string, unknown>] : []));

describe('a disk that does not confirm', () => {
  it('is said, goes on in another file, and notes what may be missing', async () => {
    let failing = false;
    const made = write(disk(() => failing).fs);
    made.append(meta, 1, 1, Buffer.from('kept'));
    await clock.advance(100);
    expect(made.unsynced).toBeUndefined();
    failing = true;
    for (let i = 0; i < 3; i++) made.append(meta, 2, 2, Buffer.from('perhaps'));
    let told = 0;
    made.onDidChange(() => told++);
    await clock.advance(50);
    expect(made.unsynced).toContain('EIO');
    expect(told).toBeGreaterThan(0);
    expect(made.trouble).toBeUndefined();
    expect(made.position.k).toBe(2);
    expect(gapsOf(2)).toEqual([expect.objectContaining({ count: 3, firstNumber: 2, lastNumber: 4, unsynced: true, reason: expect.stringContaining('EIO') as string })]);
    failing = false;
    await clock.advance(10_000);
    expect(made.unsynced).toBeUndefined();
    expect(made.append(meta, 3, 3, Buffer.from('after'))).toBe(6);
    expect(entriesOf(2).at(-1)?.body.toString()).toBe('after');
    expect(gapsOf(2)).toHaveLength(1);
  });

  it('is tried again without new traffic, less and less often, and fills no folder with files', async () => {
    const { fs, syncs } = disk(() => true);
    const made = write(fs);
    made.append(meta, 1, 1, Buffer.from('x'));
    await clock.advance(600_000);
    expect(made.unsynced).toBeDefined();
    expect(syncs()).toBeGreaterThan(50);
    expect(syncs()).toBeLessThan(200);
    expect(readdirSync(dir).length).toBe(2);
  });

  it('vouches for nothing that was written while it failed', async () => {
    let failing = true;
    const made = write(disk(() => failing).fs);
    made.append(meta, 1, 1, Buffer.from('first'));
    await clock.advance(1000);
    made.append(meta, 2, 2, Buffer.from('second'));
    await clock.advance(70_000);
    failing = false;
    await clock.advance(10_000);
    expect(made.unsynced).toBeUndefined();
    expect(made.position.k).toBe(3);
    expect(gapsOf(2)).toMatchObject([{ firstNumber: 1, lastNumber: 1 }]);
    // The gap itself and what came after it.
    expect(gapsOf(3)).toMatchObject([{ firstNumber: 2, lastNumber: 3, unsynced: true }]);
  });

  it('that works now and then makes no more than a file a minute', async () => {
    let turn = 0;
    const made = write(disk(() => turn++ % 3 < 2).fs);
    for (let i = 0; i < 300; i++) {
      made.append(meta, 1, 1, Buffer.from('x'));
      await clock.advance(1000);
    }
    expect(made.position.k).toBeLessThanOrEqual(7);
    expect(entriesOf(made.position.k).length).toBeGreaterThan(0);
  });

  it('shows in the status and on the list', async () => {
    let failing = true;
    const fs = { ...nodeFs, fdatasync: (fd: number, done: Done) => (failing ? done(failure()) : nodeFs.fdatasync(fd, done)) } as unknown as JournalFs;
    const store = await openTestStore(dir, { fs });
    new Player(store).call('a', 'b', {});
    await expect.poll(() => store.state, { timeout: 10_000 }).toMatchObject({ kind: 'degraded', missingFrames: 0, message: expect.stringContaining('does not confirm') as string });
    failing = false;
    await expect.poll(() => store.state, { timeout: 10_000 }).toEqual({ kind: 'ok' });
    await store.settled();
    const { rows, total } = await store.page({ position: { kind: 'newest' }, limit: 5 });
    expect(rows.map(({ method, detail }) => [method, detail?.replace(/:.*/, '')])).toContainEqual(['recording/gap', '4 messages may be lost in a power cut']);
    expect(total).toBe(rows.length);
    await store.close();
  });
});

describe('the folder', () => {
  it.runIf(process.platform !== 'win32')('is synced when a journal was made in it', async () => {
    const synced: string[] = [];
    const names = new Map<number, string>();
    const fs = {
      ...nodeFs,
      open: (path: string, flags: string, done: (error: Error | null, fd: number) => void) =>
        nodeFs.open(path, flags, (error, fd) => {
          names.set(fd, path);
          done(error, fd);
        }),
      fsync: (fd: number, done: Done) => {
        synced.push(`${names.get(fd)} with ${readdirSync(dir).length}`);
        nodeFs.fsync(fd, done);
      },
    } as unknown as JournalFs;
    const made = write(fs);
    await expect.poll(() => synced).toEqual([`${dir} with 1`]);
    made.append(meta, 1, 1, undefined);
    made.rotate();
    await expect.poll(() => synced).toEqual([`${dir} with 1`, `${dir} with 2`]);
    expect(made.unsynced).toBeUndefined();
  });

  it('that cannot be synced where it lies is no trouble; a disk that fails is', async () => {
    const of = (code: string): JournalFs => ({ ...nodeFs, fsync: (_fd: number, done: Done) => done(Object.assign(new Error(`${code}: fsync`), { code })) }) as unknown as JournalFs;
    let asked = false;
    const odd = of('EINVAL');
    const made = write({ ...odd, fsync: ((fd: number, done: Done) => (odd.fsync(fd, done), (asked = true))) as never });
    await expect.poll(() => asked).toBe(true);
    expect(made.unsynced).toBeUndefined();
    made.close();
    const other = new JournalWriter({ dir, writer: 'v', clock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', fs: of('EIO') });
    await expect.poll(() => other.unsynced).toContain('EIO');
    other.close();
    expect(existsSync(join(dir, 'v-1.jnl'))).toBe(true);
  });
});
