/**
 * Owns the screenshots of the Traffic view in its states: `node test/support/webview/shoot.mjs [--theme=NAME] [name…]` writes
 * PNGs to test-results/traffic/.
 */
import { detailShots } from './detailShots.mjs';
import { THEMES as ALL } from './devPage.ts';
import { shoot } from './shots.mjs';

const list = (frame) => frame.locator('.call-list .virtual-list');
const key = async (frame, ...keys) => {
  await list(frame).focus();
  for (const k of keys) await frame.page().keyboard.press(k);
};
const row = (frame, text, n = -1) => {
  const found = frame.locator('.call-row:not(.header)', { hasText: text });
  return n < 0 ? found.last() : found.nth(n);
};
const openRow = async (frame, text) => {
  await row(frame, text).click();
  await frame.locator('.detail').waitFor();
};
/** The scene's `damagedAt` is the fifth from the end. */
const openDamaged = async (frame) => {
  const rows = frame.locator('.call-row[id]');
  await rows.nth((await rows.count()) - 5).click();
  await frame.locator('.detail').waitFor();
};
const tab = (frame, name) => frame.getByRole('tab', { name }).click();

const THREE = ALL.slice(0, 3);

/** name → scene, widths, themes, and what to do before the picture. */
const shots = {
  busy: { scene: 'busy', widths: [300, 600, 1000, 1600], themes: THREE },
  overview: { scene: 'busy', widths: [300, 600, 1000, 1600], themes: THREE, act: (f) => openRow(f, 'create_issue') },
  definition: { scene: 'definition', widths: [600, 1000], act: async (f) => { await openRow(f, 'create_issue'); await f.getByText('listed now').waitFor(); } },
  definitionEarlier: { scene: 'definitionEarlier', widths: [300, 600, 1000], themes: ALL, act: async (f) => { await openRow(f, 'create_issue'); await f.getByText('an earlier version').waitFor(); } },
  findings: { scene: 'findings', widths: [600, 1000], themes: ALL, act: async (f) => { await openRow(f, 'create_issue'); await f.locator('.findings').waitFor(); } },
  damaged: { scene: 'damaged', widths: [600, 1000], themes: THREE, act: openDamaged },
  damagedResponse: { scene: 'damaged', widths: [1000], themes: THREE, act: async (f) => { await openDamaged(f); await tab(f, 'Response'); } },
  failure: { scene: 'busy', widths: [1000], themes: ['dark-modern', 'light-modern'], act: (f) => openRow(f, 'merge_pull_request') },
  toolError: { scene: 'busy', widths: [1000], act: (f) => openRow(f, 'does not exist') },
  request: { scene: 'busy', widths: [600, 1000], themes: ['dark-modern', 'light-modern'], act: async (f) => { await openRow(f, 'create_issue'); await tab(f, 'Request'); } },
  raw: { scene: 'busy', widths: [1000], act: async (f) => { await openRow(f, 'create_issue'); await tab(f, 'Response'); await f.getByRole('radio', { name: 'Raw' }).click(); } },
  big: { scene: 'busy', widths: [1000], act: async (f) => { await openRow(f, 'directory_tree'); await tab(f, 'Response'); } },
  timing: { scene: 'busy', widths: [600, 1000], themes: ['dark-modern', 'high-contrast-dark'], act: async (f) => { await openRow(f, 'browser_navigate'); await tab(f, 'Timing'); } },
  hostile: { scene: 'hostile', widths: [1000], act: async (f) => { await openRow(f, '<script>'); } },
  hostileTree: { scene: 'hostile', widths: [1000], act: async (f) => { await openRow(f, '<script>'); await tab(f, 'Response'); } },
  firstCall: { scene: 'firstCall', widths: [600] },
  idle: { scene: 'idle', widths: [300, 1000], themes: THREE },
  nothingConfigured: { scene: 'nothingConfigured', widths: [300, 1000], themes: THREE },
  routingOff: { scene: 'routingOff', widths: [600] },
  routingOffWithCalls: { scene: 'routingOffWithCalls', widths: [600] },
  untrusted: { scene: 'untrusted', widths: [600] },
  storeFails: { scene: 'storeFails', widths: [600] },
  troubled: { scene: 'troubled', widths: [300, 600, 1000], themes: THREE, act: async (f) => { await f.getByRole('button', { name: 'more' }).click(); await f.getByRole('button', { name: 'Show output' }).first().click(); } },
  nothingMatches: { scene: 'busy', widths: [600], act: async (f) => { await key(f, '/'); await f.page().keyboard.type('server:nowhere'); await f.getByText('No call matches').waitFor(); } },
  invalidFilter: { scene: 'busy', widths: [300, 600], themes: ['dark-modern', 'light-modern'], act: async (f) => { await key(f, '/'); await f.page().keyboard.type('server:github (status:error OR dur:>1s'); await f.getByText('never closed').waitFor(); } },
  completion: { scene: 'busy', widths: [300, 600, 1000], themes: THREE, act: async (f) => { await key(f, '/'); await f.page().keyboard.type('-method:ping server:gi'); await f.getByRole('option', { name: 'github' }).waitFor(); await f.page().keyboard.press('ArrowDown'); } },
  completionFields: { scene: 'busy', widths: [600], act: async (f) => { await key(f, '/'); await f.getByRole('option').first().waitFor(); } },
  chips: { scene: 'saved', widths: [300, 600, 1000], themes: THREE, act: async (f) => { await key(f, '/'); await f.page().keyboard.type('server:github,browser dur:>100ms -status:cancelled (tool:create* OR tool:browser_*)'); await f.page().keyboard.press('Enter'); await f.page().waitForTimeout(400); } },
  savedMenu: { scene: 'saved', widths: [600], themes: THREE, act: async (f) => { await f.getByRole('button', { name: 'Saved filters' }).click(); } },
  naming: { scene: 'saved', widths: [600], act: async (f) => { await key(f, '/'); await f.page().keyboard.type('status:error'); await f.page().keyboard.press('Enter'); await f.getByRole('button', { name: 'Saved filters' }).click(); await f.getByRole('menuitem', { name: 'Save this' }).click(); await f.page().keyboard.type('Failures'); } },
  rowMenu: { scene: 'busy', widths: [1000], themes: THREE, act: async (f) => { await row(f, 'search_repositories').locator('.cell-server').click({ button: 'right' }); } },
  chosen: { scene: 'busy', widths: [600, 1000], themes: THREE, act: async (f) => { const all = f.locator('.call-row[id]'); const n = await all.count(); await all.nth(n - 4).click({ modifiers: ['Control'] }); await all.nth(n - 9).click({ modifiers: ['Control'] }); await all.nth(n - 9).locator('.cell-name').click({ button: 'right' }); } },
  marked: { scene: 'busy', widths: [600, 1000], themes: THREE, act: (f) => key(f, 'End', 'ArrowUp', 'x', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'x', 'ArrowUp') },
  keyboardMenu: { scene: 'busy', widths: [1000], themes: THREE, act: async (f) => { await key(f, 'ArrowUp', 'k', 'k', 'Shift+F10'); await f.getByRole('menu').waitFor(); } },
  otherCells: { scene: 'busy', widths: [1000], themes: THREE, act: async (f) => { await key(f, 'ArrowUp', 'k', 'k', 'Shift+F10'); await f.getByRole('menuitem', { name: 'Filter by another cell' }).click(); await f.getByRole('menuitem', { name: 'since:' }).first().waitFor(); } },
  copyAnyValue: { scene: 'busy', widths: [600], isSizedFirst: true, act: async (f) => { await key(f, 'ArrowUp', 'k', 'k', 'Shift+F10'); await f.getByRole('menuitem', { name: 'Copy a value' }).click(); await f.getByRole('menuitem', { name: 'Server:' }).waitFor(); } },
  groupMenu: { scene: 'byServer', widths: [600], themes: THREE, isSizedFirst: true, act: async (f) => { await f.locator('.group-row').nth(2).click({ button: 'right' }); await f.getByRole('menu').waitFor(); } },
  timelineMarked: { scene: 'timeline', widths: [1000], themes: THREE, act: async (f) => { await f.locator('.timeline-lanes').focus(); for (const k of ['End', 'ArrowLeft', 'x', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'x', 'ArrowLeft']) await f.page().keyboard.press(k); } },
  timelineMenu: { scene: 'timeline', widths: [1000], act: async (f) => { await f.locator('.timeline-lanes').focus(); for (const k of ['End', 'ArrowUp', 'ArrowLeft', 'Shift+F10']) await f.page().keyboard.press(k); const menu = await f.getByRole('menu').boundingBox(); const lanes = await f.locator('.timeline-lanes').boundingBox(); if (Math.abs(menu.x - (lanes.x + lanes.width / 2)) < 2) throw new Error('The menu stands in the middle of the lanes, not at the call.'); } },
  exportMenu: { scene: 'busy', widths: [600], act: async (f) => { await f.getByRole('button', { name: 'Export' }).click(); } },
  copyMenu: { scene: 'busy', widths: [1000], act: async (f) => { await openRow(f, 'create_issue'); await f.getByRole('button', { name: 'Copy the call' }).click(); } },
  hex: { scene: 'busy', widths: [600, 1000, 1600], act: async (f) => { await openRow(f, 'create_issue'); await tab(f, 'Response'); await f.getByRole('radio', { name: 'Hex' }).click(); } },
  findTree: { scene: 'busy', widths: [600, 1000], themes: THREE, act: async (f) => { await f.locator('.call-row[id]:not(.running)', { hasText: 'tools/list' }).last().click(); await f.locator('.detail').waitFor(); await tab(f, 'Response'); await f.locator('.json-tree').waitFor(); await f.getByRole('button', { name: 'Find' }).click(); await f.page().keyboard.type('minimum'); await f.page().keyboard.press('Enter'); await f.page().keyboard.press('Enter'); } },
  findRaw: { scene: 'busy', widths: [1000], themes: ['dark-modern', 'light-modern'], act: async (f) => { await openRow(f, 'create_issue'); await tab(f, 'Response'); await f.getByRole('radio', { name: 'Raw' }).click(); await f.getByRole('button', { name: 'Find' }).click(); await f.page().keyboard.type('issue'); await f.page().keyboard.press('Enter'); } },
  related: { scene: 'busy', widths: [300, 600, 1000, 1600], themes: THREE, act: async (f) => { await openRow(f, 'browser_navigate'); await tab(f, 'Related'); await f.getByRole('button', { name: 'Loading' }).first().click(); } },
  nested: { scene: 'busy', widths: [1000], act: async (f) => { await openRow(f, 'browser_navigate'); await tab(f, 'Related'); await f.getByRole('button', { name: 'Open call' }).click(); await f.getByRole('button', { name: 'Back to' }).waitFor(); } },
  columnMenu: { scene: 'busy', widths: [600, 1000], themes: ['dark-modern', 'light-modern'], act: async (f) => { await f.getByRole('columnheader', { name: 'Server' }).click({ button: 'right' }); } },
  columns: {
    scene: 'columns', widths: [300, 600, 1000, 1600], themes: ['dark-modern', 'high-contrast-dark'],
    act: async (f) => {
      const sash = await f.locator('[data-column=name] .column-sash').boundingBox();
      await f.page().mouse.move(sash.x + 6, sash.y + 10);
      await f.page().mouse.down();
      await f.page().mouse.move(sash.x + 46, sash.y + 10);
      await f.page().mouse.up();
      const name = await f.locator('[data-column=name]').boundingBox();
      if (Math.abs(name.x + name.width - (sash.x + 9 + 40)) > 2) throw new Error(`The boundary stands at ${name.x + name.width}, the pointer left it at ${sash.x + 49}.`);
    },
  },
  notes: { scene: 'notes', widths: [300, 600, 1000, 1600], themes: ALL, act: async (f) => { await key(f, 'ArrowUp'); } },
  noteMenu: { scene: 'notes', widths: [600], themes: ALL, act: async (f) => { await row(f, 'search_nodes').locator('.cell-name').click({ button: 'right' }); await f.getByRole('menuitem', { name: 'Colour' }).click(); await f.getByRole('menuitemradio').first().waitFor(); } },
  bySession: { scene: 'bySession', widths: [300, 600, 1000, 1600], themes: ALL, act: async (f) => { await f.locator('.group-row').nth(1).click(); } },
  byServer: { scene: 'byServer', widths: [300, 600, 1000], themes: ALL, act: async (f) => { await f.locator('.group-row').nth(2).click(); } },
  byPrompt: { scene: 'byPrompt', widths: [300, 600, 1000, 1600], themes: ALL, act: async (f) => { await f.locator('.group-row.level-2').nth(1).click(); await f.locator('.call-row[id]').first().click(); await f.page().waitForTimeout(200); } },
  timeline: { scene: 'timeline', widths: [300, 600, 1000, 1600], themes: ALL, act: async (f) => { await f.locator('.timeline-lanes').focus(); await f.page().keyboard.press('End'); } },
  timelineBusy: { scene: 'timelineBusy', widths: [600, 1000], themes: ALL },
  timelineMany: { scene: 'timelineMany', widths: [600, 1000], themes: ALL },
  sorted: { scene: 'sorted', widths: [600, 1000], themes: ALL },
  scopeMenu: { scene: 'thisWindow', widths: [600, 1600], act: async (f) => { await f.getByTitle('Calls of this window only').click(); } },
  moreMenu: { scene: 'busy', widths: [300], isSizedFirst: true, act: async (f) => { await f.getByRole('button', { name: 'More actions' }).click(); } },
  thisWindowEmpty: { scene: 'thisWindowEmpty', widths: [300, 600], themes: ALL },
  dropHints: { scene: 'busy', widths: [300, 600, 1000], themes: ALL, act: async (f) => { await key(f, '/'); await f.page().keyboard.type('server:github status:timedOut -method:ping'); await f.getByText('Without status').waitFor(); } },
  notRecording: { scene: 'notRecording', widths: [300, 600, 1000, 1600], themes: ALL },
  notRecordingIdle: { scene: 'notRecordingIdle', widths: [300, 600], themes: ['dark-modern', 'light-modern'] },
  gap: { scene: 'gap', widths: [300, 600, 1000], themes: ALL },
  opening: { scene: 'opening', widths: [300, 600], themes: ALL },
  searching: { scene: 'searching', widths: [600], act: async (f) => { await key(f, '/'); await f.page().keyboard.type('needle'); await f.getByText('Searching').waitFor(); } },
  gone: { scene: 'gone', widths: [300, 600], themes: ALL },
  viewPaused: { scene: 'busy', widths: [300, 600, 1000], themes: ALL, act: async (f) => { await key(f, 'Space'); await f.page().evaluate(() => window.harness.add(12)); await f.getByText('12 new while paused').waitFor(); } },
  zoom200: { scene: 'notRecording', widths: [1000], themes: ['dark-modern', 'light-modern'], zoom: 2 },
  newCalls: { scene: 'busy', widths: [600], act: async (f) => { await key(f, 'ArrowUp', 'ArrowUp', 'ArrowUp'); await f.page().evaluate(() => window.harness.add(12)); await f.getByText('12 new').waitFor(); } },
  million: { scene: 'million', widths: [1000], act: async (f) => { await key(f, 'Home', 'End'); } },
  keyboard: { scene: 'busy', widths: [1000], themes: ['dark-modern', 'high-contrast-dark'], act: async (f) => { await key(f, 'ArrowUp', 'k', 'k', 'Enter'); } },
  ...detailShots,
};

await shoot('traffic', shots);
