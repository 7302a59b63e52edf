// Database files are read by blocks that are kept in room of a fixed size, and only the part of them that is asked about.
import { closeSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BlockFile } from '../../../src/extension/store/worker/fileBlocks';
import { Segment } from '../../../src/extension/store/worker/segment';
import { factsBytes, factsIn } from '../../../src/extension/store/worker/segmentFacts';
import { rows } from '../../../src/extension/store/worker/source';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { cleanFolders, sealWindows, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
const mebibyte = 1 << 20;

let engine: SqlEngine;

beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});

afterEach(cleanFolders);

function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 16807) % 2147483647) % below;
}

function opened<T>(path: string, use: (file: BlockFile) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(new BlockFile(fd, readFileSync(path).length));
  } finally {
    closeSync(fd);
  }
}

/** A folder of so many segments of a few calls each. */
async function sealed(windows: number): Promise<string> {
  const dir = tempFolder();
  await sealWindows(dir, engine, windows, now, (player, window) => {
    for (let i = 0; i < 3; i++) player.call('a', `tool${window}`, { i });
  });
  return dir;
}

const segmentsIn = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.sqlite')).sort();

describe('a file that is read by blocks', () => {
  it('gives what stands there, however much of however many files has been read', () => {
    const random = numbers(7);
    // Together more than is kept.
    const noise = (words: number): Buffer => Buffer.from(Uint32Array.from({ length: words }, () => random(2 ** 31 - 1)).buffer);
    const contents = [noise(5 * mebibyte + 1), noise(2 * mebibyte), Buffer.from('end')];
    const paths = contents.map((content, index) => {
      const path = join(tempFolder(), `${index}`);
      writeFileSync(path, content);
      return path;
    });
    opened(paths[0]!, (a) => opened(paths[1]!, (b) => opened(paths[2]!, (c) => {
      const files = [a, b, c];
      const wrong: string[] = [];
      const look = (which: number, from: number, length: number): void => {
        const expected = contents[which]!.subarray(from, from + length);
        if (Buffer.compare(files[which]!.bytes(from, from + length), expected) !== 0) wrong.push(`${which}: ${from}, ${length}`);
      };
      for (let at = 0; at < contents[0]!.length; at += 4096) look(0, at, 4096);
      for (let at = contents[1]!.length - 4096; at >= 0; at -= 4096) look(1, at, 4096);
      for (let i = 0; i < 2000; i++) {
        const which = random(3);
        look(which, random(contents[which]!.length), i % 100 === 0 ? 50_000 : 1 + random(4096));
        if (i % 500 === 499) files[random(3)]!.forget();
      }
      look(2, 3, 10);
      expect(wrong).toEqual([]);
    })));
  });

  it('is not read beyond where it was cut off meanwhile', () => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, Buffer.alloc(100_000, 1));
    opened(path, (file) => {
      truncateSync(path, 50_000);
      expect(() => file.bytes(60_000, 60_100)).toThrow('shorter');
      expect(file.bytes(0, 3)).toEqual(Buffer.of(1, 1, 1));
    });
  });
});

describe('many segments', () => {
  it('all answer, in whatever order they are asked, though few of them keep pages in memory', async () => {
    const dir = await sealed(3);
    const names = segmentsIn(dir);
    const segments = Array.from({ length: 150 }, (_, index) => new Segment(engine, join(dir, names[index % 3]!)));
    for (let round = 0; round < 3; round++) {
      segments.forEach((segment, index) => expect(rows(segment.db, 'SELECT DISTINCT name FROM call')).toEqual([[`tool${index % 3}`]]));
    }
    for (const segment of segments) segment.close();
  });

  it('give the same answers when there is only room for few of them to be open at a time', async () => {
    const dir = await sealed(12);
    for (const which of ['newer', 'older']) {
      const name = `version1-${which}-1.sqlite`;
      writeFileSync(join(dir, name), gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.gz`))));
    }
    const answers = async (mostOpened?: number): Promise<unknown> => {
      const engineHere = await SqlEngine.start(wasmFile, dir, mostOpened);
      const view = new StoreView({ dir, engine: engineHere, now: () => now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message), searchBudgetMs: Infinity, rowsBudgetMs: Infinity });
      await view.refresh();
      const found: unknown[] = [];
      for (let round = 0; round < 2; round++) {
        for (const filter of ['', 'done', 'tool7', 'is:pinned', 'NOT /t.ol[12]/']) {
          // Whether the number is exact may not be known any more: what was found of a text goes with its database.
          const { rows: calls, total } = await view.page({ filter, position: { kind: 'newest' }, limit: 500 }, () => 0);
          found.push(filter, calls, total);
          found.push(await view.summary({ filter }));
        }
        found.push(await view.statistics({ by: 'server' }, () => 0));
      }
      view.close();
      return found;
    };
    expect(await answers(3)).toEqual(await answers());
  });

  it('are known without being opened, and only those are opened that a page shows', async () => {
    const dir = await sealed(12);
    let openedFiles = 0;
    const engineHere = await SqlEngine.start(wasmFile, dir);
    const openFile = engineHere.openFile.bind(engineHere);
    engineHere.openFile = (path) => {
      const file = openFile(path);
      let isOpen = false;
      const opening = (): void => {
        if (!isOpen) openedFiles++;
        isOpen = true;
      };
      return { bytes: file.bytes, fault: undefined, start: (bytes) => file.start(bytes), close: () => file.close(), get db() {
        opening();
        return file.db;
      } };
    };
    const view = new StoreView({ dir, engine: engineHere, now: () => now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message) });
    await view.refresh();
    expect(openedFiles).toBe(0);
    const page = await view.page({ filter: '', position: { kind: 'newest' }, limit: 3 }, () => 0);
    expect([page.rows.length, page.total]).toEqual([3, 36]);
    expect(openedFiles).toBeLessThan(4);
    await view.openAhead();
    expect(openedFiles).toBe(12);
    view.close();
  });
});

describe('what a segment says of itself', () => {
  const start = (path: string): Buffer => readFileSync(path).subarray(0, factsBytes);

  it('is read off its first pages, as SQLite says it', async () => {
    const dir = await sealed(2);
    for (const name of segmentsIn(dir)) {
      const path = join(dir, name);
      const facts = factsIn(start(path), readFileSync(path).length) ?? expect.fail('it says nothing');
      const file = engine.openFile(path);
      expect(facts.writers).toEqual(rows(file.db, 'SELECT name FROM writer ORDER BY w').flat());
      expect([...facts.info]).toEqual(expect.arrayContaining(rows(file.db, 'SELECT key, value FROM info')));
      expect(facts.version).toBe(rows(file.db, 'PRAGMA user_version')[0]![0]);
      file.close();
    }
  });

  it.each([
    ['is shorter than it says', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4096)],
    ['is of another version', (bytes: Buffer) => (bytes.writeUInt32BE(2, 60), bytes)],
    ['is another program’s', (bytes: Buffer) => (bytes.writeUInt32BE(1, 68), bytes)],
    ['has an inner page for a table', (bytes: Buffer) => (bytes.writeUInt8(5, 4096), bytes)],
    ['has more rows than fit', (bytes: Buffer) => (bytes.writeUInt16BE(60_000, 4096 + 3), bytes)],
    ['has no rows', (bytes: Buffer) => (bytes.writeUInt16BE(0, 4096 + 3), bytes)],
    ['has no writer', (bytes: Buffer) => (bytes.writeUInt16BE(0, 3 * 4096 + 3), bytes)],
    ['has rows that are too long', (bytes: Buffer) => (bytes.fill(0xff, 4096 + 2000, 8192), bytes)],
    ['is empty', () => Buffer.alloc(0)],
  ])('is left to SQLite where the file %s', async (_name, change) => {
    const dir = await sealed(1);
    const path = join(dir, segmentsIn(dir)[0]!);
    expect(factsIn(start(path), readFileSync(path).length)).toBeDefined();
    const changed = change(readFileSync(path));
    expect(factsIn(changed.subarray(0, factsBytes), changed.length)).toBeUndefined();
  });

  it('never throws, whatever stands in the pages', async () => {
    const dir = await sealed(1);
    const bytes = readFileSync(join(dir, segmentsIn(dir)[0]!));
    const random = numbers(11);
    for (let i = 0; i < 500; i++) {
      const damaged = Buffer.from(bytes.subarray(0, factsBytes));
      for (let change = 0; change < 20; change++) damaged.writeUInt8(random(256), 4096 + random(3 * 4096));
      expect(() => factsIn(damaged, bytes.length)).not.toThrow();
    }
  });
});
