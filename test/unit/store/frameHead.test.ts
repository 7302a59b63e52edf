// The head of a frame is read by hand, and says what JSON.parse would say.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMeta } from '../../../src/extension/store/journalFormat';
import { readFrameMeta } from '../../../src/extension/store/frameHead';
import type { FrameMeta } from '../../../src/extension/store/types';

/** The comma behind the three numbers that every meta begins with. */
const commaIn = (json: string): number => json.indexOf(',"k":');

function read(json: string): FrameMeta | undefined {
  const bytes = Buffer.from(json);
  return readFrameMeta(bytes, Buffer.from(json.slice(0, commaIn(json))).length);
}

const plain = fc.constantFrom('github', 'files', 's1', 's2', '', 'tools/call', 'ab', 'ba', 'x'.repeat(300));
const names = fc.oneof({ weight: 30, arbitrary: plain }, { weight: 3, arbitrary: fc.string({ maxLength: 12 }) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) });
const numbers = fc.oneof({ weight: 20, arbitrary: fc.nat() }, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const optional = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(each, { nil: undefined });
const metas: fc.Arbitrary<FrameMeta> = fc.record({
  k: fc.constant('frame' as const),
  leg: fc.constantFrom('downstream' as const, 'upstream' as const),
  dir: fc.constantFrom('toServer' as const, 'toClient' as const),
  kind: fc.constantFrom('request' as const, 'result' as const, 'error' as const, 'notification' as const, 'batch' as const),
  s: names,
  srv: optional(names),
  id: optional(fc.oneof({ weight: 10, arbitrary: fc.nat().map(String) }, fc.string().map((text) => JSON.stringify(text)))),
  method: optional(names),
  fwd: optional(numbers),
  same: optional(fc.constant(true as const)),
  cut: optional(fc.tuple(numbers, numbers)),
  cause: optional(numbers),
  own: optional(fc.constant(true as const)),
  headers: fc.option(fc.dictionary(names, names, { maxKeys: 3 }), { nil: undefined, freq: 1 }),
  def: optional(fc.constant('0123456789abcdef')),
  size: numbers,
  red: optional(fc.integer({ min: 1, max: 1000 })),
});

describe('the head of a frame', () => {
  it('says what its JSON says, or is left to be parsed', () => {
    let byHand = 0;
    fc.assert(
      fc.property(metas, fc.nat(), fc.nat(), fc.nat(), (meta, n, t, u) => {
        const json = encodeMeta(n, t, u, meta);
        const known = read(json);
        if (!known) return;
        byHand++;
        const { n: _n, t: _t, u: _u, ...said } = JSON.parse(json) as Record<string, unknown>;
        expect(known).toEqual(said);
      }),
      { numRuns: 2000 },
    );
    expect(byHand).toBeGreaterThan(200);
  });

  const usual: FrameMeta = { k: 'frame', leg: 'upstream', dir: 'toClient', kind: 'result', s: 's1', srv: 'github', id: '17', fwd: 3, same: true, cut: [40, 12], cause: 2, own: true, def: '00ff00ff00ff00ff', size: 12, red: 4, method: 'tools/call' };
  const json = encodeMeta(5, 6, 7, usual);

  it('is not parsed as it is usually written', () => {
    expect(read(json)).toEqual(usual);
    expect(read(encodeMeta(5, 6, 7, { ...usual, srv: undefined, id: undefined, fwd: undefined, same: undefined, cut: undefined, cause: undefined, own: undefined, def: undefined, red: undefined, method: undefined }))).toEqual({ k: 'frame', leg: 'upstream', dir: 'toClient', kind: 'result', s: 's1', size: 12 });
  });

  it.each([
    ['a member that is not known', json.replace(/}$/, ',"new":1}')],
    ['another order', json.replace(',"s":"s1","srv":"github"', ',"srv":"github","s":"s1"')],
    ['white space', json.replace('"s":"s1"', '"s": "s1"')],
    ['an escape', json.replace('"s1"', '"s\\u0031"')],
    ['letters beyond ASCII', json.replace('"github"', '"gïthub"')],
    ['a place of one number', json.replace('"cut":[40,12]', '"cut":[40]')],
    ['a fraction', json.replace('"size":12', '"size":12.5')],
    ['a number that is not exact', json.replace('"size":12', '"size":9007199254740993')],
    ['a number that is none', json.replace('"size":12', '"size":null')],
    ['no size', json.replace(',"size":12', '')],
    ['an event', encodeMeta(5, 6, 7, { k: 'event', type: 'server.stderr', s: 's1', data: {} })],
    ['something behind it', `${json} `],
    ['a string without an end', json.slice(0, json.indexOf('github') + 3)],
    ['an end too soon', json.slice(0, -1)],
  ])('is left to be parsed where it has %s', (_, odd) => {
    expect(read(odd)).toBeUndefined();
  });
});
