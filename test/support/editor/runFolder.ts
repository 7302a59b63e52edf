// One run's private folders: user data, extensions, a workspace whose `.vscode/mcp-shark.json` names real servers, and the
// harness file through which code inside the editor learns about the run. Everything is deleted at the end, and a process
// the run left behind is an error.
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProcessesMarked } from '../../../scripts/lib/processTree.mjs';
import { startEverythingOverHttp, stdioServers } from '../../../scripts/lib/realServers.mjs';
import { pollUntil, soonMs } from './poll';

export const productId = 'mcpshark.mcp-shark';

export interface RunFolder {
  readonly root: string;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly workspace: string;
  /** Where the product keeps its journal and its SQLite files. */
  readonly globalStorage: string;
  /** For every process of the run; also marks them. */
  readonly env: Record<string, string>;
  dispose(): Promise<void>;
}

/** What code in the editor reads from the file named by MCP_SHARK_HARNESS. */
export interface HarnessFile {
  readonly globalStorage: string;
  readonly workspace: string;
  readonly remote?: { readonly port: number; readonly token: string };
}

export async function createRunFolder(remote?: HarnessFile['remote']): Promise<RunFolder> {
  // Short, because VS Code puts sockets below it and macOS allows 103 characters for their paths.
  const root = await realpath(await mkdtemp(join(tmpdir(), 'mcps-')));
  const userDataDir = join(root, 'user');
  const extensionsDir = join(root, 'ext');
  const workspace = join(root, 'workspace');
  const globalStorage = join(userDataDir, 'User', 'globalStorage', productId);
  const harnessFile = join(root, 'harness.json');
  const env = { MCP_SHARK_HARNESS: harnessFile };

  await Promise.all([extensionsDir, join(workspace, '.vscode')].map((folder) => mkdir(folder, { recursive: true })));
  await writeFile(harnessFile, JSON.stringify({ globalStorage, workspace, remote } satisfies HarnessFile));
  const http = await startEverythingOverHttp({ env });
  await writeServers(workspace, { everything: stdioServers.everything(), remote: { type: 'http', url: http.url } });

  return {
    root, userDataDir, extensionsDir, workspace, globalStorage, env,
    async dispose() {
      await http.stop();
      await assertNothingLeftRunning(harnessFile);
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Replaces the workspace's server configuration; a running product reloads it. */
export async function writeServers(workspace: string, servers: Record<string, object>): Promise<void> {
  await writeFile(join(workspace, '.vscode', 'mcp-shark.json'), JSON.stringify({ servers }, null, 2));
}

/** Copies the editor's logs, the extension host's and the product's output channel among them, to where they outlive the run. */
export async function keepEditorLogs(run: RunFolder, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(run.userDataDir, 'logs'), join(folder, 'logs'), { recursive: true, force: true }).catch(() => {});
}

async function assertNothingLeftRunning(mark: string): Promise<void> {
  const left = await pollUntil(() => {
    const found = findProcessesMarked(mark);
    return { done: found.length === 0, value: found };
  }, soonMs);
  if (left.length === 0) return;
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  throw new Error(`Processes outlived the editor (now killed):\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`);
}
