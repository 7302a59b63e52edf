/** Holds ScrollSpace to its invariants over any count, viewport and series of moves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScrollSpace } from '../../../src/webview/components/scrollSpace';

const ROW = 22;
const counts = fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 100_000, max: 20_000_000 }));
const viewports = fc.integer({ min: 1, max: 3_000 });

function spaceOf(count: number, viewport: number): ScrollSpace {
  const space = new ScrollSpace(ROW);
  space.resize(count, viewport);
  return space;
}

describe('ScrollSpace', () => {
  it('never asks for an element higher than browsers can make', () => {
    fc.assert(fc.property(counts, viewports, (count, viewport) => spaceOf(count, viewport).nativeHeight <= 8_000_000));
  });

  it('shows the last row whole at the end and the first at the start, whatever the count', () => {
    fc.assert(
      fc.property(counts, viewports, (count, viewport) => {
        const space = spaceOf(count, viewport);
        space.scrollToEnd();
        expect(space.visible().end).toBe(count);
        expect(space.native).toBe(space.maxNative);
        space.scrollTo(0);
        expect(space.visible().first).toBe(0);
        expect(space.native).toBe(0);
      }),
    );
  });

  it('reaches both ends by the thumb alone', () => {
    fc.assert(
      fc.property(counts, viewports, (count, viewport) => {
        const space = spaceOf(count, viewport);
        space.onNativeScroll(space.maxNative);
        space.settle();
        expect(space.top).toBe(space.maxTop);
        space.onNativeScroll(0);
        expect(space.top).toBe(0);
      }),
    );
  });

  it('moves by exactly as much as a small native move, so that the wheel is smooth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 500_000, max: 20_000_000 }), viewports, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: -900, max: 900 }), (count, viewport, at, delta) => {
        const space = spaceOf(count, viewport);
        space.scrollTo(Math.round(space.maxTop * at));
        const before = space.top;
        const native = Math.min(Math.max(0, space.native + delta), space.maxNative);
        const moved = native - space.native;
        const base = space.base;
        space.onNativeScroll(native);
        expect(space.top).toBe(Math.min(Math.max(0, before + moved), space.maxTop));
        if (space.top > 0 && space.top < space.maxTop) expect(space.base).toBe(base);
      }),
    );
  });

  it('draws every row in view inside the element', () => {
    fc.assert(
      fc.property(counts, viewports, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), (count, viewport, moves) => {
        const space = spaceOf(count, viewport);
        for (const at of moves) space.onNativeScroll(Math.round(space.maxNative * at));
        const { first, end } = space.visible();
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
        if (end > first) {
          expect(space.base + first * ROW).toBeLessThanOrEqual(space.native);
          expect(space.base + end * ROW + ROW).toBeGreaterThanOrEqual(Math.min(space.native + viewport, space.nativeHeight));
        }
      }),
    );
  });

  it('needs no correction while scrolling near the tail of a million rows', () => {
    const space = spaceOf(1_000_000, 800);
    space.scrollToEnd();
    for (let i = 0; i < 100; i += 1) space.onNativeScroll(space.native - 120);
    expect(space.settle()).toBe(false);
    expect(space.maxTop - space.top).toBe(12_000);
  });

  it('comes back in step when scrolling rests in the compressed middle', () => {
    const space = spaceOf(1_000_000, 800);
    space.scrollTo(11_000_000);
    const middle = space.native;
    for (let i = 0; i < 50; i += 1) space.onNativeScroll(space.native + 200);
    const top = space.top;
    expect(space.settle()).toBe(true);
    expect(space.top).toBe(top);
    expect(space.native).toBeLessThan(middle + 50 * 200);
  });

  it('keeps the row at the top where it is while rows are added below', () => {
    const space = spaceOf(1_000, 440);
    space.scrollTo(2_200);
    space.resize(5_000, 440);
    expect(space.visible().first).toBe(100);
  });

  it.each([
    [50, 0, true, 50 * ROW + ROW - 220],
    [5, 0, false, 0],
    [5, 2_200, true, 5 * ROW],
  ])('reveals row %i from %i by scrolling as little as needed', (index, from, moved, top) => {
    const space = spaceOf(1_000, 220);
    space.scrollTo(from);
    expect(space.reveal(index)).toBe(moved);
    expect(space.top).toBe(top);
  });
});
