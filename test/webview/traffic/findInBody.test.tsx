/** Finding in the body of a call: opens what is closed, steps round, and gives the focus back. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

let view: OpenView;
beforeEach(async () => {
  view = await openView(scenes['busy']!);
  const row = [...view.root.querySelectorAll<HTMLElement>('.call-row[id]:not(.running)')].findLast((one) => one.textContent?.includes('tools/list'))!;
  await act(async () => row.click());
  await view.settle();
  await view.click('Response');
  await view.settle();
});
afterEach(() => view.close());

const input = (): HTMLInputElement => view.root.querySelector<HTMLInputElement>('.find-bar input')!;
const said = (): string | null | undefined => view.root.querySelector('.find-count')?.textContent;
const active = (): string | null | undefined => view.root.querySelector('.json-row.active')?.textContent;
async function type(text: string): Promise<void> {
  await act(async () => {
    input().value = text;
    input().dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await view.settle();
}

it('finds what is closed in the tree, opens the way there, and steps both ways round', async () => {
  await view.press('f', view.root.querySelector('[role=tree]')!, { ctrlKey: true });
  expect(document.activeElement).toBe(input());
  expect(view.text()).not.toContain('minimum:');
  await type('minimum');
  expect(said()).toBe('1 of 40');
  expect(active()).toBe('minimum:1');
  expect(view.root.querySelector('.json-row.active mark')?.textContent).toBe('minimum');
  await view.press('Enter', input(), { shiftKey: true });
  expect(said()).toBe('40 of 40');
  await view.press('Enter', input());
  expect(said()).toBe('1 of 40');
});

it('says when nothing is found, and Escape closes it without closing the detail', async () => {
  await view.click('Find (Ctrl+F)');
  await type('no such thing');
  expect(said()).toBe('Not found');
  await view.press('Escape', input());
  expect(view.root.querySelector('.find-bar')).toBeNull();
  expect(view.root.querySelector('.detail')).toBeTruthy();
  expect(document.activeElement).toBe(view.root.querySelector('[role=tree]'));
});

it('finds in the raw text too, and there is nothing to find in hex', async () => {
  await view.click('Raw');
  await view.click('Find (Ctrl+F)');
  await type('GITHUB__TOOL_7');
  expect(said()).toBe('1 of 1');
  expect(view.root.querySelector('.found.current')?.textContent).toBe('github__tool_7');
  await view.click('Hex');
  expect(view.root.querySelector('.find-bar')).toBeNull();
  expect(view.root.querySelector('.hex-row')?.textContent).toContain('00000000');
});

it('lets a node opened for a match be closed again', async () => {
  await view.click('Find (Ctrl+F)');
  await type('minimum');
  const tree = view.root.querySelector('[role=tree]')!;
  await view.press('ArrowLeft', tree);
  await view.press('ArrowLeft', tree);
  expect(view.root.querySelector('.json-row.active')?.getAttribute('aria-expanded')).toBe('false');
  expect(view.text()).not.toContain('minimum:');
});
