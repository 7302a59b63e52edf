// Saved calls: files as teams write them, changed without touching the rest, hostile ones, links, variables, secrets.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import schema from '../../../schemas/mcp-shark-calls.schema.json';
import { createRedactor } from '../../../src/extension/capture/redactor';
import type { SavedCallDraft } from '../../../src/extension/contract/playgroundSaved';
import { parseSavedFile, withCall, withoutCall, withVariable } from '../../../src/extension/playground/savedFile';
import { SavedCalls } from '../../../src/extension/playground/savedCalls';
import { secretPaths } from '../../../src/extension/playground/secretPaths';
import { fillJson, fillText, variablesIn } from '../../../src/extension/playground/variables';

const redactor = createRedactor();
const redact = (text: string): string => Buffer.from(redactor.body(Buffer.from(text)).bytes).toString();

const TEAM_FILE = `{
\t// What we try before a release.
\t"version": 1,
\t"name": "Release checks",
\t"owner": "nobody knows this key",
\t"variables": { "repo": "shark" },
\t"calls": [
\t\t{ "name": "List", "folder": "daily", "server": "github", "tool": "list_issues", "arguments": { "repo": "{{repo}}", "big": 12345678901234567890 } },
\t\t{ "server": "files", "resource": "file:///{{where}}" }, // the last one
\t]
}
`;

describe('a file', () => {
  it('is read with its calls, their lines and their variables', () => {
    const { name, variables, calls, problems } = parseSavedFile(TEAM_FILE);
    expect(problems).toEqual([]);
    expect(name).toBe('Release checks');
    expect({ ...variables }).toEqual({ repo: 'shark' });
    expect(calls).toEqual([
      { index: 0, name: 'List', folder: 'daily', target: { server: 'github', kind: 'tool', name: 'list_issues' }, argumentsText: '{ "repo": "{{repo}}", "big": 12345678901234567890 }', variables: ['repo'], line: 8 },
      { index: 1, name: 'file:///{{where}}', folder: '', target: { server: 'files', kind: 'resource', name: 'file:///{{where}}' }, argumentsText: '', variables: ['where'], line: 9 },
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /expected|no JSON/i],
    ['broken JSON', '{ "calls": [', /closing bracket/],
    ['a list', '[]', /must be an object/],
    ['a later version', '{ "version": 2, "calls": [] }', /version 2.*reads version 1/],
    ['calls that are no list', '{ "calls": {} }', /"calls" must be a list/],
    ['a call that is none', '{ "calls": [7] }', /calls\[0\] must be an object, found the number 7/],
    ['a call of nothing', '{ "calls": [{ "server": "s" }] }', /needs exactly one of/],
    ['a call of two things', '{ "calls": [{ "server": "s", "tool": "a", "prompt": "b" }] }', /needs exactly one of/],
    ['a call without server', '{ "calls": [{ "tool": "a" }] }', /needs "server"/],
    ['arguments that are none', '{ "calls": [{ "server": "s", "tool": "a", "arguments": "x" }] }', /arguments must be an object, found a string/],
    ['variables that are none', '{ "variables": [], "calls": [] }', /"variables" must be an object/],
    ['a variable that is no text', '{ "variables": { "a": 1 }, "calls": [] }', /variables.a must be a text/],
    ['a name without end', `{ "calls": [{ "server": "s", "tool": "a", "name": "${'x'.repeat(300)}" }] }`, /longer than 200/],
    ['a nest', `{ "calls": ${'['.repeat(5_000)}${']'.repeat(5_000)} }`, /nested more than/],
  ])('with %s gives a problem with its place', (_what, text, message) => {
    const { problems } = parseSavedFile(text);
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]?.line).toBeGreaterThan(0);
    expect(problems[0]?.column).toBeGreaterThan(0);
  });

  it('with one bad call keeps the good ones', () => {
    const { calls, problems } = parseSavedFile('{ "calls": [{}, { "server": "s", "tool": "ok" }] }');
    expect([calls.map(({ index }) => index), problems.length]).toEqual([[1], 1]);
  });

  it('never throws, whatever it holds', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.json().map((json) => `{"calls":[${json}]}`)), (text) => void parseSavedFile(text)));
  });

  it('knows no names of JavaScript', () => {
    const { variables, calls } = parseSavedFile('{ "variables": { "__proto__": "x", "constructor": "y" }, "calls": [{ "server": "__proto__", "tool": "constructor" }] }');
    expect(Object.keys(variables)).toEqual(['__proto__', 'constructor']);
    expect(calls).toHaveLength(1);
  });
});

describe('a change', () => {
  const call = { name: 'New', folder: 'a/b', target: { server: 's', kind: 'tool', name: 't' }, argumentsText: '{"n":98765432109876543210}' } as const;

  it('adds a call and leaves every other line as it was', () => {
    const after = withCall(TEAM_FILE, call);
    const before = TEAM_FILE.split('\n');
    expect(after.split('\n').filter((line) => before.includes(line)).length).toBeGreaterThanOrEqual(before.length - 2);
    expect(after).toContain('98765432109876543210');
    expect(after).toContain('// What we try before a release.');
    expect(parseSavedFile(after).calls.map(({ name }) => name)).toEqual(['List', 'file:///{{where}}', 'New']);
    expect(parseSavedFile(after).problems).toEqual([]);
  });

  it('replaces, removes, and sets variables', () => {
    const replaced = withCall(TEAM_FILE, call, 0);
    expect(parseSavedFile(replaced).calls[0]).toMatchObject({ name: 'New', folder: 'a/b', target: call.target });
    expect(parseSavedFile(withoutCall(TEAM_FILE, 0)).calls.map(({ name }) => name)).toEqual(['file:///{{where}}']);
    expect({ ...parseSavedFile(withVariable(TEAM_FILE, 'more', 'x')).variables }).toEqual({ repo: 'shark', more: 'x' });
    expect({ ...parseSavedFile(withVariable(TEAM_FILE, 'repo', undefined)).variables }).toEqual({});
  });

  it('gives back the very arguments that were saved, but for white space', () => {
    const compact = (text: string): string => JSON.stringify(JSON.parse(text));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
        const text = JSON.stringify(args);
        const saved = parseSavedFile(withCall(TEAM_FILE, { ...call, argumentsText: text })).calls.at(-1)!;
        expect(compact(saved.argumentsText)).toBe(compact(text));
      }),
    );
  });

  it('writes what the schema of the format allows', () => {
    const { allowComments: _c, allowTrailingCommas: _t, ...plain } = schema;
    const validate = new Ajv({ allowUnionTypes: true }).compile(plain);
    const written = withVariable(withCall('{"version":1,"calls":[]}', call), 'a', 'b');
    expect(validate(JSON.parse(written))).toBe(true);
    expect(validate({ version: 1, calls: [{ server: 's' }] })).toBe(false);
    expect(validate({ version: 2, calls: [] })).toBe(false);
  });
});

describe('variables', () => {
  it('stand in texts, or as JSON for a whole text', () => {
    const text = '{"a":"x {{one}} y","b":"{{ two : json }}","c":"{{three}}"}';
    expect(variablesIn(text)).toEqual(['one', 'two', 'three']);
    const values = new Map([['one', 'say "hi"\n'], ['two', '[1,12345678901234567890]']]);
    expect(fillJson(text, values)).toBe('{"a":"x say \\"hi\\"\\n y","b":[1,12345678901234567890],"c":"{{three}}"}');
    expect(() => fillJson(text, new Map([['two', 'not json']]))).toThrow(/must be JSON/);
    expect(fillText('file:///{{one}}', new Map([['one', 'a b']]))).toBe('file:///a b');
  });

  it('cannot break out of the text they stand in', () => {
    const filled = (value: string): unknown => JSON.parse(fillJson('{"a":"{{v}}"}', new Map([['v', value]])));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(filled(value)).toEqual({ a: value });
      }),
    );
  });
});

it('values that look like secrets are found, variables in their place are not', () => {
  const args = { password: 'hunter2hunter2', nested: [{ api_key: '{{key}}' }, { 'a/b~c': 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB' }], harmless: 'hello' };
  expect(secretPaths(JSON.stringify(args), redact)).toEqual(['/password', '/nested/1/a~1b~0c']);
});

describe('the collection', () => {
  let root: string;
  let saved: SavedCalls;
  const home = (): string => join(root, '.vscode', 'mcp-shark');
  const draft: SavedCallDraft = { name: 'Try', folder: '', target: { server: 's', kind: 'tool', name: 't' }, argumentsText: '{"a":1}', keepSecrets: false };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mcp-shark-saved-'));
    saved = new SavedCalls({ folders: () => [{ path: root, name: 'project' }], redact });
  });
  afterEach(() => {
    saved.dispose();
    rmSync(root, { recursive: true, force: true });
  });
  const write = (name: string, text: string): void => {
    mkdirSync(home(), { recursive: true });
    writeFileSync(join(home(), name), text);
  };

  it('is empty where there is no folder, and makes it with the first call', async () => {
    expect(await saved.files()).toEqual([]);
    const outcome = await saved.save(draft);
    expect(outcome.kind).toBe('saved');
    const [file] = await saved.files();
    expect(file).toMatchObject({ label: '.vscode/mcp-shark/calls.json', name: 'calls', problems: [] });
    expect(file?.calls[0]).toMatchObject({ id: outcome.kind === 'saved' ? outcome.id : '', name: 'Try', argumentsText: '{\n        "a": 1\n      }' });
    expect(readdirSync(home())).toEqual(['calls.json']);
  });

  it('tells of changes that others make, and ids of before mean nothing then', async () => {
    write('team.json', TEAM_FILE);
    const [before] = await saved.files();
    let told = 0;
    saved.onDidChange(() => told++);
    await saved.reload();
    expect(told).toBe(0);
    write('team.json', TEAM_FILE.replace('"List"', '"List all"'));
    await saved.reload();
    expect([told, (await saved.files())[0]?.calls[0]?.name]).toEqual([1, 'List all']);
    await expect(saved.find(before!.calls[0]!.id)).rejects.toThrow(/has changed/);
  });

  it('changes and deletes calls in place', async () => {
    write('team.json', TEAM_FILE);
    const id = (await saved.files())[0]!.calls[0]!.id;
    const outcome = await saved.save({ ...draft, id, name: 'Renamed' });
    expect(outcome.kind).toBe('saved');
    expect((await saved.files())[0]?.calls.map(({ name }) => name)).toEqual(['Renamed', 'file:///{{where}}']);
    await saved.delete((await saved.files())[0]!.calls[1]!.id);
    expect((await saved.files())[0]?.calls.map(({ name }) => name)).toEqual(['Renamed']);
    expect(readFileSync(join(home(), 'team.json'), 'utf8')).toContain('"owner": "nobody knows this key"');
  });

  it('does not write over what somebody has just changed', async () => {
    write('team.json', TEAM_FILE);
    const [file] = await saved.files();
    write('team.json', TEAM_FILE.replace('shark', 'whale'));
    expect(await saved.save({ ...draft, file: file!.path })).toMatchObject({ kind: 'problem', message: expect.stringContaining('has changed') });
    expect(readFileSync(join(home(), 'team.json'), 'utf8')).toContain('whale');
  });

  it('warns of secrets before it writes them', async () => {
    const withSecret = { ...draft, argumentsText: '{"token":"abcdef123456"}' };
    expect(await saved.save(withSecret)).toEqual({ kind: 'secrets', paths: ['/token'] });
    expect(await saved.files()).toEqual([]);
    expect((await saved.save({ ...withSecret, keepSecrets: true })).kind).toBe('saved');
    const [file] = await saved.files();
    expect(await saved.setVariable(file!.path, 'password', 'abc123def')).toMatchObject({ kind: 'secrets' });
    expect((await saved.setVariable(file!.path, 'repo', 'x')).kind).toBe('saved');
  });

  it.each<[string, (name: string) => string]>([
    ['outside of the folder', () => '/etc/passwd.json'],
    ['up and away', () => join(home(), '..', 'settings.json')],
    ['no JSON file', () => join(home(), 'x.txt')],
  ])('does not write %s', async (_what, file) => {
    expect(await saved.save({ ...draft, file: file('x') })).toMatchObject({ kind: 'problem' });
  });

  it('neither reads nor writes through links', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'mcp-shark-outside-'));
    try {
      writeFileSync(join(outside, 'target.json'), TEAM_FILE);
      mkdirSync(home(), { recursive: true });
      symlinkSync(join(outside, 'target.json'), join(home(), 'link.json'));
      const [file] = await saved.files();
      expect(file).toMatchObject({ calls: [], problems: [{ message: expect.stringContaining('link') }] });
      expect(await saved.save({ ...draft, file: file!.path })).toMatchObject({ kind: 'problem' });
      rmSync(home(), { recursive: true });
      symlinkSync(outside, home());
      expect(await saved.save(draft)).toMatchObject({ kind: 'problem', message: expect.stringContaining('link') });
      expect(readFileSync(join(outside, 'target.json'), 'utf8')).toBe(TEAM_FILE);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('leaves a broken file alone', async () => {
    write('calls.json', '{ "calls": [');
    expect(await saved.save(draft)).toMatchObject({ kind: 'problem', message: expect.stringContaining('correct it first') });
    expect(readFileSync(join(home(), 'calls.json'), 'utf8')).toBe('{ "calls": [');
  });

  it('says of a file that is too large that it is not read', async () => {
    write('big.json', `{ "calls": [], "x": "${'x'.repeat(1024 * 1024)}" }`);
    expect((await saved.files())[0]?.problems[0]?.message).toMatch(/larger than 1 MB/);
  });
});
