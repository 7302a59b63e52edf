/** The header of the list from the keyboard and by its menu, and the ways times are written. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

let view: OpenView;
beforeEach(async () => {
  view = await openView(scenes['busy']!, {}, 1_200);
});
afterEach(() => view.close());

const headers = (): (string | null)[] => [...view.root.querySelectorAll('[role=columnheader]')].map((header) => header.textContent);
const header = (column: string): HTMLElement => view.root.querySelector<HTMLElement>(`[data-column=${column}]`)!;
const times = (): (string | null | undefined)[] => [...view.root.querySelectorAll('.call-row[id]')].map((row) => row.querySelector('.cell-time')?.textContent);

it('is one stop for Tab, and moves by arrows without moving the list', async () => {
  expect([...view.root.querySelectorAll('[role=columnheader]')].filter((one) => one.getAttribute('tabindex') === '0')).toHaveLength(1);
  header('name').focus();
  await view.press('ArrowLeft', header('name'));
  expect(document.activeElement).toBe(header('server'));
  expect(view.model.selection.value).toBeUndefined();
});

it('reorders with Alt+arrows and keeps it for the workspace', async () => {
  header('name').focus();
  await view.press('ArrowLeft', header('name'), { altKey: true });
  expect(headers().slice(0, 4)).toEqual(['Status', 'Time', 'Name', 'Server']);
  expect(view.root.querySelector('.call-row[id] > :nth-child(3)')?.className).toContain('cell-name');
  await act(() => view.clock.advance(400));
  expect(view.stub.kept.columns.slice(0, 4).map(({ id }) => id)).toEqual(['status', 'time', 'client', 'session']);
  expect(view.stub.kept.columns.findIndex(({ id }) => id === 'name')).toBeLessThan(view.stub.kept.columns.findIndex(({ id }) => id === 'server'));
});

it('hides and shows columns by its menu, and resets them', async () => {
  await view.contextMenu(header('name'));
  await view.settle();
  await view.choose('Method');
  expect(headers()).not.toContain('Method');
  expect(view.root.querySelector('.cell-method')).toBeNull();
  await view.click('Columns and times');
  await view.choose('Reset columns');
  expect(headers()).toContain('Method');
});

it('sorts by a press on a name: the usual way, the other way round, as they happened', async () => {
  const sorted = (): (string | null)[] => ['time', 'duration', 'name'].map((id) => header(id).getAttribute('aria-sort'));
  const top = (): string | null | undefined => view.root.querySelector('.call-row[id] > .cell-duration')?.textContent;
  expect(sorted()).toEqual(['ascending', 'none', 'none']);
  header('duration').focus();
  await view.press('Enter', header('duration'));
  expect(sorted()).toEqual(['none', 'descending', 'none']);
  expect(top()).toMatch(/ s$/);
  expect(view.grid().getAttribute('aria-label')).toContain('Sorted by duration, descending');
  await view.press('Enter', header('duration'));
  expect(sorted()).toEqual(['none', 'ascending', 'none']);
  expect(top()).toBe('0.1 ms');
  await view.press('Enter', header('duration'));
  expect(sorted()).toEqual(['ascending', 'none', 'none']);
  await view.press('Enter', header('name'));
  await act(() => view.clock.advance(400));
  expect(view.stub.kept.sort).toEqual({ by: 'name', isDescending: false });
});

it('sorts by a click, and a drag is no click', async () => {
  const name = header('name');
  await act(() => {
    for (const type of ['pointerdown', 'pointerup']) name.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0, clientX: 50 }));
  });
  await view.settle();
  expect(name.getAttribute('aria-sort')).toBe('ascending');
});

it('moves and hides a column by its menu', async () => {
  const open = async (): Promise<void> => {
    await view.contextMenu(header('server'));
    await view.settle();
  };
  await open();
  await view.choose('Move right');
  expect(headers().slice(0, 4)).toEqual(['Status', 'Time', 'Name', 'Server']);
  await open();
  await view.choose('Hide this column');
  expect(headers()).not.toContain('Server');
});

it('writes times in UTC, since the first call shown, and since the call above', async () => {
  const last = view.model.feed.rowAt(1_203)!;
  await view.click('Columns and times');
  await view.choose('UTC');
  expect(headers()).toContain('Time, UTC');
  expect(times().at(-1)).toBe(new Date(last.timeMs).toISOString().slice(11, 21));
  await view.click('Columns and times');
  await view.choose('Since the call above');
  const above = view.model.feed.rowAt(1_202)!;
  // Spans are numbers: they and their header end on one line.
  expect(view.root.querySelectorAll('.cell-time:not(.span)')).toHaveLength(0);
  expect(times().at(-1)).toBe(`${((last.timeMs - above.timeMs) / 1000).toFixed(3)} s`);
  await view.click('Columns and times');
  await view.choose('Since the first call shown');
  await view.settle();
  expect(Number(times().at(-1)?.replace(/[^\d.]/g, ''))).toBeCloseTo((last.timeMs - view.model.timeBase.startMs.value!) / 1000, 3);
  expect(view.stub.kept.timeMode === 'start' || view.model.settings.timeMode.value === 'start').toBe(true);
});

it('says the method over both columns only where they are neighbours', async () => {
  const spans = (): number => view.root.querySelectorAll('.only-method').length;
  expect(spans()).toBeGreaterThan(0);
  header('method').focus();
  await view.press('ArrowRight', header('method'), { altKey: true });
  expect(spans()).toBe(0);
});
