// Runs the compiled host suite in a real editor, desktop or code-server, against the packaged extension, and says how it
// went: its exit code, everything it printed, and its own counts.
import { runTests } from '@vscode/test-electron';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { driverFolder, suitePath } from '../../../scripts/lib/buildTests.mjs';
import { installIntoCodeServer, startCodeServer, writeUserSettings } from '../../../scripts/lib/codeServer.mjs';
import type { CodeServerEditor, DesktopEditor, Editor } from '../../../scripts/lib/editor.mjs';
import { testResultsFolder } from '../../../scripts/lib/paths.mjs';
import { lineMark } from '../../host/harness';
import { launchBrowser } from './browser';
import { installIntoDesktop } from './desktop';
import { startMs } from './poll';
import { createRunFolder, keepEditorLogs, type RunFolder } from './runFolder';
import { packagedProduct, testSettings } from './settings';

export interface SuiteOutcome {
  readonly exitCode: number;
  readonly log: string;
  readonly passed: number;
  readonly failed: number;
}

const suiteTimeoutMs = 600_000;

export async function runHostSuite(editor: Editor, print: (text: string) => void): Promise<SuiteOutcome> {
  const run = await createRunFolder();
  try {
    await writeUserSettings(run.userDataDir, testSettings);
    let log = '';
    let unfinished = '';
    const keep = (text: string) => {
      log += text;
      const lines = (unfinished + text).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) if (line.includes(lineMark)) print(`${afterMark(line)}\n`);
    };
    const exitCode = editor.kind === 'desktop' ? await runInDesktop(editor, run, keep) : await runInCodeServer(editor, run, keep);
    await keepLog(log);
    if (exitCode !== 0) await keepEditorLogs(run, join(testResultsFolder, 'failures', 'host-suite'));
    const counts = [...log.matchAll(/suite\| (\d+) passed, (\d+) failed/g)].at(-1);
    return { exitCode, log, passed: Number(counts?.[1] ?? 0), failed: Number(counts?.[2] ?? 0) };
  } finally {
    await run.dispose();
  }
}

/** Everything the editor printed, the lines of the suite among it. */
async function keepLog(log: string): Promise<void> {
  await mkdir(testResultsFolder, { recursive: true });
  await writeFile(join(testResultsFolder, 'host-suite.log'), log);
}

/** A desktop VS Code puts its own prefix before what an extension host prints. */
function afterMark(line: string): string {
  return line.slice(line.indexOf(lineMark) + lineMark.length);
}

async function runInDesktop({ executable }: DesktopEditor, run: RunFolder, keep: (text: string) => void): Promise<number> {
  await installIntoDesktop(executable, packagedProduct(), run);
  const stdout = new Writable({ write: (chunk, _encoding, done) => (keep(String(chunk)), done()) });
  return runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: driverFolder,
    extensionTestsPath: suitePath,
    extensionTestsEnv: run.env,
    launchArgs: [run.workspace, `--user-data-dir=${run.userDataDir}`, `--extensions-dir=${run.extensionsDir}`, '--disable-workspace-trust', '--skip-welcome', '--disable-updates'],
    stdout,
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }), // Electron's own noise
  });
}

async function runInCodeServer(editor: CodeServerEditor, run: RunFolder, keep: (text: string) => void): Promise<number> {
  await installIntoCodeServer(editor, packagedProduct(), run);
  const server = await startCodeServer(editor, { ...run, env: run.env });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    let exit: (code: number) => void = () => {};
    const exitCode = new Promise<number>((resolve, reject) => {
      exit = resolve;
      page.on('crash', () => reject(new Error('The editor page crashed.')));
      setTimeout(() => reject(new Error(`The suite did not end within ${suiteTimeoutMs / 1000} s.\n${server.output().slice(-4000)}`)), suiteTimeoutMs).unref();
    });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => keep(type === 'error' ? '' : `${args.join(' ')}\n`));
    await page.exposeFunction('codeAutomationExit', (code: number) => exit(code));
    await page.goto(server.url({ folder: run.workspace, extensionDevelopmentPath: driverFolder, extensionTestsPath: suitePath }), { timeout: startMs });
    return await exitCode;
  } finally {
    await browser.close();
    await server.stop();
  }
}
