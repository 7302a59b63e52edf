/**
 * What only a real browser can show: the built view under VS Code's Content Security Policy, with layout, wheel and
 * pointer. The host is a stub that makes calls by the hundred thousand; traffic.test.ts has the real one.
 */
import type { Frame, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { DevPages, TIMEOUT_MS, type PageOptions } from '../support/webview/devPages';

describe('the Traffic view in Chromium', { timeout: TIMEOUT_MS }, () => {
  const pages = new DevPages('traffic');
  let page: Page;
  let view: Frame;

  async function open(scene: string, options?: PageOptions): Promise<void> {
    view = await pages.open(scene, options);
    ({ page } = pages);
  }
  const grid = (): ReturnType<Frame['locator']> => view.locator('.call-list .virtual-list');
  const rowsInView = (): Promise<number[]> =>
    view.evaluate(() => {
      const list = document.querySelector('.call-list .virtual-list')!.getBoundingClientRect();
      return [...document.querySelectorAll<HTMLElement>('.call-row[id]')]
        .filter((row) => row.getBoundingClientRect().bottom > list.top + 22 && row.getBoundingClientRect().top < list.bottom)
        .map((row) => Number(row.dataset['index']));
    });

  it('runs under a strict Content Security Policy, toolkit included, without one violation', async () => {
    await open('nothingConfigured');
    const button = view.locator('vscode-button');
    const [height, sheets] = await button.evaluate((element) => [element.clientHeight, element.shadowRoot?.adoptedStyleSheets.length]);
    expect(height).toBeGreaterThan(20);
    expect(sheets).toBeGreaterThan(0);
    await button.click();
    await expect.poll(() => pages.actions()).toEqual(['config ']);
    expect(pages.problems).toEqual([]);
  });

  it('stands at the newest call, fills the view, and keeps columns of header and rows in line', async () => {
    await open('busy');
    const rows = await rowsInView();
    expect(rows.at(-1)).toBe(1_203);
    expect(rows.length).toBeGreaterThan(30);
    for (const column of ['time', 'server', 'name', 'method', 'detail', 'duration', 'size']) {
      const lefts = await view.evaluate(
        (name) => [...document.querySelectorAll(`.cell-${name}`)].map((cell) => Math.round(cell.getBoundingClientRect().left)),
        column,
      );
      expect(new Set(lefts).size, column).toBe(1);
    }
  });

  it('scrolls a million rows by wheel exactly, and reaches both ends', async () => {
    await open('million');
    await grid().hover();
    const before = await rowsInView();
    await page.mouse.wheel(0, -220);
    await expect.poll(async () => (await rowsInView())[0]).toBe((before[0] ?? 0) - 10);
    await grid().press('Home');
    await expect.poll(async () => (await rowsInView())[0]).toBe(0);
    await expect.poll(() => view.locator('.call-row.selected .cell-name').textContent()).not.toBe('');
    await grid().evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
    await expect.poll(async () => Math.round(((await rowsInView())[0] ?? 0) / 100_000)).toBe(5);
    await grid().evaluate((element) => (element.scrollTop = element.scrollHeight));
    await expect.poll(async () => (await rowsInView()).at(-1)).toBe(999_999);
  });

  it('finds the filter with "/", filters while typing, and gives all back with Escape', async () => {
    await open('busy');
    await grid().focus();
    await page.keyboard.press('/');
    await view.getByRole('combobox', { name: 'Filter calls' }).and(view.locator(':focus')).waitFor();
    await page.keyboard.type('postgres');
    await view.locator('.summary', { hasText: 'of 1,204 calls' }).waitFor();
    await expect.poll(() => view.locator('.call-row[id]:not(:has-text("postgres"))').count()).toBe(0);
    await page.keyboard.press('Escape');
    await view.locator('.summary', { hasText: /^1,204 calls/ }).waitFor();
  });

  it.each([
    [1_200, 'right'],
    [600, 'below'],
  ])('at %i px puts the detail %s, lets it be dragged, and keeps the call in view', async (width, side) => {
    await open('busy', { width });
    await view.locator('.call-row', { hasText: 'search_repositories' }).last().click();
    const detail = view.locator('.detail');
    await detail.waitFor();
    const box = async (): Promise<{ x: number; y: number; width: number; height: number }> => (await detail.boundingBox())!;
    const before = await box();
    expect(side === 'right' ? before.x > 300 : before.y > 300).toBe(true);
    const [x, y] = side === 'right' ? [before.x - 0.5, 400] : [300, before.y - 0.5];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - (side === 'right' ? 100 : 0), y - (side === 'below' ? 100 : 0));
    await page.mouse.up();
    const grown = async (): Promise<number> => (side === 'right' ? (await box()).width - before.width : (await box()).height - before.height);
    await expect.poll(async () => Math.round(await grown())).toBeGreaterThan(90);
    const selected = await view.locator('.call-row.selected').getAttribute('data-index');
    await expect.poll(() => rowsInView()).toContain(Number(selected));
  });

  it('does not freeze on a megabyte in one line', async () => {
    await open('busy');
    await view.locator('.call-row', { hasText: 'directory_tree' }).last().click();
    await view.getByRole('tab', { name: 'Response' }).click();
    const startMs = Date.now();
    await view.getByRole('radio', { name: 'Raw' }).click();
    await view.getByRole('grid', { name: 'Response as text' }).getByRole('row').first().waitFor();
    await view.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(Date.now() - startMs).toBeLessThan(5_000);
  });

  it('shows live calls without losing the place of who reads', async () => {
    await open('busy');
    await grid().focus();
    for (let i = 0; i < 45; i += 1) await page.keyboard.press('ArrowUp');
    await expect.poll(async () => (await rowsInView()).at(-1)).toBeLessThan(1_203);
    await page.evaluate(() => (window as unknown as { harness: { add(count: number): void } }).harness.add(500));
    await view.getByText('500 new').click();
    await expect.poll(async () => (await rowsInView()).at(-1)).toBe(1_703);
  });

  it('comes back to where the user was after a reload', async () => {
    const state = { version: 1, place: { top: 400, seen: 1_200 }, selectedId: 'w1/410', isDetailOpen: true, tab: 'timing' };
    await open('busy', { state });
    await expect.poll(async () => (await rowsInView())[0]).toBe(400);
    await expect.poll(() => view.locator('.new-chip').textContent()).toBe('4 new');
    await expect.poll(() => view.locator('.call-row.selected').getAttribute('data-index')).toBe('409');
    await expect.poll(() => view.getByRole('tab', { selected: true }).textContent()).toBe('Timing');
  });

  it('lets nothing hostile run', async () => {
    await open('hostile');
    await view.locator('.call-row', { hasText: '<script>' }).last().click();
    await view.getByRole('tab', { name: 'Response' }).click();
    await view.locator('.json-row', { hasText: 'owned' }).waitFor();
    expect(await view.title()).toBe('MCP Traffic');
    expect(pages.problems).toEqual([]);
  });
});
