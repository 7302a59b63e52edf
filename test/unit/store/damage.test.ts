// Files with flipped bits and bad pages: what they touch is lost, the rest is shown, and somebody says so.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { Segment } from '../../../src/extension/store/worker/segment';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, openTestStore, Player, recordedIn, tempFolder, wasmFile } from '../../support/store/storeHarness';

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterEach(() => cleanFolders());

async function seal(dir: string, options: { mergeFrom?: number; compressFrom?: number; rounds?: number } = {}): Promise<string[]> {
  const warnings: string[] = [];
  const { rounds = 1, ...more } = options;
  for (let k = 0; k < rounds; k++) await new Sealer({ dir, engine, me: 'me', now: Date.now, warn: (message) => warnings.push(message), mergeFrom: 50, ...more }).recover();
  return warnings;
}

function window(dir: string, writer: string, play: (player: Player) => void): void {
  const journal = new JournalWriter({ dir, writer, clock: systemClock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
  play(new Player({ journal }, writer));
  journal.close();
}

async function viewOf(dir: string): Promise<{ view: StoreView; warnings: string[] }> {
  const warnings: string[] = [];
  const view = new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => warnings.push(message), searchBudgetMs: Infinity });
  await view.refresh();
  return { view, warnings };
}

const words = (seed: number): string => Array.from({ length: 3000 }, (_, k) => ((k * 7919 * (seed + 3)) % 100_003).toString(36)).join(' ');

/** Sealed windows, made once: each who asks gets a folder of its own with the same files. */
function sealedOnce(play: (dir: string) => void, options: { compressFrom?: number } = {}): () => Promise<string> {
  let files: ReadonlyMap<string, Buffer> | undefined;
  return async () => {
    const dir = tempFolder();
    if (files) {
      for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
      return dir;
    }
    play(dir);
    expect(await seal(dir, options)).toEqual([]);
    files = new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))]));
    return dir;
  };
}

const twoWindows = sealedOnce((dir) => {
  for (const writer of ['one', 'two']) {
    window(dir, writer, (player) => {
      for (let i = 0; i < 20; i++) player.call('a', `${writer}${i}`, { i }, { content: [{ type: 'text', text: `needle ${writer} ${i} ${words(i)}` }] });
    });
  }
}, { compressFrom: 0 });

/** Two windows with twenty long answers each; of one compressed text in the first, the bytes at `at` are changed. */
async function withFlippedBit(at: number): Promise<{ dir: string; frame: number }> {
  const dir = await twoWindows();
  const file = join(dir, 'one-1.sqlite');
  const db = new DatabaseSync(file, { readOnly: true });
  const { frame, data } = db.prepare('SELECT frame, data FROM body WHERE enc = 1 ORDER BY frame LIMIT 1 OFFSET 5').get() as { frame: number; data: Uint8Array };
  db.close();
  const bytes = readFileSync(file);
  const place = bytes.indexOf(Buffer.from(data).subarray(at, at + 48));
  expect(place).toBeGreaterThan(0);
  bytes[place]! ^= 0x10;
  writeFileSync(file, bytes);
  return { dir, frame };
}

describe('a recorded text that is damaged on disk', () => {
  // The head of the compressed text, and places in the middle, where it decompresses to another text.
  it.each([0, 3000, 5000, 7000])('costs that text (byte %i), and searching goes on', async (at) => {
    const { dir, frame } = await withFlippedBit(at);
    const { view, warnings } = await viewOf(dir);
    const found = await view.page({ filter: 'needle', position: { kind: 'newest' }, limit: 100 }, () => 0);
    expect([found.rows.length, found.total]).toEqual([39, 39]);
    expect((await view.summary({ filter: 'needle' })).calls).toBe(39);
    const all = await view.page({ filter: '', position: { kind: 'newest' }, limit: 100 }, () => 0);
    expect(all.total).toBe(40);
    const details = await Promise.all(all.rows.map(({ id }) => view.call(id)));
    const damaged = details.flatMap((detail) => [detail?.request, detail?.response, detail?.upstreamRequest, detail?.upstreamResponse]).filter((text) => text?.damaged);
    expect(damaged.map((text) => text?.frame)).toContain(frame);
    expect(damaged.every((text) => text?.text === '')).toBe(true);
    expect(warnings.filter((message) => message.includes('damaged'))).not.toEqual([]);
    // What passes it on is told of it, and what shares a page with it and is not compressed has no checksum of its own.
    const texts = at === 0 ? (expect.any(Number) as number) : 2;
    expect(view.unreadable).toEqual([{ name: 'one-1.sqlite', isNewer: false, missing: { calls: 0, texts } }]);
    view.close();
    expect((await recordedIn(dir)).filter(({ response }) => response?.includes('needle'))).toHaveLength(39);
  });

  it('is told of in parts, too: nothing is there, and nobody waits for more', async () => {
    const { dir } = await withFlippedBit(3000);
    const { view } = await viewOf(dir);
    const { rows } = await view.page({ filter: 'NOT needle', position: { kind: 'newest' }, limit: 100 }, () => 0);
    expect(rows).toHaveLength(1);
    const ref = { id: rows[0]!.id, part: 'response' } as const;
    expect(await view.body(ref, 10_000, 500)).toMatchObject({ text: '', toByte: 0, totalBytes: 0 });
    expect(await view.body(ref, 0, 500)).toEqual({ text: '', fromByte: 0, toByte: 0, totalBytes: 0 });
    view.close();
  });
});

const sixWindows = sealedOnce((dir) => {
  for (let k = 0; k < 6; k++) {
    window(dir, `w${k}`, (player) => {
      for (let i = 0; i < 200; i++) player.call('a', `t${i}`, { i });
    });
  }
});

/** Windows of 200 calls each; of the third one's file, and the fifth one's, a page is overwritten. */
async function withBadPage(page: number): Promise<string> {
  const dir = await sixWindows();
  for (const name of ['w2-1.sqlite', 'w4-1.sqlite']) {
    const bytes = readFileSync(join(dir, name));
    writeFileSync(join(dir, name), bytes.fill(0x5a, page * 4096, (page + 1) * 4096));
  }
  return dir;
}

describe('a segment with a bad page', () => {
  it.each([8, 20, 30, 50])('does not keep the others from being read whole (page %i)', async (page) => {
    const dir = await withBadPage(page);
    const calls = await recordedIn(dir);
    const good = calls.filter(({ id }) => !id.startsWith('w2/') && !id.startsWith('w4/'));
    expect(good).toHaveLength(800);
    expect(good.every(({ request, response }) => request?.includes('tools/call') && response?.includes('done'))).toBe(true);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  });

  it('is told by name, and no longer when it was moved away', async () => {
    const dir = await withBadPage(30);
    const store = await openTestStore(dir, { pollMs: 50 });
    await store.settled();
    const { rows } = await store.page({ position: { kind: 'newest' }, limit: 1500 });
    for (const { id } of rows) await store.call(id).catch(() => undefined);
    await expect.poll(() => store.state, { timeout: 10_000 }).toMatchObject({ kind: 'degraded', isKept: true, message: expect.stringMatching(/w2-1\.sqlite, w4-1\.sqlite/) });
    for (const name of ['w2-1.sqlite', 'w4-1.sqlite']) renameSync(join(dir, name), join(dir, `${name}.away`));
    await expect.poll(() => store.state, { timeout: 10_000 }).toEqual({ kind: 'ok' });
    await store.close();
  });

  it('is the only one that is given up', async () => {
    const dir = await withBadPage(30);
    const asked: string[] = [];
    const openFile = engine.openFile.bind(engine);
    engine.openFile = (path) => {
      const file = openFile(path);
      const exec = file.db.exec.bind(file.db);
      file.db.exec = (sql, params) => (asked.push(sql), exec(sql, params));
      const prepare = file.db.prepare.bind(file.db);
      file.db.prepare = (sql, params) => (asked.push(sql), prepare(sql, params));
      return file;
    };
    try {
      const { view } = await viewOf(dir);
      const { rows } = await view.page({ filter: '', position: { kind: 'newest' }, limit: 1500 }, () => 0);
      for (const { id } of rows) await view.call(id).catch(() => undefined);
      expect(view.unreadable.map(({ name }) => name)).toEqual(['w2-1.sqlite', 'w4-1.sqlite']);
      expect(asked.filter((sql) => sql.includes('quick_check'))).toEqual([]);
      view.close();
    } finally {
      engine.openFile = openFile;
    }
  });
});

const segments = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.sqlite'));

describe('putting small segments together', () => {
  it('goes on where a merged file is of a newer version, which stays as it is', async () => {
    const dir = tempFolder();
    const one = (writer: string): void => window(dir, writer, (player) => void player.call('a', 'tool', {}));
    for (let k = 0; k < 3; k++) one(`w${k}`);
    await seal(dir, { mergeFrom: 3 });
    const [merged = ''] = segments(dir);
    expect(merged).toMatch(/^merged-/);
    const db = new DatabaseSync(join(dir, merged));
    db.exec('PRAGMA user_version = 99');
    db.close();
    const before = readFileSync(join(dir, merged));
    for (let k = 3; k < 9; k++) one(`w${k}`);
    expect((await seal(dir, { mergeFrom: 3 })).filter((message) => message.includes('could not be put together'))).toEqual([]);
    expect(segments(dir)).toHaveLength(2);
    expect(readFileSync(join(dir, merged)).equals(before)).toBe(true);
    expect(await recordedIn(dir)).toHaveLength(6);
    const { view } = await viewOf(dir);
    expect(view.unreadable).toEqual([{ name: merged, isNewer: true }]);
    view.close();
  });

  it.each([8, 20, 30, 50])('leaves out those with a bad page (%i)', async (page) => {
    const dir = await withBadPage(page);
    const warnings = await seal(dir, { mergeFrom: 3, rounds: 2 });
    expect(warnings.filter((message) => message.includes('could not be put together'))).toEqual([]);
    expect(segments(dir).filter((name) => name.startsWith('merged-'))).toHaveLength(1);
    expect((await recordedIn(dir)).filter(({ id }) => !id.startsWith('w2/') && !id.startsWith('w4/'))).toHaveLength(800);
  });

  it('makes nothing of too few that can be read', async () => {
    const dir = await withBadPage(1);
    await seal(dir, { mergeFrom: 5 });
    expect(segments(dir)).toHaveLength(6);
  });
});

it('a segment knows a compressed text by its checksum', async () => {
  const dir = tempFolder();
  window(dir, 'one', (player) => void player.call('a', 'b', {}, { content: [{ type: 'text', text: words(1) }] }));
  await seal(dir, { compressFrom: 0 });
  const db = new DatabaseSync(join(dir, 'one-1.sqlite'), { readOnly: true });
  const data = db.prepare('SELECT data FROM body WHERE enc = 1').all().map((row) => row['data'] as Uint8Array);
  db.close();
  expect(data.length).toBeGreaterThan(0);
  // The frame header's Content_Checksum_flag (RFC 8878, 3.1.1.1.1).
  for (const blob of data) expect((blob[4] ?? 0) & 0x04).toBe(0x04);
  const segment = new Segment(engine, join(dir, 'one-1.sqlite'));
  expect(segment.fault).toBeUndefined();
  segment.close();
});
