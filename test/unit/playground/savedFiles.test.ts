// Files of saved calls that the person chooses: in every folder of the workspace, by names of their own; and tools run as tasks.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import schema from '../../../schemas/mcp-shark-calls.schema.json';
import type { SavedCallDraft } from '../../../src/extension/contract/playgroundSaved';
import type { RunRequest } from '../../../src/extension/contract/playgroundRuns';
import { EMPTY_FILE, parseSavedFile, withCall } from '../../../src/extension/playground/savedFile';
import { SavedCalls } from '../../../src/extension/playground/savedCalls';
import { runSaved } from '../../../src/extension/services/savedRuns';

let root: string;
let saved: SavedCalls;
const folder = (name: string): string => join(root, name);
const draft: SavedCallDraft = { name: 'Try', folder: '', target: { server: 's', kind: 'tool', name: 't' }, argumentsText: '', keepSecrets: false };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcp-shark-saved-files-'));
  const folders = ['a', 'b'].map((name) => ({ path: folder(name), name }));
  for (const { path } of folders) mkdirSync(path);
  saved = new SavedCalls({ folders: () => folders, redact: (text) => text });
});
afterEach(() => {
  saved.dispose();
  rmSync(root, { recursive: true, force: true });
});
const labels = async (): Promise<string[]> => (await saved.files()).map(({ label, calls }) => `${label}: ${calls.map(({ name }) => name).join(', ')}`);

describe('a new file', () => {
  it('is made in the folder and by the name that were chosen, and added to where it is there', async () => {
    expect(saved.folders.map(({ name }) => name)).toEqual(['a', 'b']);
    for (const [name, newFile] of [['one', { folder: folder('b'), name: ' smoke tests ' }], ['two', { folder: folder('a'), name: 'calls' }], ['three', { folder: folder('b'), name: 'smoke tests' }]] as const) {
      expect(await saved.save({ ...draft, name, newFile })).toMatchObject({ kind: 'saved' });
    }
    expect(await labels()).toEqual(['a/.vscode/mcp-shark/calls.json: two', 'b/.vscode/mcp-shark/smoke tests.json: one, three']);
  });

  it.each(['', '..', '.hidden', 'a/b', 'a\\b', 'ends.', 'c:', 'x'.repeat(81), 'a\nb'])('is not named %j', async (name) => {
    expect(await saved.save({ ...draft, newFile: { folder: folder('a'), name } })).toMatchObject({ kind: 'problem', message: expect.stringContaining('Name the file') });
    expect(await labels()).toEqual([]);
  });

  it('is not made outside of the workspace', async () => {
    await expect(saved.save({ ...draft, newFile: { folder: root, name: 'calls' } })).rejects.toMatchObject({ userFacing: true });
    expect(await labels()).toEqual([]);
  });
});

it('a call keeps its place under another name', async () => {
  await saved.save({ ...draft, name: 'one' });
  await saved.save({ ...draft, name: 'two' });
  const [file] = await saved.files();
  await saved.save({ ...draft, id: file!.calls[0]!.id, name: 'first', folder: 'daily' });
  expect((await saved.files())[0]!.calls.map(({ name, folder: of }) => `${of}/${name}`)).toEqual(['daily/first', '/two']);
});

describe('a tool that runs as a task', () => {
  it('is written so, as the schema allows, and run so', async () => {
    const outcome = await saved.save({ ...draft, asTask: true });
    const text = readFileSync(join(folder('a'), '.vscode', 'mcp-shark', 'calls.json'), 'utf8');
    const { allowComments: _c, allowTrailingCommas: _t, ...plain } = schema;
    expect(new Ajv({ allowUnionTypes: true }).compile(plain)(JSON.parse(text))).toBe(true);
    expect(parseSavedFile(text)).toMatchObject({ problems: [], calls: [{ asTask: true }] });
    const started: RunRequest[] = [];
    const playground = { open: () => undefined, start: async (request: RunRequest) => (started.push(request), { kind: 'declined' as const }) };
    await runSaved({ playground, saved, person: { variable: async () => undefined } }, outcome.kind === 'saved' ? outcome.id : '');
    expect(started).toMatchObject([{ asTask: true }]);
  });

  it('is not where nothing says so, and what is no answer is a problem', () => {
    expect(parseSavedFile(withCall(EMPTY_FILE, { ...draft, asTask: false })).calls[0]).not.toHaveProperty('asTask');
    expect(parseSavedFile('{ "calls": [{ "server": "s", "tool": "t", "asTask": "yes" }] }')).toMatchObject({ problems: [{ message: expect.stringContaining('calls[0].asTask must be true or false') }] });
  });
});
