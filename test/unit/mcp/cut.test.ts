/** Leaving elements out of a list: what stays keeps every byte. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutElements } from '../../../src/extension/mcp/cut';
import { elementsOf, splice } from '../../../src/extension/mcp/spans';

const space = fc.constantFrom('', ' ', '\n\t', '  ');
const element = fc.oneof(fc.jsonValue().map((value) => JSON.stringify(value)), fc.constantFrom('1.50', '"\\u00e9,]"', '{ "a" : [ ] }', '1e400'));

it('gives the JSON text without them, and changes no other byte', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(element, space, space, fc.boolean()), { maxLength: 8 }), space, (items, inner) => {
      const text = `[${items.map(([json, before, after]) => `${before}${json}${after}`).join(',') || inner}]`;
      const bytes = Buffer.from(text);
      const spans = elementsOf(bytes, { start: 0, end: bytes.length });
      expect(spans).toHaveLength(items.length);
      const cut = splice(bytes, cutElements(spans, (k) => items[k]![3])).toString();
      const kept = items.filter(([, , , isCut]) => !isCut);
      expect(JSON.parse(cut)).toEqual(kept.map(([json]) => JSON.parse(json) as unknown));
      // Taking the elements away one by one from the front leaves nothing but brackets, commas and white space that stood there.
      let rest = cut;
      for (const [json] of kept) {
        const at = rest.indexOf(json);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(rest.slice(0, at)).toMatch(/^[[,\s]*$/);
        rest = rest.slice(at + json.length);
      }
      expect(rest).toMatch(/^\[?\s*\]$/);
      if (kept.length === items.length) expect(cut).toBe(text);
    }),
    { numRuns: 500 },
  );
});
