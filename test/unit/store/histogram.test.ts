// Histograms against a plain list of durations.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketOf, Histogram, readBuckets } from '../../../src/extension/store/worker/histogram';

const durations = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10 ** 12 })), { maxLength: 60 });

it('percentiles are those of the durations, within two in a hundred, however the counts came in', () => {
  fc.assert(
    fc.property(durations, durations, fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }), (left, right, parts) => {
      // Not put together: the same bucket stands there more than once.
      const text = left.map((us) => `${bucketOf(us)}:1`).join(' ');
      const histogram = new Histogram();
      histogram.addBuckets(readBuckets(text));
      const other = new Histogram();
      for (const us of right) other.add(bucketOf(us), 1);
      histogram.addAll(other);
      const all = [...left, ...right].sort((a, b) => a - b);
      expect(histogram.settled).toBe(all.length);
      parts.sort((a, b) => a - b);
      const found = histogram.percentiles(parts);
      expect(found).toHaveLength(all.length === 0 ? 0 : parts.length);
      found.forEach((us, index) => {
        const rank = Math.ceil(all.length * parts[index]!);
        const exact = all[rank - 1]!;
        expect(Math.abs(us - exact)).toBeLessThanOrEqual(exact * 0.0201 + 0.5); // Whole microseconds.
        const place = histogram.place(parts[index]!)!;
        expect(place.bucket).toBe(bucketOf(exact));
        expect(all.filter((each) => bucketOf(each) < place.bucket).length + place.rank).toBe(rank);
      });
    }),
  );
});

it('a part of a text is read like a whole one', () => {
  const histogram = new Histogram();
  histogram.addText('7:3 12:1012:2 9:4', 8, 17);
  expect([...histogram.buckets()]).toEqual([9, 4, 12, 2]);
  expect([...readBuckets('')]).toEqual([]);
});
