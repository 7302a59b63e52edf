// The Playground in the real editor, beyond plain runs: servers that die, hang, lie and change under its feet; what is kept
// (saved calls, history); what a full client does (subscriptions, roots, language models); and the ways that lead to it.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { stdioServers } from '../../scripts/lib/realServers.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { PlaygroundView } from '../support/editor/playgroundView';
import { soonMs, startMs, waitFor } from '../support/editor/poll';
import { readRecordedCalls } from '../support/editor/recordedCalls';
import { ServersTree } from '../support/editor/serversTree';
import { SetupView } from '../support/editor/setupView';
import { bareRun, runningServers, scripted, writeConfig } from '../support/editor/setupWorkspace';
import { TrafficView } from '../support/editor/trafficView';

const reads = { readOnlyHint: true };
const tool = (name: string, description: string, inputSchema: object = { type: 'object' }): object => ({ name, description, inputSchema, annotations: reads });
const message = { type: 'object', properties: { message: { type: 'string' } } };
const odd = { type: 'object', properties: { level: { type: 'nonsense' } } };
const tools = (echo: string): object[] => [
  tool('become', 'Takes over another script.'),
  tool('echo', echo, message),
  tool('crash', 'Dies in the middle of the call.'),
  tool('hang', 'Never answers.'),
  tool('odd', 'Has a schema that is none.', odd),
  tool('ask', 'Asks the client something, and gives its answer.'),
  tool('notifications', 'Gives the notifications that it got.'),
  tool('answer', 'Answers with the text it is given.'),
];

let editor: EditorWindow;
let playground: PlaygroundView;
let tree: ServersTree;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), {
    size: { width: 1400, height: 900 },
    settings: { 'mcpShark.policy.servers': 'ask', 'mcpShark.policy.tools.changed': 'warn', 'mcpShark.policy.tools.new': 'warn' },
    async prepare(run) {
      await bareRun(run);
      await writeConfig(run, { shaky: scripted({ tools: tools('Says what it is told.') }), everything: stdioServers.everything() });
    },
  });
  playground = new PlaygroundView(editor.workbench);
  tree = new ServersTree(editor.workbench);
  await playground.open();
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

const dialog = (): Locator => editor.workbench.dialog;
const look = (name: string): Promise<void> => editor.workbench.screenshot(join(testResultsFolder, `playground-${name}.png`));
const isChosen = (name: string): Promise<void> => playground.chosen(name).waitFor({ timeout: startMs });
/** Chooses a tool of one server: both have an echo. */
async function chooseOf(server: string, name: string): Promise<void> {
  await editor.host.call('executeCommand', 'mcpShark.playground.open', { server, kind: 'tool', name });
  await isChosen(name);
  await playground.frame.locator('.middle .pane-server').getByText(server, { exact: true }).waitFor();
}

describe('servers', () => {
  test('that wait for approval say so, and Review asks about that one', async () => {
    await playground.frame.getByText(/shaky.*approv|approv.*shaky/).first().waitFor();
    await playground.server('everything').click();
    await playground.frame.getByRole('button', { name: 'Review…' }).click();
    await dialog().waitFor();
    expect(await dialog().innerText()).toContain('Start the MCP server "everything"?');
    await editor.workbench.answerDialog('Approve');
    const setup = new SetupView(editor.workbench);
    await setup.open();
    await setup.press('Approve shaky');
    await playground.open();
    await playground.server('everything').getByText('Not connected').waitFor();
  });

  test('are not started before somebody looks at what they offer', async () => {
    await playground.server('shaky').getByText('Not connected').waitFor();
    await look('idle');
    expect(runningServers(editor.run)).toEqual([]);
    await playground.openServer('shaky');
    await playground.item('echo').waitFor({ timeout: startMs });
    expect(runningServers(editor.run)).toHaveLength(1);
    expect(await playground.server('everything').innerText()).toContain('Not connected');
  });

  test('that are searched are started, and Disconnect ends one until its branch is opened again', async () => {
    await playground.search('get-tiny-image');
    await playground.item('get-tiny-image').waitFor({ timeout: startMs });
    await playground.search('');
    await playground.item('crash').waitFor({ timeout: startMs });
    await playground.server('shaky').click();
    await playground.frame.getByRole('button', { name: 'Disconnect' }).click();
    await waitFor('the process to end', () => (runningServers(editor.run).length === 0 ? true : undefined), soonMs);
    await playground.server('shaky').getByText('Not connected').waitFor();
    await playground.openServer('shaky');
    await waitFor('the process', () => (runningServers(editor.run).length === 1 ? true : undefined), startMs);
  });

  test('that say that their lists have changed are shown as they are now, with what has changed since approval', async () => {
    await chooseOf('shaky', 'become');
    await playground.writeJson(JSON.stringify({ script: { tools: [...tools('Says what it is told, and more.'), tool('novel', 'Was not there.')] }, tell: true }));
    await playground.run();
    await playground.search('novel');
    await playground.item('novel').locator('[title="It was not there when the server was approved"]').waitFor();
    await playground.search('Says what it is told');
    await playground.item('echo').locator('[title="Its definition has changed since it was approved"]').waitFor();
    await playground.chooseRow(playground.item('echo'), 'echo');
    await playground.frame.locator('.target-badges').getByText('Changed', { exact: true }).waitFor();
    await look('changed');
    await playground.search('');
  });
});

describe('bad input', () => {
  test('JSON that is broken is marked where it breaks, and not sent', async () => {
    await chooseOf('shaky', 'echo');
    await playground.showForm('JSON');
    const json = playground.frame.getByLabel('Arguments as JSON');
    await json.fill('{\n  "message": "unsent",,\n}');
    await playground.frame.getByText('The JSON is broken: nothing can be sent.').waitFor();
    await playground.frame.getByRole('list', { name: 'Problems' }).getByRole('button', { name: /^2:\d+/ }).first().waitFor();
    await playground.frame.locator('.middle .squiggle').first().waitFor();
    await look('broken-json');
    const before = await playground.tabs().count();
    expect(await playground.frame.locator('.middle').getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
    await json.press('Control+Enter');
    await json.fill('{ "message": "sent" }');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.tabs().count()).toBe(before + 1);
    expect((await readRecordedCalls(editor.run.globalStorage)).some(({ request }) => String(request).includes('unsent'))).toBe(false);
    await playground.showForm('Form');
  });

  test('a schema that is itself invalid is noted, and its arguments are written as JSON and sent unchecked', async () => {
    await chooseOf('shaky', 'odd');
    // Nothing is pressed for that.
    await playground.frame.getByLabel('Arguments as JSON').fill('{"level":7}');
    await playground.frame.getByText(/Not checked: the tool’s schema is not usable/).waitFor();
    await look('invalid-schema');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('{"level":7}');
  });

  test('a server that dies in mid-call ends the run with its last stderr, and is there again for the next', async () => {
    await chooseOf('shaky', 'crash');
    await playground.run();
    expect(await playground.settled()).toBe('Connection lost');
    await playground.result.getByText('Last lines of its stderr').waitFor();
    await expect.poll(() => playground.result.innerText()).toContain('about to crash');
    await look('died');
    await chooseOf('shaky', 'echo');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
  });

  test('a call that hangs is cancelled at once, others go on meanwhile, and the server hears of it', async () => {
    await chooseOf('shaky', 'hang');
    await playground.run();
    await chooseOf('shaky', 'echo');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    await playground.tabs().nth(1).click();
    await playground.result.getByText('Running').first().waitFor();
    await playground.result.getByRole('button', { name: 'Cancel', exact: true }).click();
    expect(await playground.settled(10_000)).toBe('Cancelled');
    await chooseOf('shaky', 'notifications');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    await playground.result.getByRole('radio', { name: 'Raw' }).click();
    await playground.result.getByText(/notifications\/cancelled/).first().waitFor();
    await playground.result.getByRole('radio', { name: 'Result' }).click();
  });
});

describe('results', () => {
  test('show text, Markdown, image, audio, resource links and embedded resources', async () => {
    const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const content = [
      { type: 'text', text: '# A heading\n\nand **bold** text' },
      { type: 'image', mimeType: 'image/png', data: pixel },
      { type: 'audio', mimeType: 'audio/wav', data: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=' },
      { type: 'resource_link', uri: 'note://one', name: 'The first note' },
      { type: 'resource', resource: { uri: 'note://two', text: 'inside the second note' } },
    ];
    await chooseOf('shaky', 'answer');
    await playground.writeJson(JSON.stringify({ text: JSON.stringify({ jsonrpc: '2.0', id: '$ID', result: { content } }).replace('"$ID"', '$ID') }));
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    const result = playground.result;
    await result.getByRole('heading', { name: 'A heading' }).waitFor();
    await expect.poll(() => result.locator('img').first().evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1);
    await result.locator('audio').waitFor();
    await result.getByText('The first note').waitFor();
    await result.getByText('inside the second note').waitFor();
    await look('media');
  });

  test('lead to resources that no list has: they are read, and can be followed', async () => {
    await chooseOf('everything', 'get-resource-links');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    await playground.result.getByRole('button', { name: 'Read this resource' }).first().click();
    await playground.frame.locator('.middle').getByText('everything does not list this resource.').waitFor();
    const uri = await playground.frame.locator('.middle .target-uri').innerText();
    expect(uri).toMatch(/^demo:\/\/resource\/dynamic\//);
    await look('unlisted');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    await playground.result.getByRole('radio', { name: 'Raw' }).click();
    await playground.result.getByText(uri).first().waitFor();
    await playground.result.getByRole('radio', { name: 'Result' }).click();
    await playground.frame.getByRole('button', { name: 'Subscribe to changes' }).click();
    await playground.frame.getByRole('button', { name: 'Subscribed. Stop' }).click();
    await playground.frame.getByRole('button', { name: 'Subscribe to changes' }).waitFor();
  });
});

describe('what is kept', () => {
  const file = (): string => join(editor.run.workspace, '.vscode', 'mcp-shark', 'calls.json');

  test('a call is saved to a file of the workspace', async () => {
    await chooseOf('everything', 'echo');
    await playground.writeJson('{"message":"kept for {{who}}"}');
    await playground.frame.getByRole('button', { name: 'Save call…' }).click();
    await playground.frame.getByLabel('Name', { exact: true }).fill('Greet');
    await playground.frame.getByLabel('Folder (optional)').fill('daily');
    await playground.frame.getByRole('button', { name: 'Save', exact: true }).click();
    await playground.frame.getByRole('list', { name: 'calls' }).getByText('Greet').waitFor();
    await look('saved');
    const saved = JSON.parse(await readFile(file(), 'utf8')) as { calls: object[] };
    expect(saved.calls).toMatchObject([{ name: 'Greet', folder: 'daily', server: 'everything', tool: 'echo', arguments: { message: 'kept for {{who}}' } }]);
  });

  test('the file is changed by hand, the view follows, and "Run Saved Call" asks for the variable', async () => {
    await writeFile(file(), (await readFile(file(), 'utf8')).replace('"Greet"', '"Greet by hand"').replace('kept for', 'written by hand for'));
    await playground.frame.getByText('Greet by hand').waitFor();
    await editor.workbench.runCommandAndPick('MCP Shark: Run Saved Call', 'Greet by hand');
    await editor.workbench.answerPrompt('Value of who', 'Ada');
    await playground.result.getByText('Echo: written by hand for Ada').waitFor({ timeout: startMs });
  });

  test('a file that cannot be read says where, and leads there', async () => {
    await writeFile(join(editor.run.workspace, '.vscode', 'mcp-shark', 'broken.json'), '{\n  "version": 1,\n  "calls": [ {\n}');
    await playground.page('Saved');
    await playground.frame.getByRole('button', { name: /^Line 4:/ }).first().click();
    await editor.workbench.tabWith('broken.json');
    await editor.workbench.closeEditor();
    await playground.frame.getByText('Greet by hand').waitFor();
  });

  test('runs are in the history, also after a reload, with the way to their arguments and to the recorded call', async () => {
    await editor.reload();
    await playground.page('History');
    const entry = playground.frame.getByRole('list', { name: 'History' }).getByRole('listitem').first();
    await entry.getByText('echo').waitFor({ timeout: startMs });
    await look('history');
    await entry.getByRole('button').first().click();
    await isChosen('echo');
    await playground.showForm('JSON');
    await expect.poll(() => playground.frame.getByLabel('Arguments as JSON').inputValue()).toContain('written by hand for Ada');
    await playground.showForm('Form');
    await entry.getByRole('button', { name: 'Show in Traffic' }).click();
    const traffic = new TrafficView(editor.workbench);
    await editor.workbench.tabWith('MCP Traffic');
    await traffic.rows('written by hand for Ada').first().waitFor();
    await playground.open();
    await playground.page('Catalogue');
  });
});

describe('as a full client', () => {
  test('a resource is subscribed to, and its updates come in', async () => {
    await playground.choose('features.md');
    await playground.frame.getByRole('button', { name: 'Subscribe to changes' }).click();
    await playground.frame.getByText('No change yet').waitFor();
    await chooseOf('everything', 'toggle-subscriber-updates');
    // Updates come in as runs of their own from now on, maybe before the answer.
    await playground.pressRun();
    await playground.chooseRow(playground.item('features.md'), 'features.md');
    await playground.frame.getByText(/^\d+ changes?, last/).waitFor({ timeout: startMs });
    await playground.frame.getByRole('button', { name: 'Show the newest' }).click();
    await playground.frame.getByRole('tab', { name: 'features.md', selected: true }).waitFor();
    await look('subscription');
    expect(await playground.settled()).toBe('OK');
    expect((await playground.resultText()).length).toBeGreaterThan(200);
    await playground.frame.getByRole('button', { name: 'Subscribed. Stop' }).click();
    await playground.frame.getByRole('button', { name: 'Subscribe to changes' }).waitFor();
    await playground.search('');
  });

  test('roots are edited, servers are told, and get them when they ask', async () => {
    await playground.frame.locator('.catalog-search').getByRole('button').last().click();
    await playground.frame.getByRole('menuitem', { name: 'Roots…' }).click();
    const uris = playground.frame.getByLabel('URI of the folder');
    const before = await uris.count();
    await playground.frame.getByRole('button', { name: 'Add root' }).click();
    await uris.nth(before).fill('file:///srv/only-here');
    await playground.frame.getByRole('button', { name: 'Apply' }).click();
    await look('roots');
    await chooseOf('shaky', 'ask');
    await playground.writeJson('{"method":"roots/list","params":{}}');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    await playground.result.getByRole('radio', { name: 'Raw' }).click();
    await playground.result.getByText(/file:\/\/\/srv\/only-here/).waitFor();
    await playground.result.getByRole('radio', { name: 'Result' }).click();
  });

  const askForAnswer = async (prompt: string): Promise<void> => {
    await chooseOf('everything', 'trigger-sampling-request');
    await playground.writeJson(JSON.stringify({ prompt, maxTokens: 50 }));
    await playground.run();
    await playground.card.getByRole('button', { name: 'Ask a language model…' }).click();
  };

  test('an editor without a language model says so, and the answer is written by hand', async () => {
    await askForAnswer('Is anybody there?');
    await playground.card.getByText('The editor offers no language model.').waitFor();
    await playground.card.getByLabel('Your answer').fill('A person is.');
    await playground.card.getByRole('button', { name: 'Send answer' }).click();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('A person is.');
  });

  test('a language model is asked after the prompt was shown and the editor had consent; its draft goes to the server when sent', async () => {
    await editor.host.call('offerLanguageModel', 'The parrot says');
    await askForAnswer('Polly?');
    await playground.card.getByText(/Parrot would get this/).waitFor();
    await look('language-model');
    await playground.card.getByRole('button', { name: 'Ask', exact: true }).click();
    // Once: where a second question stood there, no answer would come.
    await dialog().waitFor();
    expect(await dialog().innerText()).toContain('MCP Shark');
    await editor.workbench.answerDialog('Allow');
    await expect.poll(() => playground.card.getByLabel('Your answer').inputValue()).toMatch(/The parrot says: .*Polly\?/s);
    await playground.card.getByRole('button', { name: 'Send answer' }).click();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('The parrot says');
  });
});

describe('the ways that lead here', () => {
  test('from a definition in the Servers tree', async () => {
    await tree.open();
    await tree.expand(/^shaky/);
    await tree.expand(/^Tools/);
    await editor.workbench.chooseFromMenu(tree.row(/^hang/), 'Open in Playground');
    await isChosen('hang');
    await editor.host.call('executeCommand', 'workbench.action.closeSidebar');
  });

  test('from a recorded call, with its arguments as they were sent', async () => {
    const traffic = new TrafficView(editor.workbench);
    await traffic.open();
    await traffic.filterTo('tool:echo server:everything', (row) => row.includes('everything') && row.includes('echo'));
    await traffic.openMenu(traffic.rows('everything', 'echo').first(), 'name');
    await traffic.choose('Open in Playground');
    await isChosen('echo');
    await expect.poll(() => playground.field('/message').locator('textarea').inputValue()).toBe('written by hand for Ada');
  });
});
