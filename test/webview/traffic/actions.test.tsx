/** Acting on calls: choosing several, comparing, copying, exporting, by mouse and by keyboard. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/extension/query/parser';
import { MAX_CHOSEN, MultiSelection } from '../../../src/webview/traffic/model/multiSelection';
import { rowOf } from '../../support/webview/scriptedHost';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

let view: OpenView;
beforeEach(async () => {
  view = await openView(scenes['busy']!);
});
afterEach(() => view.close());

const row = (index: number): HTMLElement => view.root.querySelector<HTMLElement>(`[data-index="${index}"]`)!;
const chosen = (): number[] => [...view.root.querySelectorAll<HTMLElement>('.call-row.selected')].map((one) => Number(one.dataset['index']));
async function click(index: number, more: MouseEventInit = {}): Promise<void> {
  await act(async () => void row(index).dispatchEvent(new MouseEvent('click', { bubbles: true, ...more })));
  await view.settle();
}
async function menuOn(index: number, cell = 'name'): Promise<void> {
  await view.contextMenu(row(index).querySelector(`.cell-${cell}`)!);
}

describe('choosing several', () => {
  it('adds and takes out with Ctrl, takes a range with Shift, and one alone with neither', async () => {
    await click(1_200);
    await click(1_198, { ctrlKey: true });
    expect(chosen()).toEqual([1_198, 1_200]);
    await click(1_200, { metaKey: true });
    expect(chosen()).toEqual([1_198]);
    await click(1_195);
    await click(1_199, { shiftKey: true });
    expect(chosen()).toEqual([1_195, 1_196, 1_197, 1_198, 1_199]);
    await click(1_197, { shiftKey: true });
    expect(chosen()).toEqual([1_195, 1_196, 1_197]);
    await click(1_201);
    expect(chosen()).toEqual([1_201]);
  });

  it('works with Shift and the arrows, sums in the strip, and Escape lets go', async () => {
    await view.press('End');
    await view.press('ArrowUp', view.grid(), { shiftKey: true });
    await view.press('ArrowUp', view.grid(), { shiftKey: true });
    expect(chosen()).toEqual([1_201, 1_202, 1_203]);
    expect(view.root.querySelector('.summary')?.textContent).toMatch(/^3 selected/);
    expect(view.grid().getAttribute('aria-multiselectable')).toBe('true');
    await view.press('Escape');
    expect(chosen()).toEqual([1_201]);
    expect(view.root.querySelector('.summary')?.textContent).toMatch(/^1,204 calls/);
  });

  it.each([['x', {}], [' ', { ctrlKey: true }]])('marks calls that are no neighbours with %j, wherever the keyboard goes between', async (key, more) => {
    await view.press('End');
    await view.press(key, view.grid(), more);
    for (let i = 0; i < 3; i += 1) await view.press('ArrowUp');
    expect(chosen()).toEqual([1_203]);
    expect(view.root.querySelector<HTMLElement>('.call-row.active')?.dataset['index']).toBe('1200');
    await view.press(key, view.grid(), more);
    await view.press('k');
    expect(chosen()).toEqual([1_200, 1_203]);
    expect(view.root.querySelector('.summary')?.textContent).toMatch(/^2 selected/);
    await view.press('j');
    await view.press(key, view.grid(), more);
    expect(chosen()).toEqual([1_203]);
    await view.press('Escape');
    expect(chosen()).toEqual([1_200]);
    expect(view.model.layouts.isPaused.value).toBe(false);
  });

  it('pins all that are marked with "p", and a click lets go of them', async () => {
    await view.press('End');
    await view.press('x');
    await view.press('ArrowUp');
    await view.press('ArrowUp');
    await view.press('x');
    await view.press('ArrowUp');
    await view.press('p');
    expect(view.stub.actions).toEqual(['annotate w1/1202 w1/1204 {"isPinned":true}']);
    await click(1_199);
    expect(chosen()).toEqual([1_199]);
    await view.press('ArrowUp');
    expect(chosen()).toEqual([1_198]);
  });

  it('keeps them for a menu opened on one of them, and drops them with another filter', async () => {
    await click(1_200);
    await click(1_199, { ctrlKey: true });
    await menuOn(1_200);
    expect(chosen()).toEqual([1_199, 1_200]);
    await view.choose('Show only the 2 selected');
    await view.settle();
    expect(view.model.feed.total.value).toBe(2);
    expect(view.model.chosen.rows.value.size).toBe(0);
  });
});

it('chooses no more than fit into one filter, from where the range starts', () => {
  const chosen = new MultiSelection();
  const rows = Array.from({ length: 900 }, (_, i) => rowOf(i, { id: `a-writer-of-thirty-characters-/${1_000_000 + i}` }));
  chosen.toggle(rows[899]!, undefined);
  chosen.chooseRange({ rowAt: (index) => rows[index], indexOf: (id) => rows.findIndex((one) => one.id === id) }, 0, undefined);
  const ids = chosen.ordered().map(({ id }) => id);
  expect([ids.length, ids.at(-1)]).toEqual([MAX_CHOSEN, rows[899]!.id]);
  expect(() => parseFilter(`id:${ids.map((id) => `"${id}"`).join(',')}`)).not.toThrow();
});

describe('comparing', () => {
  it('two calls with "d", the older on the left', async () => {
    await click(1_202);
    await click(1_199, { ctrlKey: true });
    await view.press('d');
    expect(view.stub.actions).toEqual(['compare w1/1200 response with w1/1203 response']);
  });

  it('two that are no neighbours without a mouse, and the one marked with the one the keyboard is at', async () => {
    await click(1_199);
    await view.press('x');
    for (let i = 0; i < 3; i += 1) await view.press('ArrowDown');
    await view.press('d');
    await view.press('x');
    await view.press('ArrowUp');
    await view.press('d');
    expect(view.stub.actions).toEqual(Array.from({ length: 2 }, () => 'compare w1/1200 response with w1/1203 response'));
  });

  it('from the menu opened with the keyboard, also of one marked before', async () => {
    await click(1_199);
    await view.press('x');
    for (let i = 0; i < 3; i += 1) await view.press('ArrowDown');
    await view.contextMenu();
    await view.choose('Compare requests');
    expect(view.stub.actions).toEqual(['compare w1/1200 request with w1/1203 request']);
  });

  it('compares requests where an answer is missing', async () => {
    await click(1_203);
    await click(1_199, { ctrlKey: true });
    await view.press('d');
    expect(view.stub.actions).toEqual(['compare w1/1200 request with w1/1204 request']);
  });

  it('says how to choose two where there are not two', async () => {
    await view.press('End');
    await view.press('d');
    expect(view.stub.actions).toEqual([]);
    expect(view.text()).toContain('Select two calls to compare');
  });

  it('both sides of the gateway from the body', async () => {
    const index = [...view.root.querySelectorAll<HTMLElement>('.call-row[id]')].find((one) => one.textContent?.includes('create_issue'))?.dataset['index'];
    await click(Number(index));
    await view.click('Request');
    await view.click('Compare what client and server saw');
    expect(view.stub.actions).toEqual([`compare w1/${Number(index) + 1} request with w1/${Number(index) + 1} upstreamRequest`]);
  });
});

describe('copying and exporting', () => {
  it.each([
    ['Copy as JSON-RPC', 'jsonrpc'],
    ['Copy as cURL', 'curl'],
    ['Copy as TypeScript', 'typescript'],
    ['Copy as bug report', 'markdown'],
  ])('%s', async (label, form) => {
    const index = [...view.root.querySelectorAll<HTMLElement>('.call-row[id]')].find((one) => one.textContent?.includes('query'))?.dataset['index'];
    await menuOn(Number(index));
    await view.choose(label);
    expect(view.stub.actions).toEqual([`copy w1/${Number(index) + 1} as ${form}`]);
  });

  it('copies the value of the cell', async () => {
    await menuOn(1_200, 'method');
    await view.choose('Copy value');
    expect(view.stub.actions).toEqual([`copy text ${view.model.feed.rowAt(1_200)!.method}`]);
  });

  it('offers every cell of a row to the keyboard: to filter by, to exclude, to copy', async () => {
    const index = [1_180, 1_185, 1_190, 1_195].flatMap((from) => [0, 1, 2, 3, 4].map((i) => from + i)).find((at) => row(at) && view.model.feed.rowAt(at)?.upstreamUs !== undefined)!;
    const { client, durationUs, session, conversation } = view.model.feed.rowAt(index)!;
    await click(index);
    const labels = (): string[] => [...view.root.querySelectorAll('.menu-label')].map((one) => one.textContent ?? '');
    await view.contextMenu();
    await view.choose('Filter by another cell');
    const fields = labels().map((label) => /^(?:Filter by|Exclude) (\w+)/.exec(label)?.[1]);
    for (const field of ['dur', 'upstream', 'size', 'since', 'until', 'client', 'session', 'origin', ...(conversation === undefined ? [] : ['conversation'])]) expect(fields).toContain(field);
    await view.choose('Exclude session');
    expect(view.model.filter.text.value).toBe(`-session:${session}`);
    view.model.filter.clear();
    await view.settle();
    await click(index);
    await view.contextMenu();
    await view.choose('Copy a value');
    expect(labels()).toContain(`Client: ${client}`);
    await view.choose('Duration');
    expect(view.stub.actions).toEqual([`copy text ${durationUs}`]);
  });

  it('exports in the order of the list', async () => {
    view.model.sortBy('duration');
    await view.settle();
    await view.click('Export what is shown…');
    await view.choose(`Export ${view.model.feed.total.value.toLocaleString('en')} calls as CSV…`);
    expect(view.stub.actions).toEqual(['export csv of  by duration, descending']);
  });

  it('exports what the filter shows, and what is selected', async () => {
    view.model.filter.set('server:github');
    await view.settle();
    await view.click('Export what is shown…');
    await view.choose(`Export ${view.model.feed.total.value} calls as CSV…`);
    view.model.filter.clear();
    await view.settle();
    await click(1_200);
    await click(1_199, { shiftKey: true });
    await menuOn(1_199);
    await view.choose('Export 2 selected as JSON Lines…');
    expect(view.stub.actions).toEqual(['export csv of server:github', 'export jsonl of id:w1/1200,w1/1201']);
  });
});
