/** The cache keeps rows by place, turns places into offsets, and notices when places moved. */
import { describe, expect, it } from 'vitest';
import { CallCache } from '../../../src/webview/traffic/model/callCache';
import { pageOf } from '../../support/webview/scriptedHost';

const view = { first: 0, end: 20 };

describe('CallCache', () => {
  it('puts the newest call at the end', () => {
    const cache = new CallCache();
    cache.apply(pageOf(81, 100, 100), view);
    expect(cache.at(99)?.id).toBe('w1/100');
    expect(cache.at(80)?.id).toBe('w1/81');
    expect(cache.at(79)).toBeUndefined();
    expect(cache.indexOf('w1/90')).toBe(89);
  });

  it.each([
    [{ first: 90, end: 100 }, { position: { kind: 'newest' }, limit: 10 }],
    [{ first: 0, end: 10 }, { position: { kind: 'offset', offset: 90 }, limit: 10 }],
    [{ first: 40, end: 60 }, { position: { kind: 'offset', offset: 40 }, limit: 20 }],
    [{ first: 95, end: 500 }, { position: { kind: 'newest' }, limit: 5 }],
  ])('asks for places %j by %j', (range, query) => {
    const cache = new CallCache();
    cache.apply(pageOf(100, 100, 100), view);
    expect(cache.positionOf(range)).toEqual(query);
  });

  it('keeps places while calls come in at the end', () => {
    const cache = new CallCache();
    cache.apply(pageOf(81, 100, 100), view);
    expect(cache.apply(pageOf(101, 120, 120), view)).toBe('applied');
    expect(cache.at(80)?.id).toBe('w1/81');
    expect(cache.isComplete({ first: 80, end: 120 })).toBe(true);
  });

  it('keeps the same object for an unchanged call and takes a new one for a settled call', () => {
    const cache = new CallCache();
    cache.apply(pageOf(1, 2, 2, (n) => (n === 2 ? { status: 'running', durationUs: undefined } : {})), view);
    const [first, second] = [cache.at(0), cache.at(1)];
    expect(cache.hasRunning(view)).toBe(true);
    cache.apply(pageOf(1, 2, 2), view);
    expect(cache.at(0)).toBe(first);
    expect(cache.at(1)).not.toBe(second);
    expect(cache.hasRunning(view)).toBe(false);
  });

  it('drops what it held when retention took the oldest calls', () => {
    const cache = new CallCache();
    cache.apply(pageOf(1, 100, 100), view);
    // The ten oldest are gone: call 11 stands at place 0 now.
    const page = { ...pageOf(50, 60, 100), total: 90, offset: 40 };
    expect(cache.apply(page, view)).toBe('moved');
    expect(cache.indexOf('w1/60')).toBe(49);
    expect(cache.at(0)).toBeUndefined();
  });

  it('holds no more than its capacity, and what is in view for certain', () => {
    const cache = new CallCache(100);
    for (let to = 1_000; to > 0; to -= 50) cache.apply(pageOf(to - 49, to, 1_000), { first: to - 50, end: to });
    expect(cache.isComplete({ first: 0, end: 50 })).toBe(true);
    expect(cache.at(999)).toBeUndefined();
  });
});
