/** Which control a schema and a value get, by table; and how the form edits the text. */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../../../src/webview/components/form/fieldModel';
import { parseSchema } from '../../../../src/webview/components/form/schemaText';
import { fieldsOf, formOf, NONE, parseDocument } from './formWalk';

/** `path: control`, one a line, as a person would read the form from top to bottom. */
function outline(schema: unknown, text: string): string[] {
  const form = formOf(typeof schema === 'string' ? schema : JSON.stringify(schema));
  const document = parseDocument(text);
  const fields = fieldsOf(form, document).toReversed();
  return fields.filter((field) => field.path.length <= 2).map(say).toSorted();
}

function say({ pointer, control, isRequired, choosers, path: place }: Field): string {
  const more =
    control.kind === 'choice'
      ? ` ${control.choices.map(({ label }, index) => (index === control.chosen ? `[${label}]` : label)).join('|')}${control.other === undefined ? '' : ` +${control.other}`}`
      : control.kind === 'manyChoices'
        ? ` ${control.choices.map(({ label }, index) => (control.chosen[index]!.length > 0 ? `[${label}]` : label)).join('|')}${control.others ? ` +${control.others}` : ''}`
        : control.kind === 'number'
          ? `${control.isInteger ? ' whole' : ''} ${control.shown}`
          : control.kind === 'json'
            ? ` ${control.reason}`
            : control.kind === 'text' && control.isLong
              ? ' long'
              : '';
  const variants = choosers.map(({ labels, selected }) => ` <${labels.map((label, index) => (index === selected ? `[${label}]` : label)).join('|')}>`).join('');
  return `${pointer || '.'}${isRequired && place.length > 0 && typeof place.at(-1) === 'string' ? '*' : ''}: ${(control.kind + more).trim()}${variants}`;
}

const obj = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });

const CONDITION = JSON.parse('{"if":{"properties":{"a":{"const":"x"}},"required":["a"]},"then":{"properties":{"b":{"type":"string"}}},"else":{"properties":{"c":{"type":"string"}}}}') as object;

describe('controls', () => {
  it.each<[string, unknown, string, string[]]>([
    ['a text', obj({ a: { type: 'string' } }), '{}', ['.: object', '/a: text']],
    ['a required text', obj({ a: { type: 'string' } }, { required: ['a'] }), '{}', ['.: object', '/a*: text']],
    ['a text with lines', obj({ a: { type: 'string' } }), '{"a":"x\\ny"}', ['.: object', '/a: text long']],
    ['a long text by its limit', obj({ a: { type: 'string', maxLength: 4000 } }), '{}', ['.: object', '/a: text long']],
    ['a formatted text', obj({ a: { type: 'string', format: 'date-time' } }), '{"a":"2026-01-01T00:00:00Z"}', ['.: object', '/a: text']],
    ['a text with a carriage return, which an input would drop', obj({ a: { type: 'string' } }), '{"a":"x\\r\\ny"}', ['.: object', '/a: json unseen']],
    ['a text that would hide something', obj({ a: { type: 'string' } }), '{"a":"x\\u202ey"}', ['.: object', '/a: json unseen']],
    ['half a character', obj({ a: { type: 'string' } }), '{"a":"\\ud83d"}', ['.: object', '/a: json unseen']],
    ['a number', obj({ a: { type: 'number' } }), '{"a":1.50}', ['.: object', '/a: number 1.50']],
    ['a whole number beyond a double', obj({ a: { type: 'integer' } }), '{"a":123456789012345678901234567890}', ['.: object', '/a: number whole 123456789012345678901234567890']],
    ['a number that is none yet', obj({ a: { type: 'number' } }), '{"a":"-"}', ['.: object', '/a: number -']],
    ['a fraction where a whole number belongs', obj({ a: { type: 'integer' } }), '{"a":1.5}', ['.: object', '/a: number whole 1.5']],
    ['true or false', obj({ a: { type: 'boolean' } }), '{"a":true}', ['.: object', '/a: boolean']],
    ['another type than the schema has', obj({ a: { type: 'boolean' } }), '{"a":"yes"}', ['.: object', '/a: json mismatch']],
    ['choices', obj({ a: { enum: ['x', 'y'] } }), '{"a":"y"}', ['.: object', '/a: choice x|[y]']],
    ['a value that is none of the choices', obj({ a: { enum: ['x', 'y'] } }), '{"a":"z"}', ['.: object', '/a: choice x|y +"z"']],
    ['choices of several types', obj({ a: { enum: [1, '1', null, true, [1]] } }), '{"a":null}', ['.: object', '/a: choice 1|1|[null]|true|[1]']],
    ['choices narrowed by the type', obj({ a: { type: 'string', enum: ['x', 1, null] } }), '{}', ['.: object', '/a: choice x']],
    ['titled choices by oneOf', obj({ a: { type: 'string', oneOf: [{ const: 'r', title: 'Red' }, { const: 'g', title: 'Green' }] } }), '{"a":"g"}', ['.: object', '/a: choice Red|[Green]']],
    ['titled choices by anyOf', obj({ a: { anyOf: [{ const: 1, title: 'One' }, { const: 2, title: 'Two' }] } }), '{"a":2.0}', ['.: object', '/a: choice One|[Two]']],
    ['titled choices by enumNames', obj({ a: { type: 'string', enum: ['r', 'g'], enumNames: ['Red', 'Green'] } }), '{"a":"r"}', ['.: object', '/a: choice [Red]|Green']],
    ['a choice out of thirty digits', obj({ a: '§' }), '{"a":123456789012345678901234567890}', ['.: object', '/a: choice [123456789012345678901234567890]']],
    ['a constant', obj({ a: { const: 'v1' } }, { required: ['a'] }), '{}', ['.: object', '/a*: choice v1']],
    ['several choices', obj({ a: { type: 'array', uniqueItems: true, items: { enum: ['x', 'y', 'z'] } } }), '{"a":["z","x"]}', ['.: object', '/a: manyChoices [x]|y|[z]']],
    ['several choices with one of the user\'s own', obj({ a: { type: 'array', uniqueItems: true, items: { enum: ['x', 'y'] } } }), '{"a":["w","x"]}', ['.: object', '/a: manyChoices [x]|y +1']],
    ['several titled choices', obj({ a: { type: 'array', items: { anyOf: [{ const: 'r', title: 'Red' }, { const: 'g', title: 'Green' }] } } }), '{"a":["g"]}', ['.: object', '/a: manyChoices Red|[Green]']],
    ['choices that repeat are a list', obj({ a: { type: 'array', items: { enum: ['x', 'y'] } } }), '{"a":["x","x"]}', ['.: object', '/a/0: choice [x]|y', '/a/1: choice [x]|y', '/a: array']],
    ['a list', obj({ a: { type: 'array', items: { type: 'number' } } }), '{"a":[1,2]}', ['.: object', '/a/0: number 1', '/a/1: number 2', '/a: array']],
    ['a tuple', obj({ a: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }], items: false } }), '{"a":[1]}', ['.: object', '/a/0: number 1', '/a/1: text', '/a: array']],
    ['a tuple of draft 07', obj({ a: { type: 'array', items: [{ type: 'number' }, { type: 'string' }], additionalItems: { type: 'boolean' } } }), '{"a":[1,"x",true]}', ['.: object', '/a/0: number 1', '/a/1: text', '/a/2: boolean', '/a: array']],
    ['objects in objects', obj({ a: obj({ b: { type: 'string' } }, { required: ['b'] }) }), '{"a":{}}', ['.: object', '/a/b*: text', '/a: object']],
    ['keys nobody knows', obj({ a: { type: 'string' } }), '{"b":[1],"a":"x"}', ['.: object', '/a: text', '/b: json any']],
    ['a map', { type: 'object', additionalProperties: { type: 'integer' } }, '{"x":1}', ['.: object', '/x: number whole 1']],
    ['a map by pattern', { type: 'object', patternProperties: { '^n_': { type: 'number' }, '^s_': { type: 'string' } } }, '{"n_a":1,"s_b":"x","c":true}', ['.: object', '/c: json any', '/n_a: number 1', '/s_b: text']],
    ['a pattern that could hang', { type: 'object', patternProperties: { '^(a+)+$(?=x)': { type: 'number' } } }, `{"${'a'.repeat(40)}":1}`, ['.: object', `/${'a'.repeat(40)}: json any`]],
    ['null or a text', obj({ a: { type: ['string', 'null'] } }), '{"a":null}', ['.: object', '/a: null']],
    ['a text or null', obj({ a: { type: ['string', 'null'] } }), '{"a":"x"}', ['.: object', '/a: text']],
    ['null or a number as Python writes it', obj({ a: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null } }), '{"a":3}', ['.: object', '/a: number whole 3']],
    ['null by OpenAPI', obj({ a: { type: 'string', nullable: true } }), '{"a":null}', ['.: object', '/a: null']],
    ['several types', obj({ a: { type: ['string', 'number'] } }), '{"a":3}', ['.: object', '/a: number 3 <Text|[Number]>']],
    ['variants by constant', { oneOf: [obj({ k: { const: 'a' }, x: { type: 'string' } }, { required: ['k'] }), obj({ k: { const: 'b' }, y: { type: 'number' } }, { required: ['k'] })] }, '{"k":"b","y":1}', ['.: object <k: a|[k: b]>', '/k*: choice [b]', '/y: number 1']],
    ['variants by title', obj({ a: { anyOf: [{ type: 'string', title: 'Name' }, { type: 'integer', title: 'Number of it' }] } }), '{"a":1}', ['.: object', '/a: number whole 1 <Name|[Number of it]>']],
    ['variants by reference', { $defs: { Cat: obj({ m: { type: 'string' } }), Dog: obj({ b: { type: 'string' } }, { required: ['b'] }) }, anyOf: [{ $ref: '#/$defs/Dog' }, { $ref: '#/$defs/Cat' }] }, '{"m":"x"}', ['.: object <Dog|[Cat]>', '/m: text']],
    ['a variant that only names what must be there is none', obj({ a: { type: 'string' }, b: { type: 'string' } }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }), '{}', ['.: object', '/a: text', '/b: text']],
    ['variants in variants', obj({ a: { oneOf: [{ oneOf: [{ type: 'string' }, { type: 'number' }], title: 'Plain' }, { type: 'array', title: 'Many', items: {} }] } }), '{"a":1}', ['.: object', '/a: number 1 <[Plain]|Many> <Text|[Number]>']],
    ['parts joined by allOf', { allOf: [obj({ a: { type: 'string' } }), obj({ b: { type: 'number' } }, { required: ['a'] })] }, '{}', ['.: object', '/a*: text', '/b: number']],
    ['the same member twice', { allOf: [obj({ a: { type: ['string', 'number'] } }), obj({ a: { type: 'number' } })] }, '{}', ['.: object', '/a: number']],
    ['a reference', { $defs: { n: { type: 'number' } }, ...obj({ a: { $ref: '#/$defs/n' } }) }, '{}', ['.: object', '/a: number']],
    ['a reference with words beside it', { definitions: { n: { type: 'number' } }, ...obj({ a: { $ref: '#/definitions/n', description: 'd' } }) }, '{}', ['.: object', '/a: number']],
    ['a reference to an anchor', { $defs: { n: { $anchor: 'num', type: 'number' } }, ...obj({ a: { $ref: '#num' } }) }, '{}', ['.: object', '/a: number']],
    ['a reference that leads nowhere', obj({ a: { $ref: '#/$defs/none' } }), '{"a":1}', ['.: object', '/a: json elsewhere']],
    ['a reference to elsewhere', obj({ a: { $ref: 'https://example.com/s.json' } }), '{}', ['.: object', '/a: json elsewhere']],
    ['a reference to itself', { $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, '{}', ['.: json any']],
    ['a schema inside itself', { $defs: { n: obj({ name: { type: 'string' }, next: { $ref: '#/$defs/n' } }) }, $ref: '#/$defs/n' }, '{"next":{"name":"x"}}', ['.: object', '/name: text', '/next/name: text', '/next/next: object', '/next: object']],
    ['the branch of a condition that holds', obj({ a: { enum: ['x', 'y'] } }, CONDITION), '{"a":"x"}', ['.: object', '/a: choice [x]|y', '/b: text']],
    ['the other branch', obj({ a: { enum: ['x', 'y'] } }, CONDITION), '{"a":"y"}', ['.: object', '/a: choice x|[y]', '/c: text']],
    ['what depends on another member', obj({ a: { type: 'string' } }, { dependentSchemas: { a: { properties: { b: { type: 'number' } }, required: ['b'] } } }), '{"a":"x"}', ['.: object', '/a: text', '/b*: number']],
    ['what another member requires', obj({ a: { type: 'string' }, b: { type: 'string' } }, { dependentRequired: { a: ['b'] } }), '{"a":"x"}', ['.: object', '/a: text', '/b*: text']],
    ['anything', obj({ a: {} }), '{"a":{"x":[1]}}', ['.: object', '/a: json any']],
    ['anything at all', true, '{"a":1}', ['.: json any']],
    ['nothing', obj({ a: false }), '{"a":1}', ['.: object', '/a: json nothing']],
    ['types that exclude each other', obj({ a: { allOf: [{ type: 'string' }, { type: 'number' }] } }), '{"a":1}', ['.: object', '/a: json nothing']],
    ['a type implied by what is said', obj({ a: { minLength: 2 }, b: { minimum: 1 }, c: { items: { type: 'string' } }, d: { required: ['e'] } }), '{}', ['.: object', '/a: text', '/b: number', '/c: array', '/d/e*: json any', '/d: object']],
    ['duplicate keys: the last is the value', obj({ a: { type: 'number' } }), '{"a":1,"a":2}', ['.: object', '/a: number 2']],
    ['__proto__ as a key', '{"type":"object","properties":{"__proto__":{"type":"string"}}}', '{"__proto__":"x","constructor":1}', ['.: object', '/__proto__: text', '/constructor: json any']],
  ])('%s', (_name, schema, text, expected) => {
    const written = typeof schema === 'string' ? schema : JSON.stringify(schema).replace('"§"', '{"enum":[123456789012345678901234567890]}');
    expect(outline(written, text)).toEqual(expected.toSorted());
  });

  it.each([
    ['no JSON', '{"type":', 'no JSON'],
    ['a list', '[1]', 'no object'],
    ['nested too deeply', `${'{"not":'.repeat(900)}true${'}'.repeat(900)}`, 'too deeply'],
  ])('a schema that is %s cannot be shown, and says so', (_name, text, words) => {
    const parsed = parseSchema(text);
    expect(parsed.kind === 'unusable' && parsed.message).toContain(words);
  });
});

describe('hostile schemas stay quick', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, { type: 'string' }]));
  const circle = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`s${i}`, { allOf: [{ $ref: `#/$defs/s${(i + 1) % 300}` }, { $ref: `#/$defs/s${(i + 7) % 300}` }] }]));
  const blowUp = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`s${i}`, { anyOf: [{ $ref: `#/$defs/s${i + 1}` }, { properties: { x: { $ref: `#/$defs/s${i + 1}` } } }] }]));
  it.each<[string, object, string]>([
    ['ten thousand members', obj(many), '{"p9999":"x"}'],
    ['references in circles', { $defs: circle, $ref: '#/$defs/s0' }, '{"a":1}'],
    ['variants that double at each level', { $defs: { ...blowUp, s40: { type: 'string' } }, $ref: '#/$defs/s0' }, '{"x":{"x":{"x":1}}}'],
    ['an object that needs itself', { $defs: { a: obj({ a: { $ref: '#/$defs/a' } }, { required: ['a'] }) }, $ref: '#/$defs/a' }, '{"a":{"a":{"a":{}}}}'],
    ['five thousand choices', obj({ a: { enum: Array.from({ length: 6_000 }, (_, i) => `choice ${i}`) } }), '{"a":"choice 4"}'],
  ])('%s', (_name, schema, text) => {
    const started = performance.now();
    const form = formOf(JSON.stringify(schema));
    const document = parseDocument(text);
    const root = form.root(document, NONE);
    form.memberNames(root).known.slice(0, 200).forEach((name) => form.member(root, name, document, NONE));
    form.start(root);
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});

describe('edits', () => {
  const schema = JSON.stringify(obj({ a: { type: 'number' }, b: obj({ c: { type: 'string' }, k: { const: 'v' } }, { required: ['k'] }), l: { type: 'array', items: { type: 'number' } } }));
  const form = formOf(schema);
  it.each<[string, string, (string | number)[], string, string]>([
    ['a value in its place', '{ "z": 1e2,\n "a": 1 }', ['a'], '99999999999999999999', '{ "z": 1e2,\n "a": 99999999999999999999 }'],
    ['a new member after the others, laid out as they are', '{\n    "z": 1,\n    "y": 2\n}', ['a'], '3', '{\n    "z": 1,\n    "y": 2,\n    "a": 3\n}'],
    ['a new member on one line', '{"z":1}', ['a'], '3', '{"z":1, "a":3}'],
    ['the first member', '{}', ['a'], '3', '{\n  "a": 3\n}'],
    ['a member of an object that is not there yet, with what its schema fixes', '{"z": 1}', ['b', 'c'], '"x"', '{"z": 1, "b": { "k": "v", "c": "x" }}'],
    ['an item after the others', '{"l": [1, 2]}', ['l', 2], '3', '{"l": [1, 2, 3]}'],
    ['the first item of a list that is not there yet', '{"z": 1}', ['l', 0], '3', '{"z": 1, "l": [3]}'],
    ['of duplicate keys the last', '{"a":1,"a":2}', ['a'], '3', '{"a":1,"a":3}'],
  ])('%s', (_name, text, place, value, expected) => {
    expect(form.set(parseDocument(text), NONE, place, value)).toBe(expected);
  });

  it.each<[string, string, (string | number)[], string]>([
    ['the first', '{"a": 1, "b": 2, "c": 3}', ['a'], '{"b": 2, "c": 3}'],
    ['one in the middle', '{"a": 1, "b": 2, "c": 3}', ['b'], '{"a": 1, "c": 3}'],
    ['the last', '{\n  "a": 1,\n  "b": 2\n}', ['b'], '{\n  "a": 1\n}'],
    ['the only one', '{\n  "a": 1\n}', ['a'], '{}'],
    ['all of a key', '{"a": 1, "b": 2, "a": 3}', ['a'], '{"b": 2}'],
    ['all that there are', '{"a": 1, "a": 3}', ['a'], '{}'],
    ['an item', '[1, [2, 3], 4]', [1, 0], '[1, [3], 4]'],
    ['what is not there', '{"a": 1}', ['b'], '{"a": 1}'],
  ])('takes out %s', (_name, text, place, expected) => {
    expect(form.remove(parseDocument(text), place)).toBe(expected);
  });

  it('another variant: fixed members follow, the user\'s stay', () => {
    const variants = formOf(JSON.stringify({ oneOf: [obj({ k: { const: 'a' }, x: { type: 'string' } }, { required: ['k'] }), obj({ k: { const: 'b' }, y: { type: 'number' } }, { required: ['k'] })] }));
    expect(variants.switchVariant(parseDocument('{"k": "a", "x": "mine"}'), new Map([['#0', 1]]), [])).toBe('{"k": "b", "x": "mine"}');
  });

  it('another type: the value that cannot be of it goes', () => {
    const variants = formOf(JSON.stringify(obj({ a: { type: ['string', 'object'] } })));
    expect(variants.switchVariant(parseDocument('{"z": 1, "a": "x"}'), new Map([['/a#type', 1]]), ['a'])).toBe('{"z": 1, "a": {}}');
  });
});

describe('tools of real servers', () => {
  const folder = path.resolve(__dirname, '../../../fixtures/tool-schemas');
  const tools = readdirSync(folder).flatMap((file) => {
    const all = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { name: string; inputSchema: object }[];
    return all.map((tool) => [`${file.replace('.json', '')} ${tool.name}`, tool.inputSchema] as const);
  });

  it('there are more than sixty', () => expect(tools.length).toBeGreaterThan(60));

  it.each(tools)('%s: every argument has a control of its own', (_name, schema) => {
    const form = formOf(JSON.stringify(schema));
    const document = parseDocument('{}');
    const fields = fieldsOf(form, document);
    expect(fields[0]?.control.kind).toBe('object');
    expect(fields.filter(({ control }) => control.kind === 'json').map(({ pointer }) => pointer)).toEqual([]);
  });
});
