// The list of calls in the real editor: following what comes in, pausing the view and the recording, calls that run, the
// arrangements, the time line, order and columns, filters from a cell, scope, and the states in which there is no list.
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { findProcessesMarked } from '../../scripts/lib/processTree.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import type { ChatMessage } from '../host/driver/chatParticipant';
import { startMs } from '../support/editor/poll';
import { addWorkshop, toolPrefix } from '../support/editor/trafficServers';
import { TrafficView } from '../support/editor/trafficView';

/** More calls than the list shows at once. */
const MANY = 45;
/** Seconds that a call runs which is to be seen running, by a window that is perhaps slow. */
const LONG = 12;
/** The view takes a host for gone that has not answered for ten seconds. */
const GONE_MS = 60_000;
/** Pixels from the top of the lanes to the middle of the first row of bars. */
const FIRST_BAR = 34;

let editor: EditorWindow;
let traffic: TrafficView;
let everything: string;
let remote: string;
let workshop: string;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), { size: { width: 1400, height: 900 }, prepare: addWorkshop });
  traffic = new TrafficView(editor.workbench);
  await editor.host.call('executeCommand', 'workbench.action.closeSidebar');
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('before the first call the view says what to do next, and how the servers are', async () => {
  await traffic.open();
  await view().getByRole('heading', { name: 'Waiting for the first call' }).waitFor();
  await view().getByText('Run MCP: List Servers and start MCP Shark, or ask for one of its tools in chat.').waitFor();
  await eventually(() => view().getByRole('list', { name: 'Servers' }).getByRole('listitem').allInnerTexts()).toHaveLength(3);
  await look('empty');
  everything = await toolPrefix(editor, 'everything', 'echo');
  remote = await toolPrefix(editor, 'remote', 'echo');
  workshop = await toolPrefix(editor, 'workshop', 'peek');
});

test('who stands at the newest call keeps standing there while calls come in', async () => {
  for (let n = 1; n <= MANY; n++) await editor.invokeTool(`${n % 3 === 0 ? remote : everything}echo`, { message: `number ${n}` });
  await traffic.rows(`number ${MANY}`).waitFor();
  await traffic.inView(traffic.rows(`number ${MANY}`));
  expect(await chip().count()).toBe(0);
  await look('following');
});

test('who reads further up is not moved, is told how many are new, and gets to them', async () => {
  await traffic.calls.press('Home');
  await eventually(() => traffic.firstRow()).toBe(0);
  for (let n = 1; n <= 3; n++) await editor.invokeTool(`${everything}echo`, { message: `while reading ${n}` });
  await eventually(() => chip().innerText()).toBe('3 new');
  expect(await traffic.firstRow()).toBe(0);
  expect(await traffic.rows('while reading').count()).toBe(0);
  await look('new-chip');
  await chip().click();
  await traffic.inView(traffic.rows('while reading 3'));
  await chip().waitFor({ state: 'detached' });
});

test('a paused view counts what comes in and shows it when it goes on', async () => {
  await traffic.calls.press('Space');
  await eventually(() => chip().innerText()).toBe('View paused');
  for (let n = 1; n <= 2; n++) await editor.invokeTool(`${remote}echo`, { message: `while paused ${n}` });
  await eventually(() => chip().innerText()).toBe('2 new while paused');
  expect(await traffic.rows('while paused').count()).toBe(0);
  await look('view-paused');
  await traffic.calls.press('Space');
  await traffic.inView(traffic.rows('while paused 2'));
  await chip().waitFor({ state: 'detached' });
});

test('a paused recording is plain to see, lets calls through, and keeps nothing of them', async () => {
  await traffic.button(/^Recording\. Pause it/).click();
  await view().getByText(/^Recording is paused since [\d:]+: calls go on, nothing is written down\.$/).waitFor();
  await view().getByRole('button', { name: /^Not recording/ }).waitFor();
  await eventually(() => editor.workbench.statusBarEntry().innerText()).toContain('not recording');
  const answer = await editor.invokeTool(`${everything}echo`, { message: 'quokka in the pause' });
  expect(answer.text).toContain('Echo: quokka in the pause');
  await eventually(() => traffic.text()).toMatch(/[1-9]\d* messages have passed unrecorded/);
  await look('recording-paused');
  await traffic.button('Resume recording').first().click();
  await traffic.button(/^Recording\. Pause it/).waitFor();
  await eventually(() => editor.workbench.statusBarEntry().innerText()).not.toContain('not recording');
  await editor.invokeTool(`${everything}echo`, { message: 'after the pause' });
  await traffic.rows('after the pause').waitFor();
  // The pause itself is a row, with how much passed in it.
  await traffic.rows('Recording was paused').waitFor();
  await look('recording-resumed');
  await traffic.filter('status:unrecorded');
  await eventually(() => traffic.listed()).toBe(1);
  await traffic.filter('quokka');
  await view().getByRole('heading', { name: 'No call matches this filter' }).waitFor();
  await showAll();
});

test('a call that runs is shown running, and settles where it stands', async () => {
  const answer = editor.invokeTool(`${everything}trigger-long-running-operation`, { duration: LONG, steps: 3 });
  const row = traffic.rows('trigger-long-running-operation');
  await row.getByLabel('Running').or(row.getByTitle('Running')).first().waitFor();
  await eventually(() => traffic.summary()).toContain('1 running');
  const place = await row.getAttribute('data-index');
  await look('running');
  await answer;
  await row.getByLabel('OK').or(row.getByTitle('OK')).first().waitFor();
  expect(await row.getAttribute('data-index')).toBe(place);
  await eventually(() => traffic.summary()).not.toContain('running');
  expect(Number(/([\d.]+) s/.exec(await row.innerText())?.[1])).toBeGreaterThanOrEqual(LONG);
});

test('a call that a server makes in the course of another is shown with it', async () => {
  await editor.invokeTool(`${workshop}ask`, { method: 'roots/list', params: {} });
  await traffic.rows('workshop', 'ask').click();
  await view().getByRole('tab', { name: /^Related \(\d+\)$/ }).click();
  await view().getByRole('button', { name: 'Open call' }).first().click();
  await view().getByRole('heading', { name: 'roots/list' }).waitFor();
  await view().getByRole('button', { name: 'Back to ask' }).click();
  await view().getByRole('heading', { name: 'ask' }).waitFor();
  await press('Escape');
});

test('by server, each server is a group with the calls it got', async () => {
  const counts: Record<string, number> = {};
  for (const server of ['everything', 'remote', 'workshop']) {
    counts[server] = await traffic.filterTo(`server:${server}`, (row) => row.includes(server));
  }
  const own = await traffic.filterTo('-server:* -status:unrecorded', (row) => !row.includes('workshop'));
  await showAll();
  await traffic.arrange('Server');
  for (const [server, count] of Object.entries(counts)) await traffic.groups(server, `${count} calls`).waitFor();
  await look('by-server');
  expect(own).toBeGreaterThan(0);
  const group = traffic.groups('remote');
  expect(await group.innerText()).toMatch(/p95 [\d.,]+ m?s/);
  expect(await group.innerText()).toMatch(/[\d.,]+ m?s in all/);
  // Opened with the keyboard, it holds its own calls and no others.
  await group.click();
  await traffic.rows('while paused 2').waitFor();
  await eventually(() => group.getAttribute('aria-expanded')).toBe('true');
  const inside = view().locator('[role=row][aria-level="2"]');
  // A row may be drawn before its call is there.
  await eventually(async () => (await inside.allInnerTexts()).filter((text) => !text.includes('remote'))).toEqual([]);
  expect(await inside.count()).toBeGreaterThan(5);
  await look('by-server-open');
  await press('ArrowLeft');
  await eventually(() => group.getAttribute('aria-expanded')).toBe('false');
});

test('by session, the sessions of the client and what they held', async () => {
  await traffic.arrange('Session');
  await eventually(sumOfGroupsIsCount).toBe(true);
  expect(await traffic.groups('code-server').or(traffic.groups('Visual Studio Code')).count()).toBeGreaterThan(0);
  await look('by-session');
});

test('by prompt, calls that name none are parted by silence', async () => {
  await traffic.arrange('Prompt');
  await eventually(sumOfGroupsIsCount).toBe(true);
  // The newest conversation is open from the start.
  const prompt = view().locator('[role=row][aria-level="2"][aria-expanded]').filter({ hasText: 'Calls without a prompt' }).first();
  await prompt.click();
  await eventually(() => prompt.getAttribute('aria-expanded')).toBe('true');
  const calls = view().locator('[role=row][aria-level="3"]');
  await calls.filter({ hasText: 'echo' }).first().waitFor();
  expect(await prompt.innerText()).toContain(`${await calls.first().getAttribute('aria-setsize')} calls`);
  await look('by-prompt');
});

test('on the time line each server has a lane, a bar opens its call, and a period becomes a filter', async () => {
  await traffic.arrange('Timeline');
  const lanes = view().getByRole('listbox', { name: /^Time line of calls/ });
  const option = view().getByRole('option', { includeHidden: true });
  await lanes.focus();
  // The newest call was made in the course of another, and stands below that.
  await eventually(async () => {
    await press('End');
    return option.first().innerText();
  }).toMatch(/^roots\/list, workshop, OK, .*, nested 1 deep$/);
  await press('ArrowUp');
  await eventually(() => option.first().innerText()).toMatch(/^ask, workshop, OK, [^n]*$/);
  await look('timeline');
  // With the mouse: the bar of the long call is wide enough to be come across.
  const box = await lanes.boundingBox();
  if (!box) throw new Error('The lanes are not drawn.');
  let tip = '';
  for (let x = 130; x < box.width && !tip.startsWith('trigger'); x += 15) {
    await page().mouse.move(box.x + x, box.y + FIRST_BAR);
    tip = (await lanes.getAttribute('title')) ?? '';
  }
  expect(tip).toMatch(/^trigger-long-running-operation, everything, OK, [\d.]+ s/);
  await page().mouse.down();
  await page().mouse.up();
  await view().getByRole('heading', { name: 'trigger-long-running-operation' }).waitFor();
  await look('timeline-detail');
  await press('Escape');
  await view().getByRole('tablist').waitFor({ state: 'detached' });
  await eventually(() => traffic.count()).toBeGreaterThan(MANY);
  const before = (await traffic.count()) ?? 0;
  const strip = view().getByRole('slider', { name: /^Overview: drag/ });
  // From before the first call to the middle between it and the last.
  const bars = await strip.locator('rect').evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().left));
  const middle = (Math.min(...bars) + Math.max(...bars)) / 2 - Math.min(...bars);
  const outside = await strip.boundingBox();
  if (!outside) throw new Error('The overview is not drawn.');
  await page().mouse.move(outside.x + 1, outside.y + 10);
  await page().mouse.down();
  await page().mouse.move(outside.x + middle, outside.y + 10, { steps: 5 });
  await look('timeline-brush');
  await page().mouse.up();
  await eventually(() => traffic.filterBox.inputValue()).toMatch(/^since:\d{4}-\S+Z until:\d{4}-\S+Z$/);
  await eventually(async () => (await traffic.count()) ?? before).toBeLessThan(before);
  // The lanes show that period and nothing beyond its end.
  const until = Date.parse(/until:(\S+)/.exec(await traffic.filterBox.inputValue())?.[1] ?? '');
  await eventually(async () => {
    const end = / to (\S+ \S+)$/.exec((await strip.getAttribute('aria-valuetext')) ?? '')?.[1] ?? '';
    return Math.abs(Date.parse(end.replace(' ', 'T')) - until);
  }).toBeLessThan(5);
  await look('timeline-period');
  await traffic.button('Clear the period').click();
  await eventually(() => traffic.filterBox.inputValue()).toBe('');
  await eventually(() => traffic.count()).toBe(before);
  await traffic.arrange('List');
});

test('sorted by duration the longest call stands first; a moved column and the order outlive a reload', async () => {
  const header = (name: string): Locator => view().getByRole('columnheader', { name, exact: true });
  await header('Duration').click();
  await eventually(() => header('Duration').getAttribute('aria-sort')).toBe('descending');
  await eventually(() => view().locator('[data-index="0"]').innerText()).toContain('trigger-long-running-operation');
  const places = (): Promise<string[]> => view().getByRole('columnheader').allInnerTexts();
  const before = await places();
  await header('Method').click({ button: 'right' });
  await traffic.choose('Move left');
  await eventually(async () => (await places()).indexOf('Method')).toBe(before.indexOf('Method') - 1);
  const moved = await places();
  // The arrow leaves room for the name.
  expect(await header('Duration').locator('.column-label').evaluate((label) => label.scrollWidth - label.clientWidth)).toBe(0);
  await look('sorted');

  await editor.reload();
  await traffic.filterBox.waitFor({ timeout: startMs });
  await eventually(() => header('Duration').getAttribute('aria-sort')).toBe('descending');
  expect(await places()).toEqual(moved);
  await eventually(() => view().locator('[data-index="0"]').innerText()).toContain('trigger-long-running-operation');
  await header('Duration').click();
  await eventually(() => header('Duration').getAttribute('aria-sort')).toBe('ascending');
  await header('Duration').click();
  await eventually(() => header('Duration').getAttribute('aria-sort')).toBe('none');
  await traffic.button('Columns and times').click();
  await traffic.choose('Reset columns');
});

test('this window shows its own calls, all windows those of before the reload, too', async () => {
  await traffic.filterTo('tool:echo', (row) => row.includes('echo'));
  await traffic.rows('after the pause').waitFor();
  await traffic.button('All windows').click();
  await traffic.choose('This window', 'menuitemradio');
  await view().getByRole('heading', { name: 'No call matches this filter' }).waitFor();
  await view().getByRole('button', { name: /^In all windows: \d+ calls$/ }).waitFor();
  await eventually(() => traffic.text()).toContain('Nothing is recorded here yet');
  await look('scope-window-empty');
  everything = await toolPrefix(editor, 'everything', 'echo');
  remote = await toolPrefix(editor, 'remote', 'echo');
  await editor.invokeTool(`${everything}echo`, { message: 'of this window' });
  await traffic.rows('of this window').waitFor();
  await eventually(() => traffic.count()).toBe(1);
  await look('scope-window');
  await traffic.button('This window').click();
  await traffic.choose('All windows', 'menuitemradio');
  await traffic.rows('after the pause').waitFor();
  await traffic.rows('of this window').waitFor();
  await showAll();
});

test('a cell excludes what stands in it, and a chip takes that back', async () => {
  await editor.invokeTool(`${remote}echo`, { message: 'to be hidden' });
  await traffic.rows('to be hidden').waitFor();
  await traffic.openMenu(traffic.rows('remote', 'to be hidden'), 'server');
  await traffic.choose('Exclude server:remote');
  await traffic.rows('to be hidden').waitFor({ state: 'detached' });
  await eventually(() => traffic.filterBox.inputValue()).toBe('-server:remote');
  await eventually(() => traffic.rows('of this window').count()).toBe(1);
  await look('excluded');
  await traffic.button('Remove -server:remote').click();
  await traffic.rows('to be hidden').waitFor();
  await eventually(() => traffic.filterBox.inputValue()).toBe('');
});

test('where nothing matches, the view says what to take out, and does it', async () => {
  await traffic.filter('server:remote tool:peek');
  await view().getByRole('heading', { name: 'No call matches this filter' }).waitFor();
  const hint = view().getByRole('button', { name: /^Without tool:peek: \d+ calls$/ });
  await hint.waitFor();
  await look('nothing-matches');
  const promised = Number(/(\d+) calls/.exec(await hint.innerText())?.[1]);
  await hint.click();
  await eventually(() => traffic.filterBox.inputValue()).toBe('server:remote');
  await eventually(() => traffic.count()).toBe(promised);
  await showAll();
});

test('by prompt, what a question in chat made servers do stands together, under its conversation', async () => {
  await editor.host.call('offerLanguageModel', 'not asked');
  await editor.host.call('offerChatParticipant');
  const questions = [
    { text: 'first question', servers: [everything, remote, everything], namesRequest: true },
    { text: 'second question', servers: [everything, remote], namesRequest: true },
    // Of other extensions' participants VS Code says no more than the conversation.
    { text: 'unnamed question', servers: [everything], namesRequest: false },
  ];
  for (const { text, servers, namesRequest } of questions) {
    const message: ChatMessage = { calls: servers.map((server) => [`${server}echo`, { message: text }]), namesRequest };
    await editor.host.call('executeCommand', 'workbench.action.chat.open', { query: `@tester ${JSON.stringify(message)}` });
    // Only when it has come to its end the next question is taken; the first has to wait for chat itself.
    const answer = page().locator('.interactive-session .interactive-response:not(.chat-response-loading)');
    await answer.getByText(`Calls made: ${servers.length}`).waitFor({ timeout: startMs });
  }
  await look('by-prompt-chat');
  await traffic.arrange('Prompt');
  await editor.host.call('executeCommand', 'workbench.action.closeAuxiliaryBar');
  // As a word of its own: "6 calls" also stands in "36 calls".
  const holding = (groups: Locator, count: number): Locator => groups.filter({ has: page().getByText(`${count} calls`, { exact: true }) });
  const conversation = holding(traffic.groups('Conversation'), 6);
  await conversation.waitFor();
  if ((await conversation.getAttribute('aria-expanded')) === 'false') await conversation.click();
  const calls = view().locator('[role=row][aria-level="3"]');
  for (const { text, servers, namesRequest } of questions) {
    const group = namesRequest ? holding(traffic.groups().filter({ hasText: /^Prompt/ }), servers.length) : traffic.groups('Calls without a prompt').first();
    await group.click();
    await eventually(() => calls.filter({ hasText: text }).count()).toBe(servers.length);
    if (namesRequest) await look('by-prompt-conversation');
    await group.click();
    await eventually(() => calls.filter({ hasText: text }).count()).toBe(0);
  }
  await traffic.arrange('List');
});

test.runIf(process.platform === 'linux')('a host that does not answer is said to be gone, what was read stays, and it is found again', async () => {
  const host = findProcessesMarked(editor.run.env['MCP_SHARK_HARNESS'] ?? '').find(({ command }) => /type=extensionHost/.test(command));
  expect(host).toBeDefined();
  process.kill(host!.pid, 'SIGSTOP');
  try {
    await traffic.filter('tool:echo');
    await view().getByText(/The extension host did not answer within 10 s/).waitFor({ timeout: GONE_MS });
    expect(await view().getByRole('row').count()).toBeGreaterThan(5);
    await look('host-gone');
  } finally {
    process.kill(host!.pid, 'SIGCONT');
  }
  // By itself: nothing is pressed.
  await view().getByText(/The extension host did not answer/).waitFor({ state: 'detached', timeout: GONE_MS });
  // The numbers are of the filter that was set meanwhile.
  await eventually(() => traffic.summary()).toMatch(/^[\d,]+ of [\d,]+ calls/);
  await eventually(() => traffic.count()).toBeGreaterThan(MANY);
  await showAll();
});

const page = () => editor.workbench.page;
const view = () => traffic.frame;
const press = (...keys: readonly string[]): Promise<void> => editor.workbench.press(...keys);
const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read);
const chip = (): Locator => view().locator('.new-chip');

/** Every call stands in a group, and in one only. */
async function sumOfGroupsIsCount(): Promise<boolean> {
  return (await traffic.sumOfGroups()) === (await traffic.count());
}

async function showAll(): Promise<void> {
  await traffic.button('Clear the filter (Esc)').click();
  await eventually(() => traffic.count()).toBeGreaterThan(MANY);
}

async function look(name: string): Promise<void> {
  await editor.workbench.screenshot(join(testResultsFolder, 'views', `${name}.png`));
}
