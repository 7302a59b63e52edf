// The project's own Node 24: the `node` devDependency carries the binary, so that a machine with an older Node on PATH can
// run vsce, vitest, test-electron and the editor's server, which all need a newer one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { SetupError } from './errors.mjs';
import { inProject } from './paths.mjs';

const wantedMajor = 24;

/** @returns {string | undefined} */
export function findNode24() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const installed = inProject('node_modules', 'node', 'bin', name);
  if (existsSync(installed)) return installed;
  return currentMajor() === wantedMajor ? process.execPath : undefined;
}

/** The path of a Node 24 binary; call after bootstrap. */
export function requireNode24() {
  const found = findNode24();
  if (found) return found;
  throw new SetupError(
    `Node ${wantedMajor} was not found in node_modules/node/bin. The "node" package puts it there with an install script:\n` +
      'run "npm ci" without --ignore-scripts, then try again.',
  );
}

/**
 * An environment in which `node` is Node 24, also for grandchildren.
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function node24Environment(extra = {}) {
  return { ...withPath(process.env, `${dirname(requireNode24())}${delimiter}${process.env.PATH ?? ''}`), ...extra };
}

/**
 * An environment with the system's own tools: npm run puts node_modules/.bin first on PATH, which must not be used by a
 * command that replaces node_modules.
 * @returns {NodeJS.ProcessEnv}
 */
export function systemEnvironment() {
  const projectBin = join('node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.endsWith(projectBin) && folder !== dirname(findNode24() ?? ''));
  return withPath(process.env, path.join(delimiter));
}

/**
 * Runs this same script under Node 24 when this process is something older, with the same arguments and streams.
 * @returns {Promise<number | undefined>} the exit code when it was run elsewhere, undefined when this process may go on
 */
export async function continueUnderNode24() {
  if (currentMajor() >= wantedMajor) return undefined;
  return runForeground(requireNode24(), process.argv.slice(1));
}

/**
 * Runs a program with this process's own streams and forwards signals to it.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} its exit code; 128 + signal number when a signal ended it
 */
export function runForeground(command, args, env = node24Environment()) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env, windowsHide: true });
    const signals = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    const forward = signals.map((signal) => /** @type {const} */ ([signal, () => void child.kill(signal)]));
    for (const [signal, listener] of forward) process.on(signal, listener);
    child.on('error', (error) => reject(new SetupError(`Could not start ${command}: ${error.message}`)));
    child.on('exit', (code, signal) => {
      for (const [name, listener] of forward) process.off(name, listener);
      const numbers = { SIGINT: 2, SIGTERM: 15, SIGKILL: 9, SIGHUP: 1 };
      resolve(code ?? 128 + (numbers[/** @type {keyof typeof numbers} */ (signal)] ?? 0));
    });
  });
}

/** @param {NodeJS.ProcessEnv} env @param {string} path @returns {NodeJS.ProcessEnv} */
function withPath(env, path) {
  // Windows spells it "Path" and keeps the first spelling it finds.
  const kept = Object.entries(env).filter(([name]) => name.toUpperCase() !== 'PATH');
  return { ...Object.fromEntries(kept), PATH: path };
}

function currentMajor() {
  return Number(process.versions.node.split('.')[0]);
}
