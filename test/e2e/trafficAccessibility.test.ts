/**
 * Whoever cannot use a mouse, or cannot see, can use the Traffic view: axe-core finds nothing serious in any of its states
 * and themes, and every action has its key. In a real Chromium, since contrast and focus exist nowhere else.
 */
import axe from 'axe-core';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch } from '../support/webview/browser';
import { scenes } from '../support/webview/scenes';
import { serve } from '../support/webview/server';

const TIMEOUT_MS = 240_000;
const THEMES = ['dark-modern', 'light-modern', 'high-contrast-dark', 'high-contrast-light'] as const;
/** The host is given ten seconds to answer before it counts as gone. */
const GONE_MS = 15_000;
const SLOW = new Set(['gone']);
/** What a scene shows once it is drawn. */
const DRAWN = '.call-row[id], .group-row, .timeline-strip rect, .stage-body, .stage.loading';

/** States that a scene is not by itself: what is done in it first. */
const STATES: readonly { readonly name: string; readonly scene: string; readonly act: (view: Frame, page: Page) => Promise<void> }[] = [
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
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let page: Page;

  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(), launch()]);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  afterEach(async () => {
    await page?.close();
  });

  async function open(scene: string, theme: string, width = 1_000): Promise<Frame> {
    page ??= await browser.newPage({ viewport: { width, height: 800 } });
    if (page.isClosed()) page = await browser.newPage({ viewport: { width, height: 800 } });
    await page.goto(`${server.url}?scene=${scene}&theme=${theme}`);
    const view = await (await page.waitForSelector('iframe')).contentFrame();
    if (!view) throw new Error('The inner page did not load.');
    await view.waitForURL('**/inner.html');
    await view.locator(DRAWN).first().waitFor({ timeout: GONE_MS });
    return view;
  }

  /** Each finding with where it is, nothing where there is none. */
  async function findings(view: Frame): Promise<string[]> {
    await view.evaluate(axe.source);
    const { violations } = await view.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }));
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`));
  }

  describe.each(THEMES)('in %s', (theme) => {
    it('no scene has anything serious', async () => {
      const found: string[] = [];
      for (const scene of Object.keys(scenes)) {
        if (SLOW.has(scene) && theme !== 'dark-modern') continue;
        const view = await open(scene, theme);
        found.push(...(await findings(view)).map((what) => `${scene}: ${what}`));
      }
      expect(found).toEqual([]);
    });

    it('no state has anything serious', async () => {
      const found: string[] = [];
      for (const { name, scene, act } of STATES) {
        const view = await open(scene, theme);
        await act(view, page);
        found.push(...(await findings(view)).map((what) => `${name}: ${what}`));
      }
      expect(found).toEqual([]);
    });
  });

  it.each([300, 500])('nothing is cut off sideways at a width of %i, which 1,000 is when zoomed in', async (width) => {
    page = await browser.newPage({ viewport: { width, height: 400 } });
    for (const scene of ['busy', 'notRecording', 'bySession', 'timeline', 'nothingConfigured']) {
      const view = await open(scene, 'dark-modern', width);
      const overflow = await view.evaluate(() => {
        const tooWide = [...document.querySelectorAll('.toolbar, .toolbar > *, .summary, .notice, .stage-body, .timeline-bar')].filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1);
        return tooWide.map((element) => element.className);
      });
      expect([scene, overflow]).toEqual([scene, []]);
    }
  });

  it('moves nothing that need not move where less motion is asked for', async () => {
    page = await browser.newPage({ viewport: { width: 1_000, height: 800 }, reducedMotion: 'reduce' });
    const view = await open('busy', 'dark-modern');
    const moving = await view.evaluate(() => document.getAnimations().filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration) > 10).map((one) => (one instanceof CSSAnimation ? one.animationName : one.id)));
    expect(moving).toEqual([]);
  });

  it('every action has its key', async () => {
    const view = await open('busy', 'dark-modern');
    const press = (...keys: string[]): Promise<void> => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const selected = (): Promise<number> => view.locator('.call-row.selected').getAttribute('data-index').then(Number);
    const actions = (): Promise<string[]> => page.evaluate(() => (window as unknown as { harness: { host: { actions: string[] } } }).harness.host.actions);
    await grid(view).focus();
    await press('Home');
    expect(await selected()).toBe(0);
    await press('j', 'j', 'k', 'ArrowDown');
    expect(await selected()).toBe(2);
    await press('PageDown');
    expect(await selected()).toBeGreaterThan(20);
    await press('PageUp', 'End');
    expect(await selected()).toBe(1_203);
    await press('p');
    expect((await actions()).at(-1)).toMatch(/^annotate w1\/1204 /);
    await press('k', 'Shift+ArrowUp', 'd');
    expect((await actions()).at(-1)).toMatch(/^compare /);
    await press('Escape', 'Enter');
    await view.locator('.detail').waitFor();
    await press('Escape');
    await view.locator('.detail').waitFor({ state: 'detached' });
    await press('ContextMenu');
    await view.getByRole('menuitem', { name: 'Colour' }).press('Enter');
    await view.getByRole('menuitemradio', { name: 'Red' }).press('Enter');
    expect((await actions()).at(-1)).toContain('{"color":"red"}');
    for (const [key, role] of [['2', 'treegrid'], ['5', 'listbox'], ['1', 'grid']] as const) {
      await press(key);
      await view.locator(`[role=${role}]:not(.completions)`).first().waitFor();
    }
    await press('Space');
    await view.getByText('View paused').waitFor();
    await press('/');
    expect(await view.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox');
  });
});
