/** The JSON tree shows hostile content as text, opens and closes, and works from the keyboard. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JsonTree } from '../../../src/webview/components/JsonTree';
import { piecesOf, PIECE_LENGTH, TextBlock } from '../../../src/webview/components/TextBlock';
import { contentWords } from '../../../src/webview/components/content/contentStrings';
import type { JsonValue } from '../../../src/extension/util/json';
import { mount, type Mount } from '../../support/webview/mount';

let place: Mount;
let root: HTMLElement;
beforeEach(() => {
  place = mount({ width: 500, height: 400 });
  ({ root } = place);
});
afterEach(() => place.close());

function draw(value: JsonValue, isInline = false): HTMLElement {
  place.draw(<JsonTree value={value} label="Body" words={contentWords.tree} isInline={isInline} />);
  return root.querySelector<HTMLElement>('[role=tree]')!;
}
const rows = (): string[] => [...root.querySelectorAll('[role=treeitem]')].map((row) => row.textContent ?? '');
const press = (tree: HTMLElement, key: string): void => void act(() => void tree.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })));

it('shows markup, escapes and bidirectional overrides as text', () => {
  draw({ '<b>k</b>': '<img src=x onerror=alert(1)>', ansi: '\u001b[31m', bidi: 'a\u202eb' });
  expect(root.querySelector('img, b')).toBeNull();
  expect(rows()).toEqual(['{ 3 keys }', '<b>k</b>:"<img src=x onerror=alert(1)>"', 'ansi:"\\u001b[31m"', 'bidi:"a\\u202eb"']);
});

it('opens and closes a node with a click', () => {
  draw({ a: { b: 1 } });
  act(() => root.querySelectorAll<HTMLElement>('[role=treeitem]')[1]?.click());
  expect(rows()).toEqual(['{ 1 key }', 'a:{ 1 key }']);
  act(() => root.querySelectorAll<HTMLElement>('[role=treeitem]')[1]?.click());
  expect(rows()).toHaveLength(3);
});

it('moves, opens and closes with the arrow keys', () => {
  const tree = draw({ a: { b: 1 }, c: 2 });
  const active = (): string | null | undefined => root.querySelector('[aria-selected=true]')?.textContent;
  press(tree, 'ArrowDown');
  press(tree, 'ArrowRight');
  expect(active()).toBe('b:1');
  press(tree, 'ArrowLeft');
  expect(active()).toBe('a:{ 1 key }');
  press(tree, 'ArrowLeft');
  expect(rows()).toEqual(['{ 2 keys }', 'a:{ 1 key }', 'c:2']);
  press(tree, 'End');
  expect(active()).toBe('c:2');
});

it('opens a long string into its lines', () => {
  const tree = draw({ text: 'one\ntwo' });
  press(tree, 'ArrowDown');
  press(tree, 'Enter');
  expect(rows().slice(2)).toEqual(['one', 'two']);
});

it('starts with the content when it stands in the flow of a page', () => {
  draw({ a: 1 }, true);
  expect(rows()).toEqual(['a:1']);
});

it('draws a megabyte on one line in pieces, and every character of it', () => {
  const text = `${'x'.repeat(999_999)}😀`;
  place.draw(<TextBlock text={text} />);
  expect(root.textContent).toBe(text);
  expect(root.querySelectorAll('pre > div').length).toBeGreaterThan(200);
});

it('never cuts a surrogate pair', () => {
  const pieces = piecesOf(`${'x'.repeat(PIECE_LENGTH - 1)}😀tail`);
  expect(pieces).toEqual(['x'.repeat(PIECE_LENGTH - 1), '😀tail']);
});

it('cuts at line breaks where it can', () => {
  const line = 'y'.repeat(1_500);
  expect(piecesOf([line, line, line].join('\n'))).toEqual([`${line}\n${line}`, line]);
});
