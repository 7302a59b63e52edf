// The Traffic view as a person uses it: finds rows by what they say and the detail by what it shows. Roles and names, not
// class names, so that the view can be restyled without touching a test.
import { extname, join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { soonMs, waitFor } from './poll';
import type { Workbench } from './workbench';

const CALLS = '[role=grid], [role=treegrid], [role=listbox][tabindex="0"]';
/** In the order of their keys, 1 to 5. */
const LAYOUTS = ['List', 'Session', 'Server', 'Prompt', 'Timeline'] as const;
export type LayoutName = (typeof LAYOUTS)[number];

export class TrafficView {
  constructor(private readonly workbench: Workbench) {}

  /** The page inside the editor tab that is in front. */
  get frame(): FrameLocator {
    return this.workbench.webview();
  }

  get filterBox(): Locator {
    return this.frame.getByRole('combobox', { name: 'Filter calls' });
  }

  /** What takes the keys of the calls: list, tree of groups, or time line. */
  get calls(): Locator {
    return this.frame.locator(CALLS).first();
  }

  async open(): Promise<void> {
    await this.workbench.runCommand('MCP Shark: Show Traffic');
    // The view is up when it has drawn something, were it only that nothing was recorded yet.
    await this.frame.locator('body :visible').first().waitFor();
  }

  /** Rows that show every one of the texts, newest first or last as the view sorts them. */
  rows(...texts: readonly string[]): Locator {
    return texts.reduce((rows, text) => rows.filter({ hasText: text }), this.frame.getByRole('row'));
  }

  /**
   * Watches the view for a row that shows every one of the texts. What is given waits until it is there and says since when,
   * by the wall clock in milliseconds: seen from inside, since looking from outside takes time of its own.
   */
  async watchFor(...texts: readonly string[]): Promise<() => Promise<number>> {
    await this.frame.locator('body').evaluate((body, wanted) => {
      const isThere = (): boolean => [...body.querySelectorAll('[role=row]')].some((row) => wanted.every((text) => row.textContent?.includes(text)));
      const look = (): void => {
        if (!isThere()) return;
        observer.disconnect();
        body.dataset['seenAtMs'] = String(Date.now());
      };
      const observer = new MutationObserver(look);
      delete body.dataset['seenAtMs'];
      observer.observe(body, { childList: true, subtree: true, characterData: true });
      look();
    }, texts);
    return async () => {
      await this.frame.locator('body[data-seen-at-ms]').waitFor({ state: 'attached' });
      return Number(await this.frame.locator('body').getAttribute('data-seen-at-ms'));
    };
  }

  /** A tab of the detail: Overview, Request, Response, Timing. */
  async openDetailTab(name: string): Promise<void> {
    await this.frame.getByRole('tab', { name }).click();
  }

  /** Everything the view says at this moment. */
  async text(): Promise<string> {
    return this.frame.locator('body').innerText();
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole('button', { name });
  }

  /** Writes the filter and applies it; the empty one shows everything. */
  async filter(text: string): Promise<void> {
    await this.filterBox.fill(text);
    await this.filterBox.press('Enter');
  }

  /**
   * Applies a filter, and waits until the view is of it and its rows stand still: the numbers and the list, which follow one after the
   * other, are of as many calls, and every row is one that `isMeant`. Gives how many.
   */
  async filterTo(text: string, isMeant: (row: string) => boolean): Promise<number> {
    await this.filter(text);
    return this.standsStill(isMeant);
  }

  /** The same, of a filter that has been applied. */
  async standsStill(isMeant: (row: string) => boolean): Promise<number> {
    let seen = '';
    return waitFor('the calls of the filter', async () => {
      const rows = await this.frame.locator('[role=row][data-index]').allInnerTexts();
      const summary = await this.summary();
      const [count, listed] = [await this.count(), await this.listed()];
      seen = `${summary}; ${listed} listed: ${rows.slice(0, 3).join(' | ')}`;
      return / of /.test(summary) && count === listed && rows.length > 0 && rows.every(isMeant) ? count : undefined;
    }, soonMs, () => seen);
  }

  /** The line of numbers above the calls. */
  async summary(): Promise<string> {
    return this.frame.getByRole('group', { name: 'Summary' }).innerText();
  }

  /** How many calls the filter shows; undefined while the view does not say. The list may follow a moment later. */
  async count(): Promise<number | undefined> {
    const said = /^([\d,]+)(?: of [\d,]+)? calls?/.exec(await this.summary().catch(() => ''))?.[1];
    return said === undefined ? undefined : Number(said.replaceAll(',', ''));
  }

  /** How many rows the list has: calls, and what stands for what is not in the log; undefined where there is no list. */
  async listed(): Promise<number | undefined> {
    const [rows] = await this.frame.locator(CALLS).evaluateAll((all) => all.map((one) => one.getAttribute('aria-rowcount')));
    // The header is one of them.
    return rows === undefined || rows === null ? undefined : Number(rows) - 1;
  }

  async arrange(layout: LayoutName): Promise<void> {
    await this.calls.press(String(LAYOUTS.indexOf(layout) + 1));
    await this.frame.getByRole('radio', { name: layout, checked: true }).waitFor();
  }

  /** Rows of groups, by what stands in them. */
  groups(...texts: readonly string[]): Locator {
    return texts.reduce((rows, text) => rows.filter({ hasText: text }), this.frame.locator('[role=row][aria-expanded]'));
  }

  /** What the groups of the first level say that they hold, all together. */
  async sumOfGroups(): Promise<number> {
    const texts = await this.frame.locator('[role=row][aria-level="1"][aria-expanded]').allInnerTexts();
    return texts.reduce((sum, text) => sum + Number(/([\d,]+) calls?/.exec(text)?.[1]?.replaceAll(',', '') ?? 0), 0);
  }

  /** The first row of the list that can be seen, by its place. */
  firstRow(): Promise<number | undefined> {
    return this.frame.locator('[role=grid]').evaluate((grid) => {
      const { top } = grid.getBoundingClientRect();
      const rows = [...grid.querySelectorAll<HTMLElement>('[data-index]')].filter((row) => row.getBoundingClientRect().bottom > top + 30);
      return rows.map((row) => Number(row.dataset['index'])).sort((a, b) => a - b)[0];
    });
  }

  /** Waits until the row can be seen. That it is drawn is not enough: rows are, too, that are scrolled out. */
  async inView(row: Locator): Promise<void> {
    await row.waitFor();
    await waitFor('the row to be in view', () => row.evaluate((element) => {
      const [own, grid] = [element.getBoundingClientRect(), element.closest('[role=grid]')!.getBoundingClientRect()];
      return (own.top >= grid.top && own.bottom <= grid.bottom + 1) || undefined;
    }), soonMs);
  }

  /** Opens the context menu of a cell, named as its column is in the code of the view. */
  async openMenu(row: Locator, cell: string): Promise<void> {
    await row.locator(`[data-cell=${cell}]`).click({ button: 'right' });
    await this.frame.getByRole('menu').waitFor();
  }

  async choose(entry: string | RegExp, role: 'menuitem' | 'menuitemradio' | 'menuitemcheckbox' = 'menuitem'): Promise<void> {
    await this.frame.getByRole(role, { name: entry }).click();
  }

  /**
   * Names a file in the save dialog that is open, and waits until the export is told to be done: only then all of it is on disk.
   * `known` stands in the folder already. Gives what the notification says.
   */
  async saveAs(folder: string, file: string, known: string): Promise<string> {
    const dialog = this.workbench.page.locator('.quick-input-widget:visible');
    const input = dialog.locator('.quick-input-box input');
    const usual = new RegExp(`mcp-traffic-.*\\${extname(file)}$`);
    await waitFor('the save dialog', async () => (usual.test(await input.inputValue().catch(() => '')) ? true : undefined), soonMs);
    await input.fill(join(folder, file));
    // The dialog has gone to the folder when it lists what is in it; before that it takes no Enter.
    await dialog.locator('.monaco-list-row').filter({ hasText: known }).waitFor();
    await input.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    const said = await (await this.workbench.notificationWith('exported to')).innerText();
    await this.workbench.dismissNotifications();
    return said;
  }
}
