/**
 * Whoever cannot use a mouse, or cannot see, can use the Playground: axe-core finds nothing serious in any of its states and
 * themes, and a call can be found, written, sent and read with keys alone. In a real Chromium, since contrast and focus
 * exist nowhere else.
 */
import axe from 'axe-core';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch } from '../support/webview/browser';
import { scenes } from '../support/webview/playground/scenes';
import { serve } from '../support/webview/server';

const TIMEOUT_MS = 120_000;
const THEMES = ['dark-modern', 'light-modern', 'high-contrast-dark', 'high-contrast-light'] as const;
/** What a scene shows once it is drawn. */
const DRAWN = '.side, .narrow, .stage';

/** High contrast has colours of its own, but no states of its own: those that look different are enough. */
const IN_HIGH_CONTRAST = new Set(['form', 'jsonBroken', 'result', 'running', 'died', 'sampling', 'elicitation', 'server', 'serverFailed', 'saved', 'history', 'noMatch', 'nothingConfigured']);

/** States that a scene is not by itself: what is done in it first. */
const STATES: readonly { readonly name: string; readonly scene: string; readonly act: (view: Frame, page: Page) => Promise<void> }[] = [
  { name: 'arguments that do not fit', scene: 'formEmpty', act: async (view) => { await view.getByRole('button', { name: 'Run', exact: true }).click(); await view.getByRole('button', { name: 'Send anyway' }).waitFor(); } },
  { name: 'the menu of a field', scene: 'form', act: async (view) => { await view.getByRole('button', { name: 'More for isDraft' }).focus(); await view.getByRole('button', { name: 'More for isDraft' }).press('Enter'); await view.locator('.menu').waitFor(); } },
  { name: 'the rest of the form', scene: 'form', act: async (view) => { await view.locator('[data-pointer="/legacy"]').scrollIntoViewIfNeeded(); } },
  { name: 'a new property being named', scene: 'form', act: async (view) => { await view.getByRole('button', { name: 'Add property' }).click(); } },
  { name: 'finding in the JSON', scene: 'json', act: async (view, page) => { await view.getByRole('button', { name: 'Find' }).click(); await page.keyboard.type('"'); } },
  { name: 'completion', scene: 'prompt', act: async (view, page) => { await view.locator('[data-pointer="/name"] textarea').click(); await page.keyboard.type('a'); await view.getByRole('option').first().waitFor(); } },
  { name: 'the definition', scene: 'form', act: async (view) => { await view.getByRole('button', { name: 'Show definition' }).click(); } },
  { name: 'the log of a run', scene: 'result', act: async (view) => { await view.getByRole('radio', { name: 'Log' }).click(); } },
  { name: 'the tree of a result', scene: 'result', act: async (view) => { await view.getByRole('radio', { name: 'Tree' }).click(); } },
  { name: 'saving a call', scene: 'form', act: async (view) => { await view.getByRole('button', { name: 'Save call' }).click(); } },
  { name: 'deleting a saved call', scene: 'saved', act: async (view, page) => { await view.getByRole('button', { name: 'More for this call' }).first().press('Enter'); await page.keyboard.press('End'); await page.keyboard.press('Enter'); } },
  { name: 'choosing a model', scene: 'sampling', act: async (view) => { await view.getByRole('button', { name: 'Ask a language model' }).click(); await view.getByText('would get this').waitFor(); } },
  { name: 'a sampling answer as JSON', scene: 'sampling', act: async (view) => { await view.getByRole('button', { name: 'Write the whole result' }).click(); } },
];

describe('the Playground for everybody', { timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let page: Page;
  let problems: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(0, 'playground'), launch()]);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  afterEach(async () => {
    await page?.close();
  });

  async function open(scene: string, theme: string, width = 1_200): Promise<Frame> {
    if (!page || page.isClosed()) {
      page = await browser.newPage({ viewport: { width, height: 800 } });
      problems = [];
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
    }
    await page.goto(`${server.url}?scene=${scene}&theme=${theme}`);
    const view = await (await page.waitForSelector('iframe')).contentFrame();
    if (!view) throw new Error('The inner page did not load.');
    await view.waitForURL('**/inner.html');
    await view.locator(DRAWN).first().waitFor();
    // Checks and definitions come a moment later.
    await page.waitForTimeout(300);
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
        if (theme.startsWith('high') && !IN_HIGH_CONTRAST.has(scene)) continue;
        const view = await open(scene, theme);
        found.push(...(await findings(view)).map((what) => `${scene}: ${what}`));
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
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

  it.each([300, 400, 600, 1_000])('nothing is cut off sideways at a width of %i', async (width) => {
    for (const scene of ['ready', 'form', 'jsonBroken', 'result', 'beside', 'running', 'sampling', 'elicitation', 'server', 'saved', 'nothingConfigured']) {
      const view = await open(scene, 'dark-modern', width);
      const overflow = await view.evaluate(() => {
        const parts = document.querySelectorAll('.pane-head > *, .run-head > *, .run-line, .run-buttons > *, .pane-tools > *, .request-card, .field, .stage-body, .catalog-search > *, .narrow-switch > *');
        return [...parts].filter((element) => element.getClientRects().length > 0 && element.getBoundingClientRect().right > window.innerWidth + 1).map((element) => element.className);
      });
      expect([scene, overflow]).toEqual([scene, []]);
    }
  });

  it('a call is found, written, sent and read with keys alone', async () => {
    const view = await open('ready', 'dark-modern');
    const actions = (): Promise<string[]> => page.evaluate(() => (window as unknown as { harness: { host: { actions: string[] } } }).harness.host.actions);
    await view.locator('.catalog-tree').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('echo');
    await view.locator('.catalog-row.item', { hasText: 'echo' }).waitFor();
    await expect.poll(() => view.locator('.catalog-row.item').count()).toBe(1);
    for (const key of ['ArrowDown', 'Home', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    const message = view.locator('[data-pointer="/message"] textarea');
    await message.waitFor();
    // Tab leads from the tree over the pane to the first field.
    for (let i = 0; i < 15 && !(await message.evaluate((element) => element === document.activeElement)); i += 1) await page.keyboard.press('Tab');
    await page.keyboard.type('by keys');
    await page.keyboard.press('Control+Enter');
    await expect.poll(actions).toContain('start tool echo {\n  "message": "by keys"\n}');
    await page.evaluate(() => (window as unknown as { harness: { host: { settle(id: string, text: string): void } } }).harness.host.settle('started-1', '{"content":[{"type":"text","text":"Echo: by keys"}]}'));
    await view.getByText('Echo: by keys').waitFor();
  });

  it('the JSON editor: indent follows brackets, undo is the browser\'s, the cursor stays', async () => {
    const view = await open('json', 'dark-modern');
    const editor = view.locator('.json-editor-input');
    await editor.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{');
    await page.keyboard.press('Enter');
    await page.keyboard.type('"a": [');
    await page.keyboard.press('Enter');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await page.keyboard.type(']');
    await page.keyboard.press('Enter');
    await page.keyboard.type('}');
    expect(await editor.inputValue()).toBe('{\n  "a": [\n    1\n  ]\n}');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{"b":12345678901234567890}');
    await page.keyboard.press('Shift+Alt+F');
    expect(await editor.inputValue()).toBe('{\n  "b": 12345678901234567890\n}');
    await page.keyboard.press('Control+Z');
    expect(await editor.inputValue()).toBe('{"b":12345678901234567890}');
  });

  it('text and drawn copy of the editor lie over each other exactly', async () => {
    const view = await open('json', 'dark-modern');
    const [input, drawn] = await view.evaluate(() => ['.json-editor-input', '.json-editor-text'].map((selector) => {
      const element = document.querySelector(selector)!;
      const { font, lineHeight, letterSpacing, paddingLeft, paddingTop, tabSize } = getComputedStyle(element);
      const { left, top } = element.getBoundingClientRect();
      return { font, lineHeight, letterSpacing, paddingLeft, paddingTop, tabSize, left, top };
    }));
    expect(input).toEqual(drawn);
  });
});
