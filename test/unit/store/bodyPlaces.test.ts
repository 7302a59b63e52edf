// Where bodies are, against the plainest way to know it: a map of all of them.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ReadAt } from '../../../src/extension/store/journalReader';
import { BodyPlaces } from '../../../src/extension/store/worker/bodyPlaces';

/** A file of so many bytes, each telling its place. */
const byteAt = (place: number): number => (place * 31 + (place >> 8)) & 255;
const readAt: ReadAt = (buffer, offset, length, position) => {
  for (let k = 0; k < length; k++) buffer[offset + k] = byteAt(position + k);
  return length;
};
const inFile = (at: number, bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, k) => byteAt(at + k)));

const added = fc.record({
  gap: fc.integer({ min: 1, max: 2000 }),
  bytes: fc.integer({ min: 1, max: 400 }),
  /** It is another one with a piece replaced. */
  cut: fc.option(fc.record({ which: fc.nat(), place: fc.nat(), length: fc.nat() })),
});

it('bodies are found by the numbers of their frames, whole or in part, and the numbers from either end', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
      fc.array(added, { maxLength: 20 }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 12 }),
      fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 500 })),
      (carried, list, key, limit, [from, to]) => {
        const places = new BodyPlaces();
        const known = new Map<number, Buffer>();
        for (const n of carried) {
          places.carry(n, Buffer.from(`body ${n}`));
          known.set(n, Buffer.from(`body ${n}`));
        }
        let n = 50;
        for (const { gap, bytes, cut } of list) {
          n += gap;
          const own = inFile(n * 1000, bytes);
          const others = [...known];
          const [first, other] = (cut && others[cut.which % others.length]) ?? [];
          if (cut && first !== undefined && other) {
            const place = cut.place % other.length;
            const length = cut.length % (other.length - place);
            places.add(n, n * 1000, bytes, { from: first, place, length, bytes });
            known.set(n, Buffer.concat([other.subarray(0, place), own, other.subarray(place + length)]));
          } else {
            places.add(n, n * 1000, bytes);
            known.set(n, own);
          }
        }
        const numbers = [...known.keys()].sort((a, b) => a - b);
        for (const each of numbers) {
          const body = known.get(each)!;
          expect(places.read(readAt, each).bytes.equals(body)).toBe(true);
          const part = places.read(readAt, each, from, to);
          expect([part.bytes.equals(body.subarray(from, Math.max(from, to))), part.total]).toEqual([true, body.length]);
        }
        for (const each of [0, 51, n + 1, 1e9]) if (!known.has(each)) expect(places.read(readAt, each)).toEqual({ bytes: Buffer.alloc(0), total: 0 });
        expect(places.keys({ above: key }, limit)).toEqual(numbers.filter((each) => each > key).slice(0, limit));
        expect(places.keys({ below: key }, limit)).toEqual(numbers.filter((each) => each < key).reverse().slice(0, limit));
      },
    ),
  );
});

it('a body whose file ends too early is given as far as it goes', () => {
  const places = new BodyPlaces();
  places.add(1, 100, 50);
  places.add(2, 200, 5, { from: 1, place: 10, length: 2, bytes: 5 });
  const ended: ReadAt = (buffer, offset, length, position) => readAt(buffer, offset, Math.max(0, Math.min(length, 130 - position)), position);
  expect(places.read(ended, 1).bytes.equals(inFile(100, 30))).toBe(true);
  expect(places.read(ended, 2)).toMatchObject({ bytes: inFile(100, 10), total: 53 });
});
