/**
 * Whoever cannot use a mouse, or cannot see, can use the Setup view: axe-core finds nothing serious in any of its states and
 * themes, and servers can be found, chosen, previewed, moved and approved with keys alone. In a real Chromium, since
 * contrast and focus exist nowhere else.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Harness } from '../support/webview/devPage';
import { cutOff, DevPages, expectNothingSerious, tabTo, TIMEOUT_MS, type ViewState } from '../support/webview/devPages';
import { scenes } from '../support/webview/setup/scenes';

/** States that a scene is not by itself: what is done in it first. */
const STATES: readonly ViewState[] = [
  { name: 'editing what a server is for', scene: 'expanded', act: async (view) => { await view.getByRole('button', { name: 'Edit…' }).click(); } },
  { name: 'a chosen definition', scene: 'expanded', act: async (view) => { await view.getByRole('row').first().click(); } },
  { name: 'the report of a check', scene: 'failed', act: async (view) => { await view.getByRole('button', { name: 'Check connection' }).click(); await view.getByText('1 check failed').waitFor(); } },
  { name: 'the report about all', scene: 'quiet', act: async (view) => { await view.getByRole('button', { name: 'Check all connections' }).click(); await view.getByText('1 check failed').waitFor(); } },
  { name: 'the menu', scene: 'quiet', act: async (view) => { await view.getByRole('button', { name: 'More actions' }).press('Enter'); await view.locator('.menu').waitFor(); } },
  { name: 'backups, one about to be deleted', scene: 'running', act: async (view) => { await view.getByRole('button', { name: 'Show backups' }).click(); await view.getByRole('button', { name: 'Delete the backup of ~/.cursor' }).click(); } },
  { name: 'being applied', scene: 'applying', act: async (view) => { await view.getByRole('button', { name: 'Apply', exact: true }).click(); } },
  { name: 'looking for servers', scene: 'finding', act: async (view) => { await view.getByRole('button', { name: 'Find servers on this machine' }).click(); } },
  { name: 'something that did not work', scene: 'waiting', act: async (view, page) => { await failNext(page, 'approve', 'It has changed since it was shown.'); await view.getByRole('button', { name: 'Approve tickets' }).click(); await view.getByRole('alert').waitFor(); } },
];

const failNext = (page: Page, method: string, message: string): Promise<void> =>
  page.evaluate(([name, text]) => void (window as unknown as { harness: Harness<{ failures: Map<string, unknown> }> }).harness.host.failures.set(name!, new Error(text)), [method, message]);

describe('the Setup view for everybody', { timeout: TIMEOUT_MS }, () => {
  const pages = new DevPages('setup');

  // The host is given ten seconds to answer before it counts as gone: once is enough.
  expectNothingSerious(pages, Object.keys(scenes), STATES, (scene, theme) => scene !== 'gone' || theme === 'dark-modern');

  // 300 is also what is left of 600 at a zoom of 200 %.
  it.each([300, 400, 600, 1_000])('nothing is cut off sideways at a width of %i', async (width) => {
    for (const scene of ['first', 'running', 'expanded', 'failed', 'found', 'chosen', 'ready', 'preview', 'applied', 'broken', 'gatewayFailed', 'hostile', 'untrusted']) {
      const view = await pages.open(scene, { width });
      const overflow = await cutOff(view, '.setup *:not(.sr-only)', '.setup, .setup-scroll, .preview-scroll, .notices, .stage');
      expect([scene, overflow]).toEqual([scene, []]);
    }
  });

  it('servers are found, chosen, previewed and moved with keys alone', async () => {
    const view = await pages.open('first');
    const { page } = pages;
    const tab = (name: string, role: 'button' | 'checkbox'): Promise<void> => tabTo(page, view.getByRole(role, { name, exact: true }).first());
    await tab('Find servers on this machine', 'button');
    await page.keyboard.press('Enter');
    await tab('Choose files', 'checkbox');
    await page.keyboard.press('Space');
    await tab('Preview changes', 'button');
    await page.keyboard.press('Enter');
    await expect.poll(() => view.evaluate(() => document.activeElement?.textContent)).toContain('Preview: route servers');
    await tab('Apply', 'button');
    await page.keyboard.press('Enter');
    await expect.poll(() => pages.actions()).toContain('apply plan1');
    await view.getByText('3 files were changed.').waitFor();
  });

  it('a server is approved with keys alone', async () => {
    const view = await pages.open('waiting');
    const { page } = pages;
    await tabTo(page, view.getByRole('button', { name: 'Approve tickets' }));
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await pages.actions()).join()).toContain('approve id-tickets');
  });

  it('a machine full of servers: typing in the search stays quick', async () => {
    const view = await pages.open('many');
    const longest = await view.evaluate(async () => {
      const search = document.querySelector<HTMLInputElement>('.setup-search input')!;
      let longest = 0;
      for (const text of ['s', 'se', 'server-1', 'server-19', 'tool_1999', '']) {
        const before = performance.now();
        search.value = text;
        search.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        longest = Math.max(longest, performance.now() - before);
      }
      return longest;
    });
    expect(longest).toBeLessThan(500);
  });
});
