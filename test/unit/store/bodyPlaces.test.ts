// Where bodies are, against the plainest way to know it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BodyPlaces, type BodyPlace } from '../../../src/extension/store/worker/bodyPlaces';

it('places of bodies are found by the numbers of their frames, and the numbers from either end', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 2000 }), bytes: fc.integer({ min: 1, max: 2 ** 33 }) }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 12 }),
      (carried, added, key, limit) => {
        const places = new BodyPlaces();
        const known = new Map<number, BodyPlace>();
        for (const n of carried) {
          places.carry(n, Buffer.from(`body ${n}`));
          known.set(n, { bytes: Buffer.from(`body ${n}`).length, data: Buffer.from(`body ${n}`) });
        }
        let n = 50;
        for (const { gap, bytes } of added) {
          n += gap;
          places.add(n, n * 1e9, bytes);
          known.set(n, { at: n * 1e9, bytes });
        }
        const numbers = [...known.keys()].sort((a, b) => a - b);
        for (const each of numbers) expect(places.get(each)).toEqual(known.get(each));
        for (const each of [0, 51, n + 1, 1e9]) if (!known.has(each)) expect(places.get(each)).toBeUndefined();
        expect(places.keys({ above: key }, limit)).toEqual(numbers.filter((each) => each > key).slice(0, limit));
        expect(places.keys({ below: key }, limit)).toEqual(numbers.filter((each) => each < key).reverse().slice(0, limit));
      },
    ),
  );
});
