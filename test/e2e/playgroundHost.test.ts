// The Playground in the real editor, as far as the editor itself takes part: the panel and its reload, questions before
// destructive tools, saved calls from the command palette, the diff editor, the audit log.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { stdioServers } from '../../scripts/lib/realServers.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { startMs, waitFor } from '../support/editor/poll';
import { readRecordedCalls } from '../support/editor/recordedCalls';
import { writeServers } from '../support/editor/runFolder';

const openPlayground = 'mcpShark.playground.open';

let editor: EditorWindow;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), {
    async prepare({ workspace }) {
      const configured = (JSON.parse(await readFile(join(workspace, '.vscode', 'mcp-shark.json'), 'utf8')) as { servers: Record<string, object> }).servers;
      await writeServers(workspace, { ...configured, files: stdioServers.filesystem(workspace) });
    },
  });
  await waitFor('the extension', async () => ((await editor.host.call('commandIds')).includes(openPlayground) ? true : undefined), startMs);
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

const view = (): ReturnType<EditorWindow['workbench']['webview']> => editor.workbench.webview();
const dialog = (): Locator => editor.workbench.dialog;

async function shows(what: string, ...texts: readonly string[]): Promise<void> {
  let text = '';
  await waitFor(what, async () => {
    text = await view().locator('body').innerText().catch(() => '');
    return texts.every((wanted) => text.includes(wanted)) ? true : undefined;
  }, startMs, () => text.slice(-1_500));
}

async function run(): Promise<void> {
  await view().getByRole('button', { name: 'Run', exact: true }).first().click();
}

test('"MCP Shark: Open Playground" lists what every server offers', async () => {
  await editor.workbench.runCommand('MCP Shark: Open Playground');
  await shows('the servers', 'everything', 'remote', 'files');
  await view().getByRole('searchbox').first().fill('get-sum');
  await shows('the tool', 'get-sum');
});

test('a target and arguments given from elsewhere open in it, run, and are in the audit log', async () => {
  await editor.host.call('executeCommand', openPlayground, { server: 'everything', kind: 'tool', name: 'echo', argumentsText: '{"message":"from the editor"}' });
  await shows('the tool', 'echo');
  await run();
  await shows('the result', 'Echo: from the editor');
  await editor.workbench.screenshot(join(testResultsFolder, 'playground-echo.png'));
  let seen = 0;
  await waitFor('the call in a SQLite file', async () => {
    const calls = await readRecordedCalls(editor.run.globalStorage);
    seen = calls.length;
    return calls.find((call) => call.server === 'everything' && call.name === 'echo' && String(call.request).includes('from the editor'));
  }, 30_000, () => `${seen} calls`);
});

test('the same panel is shown when it is opened again, and it is back after a reload of the window', async () => {
  await editor.workbench.runCommand('MCP Shark: Open Playground');
  const tabs = async (): Promise<number> => (await editor.host.call('openTabs')).filter(({ viewType }) => viewType?.endsWith('mcpShark.playground')).length;
  expect(await tabs()).toBe(1);
  await editor.reload();
  await shows('the servers, and the search as it was', 'everything', 'get-sum');
  expect(await tabs()).toBe(1);
});

test('a tool that may destroy something asks first, with server, tool and arguments; a no does nothing', async () => {
  const path = join(editor.run.workspace, 'written.txt');
  const argumentsText = JSON.stringify({ path, content: 'by the Playground' });
  await editor.host.call('executeCommand', openPlayground, { server: 'files', kind: 'tool', name: 'write_file', argumentsText });
  await shows('the tool', 'write_file');
  await run();
  await dialog().waitFor();
  const question = await dialog().innerText();
  for (const part of ['files', 'write_file', path, 'by the Playground']) expect(question).toContain(part);
  await editor.workbench.screenshot(join(testResultsFolder, 'playground-confirm.png'));
  await editor.workbench.answerDialog('Cancel');
  expect(existsSync(path)).toBe(false);
  await run();
  await editor.workbench.answerDialog('Run');
  // It is there before it is written.
  await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toBe('by the Playground');
});

test('"MCP Shark: Run Saved Call" offers the calls of the workspace, asks for what is open, and shows the result', async () => {
  const folder = join(editor.run.workspace, '.vscode', 'mcp-shark');
  await mkdir(folder, { recursive: true });
  const call = { name: 'Say something', folder: 'greetings', server: 'everything', tool: 'echo', arguments: { message: 'saved: {{what}}' } };
  await writeFile(join(folder, 'team.json'), JSON.stringify({ version: 1, name: 'Team', calls: [call] }));
  await editor.workbench.runCommandAndPick('MCP Shark: Run Saved Call', 'Say something');
  await editor.workbench.answerPrompt('Value of what', 'hello team');
  await shows('the result', 'Echo: saved: hello team');
});

test('two results are compared in the diff editor, and a run leads to its recorded call', async () => {
  await view().getByRole('button', { name: 'Keep beside the next' }).first().click();
  await view().getByRole('tab', { name: /write_file/ }).first().click();
  await view().getByRole('button', { name: /^Compare/ }).first().click();
  await editor.workbench.tabWith('\u2194');
  await editor.workbench.diffEditor.first().getByText('saved: hello team').first().waitFor();
  await editor.workbench.closeEditor();
  await view().getByRole('button', { name: 'Show in Traffic' }).first().click();
  await editor.workbench.tabWith('MCP Traffic');
  await editor.workbench.closeEditor();
});

test('with no saved call it says so', async () => {
  await writeFile(join(editor.run.workspace, '.vscode', 'mcp-shark', 'team.json'), '{ "version": 1, "calls": [] }');
  await editor.host.call('executeCommand', 'mcpShark.playground.runSaved');
  await editor.workbench.notificationWith('No call is saved');
  await editor.workbench.dismissNotifications();
});

test('without routing it says so, and its button turns routing on', async () => {
  await editor.host.call('executeCommand', openPlayground);
  await editor.host.call('executeCommand', 'mcpShark.routing.toggle');
  await shows('that routing is off', 'Routing is off');
  await view().getByRole('button', { name: /routing/i }).first().click();
  // The search of the first test still stands.
  await shows('the servers', 'everything', 'get-sum');
  // Off again, so that no server is just being started when the window closes.
  await editor.host.call('executeCommand', 'mcpShark.routing.toggle');
  await shows('that routing is off', 'Routing is off');
});
