/**
 * Owns the screenshots of the Playground in its states: `node test/support/webview/playground/shoot.mjs [name…]` writes
 * PNGs to test-results/playground/. Fails on any error or CSP violation the page reports.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launch } from '../browser.ts';
import { root, serve } from '../server.ts';

const ALL = ['dark-modern', 'light-modern', 'high-contrast-dark', 'high-contrast-light'];
const WIDTHS = [300, 600, 1000, 1600];

/** name → scene, widths, themes, and what to do before the picture. */
const shots = {
  ready: { widths: WIDTHS, themes: ALL },
  form: { widths: WIDTHS, themes: ALL },
  formEmpty: { widths: [600, 1000] },
  formLower: { scene: 'form', widths: [1600], themes: ['dark-modern', 'light-modern'], height: 1400 },
  problems: { scene: 'formEmpty', widths: [600, 1000], themes: ALL, act: async (f) => { await f.getByRole('button', { name: 'Run', exact: true }).click(); await f.getByRole('button', { name: 'Send anyway' }).waitFor(); } },
  fieldMenu: { scene: 'form', widths: [1000], themes: ALL, act: async (f) => { await f.locator('[data-pointer="/isDraft"]').hover(); await f.getByRole('button', { name: 'More for isDraft' }).click(); } },
  json: { widths: WIDTHS, themes: ALL },
  jsonBroken: { widths: WIDTHS, themes: ALL },
  jsonFind: { scene: 'json', widths: [1000], themes: ALL, act: async (f) => { await f.getByRole('button', { name: 'Find' }).click(); await f.page().keyboard.type('"'); } },
  result: { widths: WIDTHS, themes: ALL },
  resultTree: { scene: 'result', widths: [1000], act: async (f) => { await f.getByRole('radio', { name: 'Tree' }).click(); } },
  resultRaw: { scene: 'result', widths: [1000], act: async (f) => { await f.getByRole('radio', { name: 'Raw' }).click(); } },
  resultLog: { scene: 'result', widths: [1000], act: async (f) => { await f.getByRole('radio', { name: 'Log' }).click(); } },
  beside: { widths: WIDTHS, themes: ['dark-modern', 'light-modern'] },
  error: { widths: [600, 1000], themes: ALL },
  running: { widths: WIDTHS, themes: ALL },
  cancelled: { widths: [600] },
  died: { widths: [600, 1000], themes: ALL },
  sampling: { widths: WIDTHS, themes: ALL },
  samplingModel: { scene: 'sampling', widths: [1000], act: async (f) => { await f.getByRole('button', { name: 'Ask a language model' }).click(); await f.getByText('would get this').waitFor(); } },
  elicitation: { widths: WIDTHS, themes: ALL },
  url: { widths: [300, 1000], themes: ALL },
  prompt: { widths: [600, 1000], themes: ALL, act: async (f) => { await f.locator('[data-pointer="/name"] textarea').click(); await f.page().keyboard.type('a'); await f.getByRole('option').first().waitFor(); } },
  template: { widths: [600, 1000] },
  resource: { widths: [300, 1000], themes: ['dark-modern', 'light-modern'] },
  raw: { widths: [600, 1000] },
  server: { widths: WIDTHS, themes: ALL },
  serverFailed: { widths: [300, 1000], themes: ALL },
  roots: { widths: [300, 1000] },
  saved: { widths: WIDTHS, themes: ALL },
  saving: { scene: 'form', widths: [300, 1000], themes: ALL, act: async (f) => { await f.getByRole('button', { name: 'Save call' }).click(); } },
  history: { widths: [300, 1000], themes: ALL },
  noMatch: { widths: [300, 600], themes: ALL },
  keyboard: { scene: 'ready', widths: [1000], themes: ALL, act: async (f) => { await f.locator('.catalog-tree').focus(); for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await f.page().keyboard.press(key); } },
  hostile: { widths: [300, 1000] },
  invalidSchema: { widths: [600] },
  nothingConfigured: { widths: [300, 1000], themes: ALL },
  routingOff: { widths: [600], themes: ALL },
  untrusted: { widths: [300, 600], themes: ALL },
  gatewayFailed: { widths: [600] },
  starting: { widths: [600] },
  gone: { widths: [600], waitMs: 11_000 },
};

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const onlyTheme = process.argv.find((arg) => arg.startsWith('--theme='))?.slice(8);
const out = path.join(root, 'test-results', 'playground');
await mkdir(out, { recursive: true });
const server = await serve(0, 'playground');
const browser = await launch();
const problems = [];
try {
  for (const [name, shot] of Object.entries(shots)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const theme of onlyTheme ? [onlyTheme] : (shot.themes ?? ['dark-modern'])) {
      const height = shot.height ?? 800;
      const page = await browser.newPage({ viewport: { width: Math.max(...shot.widths), height } });
      page.setDefaultTimeout(10_000);
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(`${name} ${theme}: ${message.text()}`);
      });
      page.on('pageerror', (error) => problems.push(`${name} ${theme}: ${error.stack}`));
      try {
        await page.goto(`${server.url}?scene=${shot.scene ?? name}&theme=${theme}`);
        const frame = await (await page.waitForSelector('iframe')).contentFrame();
        if (!frame) throw new Error('The inner page did not load.');
        await frame.waitForURL('**/inner.html');
        await frame.locator('.side, .narrow, .stage').first().waitFor();
        await page.waitForTimeout((shot.waitMs ?? 0) + 350);
        await shot.act?.(frame);
        for (const width of shot.widths.toSorted((one, other) => other - one)) {
          await page.setViewportSize({ width, height });
          await page.waitForTimeout(300);
          await page.screenshot({ path: path.join(out, `${name}-${theme}-${width}.png`) });
        }
      } catch (error) {
        problems.push(`${name} ${theme}: ${error.message}`);
        await page.screenshot({ path: path.join(out, `${name}-${theme}-failed.png`) }).catch(() => undefined);
      }
      await page.close().catch(() => undefined);
    }
  }
} finally {
  await browser.close();
  server.close();
}
for (const problem of new Set(problems)) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
