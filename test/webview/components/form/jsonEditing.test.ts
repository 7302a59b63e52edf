/** What the JSON editor does with a text: indent, brackets, layout, colours. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeBracket, formatJson, newLine, tokensOf, type TextEdit } from '../../../../src/webview/components/form/jsonEditing';
import { lineColumn, nearestNode, parseDocument, textOf } from '../../../../src/webview/components/form/jsonText';

/** `|` is the cursor. */
function apply(marked: string, edit: (text: string, at: number) => TextEdit | undefined): string {
  const at = marked.indexOf('|');
  const text = marked.replace('|', '');
  const change = edit(text, at);
  if (!change) return marked;
  const after = text.slice(0, change.start) + change.insertion + text.slice(change.end);
  return `${after.slice(0, change.cursor)}|${after.slice(change.cursor)}`;
}

describe('Enter', () => {
  it.each([
    ['keeps the depth of the line', '{\n  "a": 1,|', '{\n  "a": 1,\n  |'],
    ['goes one deeper after a bracket', '{|', '{\n  |'],
    ['puts the closing bracket on a line of its own', '{|}', '{\n  |\n}'],
    ['in the middle of a line', '{\n  "a": [|]\n}', '{\n  "a": [\n    |\n  ]\n}'],
    ['in an empty text', '|', '\n|'],
  ])('%s', (_name, before, after) => {
    expect(apply(before, (text, at) => newLine(text, at, at))).toBe(after);
  });
});

it.each([
  ['steps back one level on a blank line', '{\n  |', '{\n}|'],
  ['elsewhere does nothing special', '{ "a": 1|', '{ "a": 1|'],
])('a closing bracket %s', (_name, before, after) => {
  expect(apply(before, (text, at) => closeBracket(text, at, at, '}'))).toBe(after);
});

it('lays out anew without changing what is written', () => {
  expect(formatJson('{"a":12345678901234567890,"a":1.0,"b":["\\u0041"]}')).toBe('{\n  "a": 12345678901234567890,\n  "a": 1.0,\n  "b": [\n    "\\u0041"\n  ]\n}');
});

it('colours are of the text, whatever it is', () => {
  fc.assert(fc.property(fc.string(), (text) => { expect(tokensOf(text).map((token) => token.text).join('')).toBe(text); }));
  expect(tokensOf('{"a": ["b", 1, true]}').filter(({ kind }) => kind !== 'plain').map(({ kind }) => kind)).toEqual(['key', 'string', 'number', 'word']);
});

describe('places', () => {
  it.each([
    ['', 0, 1, 1],
    ['a\nbc', 3, 2, 2],
    ['a\n', 2, 2, 1],
  ])('%j at %i is %i:%i', (text, offset, line, column) => {
    expect(lineColumn(text, offset)).toEqual({ line, column });
  });

  it('a problem with a missing member is shown at the object it is missing from', () => {
    const document = parseDocument('{"a": {"b": [10, 20]}}');
    expect(textOf(document, nearestNode(document.root!, '/a/b/1'))).toBe('20');
    expect(textOf(document, nearestNode(document.root!, '/a/c/d'))).toBe('{"b": [10, 20]}');
  });

  it.each([
    ['', 'There is no value yet.', 1, 1],
    ['{"a": 1,}', 'key in double quotes', 1, 9],
    ['{"a" 1}', 'colon', 1, 6],
    ['[1 2]', 'comma', 1, 4],
    ['{"a": 1} 2', 'nothing may follow', 1, 10],
    ['{\n  "a": tru\n}', 'no JSON value', 2, 8],
    ['// no', 'no comments', 1, 1],
    [`${'['.repeat(500)}`, 'nested deeper', 1, 401],
  ])('%j breaks: %s', (text, words, line, column) => {
    const { problem } = parseDocument(text);
    expect(problem?.message).toContain(words);
    expect([problem?.line, problem?.column]).toEqual([line, column]);
  });
});
