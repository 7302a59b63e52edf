/** Checking values against schemas: drafts, plain words, numbers beyond doubles, schemas that are wrong or hostile. */
import { describe, expect, it } from 'vitest';
import { check, MAX_SCHEMA } from '../../../src/extension/validation/check';

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#';
const verdict = (schema: unknown, value: unknown): string => {
  const result = check(typeof schema === 'string' ? schema : JSON.stringify(schema), typeof value === 'string' ? value : JSON.stringify(value));
  if (result.kind === 'fits') return 'fits';
  if (result.kind === 'unusable') return `unusable: ${result.message}`;
  return result.problems.map(({ path, message }) => `${path} ${message}`).join('; ');
};

describe('what does not fit is said in plain words with its place', () => {
  const person = { type: 'object', properties: { name: { type: 'string', minLength: 2 }, age: { type: 'integer', minimum: 0 } }, required: ['name'], additionalProperties: false };
  it.each<[what: string, schema: unknown, value: unknown, said: string]>([
    ['a value that fits', person, { name: 'Ada', age: 36 }, 'fits'],
    ['a missing property', person, {}, ' "name" is missing'],
    ['a wrong type', person, { name: 3 }, '/name must be text, is a whole number'],
    ['several at once', person, { name: 'A', age: -1 }, '/name must have at least 2 characters; /age must be at least 0'],
    ['a property too many', person, { name: 'Ada', x: 1 }, ' "x" is not allowed here'],
    ['the whole value', { type: 'array' }, {}, ' must be a list, is an object'],
    ['an item of a list', { items: { type: 'number' } }, [1, 'two'], '/1 must be a number, is text'],
    ['a key with a slash', { properties: { 'a/b': { const: 1 } } }, { 'a/b': 2 }, '/a~1b must be 1'],
    ['what is no JSON', true, '{"a":', 'is no JSON'],
    ['one of several values', { enum: ['red', 'green'] }, '"blue"', ' must be one of "red", "green"'],
    ['a format', { type: 'string', format: 'email' }, '"nobody"', ' must be a valid email'],
    ['a pattern', { pattern: '^a+$' }, '"b"', ' must match the pattern ^a+$'],
    ['twice the same', { uniqueItems: true }, [1, 2, 1], ' items 0 and 2 are the same'],
    ['one property needing another', { dependentRequired: { a: ['b'] } }, { a: 1 }, ' "b" is missing, which "a" needs'],
    ['nothing allowed', { properties: { a: false } }, { a: 1 }, '/a nothing is allowed here'],
    ['a number or nothing', { anyOf: [{ type: 'number', minimum: 5 }, { type: 'null' }] }, 3, ' must be at least 5'],
    ['forms to choose from', { oneOf: [{ required: ['a'] }, { required: ['b'] }] }, {}, ' fits none of the allowed forms'],
    ['forms that exclude each other', { oneOf: [{ type: 'number' }, { minimum: 1 }] }, 2, ' fits more than one of the forms that exclude each other'],
  ])('%s', (_what, schema, value, said) => {
    if (said === 'is no JSON') expect(verdict(schema, value)).toContain(said);
    else expect(verdict(schema, value)).toBe(said);
  });

  it('never says more than a hundred things', () => {
    const result = check('{"items":{"type":"string"}}', JSON.stringify(Array.from({ length: 5_000 }, (_, i) => i)));
    expect(result.kind === 'problems' && result.problems.length).toBe(100);
  });
});

describe('the draft', () => {
  it.each<[what: string, schema: unknown, value: unknown, said: string]>([
    ['2020-12 is meant where none is named', { prefixItems: [{ type: 'string' }] }, [1], '/0 must be text, is a whole number'],
    ['an older one is tried where that fails', { items: [{ type: 'string' }] }, [1], '/0 must be text, is a whole number'],
    ['draft-07 by name', { $schema: DRAFT_7, definitions: { a: { type: 'string' } }, $ref: '#/definitions/a' }, 1, ' must be text, is a whole number'],
    ['draft-06 by name', { $schema: 'http://json-schema.org/draft-06/schema#', type: 'string' }, '"x"', 'fits'],
    ['2019-09 by name', { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'string' }, '"x"', 'fits'],
    ['2020-12 by name, with $defs', { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { a: { type: 'string' } }, $ref: '#/$defs/a' }, '"x"', 'fits'],
    ['a schema for schemas', { $ref: 'https://json-schema.org/draft/2020-12/schema' }, { type: 'string' }, 'fits'],
  ])('%s', (_what, schema, value, said) => {
    expect(verdict(schema, value)).toBe(said);
  });
});

describe('integers beyond 2^53', () => {
  it.each<[what: string, schema: string, value: string, said: string]>([
    ['fit as themselves', '{"const":9007199254740993}', '9007199254740993', 'fits'],
    ['are told from their neighbour in an object', '{"properties":{"id":{"const":9007199254740993}}}', '{"id":9007199254740992}', '/id must be 9007199254740993'],
    ['have exact lower limits', '{"properties":{"id":{"minimum":9007199254740993}}}', '{"id":9007199254740992}', '/id must be at least 9007199254740993'],
    ['have exact limits that leave out', '{"properties":{"id":{"exclusiveMaximum":9007199254740993}}}', '{"id":9007199254740993}', '/id must be less than 9007199254740993'],
    ['may lie just beyond a limit', '{"items":{"exclusiveMinimum":9007199254740992}}', '[9007199254740993]', 'fits'],
    ['have exact factors', '{"items":{"multipleOf":10}}', '[12345678901234567890]', 'fits'],
    ['miss exact factors', '{"items":{"multipleOf":10}}', '[12345678901234567891]', '/0 must be a multiple of 10'],
    ['are among exact values', '{"items":{"enum":["a",9007199254740993]}}', '["a",9007199254740993]', 'fits'],
    ['are whole numbers', '{"items":{"type":"integer"}}', '[123456789012345678901234567890]', 'fits'],
    ['leave fractions to doubles', '{"items":{"minimum":9007199254740993}}', '[1.5, 1e300]', '/0 must be at least 9007199254740993'],
    ['leave values that look like keywords alone', '{"const":{"minimum":9007199254740993}}', '{"minimum":9007199254740993}', 'fits'],
  ])('%s', (_what, schema, value, said) => {
    expect(verdict(schema, value).split('; ')[0]).toBe(said);
  });
});

describe('a schema that is wrong or hostile is unusable, with why', () => {
  it.each<[what: string, schema: string, said: RegExp]>([
    ['no JSON', '{', /the schema is no JSON/],
    ['no schema', '[]', /neither an object nor true or false/],
    ['an invalid keyword', '{"type":"strnig"}', /the schema is invalid: .*type/],
    ['an invalid pattern', '{"pattern":"("}', /the schema is invalid/],
    ['an unknown draft', '{"$schema":"http://json-schema.org/draft-04/schema#"}', /draft-04.*not known here/],
    ['a reference to elsewhere', '{"$ref":"https://evil.example/schema.json"}', /evil\.example.*nothing is fetched/],
    ['a reference to nowhere', '{"$ref":"#/$defs/none"}', /refers to #\/\$defs\/none/],
    ['an asynchronous one', '{"$async":true,"type":"string"}', /asynchronously/],
    ['nesting without end', `${'{"not":'.repeat(20_000)}true${'}'.repeat(20_000)}`, /nested too deeply/],
    ['one that is too long', `{"description":"${'x'.repeat(MAX_SCHEMA)}"}`, /too long/],
  ])('%s', (_what, schema, said) => {
    expect(verdict(schema, '"x"')).toMatch(said);
  });

  it('names formats that are not known and checks the rest', () => {
    expect(check('{"type":"string","format":"shark-name","maxLength":3}', '"long"')).toEqual({
      kind: 'problems',
      problems: [{ path: '', message: 'must have at most 3 characters' }],
      notes: ['The format "shark-name" is not known here and was not checked.'],
    });
  });

  it('takes patterns that are only valid without Unicode mode', () => {
    expect(verdict({ pattern: '^[\\w-.]+$' }, '"a-b.c"')).toBe('fits');
  });

  it('reads names of prototypes as any other', () => {
    expect(verdict('{"properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}', '{"constructor":1}')).toBe('/constructor must be text, is a whole number');
  });
});
