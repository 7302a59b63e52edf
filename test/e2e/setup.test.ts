// The first two minutes of a newcomer: the servers of the project are found, chosen, shown as a diff, moved, approved, called
// through VS Code's own client, and put back byte for byte.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { soonMs, waitFor } from '../support/editor/poll';
import { bareRun, configOf, runningServers, scripted } from '../support/editor/setupWorkspace';
import { SetupView } from '../support/editor/setupView';

let editor: EditorWindow;
let setup: SetupView;
let original: Buffer;
let file: string;

/** Comments, tabs, a trailing comma, a byte order mark and Windows line endings: what an undo must bring back. */
function configuration(): string {
  const entry = JSON.stringify(scripted({ tools: ['echo', 'pid'] }));
  return [
    '\ufeff// Servers of this project',
    '{',
    '\t"servers": {',
    '\t\t// Says what it is told.',
    `\t\t"scripted": ${entry}, // in one line`,
    '\t\t"left": { "type": "http", "url": "http://127.0.0.1:9/mcp" }, /* stays here */',
    '\t},',
    '}',
    '',
  ].join('\r\n');
}

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), {
    settings: { 'mcpShark.policy.servers': 'ask', 'chat.mcp.autostart': 'never' },
    async prepare(run) {
      await bareRun(run);
      file = join(run.workspace, '.vscode', 'mcp.json');
      await writeFile(file, configuration());
      original = await readFile(file);
    },
  });
  setup = new SetupView(editor.workbench);
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('a newcomer is told what will happen, and nothing is looked at before the button is pressed', async () => {
  await setup.open();
  await setup.frame.getByText('Run your MCP servers through MCP Shark').waitFor();
  expect(await setup.text()).not.toContain('scripted');
  await editor.workbench.screenshot(join(testResultsFolder, 'setup-first.png'));
});

test('the servers of the project are found, with the file and line they stand in', async () => {
  await setup.press('Find servers on this machine');
  const row = await setup.expand('scripted');
  await row.getByRole('button', { name: '.vscode/mcp.json:5' }).first().waitFor();
  await setup.row('left').waitFor();
});

test('the preview opens each file in the diff editor, and is still there afterwards', async () => {
  await setup.choose('scripted');
  await setup.press('Preview changes');
  await setup.frame.getByRole('heading', { name: 'Preview: route servers through MCP Shark' }).waitFor();
  await setup.press('Show diff of .vscode/mcp.json');
  await editor.workbench.tabWith('mcp.json: now ↔ planned');
  await editor.workbench.diffEditor.first().waitFor();
  await editor.workbench.screenshot(join(testResultsFolder, 'setup-diff.png'));
  expect((await readFile(file)).equals(original)).toBe(true);
  expect(existsSync(configOf(editor.run))).toBe(false);
  await setup.open();
  await setup.button('Apply').waitFor();
});

test('before that it is VS Code that knows the server', async () => {
  await expect.poll(() => editor.host.call('knownMcpServers')).toContain('scripted');
});

test('Apply moves the server, and leaves everything else of the file as it was', async () => {
  await setup.press('Apply');
  await setup.section('Waiting for you').getByRole('heading', { name: 'scripted' }).waitFor();
  const after = await readFile(file, 'utf8');
  expect(after).not.toContain('scripted.mjs');
  expect(after).toBe(configuration().split('\r\n').filter((line) => !/Says what|"scripted"/.test(line)).join('\r\n'));
  const moved = JSON.parse(await readFile(configOf(editor.run), 'utf8')) as { servers: Record<string, object> };
  expect(Object.keys(moved.servers)).toEqual(['scripted']);
});

test('the server waits: it is shown in full, and not started', async () => {
  const card = setup.section('Waiting for you');
  expect(await card.innerText()).toContain('scripted.mjs');
  expect(await card.innerText()).toContain('It has not been approved before.');
  // VS Code reads the changed file a moment later, and would until then start the server itself.
  await waitFor('VS Code to have read the file', async () => ((await editor.host.call('knownMcpServers')).includes('scripted') ? undefined : true), soonMs);
  await editor.host.call('startMcpServers');
  expect(runningServers(editor.run)).toEqual([]);
  await editor.workbench.screenshot(join(testResultsFolder, 'setup-waiting.png'));
});

test('approved, it answers VS Code through MCP Shark', async () => {
  await setup.press('Approve scripted');
  await setup.section('Approved').locator('.row-name', { hasText: 'scripted' }).waitFor();
  const tool = await editor.offeredTool('scripted', 'echo');
  const answer = await editor.invokeTool(tool, { message: 'routed' });
  expect(answer.text).toContain('routed');
  await setup.section('Approved').getByText('Running').waitFor();
});

test('Undo is shown first, and brings the file back byte for byte', async () => {
  await setup.press('Undo: Routed scripted');
  await setup.frame.getByRole('heading', { name: 'Preview: put configurations back' }).waitFor();
  expect((await readFile(file)).equals(original)).toBe(false);
  await setup.press('Apply');
  await waitFor('the file to be as it was', async () => ((await readFile(file)).equals(original) ? true : undefined), soonMs);
  await setup.frame.getByText('was put back').or(setup.frame.getByText('were put back')).first().waitFor();
  expect(existsSync(configOf(editor.run))).toBe(false);
  await waitFor('the server to end', () => (runningServers(editor.run).length === 0 ? true : undefined), soonMs);
});
