// Opens a real editor window on a run's workspace with the packaged extension installed, and gives the two hands a test
// needs: the workbench from outside (Playwright) and the extension host from inside (the driver). Desktop and code-server
// look the same to the test.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { driverFolder } from '../../../scripts/lib/buildTests.mjs';
import { installIntoCodeServer, startCodeServer, writeUserSettings } from '../../../scripts/lib/codeServer.mjs';
import type { CodeServerEditor, Editor } from '../../../scripts/lib/editor.mjs';
import type { ToolAnswer } from '../../host/driver/operations';
import { launchBrowser } from './browser';
import { testResultsFolder } from '../../../scripts/lib/paths.mjs';
import { installIntoDesktop, openDesktopWindow } from './desktop';
import { listenForDriver, type HostRemote } from './hostRemote';
import { startMs, waitFor } from './poll';
import { createRunFolder, keepEditorLogs, type RunFolder } from './runFolder';
import { packagedProduct, testSettings } from './settings';
import { Workbench } from './workbench';

export interface EditorWindow {
  readonly run: RunFolder;
  readonly workbench: Workbench;
  readonly host: HostRemote;
  /** Lets VS Code's MCP client call a tool, and allows it if VS Code asks, as a person would. */
  invokeTool(name: string, input: object): Promise<ToolAnswer>;
  /** What VS Code calls the tool of a server, once it offers it: a prefix of its own, server, tool. */
  offeredTool(server: string, tool: string): Promise<string>;
  /** Reloads the window and waits until the new extension host answers. */
  reload(): Promise<void>;
  /** After a failed test: a screenshot and the editor's logs go to test-results/. */
  keepEvidence(test: { readonly name: string; readonly result?: { readonly state?: string } }): Promise<void>;
  dispose(): Promise<void>;
}

export interface WindowOptions {
  /** Ask for workspace trust as users are asked (default: every folder is trusted). */
  readonly workspaceTrust?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  /** User settings beside those of every test, or in place of them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Changes the run's folders, or the environment of its processes, before the editor starts: what is written just after may be missed. */
  readonly prepare?: (run: RunFolder) => Promise<void>;
}

export async function openEditorWindow(editor: Editor, { workspaceTrust = false, size = { width: 1280, height: 800 }, settings = {}, prepare }: WindowOptions = {}): Promise<EditorWindow> {
  const host = await listenForDriver();
  const run = await createRunFolder(host.address);
  const undo: (() => void | Promise<void>)[] = [() => run.dispose(), () => host.dispose()];
  const dispose = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await writeUserSettings(run.userDataDir, { ...testSettings, ...settings });
    await prepare?.(run);
    const page = editor.kind === 'desktop' ? await openDesktop() : await openInBrowser(editor);
    const workbench = new Workbench(page, host);
    await workbench.ready();
    await host.connected();
    return {
      run, workbench, host, dispose,
      async invokeTool(name, input) {
        let hasAnswered = false;
        const answer = host.call('invokeTool', name, input).finally(() => (hasAnswered = true));
        // VS Code does not ask for tools that say of themselves that they only read.
        void workbench.allowTool(() => hasAnswered);
        return answer;
      },
      offeredTool: (server, tool) =>
        waitFor(`VS Code to offer ${server}__${tool}`, async () => {
          await host.call('startMcpServers');
          return (await host.call('toolNames')).find((name) => name.endsWith(`${server}__${tool}`));
        }, startMs),
      async reload() {
        const before = host.connections;
        await workbench.reloadWindow();
        await host.connected(before);
        await workbench.ready();
      },
      async keepEvidence({ name, result }) {
        if (result?.state !== 'fail') return;
        const folder = join(testResultsFolder, 'failures', name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60));
        await workbench.screenshot(join(folder, 'window.png'));
        await keepEditorLogs(run, folder);
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }

  async function openInBrowser(codeServer: CodeServerEditor): Promise<Page> {
    await installIntoCodeServer(codeServer, packagedProduct(), run);
    const server = await startCodeServer(codeServer, { ...run, workspaceTrust, env: run.env });
    undo.push(() => server.stop());
    const browser = await launchBrowser();
    undo.push(() => browser.close());
    const page = await browser.newPage({ viewport: size });
    await page.goto(server.url({ folder: run.workspace, extensionDevelopmentPath: driverFolder }), { timeout: startMs });
    return page;
  }

  async function openDesktop(): Promise<Page> {
    if (editor.kind !== 'desktop') throw new Error('Not a desktop editor.');
    await installIntoDesktop(editor.executable, packagedProduct(), run);
    const app = await openDesktopWindow(editor.executable, run, { workspaceTrust });
    undo.push(() => app.close());
    const page = await app.firstWindow();
    await page.setViewportSize(size);
    return page;
  }
}
