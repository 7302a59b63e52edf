/**
 * Owns the development page of a view for the tests of one file: a server and a browser for all of them, a page for each. And
 * what every view must pass for everybody to be able to use it: nothing serious by axe-core, nothing cut off sideways.
 */
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../editor/browser';
import { openScene, THEMES, type Harness, type SceneOptions, type ViewName } from './devPage';
import { serve, type DevServer } from './server';

/** For dozens of scenes one after the other, on a machine that has more to do. */
export const TIMEOUT_MS = 300_000;

export interface PageOptions extends SceneOptions {
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: BrowserContextOptions['reducedMotion'];
}

/** Something done in a scene before it is looked at. */
export interface ViewState {
  readonly name: string;
  readonly scene: string;
  readonly act: (view: Frame, page: Page) => Promise<void>;
}

export class DevPages {
  #browser: Browser | undefined;
  #server: DevServer | undefined;
  #page: Page | undefined;
  #problems: string[] = [];

  /** To be made in a `describe`: its hooks start and end browser and server, and close the page after each test. */
  constructor(view: ViewName) {
    beforeAll(async () => {
      [this.#server, this.#browser] = await Promise.all([serve(view), launchBrowser()]);
    }, TIMEOUT_MS);
    afterAll(async () => {
      await this.#browser?.close();
      this.#server?.close();
    });
    afterEach(async () => {
      await this.#page?.close();
      this.#page = undefined;
    });
  }

  get page(): Page {
    if (!this.#page) throw new Error('No scene has been opened yet.');
    return this.#page;
  }

  /** What the page of this test has complained about. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Opens a scene, in the page that the test has already where there is one. */
  async open(scene: string, { width = 1_200, height = 800, reducedMotion, ...options }: PageOptions = {}): Promise<Frame> {
    if (!this.#browser || !this.#server) throw new Error('The browser has not been started.');
    const viewport = { width, height };
    if (this.#page) await this.#page.setViewportSize(viewport);
    else this.#page = this.#listen(await this.#browser.newPage({ viewport, reducedMotion }));
    return openScene(this.#page, this.#server, scene, options);
  }

  /** What the view asked the host to do. */
  async actions(): Promise<readonly string[]> {
    return this.page.evaluate(() => (window as unknown as { harness: Harness }).harness.host.actions);
  }

  #listen(page: Page): Page {
    this.#problems = [];
    page.on('console', (message) => message.type() === 'error' && this.#problems.push(message.text()));
    page.on('pageerror', (error) => this.#problems.push(String(error)));
    return page;
  }
}

/** Nothing serious stands in any scene or state, in any theme. `isWorthwhile` leaves out what would only cost time. */
export function expectNothingSerious(pages: DevPages, scenes: readonly string[], states: readonly ViewState[], isWorthwhile: (scene: string, theme: string) => boolean): void {
  describe.each(THEMES)('in %s', (theme) => {
    it('no scene has anything serious', async () => {
      const found: string[] = [];
      for (const scene of scenes.filter((name) => isWorthwhile(name, theme))) {
        found.push(...(await seriousIn(await pages.open(scene, { theme }))).map((what) => `${scene}: ${what}`));
      }
      expect(found).toEqual([]);
      expect(pages.problems).toEqual([]);
    });

    it('no state has anything serious', async () => {
      const found: string[] = [];
      for (const { name, scene, act } of states) {
        const view = await pages.open(scene, { theme });
        await act(view, pages.page);
        found.push(...(await seriousIn(view)).map((what) => `${name}: ${what}`));
      }
      expect(found).toEqual([]);
    });
  });
}

/** Each finding with where it is, nothing where there is none. */
async function seriousIn(view: Frame): Promise<string[]> {
  await view.evaluate(axe.source);
  const { violations } = await view.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`));
}

/**
 * Of what is drawn and selected, the classes of what reaches beyond the right edge. What stands in something that cuts or
 * scrolls on purpose is reached another way, unless that is one of `panes`.
 */
export async function cutOff(view: Frame, selector: string, panes?: string): Promise<string[]> {
  return view.evaluate(
    ([selected, scrolling]) => {
      const isBeyond = (element: Element): boolean => element.getBoundingClientRect().right > window.innerWidth + 1;
      const isReachable = (element: Element): boolean => {
        for (let at = element.parentElement; at; at = at.parentElement) {
          if (getComputedStyle(at).overflowX !== 'visible' && !isBeyond(at) && !at.matches(scrolling!)) return true;
        }
        return false;
      };
      return [...document.querySelectorAll(selected!)]
        .filter((element) => element.getClientRects().length > 0 && isBeyond(element) && (scrolling === undefined || !isReachable(element)))
        .map((element) => element.className);
    },
    [selector, panes],
  );
}

/** Tab, until the element has the focus; where it never has, the caller's next step fails. */
export async function tabTo(page: Page, target: ReturnType<Frame['locator']>): Promise<void> {
  await target.waitFor();
  const hasFocus = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 60 && !(await hasFocus()); presses += 1) await page.keyboard.press('Tab');
  expect(await hasFocus()).toBe(true);
}
