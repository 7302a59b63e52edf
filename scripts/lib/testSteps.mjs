// The steps of `npm test`, in order, and how each finds out how many tests passed.
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.mjs';
import { getTestEditor, hasDisplay } from './editor.mjs';
import { SetupError } from './errors.mjs';
import { node24Environment, requireNode24 } from './node24.mjs';
import { projectFolder, testResultsFolder, vsixPath } from './paths.mjs';
import { programEntry } from './programs.mjs';
import { say } from './progress.mjs';
import { runToEnd } from './run.mjs';
import { ensureSystemPackages, packagesToShowTheEditor } from './systemPackages.mjs';
import { packageExtension } from './vsix.mjs';

/**
 * @typedef {{ ok: boolean, passed: number, failed: number }} Outcome
 * @typedef {object} Step
 * @property {string} group what `--only` calls it
 * @property {string} title
 * @property {() => Promise<Outcome>} run
 */

const editorConfig = ['--config', 'test/e2e/vitest.config.mts'];
const hostSuiteFile = 'host.test.ts';

/** @type {Step[]} */
export const steps = [
  { group: 'check', title: 'types', run: () => npmScript('typecheck') },
  { group: 'check', title: 'lint', run: () => npmScript('lint') },
  // The unit suite reads the store's files with the sqlite3 command, as a user would.
  { group: 'unit', title: 'system packages', run: () => withoutTests(ensureSystemPackages(packagesToShowTheEditor)) },
  { group: 'unit', title: 'unit suite', run: () => vitest('unit', ['--project', 'unit']) },
  { group: 'webview', title: 'webview suite', run: () => vitest('webview', ['--project', 'webview']) },
  { group: 'servers', title: 'servers suite (real MCP servers through the whole gateway)', run: () => vitest('servers', ['--project', 'servers']) },
  { group: 'crash', title: 'crash suite (killed writers, failing disks)', run: () => vitest('crash', ['--project', 'crash']) },
  { group: 'fuzz', title: 'fuzz suite (100,000 malformed requests)', run: () => vitest('fuzz', ['--config', 'test/fuzz/vitest.config.mts']) },
  { group: 'build', title: 'development build', run: () => withoutTests(build()) },
  { group: 'conformance', title: 'conformance suite (official, through the gateway)', run: conformance },
  { group: 'editor', title: 'package', run: () => withoutTests(makePackage()) },
  { group: 'editor', title: 'editor to test in', run: () => withoutTests(chooseEditor()) },
  { group: 'editor', title: 'editor suite (inside the extension host)', run: hostSuite },
  { group: 'editor', title: 'browser suite (the window)', run: () => vitest('browser', [...editorConfig, '--exclude', `**/${hostSuiteFile}`]) },
];

/** @param {Promise<unknown>} work @returns {Promise<Outcome>} */
async function withoutTests(work) {
  await work;
  return { ok: true, passed: 0, failed: 0 };
}

async function makePackage() {
  await rm(vsixPath(), { force: true });
  const { files, bytes } = await packageExtension();
  say(`${files.length} files, ${(bytes / 1024).toFixed(0)} kB`);
}

/** Decides once, so that the suites need not ask the network again. */
async function chooseEditor() {
  const editor = await getTestEditor();
  process.env.MCP_SHARK_TEST_EDITOR = editor.kind;
  say(editor.kind === 'desktop' ? `desktop VS Code: ${editor.executable}` : `code-server: ${editor.serverMain}`);
}

/** @param {string} name @returns {Promise<Outcome>} */
async function npmScript(name) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { code } = await runToEnd(npm, ['run', '--silent', name], {
    label: name, cwd: projectFolder, env: node24Environment(), live: true, shell: process.platform === 'win32',
  });
  return { ok: code === 0, passed: 0, failed: code === 0 ? 0 : 1 };
}

/**
 * @param {string} name of its report in test-results/
 * @param {string[]} args
 * @returns {Promise<Outcome>}
 */
async function vitest(name, args) {
  const { code, report } = await runVitest(name, args);
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  if (code === 0 && passed === 0) throw new SetupError(`The ${name} suite ran no test.`);
  // A crash outside any test fails the run without a failed test: count it as one.
  return { ok: code === 0, passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

/** @returns {Promise<Outcome>} */
function conformance() {
  // The step before has built it; other suites use the same folder.
  process.env.MCP_CONFORMANCE_BUILD = '0';
  return vitest('conformance', ['--config', 'test/conformance/vitest.config.mts']);
}

/** @returns {Promise<Outcome>} the counts of the suite inside the editor, not of the test that runs it */
async function hostSuite() {
  const { code, output } = await runVitest('host', [...editorConfig, `test/e2e/${hostSuiteFile}`]);
  const counts = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  if (!counts) throw new SetupError(`The suite in the editor did not run to its end. What the editor printed is in ${join(testResultsFolder, 'host-suite.log')}.`);
  const [passed, failed] = [Number(counts[1]), Number(counts[2])];
  return { ok: code === 0 && failed === 0, passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

/**
 * @param {string} name
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string, report: { numPassedTests: number, numFailedTests: number } | undefined }>}
 */
async function runVitest(name, args) {
  const reportPath = join(testResultsFolder, `${name}.json`);
  await rm(reportPath, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const command = [requireNode24(), programEntry('vitest'), 'run', ...args, ...reporters];
  // Without a screen a desktop editor gets a virtual one.
  if (process.env.MCP_SHARK_TEST_EDITOR === 'desktop' && !hasDisplay()) command.unshift('xvfb-run', '-a');
  const [program = '', ...rest] = command;
  const { code, output } = await runToEnd(program, rest, {
    label: `${name} suite`, cwd: projectFolder, env: node24Environment({ NO_COLOR: '1' }), live: true,
  });
  return { code, output, report: existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : undefined };
}
