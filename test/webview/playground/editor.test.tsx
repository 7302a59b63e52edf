/** Arguments while the world around them moves on: lists are read again, schemas are of no use, values are left open, resources are in no list. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ArgumentCheck } from '../../../src/extension/contract/playgroundRuns';
import type { ArgumentEditor } from '../../../src/webview/playground/model/argumentEditor';
import { parseViewState } from '../../../src/webview/playground/model/viewState';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import { scenes } from '../../support/webview/playground/scenes';
import type { StubItem } from '../../support/webview/playground/stubPlayground';

let view: OpenPlayground;
afterEach(() => view.close());

const editor = (): ArgumentEditor => {
  const state = view.model.editor.value;
  if (state.kind !== 'ready') throw new Error(`The editor is ${state.kind}.`);
  return state.editor;
};
const field = (pointer: string): HTMLElement => view.root.querySelector<HTMLElement>(`[data-pointer="${pointer}"]`)!;
/** The server's catalogue has news: it was read again, something was run, or something was approved. */
const bump = (): Promise<void> => view.host(() => view.stub.change({ servers: view.stub.state.servers.map((server) => ({ ...server, revision: server.revision + 1 })) }));

describe('when the catalogue has news', () => {
  it('what is being written stays: broken JSON in a field, what is opened, chosen, edited as JSON, and how it is run', async () => {
    view = await openPlayground(scenes['form']!);
    await view.type('[data-pointer="/extra"] textarea', '{"a":');
    await view.host(() => {
      editor().asTask.value = true;
      editor().draft.toggle('/range', false);
      editor().draft.editAsJson('/labels', true);
      editor().draft.choose(['recipient'], '/recipient', 1);
    });
    const { draft } = editor();
    const chosen = new Map(draft.chosen.value);
    await bump();
    expect(field('/extra').querySelector('textarea')?.value).toBe('{"a":');
    expect(view.root.querySelector<HTMLButtonElement>('.run-line button')?.disabled).toBe(true);
    expect(editor().asTask.value).toBe(true);
    expect(editor().draft.toggled.value.get('/range')).toBe(false);
    expect([...editor().draft.asJson.value]).toEqual(['/labels']);
    expect(editor().draft.chosen.value).toEqual(chosen);
  });

  it('the facts about it follow, and another schema makes another form with the same arguments', async () => {
    const one: { item: StubItem } = { item: { item: { kind: 'tool', name: 'a' }, definition: { inputSchema: '{"type":"object","properties":{"old":{"type":"string"}}}' } } };
    view = await openPlayground({ servers: [{ server: { name: 's' }, get items() { return [one.item]; } }], view: { selection: { kind: 'target', target: { server: 's', kind: 'tool', name: 'a' } } } });
    await view.type('[data-pointer="/old"] textarea', 'kept');
    const before = editor();
    one.item = { item: { ...one.item.item, lastUsedMs: Date.now() - 61_000, change: 'changed' }, definition: { ...one.item.definition, description: 'Says something else.' } };
    await bump();
    expect(editor()).toBe(before);
    for (const words of ['used 1 min ago', 'Changed', 'Says something else.']) expect(view.text()).toContain(words);
    one.item = { ...one.item, definition: { inputSchema: '{"type":"object","properties":{"new":{"type":"string"}}}' } };
    await bump();
    expect(field('/new')).toBeTruthy();
    expect(editor().draft.text.value).toContain('"old": "kept"');
  });

  it('the method of a raw request stays', async () => {
    view = await openPlayground({ servers: [{ server: { name: 's' }, items: [] }], view: { selection: { kind: 'target', target: { server: 's', kind: 'request', name: '' } } } });
    await view.type('.raw-method input', 'tools/list');
    await bump();
    expect(view.root.querySelector<HTMLInputElement>('.raw-method input')?.value).toBe('tools/list');
  });
});

describe('a schema that is of no use', () => {
  const open = async (inputSchema: string, check: ArgumentCheck): Promise<void> => {
    view = await openPlayground({ servers: [{ server: { name: 's' }, items: [{ item: { kind: 'tool', name: 'a' }, definition: { inputSchema } }] }] });
    view.stub.nextCheck = check;
    await view.click('a');
    await view.wait(200);
  };
  const unusable: ArgumentCheck = { kind: 'unusable', message: 'data/type must be one of those that exist.' };

  it.each([
    ['that is no object', '[1,2,3]', 'There is no form for this: its schema is no object. Write the arguments as JSON.'],
    ['that is no JSON', '{"type"', 'There is no form for this: its schema is no JSON. Write the arguments as JSON.'],
    ['that is refused', '{"type":"object","properties":{"a":{"type":"nonsense"}}}', 'Not checked: the tool’s schema is not usable. data/type must be one of those that exist.'],
    ['with required that is no list', '{"type":"object","required":"a"}', 'Not checked: the tool’s schema is not usable.'],
  ])('%s leaves JSON and says why, with nothing pressed', async (_what, schema, note) => {
    await open(schema, unusable);
    expect(view.root.querySelector('.no-form')?.textContent).toContain(note);
    expect(view.root.querySelector('.json-editor-input')).toBeTruthy();
    expect(view.root.querySelector('.schema-form')).toBeNull();
    expect([...view.root.querySelectorAll('.middle [role=radio]')]).toEqual([]);
    // Broken JSON is not checked: that alone brings no form.
    await view.type('.json-editor-input', '{"a":');
    await view.wait(200);
    expect(view.root.querySelector('.json-editor-input')).toBeTruthy();
    await view.type('.json-editor-input', '{"a": 7}');
    await view.click('Run');
    expect(view.stub.actions.at(-1)).toBe('start tool a {"a": 7}');
  });

  it('does not come of a check that took too long: the form stays', async () => {
    await open('{"type":"object","properties":{"a":{"type":"string"}}}', { kind: 'ok' });
    view.stub.nextCheck = { kind: 'unusable', message: 'It took too long.' };
    await view.type('[data-pointer="/a"] textarea', 'x');
    await view.wait(200);
    expect(field('/a')).toBeTruthy();
    expect(view.root.querySelector('.run-note')?.textContent).toContain('It took too long.');
  });
});

describe('what was loaded from a saved call', () => {
  const requests = (): unknown[] => {
    const asked: unknown[] = [];
    const { start } = view.stub;
    view.stub.start = (request) => (asked.push(request), start.call(view.stub, request));
    return asked;
  };
  const load = async (): Promise<void> => {
    view = await openPlayground(scenes['saved']!);
    await view.host(() => view.root.querySelector<HTMLElement>('.side-item-main')!.click());
    await view.wait(400);
  };
  const saved = { file: '/home/ada/project/.vscode/mcp-shark/calls.json', folder: 'Reports', name: 'Quarterly report' };

  it('is run as that call, also after the view was hidden', async () => {
    await load();
    expect(view.text()).toContain('Variables in {{ }} are filled in when it is run');
    let asked = requests();
    await view.press('Enter', view.root, { ctrlKey: true });
    expect(asked).toMatchObject([{ argumentsText: '{"title":"{{quarter}}"}', saved }]);
    await view.wait(1_000);
    const left = JSON.parse(JSON.stringify(view.saved())) as object;
    view.close();
    view = await openPlayground({ ...scenes['saved']!, view: left });
    asked = requests();
    await view.press('Enter', view.root, { ctrlKey: true });
    expect(asked).toMatchObject([{ saved }]);
  });

  it('is that call no more once its arguments come from elsewhere or are reset; what was typed never is', async () => {
    await load();
    const asked = requests();
    await view.host(() => view.model.open({ server: 'everything', kind: 'tool', name: 'create_report' }, '{"title":"{{quarter}}"}'));
    await view.press('Enter', view.root, { ctrlKey: true });
    view.close();
    await load();
    const again = requests();
    await view.host(() => [...view.root.querySelectorAll<HTMLButtonElement>('.pane-head button')].at(-1)!.click());
    await view.click('Reset arguments');
    await view.host(() => editor().draft.setText('{"title":"{{typed}}","format":"pdf","range":1}'));
    await view.press('Enter', view.root, { ctrlKey: true });
    for (const request of [...asked, ...again]) expect(request).not.toHaveProperty('saved');
    expect([asked.length, again.length]).toEqual([1, 1]);
  });

  it('has nothing wrong with a value that a variable leaves open, and what else is wrong is said', async () => {
    await load();
    view.stub.nextCheck = { kind: 'problems', problems: [{ path: '/title', message: 'must be integer' }, { path: '/other', message: 'This is required.' }] };
    await view.host(() => editor().draft.setText('{"title":"{{quarter}}", "a": 1}'));
    await view.wait(200);
    expect(view.text()).toContain('1 argument does not fit the schema');
    expect(view.text()).not.toContain('must be integer');
    view.stub.nextCheck = undefined;
  });
});

it('a draft whose saved call is none is a draft of its own', () => {
  const saved = { file: '/f.json', folder: '', name: 'n' };
  const drafts = [['a', '{}', saved], ['b', '{}', { ...saved, file: 7 }], ['c', '{}', null], ['d', '{}', 'x'], ['e'], 7];
  expect(parseViewState({ drafts }).drafts).toEqual([['a', '{}', saved], ['b', '{}'], ['c', '{}'], ['d', '{}']]);
});

describe('a resource that is in no list', () => {
  it('is led to by a link, says that it is in none, and can be read and followed', async () => {
    view = await openPlayground({ ...scenes['result']!, results: { r1: { run: 'r1', kind: 'result', text: '{"content":[{"type":"resource_link","uri":"note://one","name":"The first note"}]}', truncated: false, logs: [] } } });
    await view.click('Read this resource');
    expect(view.text()).toContain('everything does not list this resource.');
    expect(view.text()).not.toContain('is not there');
    expect(view.text()).not.toContain('≈ 0 tokens');
    await view.click('Subscribe to changes');
    await view.click('Run');
    expect(view.stub.actions).toEqual(['subscribe everything note://one', 'start resource note://one {}']);
  });

  it('is not asked for in a server that is not there', async () => {
    view = await openPlayground({ ...scenes['ready']!, view: { selection: { kind: 'target', target: { server: 'slack', kind: 'resource', name: 'note://one' } }, page: 'arguments' } });
    expect(view.text()).toContain('note://one is not there');
    expect(view.text()).toContain('npx was not found on PATH');
  });
});
