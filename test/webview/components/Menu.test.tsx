/** Where the focus is when a menu opens: on its first item for the keyboard, on none of them for the mouse. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MenuController, MenuHost } from '../../../src/webview/components/Menu';
import { mount, type Mount } from '../../support/webview/mount';

let place: Mount;
let menus: MenuController;
let chosen: string[];
beforeEach(() => {
  place = mount();
  menus = new MenuController();
  chosen = [];
  place.draw(<MenuHost menus={menus} />);
});
afterEach(() => place.close());

const open = (): Promise<void> =>
  act(() => menus.open({ label: 'Things', entries: ['One', 'Two'].map((label) => ({ label, onSelect: () => void chosen.push(label) })), at: { x: 0, y: 0 } }));
const press = (key: string): Promise<void> =>
  act(() => void (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })));

it('has its first item chosen when a key opened it', async () => {
  await press('Enter');
  await open();
  expect(document.activeElement?.textContent).toBe('One');
});

it('has nothing chosen when the mouse opened it, and takes arrows all the same', async () => {
  await act(() => void document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })));
  await open();
  expect(document.activeElement?.getAttribute('role')).toBe('menu');
  await press('Enter');
  expect(chosen).toEqual([]);
  await press('ArrowDown');
  expect(document.activeElement?.textContent).toBe('One');
  await press('ArrowUp');
  await press('Enter');
  expect(chosen).toEqual(['Two']);
  expect(menus.current.value).toBeUndefined();
});

it('goes up to its last item when the mouse opened it', async () => {
  await act(() => void document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })));
  await open();
  await press('ArrowUp');
  expect(document.activeElement?.textContent).toBe('Two');
});
