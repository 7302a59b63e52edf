// The Playground in the real editor, against real servers: every tool, prompt and resource of server-everything is run from the
// view, with what the server asks back answered by hand; then server-filesystem and @playwright/mcp.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { requireNode24 } from '../../scripts/lib/node24.mjs';
import { inProject } from '../../scripts/lib/paths.mjs';
import { stdioServers } from '../../scripts/lib/realServers.mjs';
import { findBrowser } from '../../scripts/lib/systemPackages.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { PlaygroundView } from '../support/editor/playgroundView';
import { startMs } from '../support/editor/poll';
import { writeServers } from '../support/editor/runFolder';

let editor: EditorWindow;
let playground: PlaygroundView;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), {
    size: { width: 1600, height: 1000 },
    async prepare({ workspace }) {
      await mkdir(join(workspace, 'notes'), { recursive: true });
      await writeFile(join(workspace, 'notes', 'hello.txt'), 'seen by the Playground\n');
      await writeServers(workspace, {
        everything: stdioServers.everything(),
        filesystem: stdioServers.filesystem(join(workspace, 'notes')),
        browser: {
          type: 'stdio',
          command: requireNode24(),
          args: [inProject('node_modules', '@playwright', 'mcp', 'cli.js'), '--headless', '--isolated', '--no-sandbox', '--browser', 'chromium', '--executable-path', findBrowser() ?? ''],
        },
      });
    },
  });
  playground = new PlaygroundView(editor.workbench);
  await playground.open();
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

/** Run by the tests below; what the catalogue lists beside them would go untried. */
const tried = new Set(['trigger-long-running-operation', 'trigger-sampling-request', 'trigger-elicitation-request', 'simulate-research-query', 'trigger-url-elicitation', 'trigger-sampling-request-async', 'trigger-elicitation-request-async']);
const plainTools: [string, string, RegExp][] = [
  ['echo', '{"message":"by hand"}', /Echo: by hand/],
  ['get-sum', '{"a":2,"b":40}', /42/],
  ['get-annotated-message', '{"messageType":"error","includeImage":true}', /Error: Operation failed[^]*image\/png/i],
  ['get-env', '{}', /PATH/],
  ['get-resource-links', '{"count":2}', /Resource link[^]*Resource link/i],
  ['get-resource-reference', '{"resourceType":"Text","resourceId":1}', /demo:\/\/resource/],
  ['get-structured-content', '{"location":"Chicago"}', /Fits the output schema/],
  ['get-tiny-image', '{}', /image\/png/],
  ['gzip-file-as-resource', '{"name":"hello.gz","data":"data:text/plain;base64,aGVsbG8=","outputType":"resource"}', /hello\.gz/],
  ['toggle-simulated-logging', '{}', /logging/i],
  ['toggle-subscriber-updates', '{}', /update/i],
  ['get-roots-list', '{}', /workspace/],
];

const prompts: [string, string, RegExp][] = [
  ['simple-prompt', '', /simple prompt/i],
  ['args-prompt', '{"city":"Vienna","state":"Austria"}', /Vienna/],
  ['completable-prompt', '{"department":"Engineering","name":"Alice"}', /Alice/],
  ['resource-prompt', '{"resourceType":"Text","resourceId":"1"}', /resource/i],
];
const templates: [string, string, RegExp][] = [
  ['Dynamic Text Resource', 'demo://resource/dynamic/text/7', /Resource 7: This is a plaintext resource/],
  ['Dynamic Blob Resource', 'demo://resource/dynamic/blob/7', /Resource 7: This is a base64 blob/],
];

describe('server-everything', () => {
  test('every tool it lists is run by a test of this file', async () => {
    await playground.openServer('everything');
    await playground.item('echo').waitFor({ timeout: startMs });
    // Where the tools end: prompts are listed by an answer of their own.
    await playground.item('Prompts').waitFor();
    const lines = (await playground.frame.getByRole('treeitem').allInnerTexts()).map((line) => line.split('\n')[0]!.trim());
    const tools = lines.slice(lines.indexOf('Tools') + 1, lines.indexOf('Prompts'));
    expect(tools.length).toBeGreaterThan(10);
    expect(tools.filter((tool) => !tried.has(tool) && !plainTools.some(([name]) => name === tool))).toEqual([]);
  });

  test('every prompt and template it lists is run by a test of this file', async () => {
    // Folded, the tools leave room for all the others.
    await playground.item('Tools').click();
    await playground.item('echo').waitFor({ state: 'detached' });
    await playground.item('Templates').waitFor();
    const lines = (await playground.frame.getByRole('treeitem').allInnerTexts()).map((line) => line.split('\n')[0]!.trim());
    const between = (from: string, to: string): string[] => lines.slice(lines.indexOf(from) + 1, lines.indexOf(to)).sort();
    expect(between('Prompts', 'Resources')).toEqual(prompts.map(([name]) => name).sort());
    expect(between('Templates', 'JSON-RPC…')).toEqual(templates.map(([name]) => name).sort());
    await playground.item('Tools').click();
    await playground.item('echo').waitFor();
  });

  test('log messages come in at the level that was chosen', async () => {
    const lines = playground.frame.getByRole('list', { name: 'Log messages' });
    const chooseLevel = async (level: string): Promise<void> => {
      await playground.search('');
      await playground.item('Prompts').waitFor();
      await playground.server('everything').click();
      await playground.frame.getByLabel('Log level').selectOption(level);
    };
    // The server logs, as mere information, that a resource is subscribed to, and that it no longer is.
    await chooseLevel('error');
    await playground.choose('features.md');
    await playground.frame.getByRole('button', { name: 'Subscribe to changes' }).click();
    await playground.frame.getByRole('button', { name: 'Subscribed. Stop' }).waitFor();
    await chooseLevel('info');
    await playground.choose('features.md');
    await playground.frame.getByRole('button', { name: 'Subscribed. Stop' }).click();
    await playground.frame.getByRole('button', { name: 'Subscribe to changes' }).waitFor();
    await chooseLevel('debug');
    await lines.getByText(/Received Unsubscribe Resource request: .*features\.md/).waitFor();
    expect(await lines.getByText('Received Subscribe Resource request').count()).toBe(0);
  });

  test.each(plainTools)('%s %s', async (tool, text, expected) => {
    await playground.choose(tool);
    await playground.writeJson(text);
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toMatch(expected);
  });

  test('trigger-long-running-operation comes to its end', async () => {
    await playground.choose('trigger-long-running-operation');
    await playground.writeJson('{"duration":3,"steps":3}');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('Long running operation completed');
  });

  test('simulate-research-query runs as a task', async () => {
    await playground.choose('simulate-research-query');
    await playground.writeJson('{"topic":"sharks"}');
    await playground.run();
    expect(await playground.settled(startMs)).toBe('OK');
    expect(await playground.resultText()).toContain('sharks');
  });

  test('trigger-long-running-operation shows its progress, and is cancelled at once', async () => {
    await playground.choose('trigger-long-running-operation');
    // So long that it still runs when it has been looked at, however slowly.
    await playground.writeJson('{"duration":120,"steps":60}');
    await playground.run();
    await playground.result.getByRole('progressbar').waitFor();
    await playground.result.getByText(/^\d+ %/).first().waitFor();
    await playground.result.getByRole('button', { name: 'Cancel', exact: true }).click();
    expect(await playground.settled(10_000)).toBe('Cancelled');
  });

  test('trigger-sampling-request: the prompt is shown, and answered by hand', async () => {
    await playground.choose('trigger-sampling-request');
    await playground.writeJson('{"prompt":"What is the capital of France?","maxTokens":50}');
    await playground.run();
    await playground.card.getByText('What is the capital of France?').waitFor();
    await playground.card.getByLabel('Your answer').fill('Paris, says a person.');
    await playground.card.getByRole('button', { name: 'Send answer' }).click();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('Paris, says a person.');
  });

  test('trigger-sampling-request: declined, the tool hears of it', async () => {
    await playground.choose('trigger-sampling-request');
    await playground.run();
    await playground.card.getByRole('button', { name: 'Decline' }).click();
    expect(await playground.settled()).not.toBe('OK');
  });

  test('trigger-elicitation-request: the form is filled in and accepted', async () => {
    await playground.choose('trigger-elicitation-request');
    await playground.run();
    await playground.card.locator('[data-pointer="/name"] textarea').fill('Ada Lovelace');
    await playground.card.getByRole('button', { name: 'Accept' }).click();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('Ada Lovelace');
  });

  test('trigger-url-elicitation: the whole address is shown, and declined', async () => {
    await playground.choose('trigger-url-elicitation');
    await playground.writeJson('{"url":"https://example.com/sign-in?state=1234","message":"Sign in"}');
    await playground.run();
    await playground.card.getByText('https://example.com/sign-in?state=1234').waitFor();
    await playground.card.getByText('Leads to example.com').waitFor();
    await playground.card.getByRole('button', { name: 'Decline' }).click();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('declined');
  });

  test('trigger-sampling-request-async: answered as a task', async () => {
    await playground.choose('trigger-sampling-request-async');
    await playground.writeJson('{"prompt":"Say something","maxTokens":50}');
    await playground.run();
    await playground.card.getByLabel('Your answer').fill('Something, later.');
    await playground.card.getByRole('button', { name: 'Send answer' }).click();
    expect(await playground.settled(startMs)).toBe('OK');
    expect(await playground.resultText()).toContain('Something, later.');
  });

  test('trigger-elicitation-request-async: declined as a task', async () => {
    await playground.choose('trigger-elicitation-request-async');
    await playground.run();
    await playground.card.getByRole('button', { name: 'Decline' }).click();
    expect(await playground.settled(startMs)).toBe('OK');
    expect(await playground.resultText()).toMatch(/declined/i);
  });

  test.each(prompts)('prompt %s', async (prompt, text, expected) => {
    await playground.choose(prompt);
    if (text !== '') await playground.writeJson(text);
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toMatch(expected);
  });

  test('arguments of a prompt are completed by the server', async () => {
    await playground.choose('completable-prompt');
    await playground.writeJson('{}');
    await playground.fill('/department', 'Eng');
    await playground.frame.getByRole('option', { name: 'Engineering' }).click();
    await expect.poll(() => playground.field('/department').locator('textarea').inputValue()).toBe('Engineering');
  });

  test('every resource is read', async () => {
    await playground.search('.md');
    await playground.item('features.md').waitFor();
    const names = (await playground.frame.getByRole('treeitem').allInnerTexts()).map((text) => text.trim()).filter((text) => text.endsWith('.md'));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      await playground.choose(name);
      await playground.run();
      expect([name, await playground.settled()]).toEqual([name, 'OK']);
      expect((await playground.resultText()).length).toBeGreaterThan(200);
    }
  });

  test.each(templates)('the template %s is filled in, previewed and read', async (template, uri, expected) => {
    await playground.choose(template);
    await playground.fill('/resourceId', '7');
    await playground.frame.getByText(uri).first().waitFor();
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain(uri);
    expect(await playground.resultText()).toMatch(expected);
  });

  test('arguments that do not fit are marked, and sent when the user wants', async () => {
    await playground.choose('get-sum');
    await playground.writeJson('{"a":"two","b":3}');
    await playground.field('/a').getByText(/number/).last().waitFor();
    await playground.run('Send anyway');
    expect(await playground.settled()).not.toBe('OK');
  });

  test('raw JSON-RPC is sent and answered', async () => {
    await playground.search('');
    await playground.frame.getByRole('treeitem', { name: 'JSON-RPC…' }).first().click();
    await playground.frame.getByLabel('Method').fill('ping');
    await playground.run('Send');
    expect(await playground.settled()).toBe('OK');
  });
});

describe('server-filesystem', () => {
  test('reads a file', async () => {
    await playground.choose('read_text_file');
    await playground.fill('/path', join(editor.run.workspace, 'notes', 'hello.txt'));
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('seen by the Playground');
  });

  test('asks before it writes, and writes', async () => {
    const file = join(editor.run.workspace, 'notes', 'written.txt');
    await playground.choose('write_file');
    await playground.writeJson(JSON.stringify({ path: file, content: 'two\nlines' }));
    await playground.pressRun();
    await playground.refuse();
    expect(await readFile(file, 'utf8').catch(() => 'not there')).toBe('not there');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await readFile(file, 'utf8')).toBe('two\nlines');
  });

  test('a tool error says what went wrong', async () => {
    await playground.choose('read_text_file');
    await playground.fill('/path', '/etc/hostname');
    await playground.run();
    expect(await playground.settled()).toBe('Tool error');
    expect(await playground.resultText()).toMatch(/denied|outside/i);
  });
});

describe('@playwright/mcp', () => {
  test('opens a page and shows what is on it', async () => {
    await playground.choose('browser_navigate');
    await playground.fill('/url', 'data:text/html,<title>Seen</title><h1>By the Playground</h1>');
    await playground.run();
    expect(await playground.settled(startMs)).toBe('OK');
    await playground.choose('browser_snapshot');
    await playground.run();
    expect(await playground.settled()).toBe('OK');
    expect(await playground.resultText()).toContain('By the Playground');
  });
});
