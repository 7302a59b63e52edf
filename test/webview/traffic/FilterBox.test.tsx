/** The filter box in the view: what its keys do, what a screen reader is told, saved filters, "filter by this". */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

let view: OpenView;
beforeEach(async () => {
  view = await openView(scenes['saved']!);
});
afterEach(() => view.close());

const box = (): HTMLInputElement => view.root.querySelector<HTMLInputElement>('[role=combobox]')!;
const options = (): string[] => [...view.root.querySelectorAll('[role=option]')].map((option) => option.querySelector('.completion-label')?.textContent ?? '');
const chips = (): string[] => [...view.root.querySelectorAll('.chip-text')].map((chip) => chip.textContent ?? '');
async function type(text: string): Promise<void> {
  box().focus();
  await act(async () => {
    box().value = text;
    box().setSelectionRange(text.length, text.length);
    box().dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await view.settle();
}

it('is reached with "/" and with Ctrl+F, and offers the fields', async () => {
  await view.press('/');
  expect(document.activeElement).toBe(box());
  expect(options().slice(0, 3)).toEqual(['server:', 'tool:', 'method:']);
  await view.press('Escape', box());
  expect(document.activeElement).toBe(view.grid());
  await view.press('f', view.grid(), { ctrlKey: true });
  expect(document.activeElement).toBe(box());
});

it('completes with the arrows and Enter, and tells where it is', async () => {
  await type('server:gi');
  expect(box().getAttribute('aria-expanded')).toBe('true');
  expect(options()).toEqual(['github']);
  await view.press('ArrowDown', box());
  const active = view.root.querySelector('[role=option][aria-selected=true]');
  expect(box().getAttribute('aria-activedescendant')).toBe(active?.id);
  await view.press('Enter', box());
  expect(box().value).toBe('server:github');
  expect(box().getAttribute('aria-expanded')).toBe('false');
  expect(chips()).toEqual(['server:github']);
  expect(view.text()).toContain('Calls where server is "github"');
  expect(view.model.feed.shownFilter.value).toBe('server:github');
});

it('takes the first suggestion with Tab', async () => {
  await type('sta');
  await view.press('Tab', box());
  expect(box().value).toBe('status:');
  expect(options()).toContain('cancelled');
});

it('Escape closes a list of values first, then clears, then goes back to the list', async () => {
  await type('server:gi');
  await view.press('Escape', box());
  expect([options(), box().value]).toEqual([[], 'server:gi']);
  await view.press('Escape', box());
  expect(box().value).toBe('');
  await view.press('Escape', box());
  expect(document.activeElement).toBe(view.grid());
});

it('marks a mistake at its place and keeps the last rows', async () => {
  await type('server:github (status:error');
  await view.press('Enter', box());
  await view.settle();
  expect(box().getAttribute('aria-invalid')).toBe('true');
  expect(view.root.querySelector('.filter-mistake')?.textContent).toBe('(');
  expect(view.root.querySelector('[role=status].filter-message')?.textContent).toContain('never closed');
  expect(chips()).toEqual([]);
  expect(view.model.feed.total.value).toBe(1_204);
});

it('removes a term by its chip and keeps the focus in the box', async () => {
  await type('server:github status:ok');
  await view.press('Enter', box());
  await view.click('Remove server:github');
  expect(box().value).toBe('status:ok');
  expect(chips()).toEqual(['status:ok']);
  expect(document.activeElement).toBe(box());
});

it('saves a filter under a name, offers it, and forgets it', async () => {
  await type('status:error');
  await view.press('Enter', box());
  await view.click('Saved filters');
  await view.choose('Save this filter…');
  const name = view.root.querySelector<HTMLInputElement>('.filter-name input')!;
  await act(async () => {
    name.value = 'Failures';
    name.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await act(async () => void view.root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true })));
  await act(() => view.clock.advance(400));
  expect(view.stub.kept.savedFilters.map((saved) => saved.name)).toEqual(['Failures', 'Failures without pings', 'Slow GitHub calls']);
  await view.click('Saved filters');
  await view.choose('Slow GitHub calls');
  expect(box().value).toBe('server:github dur:>500ms');
  await view.click('Saved filters');
  await view.choose('Remove "Slow GitHub calls"');
  await act(() => view.clock.advance(400));
  expect(view.stub.kept.savedFilters.map((saved) => saved.name)).toEqual(['Failures', 'Failures without pings']);
});

it('filters by the cell the menu is opened on, and by any from the keyboard', async () => {
  const cell = [...view.root.querySelectorAll('.cell-server')].find((found) => found.textContent === 'github')!;
  await view.contextMenu(cell);
  await view.choose('Exclude server:github');
  expect(box().value).toBe('-server:github');
  await view.press('End');
  await view.contextMenu();
  const items = [...view.root.querySelectorAll('[role=menuitem]')].map((item) => item.textContent);
  expect(items.some((item) => item?.startsWith('Exclude method:'))).toBe(true);
  const menu = view.root.querySelector('[role=menu]')!;
  await view.press('Escape', menu);
  expect(view.root.querySelector('[role=menu]')).toBeNull();
  expect(document.activeElement).toBe(view.grid());
});

it('draws nothing after it is gone', () => {
  act(() => render(null, view.root));
  expect(view.root.textContent).toBe('');
});
