// Finding what an expression matches: every character that belongs to any match, and no other, in linear time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFinder } from '../../../src/extension/query/regexFind';

const spans = (source: string, text: string): string[] => compileFinder(source, false)(text).map(([start, end]) => text.slice(start, end));

describe('the finder', () => {
  it.each([
    ['\\d{4}', 'a 1234 b 56 c 7890', ['1234', '7890']],
    ['C-\\d+', 'C-1, C-22; C-', ['C-1', 'C-22']],
    ['a+', 'aaa b aa', ['aaa', 'aa']],
    ['a+?', 'aaa', ['aaa']],
    ['ab|bc', 'abc', ['abc']],
    ['^a', 'aa', ['a']],
    ['a$', 'aa', ['a']],
    ['\\bcat\\b', 'cat concat cat', ['cat', 'cat']],
    ['a*', 'bbb', []],
    ['x', '', []],
  ])('finds /%s/ in "%s"', (source, text, expected) => {
    expect(spans(source, text)).toEqual(expected);
  });

  it('finds what JavaScript matches anywhere', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', 'c', '(?:ab)', '(?:a|bc)', '.');
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}')).map(([what, times]) => what + times);
    const expression = fc.array(piece, { minLength: 1, maxLength: 4 }).chain((pieces) => fc.constantFrom(pieces.join(''), pieces.join('|')));
    fc.assert(
      fc.property(expression, fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }), (source, text) => {
        const whole = new RegExp(`^(?:${source})$`);
        const covered = Array.from(text, () => false);
        for (let i = 0; i < text.length; i++) for (let j = i + 1; j <= text.length; j++) if (whole.test(text.slice(i, j))) covered.fill(true, i, j);
        const found = Array.from(text, () => false);
        for (const [start, end] of compileFinder(source, false)(text)) found.fill(true, start, end);
        expect(found).toEqual(covered);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes linear time where backtracking does not', () => {
    const find = compileFinder('(?:a+)+b|a.*z', false);
    const start = process.threadCpuUsage();
    find('a'.repeat(100_000));
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(3000);
  });
});
