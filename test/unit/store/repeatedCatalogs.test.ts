// A list of tools that every session asks for takes its room once in every file that is made, and whoever reads it sees it whole.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordOf } from '../../../src/extension/store/worker/notes';
import { appendNotes } from '../../../src/extension/store/worker/noteFiles';
import { Repeats } from '../../../src/extension/store/worker/repeats';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { deadWindow, sealerIn } from '../../support/store/segmentFile';
import { cleanFolders, recordedIn, tempFolder, wasmFile, type Player } from '../../support/store/storeHarness';

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterEach(cleanFolders);

const catalog = (seed: string): object[] => Array.from({ length: 40 }, (_, i) => ({ name: `${seed}${i}`, description: `Tut ${i} für ${seed} – und sagt es. `.repeat(5) }));
const ids = [7, 'b-"ü"', 1234567, 'x', 0];

/** Asks for a catalog and gets it, under an id that differs each time. */
function list(player: Player, seed: string, index: number): void {
  const id = ids[index % ids.length];
  const asked = player.frame({ jsonrpc: '2.0', id, method: 'tools/list' }, {});
  const answer = index % 2 === 0 ? { jsonrpc: '2.0', id, result: { tools: catalog(seed) } } : { result: { tools: catalog(seed) }, jsonrpc: '2.0', id };
  player.frame(answer, { direction: 'toClient', cause: asked, ownMessage: true });
}

interface Stored {
  readonly whole: number;
  readonly told: number;
  /** Text of each answer, as the view gives it. */
  readonly texts: string[];
}

function stored(path: string): Stored {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const [{ whole, told }] = db.prepare('SELECT sum(enc <> 3 AND bytes >= 2048) AS whole, sum(enc = 3) AS told FROM body').all() as [{ whole: number; told: number }];
    const texts = db.prepare('SELECT response FROM calls ORDER BY id').all().map(({ response }) => response as string);
    expect(db.prepare("SELECT body FROM frames WHERE kind = 'result' ORDER BY writer, frame").all().map(({ body }) => body).sort()).toEqual([...texts].sort());
    return { whole, told, texts };
  } finally {
    db.close();
  }
}

/** What the answers have to be, whoever reads them. */
async function truth(dir: string): Promise<string[]> {
  return (await recordedIn(dir)).map(({ response }) => response ?? '').sort();
}

const segments = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.sqlite'));

describe('a catalog', () => {
  it('is stored once, in each form in which it is said, in a small file, and read whole with the sqlite3 tool', async () => {
    const dir = tempFolder();
    deadWindow(dir, 'w', (player) => {
      for (let i = 0; i < 30; i++) list(player, 'a', i);
    });
    const recorded = await truth(dir);
    await sealerIn(dir, engine).recover();
    const { whole, told, texts } = stored(join(dir, 'w-1.sqlite'));
    expect([whole, told]).toEqual([2, 28]);
    expect([...texts].sort()).toEqual(recorded);
    for (const text of texts) expect((JSON.parse(text) as { result: { tools: object[] } }).result.tools).toEqual(catalog('a'));
    expect(execFileSync('sqlite3', [join(dir, 'w-1.sqlite'), "SELECT count(*), count(DISTINCT response), sum(response LIKE '%compressed%') FROM calls WHERE response LIKE '%Tut 7 für a%'"], { encoding: 'utf8' }).trim()).toBe('30|10|0');
    expect(await truth(dir)).toEqual(recorded);
  });

  it('is stored once in the file of recent traffic, too', async () => {
    const dir = tempFolder();
    deadWindow(dir, 'w', (player) => {
      for (let i = 0; i < 6; i += 2) list(player, 'a', i);
    });
    const { whole, told, texts } = stored(sealerIn(dir, engine, { me: 'w' }).snapshot(1));
    expect([whole, told]).toEqual([1, 2]);
    expect([...texts].sort()).toEqual(await truth(dir));
  });

  it('of a large file is said to be compressed, wherever it is told again', async () => {
    const dir = tempFolder();
    deadWindow(dir, 'w', (player) => {
      for (let i = 0; i < 4; i += 2) list(player, 'a', i);
    });
    await sealerIn(dir, engine, { compressFrom: 0 }).recover();
    const bytes = (await recordedIn(dir)).map(({ response }) => Buffer.byteLength(response ?? ''));
    expect(stored(join(dir, 'w-1.sqlite')).texts).toEqual(bytes.map((each) => `(${each} bytes, compressed; see docs/store.md)`));
  });

  // Sources are read in no order of names: what one of them told whole may be told of another's, and others of it.
  it.each([['', Infinity], [', compressed', 0]])('of many windows is stored once when they are put together%s, whoever said it first', async (_what, compressFrom) => {
    const dir = tempFolder();
    const windows = ['d', 'a', 'c', 'b'];
    windows.forEach((writer, index) =>
      deadWindow(dir, writer, (player, journal) => {
        if (index % 2 === 0) list(player, 'b', 2);
        for (let i = 0; i < 6; i += 2) list(player, 'a', i + index * 2);
        // In one that goes on, what is open is in both journals: told of another in the first, and whole in the second, where others are told of it.
        const ask = (id: number): number => player.frame({ jsonrpc: '2.0', id, method: 'tools/list', params: { why: 'long '.repeat(600) } }, {});
        const answer = (id: number, cause: number): number => player.frame({ jsonrpc: '2.0', id, result: { tools: catalog('a') } }, { direction: 'toClient', cause, ownMessage: true });
        answer(98, ask(98));
        const asked = ask(99);
        journal.rotate();
        answer(99, asked);
        answer(100, ask(100));
      }),
    );
    const recorded = await truth(dir);
    await sealerIn(dir, engine, { compressFrom }).recover();
    expect(segments(dir)).toHaveLength(8);
    expect(await truth(dir)).toEqual(recorded);
    await sealerIn(dir, engine, { compressFrom, mergeFrom: 2 }).recover();
    const [merged, ...others] = segments(dir) as [string];
    expect(others).toEqual([]);
    expect(await truth(dir)).toEqual(recorded);
    // Catalog a, catalog b, and the long request, which differs in its id alone, too.
    const db = new DatabaseSync(join(dir, merged), { readOnly: true });
    expect(db.prepare('SELECT sum(enc <> 3 AND bytes >= 2048) AS whole, sum(enc = 3) AS told FROM body').get()).toEqual({ whole: 3, told: 4 * 6 + 2 + 4 * 3 - 3 });
    // None is told of one that is told of another.
    expect(db.prepare("SELECT count(*) AS n FROM body b WHERE b.enc = 3 AND NOT EXISTS (SELECT 1 FROM body f WHERE f.enc <> 3 AND f.frame = json_extract(CAST(b.data AS TEXT), '$[0]'))").get()).toEqual({ n: 0 });
    db.close();
    // Merged ones are put together again with others, and what is kept of them because of a note is whole by itself.
    deadWindow(dir, 'e', (player) => list(player, 'a', 4));
    await sealerIn(dir, engine, { compressFrom, mergeFrom: 2, me: 'next' }).recover();
    expect(segments(dir)).toHaveLength(1);
    const all = await recordedIn(dir);
    expect(all.map(({ response }) => response ?? '').sort()).toEqual([...recorded, all.find(({ id }) => id.startsWith('e/'))?.response].sort());
    const noted = all.filter((_, index) => index % 5 === 4);
    appendNotes(dir, 'n', noted.map(({ id }) => recordOf(id, { isPinned: true }, 1, 'n')));
    await sealerIn(dir, engine, { compressFrom }).retain({ maxAgeMs: 0, maxBytes: 1 });
    expect((await recordedIn(dir)).map(({ id, response }) => [id, response])).toEqual(noted.map(({ id, response }) => [id, response]));
  });

  it('is told again as it was, whatever windows have said, in whichever order, and left open', async () => {
    let state = 23;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    for (let round = 0; round < 12; round++) {
      const dir = tempFolder();
      const compressFrom = round % 2 === 0 ? Infinity : 0;
      for (const writer of ['c', 'a', 'b'].slice(random(2))) {
        deadWindow(dir, writer, (player, journal) => {
          let id = 10 ** random(6);
          const open: [number, number][] = [];
          let begun = id;
          for (let i = 0; i < 12; i++) {
            const what = random(5);
            if (what === 0 && id > begun) {
              journal.rotate();
              begun = id;
            } else if (what < 3) open.push([++id, player.frame({ jsonrpc: '2.0', id, method: 'tools/list', params: { why: `${random(2)} `.repeat(1100) } }, {})]);
            else {
              const [answered, cause] = open.splice(random(open.length), 1)[0] ?? [];
              if (answered !== undefined) player.frame({ jsonrpc: '2.0', id: answered, result: { tools: catalog(`c${random(2)}`) } }, { direction: 'toClient', cause, ownMessage: true });
            }
          }
        });
      }
      const shown = async (): Promise<unknown[]> => (await recordedIn(dir)).map(({ id, request, response }) => [id, request, response]);
      const sealer = (mergeFrom: number): ReturnType<typeof sealerIn> => sealerIn(dir, engine, { compressFrom, mergeFrom });
      await sealer(100).recover();
      const before = await shown();
      await sealer(2).recover();
      expect(segments(dir)).toHaveLength(1);
      expect(await shown(), `round ${round}`).toEqual(before);
      const noted = before.filter(() => random(3) === 0).map((call) => (call as [string])[0]);
      if (noted.length === 0) continue;
      appendNotes(dir, 'n', noted.map((id) => recordOf(id, { isPinned: true }, 1, 'n')));
      await sealer(100).retain({ maxAgeMs: 0, maxBytes: 1 });
      expect(await shown(), `round ${round}, kept`).toEqual(before.filter((call) => noted.includes((call as [string])[0])));
    }
  });

  it('is known for as long as it is said again, however much else is said meanwhile', () => {
    const repeats = new Repeats();
    const body = (id: number, text: string): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result: text.padEnd(2100, '.') }));
    expect(repeats.find(1, body(1, 'catalog'), '1')).toBeUndefined();
    for (let i = 2; i < 25_000; i++) {
      expect(repeats.find(i, body(i, `other ${i}`), String(i)) === undefined).toBe(true);
      if (i % 9000 === 0) expect(repeats.find(1e6 + i, body(i, 'catalog'), String(i))?.toString()).toContain('[1,');
    }
    // What was said once and long ago is not.
    expect(repeats.find(2e6, body(5, 'other 5'), '5')).toBeUndefined();
    expect(repeats.find(2e6 + 1, body(5, 'other 24999'), '5')).toBeDefined();
  });
});
