/**
 * Owns the screenshots of the Playground in its states: `node test/support/webview/playground/shoot.mjs [--theme=NAME] [name…]`
 * writes PNGs to test-results/playground/.
 */
import { THEMES as ALL } from '../devPage.ts';
import { shoot } from '../shots.mjs';

const WIDTHS = [300, 600, 1000, 1600];

/** name → scene, widths, themes, and what to do before the picture. */
const shots = {
  ready: { widths: WIDTHS, themes: ALL },
  wideSide: { widths: [1000], themes: ALL },
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
  waits: { widths: [300, 1000], themes: ALL },
  unlisted: { widths: [300, 1000], themes: ALL },
  connecting: { widths: [600], themes: ALL },
  savedLoaded: { widths: [300, 1000], themes: ALL },
  cancelled: { widths: [600] },
  died: { widths: [600, 1000], themes: ALL },
  sampling: { widths: WIDTHS, themes: ALL },
  samplingModel: { scene: 'sampling', widths: [1000], act: async (f) => { await f.getByRole('button', { name: 'Ask a language model' }).click(); await f.getByText('would get this').waitFor(); } },
  elicitation: { widths: WIDTHS, themes: ALL },
  waiting: { scene: 'elicitation', widths: [300], themes: ALL, act: async (f) => { await f.getByRole('radio', { name: 'Arguments' }).click(); } },
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
  invalidSchema: { widths: [300, 600], themes: ALL },
  nothingConfigured: { widths: [300, 1000], themes: ALL },
  routingOff: { widths: [600], themes: ALL },
  untrusted: { widths: [300, 600], themes: ALL },
  gatewayFailed: { widths: [600] },
  starting: { widths: [600] },
  gone: { widths: [600] },
};

await shoot('playground', shots);
