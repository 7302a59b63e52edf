/** Long texts in rows of bytes, their layout and differences, escapes taken out, numbers kept: nothing is lost or made up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutAnsi } from '../../../src/webview/components/ansi';
import { textBytes } from '../../../src/webview/components/byteSource';
import { numberText, parseExact } from '../../../src/webview/components/exactNumbers';
import { jsonLines } from '../../../src/webview/components/jsonFormat';
import { jsonRows } from '../../../src/webview/components/jsonTreeModel';
import { diffLines } from '../../../src/webview/components/lineDiff';
import { LongText, rowText } from '../../../src/webview/components/LongText';
import { mount } from '../../support/webview/mount';

const wellFormed = fc.string({ unit: 'grapheme' });

describe('rows of bytes', () => {
  it('hold every character once, wherever they are cut', () => {
    fc.assert(
      fc.property(wellFormed, fc.integer({ min: 4, max: 40 }), (text, perRow) => {
        const bytes = textBytes(text);
        const rows = Array.from({ length: Math.ceil(bytes.length / perRow) }, (_, i) => rowText(bytes, i * perRow, perRow));
        expect(rows.map((row) => row?.text).join('')).toBe(text);
      }),
    );
  });

  it('are undefined while their bytes are not here', () => {
    expect(rowText({ length: 100, revision: textBytes('').revision, read: () => undefined }, 0, 10)).toBeUndefined();
  });

  it('are drawn in one place each, and mark what was found across two of them', () => {
    const { root, draw, close } = mount();
    const match = { from: 78, to: 84 };
    draw(<LongText bytes={textBytes(`${'x'.repeat(78)}needle\u202e${'y'.repeat(200)}`)} label="Text" matches={[match]} current={match} />);
    expect([...root.querySelectorAll('mark.current')].map((mark) => mark.textContent).join('')).toBe('needle');
    expect(root.textContent).toContain('\u25af');
    expect(root.textContent).not.toContain('\u202e');
    close();
  });
});

describe('laying out JSON', () => {
  it('changes nothing but blanks', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(jsonLines(text).join('\n'))).toEqual(JSON.parse(text));
      }),
    );
    expect(jsonLines('{"a":[1.0,{}],"b":12345678901234567890}')).toEqual(['{', '  "a": [', '    1.0,', '    {}', '  ],', '  "b": 12345678901234567890', '}']);
  });

  it('takes what is no JSON, megabytes in one string, and ten thousand levels', () => {
    expect(jsonLines('nope {')).toEqual(['nope{']);
    expect(jsonLines(`"${'x\\"'.repeat(1_000_000)}"`)).toHaveLength(1);
    expect(jsonLines('['.repeat(10_000)).length).toBe(10_000);
  });
});

describe('differences', () => {
  const sides = (rows: ReturnType<typeof diffLines>, side: 'left' | 'right'): string[] => rows.flatMap((row) => (row.kind === 'same' ? row.lines : (row[side]?.text ?? [])));
  it('give both texts back, line by line', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (left, right) => {
        const rows = diffLines(left, right);
        expect(sides(rows, 'left')).toEqual(left);
        expect(sides(rows, 'right')).toEqual(right);
      }),
    );
  });

  it('mark what differs in a line', () => {
    expect(diffLines(['{', '"name": "github__x",', '}'], ['{', '"name": "x",', '}'])[1]).toEqual({
      kind: 'changed',
      left: { text: '"name": "github__x",', from: 9, to: 17 },
      right: { text: '"name": "x",', from: 9, to: 9 },
    });
  });

  it('of very long texts are one block', () => {
    const many = (word: string): string[] => Array.from({ length: 2_000 }, (_, i) => `${word}${i}`);
    expect(diffLines(many('a'), many('b'))).toHaveLength(2_000);
  });
});

describe('terminal escapes', () => {
  it.each([
    ['\u001b[31;1mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b[2J\u001b[Hx\u001b(B', 'x'],
    ['a[31m', 'a[31m'],
    [`\u001b]${'x'.repeat(9_000)}`, `${'x'.repeat(9_000)}`],
  ])('%j reads %j', (text, read) => {
    // An unfinished string is left but for what begins it.
    expect(withoutAnsi(text).endsWith(read)).toBe(true);
    expect(withoutAnsi(text).length).toBeLessThanOrEqual(read.length + 2);
  });
});

describe('numbers', () => {
  it.each(['12345678901234567890', '1.0', '1e400', '-0', '0.1', '5', '1E5'])('%s is shown as it was written', (number) => {
    const value = parseExact(`{"a":[${number}]}`) as { a: unknown[] };
    expect(numberText(value.a[0])).toBe(number);
    expect(jsonRows(value as never, () => true).at(-1)?.text).toBe(number);
  });

  it('beside anything else, and nested beyond the reviver', () => {
    expect(parseExact('{"__proto__":{"x":1.0},"b":true}')).toBeTruthy();
    expect(parseExact(`${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`)).toBeTruthy();
    expect(parseExact('{"a":1.0')).toBeUndefined();
  });
});
