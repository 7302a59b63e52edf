/** Saved calls in the view: in folders, saved again or as others, to files of their own, with all that is sent beside arguments. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SavedCall, SavedFile } from '../../../src/extension/contract/playgroundSaved';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import { scenes } from '../../support/webview/playground/scenes';
import type { Scene } from '../../support/webview/playground/stubPlayground';

let view: OpenPlayground;
afterEach(() => view.close());

const path = '/home/ada/project/.vscode/mcp-shark/calls.json';
const call = (id: string, folder: string, part: Partial<SavedCall> = {}): SavedCall => ({ id, file: path, name: `Call ${id}`, folder, target: { server: 'everything', kind: 'tool', name: 'echo' }, argumentsText: `{"message":"${id}"}`, variables: [], line: 1, ...part });
const fileOf = (...calls: SavedCall[]): SavedFile => ({ path, label: '.vscode/mcp-shark/calls.json', name: 'calls', variables: {}, calls, problems: [] });
const scene = (saved: readonly SavedFile[], part: Partial<Scene> = {}): Scene => ({ ...scenes['ready']!, saved, view: { side: 'saved' }, ...part });
const lines = (): (string | undefined)[] => [...view.root.querySelectorAll('.side-folder, .side-item-name')].map(({ textContent }) => textContent?.trim());
const input = (label: string): HTMLInputElement => [...view.root.querySelectorAll('.save-form label')].find((one) => one.firstChild?.textContent === label)!.querySelector('input')!;
const write = async (label: string, text: string): Promise<void> =>
  view.host(() => {
    input(label).value = text;
    input(label).dispatchEvent(new Event('input', { bubbles: true }));
  });
const load = (name: string): Promise<void> => view.pressOn([...view.root.querySelectorAll<HTMLElement>('.side-item-main')].find(({ textContent }) => textContent?.includes(name)), name).then(() => view.wait(400));

describe('folders', () => {
  it('stand once each, whatever the order in the file, and fold', async () => {
    view = await openPlayground(scene([fileOf(call('a', 'daily'), call('b', ''), call('c', 'daily'), call('d', 'weekly'))]));
    expect(lines()).toEqual(['daily', 'Call a', 'Call c', 'weekly', 'Call d', 'Call b']);
    await view.click('daily');
    expect(lines()).toEqual(['daily', 'weekly', 'Call d', 'Call b']);
    expect(view.root.querySelector('.side-folder-name')?.getAttribute('aria-expanded')).toBe('false');
  });
});

describe('a call that was loaded', () => {
  it('is saved again in its place, also by another name', async () => {
    view = await openPlayground(scene([fileOf(call('a', 'daily'), call('b', ''))]));
    await load('Call a');
    await view.click('Save call…');
    expect([input('Name').value, input('Folder (optional)').value]).toEqual(['Call a', 'daily']);
    await write('Name', 'Renamed');
    await view.click('Save');
    expect(view.stub.drafts).toMatchObject([{ id: 'a', file: path, name: 'Renamed', folder: 'daily' }]);
  });

  it('is saved as another one by another name', async () => {
    view = await openPlayground(scene([fileOf(call('a', 'daily'))]));
    await load('Call a');
    await view.click('Save call…');
    const another = (): HTMLButtonElement => [...view.root.querySelectorAll('button')].find(({ textContent }) => textContent === 'Save as new')!;
    expect(another().disabled).toBe(true);
    await write('Name', 'Another');
    await view.click('Save as new');
    expect(view.stub.drafts).toMatchObject([{ file: path, name: 'Another' }]);
    expect(view.stub.drafts[0]).not.toHaveProperty('id');
  });

  it('that runs as a task is run and saved as one', async () => {
    view = await openPlayground(scene([fileOf(call('t', '', { target: { server: 'everything', kind: 'tool', name: 'create_report' }, argumentsText: '{"title":"a","format":"md","range":{"from":1}}', asTask: true }), call('a', ''))]));
    await load('Call t');
    expect(view.root.querySelector<HTMLInputElement>('.run-buttons input[type=checkbox]')?.checked).toBe(true);
    await load('Call a');
    await view.click('Catalogue');
    await view.click('create_report');
    await view.click('Save call…');
    await view.click('Save');
    await view.click('Run');
    expect(view.stub.drafts).toMatchObject([{ id: 't', asTask: true }]);
    expect(view.stub.actions.findLast((action) => action.startsWith('start'))).toMatch(/ as task$/);
  });
});

describe('a file', () => {
  const folders = [{ path: '/home/ada/project', name: 'project' }, { path: '/home/ada/other', name: 'other' }];
  const choose = (value: string): Promise<void> => view.type('.save-form select', value);

  it('of its own can be made in every folder of the workspace, also where another has one', async () => {
    view = await openPlayground(scene([fileOf(call('a', ''))], { folders }));
    await view.click('Catalogue');
    await view.click('echo');
    await view.click('Save call…');
    expect([...view.root.querySelectorAll('.save-form option')].map(({ textContent }) => textContent)).toEqual(['.vscode/mcp-shark/calls.json', 'New file in project…', 'New file in other…']);
    await write('Name', 'Mine');
    await choose('new /home/ada/other');
    expect(input('Name of the file').value).toBe('calls');
    await view.click('Save');
    await view.click('Save call…');
    await write('Name', 'Mine too');
    await choose('new /home/ada/project');
    expect(input('Name of the file').value).toBe('');
    await write('Name of the file', 'smoke');
    await view.click('Save');
    expect(view.stub.drafts.map(({ newFile, file }) => [newFile, file])).toEqual([
      [{ folder: '/home/ada/other', name: 'calls' }, undefined],
      [{ folder: '/home/ada/project', name: 'smoke' }, undefined],
    ]);
  });

  it('is calls.json where there is none yet', async () => {
    view = await openPlayground(scene([]));
    await view.click('Catalogue');
    await view.click('echo');
    await view.click('Save call…');
    await write('Name', 'First');
    await view.click('Save');
    expect(view.stub.drafts).toMatchObject([{ newFile: { folder: '/home/ada/project', name: 'calls' } }]);
  });
});

describe('the method of raw JSON-RPC', () => {
  const [everything] = scenes['ready']!.servers;
  const small: Scene = { ...scenes['ready']!, servers: [{ ...everything!, items: everything!.items.filter(({ item }) => item.name === 'echo') }] };
  const method = (): string | undefined => view.root.querySelector<HTMLInputElement>('.middle input[type=text]')?.value;
  const raw = (): Promise<void> => view.pressOn(view.root.querySelector<HTMLElement>('.catalog-row.raw') ?? undefined, 'JSON-RPC…').then(() => view.wait(400));

  it('stays when something else is looked at, and while the view is hidden', async () => {
    view = await openPlayground(small);
    await raw();
    await view.type('.middle input[type=text]', 'tools/list');
    await view.host(() => view.root.querySelector<HTMLInputElement>('.middle input[type=checkbox]')!.click());
    await view.click('echo');
    await raw();
    expect(method()).toBe('tools/list');
    const saved = JSON.parse(JSON.stringify((await view.wait(400), view.saved()))) as object;
    view.close();
    view = await openPlayground({ ...small, view: saved });
    expect(method()).toBe('tools/list');
    expect(view.root.querySelector<HTMLInputElement>('.middle input[type=checkbox]')?.checked).toBe(true);
  });

  it('is that of a run that is loaded, over what was typed', async () => {
    view = await openPlayground({ ...small, history: [{ id: 'h', target: { server: 'everything', kind: 'request', name: 'ping' }, argumentsText: '', isRedacted: false, status: 'ok', startedMs: 1, elapsedMs: 1 }] });
    await raw();
    await view.type('.middle input[type=text]', 'tools/list');
    await view.click('echo');
    await view.click('History');
    await load('ping');
    expect(method()).toBe('ping');
  });
});
