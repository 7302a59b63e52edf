// The detail of recorded calls in the real editor, with what real servers send: pictures, sound, links, annotations, structured content
// against its schema, progress, stderr, bodies that come in parts; comments that outlive a reload; and what asks before it acts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { requireNode24 } from '../../scripts/lib/node24.mjs';
import { inProject, testResultsFolder } from '../../scripts/lib/paths.mjs';
import { stdioServers } from '../../scripts/lib/realServers.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { startMs } from '../support/editor/poll';
import { writeServers } from '../support/editor/runFolder';
import { toolPrefix } from '../support/editor/trafficServers';
import { TrafficView } from '../support/editor/trafficView';

let editor: EditorWindow;
let traffic: TrafficView;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), {
    size: { width: 1400, height: 900 },
    prepare: ({ workspace }) =>
      writeServers(workspace, {
        everything: stdioServers.everything(),
        noisy: { type: 'stdio', command: requireNode24(), args: [inProject('test', 'servers', 'noisy.mjs')] },
      }),
  });
  traffic = new TrafficView(editor.workbench);
  await editor.host.call('updateUserSetting', 'files.simpleDialog.enable', true);
  await traffic.open();
  await editor.host.call('executeCommand', 'workbench.action.closeSidebar');
  const everything = await toolPrefix(editor, 'everything', 'echo');
  const noisy = await toolPrefix(editor, 'noisy', 'work');
  for (const [tool, input] of [
    [`${everything}get-tiny-image`, {}],
    [`${everything}get-annotated-message`, { messageType: 'error', includeImage: true }],
    [`${everything}get-resource-links`, { count: 3 }],
    [`${everything}get-structured-content`, { location: 'Chicago' }],
    [`${everything}trigger-long-running-operation`, { duration: 1, steps: 4 }],
    [`${everything}echo`, { message: `${'long and longer '.repeat(75_000)}NEEDLE at the end` }],
    [`${noisy}work`, { what: 'the test' }],
  ] as const) await editor.invokeTool(tool, input);
  await traffic.rows('noisy', 'work').first().waitFor();
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('a picture is drawn from the data of the message, and opens in the viewer of the editor', async () => {
  await openCall('everything', 'get-tiny-image');
  await showResponse('Rendered');
  const picture = view().locator('img');
  await eventually(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(20);
  await look('image');
  await view().getByRole('button', { name: 'Open in editor' }).last().click();
  await page().locator('.tab').filter({ hasText: 'content.png' }).waitFor();
  await eventually(() => page().locator('.part.statusbar').innerText()).toMatch(/20\s*[x×]\s*20/);
  await look('image-in-viewer');
  await editor.workbench.closeEditor();
  await filterBox().waitFor();
});

test('sound can be played where it stands', async () => {
  await openCall('noisy', 'work');
  await showResponse('Rendered');
  await eventually(() => view().locator('audio').evaluate((audio: HTMLAudioElement) => audio.duration)).toBeCloseTo(0.5, 1);
  await look('audio');
});

test('a link shows where it goes before it is opened, and what is no link of the web is none', async () => {
  await eventually(() => view().getByRole('link').allInnerTexts()).toEqual(['the manual']);
  await view().getByRole('link', { name: 'the manual' }).click();
  const { dialog } = editor.workbench;
  await dialog.waitFor();
  await look('link-dialog');
  const said = await dialog.innerText();
  expect(said).toContain('https://example.com/manual?page=1');
  expect(said).toContain('example.com');
  await editor.workbench.answerDialog('Cancel');
});

test('annotations stand with what they are about', async () => {
  await openCall('everything', 'get-annotated-message');
  await showResponse('Rendered');
  await eventually(() => traffic.text()).toContain('for user, assistant');
  expect(await traffic.text()).toContain('priority 1');
  await look('annotated');
});

test('resource links are listed and are not followed', async () => {
  await openCall('everything', 'get-resource-links');
  await showResponse('Rendered');
  await eventually(() => view().getByText('Resource link', { exact: true }).count()).toBe(3);
  expect(await view().getByRole('link').count()).toBe(0);
  await look('resource-links');
});

test('structured content is checked against the output schema of the tool', async () => {
  await openCall('everything', 'get-structured-content');
  await traffic.openDetailTab('Overview');
  await view().getByText('Fits the output schema').waitFor();
  await look('structured-fits');
  await openCall('noisy', 'work');
  await traffic.openDetailTab('Overview');
  await view().getByText('1 place does not fit the output schema').waitFor();
  expect(await traffic.text()).toContain('must be a number, is text');
  await view().getByRole('button', { name: '/count' }).click();
  await look('structured-problem');
});

test('progress is told with the call, and its time is told from waiting', async () => {
  await openCall('everything', 'trigger-long-running-operation');
  await view().getByRole('tab', { name: 'Related (4)' }).click();
  await eventually(() => view().getByText(/^[1-4] of 4$/).count()).toBe(4);
  await look('progress');
  await traffic.openDetailTab('Timing');
  await view().getByText('Streaming', { exact: true }).waitFor();
  await look('timing');
});

test('what the server wrote meanwhile stands beside the call, without the colours of a terminal', async () => {
  await openCall('noisy', 'work');
  await view().getByRole('tab', { name: /^Related/ }).click();
  await eventually(() => traffic.text()).toContain('warn working loudly');
  const text = await traffic.text();
  expect(text).toContain('nearly done');
  expect(text).not.toContain('\\u001b');
  await look('server-output');
  await view().getByRole('button', { name: 'Show the escape sequences that colour a terminal' }).click();
  await eventually(() => traffic.text()).toContain('\\u001b[33mwarn');
});

test('a body over a megabyte comes in parts, is searched to its end, and opens whole', async () => {
  await openCall('everything', 'echo');
  await showResponse('Raw');
  await view().getByText(/loaded in parts as you scroll/).waitFor();
  await view().getByRole('button', { name: 'Find (Ctrl+F)' }).click();
  await view().getByLabel('Find in the body').fill('needle');
  await view().getByText('1 of 1', { exact: true }).waitFor();
  await view().locator('mark', { hasText: 'NEEDLE' }).waitFor();
  await look('big-body');
  await view().getByRole('radio', { name: 'Hex' }).click();
  await view().getByText('00000000').waitFor();
  await view().getByRole('radio', { name: 'Tree' }).click();
  await view().getByRole('button', { name: /^Load all 1\.2 MB/ }).click();
  await view().getByRole('tree').getByText('structuredContent').or(view().getByRole('tree').getByText('content')).first().waitFor();
  await look('big-body-tree');
});

test('a comment is still there after a reload of the window', async () => {
  await openCall('everything', 'get-tiny-image');
  await traffic.openDetailTab('Overview');
  await view().getByRole('button', { name: 'Add a comment…' }).click();
  await view().locator('textarea:focus').waitFor();
  await page().keyboard.insertText('The logo.\nKeep for the release.');
  await page().keyboard.press('Control+Enter');
  await view().getByRole('button', { name: 'Edit the comment' }).waitFor();
  await look('comment');

  await editor.reload();
  await filterBox().waitFor({ timeout: startMs });
  await openCall('everything', 'get-tiny-image');
  await traffic.openDetailTab('Overview');
  await eventually(() => traffic.text()).toContain('Keep for the release.');
  await look('comment-after-reload');
});

test('what is shown can be exported as text', async () => {
  await traffic.filterTo('tool:get-tiny-image', (row) => row.includes('get-tiny-image'));
  await view().getByRole('button', { name: 'Export what is shown…' }).click();
  await view().getByRole('menuitem', { name: /as text/ }).click();
  await traffic.saveAs(editor.run.root, 'exported.txt', 'harness.json');
  const text = await readFile(join(editor.run.root, 'exported.txt'), 'utf8');
  expect(text).toContain('get-tiny-image');
  expect(text).toContain('Keep for the release.');
  await view().getByRole('button', { name: 'Clear the filter (Esc)' }).click();
});

test('sending again asks first where the tool does not say that it only reads', async () => {
  await openCall('noisy', 'work');
  await view().getByRole('button', { name: 'More actions for this call' }).click();
  await view().getByRole('menuitem', { name: /^Resend/ }).click();
  const { dialog } = editor.workbench;
  await dialog.waitFor();
  await look('resend-dialog');
  expect(await dialog.innerText()).toContain('Send work to noisy again?');
  await editor.workbench.answerDialog('Cancel');
  expect(await traffic.rows('noisy', 'work').count()).toBe(1);
});

const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read);
const page = () => editor.workbench.page;
const view = () => editor.workbench.webview();
const filterBox = (): Locator => traffic.filterBox;

async function openCall(server: string, tool: string): Promise<void> {
  await traffic.rows(server, tool).last().click();
  await view().getByRole('heading', { name: tool }).waitFor();
}

async function showResponse(form: string): Promise<void> {
  await traffic.openDetailTab('Response');
  await view().getByRole('radio', { name: form, exact: true }).click();
}

async function look(name: string): Promise<void> {
  await editor.workbench.screenshot(join(testResultsFolder, 'detail', `${name}.png`));
}

