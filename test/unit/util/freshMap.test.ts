/** A map that replaces what it is made of: nobody may notice, whatever is done to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreshMap, FreshSet } from '../../../src/extension/util/freshMap';

describe('FreshMap', () => {
  it('does what a Map does, also over many replacements', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('churn' as const), times: fc.integer({ min: 1, max: 700 }) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('set' as const, 'delete' as const), key: fc.integer({ min: 0, max: 20 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const fresh = new FreshMap<number, number>();
        const model = new Map<number, number>();
        steps.forEach((one, k) => {
          if (one.do === 'churn') {
            for (let n = 0; n < one.times; n++) {
              fresh.set(1000 + n, n);
              expect(fresh.delete(1000 + n)).toBe(true);
            }
          } else if (one.do === 'clear') {
            fresh.clear();
            model.clear();
          } else if (one.do === 'set') {
            fresh.set(one.key, k);
            model.set(one.key, k);
          } else expect(fresh.delete(one.key)).toBe(model.delete(one.key));
          expect([...fresh]).toEqual([...model]);
          expect([...fresh.keys()]).toEqual([...model.keys()]);
          expect([...fresh.values()]).toEqual([...model.values()]);
          expect(fresh.size).toBe(model.size);
        });
        for (let key = 0; key <= 20; key++) expect([fresh.has(key), fresh.get(key)]).toEqual([model.has(key), model.get(key)]);
      }),
    );
  });

  it('lets what is being gone through be removed meanwhile', () => {
    const set = new FreshSet<number>();
    for (let k = 0; k < 2000; k++) set.add(k);
    for (const item of set) if (item % 2 === 0) set.delete(item);
    expect(set.size).toBe(1000);
    expect([...set].every((item) => item % 2 === 1)).toBe(true);
  });
});
