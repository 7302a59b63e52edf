// VS Code's own server from the code-server package: starts it on a loopback port, installs a VSIX into it, and builds the
// URL that opens its workbench. The wrapper of code-server is not used: it drops the switch that lets a page load an
// extension under development.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { requireNode24, node24Environment } from './node24.mjs';
import { run, startService } from './run.mjs';

/**
 * @typedef {object} Folders
 * @property {string} userDataDir
 * @property {string} extensionsDir
 */

/**
 * @typedef {object} CodeServer
 * @property {string} authority host and port, as vscode-remote URIs name it
 * @property {(page: PageOptions) => string} url
 * @property {() => string} output
 * @property {Promise<number>} ended its exit code
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} PageOptions
 * @property {string} folder the workspace folder to open
 * @property {string} [extensionDevelopmentPath]
 * @property {string} [extensionTestsPath]
 */

/**
 * @param {import('./editor.mjs').CodeServerEditor} editor
 * @param {Folders & { port?: number, workspaceTrust?: boolean, env?: NodeJS.ProcessEnv }} options `workspaceTrust`: ask for trust as
 *   a desktop does (default: every folder is trusted)
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer(editor, { userDataDir, extensionsDir, port = 0, workspaceTrust = false, env = {} }) {
  // Who can open the workbench can run code as this user: on a shared machine a loopback port alone keeps nobody out.
  const connectionToken = randomBytes(16).toString('hex');
  const tokenFile = join(userDataDir, 'connection-token'); // not an argument: those can be read by everybody
  await mkdir(userDataDir, { recursive: true });
  await writeFile(tokenFile, connectionToken, { mode: 0o600 });
  const args = [
    editor.serverMain, '--accept-server-license-terms', '--connection-token-file', tokenFile, '--host', '127.0.0.1', '--port', String(port),
    '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir, '--telemetry-level', 'off',
    // Without it the workbench ignores the page's payload, and tests silently never run.
    '--enable-smoke-test-driver',
  ];
  if (!workspaceTrust) args.push('--disable-workspace-trust');
  let authority = '';
  const service = await startService(requireNode24(), args, {
    label: 'the VS Code server',
    env: node24Environment(env),
    isReady: async (output) => {
      const bound = /Extension host agent listening on (\d+)/.exec(output);
      if (!bound) return false;
      authority = `127.0.0.1:${bound[1]}`;
      return answers(`http://${authority}/version`);
    },
  });
  return { authority, url: (page) => workbenchUrl(authority, connectionToken, page), output: service.output, ended: service.ended, stop: service.stop };
}

/**
 * @param {string} authority
 * @param {string} connectionToken
 * @param {PageOptions} page
 */
function workbenchUrl(authority, connectionToken, { folder, extensionDevelopmentPath, extensionTestsPath }) {
  const remote = (/** @type {string} */ path) => `vscode-remote://${authority}${path}`;
  const payload = [['skipWelcome', 'true']];
  if (extensionDevelopmentPath) payload.push(['extensionDevelopmentPath', remote(extensionDevelopmentPath)]);
  if (extensionTestsPath) payload.push(['extensionTestsPath', remote(extensionTestsPath)], ['enableProposedApi', '']);
  return `http://${authority}/?tkn=${connectionToken}&folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

/**
 * @param {import('./editor.mjs').CodeServerEditor} editor
 * @param {string} vsix
 * @param {Folders} folders
 */
export async function installIntoCodeServer(editor, vsix, { userDataDir, extensionsDir }) {
  await run(
    requireNode24(),
    [editor.serverMain, '--accept-server-license-terms', '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir, '--install-extension', vsix, '--force'],
    { label: 'installing the packaged extension', env: node24Environment() },
  );
}

/**
 * Writes the user's settings.json; a running editor picks the change up.
 * @param {string} userDataDir
 * @param {Record<string, unknown>} settings
 */
export async function writeUserSettings(userDataDir, settings) {
  // Settings of machine scope are read from the machine's file where the editor is a server.
  const ofMachine = Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith('mcpShark.')));
  for (const [folder, content] of /** @type {const} */ ([['User', settings], ['Machine', ofMachine]])) {
    const path = join(userDataDir, folder, 'settings.json');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(content, null, 2));
  }
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
