// What a person puts on recorded calls and does with them, in the real editor: pin, colour and comment that outlive a reload, are
// found and exported; comparing; sending again and opening in the Playground; findings; and a way through it all by keyboard.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { PlaygroundView } from '../support/editor/playgroundView';
import { startMs } from '../support/editor/poll';
import { themes, type ThemeName } from '../support/editor/settings';
import { addWorkshop, toolPrefix } from '../support/editor/trafficServers';
import { TrafficView } from '../support/editor/trafficView';

/** WCAG 2.2, 1.4.3. */
const LEAST_CONTRAST = 4.5;

let editor: EditorWindow;
let traffic: TrafficView;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), { size: { width: 1400, height: 900 }, prepare: addWorkshop });
  traffic = new TrafficView(editor.workbench);
  await editor.host.call('updateUserSetting', 'files.simpleDialog.enable', true);
  await traffic.open();
  await editor.host.call('executeCommand', 'workbench.action.closeSidebar');
  const everything = await toolPrefix(editor, 'everything', 'echo');
  const workshop = await toolPrefix(editor, 'workshop', 'peek');
  for (const [tool, input] of [
    [`${everything}echo`, { message: 'to be pinned' }],
    [`${everything}echo`, { message: 'to be coloured' }],
    [`${everything}get-sum`, { a: 40, b: 2 }],
    [`${workshop}peek`, { page: 1 }],
    [`${workshop}read_note`, { page: 2 }],
    [`${workshop}write_note`, { page: 3, text: 'kept' }],
  ] as const) await editor.invokeTool(tool, input);
  await traffic.rows('workshop', 'write_note').waitFor();
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('a pin, a colour and a comment are put on calls from the list', async () => {
  await traffic.rows('to be pinned').click();
  await press('Escape', 'p');
  await marked('to be pinned', 'Pinned');
  await traffic.openMenu(traffic.rows('to be coloured'), 'name');
  await traffic.choose('Colour');
  await look('colours');
  await traffic.choose('Red', 'menuitemradio');
  await marked('to be coloured', 'Marked red');
  await traffic.openMenu(traffic.rows('get-sum'), 'name');
  await traffic.choose('Comment…');
  await view().getByRole('textbox', { name: 'Comment on this call' }).fill('Why is it 42? A "good" sum.');
  await view().getByRole('button', { name: 'Save', exact: true }).click();
  await marked('get-sum', 'Why is it 42? A "good" sum.');
  await press('Escape');
  await look('notes');
});

test('they are still there after a reload, and each is found by its term', async () => {
  await editor.reload();
  await traffic.filterBox.waitFor({ timeout: startMs });
  for (const [filter, row, mark] of [
    ['is:pinned', 'to be pinned', 'Pinned'],
    ['color:red', 'to be coloured', 'Marked red'],
    ['comment:"why is it"', 'get-sum', 'Why is it 42? A "good" sum.'],
  ] as const) {
    expect(await traffic.filterTo(filter, (text) => text.includes(row))).toBe(1);
    await marked(row, mark);
  }
  await traffic.filter('comment:elephant');
  await view().getByRole('heading', { name: 'No call matches this filter' }).waitFor();
});

test.each([
  ['JSON Lines', 'jsonl'],
  ['JSON', 'json'],
  ['CSV', 'csv'],
  ['text', 'txt'],
])('what is shown is exported as %s with its notes', async (name, ending) => {
  expect(await traffic.filterTo('is:pinned OR color:red OR is:commented', (row) => /echo|get-sum/.test(row))).toBe(3);
  await traffic.button('Export what is shown…').click();
  await traffic.choose(`Export 3 calls as ${name}…`);
  await traffic.saveAs(editor.run.root, `noted.${ending}`, 'harness.json');
  const text = await readFile(join(editor.run.root, `noted.${ending}`), 'utf8');
  if (ending === 'json' || ending === 'jsonl') {
    const calls = (ending === 'json' ? JSON.parse(text) : text.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)) as ExportedCall[];
    expect(calls.map(({ name: tool }) => tool)).toEqual(['echo', 'echo', 'get-sum']);
    expect(calls.map(({ note }) => note)).toEqual([{ isPinned: true }, { color: 'red' }, { comment: 'Why is it 42? A "good" sum.' }]);
    expect(calls[2]?.request.params.arguments).toEqual({ a: 40, b: 2 });
  } else {
    expect(text).toContain(ending === 'csv' ? '"Why is it 42? A ""good"" sum."' : 'Why is it 42? A "good" sum.');
    for (const word of ['pinned', 'red', 'get-sum', 'everything']) expect(text.toLowerCase()).toContain(word);
    if (ending === 'csv') expect(text.trimEnd().split(/\r?\n/)).toHaveLength(4);
  }
});

test('two calls are compared from the menu, by their answers', async () => {
  expect(await traffic.filterTo('tool:echo', (row) => row.includes('echo'))).toBe(2);
  await traffic.rows('to be pinned').click();
  await traffic.rows('to be coloured').click({ modifiers: ['ControlOrMeta'] });
  await traffic.openMenu(traffic.rows('to be coloured'), 'name');
  await look('compare-menu');
  await traffic.choose('Compare responses');
  await eventually(() => editor.workbench.diffEditor.locator('.editor.original .view-lines').innerText()).toMatch(/Echo:\sto\sbe\spinned/);
  await eventually(() => editor.workbench.diffEditor.locator('.editor.modified .view-lines').innerText()).toMatch(/Echo:\sto\sbe\scoloured/);
  await look('compare');
  await backToTraffic();
});

test('a call is sent again when the user agrees, and stands in the list as one of the Playground', async () => {
  expect(await traffic.filterTo('tool:write_note', (row) => row.includes('write_note'))).toBe(1);
  await traffic.openMenu(traffic.rows('write_note'), 'name');
  await traffic.choose(/^Resend/);
  const { dialog } = editor.workbench;
  await dialog.waitFor();
  expect(await dialog.innerText()).toContain('it may change something a second time');
  await look('resend');
  await editor.workbench.answerDialog('Send Again');
  const playground = new PlaygroundView(editor.workbench);
  expect(await playground.settled()).toMatch(/^(OK|Done|Succeeded)/);
  expect(await playground.resultText()).toContain('scripted write_note {"page":3,"text":"kept"}');
  await look('resent');
  await backToTraffic();
  await eventually(() => traffic.count()).toBe(2);
  await eventually(() => view().getByRole('row').filter({ has: view().getByLabel('Run in the Playground') }).count()).toBe(1);
  await look('resent-list');
  await traffic.filter('tool:write_note is:playground');
  await eventually(() => traffic.count()).toBe(1);
});

test('what only reads is sent again without a question', async () => {
  expect(await traffic.filterTo('tool:read_note', (row) => row.includes('read_note'))).toBe(1);
  await traffic.openMenu(traffic.rows('read_note'), 'name');
  await traffic.choose(/^Resend/);
  const playground = new PlaygroundView(editor.workbench);
  await eventually(() => playground.resultText().catch(() => '')).toContain('scripted read_note {"page":2}');
  expect(await editor.workbench.dialog.count()).toBe(0);
  await backToTraffic();
  await eventually(() => traffic.count()).toBe(2);
});

test('a call opens in the Playground with its arguments, and nothing is sent', async () => {
  expect(await traffic.filterTo('tool:get-sum', (row) => row.includes('get-sum'))).toBe(1);
  await traffic.openMenu(traffic.rows('get-sum'), 'name');
  await traffic.choose('Open in Playground');
  const playground = new PlaygroundView(editor.workbench);
  await eventually(() => playground.field('/a').locator('input, textarea').first().inputValue().catch(() => '')).toBe('40');
  expect(await playground.field('/b').locator('input, textarea').first().inputValue()).toBe('2');
  await look('playground');
  await backToTraffic();
  await eventually(() => traffic.count()).toBe(1);
});

test('what the checks found about a tool stands with its calls, legible in every theme', async () => {
  expect(await traffic.filterTo('tool:peek', (row) => row.includes('peek'))).toBe(1);
  await traffic.rows('workshop', 'peek').click();
  await traffic.openDetailTab('Overview');
  await view().getByRole('heading', { name: 'Findings' }).waitFor();
  await eventually(() => traffic.text()).toContain('definition.hiddenText');
  const excerpt = view().locator('.findings code').first();
  // What cannot be seen is written as an escape.
  await eventually(() => excerpt.innerText()).toContain('Reads a note.\\u{e0064}\\u{e006f}');
  for (const theme of Object.keys(themes) as ThemeName[]) {
    await editor.workbench.setTheme(theme);
    await look(`findings-${theme}`);
    await eventually(() => contrast(excerpt)).toBeGreaterThan(LEAST_CONTRAST);
  }
  await editor.workbench.setTheme('dark');
  await press('Escape');
});

test('by keyboard alone: filter, walk, open, close, pin, compare', async () => {
  await traffic.calls.focus();
  await press('/');
  await eventually(() => view().locator(':focus').getAttribute('aria-label')).toBe('Filter calls');
  // What stood there is selected, so that it is written over.
  await page().keyboard.type('tool:echo');
  await press('Enter');
  expect(await traffic.standsStill((row) => row.includes('echo'))).toBe(2);
  await press('ArrowDown');
  const selected = view().locator('[role=row][aria-selected=true]');
  await press('Home');
  await eventually(() => selected.innerText()).toContain('to be pinned');
  await press('ArrowDown');
  await eventually(() => selected.innerText()).toContain('to be coloured');
  await press('Enter');
  await view().getByRole('heading', { name: 'echo' }).waitFor();
  await eventually(() => traffic.text()).toContain('Echo: to be coloured');
  // The arrows still walk the list, and the detail goes along.
  await press('ArrowUp');
  await eventually(() => traffic.text()).toContain('Echo: to be pinned');
  await press('Escape');
  await view().getByRole('tablist').waitFor({ state: 'detached' });
  await press('ArrowDown', 'p');
  await marked('to be coloured', 'Pinned');
  await press('p');
  await eventually(() => traffic.rows('to be coloured').getByLabel('Pinned').count()).toBe(0);
  await press('Home', 'Shift+ArrowDown');
  await eventually(() => traffic.summary()).toContain('2 selected');
  await press('d');
  await editor.workbench.diffEditor.waitFor();
  await backToTraffic();
});

interface ExportedCall {
  readonly name: string;
  readonly note: object;
  readonly request: { readonly params: { readonly arguments: object } };
}

const page = () => editor.workbench.page;
const view = () => traffic.frame;
const press = (...keys: readonly string[]): Promise<void> => editor.workbench.press(...keys);
const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read);

/** The row has a mark that says so. */
async function marked(row: string, mark: string): Promise<void> {
  await traffic.rows(row).getByLabel(mark).waitFor();
}

/** Of the text of an element against what it stands on, by WCAG's formula. */
function contrast(element: Locator): Promise<number> {
  return element.evaluate((code) => {
    const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const grounds: number[][] = [];
    for (let at: Element | null = code; at; at = at.parentElement) grounds.push(parse(getComputedStyle(at).backgroundColor));
    const over = (below: number[], [r = 0, g = 0, b = 0, a = 1]: number[]): number[] => [r, g, b].map((part, i) => part * a + (below[i] ?? 0) * (1 - a));
    const ground = grounds.reverse().reduce(over, [255, 255, 255]);
    const light = (color: number[]): number => {
      const [r = 0, g = 0, b = 0] = color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [a, b] = [light(over(ground, parse(getComputedStyle(code).color))), light(ground)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}

/** Closes what came in front. */
async function backToTraffic(): Promise<void> {
  await editor.workbench.closeEditor();
  await traffic.filterBox.click();
}

async function look(name: string): Promise<void> {
  await editor.workbench.screenshot(join(testResultsFolder, 'notes', `${name}.png`));
}
