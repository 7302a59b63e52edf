// Card numbers are looked for in samples of a message, fewer where nothing has been like one for a while.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanCards } from '../../../src/extension/capture/secretCards';

const cards = ['4111111111111111', '4111 1111 1111 1111', '5555-5555-5555-4444', '378282246310005', '3782 822463 10005', '36227206271667'];

/** The texts at which cards are found, in bytes at an even or odd address. */
function found(text: string, shift = 0): string[] {
  const bytes = Buffer.alloc(shift + text.length);
  bytes.write(text, shift, 'latin1');
  return scanCards(bytes.subarray(shift)).map(({ start, end }) => text.slice(start, end));
}

describe('a card number', () => {
  it.each(cards)('%s is found at every place of a text without digits, to its very end', (card) => {
    for (let place = 0; place < 330; place++) {
      const before = 'lorem ipsum dolor, '.repeat(20).slice(0, place);
      for (const edge of [' ', ';']) {
        for (const after of ['', `${edge}sit amet`, `${edge}sit amet ${'consectetur, '.repeat(30)}`]) {
          for (const shift of [0, 1]) expect(found(before.replace(/.$/, edge) + card + after, shift)).toEqual([card]);
        }
      }
    }
  });

  it('is not in what is shorter, wherever in memory that stands', () => {
    for (let length = 0; length < 14; length++) expect(found('4'.repeat(length), 1)).toEqual([]);
  });

  it('is found in a table of numbers, and so is one that shares groups with it', () => {
    const table = '12 4 44 444 4444 90210 7 '.repeat(40);
    expect(found(`${table}4111 1111 1111 1111 12 34`)).toEqual(['4111 1111 1111 1111']);
    expect(found(`${table}; 4446 4111 1111 1111 1111, ${table}`)).toEqual(['4446 4111 1111 1111', '4111 1111 1111 1111']);
  });

  it('is found among other numbers as it is found alone', () => {
    const words = fc.constantFrom('lorem ipsum dolor sit amet, '.repeat(8), 'x', ', "id": 12, ', '2026-01-02T03:04:05Z ', '1700000000000,', '": ', 'a'.repeat(30));
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.constantFrom(...cards).map((card) => `; ${card};`)), { maxLength: 20 }), fc.nat(3), (parts, shift) => {
        const expected = parts.filter((part) => part.startsWith('; ')).map((part) => part.slice(2, -1));
        expect(found(parts.join(''), shift)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
