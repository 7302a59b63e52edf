/**
 * Owns taking screenshots of a view in its states: PNGs go to test-results/<view>/, one per shot, theme and width. Fails on
 * any error or CSP violation the page reports. Arguments of the script: names of shots (default: all), --theme=NAME.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from '../editor/browser.ts';
import { openScene } from './devPage.ts';
import { root, serve } from './server.ts';

/** Until what moves or comes late after a change of the window stands. */
const REST_MS = 300;

/**
 * @typedef {object} Shot
 * @property {string} [scene] as the shot is called, where not given
 * @property {readonly number[]} widths
 * @property {readonly string[]} [themes] dark only, where not given
 * @property {number} [height] 800, where not given
 * @property {number} [zoom] zoomed in, a page has so many pixels less to lay itself out in
 * @property {(frame: import('playwright-core').Frame) => Promise<void>} [act] what to do before the picture
 * @property {boolean} [isSizedFirst] the window has its first width before that, not its largest
 */

/**
 * @param {import('./devPage.ts').ViewName} view
 * @param {Readonly<Record<string, Shot>>} shots
 */
export async function shoot(view, shots) {
  const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  const onlyTheme = process.argv.find((arg) => arg.startsWith('--theme='))?.slice(8);
  const unknown = wanted.find((name) => !Object.hasOwn(shots, name));
  if (unknown) throw new Error(`There is no shot "${unknown}" of the view "${view}".`);
  const out = path.join(root, 'test-results', view);
  await mkdir(out, { recursive: true });
  const [server, browser] = [await serve(view), await launchBrowser()];
  const problems = new Set();
  try {
    for (const [name, shot] of Object.entries(shots)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      for (const theme of onlyTheme ? [onlyTheme] : (shot.themes ?? ['dark-modern'])) await take(name, shot, theme);
    }
  } finally {
    await browser.close();
    server.close();
  }
  for (const problem of problems) console.error(problem);
  if (problems.size > 0) process.exitCode = 1;

  async function take(name, { scene = name, widths, height = 800, zoom = 1, act, isSizedFirst }, theme) {
    const size = (width) => ({ width: width / zoom, height: height / zoom });
    const page = await browser.newPage({ viewport: size(isSizedFirst ? widths[0] : Math.max(...widths)), deviceScaleFactor: zoom });
    page.setDefaultTimeout(10_000);
    const complain = (what) => problems.add(`${name} ${theme}: ${what}`);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
    });
    page.on('pageerror', (error) => complain(error.stack));
    try {
      const frame = await openScene(page, server, scene, { theme });
      await act?.(frame);
      for (const width of widths.toSorted((one, other) => other - one)) {
        await page.setViewportSize(size(width));
        await page.waitForTimeout(REST_MS);
        await page.screenshot({ path: path.join(out, `${name}-${theme}-${width}.png`) });
      }
    } catch (error) {
      complain(error.message);
      await page.screenshot({ path: path.join(out, `${name}-${theme}-failed.png`) }).catch(() => undefined);
    }
    await page.close().catch(() => undefined);
  }
}
