/** Whatever schema, value and edit: what is not edited keeps every character. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renameKey, swapItems } from '../../../../src/webview/components/form/jsonEdit';
import { parseDocument, pointerOf } from '../../../../src/webview/components/form/jsonText';
import { fieldsOf, formOf, leavesOf, NONE, rawByPlace } from './formWalk';

const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '', '__proto__', 'a/b~', 'x"y'), fc.string({ maxLength: 4 }));
const blank = fc.constantFrom('', ' ', '\n  ', '\t');
const scalar = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '1.0', '-0', '1E+400', '123456789012345678901234567890', '"\\u0041\\ud83d"', '"\\r\\n"', '0.10'),
  fc.string().map((text) => JSON.stringify(text)),
);
/** JSON text with any layout, duplicates and all. */
const { value: anyText } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(fc.tuple(blank, tie('value')), { maxLength: 4 }).map((items) => `[${items.map(([gap, item]) => gap + item).join(',')}]`),
    fc.array(fc.tuple(blank, key, blank, tie('value')), { maxLength: 4 }).map((members) => `{${members.map(([gap, name, space, item]) => `${gap}${JSON.stringify(name)}:${space}${item}`).join(',')}}`),
  ),
}));

const { schema: anySchema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(true, {}, { type: 'string' }, { type: 'number' }, { type: 'integer' }, { type: 'boolean' }, { type: ['string', 'null'] }, { enum: ['a', 1, null] }, { $ref: '#' }, { type: 'array' }),
    fc.record({ type: fc.constant('object'), properties: fc.dictionary(key, tie('schema'), { maxKeys: 3 }), required: fc.array(key, { maxLength: 2 }) }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ additionalProperties: tie('schema') }),
    fc.tuple(tie('schema'), tie('schema'), tie('schema')).map(([condition, yes, no]) => JSON.parse(`{"if":${JSON.stringify(condition)},"then":${JSON.stringify(yes)},"else":${JSON.stringify(no)}}`) as unknown),
  ),
}));

describe('for any schema and any text', () => {
  it('an edit of any field changes that value only, and the rest to the character', () => {
    fc.assert(
      fc.property(anySchema, anyText, fc.nat(), scalar, (schema, text, pick, edit) => {
        const document = parseDocument(text);
        expect(document.problem).toBeUndefined();
        const form = formOf(JSON.stringify(schema));
        const leaves = leavesOf(fieldsOf(form, document));
        if (leaves.length === 0) return;
        const field = leaves[pick % leaves.length]!;
        const edited = parseDocument(form.set(document, NONE, field.path, edit));
        const [before, after] = [rawByPlace(document), rawByPlace(edited)];
        expect(after.get(field.pointer.replaceAll('~1', '/').replaceAll('~0', '~'))).toBe(edit);
        // The text around the value is the same on both sides.
        expect(edited.text.slice(0, field.node!.offset)).toBe(text.slice(0, field.node!.offset));
        expect(edited.text.slice(field.node!.offset + edit.length)).toBe(text.slice(field.node!.offset + field.node!.length));
        expect(before.size).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('filling in an empty field adds that value and keeps the rest', () => {
    fc.assert(
      fc.property(anySchema, anyText, fc.nat(), (schema, text, pick) => {
        const document = parseDocument(text);
        const form = formOf(JSON.stringify(schema));
        const empty = fieldsOf(form, document).filter(({ node, path }) => !node && path.length > 0);
        const field = empty[pick % Math.max(1, empty.length)];
        if (!field) return;
        const edited = parseDocument(form.set(document, NONE, field.path, '"filled in"'));
        expect(edited.problem).toBeUndefined();
        const [before, after] = [rawByPlace(document), rawByPlace(edited)];
        for (const [place, raw] of before) if (raw !== '{}' && raw !== '[]' && raw.trim().length > 2) expect(after.get(place)).toBe(raw);
        expect([...after.values()]).toContain('"filled in"');
      }),
      { numRuns: 500 },
    );
  });

  it('taking a member out keeps the others', () => {
    fc.assert(
      fc.property(anySchema, anyText, fc.nat(), (schema, text, pick) => {
        const document = parseDocument(text);
        const form = formOf(JSON.stringify(schema));
        const fields = fieldsOf(form, document).filter(({ node, path }) => node && path.length > 0);
        const field = fields[pick % Math.max(1, fields.length)];
        if (!field) return;
        const left = parseDocument(form.remove(document, field.path));
        expect(left.problem).toBeUndefined();
        expect(left.text.startsWith(text.slice(0, Math.min(...[field.node!.offset, document.root!.offset + 1])))).toBe(true);
        const values = [...rawByPlace(left).values()];
        for (const raw of values) expect(raw === '{}' || raw === '[]' || text.includes(raw)).toBe(true);
        expect(left.text.length).toBeLessThan(text.length);
      }),
      { numRuns: 500 },
    );
  });

  it('the text is JSON exactly where JSON.parse says so', () => {
    const almost = fc.tuple(anyText, fc.nat(), fc.constantFrom('', ',', '"', '{', ']', '/*x*/', '\u0000', '01', '\\', 'NaN', '\u2028', '.')).map(([text, at, noise]) => text.slice(0, at % (text.length + 1)) + noise + text.slice(at % (text.length + 1)));
    fc.assert(
      fc.property(almost, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        const { problem } = parseDocument(text);
        expect(problem === undefined).toBe(isJson);
        if (problem) expect(problem.offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('renames a key and swaps items, and nothing else', () => {
  expect(renameKey(parseDocument('{"a" : 1, "b": 2}'), ['a'], 'x"y')).toBe('{"x\\"y" : 1, "b": 2}');
  expect(swapItems(parseDocument('{"l": [1,  {"x":2} , 3]}'), ['l'], 0, 1)).toBe('{"l": [{"x":2},  1 , 3]}');
  expect(pointerOf(['a/b', '~', 0])).toBe('/a~1b/~0/0');
});
