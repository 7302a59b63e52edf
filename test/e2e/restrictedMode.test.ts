// Workspace Trust: in a folder whose authors are not trusted no server is started and nothing is offered, and the status bar
// says why; trusting it turns routing on.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { startMs, waitFor } from '../support/editor/poll';

let editor: EditorWindow;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), { workspaceTrust: true });
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

async function routedTools(): Promise<string[]> {
  await editor.host.call('startMcpServers');
  return (await editor.host.call('toolNames')).filter((name) => name.includes('everything__'));
}

async function says(text: RegExp): Promise<string> {
  const entry = editor.workbench.statusBarEntry();
  await entry.waitFor({ timeout: startMs });
  let label = '';
  return waitFor(`the status bar to say ${String(text)}`, async () => {
    label = (await entry.locator('[aria-label]').first().getAttribute('aria-label')) ?? (await entry.getAttribute('aria-label')) ?? '';
    return text.test(label) ? label : undefined;
  }, startMs, () => label);
}

test('in Restricted Mode nothing is started or offered, and the status bar says why', async () => {
  await says(/not trusted/);
  expect(await routedTools()).toEqual([]);
  await editor.workbench.runCommand('MCP Shark: Show Traffic');
  await editor.workbench.webview().getByText(/not trusted/i).first().waitFor();
});

test('once the folder is trusted, its servers are offered', async () => {
  await editor.host.call('executeCommand', 'workbench.trust.manage');
  await editor.workbench.trustFolder();
  await says(/Routing is on \(2 servers\)/);
  await waitFor('the tools', async () => ((await routedTools()).length > 0 ? true : undefined), startMs);
});
