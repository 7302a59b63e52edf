// Showing what was meant not to be seen.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownName, visible, visibleInJson } from '../../../src/extension/security/visible';

describe('invisible characters', () => {
  it.each([
    ['a\u200bb', 'a\\u{200b}b'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['\u{e0041}', '\\u{e0041}'],
    ['line\nbreak', 'line\\u{a}break'],
    ['plain ü 漢', 'plain ü 漢'],
  ])('%j is shown as %s', (text, shown) => expect(visible(text)).toBe(shown));

  it('of a name are shown, and a long one is cut', () => {
    expect(shownName(`x\u200b${'y'.repeat(200)}`)).toMatch(/^x\\u\{200b\}y+…$/);
  });

  it('of a JSON text are written as JSON writes them: it says the same, in the same lines', () => {
    const text = JSON.stringify({ description: 'Adds.\u200b\u202e\u{e0041}\ud83d', 'k\u00ady': 1 }, undefined, 2);
    const shown = visibleInJson(text);
    expect(shown).toContain('Adds.\\u200b\\u202e\\udb40\\udc41');
    expect(shown.split('\n').length).toBe(text.split('\n').length);
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('\u200b', '\u{e0041}', '\u202e', 'x'), (json, mark) => {
        const value = { [mark]: JSON.parse(json) as unknown, text: `a${mark}b` };
        expect(JSON.parse(visibleInJson(JSON.stringify(value, undefined, 2)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
