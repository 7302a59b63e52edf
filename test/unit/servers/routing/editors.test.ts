/** Holds the document editors: what they take out and put in, and that nothing else of a text changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentEdit, EditError } from '../../../../src/extension/servers/routing/editor';
import type { Address } from '../../../../src/extension/servers/import/types';
import { parseDocument, plainValue } from '../../../../src/extension/servers/import/document';

const server = (name: string): Address => ({ container: ['servers'], by: 'key', name });
const table = (name: string): Address => ({ container: ['mcp_servers'], by: 'key', name });
const item = (name: string): Address => ({ container: ['mcpServers'], by: 'name', name });

function removed(text: string, format: 'jsonc' | 'toml' | 'yaml', ...addresses: Address[]): string {
  const edit = new DocumentEdit(text, format);
  for (const address of addresses) edit.remove(address);
  return edit.text;
}

function put(text: string, format: 'jsonc' | 'toml' | 'yaml', address: Address, value: unknown): string {
  const edit = new DocumentEdit(text, format);
  edit.put(address, { kind: 'value', value });
  return edit.text;
}

/** Takes out, then puts the very fragment back. */
function roundTrip(text: string, format: 'jsonc' | 'toml' | 'yaml', address: Address): string {
  const edit = new DocumentEdit(text, format);
  const [fragment, found] = [edit.fragment(address), edit.find(address)];
  edit.remove(address);
  if (fragment && found) edit.put(address, { kind: 'fragment', fragment, value: found.value });
  return edit.text;
}

describe('taking a member out of JSON', () => {
  it.each<[string, string, string, string]>([
    ['the first', '{\n  "servers": {\n    "a": 1,\n    "b": 2\n  }\n}\n', 'a', '{\n  "servers": {\n    "b": 2\n  }\n}\n'],
    ['the last, with the comma before it', '{\n  "servers": {\n    "a": 1,\n    "b": 2\n  }\n}\n', 'b', '{\n  "servers": {\n    "a": 1\n  }\n}\n'],
    ['the last, where commas trail', '{\n  "servers": {\n    "a": 1,\n    "b": 2,\n  },\n}\n', 'b', '{\n  "servers": {\n    "a": 1,\n  },\n}\n'],
    ['the only one', '{\n  "servers": {\n    "a": 1\n  }\n}\n', 'a', '{\n  "servers": {}\n}\n'],
    ['the only one with a trailing comma', '{"servers":{"a":1,}}', 'a', '{"servers":{}}'],
    ['one of a line', '{ "servers": { "a": 1, "b": 2 } }', 'a', '{ "servers": { "b": 2 } }'],
    ['the last of a line', '{ "servers": { "a": 1, "b": 2 } }', 'b', '{ "servers": { "a": 1 } }'],
    ['one with its own comments', '{\n  "servers": {\n    // about a\n    "a": 1, // more about a\n    // about b\n    "b": 2\n  }\n}', 'a', '{\n  "servers": {\n    // about b\n    "b": 2\n  }\n}'],
    ['one below a comment that stands apart', '{\n  "servers": {\n    // all\n\n    "a": 1,\n    "b": 2\n  }\n}', 'a', '{\n  "servers": {\n    // all\n\n    "b": 2\n  }\n}'],
    ['one behind the comment of another', '{\n  "servers": {\n    "a": 1, // a\n    "b": 2 // b\n  }\n}', 'b', '{\n  "servers": {\n    "a": 1 // a\n  }\n}'],
    ['with CR LF and tabs', '{\r\n\t"servers": {\r\n\t\t"a": 1,\r\n\t\t"b": 2\r\n\t}\r\n}', 'a', '{\r\n\t"servers": {\r\n\t\t"b": 2\r\n\t}\r\n}'],
    ['with CR alone', '{\r  "servers": {\r    "a": 1,\r    "b": 2\r  }\r}', 'b', '{\r  "servers": {\r    "a": 1\r  }\r}'],
    ['with a byte order mark', '\uFEFF{"servers":{"a":1}}', 'a', '\uFEFF{"servers":{}}'],
    ['called __proto__', '{"servers":{"__proto__":1,"b":2}}', '__proto__', '{"servers":{"b":2}}'],
  ])('takes out %s', (_what, text, name, expected) => {
    expect(removed(text, 'jsonc', server(name))).toBe(expected);
  });

  it('refuses what it cannot do safely, and leaves the text as it is', () => {
    const edit = new DocumentEdit('{"servers":{"a":1,"a":2}}', 'jsonc');
    expect(() => edit.remove(server('a'))).toThrow(EditError);
    expect(edit.text).toBe('{"servers":{"a":1,"a":2}}');
  });
});

describe('putting a member into JSON', () => {
  const value = { command: 'x' };
  it.each<[string, string, string]>([
    ['an empty text', '', '{\n  "servers": {\n    "n": {\n      "command": "x"\n    }\n  }\n}\n'],
    ['comments alone', '// mine\n', '// mine\n{\n  "servers": {\n    "n": {\n      "command": "x"\n    }\n  }\n}\n'],
    ['an object without the container', '{\n\t"other": 1\n}\n', '{\n\t"other": 1,\n\t"servers": {\n\t\t"n": {\n\t\t\t"command": "x"\n\t\t}\n\t}\n}\n'],
    ['an empty container', '{\n  "servers": {}\n}', '{\n  "servers": {\n    "n": {\n      "command": "x"\n    }\n  }\n}'],
    ['a container with a comment', '{\n  "servers": {\n    // none yet\n  }\n}', '{\n  "servers": {\n    // none yet\n    "n": {\n      "command": "x"\n    }\n  }\n}'],
    ['trailing commas', '{\n  "servers": {\n    "a": 1,\n  },\n}', '{\n  "servers": {\n    "a": 1,\n    "n": {\n      "command": "x"\n    },\n  },\n}'],
    ['a comment behind the last', '{\n  "servers": {\n    "a": 1 // a\n  }\n}', '{\n  "servers": {\n    "a": 1, // a\n    "n": {\n      "command": "x"\n    }\n  }\n}'],
    ['one line', '{"servers":{"a":1}}', '{"servers":{"a":1, "n": {"command":"x"}}}'],
    ['CR LF', '{\r\n  "servers": {\r\n    "a": 1\r\n  }\r\n}', '{\r\n  "servers": {\r\n    "a": 1,\r\n    "n": {\r\n      "command": "x"\r\n    }\r\n  }\r\n}'],
  ])('into %s', (_what, text, expected) => {
    expect(put(text, 'jsonc', server('n'), value)).toBe(expected);
  });

  it('refuses a container that is no object', () => {
    expect(() => put('{"servers":[]}', 'jsonc', server('n'), value)).toThrow(EditError);
  });

  it('puts inputs into a list', () => {
    const input: Address = { container: ['inputs'], by: 'id', name: 'b' };
    const text = put('{\n  "inputs": [\n    { "id": "a" }\n  ]\n}', 'jsonc', input, { id: 'b' });
    expect(text).toBe('{\n  "inputs": [\n    { "id": "a" },\n    {\n      "id": "b"\n    }\n  ]\n}');
    expect(removed(text, 'jsonc', input)).toBe('{\n  "inputs": [\n    { "id": "a" }\n  ]\n}');
  });
});

describe('TOML', () => {
  const text = `# mine
model = "o3" # keep

# about a
[mcp_servers.a]
command = "npx"
args = ["-y",
  "x", # in between
]

[mcp_servers.a.env]
K = "v"

# about b
[mcp_servers."b.c"]
url = "https://b/mcp"

[other]
z = 1
`;

  it('takes a table out with its tables and its comment, and leaves the comment of the next', () => {
    expect(removed(text, 'toml', table('a'))).toBe(`# mine
model = "o3" # keep

# about b
[mcp_servers."b.c"]
url = "https://b/mcp"

[other]
z = 1
`);
  });

  it.each(['a', 'b.c'])('puts the very text of %s back where it was', (name) => {
    expect(roundTrip(text, 'toml', table(name))).toBe(text);
  });

  it('puts a table behind the others, and at the end where there are none', () => {
    expect(put(text, 'toml', table('n'), { url: 'https://n', http_headers: { 'X-A': 'b"c' } })).toBe(
      text.replace('[other]', '[mcp_servers.n]\nurl = "https://n"\nhttp_headers = { X-A = "b\\"c" }\n\n[other]'),
    );
    expect(put('a = 1', 'toml', table('n'), { url: 'u' })).toBe('a = 1\n\n[mcp_servers.n]\nurl = "u"\n');
    expect(put('', 'toml', table('n'), { url: 'u' })).toBe('[mcp_servers.n]\nurl = "u"\n');
  });

  it('takes lines out of the container’s own table', () => {
    const lines = '[mcp_servers]\na = { command = "x" }\nb.command = "y"\nb.args = ["z"]\n';
    expect(removed(lines, 'toml', table('b'))).toBe('[mcp_servers]\na = { command = "x" }\n');
    expect(removed(lines, 'toml', table('a'))).toBe('[mcp_servers]\nb.command = "y"\nb.args = ["z"]\n');
  });

  it('refuses a container in one line', () => {
    expect(() => removed('mcp_servers = { a = { command = "x" }, b = { command = "y" } }\n', 'toml', table('a'))).toThrow(EditError);
  });

  it('keeps CR LF', () => {
    const crlf = text.replaceAll('\n', '\r\n');
    expect(removed(crlf, 'toml', table('a'))).toBe(removed(text, 'toml', table('a')).replaceAll('\n', '\r\n'));
    expect(roundTrip(crlf, 'toml', table('a'))).toBe(crlf);
  });
});

describe('YAML', () => {
  const text = `name: Mine # keep
mcpServers:
  # about a
  - name: a
    command: npx
    args: ["-y", x]
  - name: b
    url: https://b/mcp
rules:
  - one
`;

  it('takes an item out with its comment', () => {
    expect(removed(text, 'yaml', item('a'))).toBe('name: Mine # keep\nmcpServers:\n  - name: b\n    url: https://b/mcp\nrules:\n  - one\n');
  });

  it.each(['a', 'b'])('puts the very text of %s back where it was', (name) => {
    expect(roundTrip(text, 'yaml', item(name))).toBe(text);
    expect(roundTrip(text.replaceAll('\n', '\r\n'), 'yaml', item(name))).toBe(text.replaceAll('\n', '\r\n'));
  });

  it('leaves an empty list where the last goes, and fills it again', () => {
    const empty = removed(text, 'yaml', item('a'), item('b'));
    expect(empty).toBe('name: Mine # keep\nmcpServers: []\nrules:\n  - one\n');
    expect(put(empty, 'yaml', item('n'), { name: 'n', url: 'u' })).toBe('name: Mine # keep\nmcpServers:\n  - name: n\n    url: u\nrules:\n  - one\n');
  });

  it('makes the list where there is none', () => {
    expect(put('name: x', 'yaml', item('n'), { name: 'n', url: 'u' })).toBe('name: x\nmcpServers:\n  - name: n\n    url: u\n');
  });

  it('refuses a list in brackets', () => {
    expect(() => removed('mcpServers: [{name: a}, {name: b}]\n', 'yaml', item('a'))).toThrow(EditError);
  });
});

describe('any JSON text', () => {
  const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '\n  ', ' // note\n', '/* c */', '\n\n    // two\n    ');
  const name = fc.constantFrom('a', 'b', 'c', 'd e', '__proto__', 'x"y');
  const entry = fc.tuple(name, fc.constantFrom('1', '{"command":"x"}', '{\n "k": [1, 2,],\n}', '"//no"'), space, space, space);
  const document = fc
    .tuple(fc.uniqueArray(entry, { selector: ([key]) => key, minLength: 1, maxLength: 5 }), fc.boolean(), space)
    .map(([entries, hasTrailing, end]) => {
      const members = entries.map(([key, value, before, between, after]) => `${before}${JSON.stringify(key)}:${between}${value}${after}`);
      return { keys: entries.map(([key]) => key), text: `{"servers":{${members.join(',')}${hasTrailing ? ',' : ''}${end}},"other":[1]}` };
    });

  it('loses exactly the member that is taken out, and gets it back with all of its text', () => {
    fc.assert(
      fc.property(document, fc.nat(), ({ keys, text }, pick) => {
        const chosen = keys[pick % keys.length] ?? '';
        const edit = new DocumentEdit(text, 'jsonc');
        const [fragment, found] = [edit.fragment(server(chosen)), edit.find(server(chosen))];
        edit.remove(server(chosen));
        expect(edit.find(server(chosen))).toBeUndefined();
        if (!fragment || !found) throw new Error('not found');
        edit.put(server(chosen), { kind: 'fragment', fragment, value: found.value });
        const [before, after] = [text, edit.text].map((json) => parseDocument(json, 'jsonc').root);
        expect(after && plainValue(after)).toEqual(before && plainValue(before));
      }),
      { numRuns: 400 },
    );
  });
});
