// What a planned change is told as, and edits of one server that leave everything else of its file as it is written.
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import type { ServerEdit } from '../../../src/extension/contract/setup';
import { EditError } from '../../../src/extension/servers/routing/editor';
import type { ChangePlan, PlannedFile } from '../../../src/extension/servers/routing/plan';
import { checkedEdit, editedText, planView } from '../../../src/extension/services/setupPlans';

const planned = (before: string | undefined, after: string | undefined): PlannedFile => ({
  file: '/home/ann/f.json',
  client: 'Cursor',
  format: 'jsonc',
  before,
  after,
  snapshot: { kind: 'missing' },
  bytes: undefined,
  mode: 0o644,
  changes: [],
  emptyFolders: [],
});

const plan = (files: readonly PlannedFile[], more: Partial<ChangePlan> = {}): ChangePlan => ({ id: 'p', kind: 'route', files, notes: [], problems: [], servers: [], ...more });
const view = (before: string | undefined, after: string | undefined) => planView(plan([planned(before, after)]), (file) => file.replace('/home/ann', '~')).files[0];

describe('a planned change', () => {
  it.each<[string, string | undefined, string | undefined, string, number, number]>([
    ['a new file', undefined, 'a\nb', 'create', 2, 0],
    ['a file that goes', 'a\nb\n', undefined, 'delete', 0, 3],
    ['a changed line', 'a\nb\nc', 'a\nx\nc', 'change', 1, 1],
    ['line endings alone', 'a\r\nb', 'a\nb', 'change', 0, 0],
    ['a line that moved', 'a\nb\nc', 'c\na\nb', 'change', 0, 0],
    ['one of two equal lines', 'a\na', 'a', 'change', 0, 1],
    ['a byte order mark that stays', '\ufeffa\nb', '\ufeffa', 'change', 0, 1],
  ])('%s is told with its lines', (_what, before, after, kind, linesAdded, linesRemoved) => {
    expect(view(before, after)).toEqual({ file: '/home/ann/f.json', fileLabel: '~/f.json', client: 'Cursor', kind, linesAdded, linesRemoved });
  });

  it('carries words and names, never texts', () => {
    const note = { file: '/home/ann/f.json', server: 's', message: 'Kept.' };
    const told = planView(plan([planned('{"token":"old-secret"}', '{"token":"new-secret"}')], { notes: [note], problems: [{ file: '/x', message: 'No.' }], servers: ['s'] }), (file) => file);
    expect(told).toMatchObject({ id: 'p', kind: 'route', servers: ['s'], notes: [{ fileLabel: '/home/ann/f.json', server: 's', message: 'Kept.' }], problems: [{ fileLabel: '/x', message: 'No.' }] });
    expect(JSON.stringify(told)).not.toContain('secret');
  });
});

describe('an edit of a server', () => {
  it.each<[string, string, ServerEdit, string]>([
    ['adds with the indentation and line ending in use', '{\r\n\t"servers": {\r\n\t\t"a": {\r\n\t\t\t"command": "a"\r\n\t\t}\r\n\t}\r\n}', { note: 'n' }, '{\r\n\t"servers": {\r\n\t\t"a": {\r\n\t\t\t"command": "a",\r\n\t\t\t"note": "n"\r\n\t\t}\r\n\t}\r\n}'],
    ['keeps trailing commas and a byte order mark', '\ufeff{\n  "servers": {\n    "a": {\n      "command": "a", // run\n    },\n  },\n}', { note: 'n' }, '\ufeff{\n  "servers": {\n    "a": {\n      "command": "a", // run\n      "note": "n",\n    },\n  },\n}'],
    ['stays on one line where the entry does', '{"servers":{"a":{"command":"a"}}}', { note: 'n' }, '{"servers":{"a":{"command":"a", "note": "n"}}}'],
    ['changes a value where it stands', '{ "servers": { "a": { "note": "old", /* why */ "command": "a" } } }', { note: 'new' }, '{ "servers": { "a": { "note": "new", /* why */ "command": "a" } } }'],
    ['takes away with the comment that belongs to it, and leaves the next one its own', '{ "servers": { "a": {\n  "command": "a",\n  // what for\n  "purpose": "p",\n  // who\n  "owner": "o"\n} } }', { purpose: null }, '{ "servers": { "a": {\n  "command": "a",\n  // who\n  "owner": "o"\n} } }'],
    ['takes away what is emptied', '{"servers":{"a":{"command":"a","purpose":"p"}}}', { purpose: '' }, '{"servers":{"a":{"command":"a"}}}'],
    ['does nothing for what is not there', '{"servers":{"a":{"command":"a"}}}', { purpose: null, hide: [], permissions: null }, '{"servers":{"a":{"command":"a"}}}'],
    ['switches off', '{"servers":{"a":{"command":"a"}}}', { isEnabled: false }, '{"servers":{"a":{"command":"a", "enabled": false}}}'],
    ['switches on by saying nothing', '{"servers":{"a":{"enabled":false,"command":"a"}}}', { isEnabled: true }, '{"servers":{"a":{"command":"a"}}}'],
    ["switches on what VS Code's own word has switched off", '{"servers":{"a":{"command":"a","disabled":true}}}', { isEnabled: true }, '{"servers":{"a":{"command":"a"}}}'],
    ['makes the object of rules', '{"servers":{"a":{"command":"a"}}}', { hide: ['x*'] }, '{"servers":{"a":{"command":"a", "tools": {"hide":["x*"]}}}}'],
    ['takes the object of rules away with its last one', '{"servers":{"a":{"command":"a","tools":{"deny":["x"]}}}}', { deny: [] }, '{"servers":{"a":{"command":"a"}}}'],
    ['leaves the other rule', '{"servers":{"a":{"command":"a","tools":{"deny":["x"],"hide":["y"]}}}}', { deny: [] }, '{"servers":{"a":{"command":"a","tools":{"hide":["y"]}}}}'],
    ['writes a list on its line', '{"servers":{"a":{"command":"a","tools":{"deny":["x"]}}}}', { deny: ['x', 'y'] }, '{"servers":{"a":{"command":"a","tools":{"deny":["x", "y"]}}}}'],
    ['edits the last of two entries of one name, as it counts', '{"servers":{"a":{"note":"1","command":"a"},"a":{"note":"2","command":"b"}}}', { note: 'n' }, '{"servers":{"a":{"note":"1","command":"a"},"a":{"note":"n","command":"b"}}}'],
    ['edits a server whatever its name', '{"servers":{"__proto__":{"command":"a"}}}', { note: 'n' }, '{"servers":{"__proto__":{"command":"a", "note": "n"}}}'],
  ])('%s', (_what, text, edit, expected) => {
    const server = text.includes('__proto__') ? '__proto__' : 'a';
    expect(editedText(text, server, edit)).toBe(expected);
  });

  it('keeps the comments of rules that stay', () => {
    const text = '{ "servers": { "a": { "command": "a", "tools": {\n  "deny": [\n    // dangerous\n    "drop_*", // all of them\n    /* slow */\n    "scan",\n    "last"\n  ]\n} } } }';
    expect(editedText(text, 'a', { deny: ['drop_*', 'last', 'new'] })).toBe(
      '{ "servers": { "a": { "command": "a", "tools": {\n  "deny": [\n    // dangerous\n    "drop_*", // all of them\n    "last",\n    "new"\n  ]\n} } } }',
    );
    expect(editedText(text, 'a', { deny: ['scan'] })).toBe('{ "servers": { "a": { "command": "a", "tools": {\n  "deny": [\n    /* slow */\n    "scan"\n  ]\n} } } }');
  });

  it.each(['{}', '{"servers":{}}', '{"servers":{"b":{"command":"b"}}}', '{"servers":{"a":"text"}}', '{"servers":[]}', '{"mcpServers":{"a":{"command":"a"}}}', ''])('makes no server where there is none: %s', (text) => {
    expect(() => editedText(text, 'a', { note: 'n' })).toThrow(/does not stand in this file/);
  });

  it.each(['{ "servers": { "a": { "command": } } }', '[]', '{"servers":{"a":{"command":"a"}'])('leaves a file alone that does not parse: %s', (text) => {
    expect(() => editedText(text, 'a', { note: 'n' })).toThrow(EditError);
  });

  it('says what it was to say and changes nothing else, whatever the texts', () => {
    const word = fc.oneof(fc.constantFrom('a"b', '\\', '// no', '/* no */', '\u2028', '\n', 'ü😀', '}'), fc.string({ maxLength: 12 })).filter((text) => text.trim() !== '');
    const words = fc.uniqueArray(word, { maxLength: 4 });
    const layout = fc.constantFrom<[string, string]>(['\n', '  '], ['\r\n', '\t'], ['\n', '    '], ['', '']);
    fc.assert(
      fc.property(words, words, words, word, layout, (had, hide, permissions, note, [eol, unit]) => {
        const value = { servers: { other: { command: 'o' }, a: { command: 'a', tools: { hide: had, deny: ['x'] }, note: 'old' } }, inputs: [] };
        const text = JSON.stringify(value, undefined, unit).replaceAll('\n', eol || ' ');
        const after = editedText(text, 'a', { hide, note, permissions });
        const expected = structuredClone(value) as { servers: { a: Record<string, unknown> } };
        expected.servers.a = { command: 'a', note, tools: { deny: ['x'], ...(hide.length > 0 ? { hide } : {}) }, ...(permissions.length > 0 ? { permissions } : {}) };
        const found = parse(after) as typeof expected & { servers: { a: { tools: { hide?: string[] } } } };
        found.servers.a.tools.hide?.sort();
        (expected.servers.a['tools'] as { hide?: string[] }).hide?.sort();
        expect(found).toEqual(expected);
        if (eol === '\r\n') expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a webview sends as an edit', () => {
  it.each<[unknown, ServerEdit]>([
    [undefined, {}],
    [null, {}],
    ['text', {}],
    [{ purpose: 7, owner: null, note: 'n', isEnabled: 'no', hide: 'x', deny: ['a', '', ' ', 3, 'a'] }, { owner: null, note: 'n', deny: ['a'] }],
    [{ permissions: null, command: 'evil', url: 'http://evil' }, { permissions: null }],
    [{ note: 'x'.repeat(5000) }, { note: 'x'.repeat(2000) }],
  ])('%# is taken as far as it is one', (sent, taken) => {
    expect(checkedEdit(sent as ServerEdit)).toEqual(taken);
  });
});
