// What fails once is done later, by itself, and without anybody being kept busy by it; and a file that is just gone is no failure.
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FileMaker } from '../../../src/extension/store/fileMaker';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { socketPathOf } from '../../../src/extension/store/ownership';
import type { WorkerHandle } from '../../../src/extension/store/workerHandle';
import { lockFolder, releaseOwnLock } from '../../../src/extension/store/worker/merger';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { AppError } from '../../../src/extension/util/errors';
import { nullLogger } from '../../../src/extension/util/logger';
import { deadWindow, sealerIn } from '../../support/store/segmentFile';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';
import { FakeClock, settle } from '../util/fakeClock';

afterEach(cleanFolders);

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});

const nothingFound = { journals: 0, frames: 0, damagedEntries: 0, damagedBytes: 0, tornBytes: 0, quarantined: [], uncertain: 0, failed: 0 };
const nothingRemoved = { segments: 0, calls: 0, bytes: 0, tooOld: 0, kept: 0 };

/** A store's files in a clock's hands: what is asked of the worker, and when. */
function maker(answers: Partial<Record<string, (times: number) => unknown>>) {
  const clock = new FakeClock();
  const dir = tempFolder();
  const warnings: string[] = [];
  const asked: { readonly method: string; readonly atMs: number }[] = [];
  const logger = { ...nullLogger, warn: (message: string) => void warnings.push(message) };
  const writer = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: process.pid, host: hostname(), socket: '' });
  const count = (method: string): number => asked.filter((each) => each.method === method).length;
  const call = async (method: string): Promise<unknown> => {
    asked.push({ method, atMs: clock.monotonicUs() / 1000 });
    const answer = answers[method];
    if (answer) return answer(count(method));
    return method === 'recover' ? nothingFound : method === 'retain' ? nothingRemoved : '';
  };
  const files = new FileMaker(writer, { call } as unknown as WorkerHandle, { clock, logger }, () => undefined);
  writer.onDidChange(() => files.written());
  const pass = (ms: number): Promise<void> => clock.advance(ms);
  const when = (method: string): number[] => asked.filter((each) => each.method === method).map(({ atMs }) => Math.round(atMs / 1000));
  const gaps = (method: string): number[] => when(method).slice(1).map((at, index) => at - when(method)[index]!);
  return { writer, files, player: new Player({ journal: writer }, 's', clock), pass, gaps, warnings, count };
}

const full = (): never => {
  throw new Error('ENOSPC');
};

describe('a snapshot that fails', () => {
  it('is written soon after the disk has room again, though nothing is recorded any more', async () => {
    const { player, pass, count, gaps, warnings, files, writer } = maker({ snapshot: (times) => (times < 4 ? full() : 'path') });
    player.call('a', 'b', {});
    await pass(600_000);
    expect(count('snapshot')).toBe(4);
    expect(gaps('snapshot').every((seconds) => seconds >= 10 && seconds <= 31)).toBe(true);
    expect(warnings.filter((message) => message.includes('snapshot'))).toHaveLength(1);
    // Until something is.
    player.call('a', 'c', {});
    await pass(60_000);
    expect(count('snapshot')).toBe(5);
    files.dispose();
    writer.dispose();
  });

  it.each([['disk is full', full], ['helper is lost', () => { throw new AppError('store.unavailable', 'lost'); }]] as const)('is not tried more than twice a minute, however long the %s', async (_what, fail) => {
    const { player, pass, count, warnings, files, writer } = maker({ snapshot: fail });
    player.call('a', 'b', {});
    await pass(600_000);
    expect(count('snapshot')).toBeGreaterThan(15);
    expect(count('snapshot')).toBeLessThanOrEqual(21);
    expect(warnings.filter((message) => message.includes('snapshot'))).toHaveLength(1);
    files.dispose();
    writer.dispose();
  });

  it('is not tried any more when the window closes', async () => {
    const { player, pass, count, files, writer } = maker({ snapshot: full });
    player.call('a', 'b', {});
    await pass(15_000);
    await files.end(1);
    const before = count('snapshot');
    await pass(120_000);
    expect(count('snapshot')).toBe(before);
    writer.dispose();
  });
});

describe('a recovery that fails', () => {
  it.each([
    ['in part', () => ({ ...nothingFound, failed: 1 })],
    ['as a whole', full],
  ])('%s is tried again, less and less often', async (_what, fails) => {
    const { pass, count, gaps, files, writer } = maker({ recover: (times) => (times < 6 ? fails() : nothingFound) });
    await pass(3600_000);
    expect(count('recover')).toBe(6);
    expect(gaps('recover')).toEqual([60, 120, 240, 360, 360]);
    files.dispose();
    writer.dispose();
  });

  it('since the helper is lost is made up for when that is there again, and not before', async () => {
    const { pass, count, files, writer } = maker({
      recover: (times) => {
        if (times === 1) throw new AppError('store.unavailable', 'lost');
        return nothingFound;
      },
    });
    await pass(3600_000);
    expect(count('recover')).toBe(1);
    files.makeUp();
    await settle();
    expect(count('recover')).toBe(2);
    files.dispose();
    writer.dispose();
  });

  it('says so, and succeeds when what was in its way is gone', async () => {
    const dir = tempFolder();
    deadWindow(dir, 'dead', (player) => void player.call('a', 'b', {}));
    const way = join(dir, 'dead-1.sqlite.building-me');
    mkdirSync(way);
    const warnings: string[] = [];
    const sealer = sealerIn(dir, engine, { warn: (message) => warnings.push(message) });
    expect(await sealer.recover()).toMatchObject({ journals: 0, failed: 1, uncertain: 0 });
    expect(warnings).toHaveLength(1);
    rmSync(way, { recursive: true });
    expect(await sealer.recover()).toMatchObject({ journals: 1, frames: 4, failed: 0 });
    expect(readdirSync(dir)).toEqual(['dead-1.sqlite']);
  });

  it('since segments could not be put together, is tried again, too', async () => {
    const dir = tempFolder();
    for (const name of ['one', 'two']) deadWindow(dir, name, (player) => void player.call('a', 'b', {}));
    mkdirSync(join(dir, 'merged-me-1.sqlite.building-me'));
    const warnings: string[] = [];
    const sealer = sealerIn(dir, engine, { mergeFrom: 2, warn: (message) => warnings.push(message) });
    expect(await sealer.recover()).toMatchObject({ journals: 2, failed: 1 });
    expect(warnings).toHaveLength(1);
    rmSync(join(dir, 'merged-me-1.sqlite.building-me'), { recursive: true });
    expect(await sealer.recover()).toMatchObject({ journals: 0, failed: 0 });
    expect(readdirSync(dir).filter((name) => name.endsWith('.sqlite'))).toEqual(['merged-me-1.sqlite']);
  });
});

describe('what is gone between looking and reading', () => {
  // A name that leads nowhere is listed, and there is nothing.
  const vanished = (dir: string, name: string): void => symlinkSync(join(dir, 'nowhere'), join(dir, name));

  it('is no failure where it is the journal of a window that has just sealed it, and its socket stays', async () => {
    const dir = tempFolder();
    vanished(dir, 'living-1.jnl');
    const socket = socketPathOf(dir, 'living');
    writeFileSync(socket, '');
    // `warn` throws: nothing is said.
    expect(await sealerIn(dir, engine).recover()).toEqual(nothingFound);
    expect(existsSync(socket)).toBe(true);
    rmSync(socket);
  });

  it('is no failure where it is the lock of who was done just now', async () => {
    const dir = tempFolder();
    vanished(dir, 'merging.lock');
    expect(await lockFolder(dir, 'me')).toBe(false);
    expect(() => releaseOwnLock(dir, 'me')).not.toThrow();
  });
});
