/** Holds the linear regex engine to JavaScript's own answers, and to its promise of never running away. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRegex } from '../../../src/extension/query/regexParse';
import { compileRegex, requiredLiteral } from '../../../src/extension/query/regexRun';

const atoms = fc.constantFrom('a', 'b', '.', '\\w', '\\W', '\\d', '\\s', '[ab]', '[^a]', '[a-c1]', '[^\\w]', '\\b', '\\B', '^', '$', '1', '_', ' ', 'A', '\\n', '\\x61', '\\u0062', '\\.', '[\\]\\-]', '{', '}', ']');
const sources: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    atoms,
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((list) => list.join('')),
    fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((list) => `(?:${list.join('|')})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{2,}', '*?', '+?', '{0}'))
      .map(([node, repeat]) => `(${node})${repeat}`),
  ),
})).node;
const texts = fc.stringMatching(/^[abAB1_ .\n{}\]-]{0,8}$/);

describe('the regex engine', () => {
  it('answers as JavaScript does', () => {
    let compared = 0;
    fc.assert(
      fc.property(sources, texts, fc.boolean(), (source, text, ignoreCase) => {
        // Our "{" is literal where it begins no count, as in JavaScript; a random one may begin one that JavaScript refuses.
        let native: RegExp;
        try {
          native = new RegExp(source, ignoreCase ? 'i' : '');
        } catch {
          return;
        }
        let tester: (text: string) => boolean;
        try {
          tester = compileRegex(source, ignoreCase);
        } catch {
          return; // refused, such as a repeated assertion
        }
        compared++;
        expect(tester(text), `/${source}/ on ${JSON.stringify(text)}`).toBe(native.test(text));
      }),
      { numRuns: 8000 },
    );
    expect(compared).toBeGreaterThan(4000);
  });

  it.each([
    ['(a+)+$', 'a'.repeat(1_000_000) + 'b'],
    ['(a|aa)+$', 'a'.repeat(1_000_000) + 'b'],
    ['\\w+@', 'x'.repeat(1_000_000)],
    ['.*.*.*=x', 'y'.repeat(1_000_000)],
    ['(x?){100}x{100}y', 'x'.repeat(100_000)],
    ['(a|b)*a(a|b){100}c', 'ab'.repeat(50_000)],
  ])('is linear where others hang: /%s/', (source, text) => {
    const start = performance.now();
    expect(compileRegex(source, false)(text)).toBe(false);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it.each([
    ['time.?out', 'time'],
    ['a+bc', 'bc'],
    ['Ab\\bC', 'abc'],
    ['[aA]b', 'ab'],
    ['[ab]c', 'c'],
    ['abc|d', ''],
    ['(abc)d', 'abcd'],
    ['(abc)?d', 'd'],
    ['x.y(zz)?', 'x'],
  ])('/%s/ requires %j', (source, literal) => {
    expect(requiredLiteral(parseRegex(source))).toBe(literal);
  });

  it('folds A to Z and nothing else', () => {
    expect(compileRegex('k', true)('K')).toBe(true);
    expect(compileRegex('[a-z]', true)('Q')).toBe(true);
    expect(compileRegex('[^a]', true)('A')).toBe(false);
    expect(compileRegex('é', true)('É')).toBe(false);
  });
});
