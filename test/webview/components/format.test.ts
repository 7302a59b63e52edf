/** Holds the formatters to the units of the design: one unit, at most three digits, no jumps at the borders. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDateTime, formatDuration, formatElapsed, formatTime } from '../../../src/webview/components/format';

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [49, '0 ms'],
    [120, '0.1 ms'],
    [949, '0.9 ms'],
    [999, '1 ms'],
    [12_000, '12 ms'],
    [312_400, '312 ms'],
    [999_499, '999 ms'],
    [999_500, '1.00 s'],
    [1_240_000, '1.24 s'],
    [9_994_000, '9.99 s'],
    [9_996_000, '10.0 s'],
    [12_400_000, '12.4 s'],
    [59_960_000, '1.0 min'],
    [125_000_000, '2.1 min'],
    [6_000_000_000, '1.7 h'],
  ])('writes %i µs as %s', (us, text) => expect(formatDuration(us)).toBe(text));

  it('never writes a longer time shorter within one unit', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 10), fc.nat(10 ** 6), (us, more) => {
        const [a, unitA] = formatDuration(us).split(' ');
        const [b, unitB] = formatDuration(us + more).split(' ');
        return unitA !== unitB || Number(b) >= Number(a);
      }),
    );
  });
});

it.each([
  [0, '0.0 s'],
  [1_949, '1.9 s'],
  [61_000, '1.0 min'],
])('writes %i ms gone by as %s', (ms, text) => expect(formatElapsed(ms)).toBe(text));

it.each([
  [0, '0 B'],
  [210, '210 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [3_400, '3.4 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [340_000, '340 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [4_100_000, '4.1 MB'],
  [2.5e12, '2.5 TB'],
  [2.5e15, '2500 TB'],
])('writes %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it('groups thousands', () => expect(formatCount(1_234_567)).toBe('1,234,567'));

it('writes the local time of day, cut to tenths', () => {
  const date = new Date(2026, 10, 22, 4, 5, 6, 999);
  expect(formatTime(date.getTime())).toBe('04:05:06.9');
  expect(formatDateTime(date.getTime())).toBe('2026-11-22 04:05:06.999');
});
