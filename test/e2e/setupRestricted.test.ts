// Workspace Trust: in a folder whose authors are not trusted nothing of it is started, read or changed, and the views say why.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../scripts/lib/paths.mjs';
import { openEditorWindow, type EditorWindow } from '../support/editor/editorWindow';
import { ServersTree } from '../support/editor/serversTree';
import { bareRun, configOf, runningServers, scripted, writeConfig } from '../support/editor/setupWorkspace';
import { SetupView } from '../support/editor/setupView';

let editor: EditorWindow;
let setup: SetupView;
let tree: ServersTree;

beforeAll(async () => {
  editor = await openEditorWindow(await getTestEditor(), {
    workspaceTrust: true,
    // Only trust is to stand between the folder and its servers.
    settings: { 'mcpShark.policy.servers': 'allow' },
    async prepare(run) {
      await bareRun(run);
      await writeConfig(run, { scripted: scripted({ tools: ['echo'] }) });
    },
  });
  setup = new SetupView(editor.workbench);
  tree = new ServersTree(editor.workbench);
});
afterEach(({ task }) => editor?.keepEvidence(task));
afterAll(() => editor?.dispose());

test('the Setup view explains why nothing is there, and shows nothing of the folder', async () => {
  const before = await readFile(configOf(editor.run), 'utf8');
  await setup.open();
  await setup.frame.getByText('This workspace is in Restricted Mode').waitFor();
  const text = await setup.text();
  expect(text).toContain('starts none of its servers');
  expect(text).not.toContain('scripted');
  expect(await setup.frame.getByRole('button', { name: 'Find servers on this machine' }).count()).toBe(0);
  expect(await readFile(configOf(editor.run), 'utf8')).toBe(before);
  await editor.workbench.screenshot(join(testResultsFolder, 'setup-restricted.png'));
});

test('the Servers tree explains it too, and nothing has been started', async () => {
  await tree.open();
  await tree.pane.getByText(/Restricted Mode|trust/i).first().waitFor();
  expect(await tree.pane.innerText()).not.toContain('scripted');
  await editor.host.call('startMcpServers');
  expect(runningServers(editor.run)).toEqual([]);
});

test('trusted, the folder has its servers in the view', async () => {
  await setup.press('Manage Workspace Trust');
  await editor.workbench.trustFolder();
  await setup.open();
  await setup.row('scripted').waitFor();
  await editor.offeredTool('scripted', 'echo');
});
