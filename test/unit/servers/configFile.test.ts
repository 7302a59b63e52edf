/** Holds the reading of mcp-shark.json: what it accepts, and that every problem has its place and says what to do. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServersFile, problemOfName } from '../../../src/extension/servers/configFile';
import { EXAMPLE_CONFIG } from '../../../src/extension/servers/exampleConfig';

const FILE = '/projects/app/.vscode/mcp-shark.json';
const parse = (text: string) => parseServersFile(text, FILE);
const problemsOf = (text: string) => parse(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('a good file', () => {
  it('gives servers in order, with their types inferred and their lines', () => {
    const { servers, inputs, problems, notes, broken } = parse(`{
  // comments and trailing commas are fine
  "servers": {
    "files": { "command": "npx", "args": ["-y", "x"], "env": { "A": "a", "N": 1, "GONE": null }, "envFile": ".env", "cwd": "sub" },
    "github/mcp": { "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer \${input:token}" } },
    "old": { "type": "sse", "url": "http://localhost:1/sse" },
  },
  "inputs": [
    { "type": "promptString", "id": "token", "description": "Token", "password": true },
    { "type": "pickString", "id": "env", "options": ["dev", { "label": "Production", "value": "prod" }], "default": "dev" },
    { "type": "command", "id": "cmd", "command": "ext.ask", "args": { "a": 1 } },
  ],
}`);
    expect({ problems, notes, broken }).toEqual({ problems: [], notes: [], broken: false });
    expect(servers.map(({ name, line, file, config }) => ({ name, line, file, config }))).toEqual([
      {
        name: 'files',
        line: 4,
        file: FILE,
        config: {
          type: 'stdio',
          command: 'npx',
          args: ['-y', 'x'],
          env: { A: 'a', N: 1, GONE: null },
          envFile: '.env',
          cwd: 'sub',
        },
      },
      {
        name: 'github/mcp',
        line: 5,
        file: FILE,
        config: {
          type: 'http',
          url: 'https://example.com/mcp',
          headers: { Authorization: 'Bearer ${input:token}' },
        },
      },
      { name: 'old', line: 6, file: FILE, config: { type: 'sse', url: 'http://localhost:1/sse', headers: {} } },
    ]);
    expect(inputs).toEqual([
      { type: 'promptString', id: 'token', description: 'Token', password: true },
      {
        type: 'pickString',
        id: 'env',
        options: [
          { label: 'dev', value: 'dev' },
          { label: 'Production', value: 'prod' },
        ],
        default: 'dev',
      },
      { type: 'command', id: 'cmd', command: 'ext.ask', args: { a: 1 } },
    ]);
  });

  it.each(['{}', '{ "servers": {} }', '// nothing yet\n{}', '{ "$schema": "x", "other": 1 }'])('may configure nothing: %s', (text) => {
    expect(parse(text)).toEqual({ servers: [], inputs: [], problems: [], notes: [], broken: false });
  });

  it('may begin with a byte order mark and use any line end', () => {
    expect(parse('\uFEFF{\r\n"servers": {\r"a": { "command": "x" } } }').servers[0]?.line).toBe(3);
  });

  it('is what the example is', () => {
    expect(parse(EXAMPLE_CONFIG)).toEqual({ servers: [], inputs: [], problems: [], notes: [], broken: false });
  });

  it('is what the example is once its entries are commented in', () => {
    const text = EXAMPLE_CONFIG.replace(/^(\s*)\/\/ (?=["{}]| {2}")/gm, '$1');
    const { servers, inputs, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(servers.map(({ name }) => name)).toEqual(['everything', 'github']);
    expect(inputs.map(({ id }) => id)).toEqual(['github-token']);
  });

  it('is what docs/configuration.md shows', () => {
    const page = readFileSync(path.resolve(__dirname, '../../../docs/configuration.md'), 'utf8');
    const { servers, inputs, problems } = parse(/```jsonc\n([^]*?)```/.exec(page)?.[1] ?? '');
    expect({ servers: servers.length, inputs: inputs.length, problems }).toEqual({ servers: 2, inputs: 1, problems: [] });
  });

  it('keeps keys it does not know and says which ones it does not honour', () => {
    const { servers, notes, problems } = parse(`{ "servers": {
      "a": { "command": "x", "dev": { "watch": "**" }, "sandboxEnabled": true, "gallery": "g", "url": "y", "type": "stdio" }
    } }`);
    expect(problems).toEqual([]);
    expect(servers[0]?.config.extra).toEqual({ dev: { watch: '**' }, sandboxEnabled: true, gallery: 'g' });
    expect(notes.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 servers.a: "dev" is not honoured: the server is neither watched nor debugged.',
      '2 servers.a: "sandboxEnabled" is not honoured: the server runs without a sandbox.',
      '2 servers.a: "url" means nothing to a server of type "stdio".',
    ]);
  });

  it.each(['"disabled": true', '"enabled": false', '"enabled": true, "disabled": true'])('marks a server that is disabled, and says so: %s', (how) => {
    const { servers, notes } = parse(`{ "servers": { "a": { "command": "x", ${how} }, "b": { "command": "x", "enabled": true } } }`);
    expect(servers.map(({ name, isDisabled }) => [name, isDisabled])).toEqual([['a', true], ['b', undefined]]);
    expect(notes.map(({ message }) => message)).toEqual(['servers.a is disabled and not started.']);
  });
});

describe('what a team says of its servers', () => {
  it('is read, and is no part of what runs', () => {
    const about = { purpose: 'Issues', owner: 'platform@example.com', permissions: ['read issues', 'network: api.example.com'], note: 'Asked for in June' };
    const tools = { hide: ['debug_*'], deny: ['delete_*', '!x'] };
    const { servers, problems } = parse(JSON.stringify({ servers: { a: { command: 'x', ...about, tools }, b: { command: 'x' } }, allowList: ['a', `sha256:${'0'.repeat(64)}`] }));
    expect(problems).toEqual([]);
    expect(servers[0]).toMatchObject({ about, tools, allowList: ['a', `sha256:${'0'.repeat(64)}`] });
    expect(servers[0]!.config).toEqual(servers[1]!.config);
    expect(servers[0]!.fingerprint).toBe(servers[1]!.fingerprint);
    expect(servers[1]).not.toHaveProperty('about');
  });

  it.each([
    ['"purpose": 1', '2:16 servers.a: "purpose" must be a string, found the number 1.'],
    ['"permissions": "all"', '2:20 servers.a: "permissions" must be a list of strings, found a string.'],
    ['"enabled": "no"', '2:16 servers.a: "enabled" must be true or false, found a string.'],
    ['"tools": []', '2:14 servers.a: "tools" must be an object, found a list.'],
    ['"tools": { "deny": [1] }', '2:25 servers.a.tools: "deny[0]" must be a string, found the number 1.'],
    ['"tools": { "deny": ["a", " "] }', '2:30 servers.a.tools: "deny[1]" must not be empty.'],
    ['"tools": { "denied": [] }', '2:16 servers.a.tools: "denied" is unknown: write "hide" or "deny".'],
  ])('keeps the server from being started where it is wrong: %s', (text, expected) => {
    const { servers, problems } = parse(`{ "servers": { "a": { "command": "x",\n    ${text} }, "b": { "command": "x" } } }`);
    expect(servers.map(({ name }) => name)).toEqual(['b']);
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([expected]);
  });

  it.each([
    ['{}', '"allowList" must be a list of servers, found an object.'],
    ['["sha256:12"]', '"allowList[0]" must be the name of a server, or "sha256:" and the hash of one.'],
    ['["a", 1]', '"allowList[1]" must be the name of a server, or "sha256:" and the hash of one.'],
  ])('allows nothing by an entry of the allow list that cannot be read: %s', (list, expected) => {
    const { servers, problems } = parse(`{ "servers": { "a": { "command": "x" } }, "allowList": ${list} }`);
    expect(servers[0]!.allowList).toEqual(list.includes('"a"') ? ['a'] : []);
    expect(problems.map(({ message }) => message)).toEqual([expected]);
  });
});

describe('a file that cannot be used as a whole', () => {
  it.each([
    ['', '1:1 The file is empty.'],
    ['\n\n', '3:1 The file is empty.'],
    ['{\n  "servers": {\n', '3:1 A closing "}" is missing.'],
    ['{ "servers": { }\n  "inputs": [] }', '2:3 A comma is missing before this.'],
    ['{ "servers" 1 }', '1:13 A colon is missing after the name.'],
    ['{\n servers: {} }', '2:2 Names must stand in double quotes.'],
    ['{ "servers": { "a": tru } }', '1:21 "tru" is not JSON.'],
    ['{ "a": "x\n}', '1:8 This text is never closed with a quotation mark.'],
    ['{} {}', '1:4 There is more after the end of the JSON text.'],
    ['[]', '1:1 The file must be an object such as { "servers": { … } }, found a list.'],
    ['{ "servers": [] }', '1:14 "servers" must be an object of servers by name, found a list.'],
  ])('gives one problem: %j', (text, expected) => {
    const { broken, servers } = parse(text);
    expect({ broken, servers }).toEqual({ broken: true, servers: [] });
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });
});

describe('a bad entry', () => {
  it.each([
    ['"a": 1', 'servers.a: it must be an object, found the number 1.'],
    ['"a": {}', 'servers.a: it needs "command" (a program to start) or "url" (a server to connect to).'],
    ['"a": { "command": 3 }', 'servers.a: "command" must be a string, found the number 3.'],
    ['"a": { "command": " " }', 'servers.a: "command" must not be empty.'],
    ['"a": { "command": "x", "url": "http://y" }', 'servers.a: it has both "command" and "url": say which with "type", or remove one.'],
    ['"a": { "type": "stdio" }', 'servers.a: "command" is missing.'],
    ['"a": { "type": "http", "command": "x" }', 'servers.a: "url" is missing.'],
    ['"a": { "type": "streamable-http", "url": "http://x" }', 'servers.a: "type" must be "stdio", "http" or "sse", found "streamable-http": write "http".'],
    ['"a": { "command": "x", "args": "y" }', 'servers.a: "args" must be a list of strings, found a string.'],
    ['"a": { "command": "x", "args": ["y", 2] }', 'servers.a: "args[1]" must be a string, found the number 2.'],
    ['"a": { "command": "x", "env": { "A": true } }', 'servers.a: "env.A" must be a string, a number or null, found true.'],
    ['"a": { "command": "x", "cwd": null }', 'servers.a: "cwd" must be a string, found null.'],
    ['"a": { "url": "ftp://x" }', 'servers.a: "url" must be an address that begins with http:// or https://.'],
    ['"a": { "url": "example.com" }', 'servers.a: "url" must be an address that begins with http:// or https://.'],
    ['"a": { "url": "http://x", "headers": { "H": 1 } }', 'servers.a: "headers.H" must be a string, found the number 1.'],
    ['"__proto__": { "command": "x" }', '"__proto__" cannot be the name of a server: the word is reserved.'],
    ['"": { "command": "x" }', '"" cannot be the name of a server: it is empty.'],
    ['"../x": { "command": "x" }', '"../x" cannot be the name of a server: it must not begin or end with a space or "/", nor be a relative path.'],
    ['"a\\u0000": { "command": "x" }', 'cannot be the name of a server: use letters, digits, spaces and . _ - / @ : + ( ) only.'],
  ])('is reported and left out, and the others load: %s', (entry, expected) => {
    const text = `{ "servers": {\n${entry},\n"good": { "command": "x" } } }`;
    const { servers, broken } = parse(text);
    expect(broken).toBe(false);
    expect(servers.map(({ name }) => name)).toEqual(['good']);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^2:\d+ /);
    expect(problems[0]).toContain(expected);
  });

  it('that comes twice leaves the first one standing', () => {
    const text = '{ "servers": {\n"a": { "command": "first" },\n"a": { "command": "second" } } }';
    expect(parse(text).servers.map(({ config }) => config)).toMatchObject([{ command: 'first' }]);
    expect(problemsOf(text)).toEqual(['3:1 servers.a is defined twice; this second one is ignored. Rename or remove it.']);
  });

  it('under the name that other clients use is explained', () => {
    expect(problemsOf('{ "mcpServers": {} }')).toEqual(['1:3 "mcpServers" is what other clients call it: rename it to "servers".']);
  });

  it('that uses an input nobody defined is reported where it does', () => {
    const text = '{ "servers": {\n"a": { "command": "x",\n"env": { "T": "${input:nope}" } } } }';
    expect(problemsOf(text)).toEqual(['3:15 servers.a uses ${input:nope}, but "inputs" defines no "nope": add it there.']);
  });

  it.each([
    ['{}', '"inputs" must be a list of inputs, found an object.'],
    ['[1]', 'inputs[0]: it must be an object, found the number 1.'],
    ['[{ "type": "promptString" }]', 'inputs[0]: "id" is missing.'],
    ['[{ "id": "a", "type": "x" }]', 'inputs[0]: "type" must be "promptString", "pickString" or "command".'],
    ['[{ "id": "a", "type": "pickString" }]', 'inputs[0]: "options" must be a list of choices.'],
    ['[{ "id": "a", "type": "pickString", "options": [1] }]', 'inputs[0]: "options[0]" must be a string, or an object with "label" and "value", found the number 1.'],
    ['[{ "id": "a", "type": "command" }]', 'inputs[0]: "command" is missing.'],
    ['[{ "id": "a", "type": "promptString" }, { "id": "a", "type": "promptString" }]', 'inputs[1]: "a" is defined twice; this second one is ignored.'],
  ])('among inputs is reported: %s', (inputs, expected) => {
    expect(parse(`{ "inputs": ${inputs} }`).problems.map(({ message }) => message)).toEqual([expected]);
  });
});

describe('the fingerprint', () => {
  const fingerprint = (entry: string, file = FILE) =>
    parseServersFile(`{ "servers": { "a": ${entry} } }`, file).servers[0]?.fingerprint;
  const base = '{ "command": "x", "args": ["1"], "env": { "A": "1", "B": "2" } }';

  it.each([
    '{ "env": { "B": "2", "A": "1" }, "args": ["1"], "command": "x" }',
    '{ "type": "stdio", "command": "x", /* comment */ "args": ["1",], "env": { "A": "1", "B": "2" }, "dev": {} }',
  ])('is the same for %s', (entry) => {
    expect(fingerprint(entry)).toBe(fingerprint(base));
    expect(fingerprint(entry)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    '{ "command": "y", "args": ["1"], "env": { "A": "1", "B": "2" } }',
    '{ "command": "x", "args": ["1", ""], "env": { "A": "1", "B": "2" } }',
    '{ "command": "x", "args": ["1"], "env": { "A": "1", "B": 2 } }',
    '{ "command": "x", "args": ["1"], "env": { "A": "1", "B": "2" }, "cwd": "." }',
  ])('differs for %s', (entry) => {
    expect(fingerprint(entry)).not.toBe(fingerprint(base));
  });

  it('differs in another file, whose placeholders mean something else', () => {
    expect(fingerprint(base, '/other/.vscode/mcp-shark.json')).not.toBe(fingerprint(base));
  });
});

it('accepts the names that servers go by in the wild', () => {
  for (const name of ['github', 'microsoft/playwright-mcp', 'io.github.upstash/context7', 'My Server (dev)', 'añb', 'a__b', 'x@1.2']) {
    expect(problemOfName(name)).toBeUndefined();
  }
});

it('never throws, and every problem has a place in the text', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json().map((json) => `{"servers": ${json}}`),
    fc.json().map((json) => `{"servers": {"a": ${json}}, "inputs": ${json}}`),
  );
  fc.assert(
    fc.property(text, (content) => {
      const lines = content.split(/\r\n|\r|\n/);
      for (const { line, column } of parse(content).problems) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 2);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('"oauth"', () => {
  const servers = (oauth: string): string => `{ "servers": { "a": { "url": "https://a.example/mcp", "oauth": ${oauth} } } }`;

  it('is read with and without a secret, and changes the fingerprint', () => {
    const withSecret = parseServersFile(servers('{ "clientId": "shark", "clientSecret": "${env:S}" }'), FILE);
    const without = parseServersFile(servers('{ "clientId": "shark" }'), FILE);
    expect(withSecret.servers[0]?.config).toMatchObject({ oauth: { clientId: 'shark', clientSecret: '${env:S}' } });
    expect(without.servers[0]?.config).toMatchObject({ oauth: { clientId: 'shark' } });
    expect(withSecret.servers[0]?.fingerprint).not.toBe(without.servers[0]?.fingerprint);
    expect(withSecret.notes).toEqual([]);
  });

  it.each(['{}', '{ "clientId": "" }', '{ "clientId": 3 }', '"shark"'])('%s is a problem that says what is needed', (oauth) => {
    const { servers: read, problems } = parseServersFile(servers(oauth), FILE);
    expect(read).toEqual([]);
    expect(problems.map(({ message }) => message).join('\n')).toContain('"oauth" needs the "clientId"');
  });
});
