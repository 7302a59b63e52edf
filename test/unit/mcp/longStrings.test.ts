// Long strings with many escapes are looked through sixteen bytes at a time. What is taken for a string, and where it
// ends, must be what it is without that.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endOfLongString, UNSURE } from '../../../src/extension/mcp/longStrings';
import { skipString } from '../../../src/extension/mcp/strings';

const trusted = 64;
let slowly: typeof skipString;

beforeAll(async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  ({ skipString: slowly } = await import('../../../src/extension/mcp/strings'));
  const { endOfLongString: missing } = await import('../../../src/extension/mcp/longStrings');
  expect(missing(Buffer.from('a"'), 0, trusted)).toBe(UNSURE);
  vi.unstubAllGlobals();
});
afterAll(() => vi.resetModules());

/** Where the string ends, after seeing that it is the same in both ways. */
function endOf(b: Buffer, at = 0): number {
  const end = skipString(b, at);
  if (end !== slowly(b, at)) expect({ end, text: b.toString('latin1') }).toEqual({ end: slowly(b, at), text: b.toString('latin1') });
  return end;
}

/** Enough that the string is looked through in the other way from here on. */
const before = `"${'say \\"words\\" '.repeat(24)}`;

describe('long strings with many escapes', () => {
  it('are looked through in another way here', () => {
    const b = Buffer.from(`${'a\\"'.repeat(20_000)}" `);
    expect(endOfLongString(b, 0, trusted)).toBe(b.length - 1);
    expect(endOfLongString(b.subarray(0, -2), 0, trusted)).toBe(-1);
    expect(endOfLongString(Buffer.from('a\nb"'), 0, trusted)).toBe(UNSURE);
  });

  it('end where JSON.parse says, whatever their lengths', () => {
    for (const text of ['a"', '\n', '\\', 'ä漢"', '\u0001', '"\\"', 'C:\\x\n', 'lorem "ipsum" dolor\n']) {
      for (let count = 250; count < 700; count += 1) {
        const b = Buffer.from(`${JSON.stringify(text.repeat(count) + 'x'.repeat(count % 17))},"b"`);
        expect(endOf(b)).toBe(b.length - 4);
        expect(endOf(b.subarray(0, -5 - (count % 7)))).toBe(-1);
      }
    }
  });

  it('are judged alike with any two bytes behind a backslash, wherever they stand', () => {
    for (let pair = 0; pair < 65_536; pair++) {
      const b = Buffer.from(`${before}${'x'.repeat(pair % 37)}\\??${pair % 3 === 0 ? '00' : ' '}and so on" "`);
      const at = b.indexOf('??');
      b[at] = pair >> 8;
      b[at + 1] = pair & 255;
      endOf(b);
    }
  });

  it('are judged alike with every byte in place of each of an escape', () => {
    const escape = '\\u12aF';
    const accepted: string[] = [];
    for (let place = 0; place < escape.length; place++) {
      for (let code = 0; code < 256; code++) {
        const changed = escape.slice(0, place) + String.fromCharCode(code) + escape.slice(place + 1);
        for (const pad of [0, 7, 11]) {
          const b = Buffer.from(`${before}${'x'.repeat(pad)}${changed}"`, 'latin1');
          if (endOf(b) === b.length && place === 2) accepted.push(changed[2]!);
          endOf(b.subarray(0, -2));
        }
      }
    }
    expect([...new Set(accepted)].join('')).toBe('0123456789ABCDEFabcdef');
  });

  it('are judged alike where an escape is followed by a long run with something wrong near its beginning', () => {
    for (const escape of ['\\"', '\\n', '\\u00e4', '\\\\']) {
      for (let pad = 0; pad < 300; pad++) {
        const text = `${before}${'ab\\n'.repeat(pad / 4)}${'x'.repeat(pad % 4)}${escape}`;
        const b = Buffer.from(`${text}${'x'.repeat(4400)}\\"more\\" "`);
        expect(endOf(b)).toBe(b.length);
        const run = text.length;
        for (let wrong = run + 60; wrong < run + 70; wrong++) {
          b[wrong] = 1;
          endOf(b);
          b[wrong] = 0x78;
        }
      }
    }
  });

  it('are judged alike, whatever they are made of', () => {
    const right = ['\\n', '\\"', '\\\\', '\\u00e4', '\\/', '\\\\\\"', 'a', 'lorem ipsum ', 'x'.repeat(15), 'y'.repeat(40), 'z'.repeat(70), '漢字', 'B'.repeat(5000)];
    const wrong = ['"', '\\u12', '\\x', '\u0001', '\n', '\\'];
    const parts = fc.tuple(fc.array(fc.constantFrom(...right), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), fc.nat(20));
    const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0x22, 0x5c, 0x0a, 0x75, 0x41, 0xff)), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 3 }), fc.array(fc.tuple(fc.nat(), fc.constantFrom(...wrong)), { maxLength: 1 }), changes, fc.nat(), (runs, faults, edits, cut) => {
        const words = runs.flatMap(([some, count, step]) => Array.from({ length: Math.min(count, 60_000 / some.join('').length) }, (_, k) => some[(k * (step + 1)) % some.length]!));
        for (const [place, fault] of faults) words.splice(place % (words.length + 1), 0, fault);
        const b = Buffer.from(`  "${words.join('')}" `);
        for (const [place, code] of edits) b[3 + (place % (b.length - 3))] = code;
        endOf(b, 2);
        endOf(b.subarray(0, 3 + (cut % (b.length - 3))), 2);
        endOf(Buffer.from(`${before}${'x'.repeat(cut % 90)}\\${words.join('').slice(0, cut % 9)}"`));
      }),
      { numRuns: 1500 },
    );
  });
});
