// Segments that are known from an index are read when a question needs them, and shown as they are then, whatever has become of them.
import { copyFileSync, cpSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { Segment } from '../../../src/extension/store/worker/segment';
import { readSegmentIndex, writeSegmentIndex } from '../../../src/extension/store/worker/segmentIndex';
import type { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { answersOf, callsEach, copyOf, indexedFolder, indexIn, kept, newest, now, said, segmentsIn, startEngine, viewOf, windows, withParticulars } from '../../support/store/indexedFolder';
import { cleanFolders, Player, sealWindows, tempFolder } from '../../support/store/storeHarness';

/** Names of the files that are open, by descriptor, and of all that were read. */
const disk = vi.hoisted(() => ({ names: new Map<number, string>(), read: [] as string[] }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const openSync: typeof fs.openSync = (path, ...more) => {
    const fd = fs.openSync(path, ...more);
    disk.names.set(fd, String(path).split(/[/\\]/).at(-1)!);
    return fd;
  };
  const readSync = (fd: number, ...more: unknown[]): number => {
    disk.read.push(disk.names.get(fd) ?? '');
    return (fs.readSync as (...args: unknown[]) => number)(fd, ...more);
  };
  const closeSync = (fd: number): void => {
    disk.names.delete(fd);
    fs.closeSync(fd);
  };
  const changed = { ...fs, openSync, closeSync, readSync };
  return { ...changed, default: changed };
});

/** A folder with an index, as a window leaves it. */
let template: string;

beforeAll(async () => {
  template = await indexedFolder();
});
afterAll(cleanFolders);

/** Names of the segments that are read from now on. */
function readFromNow(): () => string[] {
  disk.read.length = 0;
  return () => [...new Set(disk.read.filter((name) => name.endsWith('.sqlite')))].sort();
}

describe('a start with an index of segments', () => {
  it('reads none of them, and the newest page reads those that it shows', async () => {
    const dir = copyOf(template);
    const seen = readFromNow();
    const { view } = await viewOf(dir);
    expect(seen()).toEqual([]);
    const { rows, total } = await newest(view, callsEach);
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: callsEach }, () => `tool${windows - 1}`));
    expect(total).toBeGreaterThan(windows * callsEach);
    expect(seen()).toEqual([`w${windows - 1}-1.sqlite`]);
    view.close();
    rmSync(indexIn(dir));
    const without = await viewOf(dir);
    expect(seen()).toEqual(segmentsIn(dir));
    without.view.close();
  });

  it.each([
    ['', said(() => undefined)],
    [', also those that it was wrong about', said((all) => all.map((each) => withParticulars(each, { writers: ['nobody'] })))],
  ])('closes every file that it opened%s', async (_which, change) => {
    const dir = copyOf(template);
    await change(dir);
    const before = disk.names.size;
    const { view } = await viewOf(dir);
    await newest(view, 3);
    expect(disk.names.size).toBe(before + segmentsIn(dir).length);
    view.close();
    expect(disk.names.size).toBe(before);
  });

  it('gives the same answers, and knows all that can be read off the files', async () => {
    const dir = copyOf(template);
    const withIndex = await viewOf(dir);
    const answers = await answersOf(withIndex.view);
    expect(withIndex.warnings).toEqual([]);
    rmSync(indexIn(dir));
    const without = await viewOf(dir);
    expect(answers).toEqual(await answersOf(without.view));
    expect([...readSegmentIndex(template).keys()].sort()).toEqual(segmentsIn(template));
    for (const { view } of [withIndex, without]) view.close();
  });
});

describe('a segment that the index knows', () => {
  it('is read to its end when it is deleted after the start', async () => {
    const dir = copyOf(template);
    const { view } = await viewOf(dir);
    const whole = await viewOf(template);
    for (const name of segmentsIn(dir)) rmSync(join(dir, name));
    expect((await newest(view)).rows).toEqual((await newest(whole.view)).rows);
    await view.refresh();
    expect((await newest(view)).rows).toEqual([]);
    for (const each of [view, whole.view]) each.close();
  });

  it('and that is put together with others after the start is there once', async () => {
    const dir = copyOf(template);
    const { view, warnings } = await viewOf(dir);
    const before = await newest(view, 4);
    await new Sealer({ dir, engine: await startEngine(), me: 'merger', now: () => now, warn: (message) => expect.fail(message), mergeFrom: 3 }).recover();
    expect(segmentsIn(dir).filter((name) => /^w\d/.test(name))).toEqual([]);
    const later = await newest(view);
    await view.refresh();
    expect((await newest(view)).rows).toEqual(later.rows);
    expect(new Set(later.rows.map(({ id }) => id)).size).toBe(before.total);
    expect(later.total).toBe(before.total);
    expect(warnings).toEqual([]);
    view.close();
    // The file that took their place is not in the index, which still knows those that are gone.
    const next = await viewOf(dir);
    expect((await newest(next.view)).rows).toEqual(later.rows);
    next.view.close();
  });

  it('and was wrong about, and that is put together with others before that is found out, is there once', async () => {
    const dir = copyOf(template);
    await said((all) => all.map((each) => (each.name === 'w5-1.sqlite' ? withParticulars(each, { writers: ['nobody'] }) : each)))(dir);
    const { view } = await viewOf(dir);
    await new Sealer({ dir, engine: await startEngine(), me: 'merger', now: () => now, warn: (message) => expect.fail(message), mergeFrom: 3 }).recover();
    const truth = await viewOf(template);
    expect((await newest(view)).rows.map(({ id }) => id)).toEqual((await newest(truth.view)).rows.map(({ id }) => id));
    for (const each of [view, truth.view]) each.close();
  });

  it('and was wrong about, is read before the journal that goes on with what it left open', async () => {
    const dir = copyOf(template);
    const journal = new JournalWriter({ dir, writer: 'long', clock: systemClock, logger: nullLogger, pid: process.pid, host: hostname(), socket: '', rotateBytes: 2000 });
    const player = new Player({ journal }, 'long');
    const asked = player.ask('a', 'long', {});
    while (journal.position.k < 2) player.call('a', 'tick', {});
    player.answer('a', asked, { result: { content: [] } });
    new Sealer({ dir, engine: await startEngine(), me: 'long', now: () => now, warn: (message) => expect.fail(message) }).seal(1, 'handOver');
    const segment = new Segment(await startEngine(), join(dir, 'long-1.sqlite'));
    await said((all) => [...all, withParticulars(segment.indexed!, { writers: ['nobody'] })])(dir);
    segment.close();
    const { view, warnings } = await viewOf(dir);
    const { rows } = await newest(view, 100, 'tool:long');
    expect(rows).toMatchObject([{ name: 'long', status: 'ok' }]);
    expect(warnings).toEqual([]);
    view.close();
    journal.close();
  });

  it('and what it takes the place of are not both shown, where its maker did not live to remove them', async () => {
    const dir = copyOf(template);
    const small = tempFolder();
    cpSync(dir, small, { recursive: true, preserveTimestamps: true });
    await new Sealer({ dir, engine: await startEngine(), me: 'merger', now: () => now, warn: (message) => expect.fail(message), mergeFrom: 3 }).recover();
    const engine = await startEngine();
    const indexed = segmentsIn(dir).map((name) => {
      const segment = new Segment(engine, join(dir, name));
      segment.close();
      return segment.indexed!;
    });
    await writeSegmentIndex(dir, 'me', indexed);
    const merged = segmentsIn(dir).find((name) => name.startsWith('merged-')) ?? '';
    expect(readSegmentIndex(dir).get(merged)?.particulars.replaces).toContain('w3-1.sqlite');
    for (const name of segmentsIn(small)) cpSync(join(small, name), join(dir, name), { preserveTimestamps: true });
    const { view } = await viewOf(dir);
    const { rows, total } = await newest(view);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(total);
    const truth = await viewOf(template);
    expect(rows.map(({ id }) => id).sort()).toEqual((await newest(truth.view)).rows.map(({ id }) => id).sort());
    for (const each of [view, truth.view]) each.close();
  });

  it.each([
    ['', (): void => undefined],
    [', which is as old and as long', (name: string, stat: { readonly atimeMs: number; readonly mtimeMs: number }) => utimesSync(name, stat.atimeMs / 1000, stat.mtimeMs / 1000)],
  ])('is replaced by another of the same name%s: what is in the file is shown', async (_what, pass) => {
    const dir = copyOf(template);
    const others = tempFolder();
    await sealWindows(others, await startEngine(), windows, now + 5000, (player) => {
      for (let i = 0; i < callsEach; i++) player.call('a', 'other', { i });
    });
    const path = join(dir, `w${windows - 1}-1.sqlite`);
    // A time that the system can be told.
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    await kept(dir);
    const before = statSync(path);
    expect(readSegmentIndex(dir).get(basename(path))?.changedMs).not.toBe(before.mtimeMs);
    await said((all) => all.map((each) => (each.name === basename(path) ? { ...each, changedMs: before.mtimeMs } : each)))(dir);
    copyFileSync(join(others, basename(path)), path);
    pass(path, before);
    const isSame = statSync(path).mtimeMs === before.mtimeMs && statSync(path).size === before.size;
    const { view, warnings } = await viewOf(dir);
    expect((await newest(view, callsEach)).rows.map(({ name }) => name)).toEqual(['other', 'other', 'other']);
    expect(warnings).toHaveLength(isSame ? 1 : 0);
    view.close();
  });

  it.each([1, 2, 4])('is damaged on disk (page %i): what can be read of it is shown, and it is named', async (page) => {
    const dir = copyOf(template);
    const name = `w${windows - 2}-1.sqlite`;
    const path = join(dir, name);
    const { atimeMs, mtimeMs } = statSync(path);
    const bytes = readFileSync(path);
    bytes.fill(0x5a, (page - 1) * 4096, page * 4096);
    writeFileSync(path, bytes);
    utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
    await said((all) => all.map((each) => (each.name === name ? { ...each, changedMs: statSync(path).mtimeMs } : each)))(dir);
    const ids = async (view: StoreView): Promise<string[]> => (await newest(view)).rows.map(({ id }) => id);
    const truth = await viewOf(template);
    for (const isAsked of [true, false]) {
      const seen = readFromNow();
      const { view } = await viewOf(dir);
      expect(seen()).toEqual([]);
      // Whoever comes first, a question or the worker by itself.
      if (isAsked) expect(await ids(view)).toEqual(await ids(truth.view));
      else expect(await view.openAhead()).toBe(true);
      expect(view.unreadable).toMatchObject([{ name, isNewer: false, missing: { calls: 0 } }]);
      expect(await ids(view)).toEqual(await ids(truth.view));
      view.close();
    }
    truth.view.close();
  });

  it('is of a newer version by now: it is left out and named, and no question fails', async () => {
    const dir = copyOf(template);
    const name = `w${windows - 1}-1.sqlite`;
    const db = new DatabaseSync(join(dir, name));
    db.exec('PRAGMA user_version = 99');
    db.close();
    const stat = statSync(join(dir, name));
    await said((all) => all.map((each) => (each.name === name ? { ...each, changedMs: stat.mtimeMs, bytes: stat.size } : each)))(dir);
    const { view } = await viewOf(dir);
    const { rows } = await newest(view);
    expect(rows.map((row) => row.name)).not.toContain(`tool${windows - 1}`);
    expect(rows.map((row) => row.name)).toContain(`tool${windows - 2}`);
    expect(view.unreadable).toEqual([{ name, isNewer: true }]);
    view.close();
  });

  it('is cut off: it is not believed', async () => {
    const dir = copyOf(template);
    const path = join(dir, `w${windows - 1}-1.sqlite`);
    truncateSync(path, 8192);
    const { view } = await viewOf(dir);
    expect(view.unreadable.map(({ name }) => name)).toEqual([basename(path)]);
    view.close();
  });
});

