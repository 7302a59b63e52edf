// What a person does with recorded calls, in the real editor: filters, saved filters and columns that outlive a reload,
// comparing, copying, exporting, reading in an editor, and all of it from the keyboard; then the commands around the view.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { soonMs, startMs, waitFor } from '../support/editor/poll';
import { toolPrefix } from '../support/editor/trafficServers';
import { TrafficView } from '../support/editor/trafficView';

const configName = 'mcp-shark.json';

let editor: EditorWindow;
let traffic: TrafficView;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), { size: { width: 1400, height: 800 } });
  traffic = new TrafficView(editor.workbench);
  // The save dialog drawn by the workbench, on a desktop too.
  await editor.host.call('updateUserSetting', 'files.simpleDialog.enable', true);
  await editor.workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => {});
  await traffic.open();
  await editor.host.call('executeCommand', 'workbench.action.closeSidebar');
  const everything = await toolPrefix(editor, 'everything', 'echo');
  const remote = await toolPrefix(editor, 'remote', 'echo');
  for (const [tool, input] of [
    [`${everything}echo`, { message: 'left of the two' }],
    [`${everything}echo`, { message: 'right of the two' }],
    [`${everything}get-sum`, { a: 40, b: 2 }],
    [`${remote}get-sum`, { a: 1, b: 1 }],
    [`${remote}get-structured-content`, { location: 'Chicago' }],
  ] as const) await editor.invokeTool(tool, input);
  await editor.invokeTool(`${everything}echo`, { message: 42 }).catch(() => {}); // VS Code may throw what the tool reports
  await traffic.rows('remote', 'get-structured-content').first().waitFor();
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('the filter box completes fields and values, and the list shows what they say', async () => {
  await filterBox().click();
  await filterBox().fill('serv');
  await view().getByRole('option', { name: /^server/ }).first().waitFor();
  await look('filter-completion-fields');
  await press('ArrowDown');
  await view().getByRole('option', { name: /^server/, selected: true }).waitFor();
  await press('Enter');
  await expect.poll(() => filterBox().inputValue()).toBe('server:');
  await view().getByRole('option', { name: /remote/ }).first().click();
  await expect.poll(() => filterBox().inputValue()).toContain('server:remote');
  await press('Enter');
  await traffic.rows('everything', 'echo').first().waitFor({ state: 'detached' });
  await traffic.rows('remote', 'get-sum').first().waitFor();
  expect(await filterBox().inputValue()).toContain('server:remote');
  await look('filter-applied');
});

test('a mistake in the filter is named, and the last result stays', async () => {
  await filterBox().fill('server:remote dur:>fast');
  await press('Enter');
  await expect.poll(() => filterBox().getAttribute('aria-invalid')).toBe('true');
  await traffic.rows('remote', 'get-sum').first().waitFor();
  await look('filter-mistake');
  expect(await view().locator('.filter-message').innerText()).toMatch(/\w/);
});

test('a saved filter is still there after a reload of the window', async () => {
  await traffic.filterTo('server:remote tool:get-sum', (row) => row.includes('get-sum'));
  await view().getByRole('button', { name: 'Saved filters' }).click();
  await look('saved-filters-menu');
  await view().getByRole('menuitem', { name: 'Save this filter…' }).click();
  await view().getByLabel('Save as').fill('Remote sums');
  await look('saved-filter-name');
  await press('Enter');
  await view().getByRole('button', { name: 'Clear the filter (Esc)' }).click();
  await traffic.rows('everything', 'echo').first().waitFor();

  await reload();
  await view().getByRole('button', { name: 'Saved filters' }).click();
  await look('saved-filters-after-reload');
  await view().getByRole('menuitemradio', { name: 'Remote sums' }).click();
  await traffic.rows('everything', 'echo').first().waitFor({ state: 'detached' });
  await traffic.rows('remote', 'get-sum').first().waitFor();
  await clearFilter();
});

test('the choice of columns is still there after a reload of the window', async () => {
  const header = (name: string): Locator => view().getByRole('columnheader', { name });
  await header('Size').waitFor();
  await view().getByRole('button', { name: 'Columns and times' }).click();
  await look('columns-menu');
  await view().getByRole('menuitemcheckbox', { name: 'Size' }).click();
  await header('Size').waitFor({ state: 'detached' });
  await view().getByRole('button', { name: 'Columns and times' }).click();
  await view().getByRole('menuitemradio', { name: 'Since the call above' }).click();
  await header('Since above').waitFor();

  await reload();
  await header('Since above').waitFor();
  expect(await header('Size').count()).toBe(0);
  await look('columns-after-reload');
  await view().getByRole('button', { name: 'Columns and times' }).click();
  await view().getByRole('menuitemradio', { name: 'Local time' }).click();
  await view().getByRole('button', { name: 'Columns and times' }).click();
  await view().getByRole('menuitem', { name: 'Reset columns' }).click();
  await header('Size').waitFor();
});

test('"Filter by" from a cell adds its term to the filter', async () => {
  await traffic.rows('remote', 'get-structured-content').first().locator('[data-cell=name]').click({ button: 'right' });
  await look('cell-menu');
  await view().getByRole('menuitem', { name: 'Filter by tool:get-structured-content' }).click();
  await traffic.rows('everything', 'echo').first().waitFor({ state: 'detached' });
  await expect.poll(() => filterBox().inputValue()).toBe('tool:get-structured-content');
  await look('cell-filtered');
  await clearFilter();
});

test('two selected calls open in the diff editor with both texts', async () => {
  await traffic.rows('everything', 'echo').nth(0).click();
  await traffic.openDetailTab('Request');
  await traffic.rows('everything', 'echo').nth(1).click({ modifiers: ['ControlOrMeta'] });
  await view().getByText('2 selected').waitFor();
  await look('two-selected');
  await press('d');
  await editor.workbench.diffEditor.waitFor();
  await expect.poll(() => textIn('.monaco-diff-editor .editor.original')).toContain('left of the two');
  await expect.poll(() => textIn('.monaco-diff-editor .editor.modified')).toContain('right of the two');
  await look('diff');
  await closeEditor();
  await view().getByRole('row').first().waitFor();
});

test('a call copied as a bug report is on the clipboard as Markdown', async () => {
  await traffic.rows('everything', 'get-sum').first().click({ button: 'right' });
  await look('row-menu');
  await view().getByRole('menuitem', { name: 'Copy as bug report (Markdown)' }).click();
  const text = await waitFor('the bug report on the clipboard', async () => {
    const read = await clipboard();
    return read.includes('get-sum') ? read : undefined;
  }, soonMs);
  expect(text).toMatch(/^#/);
  expect(text).toContain('```json');
  expect(text).toContain('"a": 40');
  expect(text).not.toMatch(/bearer /i);
});

test('an export as JSON Lines through the save dialog is on disk, a line per call', async () => {
  await traffic.filterTo('tool:get-sum', (row) => row.includes('get-sum'));
  await view().getByRole('button', { name: 'Export what is shown…' }).click();
  await look('export-menu');
  await view().getByRole('menuitem', { name: /^Export 2 calls as JSON Lines/ }).click();
  expect(await traffic.saveAs(editor.run.root, 'exported.jsonl', 'harness.json')).toContain('2 calls were exported');
  const lines = (await readFile(join(editor.run.root, 'exported.jsonl'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as ExportedCall);
  expect(lines.map(({ server, name }) => [server, name])).toEqual([['everything', 'get-sum'], ['remote', 'get-sum']]);
  expect(lines[0]?.request.params.arguments).toEqual({ a: 40, b: 2 });
  await clearFilter();
});

test('a payload opens in an editor, laid out for reading', async () => {
  await traffic.rows('remote', 'get-structured-content').first().click();
  await traffic.openDetailTab('Response');
  await view().getByRole('button', { name: 'Open in editor' }).click();
  const opened = '.editor-instance .monaco-editor[data-uri^="mcp-shark"]';
  await expect.poll(() => textIn(opened)).toMatch(/"jsonrpc": "2\.0",\n/);
  await look('payload-in-editor');
  await closeEditor();
});

test('the tabs of the detail show request, response, bytes, timing and what is related', async () => {
  await traffic.rows('remote', 'get-structured-content').first().click();
  await traffic.openDetailTab('Overview');
  await expect.poll(() => traffic.text()).toContain('Chicago');
  await look('detail-overview');
  await traffic.openDetailTab('Request');
  await view().getByRole('tree').getByText('Chicago').waitFor();
  await look('detail-request');
  await traffic.openDetailTab('Response');
  await look('detail-response');
  await view().getByRole('radio', { name: 'Raw' }).click();
  await look('detail-raw');
  await view().getByRole('radio', { name: 'Hex' }).click();
  await view().getByText('00000000').waitFor();
  // What the bytes read as must not be cut off at the edge.
  await expect.poll(() => view().locator('.hex-row').first().evaluate((row) => row.scrollWidth - row.clientWidth)).toBe(0);
  await look('detail-hex');
  await view().getByRole('radio', { name: 'Tree' }).click();
  await traffic.openDetailTab('Timing');
  await look('detail-timing');
  await traffic.openDetailTab('Related');
  await look('detail-related');
});

test('find goes from match to match in the response and says when there is none', async () => {
  await traffic.openDetailTab('Response');
  await view().getByRole('tree').click();
  await press('ControlOrMeta+f');
  const box = view().getByLabel('Find in the body');
  await box.fill('temperature');
  await view().getByText(/^1 of \d+$/).waitFor();
  await press('Enter');
  await view().getByText(/^2 of \d+$/).waitFor();
  await look('detail-find');
  await box.fill('no such thing');
  await view().getByText('Not found').waitFor();
  await press('Escape');
  await box.waitFor({ state: 'detached' });
  await traffic.openDetailTab('Overview');
});

test('the list can be used from the keyboard alone', async () => {
  await press('Escape');
  await view().getByRole('tablist').waitFor({ state: 'detached' });
  await press('/');
  await expect.poll(() => focusedLabel()).toBe('Filter calls');
  await page().keyboard.type('method:tools/call');
  await press('Enter');
  await traffic.standsStill((row) => !row.includes('initialize'));
  await press('ArrowDown', 'Home');
  const selected = view().locator('[role=row][aria-selected=true]');
  await expect.poll(() => selected.getAttribute('data-index')).toBe('0');
  const first = await selected.innerText();
  await press('j');
  await expect.poll(() => selected.innerText()).not.toBe(first);
  await press('k');
  await expect.poll(() => selected.innerText()).toBe(first);
  await press('Enter');
  await view().getByRole('tablist').waitFor();
  await look('keyboard-detail');
  await press('j');
  await expect.poll(() => selected.innerText()).not.toBe(first);
  await press('Shift+F10');
  await view().getByRole('menu').waitFor();
  await look('keyboard-menu');
  await press('Escape');
  await view().getByRole('menu').waitFor({ state: 'detached' });
  await press('Escape');
  await view().getByRole('tablist').waitFor({ state: 'detached' });
  await press('/');
  await expect.poll(() => focusedLabel()).toBe('Filter calls');
  await press('Escape');
  await expect.poll(() => filterBox().inputValue()).toBe('');
  await traffic.rows('initialize').first().waitFor();
});

test('the status bar entry tells in its tooltip how each server does', async () => {
  await editor.offeredTool('remote', 'echo'); // after a reload VS Code starts servers when they are asked for
  const hover = page().locator('.monaco-hover:visible').filter({ hasText: 'Routing is on' });
  const wanted = ['Routing is on (2 servers)', 'everything: running', 'remote: running', 'Show traffic'];
  let text = '';
  // What is shown stays as it is, or goes, when a server starts: who wants to know looks again.
  await waitFor('the tooltip', async () => {
    await page().mouse.move(600, 400);
    await hover.waitFor({ state: 'hidden' });
    await editor.workbench.statusBarEntry().hover();
    text = await hover.innerText({ timeout: 5_000 }).catch(() => '');
    return wanted.every((one) => text.includes(one)) || undefined;
  }, startMs, () => text);
  await look('status-bar-tooltip');
  await page().mouse.move(600, 400);
});

test('recent traffic is written to SQLite at once, and the file is named', async () => {
  await editor.workbench.runCommand('MCP Shark: Write Recent Traffic to SQLite and Show the File');
  const notification = await editor.workbench.notificationWith('.sqlite');
  await look('sqlite-notification');
  await notification.getByRole('button', { name: 'Copy Path' }).click();
  const file = await waitFor('the path on the clipboard', async () => {
    const read = await clipboard();
    return read.endsWith('.sqlite') ? read : undefined;
  }, soonMs);
  expect((await readFile(file)).subarray(0, 15).toString()).toBe('SQLite format 3');
});

test('the log shows what the gateway did', async () => {
  await editor.workbench.runCommand('MCP Shark: Show Log');
  await expect.poll(() => textIn('.part.panel .monaco-editor .view-lines')).toMatch(/gateway|server/i);
  await look('log');
  await editor.host.call('executeCommand', 'workbench.action.closePanel');
});

test('a wrong type in the configuration is marked by the JSON language service', async () => {
  await editor.workbench.runCommand('MCP Shark: Open Server Configuration');
  await expect.poll(() => textIn(editorOf(configName))).toContain('"servers"');
  await look('configuration');
  await replaceText('{ "servers": { "everything": { "command": 42 } } }');
  await editor.host.call('executeCommand', 'workbench.actions.view.problems');
  const problem = page().locator('.markers-panel .monaco-list-row').filter({ hasText: 'Incorrect type. Expected "string"' });
  // The JSON language service is only now started.
  await problem.waitFor({ timeout: startMs });
  await look('configuration-wrong-type');
  await replaceText('{ "servers": { "everything": { ');
  await editor.host.call('executeCommand', 'editor.action.triggerSuggest');
  await page().locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: 'command' }).first().waitFor();
  await look('configuration-completion');
  await press('Escape');
  await editor.host.call('executeCommand', 'workbench.action.closePanel');
  await editor.host.call('executeCommand', 'workbench.action.files.revert');
  await closeEditor();
});

test('where there is no configuration an example opens that is not yet a file', async () => {
  await rm(join(editor.run.workspace, '.vscode', configName));
  await editor.workbench.runCommand('MCP Shark: Open Server Configuration');
  await expect.poll(() => textIn(editorOf(configName))).toContain('MCP Shark starts these servers');
  await look('configuration-example');
  await expect(readFile(join(editor.run.workspace, '.vscode', configName))).rejects.toThrow('ENOENT');
  await editor.host.call('executeCommand', 'workbench.action.revertAndCloseActiveEditor');
});

interface ExportedCall {
  readonly server: string;
  readonly name: string;
  readonly request: { readonly params: { readonly arguments: object } };
}

const page = () => editor.workbench.page;
const view = () => editor.workbench.webview();
const filterBox = (): Locator => traffic.filterBox;
const press = (...keys: readonly string[]): Promise<void> => editor.workbench.press(...keys);
const editorOf = (name: string): string => `.editor-instance .monaco-editor[data-uri$="${name}"]`;

async function look(name: string): Promise<void> {
  await editor.workbench.screenshot(join(testResultsFolder, 'actions', `${name}.png`));
}

async function clearFilter(): Promise<void> {
  await view().getByRole('button', { name: 'Clear the filter (Esc)' }).click();
  await traffic.rows('everything', 'echo').first().waitFor();
}

async function reload(): Promise<void> {
  await editor.reload();
  await filterBox().waitFor({ timeout: startMs });
  await traffic.rows('everything', 'echo').first().waitFor();
}

/** What an editor shows, its hard spaces as plain ones; lines are drawn in no order, so they are put in theirs. */
async function textIn(selector: string): Promise<string> {
  const lines = await page().locator(`${selector} .view-line`).evaluateAll((all) =>
    all.map((line) => ({ top: parseFloat((line as HTMLElement).style.top), text: line.textContent ?? '' })).sort((a, b) => a.top - b.top).map(({ text }) => text),
  );
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

/** Empty while the window may not look at it, which it may not without the focus. */
async function clipboard(): Promise<string> {
  return page().evaluate(() => navigator.clipboard.readText()).catch(() => '');
}

async function focusedLabel(): Promise<string | null> {
  return view().locator(':focus').getAttribute('aria-label').catch(() => null);
}

/** Closes the editor in front, so that the Traffic view is there again and takes keys. */
async function closeEditor(): Promise<void> {
  await editor.workbench.closeEditor();
  await filterBox().click();
}

async function replaceText(text: string): Promise<void> {
  await editor.host.call('executeCommand', 'workbench.action.focusActiveEditorGroup');
  await page().locator('.editor-instance .monaco-editor.focused').waitFor();
  await editor.host.call('executeCommand', 'editor.action.selectAll');
  await page().keyboard.insertText(text);
}

