/** Text from outside must not hide, reorder or fake what is shown. */
import { describe, expect, it } from 'vitest';
import { visibleBlock, visibleLine } from '../../../src/webview/components/visibleText';

describe('visibleLine', () => {
  it.each([
    ['plain text', 'plain text'],
    ['日本語 مرحبا 👩‍👩‍👧‍👦', '日本語 مرحبا 👩‍👩‍👧‍👦'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u001b[31mred', '\\u001b[31mred'],
    ['a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['a\u2066b\u2069', 'a\\u2066b\\u2069'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['\u0000', '\\u0000'],
    ['می\u200cخواهم ❤\ufe0f', 'می\u200cخواهم ❤\ufe0f'],
    ['hi\ufe01\ufe07\ufe0f!', 'hi\\ufe01\\ufe07\\ufe0f!'],
    ['hi\u{e0155}', 'hi\\u{e0155}'],
    ['empty\u3164name\u034f', 'empty\\u3164name\\u034f'],
  ])('shows %j as %j', (text, shown) => expect(visibleLine(text)).toBe(shown));
});

it('keeps line breaks and tabs in a block, and nothing else unseen', () => {
  expect(visibleBlock('a\r\nb\tc\u001b[2J\rd')).toBe('a\nb\tc\\u001b[2J\\rd');
});
