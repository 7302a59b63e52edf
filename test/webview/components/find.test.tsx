/** Finding text: literally, in any case, in what is shown; in a tree also where it is closed; bounded for hostile content. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findText, MAX_MATCHES } from '../../../src/webview/components/find';
import { textBytes } from '../../../src/webview/components/byteSource';
import { bytesPerRow, HexView } from '../../../src/webview/components/HexView';
import { hex, readable } from '../../../src/webview/components/hexText';
import { findInJson } from '../../../src/webview/components/jsonFind';
import { findInPieces, piecesOf, TextBlock } from '../../../src/webview/components/TextBlock';
import { mount, type Mount } from '../../support/webview/mount';

describe('in text', () => {
  it.each([
    ['a.b*c', '.', 1],
    ['Straße STRASSE', 'stra', 2],
    ['a\\b [x] (y) {z} ^$ | / -', '[x] (y)', 1],
    ['😀😀', '😀', 2],
    ['abc', '', 0],
    ['aaaa', 'aa', 2],
  ])('%j holds %j %i times', (text, query, count) => {
    expect(findText(text, query)).toHaveLength(count);
  });

  it('stops counting where nobody would step through', () => {
    expect(findText('a'.repeat(1_000_000), 'a')).toHaveLength(MAX_MATCHES);
    expect(findInPieces(piecesOf('a\n'.repeat(100_000)), 'a').all).toHaveLength(MAX_MATCHES);
  });

  it('marks every place, and the current one otherwise', () => {
    const { root, draw, close } = mount();
    draw(<TextBlock text={'one two\nONE <b>'} query="one" current={1} />);
    expect([...root.querySelectorAll('mark')].map((mark) => [mark.textContent, mark.className])).toEqual([['one', 'found'], ['ONE', 'found current']]);
    expect(root.textContent).toBe('one two\nONE <b>');
    close();
  });
});

describe('in JSON', () => {
  it('finds keys and values of every kind, in the order of the tree, with the way there', () => {
    const value = { alpha: { beta: [null, true, 'an alpha'] }, n: 12, 'esc\u001b': 'x' };
    expect(findInJson(value, 'alpha').map(({ path, parents }) => [path, parents.length])).toEqual([['$\0alpha', 1], [['$', 'alpha', 'beta', '2'].join('\0'), 3]]);
    expect(findInJson(value, '12')).toHaveLength(1);
    expect(findInJson(value, 'true')).toHaveLength(1);
    expect(findInJson(value, '\\u001b')).toHaveLength(1);
  });

  it('neither overflows nor freezes on deep or wide values', () => {
    let deep: unknown = 'needle';
    for (let i = 0; i < 10_000; i += 1) deep = [deep];
    expect(findInJson(deep as never, 'needle')).toEqual([]);
    expect(findInJson(Array.from({ length: 200_000 }, () => 'needle'), 'needle')).toHaveLength(MAX_MATCHES);
  });
});

describe('the bytes', () => {
  let place: Mount;
  beforeEach(() => {
    place = mount({ width: 700, height: 400 });
  });
  afterEach(() => place.close());

  it('are written in groups, and read where they can be', () => {
    const bytes = new TextEncoder().encode('{"ä\u0000');
    expect(hex(bytes, 8)).toBe('7b 22 c3 a4 00         ');
    expect(readable(bytes)).toBe('{"...');
    expect(hex(new Uint8Array(16), 16)).toBe('00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00');
  });

  it('stand as many to a row as fit whole, whatever the font', () => {
    const wide = (count: number, character: number): number => Math.ceil((8 + 4 * count) * character + 56);
    for (const character of [7.2, 8.43, 12]) {
      expect(bytesPerRow(wide(16, character), character)).toBe(16);
      expect(bytesPerRow(wide(16, character) - 2, character)).toBe(8);
      expect(bytesPerRow(wide(8, character) - 2, character)).toBe(4);
    }
  });

  it('are drawn only where in view, and moved through by keys', async () => {
    const { root, draw } = place;
    draw(<HexView bytes={textBytes('x'.repeat(1_000_000))} label="Bytes" />);
    const grid = root.querySelector('[role=grid]')!;
    expect(grid.getAttribute('aria-rowcount')).toBe('62500');
    expect(root.querySelectorAll('.hex-row').length).toBeLessThan(60);
    await act(async () => void grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true })));
    expect(root.querySelector('.hex-row.active .hex-offset')?.textContent).toBe((999_984).toString(16).padStart(8, '0'));
  });
});
