/** The whole view against a whole host: each state says its words, and a call can be written, sent, read and compared. */
import { afterEach, describe, expect, it } from 'vitest';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import { scenes } from '../../support/webview/playground/scenes';
import { runOf, type Scene } from '../../support/webview/playground/stubPlayground';

let view: OpenPlayground;
afterEach(() => view.close());
const open = async (scene: string | Scene, width?: number): Promise<void> => {
  view = await openPlayground(typeof scene === 'string' ? scenes[scene]! : scene, width);
};
const field = (pointer: string): HTMLElement => view.root.querySelector<HTMLElement>(`[data-pointer="${pointer}"]`)!;

describe('each state says what is so and what to do', () => {
  it.each<[string, string, string, string]>([
    ['nothingConfigured', 'No servers yet', 'Add a server…', 'step addServer'],
    ['routingOff', 'Routing is off', 'Turn routing on', 'step turnRoutingOn'],
    ['untrusted', 'This workspace is not trusted', 'Manage Workspace Trust', 'step manageTrust'],
    ['gatewayFailed', 'Port 41113 is taken', 'Show log', 'step showLog'],
    ['serverFailed', 'npx was not found on PATH', 'Try again', 'step retry slack'],
  ])('%s: "%s", "%s"', async (scene, words, button, action) => {
    await open(scene);
    expect(view.text()).toContain(words);
    await view.click(button);
    expect(view.stub.actions).toContain(action);
  });

  it('a host that is gone: says so after ten seconds, and Retry asks again', async () => {
    await open('gone');
    expect(view.text()).toContain('Loading…');
    await view.wait(10_000);
    expect(view.text()).toContain('did not answer within 10 s');
  });

  it('a failed server shows its last lines', async () => {
    await open('serverFailed');
    expect(view.text()).toContain('npm error code ENOENT');
  });

  it('an empty catalogue, one that waits for approval and one that connects say so in the tree', async () => {
    await open({ servers: [{ server: { name: 'empty' }, items: [] }, { server: { name: 'jira', connection: { kind: 'unavailable', message: 'Waiting for your approval', steps: ['review'] } }, items: [] }, { server: { name: 'sentry', connection: { kind: 'connecting' } }, items: [] }] });
    for (const words of ['The server lists nothing.', 'Waiting for your approval', 'Connecting…']) expect(view.text()).toContain(words);
  });

  it('a schema that is none: says so, and the arguments are JSON', async () => {
    await open('invalidSchema');
    expect(view.text()).toContain('There is no form for this: its schema is no object');
    expect(view.root.querySelector('.json-editor-input')).toBeTruthy();
  });

  it('hostile names, titles and descriptions are text', async () => {
    await open('hostile');
    expect(view.root.querySelector('script, img, b')).toBeNull();
    expect([...view.text()].filter((character) => character === '\u202e' || character === '\u001b')).toEqual([]);
  });

  it('a schema of ten thousand members shows some, and finds the others', async () => {
    await open('hostile');
    expect(view.root.querySelectorAll('.field').length).toBeLessThan(100);
    await view.type('.member-find', 'p9876');
    expect(field('/p9876')).toBeTruthy();
  });
});

describe('the catalogue', () => {
  it('groups by server and kind, and opens what is chosen', async () => {
    await open('ready');
    for (const words of ['everything', 'Tools', 'Prompts', 'Resources']) expect(view.text()).toContain(words);
    await view.click('echo');
    expect(view.root.querySelector('.pane-title')?.textContent).toBe('echo');
    expect(field('/message')).toBeTruthy();
  });

  it('finds by search, and says so where nothing matches', async () => {
    await open('ready');
    await view.type('.catalog-search input', 'directory_tree');
    expect([...view.root.querySelectorAll('.catalog-row.item')].map((row) => row.textContent)).toEqual(['directory_tree']);
    await view.host(() => view.stub.change({ servers: view.stub.state.servers.filter(({ connection }) => connection.kind !== 'connecting') }));
    await view.type('.catalog-search input', 'nowhere');
    expect(view.text()).toContain('Nothing matches');
    await view.click('Clear search');
    await view.wait(400);
    expect(view.root.querySelectorAll('.catalog-row.item').length).toBeGreaterThan(10);
  });

  it('works by keys: down, close, open, choose', async () => {
    await open('ready');
    const tree = view.root.querySelector('[role=tree]')!;
    const active = (): string | undefined => view.root.querySelector('.catalog-row.active')?.textContent ?? undefined;
    await view.press('ArrowDown', tree);
    expect(active()).toContain('Tools');
    await view.press('ArrowLeft', tree);
    expect(view.root.querySelector('[aria-level="3"]')?.textContent).not.toContain('echo');
    await view.press('ArrowRight', tree);
    await view.press('ArrowRight', tree);
    expect(active()).toContain('create_report');
    await view.press('e', tree);
    expect(active()).toContain('echo');
    await view.press('Enter', tree);
    expect(view.root.querySelector('.pane-title')?.textContent).toBe('echo');
    await view.press('ArrowLeft', tree);
    expect(active()).toContain('Tools');
  });

  describe('starts only what is looked at', () => {
    const idle = (name: string, isEnded = false) => ({ server: { name, connection: { kind: 'idle' as const, ...(isEnded ? { isEnded: true as const } : {}) } }, items: [] });

    it('a branch that is opened, what is searched, what is chosen', async () => {
      await open({ servers: [idle('a'), idle('b'), idle('c')] });
      expect(view.stub.looked).toEqual([]);
      expect(view.text()).toContain('Not connected');
      await view.host(() => view.root.querySelectorAll<HTMLElement>('.catalog-row.server')[1]!.click());
      expect(view.stub.looked).toEqual(['b']);
      await view.type('.catalog-search input', 'echo');
      expect(view.stub.looked).toEqual(['a', 'b', 'c']);
      await view.type('.catalog-search input', '');
      expect(view.stub.looked).toEqual(['b']);
      await view.host(() => view.stub.change({ opening: { number: 1, target: { server: 'c', kind: 'tool', name: 'x' } } }));
      expect(view.stub.looked).toEqual(['b', 'c']);
      expect(view.text()).toContain('Loading the definition…');
      expect(view.saved().openBranches).toEqual(['["b"]']);
    });

    it('the only server there is', async () => {
      await open({ servers: [idle('a')] });
      expect(view.stub.looked).toEqual(['a']);
    });

    it('one whose connection the user has ended stays so until it is opened', async () => {
      await open('ready');
      await view.host(() => view.model.select({ kind: 'server', server: 'everything' }));
      await view.click('Disconnect');
      await view.host(() => view.stub.change({ servers: view.stub.state.servers.map((one) => (one.name === 'everything' ? { ...one, connection: { kind: 'idle', isEnded: true } } : one)) }));
      expect(view.stub.looked).not.toContain('everything');
      expect(view.root.querySelector('.catalog-row.server')?.getAttribute('aria-expanded')).toBe('false');
      await view.click('Connect');
      expect(view.stub.actions.filter((action) => action.endsWith('connect everything'))).toEqual(['disconnect everything', 'connect everything']);
      expect(view.stub.looked).toContain('everything');
    });
  });

  it('asks again when the catalogue changes', async () => {
    await open('ready');
    const [server, ...rest] = view.stub.state.servers;
    await view.host(() => view.stub.change({ servers: [{ ...server!, revision: 2, counts: { ...server!.counts, tool: 99 } }, ...rest] }));
    expect(view.root.querySelector('.catalog-count')?.textContent).toBe('99');
  });
});

describe('arguments', () => {
  it('form and JSON are in step, and nothing else changes', async () => {
    await open('form');
    await view.type('[data-pointer="/copies"] input', '3');
    await view.click('JSON');
    const text = view.root.querySelector<HTMLTextAreaElement>('.json-editor-input')!.value;
    expect(text).toContain('"account": 12345678901234567890123');
    expect(text).toContain('"amount": 12.50');
    expect(text).toContain('"unknown": [1, 2.0]');
    expect(text).toContain('"copies": 3');
    await view.type('.json-editor-input', text.replace('"Quarter"', '"Half-year"'));
    await view.click('Form');
    expect(field('/title').querySelector('textarea')?.value).toBe('Half-year');
  });

  it('what is missing is not held against a form nobody has touched, and said when it is sent', async () => {
    await open('formEmpty');
    expect(view.text()).not.toContain('This is required.');
    await view.click('Run');
    expect(view.text()).toContain('3 arguments do not fit the schema');
    expect(field('/title').textContent).toContain('This is required.');
    await view.click('Send anyway');
    expect(view.stub.actions.at(-1)).toBe('start tool create_report {} anyway');
  });

  it('JSON that breaks is marked with its place and cannot be sent', async () => {
    await open('jsonBroken');
    expect(view.text()).toContain('3:3A comma is expected here.');
    expect([...view.root.querySelectorAll<HTMLButtonElement>('.run-line button')][0]?.disabled).toBe(true);
    await view.press('Enter', view.root.querySelector('.json-editor-input')!, { ctrlKey: true });
    expect(view.stub.actions.filter((action) => action.startsWith('start'))).toEqual([]);
    await view.click('Form');
    expect(view.text()).toContain('The JSON breaks at line 3, column 3');
  });

  it('a field with broken JSON is marked and keeps everything from being sent', async () => {
    await open('form');
    await view.type('[data-pointer="/extra"] textarea', '{"a":');
    expect(field('/extra').textContent).toContain('1:6');
    expect(view.text()).toContain('nothing can be sent');
    await view.type('[data-pointer="/extra"] textarea', '{"a": 1}');
    expect(view.model.editor.value.kind === 'ready' && view.model.editor.value.editor.draft.text.value).toContain('"extra": {"a": 1}');
  });

  it('a number that is none is kept as typed, and becomes one', async () => {
    await open('form');
    const text = (): string => (view.model.editor.value.kind === 'ready' ? view.model.editor.value.editor.draft.text.value : '');
    await view.type('[data-pointer="/copies"] input', '-');
    expect(text()).toContain('"copies": "-"');
    await view.type('[data-pointer="/copies"] input', '-7');
    expect(text()).toContain('"copies": -7');
    await view.type('[data-pointer="/copies"] input', '');
    expect(text()).not.toContain('copies');
  });

  it('lists grow, shrink and change their order; variants change with their constant', async () => {
    await open('form');
    const text = (): string => (view.model.editor.value.kind === 'ready' ? view.model.editor.value.editor.draft.text.value : '');
    await view.click('Move item 2 up');
    expect(text()).toContain('"rows": [\n    { "name": "Grace" },\n    { "name": "Ada", "amount": 12.50 }\n  ]');
    await view.click('Remove item 1');
    expect(text()).toContain('"rows": [\n    { "name": "Ada", "amount": 12.50 }\n  ]');
    await view.type('[data-pointer="/recipient"] .variant', '0');
    expect(text()).toContain('"recipient": { "kind": "person", "channel": "#reports" }');
    field('/tags').querySelectorAll<HTMLInputElement>('input')[1]!.click();
    await view.settle();
    expect(text()).toContain('"tags": ["finance", "urgent", "weekly"]');
  });

  it('a text that is emptied is no longer set; its menu sets an empty one', async () => {
    await open('form');
    const text = (): string => (view.model.editor.value.kind === 'ready' ? view.model.editor.value.editor.draft.text.value : '');
    await view.type('[data-pointer="/body"] textarea', 'x\ny');
    expect(text()).toContain('"body": "x\\ny"');
    await view.type('[data-pointer="/body"] textarea', '');
    expect(text()).not.toContain('body');
    await view.click('More for body');
    await view.click('Set to an empty text');
    expect(text()).toContain('"body": ""');
  });

  it('drafts survive choosing something else, and are saved', async () => {
    await open('ready');
    await view.click('echo');
    await view.type('[data-pointer="/message"] textarea', 'kept');
    await view.click('get-sum');
    await view.click('echo');
    expect(field('/message').querySelector('textarea')?.value).toBe('kept');
    await view.wait(1_000);
    expect(view.saved().drafts.map(([, text]) => text)).toContain('{\n  "message": "kept"\n}');
    expect(view.saved().selection).toEqual({ kind: 'target', target: { server: 'everything', kind: 'tool', name: 'echo' } });
  });

  it('prompts are completed while typing; Enter takes the value', async () => {
    await open('prompt');
    const input = field('/name').querySelector('textarea')!;
    input.dispatchEvent(new FocusEvent('focus'));
    await view.type('[data-pointer="/name"] textarea', 'a');
    await new Promise((resolve) => setTimeout(resolve, 250));
    await view.settle();
    expect([...view.root.querySelectorAll('[role=option]')].map((option) => option.textContent)).toEqual(['Ada', 'Alan']);
    await view.press('ArrowDown', input);
    await view.press('Enter', input);
    expect(input.value).toBe('Ada');
  });

  it('a template shows the URI it gives, or what is missing', async () => {
    await open('template');
    expect(view.text()).toContain('demo://resource/dynamic/text/a%20b%2F7');
    await view.type('[data-pointer="/resourceId"] textarea', '');
    expect(view.text()).toContain('resourceId');
  });

  it('a tool without arguments says so', async () => {
    await open('ready');
    await view.click('simple-prompt');
    expect(view.text()).toContain('No arguments.');
  });

  it('raw JSON-RPC needs a method, and can be a notification', async () => {
    await open({ servers: [{ server: { name: 'empty' }, items: [] }] });
    await view.click('JSON-RPC…');
    expect([...view.root.querySelectorAll<HTMLButtonElement>('.run-line button')][0]?.disabled).toBe(true);
    await view.type('.raw-method input', 'ping');
    await view.click('Send');
    expect(view.stub.actions.at(-1)).toBe('start request ping {}');
  });

  it('resources are subscribed to, and say how often they changed', async () => {
    await open('resource');
    expect(view.text()).toContain('3 changes, last 1 min ago');
    await view.click('Subscribed. Stop');
    expect(view.stub.actions).toContain('unsubscribe everything demo://resource/static/document/features.md');
    await view.click('Subscribe to changes');
    expect(view.text()).toContain('No change yet');
  });
});

describe('runs', () => {
  it('Ctrl+Enter runs; the last result stays until the next one is there', async () => {
    await open('result');
    expect(view.text()).toContain('Three rows');
    await view.click('echo');
    await view.type('[data-pointer="/message"] textarea', 'hi');
    expect(view.text()).toContain('Three rows');
    await view.press('Enter', field('/message').querySelector('textarea')!, { ctrlKey: true });
    expect(view.stub.actions.at(-1)).toBe('start tool echo {\n  "message": "hi"\n}');
    expect(view.text()).toContain('Waiting for the answer…');
    await view.host(() => view.stub.settle('started-1', '{"content":[{"type":"text","text":"Echo: hi"}]}'));
    expect(view.text()).toContain('Echo: hi');
    expect(view.root.querySelectorAll('[role=tab].run-tab-main').length).toBe(4);
  });

  it('progress is shown with its message and elapsed time, and Cancel ends it', async () => {
    await open('running');
    expect(view.root.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('60');
    expect(view.text()).toContain('60 % Copying part 3 of 5');
    await view.host(() => view.stub.changeRun('r1', { startedMs: view.clock.wallMs() - 4_200 }));
    await view.wait(1_000);
    expect(view.root.querySelector('.run-elapsed')?.textContent).toBe('5.2 s');
    await view.click('Cancel');
    expect(view.stub.actions).toContain('cancel r1');
    expect(view.text()).toContain('You cancelled it.');
  });

  it('a server that died shows its last lines', async () => {
    await open('died');
    for (const words of ['Connection lost', 'ended in mid-call', 'ENOSPC']) expect(view.text()).toContain(words);
  });

  it('an error shows code, message and data', async () => {
    await open('error');
    for (const words of ['Error -32602', 'range.from is missing', 'field']) expect(view.text()).toContain(words);
  });

  it('what does not fit the output schema is said; the log has its lines', async () => {
    await open('result');
    expect(view.text()).toContain('1 place does not fit the output schema');
    await view.click('Log (3)');
    expect(view.text()).toContain('Cache is 92 % full');
    await view.click('Raw');
    expect(view.text()).toContain('"structuredContent":{"rows":3');
  });

  it('two results stand beside each other and are compared', async () => {
    await open('beside');
    expect(view.text()).toContain('Three rows');
    expect(view.text()).toContain('Four rows');
    await view.click('Compare both in the diff editor');
    expect(view.stub.actions).toContain('compare r2 with r1');
    await view.click('Show one result');
    expect(view.text()).not.toContain('Four rows');
  });

  it('leads to the recorded call, the editor and the clipboard', async () => {
    await open('result');
    for (const label of ['Show in Traffic', 'Open in editor', 'Copy result']) await view.click(label);
    expect(view.stub.actions.map((action) => action.split(' ')[0])).toEqual(['show', 'open', 'copy']);
  });

  it('tabs move by keys and close by Delete', async () => {
    await open('result');
    const tabs = view.root.querySelector('.run-tabs')!;
    await view.press('ArrowRight', tabs);
    expect(view.root.querySelector('[role=tab][aria-selected=true].run-tab-main')?.textContent).toContain('echo');
    await view.press('Delete', tabs);
    expect(view.stub.actions).toContain('dismiss r2');
  });

  it('what is opened from elsewhere is shown once', async () => {
    await open('ready');
    const opening = { number: 1, target: { server: 'everything', kind: 'tool', name: 'echo' }, argumentsText: '{"message":"from a recorded call"}' } as const;
    await view.host(() => view.stub.change({ opening }));
    expect(field('/message').querySelector('textarea')?.value).toBe('from a recorded call');
    await view.click('get-sum');
    await view.host(() => view.stub.change({ opening, runs: [runOf('r1', 'echo')] }));
    expect(view.root.querySelector('.pane-title')?.textContent).toBe('get-sum');
    await view.wait(1_000);
    expect(view.saved().opened).toBe(1);
    await view.host(() => view.stub.change({ opening: { ...opening, number: 2 } }));
    expect(view.root.querySelector('.pane-title')?.textContent).toBe('echo');
  });

  it('a server that is opened from elsewhere is chosen, with its branch open and connected', async () => {
    const idle = (name: string) => ({ server: { name, connection: { kind: 'idle' as const, isEnded: true as const } }, items: [] });
    await open({ servers: [idle('a'), idle('b')], view: { side: 'history' } });
    await view.host(() => view.stub.change({ opening: { number: 1, server: 'b' } }));
    expect(view.root.querySelector('.catalog-row.selected')?.textContent).toContain('b');
    expect(view.root.querySelector('.server-head')?.textContent).toContain('b');
    expect(view.stub.looked).toEqual(['b']);
    expect(view.stub.actions).toContain('connect b');
    await view.wait(1_000);
    expect(view.saved()).toMatchObject({ side: 'catalog', openBranches: ['["b"]'], opened: 1 });
  });
});

describe('requests of servers', () => {
  it('sampling: the prompt is shown in full, answered by hand', async () => {
    await open('sampling');
    expect(view.text()).toContain('What is the capital of France?');
    expect(view.text()).toContain('You are a helpful test server.');
    await view.type('.request-answer textarea', 'Paris');
    await view.click('Send answer');
    expect(view.stub.actions.at(-1)).toBe('sampling q1 {"kind":"text","draft":{"text":"Paris","model":"human","stopReason":"endTurn"}}');
    expect(view.root.querySelector('.request-card')).toBeNull();
  });

  it('sampling: a model is asked only after what it would get was shown, and its answer can be changed', async () => {
    await open('sampling');
    await view.click('Ask a language model…');
    expect(view.text()).toContain('would get this, ≈ 14 tokens');
    await view.click('Ask');
    expect(view.root.querySelector<HTMLTextAreaElement>('.request-answer textarea')?.value).toBe('Paris.');
    expect(view.stub.actions.filter((action) => action.startsWith('sampling'))).toEqual([]);
  });

  it('sampling: declined', async () => {
    await open('sampling');
    await view.click('Decline');
    expect(view.stub.actions.at(-1)).toBe('sampling q1 {"kind":"decline"}');
  });

  it('elicitation: the form is filled in and accepted; Ctrl+Enter means the answer, not the call', async () => {
    await open('elicitation');
    await view.type('.request-form [data-pointer="/name"] textarea', 'Ada');
    await view.press('Enter', view.root.querySelector('.request-form textarea')!, { ctrlKey: true });
    expect(view.stub.actions).toEqual(['form q1 {"kind":"accept","contentText":"{\\n  \\"integer\\": 42,\\n  \\"name\\": \\"Ada\\"\\n}","sendAnyway":false}']);
  });

  it('elicitation: what does not fit is marked, and can be sent anyway', async () => {
    await open('elicitation');
    view.stub.nextCheck = { kind: 'problems', problems: [{ path: '/name', message: 'This is required.' }] };
    await view.click('Accept');
    expect(view.root.querySelector('.request-form [data-pointer="/name"]')?.textContent).toContain('This is required.');
    await view.click('Send anyway');
    expect(view.stub.actions.at(-1)).toContain('"sendAnyway":true');
  });

  it('a page: the whole address and its host are shown before anything is opened', async () => {
    await open('url');
    expect(view.text()).toContain('state=8f14e45fceea167a5a36dedd4bea2543');
    expect(view.text()).toContain('Leads to xn--pple-43d.example.com');
    await view.click('Open…');
    expect(view.stub.actions).toEqual(['url q1 open']);
    expect(view.text()).toContain('Opened in the browser');
  });
});

describe('saved calls, history, roots, log level', () => {
  it('saved calls run, load and are deleted after a question', async () => {
    await open('saved');
    await view.click('Run Quarterly report');
    expect(view.stub.actions).toContain('run saved s1');
    await view.click('More for this call');
    await view.click('Delete…');
    expect(view.stub.actions).not.toContain('delete s1');
    await view.click('Delete');
    expect(view.stub.actions).toContain('delete s1');
  });

  it('a value that looks like a secret is not saved unasked', async () => {
    await open('form');
    view.stub.nextSave = { kind: 'secrets', paths: ['/account'] };
    await view.click('Save call…');
    await view.type('.save-form input', 'Mine');
    await view.click('Save');
    expect(view.text()).toContain('/account looks like a secret');
    await view.click('Save all the same');
    expect(view.stub.actions.at(-1)).toContain('with secrets');
  });

  it('the history loads into the arguments', async () => {
    await open('history');
    [...view.root.querySelectorAll<HTMLElement>('.side-item-main')].find((line) => line.textContent?.includes('echo'))!.click();
    await view.wait(400);
    expect(view.root.querySelector('.pane-title')?.textContent).toBe('echo');
  });

  it('roots are edited as a whole and put back', async () => {
    await open('roots');
    await view.click('Add root');
    await view.type('.root:last-child input', 'file:///tmp');
    await view.click('Apply');
    expect(view.stub.actions.at(-1)).toBe('roots [{"uri":"file:///home/ada/project","name":"project"},{"uri":"file:///tmp"}]');
    await view.click('Use the workspace folders');
    expect(view.stub.actions.at(-1)).toBe('roots default');
  });

  it('the log level is chosen, and the log is shown', async () => {
    await open('server');
    expect(view.text()).toContain('Cache is 92 % full');
    await view.type('.level-picker select', 'debug');
    expect(view.stub.actions.at(-1)).toBe('level everything debug');
  });
});

describe('in little room', () => {
  it('one pane at a time: choosing leads to the arguments, running to the result', async () => {
    await open('ready', 300);
    expect(view.root.querySelector('.side')).toBeTruthy();
    await view.click('simple-prompt');
    expect(view.root.querySelector('.side')).toBeNull();
    expect(view.root.querySelector('.pane-title')?.textContent).toBe('simple-prompt');
    await view.click('Run');
    expect(view.root.querySelector('.result')).toBeTruthy();
    expect(view.root.querySelector('.middle')).toBeNull();
  });
});
