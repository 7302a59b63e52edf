/**
 * Owns the screenshots of the Setup view in its states: `node test/support/webview/setup/shoot.mjs [--theme=NAME] [name…]`
 * writes PNGs to test-results/setup/.
 */
import { THEMES as ALL } from '../devPage.ts';
import { shoot } from '../shots.mjs';

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
  versions: { widths: [300, 600, 1000], themes: ALL, height: 1900, act: async (f) => { await f.locator('.definition', { hasText: 'create_issue' }).click(); await f.locator('.versions').scrollIntoViewIfNeeded(); } },
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
  zoomed: { scene: 'expanded', widths: [1000], zoom: 2 },
  gone: { widths: [600] },
};

await shoot('setup', shots);
