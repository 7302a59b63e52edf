// Opens VS Code for a person, with the product loaded from this folder: the `code` they have, else a downloaded one, else
// VS Code's server with its address printed. Each function returns when the person is done.
import { once } from 'node:events';
import { join } from 'node:path';
import { isEnding } from './cleanup.mjs';
import { startCodeServer, writeUserSettings } from './codeServer.mjs';
import { canGetDesktopEditor, getCodeServer, getDesktopEditor, hasDisplay } from './editor.mjs';
import { SetupError } from './errors.mjs';
import { editorDataFolder, projectFolder } from './paths.mjs';
import { say } from './progress.mjs';
import { runToEnd } from './run.mjs';
import { findOnPath } from './systemPackages.mjs';

const userDataDir = join(editorDataFolder, 'start-user-data');
const extensionsDir = join(editorDataFolder, 'start-extensions');

/**
 * The same choice as for the tests, but a `code` on PATH comes first: it is the editor the person knows.
 * @returns {Promise<import('./editor.mjs').Editor>}
 */
export async function chooseUserEditor() {
  const forced = process.env.MCP_SHARK_TEST_EDITOR;
  if (forced === 'code-server') return getCodeServer();
  const installed = hasDisplay() ? findOnPath('code') : undefined;
  if (installed) return { kind: 'desktop', executable: installed };
  return forced === 'desktop' || (hasDisplay() && (await canGetDesktopEditor())) ? getDesktopEditor() : getCodeServer();
}

/**
 * @param {import('./editor.mjs').DesktopEditor} editor
 * @param {string} workspace
 * @param {{ open: boolean }} options
 */
export async function openDesktop({ executable }, workspace, { open }) {
  const args = [`--extensionDevelopmentPath=${projectFolder}`, '--new-window', '--wait', workspace];
  if (!open) {
    say(`ready; open it with:  ${[executable, ...args].join(' ')}`);
    return waitForSignal();
  }
  say('opening VS Code; close its window or press Ctrl+C here to end');
  printNextSteps();
  const windows = process.platform === 'win32';
  const { code, output } = await runToEnd(windows ? `"${executable}"` : executable, args, { label: 'VS Code', live: true, shell: windows });
  if (code !== 0) throw new SetupError(`VS Code ended with exit code ${code}.\n${output.slice(-2_000)}`);
}

/**
 * @param {import('./editor.mjs').CodeServerEditor} editor
 * @param {string} workspace
 * @param {{ port: number }} options
 */
export async function openCodeServer(editor, workspace, { port }) {
  await writeUserSettings(userDataDir, { 'workbench.startupEditor': 'readme', 'telemetry.telemetryLevel': 'off' });
  const server = await startCodeServer(editor, { userDataDir, extensionsDir, port });
  say('no desktop VS Code could be opened here, so VS Code runs as a server. Open this address in a browser on this machine:');
  console.log(`\n${server.url({ folder: workspace, extensionDevelopmentPath: projectFolder })}\n`);
  printNextSteps();
  say('press Ctrl+C to end');
  const code = await server.ended;
  if (!isEnding()) throw new SetupError(`VS Code's server ended by itself with exit code ${code}.\n${server.output().slice(-2_000)}`);
}

function printNextSteps() {
  console.log(
    [
      'What to do in VS Code:',
      '  1. Press F1, run "MCP Shark: Set Up Servers", and approve the sample servers: none runs before.',
      '  2. Press F1, run "MCP: List Servers", choose "MCP Shark", then "Start Server".',
      '  3. Press F1, run "MCP Shark: Show Traffic".',
      '  4. Use a tool in chat, or in the Playground. Every call shows in the Traffic view as it happens.',
      '',
    ].join('\n'),
  );
}

/** The signal handlers of cleanup.mjs end the process; this only keeps it alive until then. */
export function waitForSignal() {
  const forever = setInterval(() => {}, 2 ** 30);
  return once(process, 'exit').finally(() => clearInterval(forever));
}
