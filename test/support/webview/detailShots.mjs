/** Owns the screenshots of a call's detail, sample by sample and tab by tab; see shoot.mjs. */
import { THEMES as ALL } from './devPage.ts';

const open = async (frame, text, tab, form) => {
  await frame.locator('.call-row:not(.header)', { hasText: text }).last().click();
  await frame.locator('.detail').waitFor();
  if (tab) await frame.getByRole('tab', { name: tab }).click();
  if (form) await frame.getByRole('radio', { name: form, exact: true }).click();
  await frame.page().waitForTimeout(200);
};
const shot = (text, tab, form, more = {}) => ({ scene: 'samples', widths: [600, 1000], themes: ALL, act: (f) => open(f, text, tab, form), ...more });

export const detailShots = {
  detailMarkdown: shot('release_notes', undefined, undefined, { widths: [300, 600, 1000, 1600] }),
  detailMedia: shot('screenshot', 'Response', 'Rendered', { widths: [300, 600, 1000, 1600] }),
  detailResources: shot('get_resource_links', 'Response', 'Rendered'),
  detailStructured: shot('get_weather'),
  detailPrompt: shot('review', 'Response', 'Rendered'),
  detailSampling: shot('sampling/createMessage'),
  detailRelated: shot('long_running', 'Related', undefined, { widths: [300, 600, 1000] }),
  detailTiming: shot('long_running', 'Timing', undefined, { widths: [300, 600, 1000] }),
  detailStack: shot('query', undefined, undefined, { act: async (f) => { await open(f, 'query'); await f.locator('.failure-stack summary').click(); } }),
  detailHeaders: shot('search_issues', 'Request', 'Headers'),
  detailLegs: shot('search_issues', 'Request', 'Both', { widths: [300, 600, 1000] }),
  detailBig: shot('read_everything', 'Response', 'Raw', { act: async (f) => { await open(f, 'read_everything', 'Response', 'Raw'); await f.getByRole('button', { name: 'Find' }).click(); await f.page().keyboard.type('NEEDLE'); await f.page().keyboard.press('Enter'); await f.page().waitForTimeout(500); } }),
  detailBigHex: shot('read_everything', 'Response', 'Hex', { themes: ['dark-modern'] }),
  detailBigTree: shot('read_everything', 'Response', 'Tree', { themes: ['dark-modern'], act: async (f) => { await open(f, 'read_everything', 'Response', 'Tree'); await f.getByRole('button', { name: 'Load all' }).click(); await f.locator('.json-tree').waitFor(); } }),
  detailDeep: shot('nested', 'Response', 'Tree', { themes: ['dark-modern'] }),
  detailComment: shot('release_notes', undefined, undefined, { widths: [300, 600, 1000], act: async (f) => { await open(f, 'release_notes'); await f.getByRole('button', { name: 'Add a comment' }).click(); await f.page().keyboard.type('Regression since 1.3:\nsecond line'); } }),
  detailMore: shot('release_notes', undefined, undefined, { act: async (f) => { await open(f, 'release_notes'); await f.getByRole('button', { name: 'More actions for this call' }).click(); } }),
};
