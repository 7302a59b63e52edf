// A desktop VS Code (Electron): installs a VSIX with its command line, and opens a window that Playwright can drive, the
// way VS Code's own smoke tests do.
import { resolveCliArgsFromVSCodeExecutablePath } from '@vscode/test-electron';
import { _electron, type ElectronApplication } from 'playwright-core';
import { run as runProgram } from '../../../scripts/lib/run.mjs';
import { driverFolder } from '../../../scripts/lib/buildTests.mjs';
import { startMs } from './poll';
import type { RunFolder } from './runFolder';

export async function installIntoDesktop(executable: string, vsix: string, { userDataDir, extensionsDir }: RunFolder): Promise<void> {
  const [cli, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
  if (!cli) throw new Error(`No command line was found for ${executable}.`);
  const windows = process.platform === 'win32';
  await runProgram(
    windows ? `"${cli}"` : cli,
    [...args, `--user-data-dir=${userDataDir}`, `--extensions-dir=${extensionsDir}`, '--install-extension', vsix, '--force'],
    { label: 'installing the packaged extension', shell: windows },
  );
}

export async function openDesktopWindow(executable: string, run: RunFolder, { workspaceTrust }: { workspaceTrust: boolean }): Promise<ElectronApplication> {
  const args = [
    run.workspace, `--extensionDevelopmentPath=${driverFolder}`, `--user-data-dir=${run.userDataDir}`, `--extensions-dir=${run.extensionsDir}`,
    '--skip-welcome', '--skip-release-notes', '--disable-updates', '--disable-telemetry', '--no-sandbox', '--disable-gpu', '--enable-smoke-test-driver',
  ];
  if (!workspaceTrust) args.push('--disable-workspace-trust');
  // Inside another VS Code's terminal this variable would make Electron run as plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env;
  return _electron.launch({ executablePath: executable, args, env: { ...environment, ...run.env } as Record<string, string>, timeout: startMs });
}
