/**
 * Whoever cannot use a mouse, or cannot see, can use the Traffic view: axe-core finds nothing serious in any of its states
 * and themes, and every action has its key. In a real Chromium, since contrast and focus exist nowhere else.
 */
import type { Frame } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cutOff, DevPages, expectNothingSerious, TIMEOUT_MS, type ViewState } from '../support/webview/devPages';
import { scenes } from '../support/webview/scenes';

/** States that a scene is not by itself: what is done in it first. */
const STATES: readonly ViewState[] = [
  { name: 'a selected row', scene: 'notes', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('End'); await page.keyboard.press('ArrowUp'); } },
  { name: 'the menu of a row', scene: 'notes', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('End'); await page.keyboard.press('ContextMenu'); await view.locator('.menu').waitFor(); } },
  { name: 'the menu of columns', scene: 'busy', act: async (view) => { await view.getByRole('columnheader', { name: 'Server' }).click({ button: 'right' }); await view.locator('.menu').waitFor(); } },
  { name: 'completion', scene: 'saved', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('/'); await page.keyboard.type('server:'); await view.getByRole('option').first().waitFor(); } },
  { name: 'a filter that does not parse', scene: 'busy', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('/'); await page.keyboard.type('(a OR'); await view.locator('.filter.invalid').waitFor(); } },
  { name: 'nothing matches', scene: 'busy', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('/'); await page.keyboard.type('server:github status:timedOut'); await view.locator('.drop-hints').waitFor(); } },
  { name: 'the view paused', scene: 'busy', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('Space'); await view.locator('.new-chip.paused').waitFor(); } },
  { name: 'an open group', scene: 'byPrompt', act: async (view) => { await view.locator('.group-row.level-2').first().click(); await view.locator('.call-row[id]').first().waitFor(); } },
  { name: 'a call on the time line', scene: 'timeline', act: async (view, page) => { await view.locator('.timeline-lanes').focus(); await page.keyboard.press('ArrowRight'); } },
  { name: 'several selected', scene: 'busy', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('End'); await page.keyboard.press('Shift+ArrowUp'); await page.keyboard.press('Shift+ArrowUp'); } },
  { name: 'the detail', scene: 'busy', act: async (view, page) => { await grid(view).focus(); await page.keyboard.press('End'); await page.keyboard.press('ArrowUp'); await page.keyboard.press('Enter'); await view.locator('.detail .overview').waitFor(); } },
];

function grid(view: Frame): ReturnType<Frame['locator']> {
  return view.locator('.call-list .virtual-list');
}

describe('the Traffic view for everybody', { timeout: TIMEOUT_MS }, () => {
  const pages = new DevPages('traffic');

  // The host is given ten seconds to answer before it counts as gone: once is enough.
  expectNothingSerious(pages, Object.keys(scenes), STATES, (scene, theme) => scene !== 'gone' || theme === 'dark-modern');

  it.each([300, 500])('nothing is cut off sideways at a width of %i, which 1,000 is when zoomed in', async (width) => {
    for (const scene of ['busy', 'notRecording', 'bySession', 'timeline', 'nothingConfigured']) {
      const view = await pages.open(scene, { width, height: 400 });
      const overflow = await cutOff(view, '.toolbar, .toolbar > *, .summary, .notice, .stage-body, .timeline-bar');
      expect([scene, overflow]).toEqual([scene, []]);
    }
  });

  it('moves nothing that need not move where less motion is asked for', async () => {
    const view = await pages.open('busy', { reducedMotion: 'reduce' });
    const moving = await view.evaluate(() => document.getAnimations().filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration) > 10).map((one) => (one instanceof CSSAnimation ? one.animationName : one.id)));
    expect(moving).toEqual([]);
  });

  it('every action has its key', async () => {
    const view = await pages.open('busy', { width: 1_000 });
    const { page } = pages;
    const press = (...keys: string[]): Promise<void> => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    // A row far away is drawn before its call is here; keys count from where it is.
    const selected = async (): Promise<number> => Number(await view.locator('.call-row.selected:not(.pending)').getAttribute('data-index'));
    const lastAction = async (): Promise<string | undefined> => (await pages.actions()).at(-1);
    await grid(view).focus();
    await press('Home');
    await expect.poll(selected).toBe(0);
    await press('j', 'j', 'k', 'ArrowDown');
    await expect.poll(selected).toBe(2);
    await press('PageDown');
    await expect.poll(selected).toBeGreaterThan(20);
    await press('PageUp', 'End');
    await expect.poll(selected).toBe(1_203);
    await press('p');
    await expect.poll(lastAction).toMatch(/^annotate w1\/1204 /);
    await press('k', 'Shift+ArrowUp', 'd');
    await expect.poll(lastAction).toMatch(/^compare /);
    await press('Escape', 'Enter');
    await view.locator('.detail').waitFor();
    await press('Escape');
    await view.locator('.detail').waitFor({ state: 'detached' });
    await press('ContextMenu');
    await view.getByRole('menuitem', { name: 'Colour' }).press('Enter');
    await view.getByRole('menuitemradio', { name: 'Red' }).press('Enter');
    await expect.poll(lastAction).toContain('{"color":"red"}');
    for (const [key, role] of [['2', 'treegrid'], ['5', 'listbox'], ['1', 'grid']] as const) {
      await press(key);
      await view.locator(`[role=${role}]:not(.completions)`).first().waitFor();
    }
    await press('Space');
    await view.getByText('View paused').waitFor();
    await press('/');
    await expect.poll(() => view.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox');
  });
});
