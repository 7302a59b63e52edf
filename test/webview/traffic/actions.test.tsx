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
  await act(async () => void row(index).querySelector(`.cell-${cell}`)!.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true })));
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
