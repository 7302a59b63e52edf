// What is said to be missing of a damaged segment is missing, and where nobody can say how much is, that is said.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingWords } from '../../../src/extension/store/storeStatus';
import type { Missing } from '../../../src/extension/store/worker/salvage';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import type { StoreView } from '../../../src/extension/store/worker/storeView';
import { asked, segmentBytes } from '../../support/store/segmentFile';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

const page = 4096;
const calls = 60;
let engine: SqlEngine;
let sound: Buffer;
let packed: Buffer;

beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
  const make = (compressFrom: number): Promise<Buffer> =>
    segmentBytes(engine, 'w', (player) => {
      for (let i = 0; i < calls; i++) player.call(`server${i % 3}`, `tool${i % 7}`, { i, text: 'a'.repeat((i * 37) % 300) }, { content: [{ type: 'text', text: `${i} `.repeat(i % 4 === 0 ? 1200 : 30) }] });
    }, compressFrom);
  sound = await make(Infinity);
  packed = await make(0);
});
afterAll(cleanFolders);

interface Found {
  readonly shown: number;
  /** Texts of calls that are shown, on both legs, that are not. */
  readonly textless: number;
  readonly unreadable: StoreView['unreadable'];
}

const look = (bytes: Buffer): Promise<Found> =>
  asked(engine, 'w-1.sqlite', bytes, async (view) => {
    const { rows } = await view.page({ filter: '', position: { kind: 'newest' }, limit: 1000 }, () => 0);
    const details = await Promise.all(rows.map(({ id }) => view.call(id)));
    const texts = details.flatMap((detail) => [detail?.request, detail?.response, detail?.upstreamRequest, detail?.upstreamResponse]);
    return { shown: rows.length, textless: texts.filter((text) => !text?.text).length, unreadable: view.unreadable };
  });

const withoutPages = (bytes: Buffer, ...pages: number[]): Buffer => {
  const damaged = Buffer.from(bytes);
  for (const number of pages) damaged.fill(0x5a, (number - 1) * page, number * page);
  return damaged;
};
const middle = (bytes: Buffer): number => Math.floor(bytes.length / page / 2) * page;

describe('of a segment that is', () => {
  it.each<[string, (bytes: Buffer) => Buffer, 'none' | 'some' | 'all', RegExp]>([
    ['cut to its first page', (bytes) => bytes.subarray(0, page), 'all', /^How many of the calls and texts in there are missing, nobody can say\.$/],
    ['cut to a page and a bit', (bytes) => bytes.subarray(0, 5000), 'all', /^How many of the calls and texts in there are missing, nobody can say\.$/],
    ['shifted by seven bytes', (bytes) => Buffer.concat([bytes.subarray(0, 5000), bytes.subarray(5007)]), 'all', /^How many of the calls and texts in there are missing, nobody can say\.$/],
    ['zeroed behind its first page', (bytes) => Buffer.from(bytes).fill(0, page), 'all', /^How many of the calls and texts in there are missing, nobody can say\.$/],
    ['cut in the middle', (bytes) => bytes.subarray(0, middle(bytes)), 'some', /^Missing: \d+ calls of .+, and \d+ recorded texts\.$/],
    ['shifted in the middle', (bytes) => Buffer.concat([bytes.subarray(0, middle(bytes)), bytes.subarray(middle(bytes) + 7)]), 'some', /^Missing: \d+ calls of .+, and \d+ recorded texts\.$/],
    ['without what it says of itself', (bytes) => withoutPages(bytes, 2), 'none', /^None of the calls and texts in there is missing\.$/],
    ['without what it says of itself, and cut in the middle', (bytes) => withoutPages(bytes.subarray(0, middle(bytes)), 2), 'some', /nobody can say|at least/],
  ])('%s, so much is said to be missing', async (_what, change, lost, words) => {
    const { shown, unreadable } = await look(change(sound));
    expect(shown === calls ? 'none' : shown === 0 ? 'all' : 'some').toBe(lost);
    expect(unreadable).toMatchObject([{ name: 'w-1.sqlite', isNewer: false }]);
    const { missing } = unreadable[0]!;
    expect(missingWords([missing!])).toMatch(words);
    if (lost === 'some' && !missing?.callsAtLeast) expect(missing?.calls).toBe(calls - shown);
  });

  it('cut to less than a page, nothing is shown, and that is said', async () => {
    const { shown, unreadable } = await look(sound.subarray(0, 3000));
    expect(shown).toBe(0);
    expect(unreadable).toEqual([{ name: 'w-1.sqlite', isNewer: false }]);
  });

  it('without any of its texts, all of them are said to be missing, also those that are told of others', async () => {
    // Whatever a page of texts holds is found by what stands on it.
    const pages = Array.from({ length: packed.length / page }, (_, index) => index + 1).filter((number) => {
      const type = packed[(number - 1) * page + (number === 1 ? 100 : 0)];
      return type === 10 && packed.subarray((number - 1) * page, number * page).includes('"jsonrpc"');
    });
    const { shown, textless, unreadable } = await look(withoutPages(packed, ...pages));
    expect(shown).toBe(calls);
    expect(textless).toBeGreaterThan(calls);
    expect(unreadable[0]?.missing).toEqual({ calls: 0, texts: textless });
  });

  it('written to by another program, as its owner may, and damaged later, what is not touched is shown', async () => {
    const path = join(tempFolder(), 'w-1.sqlite');
    writeFileSync(path, sound);
    const db = new DatabaseSync(path);
    db.exec("UPDATE call SET detail = 'mine'; UPDATE info SET value = value");
    const [{ pageno }] = db.prepare("SELECT pageno FROM dbstat WHERE name = 'call' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1").all() as [{ pageno: number }];
    db.close();
    const { shown, unreadable } = await look(withoutPages(readFileSync(path), pageno));
    expect(shown).toBeGreaterThan(20);
    expect(shown).toBeLessThan(calls);
    expect(unreadable).toMatchObject([{ missing: { calls: calls - shown } }]);
    expect(unreadable[0]?.missing?.callsAtLeast).toBeUndefined();
  });

  it.each(['plain', 'packed'] as const)('cut, shifted or damaged anywhere, no more is said to be there than is (%s texts)', async (form) => {
    let state = form === 'plain' ? 17 : 19;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    const whole = form === 'plain' ? sound : packed;
    let uncertain = 0;
    for (let round = 0; round < 40; round++) {
      let bytes: Buffer = Buffer.from(whole);
      const pages = [...(random(2) === 0 ? [2] : []), ...Array.from({ length: random(4) }, () => 1 + random(bytes.length / page))];
      bytes = withoutPages(bytes, ...pages);
      const at = page + random(bytes.length - page);
      const how = (['cut', 'shifted', 'whole'] as const)[random(3)]!;
      if (how === 'cut') bytes = bytes.subarray(0, at);
      else if (how === 'shifted') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(9))]);
      const { shown, textless, unreadable } = await look(bytes);
      const said = unreadable[0]?.missing;
      const context = `round ${round}: without pages ${pages.join()}, ${how} at ${at}: ${JSON.stringify(said)}`;
      // A file of which nothing is shown is left out as a whole, and named.
      if (shown === 0 && unreadable.length === 1 && !said) continue;
      const lost = calls - shown;
      if (said?.callsAtLeast) {
        uncertain++;
        expect(said.calls, context).toBeLessThanOrEqual(lost);
      } else expect(said?.calls ?? 0, context).toBe(lost);
      if (!said?.textsAtLeast) expect(said?.texts ?? 0, context).toBeGreaterThanOrEqual(textless);
      if (lost + textless > 0) expect(missingWords([said!]), context).not.toContain('None of the calls and texts');
    }
    expect(uncertain).toBeGreaterThan(5);
    expect(uncertain).toBeLessThan(35);
  }, 60_000);
});

describe('the words for what is missing', () => {
  const at = { fromMs: 1_790_000_000_000, toMs: 1_790_000_100_000 };
  const when = ` of ${new Date(at.fromMs).toLocaleString()} to ${new Date(at.toMs).toLocaleString()}`;
  it.each<[string, readonly Missing[], string]>([
    ['nothing', [{ calls: 0, texts: 0 }], 'None of the calls and texts in there is missing.'],
    ['calls and texts', [{ calls: 1, texts: 2, ...at }], `Missing: 1 call${when}, and 2 recorded texts.`],
    ['texts', [{ calls: 0, texts: 1 }], 'Missing: 1 recorded text.'],
    ['some at least', [{ calls: 3, callsAtLeast: true, texts: 2, textsAtLeast: true }], 'Missing: at least 3 calls, and at least 2 recorded texts.'],
    ['nobody knows', [{ calls: 0, callsAtLeast: true, texts: 0, textsAtLeast: true }], 'How many of the calls and texts in there are missing, nobody can say.'],
    ['nobody knows how many texts', [{ calls: 0, texts: 0, textsAtLeast: true }], 'None of the calls in there is missing. How many of the texts in there are missing, nobody can say.'],
    ['texts, and nobody knows how many calls', [{ calls: 0, callsAtLeast: true, texts: 4 }], 'Missing: 4 recorded texts. How many of the calls in there are missing, nobody can say.'],
    ['of two files, of one of which nobody knows', [{ calls: 2, texts: 0, ...at }, { calls: 0, callsAtLeast: true, texts: 0, textsAtLeast: true }], `Missing: at least 2 calls${when}. How many of the texts in there are missing, nobody can say.`],
  ])('where it is %s', (_what, missing, words) => {
    expect(missingWords(missing)).toBe(words);
  });
});
