// The main job as a person sees it: calls that VS Code's MCP client makes show in the Traffic view within a second, open to
// their request and response, survive a reload of the window, and stop coming when routing is turned off in the status bar.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { inProject, testResultsFolder } from '../../scripts/lib/paths.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { soonMs, startMs, waitFor } from '../support/editor/poll';
import { readRecordedCalls, sqliteFiles, type RecordedCall } from '../support/editor/recordedCalls';
import { writeServers } from '../support/editor/runFolder';
import { TrafficView } from '../support/editor/trafficView';

const onScreenWithinMs = 1_000;
const onDiskWithinMs = 30_000;
const servers = ['everything', 'remote'] as const;
const messageFor = (server: string) => `seen from ${server}`;

let editor: EditorWindow;
let traffic: TrafficView;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor());
  traffic = new TrafficView(editor.workbench);
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('a call of each server is on screen within a second of its answer', async () => {
  await traffic.open();
  for (const server of servers) {
    const tool = await editor.offeredTool(server, 'echo');
    const seen = await traffic.watchFor(server, 'echo');
    const answer = await editor.invokeTool(tool, { message: messageFor(server) });
    expect(answer.text).toContain(`Echo: ${messageFor(server)}`);
    const lateMs = (await seen()) - answer.answeredAt;
    console.log(`${server}: on screen ${lateMs} ms later`);
    expect(lateMs).toBeLessThan(onScreenWithinMs);
  }
});

test('a click on a row shows its request and its response', async () => {
  for (const server of servers) {
    await traffic.rows(server, 'echo').first().click();
    await shows(`the arguments and the result of ${server}`, messageFor(server), `Echo: ${messageFor(server)}`);
    await traffic.openDetailTab('Request');
    await shows(`the request to ${server}`, 'tools/call', messageFor(server));
    await traffic.openDetailTab('Response');
    await shows(`the response of ${server}`, `Echo: ${messageFor(server)}`);
    await traffic.openDetailTab('Overview');
  }
});

test('a tool that fails is a failed row with its message', async () => {
  // Wide enough for the column that says what went wrong.
  await editor.host.call('executeCommand', 'workbench.action.closeSidebar');
  await editor.invokeTool(await editor.offeredTool('everything', 'echo'), { message: 42 }).catch(() => {}); // VS Code may throw what the tool reports
  await traffic.rows('everything', 'echo').filter({ hasText: /invalid|expected/i }).first().waitFor();
});

test('the view is drawn in a dark, a light and a high-contrast theme', async () => {
  await makeVariedCalls();
  await traffic.filterTo('method:tools/call', (row) => !/initialize|tools\/list/.test(row));
  const row = traffic.rows('remote', 'get-structured-content').first();
  await row.click();
  for (const [theme, file] of [['light', 'traffic-light'], ['highContrast', 'traffic-hc'], ['dark', 'traffic-dark']] as const) {
    await editor.workbench.setTheme(theme);
    await row.waitFor();
    await picture(file);
  }
  await editor.workbench.page.keyboard.press('Escape');
  await traffic.frame.getByRole('tablist').waitFor({ state: 'detached' });
  await traffic.arrange('Timeline');
  await traffic.frame.getByRole('slider').locator('rect').first().waitFor();
  await picture('traffic-timeline');
  await traffic.arrange('List');
  await traffic.button('Clear the filter (Esc)').click();
});

test('both calls are in a SQLite file within 30 s of quiet', async () => {
  let calls: RecordedCall[] = [];
  for (const server of servers) {
    await waitFor(`the call of ${server} in a SQLite file`, async () => {
      calls = await readRecordedCalls(editor.run.globalStorage);
      return calls.find((call) => call.server === server && call.name === 'echo' && call.status === 'ok' && String(call.response).includes(messageFor(server)));
    }, onDiskWithinMs, () => `${calls.length} calls`);
  }
  expect(await sqliteFiles(editor.run.globalStorage)).not.toHaveLength(0);
});

test('the rows are still there after a reload of the window', async () => {
  await editor.reload();
  for (const server of servers) await traffic.rows(server, 'echo').first().waitFor({ timeout: startMs });
});

test('a click on the status bar entry turns routing off, another turns it on', async () => {
  await editor.offeredTool('everything', 'echo');
  await editor.workbench.statusBarEntry().click();
  await waitFor('the tools to go', async () => ((await routedTools()).length === 0 ? true : undefined), startMs);
  await editor.workbench.statusBarEntry().click();
  const answer = await editor.invokeTool(await editor.offeredTool('remote', 'echo'), { message: 'back again' });
  expect(answer.text).toContain('Echo: back again');
});

test('a server that cannot start is shown failed with its last words, and the others go on', async () => {
  const file = join(editor.run.workspace, '.vscode', 'mcp-shark.json');
  const configured = (JSON.parse(await readFile(file, 'utf8')) as { servers: Record<string, object> }).servers;
  const failing = { command: process.execPath, args: ['-e', 'console.error("no licence key found"); process.exit(3)'] };
  await writeServers(editor.run.workspace, { failing, ...configured });
  await traffic.open();
  await shows('the failed server', 'failing', 'no licence key found');
  await editor.workbench.screenshot(join(testResultsFolder, 'traffic-failed-server.png'));
  const answer = await editor.invokeTool(await editor.offeredTool('everything', 'echo'), { message: 'unharmed' });
  expect(answer.text).toContain('Echo: unharmed');
});

/** Something to look at in the screenshots. */
async function makeVariedCalls(): Promise<void> {
  for (const server of servers) {
    const prefix = (await editor.offeredTool(server, 'echo')).slice(0, -'echo'.length);
    const long = editor.invokeTool(`${prefix}trigger-long-running-operation`, { duration: 2, steps: 4 });
    await editor.invokeTool(`${prefix}get-tiny-image`, {});
    await editor.invokeTool(`${prefix}get-sum`, { a: 40, b: 2 });
    await editor.invokeTool(`${prefix}get-resource-links`, { count: 3 });
    await editor.invokeTool(`${prefix}get-resource-reference`, { resourceType: 'Text', resourceId: 0 }).catch(() => {});
    await editor.invokeTool(`${prefix}get-annotated-message`, { messageType: 'error', includeImage: true });
    await editor.invokeTool(`${prefix}get-structured-content`, { location: 'Chicago' });
    await long;
    await editor.invokeTool(`${prefix}echo`, { message: `Good morning, ${server}` });
  }
}

/** For whoever looks at the results, and for the README where that is asked for. */
async function picture(file: string): Promise<void> {
  await editor.workbench.screenshot(join(testResultsFolder, `${file}.png`));
  if (process.env['UPDATE_SCREENSHOTS']) await editor.workbench.screenshot(inProject('media', 'screenshots', `${file}.png`));
}

async function shows(what: string, ...texts: readonly string[]): Promise<void> {
  let text = '';
  await waitFor(what, async () => {
    text = await traffic.text();
    return texts.every((wanted) => text.includes(wanted)) ? true : undefined;
  }, soonMs, () => text.slice(-1_000));
}

async function routedTools(): Promise<string[]> {
  return (await editor.host.call('toolNames')).filter((name) => servers.some((server) => name.includes(`${server}__`)));
}
