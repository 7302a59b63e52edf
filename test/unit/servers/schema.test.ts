/**
 * Holds the JSON schema (what the editor completes and validates) and the parser (what MCP Shark does) together: what
 * the schema accepts the parser loads whole, and what the parser refuses the schema marks.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { parseServersFile } from '../../../src/extension/servers/configFile';
import { EXAMPLE_CONFIG } from '../../../src/extension/servers/exampleConfig';

const schema = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../../schemas/mcp-shark.schema.json'), 'utf8'),
) as Record<string, unknown>;
const validate = new Ajv({ strict: false, allErrors: false }).compile(schema);

const loadsWhole = (config: unknown): boolean => {
  const { broken, problems } = parseServersFile(JSON.stringify(config), '/x/.vscode/mcp-shark.json');
  return !broken && problems.length === 0;
};
const server = (entry: unknown) => ({ servers: { demo: entry } });

describe.each([
  ['nothing', {}],
  ['no servers', { servers: {}, inputs: [] }],
  ['stdio', server({ command: 'npx', args: ['-y', 'x'], env: { A: 'a', N: 1, G: null }, envFile: '.env', cwd: '.' })],
  ['stdio, said', server({ type: 'stdio', command: 'x' })],
  ['http', server({ url: 'https://example.com/mcp', headers: { A: 'b' } })],
  ['http, said', server({ type: 'http', url: 'http://localhost:1' })],
  ['sse', server({ type: 'sse', url: 'http://localhost:1' })],
  ['socket', server({ url: 'unix:///tmp/x.sock' })],
  ['variables', server({ url: '${env:URL}' })],
  ['a name as in the gallery', { servers: { 'io.github.upstash/context7': { command: 'x' } } }],
  ['unknown keys', { ...server({ command: 'x', gallery: true, other: [1] }), $schema: 'x', other: 1 }],
  ['disabled', server({ command: 'x', disabled: true })],
  ['what a team says', server({ command: 'x', purpose: 'p', owner: 'o', permissions: ['r'], note: 'n', enabled: false, tools: { hide: ['a*'], deny: [] } })],
  ['what a team says of a server on the network', server({ url: 'http://x', purpose: 'p', enabled: true, tools: {} })],
  ['an allow list', { ...server({ command: 'x' }), allowList: ['demo', `sha256:${'a'.repeat(64)}`] }],
  ['prompt', { inputs: [{ type: 'promptString', id: 'a', description: 'd', password: true, default: 'x' }] }],
  ['pick', { inputs: [{ type: 'pickString', id: 'a', options: ['x', { label: 'l', value: 'v' }] }] }],
  ['command', { inputs: [{ type: 'command', id: 'a', command: 'c', args: [1] }] }],
  ['the example', parse(EXAMPLE_CONFIG) as unknown],
])('a good configuration: %s', (_name, config) => {
  it('passes schema and parser', () => {
    expect({ schema: validate(config), parser: loadsWhole(config) }, JSON.stringify(validate.errors)).toEqual({
      schema: true,
      parser: true,
    });
  });
});

describe.each([
  ['no object', []],
  ['servers as a list', { servers: [] }],
  ['the name of other clients', { mcpServers: {} }],
  ['neither command nor url', server({})],
  ['both and no type', server({ command: 'x', url: 'http://x' })],
  ['no object as a server', server('npx')],
  ['unknown type', server({ type: 'websocket', url: 'ws://x' })],
  ['type without its key', server({ type: 'http', command: 'x' })],
  ['command as a list', server({ command: ['npx'] })],
  ['empty command', server({ command: ' ' })],
  ['args as a string', server({ command: 'x', args: '-y' })],
  ['args with a number', server({ command: 'x', args: [1] })],
  ['env with true', server({ command: 'x', env: { A: true } })],
  ['cwd null', server({ command: 'x', cwd: null })],
  ['url of another kind', server({ url: 'ftp://x' })],
  ['headers with a number', server({ url: 'http://x', headers: { A: 1 } })],
  ['purpose as a number', server({ command: 'x', purpose: 1 })],
  ['permissions as a text', server({ url: 'http://x', permissions: 'all' })],
  ['enabled as a text', server({ command: 'x', enabled: 'no' })],
  ['tools as a list', server({ command: 'x', tools: ['a'] })],
  ['a misspelt rule', server({ command: 'x', tools: { denied: ['a'] } })],
  ['an empty glob', server({ command: 'x', tools: { deny: [' '] } })],
  ['a long glob', server({ command: 'x', tools: { hide: ['x'.repeat(201)] } })],
  ['an allow list with half a hash', { ...server({ command: 'x' }), allowList: ['sha256:12'] }],
  ['an allow list with a path', { ...server({ command: 'x' }), allowList: ['../x'] }],
  ['reserved name', { servers: JSON.parse('{"__proto__": {"command": "x"}}') as unknown }],
  ['empty name', { servers: { '': { command: 'x' } } }],
  ['path as a name', { servers: { 'a/../b': { command: 'x' } } }],
  ['long name', { servers: { ['x'.repeat(65)]: { command: 'x' } } }],
  ['inputs as an object', { inputs: {} }],
  ['input without id', { inputs: [{ type: 'promptString' }] }],
  ['input of no type', { inputs: [{ id: 'x' }] }],
  ['pick without options', { inputs: [{ type: 'pickString', id: 'x' }] }],
  ['command input without command', { inputs: [{ type: 'command', id: 'x' }] }],
])('a bad configuration: %s', (_name, config) => {
  it('is refused by schema and parser', () => {
    expect({ schema: validate(config), parser: loadsWhole(config) }).toEqual({ schema: false, parser: false });
  });
});

it('what the schema accepts the parser loads whole', () => {
  const text = fc.constantFrom('', ' ', 'x', 'http://localhost:1', 'https://example.com/mcp', 'stdio', 'http', 'sse', 'a/b', '..');
  const value = fc.oneof(text, fc.constantFrom<unknown>(null, true, 1, [], {}, ['x'], [1], { A: 'x' }, { A: 1 }, { A: null }, { A: {} }));
  const optional = <T extends string>(...keys: T[]) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
  const entry = fc.oneof(
    { weight: 5, arbitrary: optional('type', 'command', 'args', 'env', 'envFile', 'cwd', 'url', 'headers', 'disabled', 'dev', 'purpose', 'owner', 'permissions', 'note', 'enabled', 'tools') },
    { weight: 1, arbitrary: value },
  );
  const input = fc
    .tuple(fc.constantFrom('promptString', 'pickString', 'command', 'x'), optional('id', 'description', 'default', 'options', 'command', 'password'))
    .map(([type, rest]) => Object.assign(rest, { type }));
  const name = fc.oneof(text, fc.constantFrom('__proto__', 'a b', ' a', 'é', 'a\n', 'a//b', './a', '.a'));
  const config = fc.record(
    { servers: fc.dictionary(name, entry, { maxKeys: 2 }), inputs: fc.array(input, { maxLength: 1 }) },
    { requiredKeys: [] },
  );
  let accepted = 0;
  fc.assert(
    fc.property(config, (candidate) => {
      if (!validate(candidate)) return;
      accepted++;
      expect(loadsWhole(candidate), JSON.stringify(candidate)).toBe(true);
    }),
    { numRuns: 20_000 },
  );
  expect(accepted).toBeGreaterThan(500);
});

it('every property says what it is', () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Record<string, Record<string, unknown>> };
    for (const [key, property] of Object.entries(properties ?? {})) {
      const isCondition = 'const' in property || place.endsWith('/if') || place.includes('/anyOf/');
      if (!isCondition && !property['description']) undescribed.push(`${place}/${key}`);
    }
    for (const [key, child] of Object.entries(node)) visit(child, `${place}/${key}`);
  };
  visit(schema, '');
  expect(undescribed.filter((place) => !place.includes('defaultSnippets'))).toEqual([]);
});
