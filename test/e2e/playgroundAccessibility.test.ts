/**
 * Whoever cannot use a mouse, or cannot see, can use the Playground: axe-core finds nothing serious in any of its states and
 * themes, and a call can be found, written, sent and read with keys alone. In a real Chromium, since contrast and focus
 * exist nowhere else.
 */
import { describe, expect, it } from 'vitest';
import { cutOff, DevPages, expectNothingSerious, tabTo, TIMEOUT_MS, type ViewState } from '../support/webview/devPages';
import { scenes } from '../support/webview/playground/scenes';

/** The host is given ten seconds to answer before it counts as gone: once is enough. */
const SLOW = new Set(['gone']);
/** High contrast has colours of its own, but no states of its own: those that look different are enough. */
const IN_HIGH_CONTRAST = new Set(['form', 'jsonBroken', 'result', 'running', 'died', 'sampling', 'elicitation', 'server', 'serverFailed', 'saved', 'history', 'noMatch', 'nothingConfigured']);

/** States that a scene is not by itself: what is done in it first. */
const STATES: readonly ViewState[] = [
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
  const pages = new DevPages('playground');

  expectNothingSerious(pages, Object.keys(scenes), STATES, (scene, theme) => (theme.startsWith('high') ? IN_HIGH_CONTRAST.has(scene) : !SLOW.has(scene) || theme === 'dark-modern'));

  it.each([300, 400, 600, 1_000])('nothing is cut off sideways at a width of %i', async (width) => {
    for (const scene of ['ready', 'form', 'jsonBroken', 'result', 'beside', 'running', 'sampling', 'elicitation', 'server', 'saved', 'nothingConfigured']) {
      const view = await pages.open(scene, { width });
      const overflow = await cutOff(view, '.pane-head > *, .run-head > *, .run-line, .run-buttons > *, .pane-tools > *, .request-card, .field, .stage-body, .catalog-search > *, .narrow-switch > *');
      expect([scene, overflow]).toEqual([scene, []]);
    }
  });

  it('a call is found, written, sent and read with keys alone', async () => {
    const view = await pages.open('ready');
    const { page } = pages;
    await view.locator('.catalog-tree').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('echo');
    await view.locator('.catalog-row.item', { hasText: 'echo' }).waitFor();
    await expect.poll(() => view.locator('.catalog-row.item').count()).toBe(1);
    for (const key of ['ArrowDown', 'Home', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    const message = view.locator('[data-pointer="/message"] textarea');
    // Tab leads from the tree over the pane to the first field.
    await tabTo(page, message);
    await page.keyboard.type('by keys');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => pages.actions()).toContain('start tool echo {\n  "message": "by keys"\n}');
    await page.evaluate(() => (window as unknown as { harness: { host: { settle(id: string, text: string): void } } }).harness.host.settle('started-1', '{"content":[{"type":"text","text":"Echo: by keys"}]}'));
    await view.getByText('Echo: by keys').waitFor();
  });

  it('the JSON editor: indent follows brackets, undo is the browser\'s, the cursor stays', async () => {
    const view = await pages.open('json');
    const { page } = pages;
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
    const view = await pages.open('json');
    const [input, drawn] = await view.evaluate(() => ['.json-editor-input', '.json-editor-text'].map((selector) => {
      const element = document.querySelector(selector)!;
      const { font, lineHeight, letterSpacing, paddingLeft, paddingTop, tabSize } = getComputedStyle(element);
      const { left, top } = element.getBoundingClientRect();
      return { font, lineHeight, letterSpacing, paddingLeft, paddingTop, tabSize, left, top };
    }));
    expect(input).toEqual(drawn);
  });
});
