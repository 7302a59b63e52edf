// What is shown of a damaged segment: whatever was not touched, as it was recorded, and nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { hasChecks, isSound } from '../../../src/extension/store/worker/pageChecks';
import { noteBook } from '../../../src/extension/store/worker/notes';
import { salvage } from '../../../src/extension/store/worker/salvage';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

interface Shown {
  readonly row: unknown;
  readonly request: string | undefined;
  readonly response: string | undefined;
  readonly damaged?: readonly ('request' | 'response')[] | undefined;
}

const calls = 240;
const segmentName = 'one-1.sqlite';
const pageBytes = 4096;
const infoPage = 2;
let engine: SqlEngine;
let sound: { readonly plain: Buffer; readonly packed: Buffer };
const truth = new Map<string, Shown>();

const words = (seed: number, length: number): string => Array.from({ length }, (_, k) => ((k * 7919 * (seed + 3)) % 100_003).toString(36)).join(' ');

function play(player: Player): void {
  player.initialize();
  for (let i = 0; i < calls; i++) {
    const text = words(i, i % 5 === 0 ? 3000 : i % 3 === 0 ? 400 : 10);
    player.call(`server${i % 4}`, `tool${i % 17}`, { i, text: words(i, i % 40) }, { content: [{ type: 'text', text }] });
  }
}

async function sealed(compressFrom: number): Promise<Buffer> {
  const dir = tempFolder();
  let tick = 0;
  const clock = { ...systemClock, wallMs: () => 1_790_000_000_000 + tick++, monotonicUs: () => tick * 1000 };
  const journal = new JournalWriter({ dir, writer: 'one', clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
  play(new Player({ journal }, 's', clock));
  journal.close();
  await new Sealer({ dir, engine, me: 'me', now: Date.now, warn: (message) => expect.fail(message), compressFrom }).recover();
  return readFileSync(join(dir, segmentName));
}

async function opened<T>(bytes: Buffer, use: (view: StoreView, path: string) => Promise<T>, name = segmentName, engineHere = engine): Promise<T> {
  const path = join(tempFolder(), name);
  writeFileSync(path, bytes);
  const view = new StoreView({ dir: join(path, '..'), engine: engineHere, now: Date.now, breathe: () => Promise.resolve(), warn: () => undefined, searchBudgetMs: Infinity, rowsBudgetMs: Infinity });
  try {
    await view.refresh();
    return await use(view, path);
  } finally {
    view.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }
}

async function shownBy(view: StoreView): Promise<Map<string, Shown>> {
  const found = await view.newer({ filter: '' }, undefined, 1000);
  return new Map(found.map(({ row, request, response, damaged }) => [row.id, { row, request, response, damaged }]));
}

/** Rows of each table on each page, as SQLite counts them; a page on which a row goes on holds one. */
function cellsByPage(bytes: Buffer): (pages: Iterable<number>, table: string) => number {
  const path = join(tempFolder(), 'x.sqlite');
  writeFileSync(path, bytes);
  const db = new DatabaseSync(path, { readOnly: true });
  const stat = db.prepare('SELECT name, pageno, ncell, pagetype FROM dbstat').all() as { name: string; pageno: number; ncell: number; pagetype: string }[];
  db.close();
  const known = new Map(stat.map(({ name, pageno, ncell, pagetype }) => [pageno, { name, rows: pagetype === 'overflow' ? 1 : ncell }]));
  return (pages, table) => [...pages].reduce((sum, page) => sum + (known.get(page)?.name === table ? known.get(page)!.rows : 0), 0);
}

beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
  sound = { plain: await sealed(Infinity), packed: await sealed(0) };
  await opened(sound.plain, async (view) => {
    for (const [id, shown] of await shownBy(view)) truth.set(id, shown);
  });
  expect(truth.size).toBe(calls + 1);
});
afterAll(() => cleanFolders());

const copyPage = (bytes: Buffer, from: number, to: number): void => void bytes.copyWithin((to - 1) * pageBytes, (from - 1) * pageBytes, from * pageBytes);

/** Changes a file at random; gives the numbers of the pages that are not what they were. */
function damage(bytes: Buffer, random: (below: number) => number): Set<number> {
  const pages = bytes.length / pageBytes;
  const before = Buffer.from(bytes);
  for (let times = 1 + random(3); times > 0; times--) {
    const at = random(pages) * pageBytes;
    const kind = random(6);
    if (kind === 0) bytes[random(bytes.length)]! ^= 1 << random(8);
    else if (kind === 1) bytes.fill(0, at, at + pageBytes);
    else if (kind === 2) bytes.fill(random(256), at + random(pageBytes), at + pageBytes);
    else if (kind === 3) copyPage(bytes, random(pages) + 1, at / pageBytes + 1);
    else if (kind === 4) for (let i = 0; i < 20; i++) bytes[at + random(pageBytes)] = random(256);
    else bytes.fill(0xff, at, at + 512);
  }
  return new Set(Array.from({ length: pages }, (_, index) => index + 1).filter((page) => !bytes.subarray((page - 1) * pageBytes, page * pageBytes).equals(before.subarray((page - 1) * pageBytes, page * pageBytes))));
}

describe('a segment that is damaged anywhere', () => {
  it.each(['plain', 'packed'] as const)('shows what was not touched, as it was recorded, and says how much is missing (%s texts)', async (form) => {
    let state = form === 'plain' ? 11 : 13;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    const cells = cellsByPage(sound[form]);
    let touched = 0;
    for (let round = 0; round < 100; round++) {
      const bytes = Buffer.from(sound[form]);
      const pages = damage(bytes, random);
      await opened(bytes, async (view) => {
        const shown = await shownBy(view);
        const what = `round ${round}, pages ${[...pages].join()}`;
        let texts = 0;
        for (const [id, { row, request, response, damaged = [] }] of shown) {
          const was = truth.get(id);
          // Who asked is said in another table.
          expect({ ...(row as object), isPlayground: undefined }, what).toEqual({ ...(was?.row as object), isPlayground: undefined });
          for (const [part, is, recorded] of [['request', request, was?.request], ['response', response, was?.response]] as const) {
            expect(damaged.includes(part), what).toBe(is !== recorded);
            if (is === recorded) continue;
            expect(is ?? '', what).toBe('');
            texts++;
          }
        }
        const lostCalls = truth.size - shown.size;
        expect(lostCalls, what).toBeLessThanOrEqual(cells(pages, 'call'));
        expect(texts, what).toBeLessThanOrEqual(cells(pages, 'body') + cells(pages, 'frame'));
        const [said] = view.unreadable;
        if (lostCalls + texts === 0) return;
        touched++;
        expect(said, what).toMatchObject({ name: segmentName, isNewer: false, missing: { calls: lostCalls } });
        expect(said?.missing?.texts, what).toBeGreaterThanOrEqual(texts);
        // When, is known from indexes, or else from what the file says of itself as a whole.
        const { fromMs, toMs } = said!.missing!;
        for (const [id, { row }] of truth) {
          if (shown.has(id) || fromMs === undefined) continue;
          expect([(row as CallRow).timeMs >= fromMs, (row as CallRow).timeMs <= toMs!], what).toEqual([true, true]);
        }
        if (fromMs === undefined && lostCalls > 0) expect(pages.has(infoPage), what).toBe(true);
        // Other questions are answered, too, and agree.
        expect((await view.summary({ filter: '' })).calls, what).toBe(shown.size);
      });
    }
    expect(touched).toBeGreaterThan(20);
  }, 60_000);
});

/** Numbers of the pages of a table or index: those with rows at the end of the tree, those above, those on which rows go on. */
function pagesOf(bytes: Buffer, name: string, kind: 'leaf' | 'internal' | 'overflow'): number[] {
  const path = join(tempFolder(), 'x.sqlite');
  writeFileSync(path, bytes);
  const db = new DatabaseSync(path, { readOnly: true });
  const found = db.prepare('SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY pageno').all(name, kind) as { pageno: number }[];
  db.close();
  return found.map(({ pageno }) => pageno);
}

const withBadPage = (bytes: Buffer, page: number): Buffer => Buffer.from(bytes).fill(0x5a, (page - 1) * pageBytes, page * pageBytes);

/** As older versions wrote them: there are no checksums, and the change counters do not say that there are. */
function withoutChecks(bytes: Buffer): Buffer {
  const old = Buffer.from(bytes);
  for (const at of [24, 92]) old.writeUInt32BE(7, at);
  for (let end = pageBytes; end <= old.length; end += pageBytes) old.fill(0, end - 4, end);
  return old;
}

describe('a bad page', () => {
  it.each<[string, string, 'leaf' | 'internal' | 'overflow', number, number]>([
    ['of calls costs the calls on it', 'call', 'leaf', 1, 30],
    ['above those of calls costs the calls on it, not those below', 'call', 'internal', 1, 60],
    ['of an index costs nothing', 'call_time', 'leaf', 0, 0],
    ['above those of an index costs nothing', 'call_server', 'internal', 0, 0],
    ['of sums costs nothing', 'roll', 'leaf', 0, 0],
    ['of messages costs no call', 'frame', 'leaf', 0, 0],
    ['of texts costs no call', 'body', 'leaf', 0, 0],
    ['above those of texts costs no call', 'body', 'internal', 0, 0],
    ['in the middle of a long text costs no call', 'body', 'overflow', 0, 0],
    ['of what is said of the file costs nothing', 'info', 'leaf', 0, 0],
    ['of the writers costs nothing', 'writer', 'leaf', 0, 0],
    ['at the beginning costs nothing', 'sqlite_schema', 'internal', 0, 0],
    ['of what tables there are costs nothing', 'sqlite_schema', 'leaf', 0, 0],
  ])('%s', async (_what, table, kind, least, most) => {
    const pages = pagesOf(sound.plain, table, kind);
    expect(pages.length).toBeGreaterThan(0);
    await opened(withBadPage(sound.plain, pages.at(-1)!), async (view) => {
      const shown = await shownBy(view);
      const lost = truth.size - shown.size;
      expect([lost >= least, lost <= most], `${lost}`).toEqual([true, true]);
      for (const [id, { row }] of shown) expect(row).toEqual(truth.get(id)?.row);
      const page = await view.page({ filter: 'server1', position: { kind: 'newest' }, limit: 500 }, () => 0);
      expect(page.total).toBe([...shown.values()].filter(({ row }) => (row as CallRow).server === 'server1').length);
      // A text that is lost is said to be, with the call that it is of.
      for (const [id, { request, response }] of shown) {
        if (request && response) continue;
        const detail = await view.call(id);
        if (!request) expect(detail?.request).toMatchObject({ damaged: true, text: '' });
        if (!response) expect(detail?.response).toMatchObject({ damaged: true, text: '' });
      }
      const statistics = await view.statistics({ by: 'server' }, () => 0);
      expect(statistics.rows.reduce((sum, each) => sum + each.calls, 0)).toBe(shown.size);
    });
  });

  it('is found in any text, whatever its length, and never shown as if it were what was recorded', async () => {
    // The same in a file with checksums and in one without: there it is shown.
    const bytes = Buffer.from(sound.plain);
    const text = 'server3__tool7","arguments":{"i":7,';
    const at = bytes.indexOf(text);
    expect(at).toBeGreaterThan(0);
    bytes.write('8', at + text.length - 2);
    const [id] = [...truth].find(([, { request }]) => request?.includes('"arguments":{"i":7,')) ?? [''];
    await opened(bytes, async (view) => {
      expect((await view.call(id))?.request).toMatchObject({ damaged: true, text: '' });
      expect((await shownBy(view)).size).toBe(truth.size);
    });
    await opened(withoutChecks(bytes), async (view) => {
      expect((await view.call(id))?.request?.text).toContain('"arguments":{"i":8,');
      expect(view.unreadable).toEqual([]);
    });
  });

  it('of a file without checksums costs what is on it, too', async () => {
    const old = withoutChecks(sound.plain);
    const [, leaf] = pagesOf(old, 'call', 'leaf');
    await opened(withBadPage(old, leaf!), async (view) => {
      const shown = await shownBy(view);
      expect(shown.size).toBeGreaterThan(truth.size - 30);
      expect(shown.size).toBeLessThan(truth.size);
      for (const [id, each] of shown) expect(each).toEqual(truth.get(id));
      expect(view.unreadable).toMatchObject([{ missing: { calls: truth.size - shown.size, texts: 0 } }]);
    });
  });

  it('at the beginning of a file without checksums costs all of it: nobody can say what is still true', async () => {
    await opened(withBadPage(withoutChecks(sound.plain), 1), async (view) => {
      expect((await shownBy(view)).size).toBe(0);
      expect(view.unreadable).toEqual([{ name: segmentName, isNewer: false }]);
    });
  });

  it.each(['newer', 'older'])('of a file that the first version wrote costs what is on it (%s fixture)', async (which) => {
    const name = `version1-${which}-1.sqlite`;
    const whole = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.gz`)));
    const all = await opened(whole, shownBy, name);
    const leaves = pagesOf(whole, 'call', 'leaf');
    const bad = leaves.at(-1)!;
    await opened(withBadPage(whole, bad), async (view) => {
      const shown = await shownBy(view);
      expect(shown.size).toBeLessThan(all.size);
      expect(shown.size).toBeGreaterThanOrEqual(leaves.length > 1 ? 1 : 0);
      for (const [id, each] of shown) expect(each).toEqual(all.get(id));
      expect(view.unreadable).toMatchObject([{ name, missing: { calls: all.size - shown.size } }]);
    }, name);
  });

  it('costs the same where files are read whole', async () => {
    const plain = await SqlEngine.start(wasmFile, tempFolder());
    plain.disableShortcuts();
    const [, leaf] = pagesOf(sound.plain, 'call', 'leaf');
    const [ofText] = pagesOf(sound.plain, 'body', 'leaf');
    for (const bytes of [withBadPage(sound.plain, leaf!), withBadPage(sound.plain, ofText!)]) {
      const lazily = await opened(bytes, shownBy);
      expect(await opened(bytes, shownBy, segmentName, plain)).toEqual(lazily);
    }
  });

  it('costs nothing any more once a sound copy is in its place', async () => {
    const [, leaf] = pagesOf(sound.plain, 'call', 'leaf');
    const dir = tempFolder();
    writeFileSync(join(dir, segmentName), withBadPage(sound.plain, leaf!));
    let told = 0;
    const view = new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: () => undefined, onUnreadable: () => told++ });
    await view.refresh();
    expect((await shownBy(view)).size).toBeLessThan(truth.size);
    expect([view.unreadable.length, told]).toEqual([1, 1]);
    writeFileSync(join(dir, segmentName), sound.plain);
    await view.refresh();
    expect((await shownBy(view)).size).toBe(truth.size);
    expect([view.unreadable.length, told]).toEqual([0, 2]);
    view.close();
  });
});

it('what can be read of a damaged file is not kept where there is no memory for it', async () => {
  const path = join(tempFolder(), segmentName);
  writeFileSync(path, withBadPage(sound.plain, 20));
  const options = { engine, path, notes: noteBook(), warn: () => undefined, breathe: () => Promise.resolve() };
  expect(await salvage({ ...options, mostBytes: 50_000 })).toBeUndefined();
  const segment = await salvage({ ...options, mostBytes: 1 << 20 });
  expect(segment?.bytes).toBeGreaterThan(50_000);
  segment?.close();
});

describe('checksums of pages', () => {
  it('are in every page of a file, which is as any other to SQLite', () => {
    for (const bytes of Object.values(sound)) {
      expect(hasChecks(bytes)).toBe(true);
      for (let page = 1; page <= bytes.length / pageBytes; page++) expect(isSound(bytes.subarray((page - 1) * pageBytes, page * pageBytes), page)).toBe(true);
      const path = join(tempFolder(), 'x.sqlite');
      writeFileSync(path, bytes);
      const db = new DatabaseSync(path, { readOnly: true });
      expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
      db.close();
    }
  });

  it('are of no account once somebody else has written to the file', async () => {
    const path = join(tempFolder(), segmentName);
    writeFileSync(path, sound.plain);
    const db = new DatabaseSync(path);
    db.exec(`UPDATE call SET detail = 'mine'`);
    db.close();
    await opened(readFileSync(path), async (view) => {
      const shown = await shownBy(view);
      expect(shown.size).toBe(truth.size);
      for (const { row } of shown.values()) expect((row as CallRow).detail).toBe('mine');
      expect(view.unreadable).toEqual([]);
    });
  });

  it.each([24, 92, 20])('are of account where a bit flips in what says so (byte %i)', async (at) => {
    const bytes = Buffer.from(sound.plain);
    bytes[at]! ^= 1;
    await opened(bytes, async (view) => {
      expect((await shownBy(view)).size).toBe(truth.size);
      expect(view.unreadable).toMatchObject([{ missing: { calls: 0, texts: 0 } }]);
    });
  });
});
