/** Spans and splicing: what is found is what JSON.parse finds, and a splice changes nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movedEnvelope, scanEnvelope } from '../../../src/extension/mcp/envelope';
import { decodeString, elementsOf, findMember, findPath, rawText, splice } from '../../../src/extension/mcp/spans';

const whole = (bytes: Buffer): { start: number; end: number } => ({ start: 0, end: bytes.length });

describe('findPath', () => {
  it.each([
    ['{"a":{"b":1}}', ['a', 'b'], '1'],
    ['{"a":{"b":1,"b":[2]}}', ['a', 'b'], '[2]'],
    ['{"x":"a","a" : {"c":0, "b" : "\\"" }}', ['a', 'b'], '"\\""'],
    ['{"\\u0061":{"b":null}}', ['a', 'b'], 'null'],
    ['{"a":[1]}', ['a', 'b'], undefined],
    ['{"a":1}', ['b'], undefined],
    ['[]', ['b'], undefined],
  ])('in %s follows %j', (text, path, expected) => {
    const bytes = Buffer.from(text);
    const span = findPath(bytes, whole(bytes), ...path);
    expect(span && rawText(bytes, span)).toBe(expected);
  });
});

describe('elementsOf', () => {
  it('agrees with JSON.parse on random arrays', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), (values, indent) => {
        const bytes = Buffer.from(JSON.stringify(values, undefined, indent));
        const parsed = JSON.parse(bytes.toString()) as unknown[];
        expect(elementsOf(bytes, whole(bytes)).map((span) => JSON.parse(rawText(bytes, span)) as unknown)).toEqual(parsed);
      }),
    );
  });
});

describe('splice', () => {
  it('gives the very same bytes where there is nothing to change', () => {
    const bytes = Buffer.from('{}');
    expect(splice(bytes, [])).toBe(bytes);
  });

  it('makes several edits in any order', () => {
    const bytes = Buffer.from('{"id":1,"n":"é","z":2}');
    const edits = ['z', 'id', 'n'].map((key) => ({ span: findMember(bytes, whole(bytes), key)!, text: `"${key}!"` }));
    expect(splice(bytes, edits).toString()).toBe('{"id":"id!","n":"n!","z":"z!"}');
  });

  it('changes a tool name and nothing else, whatever stands around it', () => {
    const extras = fc.dictionary(fc.string({ unit: 'binary' }).filter((key) => key !== 'name' && key !== '__proto__'), fc.jsonValue());
    fc.assert(
      fc.property(extras, extras, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(8), (before, after, name, next, indent) => {
        const params = { ...before, name, ...after };
        const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, undefined, indent));
        const { paramsSpan } = scanEnvelope(bytes);
        const span = findMember(bytes, paramsSpan, 'name')!;
        expect(decodeString(bytes, span)).toBe(name);
        const edits = [{ span, text: JSON.stringify(next) }];
        const out = splice(bytes, edits);
        expect(movedEnvelope(scanEnvelope(bytes), edits)).toEqual(scanEnvelope(out));
        expect(JSON.parse(out.toString())).toEqual({ ...(JSON.parse(bytes.toString()) as object), params: { ...(JSON.parse(bytes.toString()) as { params: object }).params, name: next } });
        expect(out.subarray(0, span.start).equals(bytes.subarray(0, span.start))).toBe(true);
        const rest = bytes.subarray(span.end);
        expect(out.subarray(out.length - rest.length).equals(rest)).toBe(true);
      }),
    );
  });
});
