/**
 * Owns a view's development page in Chromium: its address, and opening it in a scene and a theme until it is drawn and quiet.
 */
import type { Frame, Page } from 'playwright-core';

export type ViewName = 'traffic' | 'playground' | 'setup';

export const THEMES = ['dark-modern', 'light-modern', 'high-contrast-dark', 'high-contrast-light'];

/** What a view shows once it has heard from its host, or has given it up after ten seconds. */
const DRAWN: Readonly<Record<ViewName, string>> = {
  traffic: '.call-row[id], .group-row, .timeline-strip rect, .stage-body',
  playground: '.side, .narrow, .stage-body, .stage.starting',
  setup: '.setup-body, .preview, .stage-body',
};
const DRAWN_WITHIN_MS = 30_000;
/** Longer than the pauses after which views ask their host of themselves; the longest is 150 ms. */
const QUIET_MS = 200;

/** What scripts and tests see of the stub host; see stubPage.ts. */
export interface Harness<Host = { readonly actions: readonly string[] }> {
  readonly host: Host;
  /** How long page and host have said nothing to each other; 0 before the first word. */
  quietMs(): number;
}

export interface SceneOptions {
  readonly theme?: string;
  /** What the view had saved when it was last closed. */
  readonly state?: object;
}

/** The frame of the view, once nothing more comes of itself. */
export async function openScene(page: Page, { url, view }: { readonly url: string; readonly view: ViewName }, scene: string, { theme = 'dark-modern', state }: SceneOptions = {}): Promise<Frame> {
  const query = new URLSearchParams({ scene, theme, ...(state ? { state: JSON.stringify(state) } : {}) });
  await page.goto(`${url}?${query}`);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  if (!frame) throw new Error('The inner page did not load.');
  await frame.waitForURL('**/inner.html');
  await frame.locator(DRAWN[view]).first().waitFor({ timeout: DRAWN_WITHIN_MS });
  await page.waitForFunction((ms) => (window as unknown as { harness: Harness }).harness.quietMs() > ms, QUIET_MS);
  await frame.evaluate(() => document.fonts.ready.then(() => undefined));
  return frame;
}
