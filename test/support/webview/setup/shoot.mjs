/**
 * Owns the screenshots of the Setup view in its states: `node test/support/webview/setup/shoot.mjs [name…]` writes PNGs to
 * test-results/setup/. Fails on any error or CSP violation the page reports.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launch } from '../browser.ts';
import { root, serve } from '../server.ts';

const ALL = ['dark-modern', 'light-modern', 'high-contrast-dark', 'high-contrast-light'];
const WIDTHS = [300, 600, 1000, 1600];

/** name → scene, widths, themes, and what to do before the picture. */
const shots = {
  first: { widths: WIDTHS, themes: ALL },
  firstNoFolder: { widths: [600] },
  untrusted: { widths: [300, 600], themes: ALL },
  running: { widths: WIDTHS, themes: ALL, height: 1200 },
  rows: { scene: 'running', widths: WIDTHS, act: async (f) => { await f.getByRole('navigation').getByText('Approved').click(); } },
  quiet: { widths: WIDTHS, themes: ALL },
  expanded: { widths: WIDTHS, themes: ALL, height: 1200, act: async (f) => { await f.getByRole('row').first().click(); } },
  editing: { scene: 'expanded', widths: [300, 1000], themes: ALL, height: 1200, act: async (f) => { await f.getByRole('button', { name: 'Edit…' }).click(); } },
  failed: { widths: [300, 1000], themes: ALL, act: async (f) => { await f.getByRole('button', { name: 'Check connection' }).click(); await f.getByText('1 check failed').waitFor(); } },
  reportAll: { scene: 'quiet', widths: [600, 1000], act: async (f) => { await f.getByRole('button', { name: 'Check all connections' }).click(); } },
  waiting: { widths: WIDTHS, themes: ALL, height: 1000 },
  found: { widths: WIDTHS, themes: ALL, height: 1000 },
  chosen: { widths: WIDTHS, themes: ALL },
  ready: { widths: [300, 1000], themes: ALL, act: async (f) => { await f.getByRole('navigation').getByText('Other clients').click(); } },
  nothingFound: { widths: [300, 1000] },
  preview: { widths: WIDTHS, themes: ALL },
  previewUndo: { widths: [600], themes: ALL },
  previewEmpty: { widths: [600] },
  applying: { widths: [600], act: async (f) => { await f.getByRole('button', { name: 'Apply', exact: true }).click(); } },
  applied: { widths: WIDTHS },
  backups: { scene: 'running', widths: [300, 600, 1000], themes: ALL, act: async (f) => { await f.getByRole('button', { name: 'Show backups' }).click(); await f.getByRole('button', { name: 'Delete the backup of ~/.cursor' }).click(); } },
  broken: { widths: [300, 1000], themes: ALL },
  gatewayFailed: { widths: [600], themes: ALL },
  routingOff: { widths: [300, 600] },
  finding: { widths: [600], act: async (f) => { await f.getByRole('button', { name: 'Find servers on this machine' }).click(); } },
  noMatch: { widths: [300, 600] },
  searching: { widths: [1000] },
  menu: { scene: 'quiet', widths: [1000], themes: ALL, act: async (f) => { await f.getByRole('button', { name: 'More actions' }).click(); } },
  keyboard: { scene: 'quiet', widths: [1000], themes: ALL, act: async (f) => { await f.getByRole('searchbox').focus(); await f.page().keyboard.press('ArrowDown'); await f.page().keyboard.press('ArrowDown'); } },
  many: { widths: [1000], themes: ['dark-modern'] },
  hostile: { widths: [300, 1000], height: 1400 },
  zoomed: { scene: 'expanded', widths: [500], scale: 2, height: 400 },
  gone: { widths: [600], waitMs: 11_000 },
};

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const onlyTheme = process.argv.find((arg) => arg.startsWith('--theme='))?.slice(8);
const out = path.join(root, 'test-results', 'setup');
await mkdir(out, { recursive: true });
const server = await serve(0, 'setup');
const browser = await launch();
const problems = [];
try {
  for (const [name, shot] of Object.entries(shots)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const theme of onlyTheme ? [onlyTheme] : (shot.themes ?? ['dark-modern'])) {
      const height = shot.height ?? 800;
      const page = await browser.newPage({ viewport: { width: Math.max(...shot.widths), height }, deviceScaleFactor: shot.scale ?? 1 });
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
        await frame.locator('.setup-body, .stage, .preview, .loading').first().waitFor();
        await page.waitForTimeout((shot.waitMs ?? 0) + 200);
        await shot.act?.(frame);
        for (const width of shot.widths.toSorted((one, other) => other - one)) {
          await page.setViewportSize({ width, height });
          await page.waitForTimeout(250);
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
