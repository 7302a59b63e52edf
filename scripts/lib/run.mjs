// Starting other programs: to the end with captured output and a heartbeat (`run`), or as a service on a leash
// (`startService`). Both end their whole process tree when this process is told to stop.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onCleanup } from './cleanup.mjs';
import { SetupError } from './errors.mjs';
import { killTree } from './processTree.mjs';
import { formatElapsed, startHeartbeat } from './progress.mjs';

const headLines = 15;
const tailLines = 25;
const leashPath = fileURLToPath(new URL('./leash.mjs', import.meta.url));

/**
 * @typedef {object} RunOptions
 * @property {string} label what the step is called in messages
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [live] pass output through as it comes instead of keeping it for a failure
 * @property {NodeJS.WriteStream} [liveTo] where live output goes (default: stdout and stderr, each to its own)
 * @property {boolean} [shell] Windows needs it for .cmd files
 */

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} options
 * @returns {Promise<{ code: number, output: string }>} stdout and stderr as they came, whatever the exit code
 */
export function runToEnd(command, args, { label, cwd, env, live = false, liveTo, shell = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd, env, shell, windowsHide: true, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let lastLine = '';
    const stopHeartbeat = live ? () => {} : startHeartbeat(label, () => lastLine);
    const release = onCleanup(() => killTree(child.pid, 'SIGTERM'));
    const keep = (/** @type {NodeJS.WriteStream} */ stream) => (/** @type {Buffer} */ chunk) => {
      const text = chunk.toString();
      output += text;
      lastLine = text.trimEnd().split('\n').at(-1) ?? lastLine;
      if (live) (liveTo ?? stream).write(text);
    };
    child.stdout.on('data', keep(process.stdout));
    child.stderr.on('data', keep(process.stderr));
    child.on('error', (error) => {
      stopHeartbeat();
      void release();
      reject(new SetupError(`${label}: could not start "${command}" (${error.message}).`));
    });
    child.on('close', (code, signal) => {
      stopHeartbeat();
      void release();
      resolve({ code: code ?? (signal ? 1 : 0), output });
    });
  });
}

/**
 * Runs a program to its end and throws, with what it printed, when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} options
 * @returns {Promise<string>} what it printed
 */
export async function run(command, args, options) {
  const startedAt = performance.now();
  const { code, output } = await runToEnd(command, args, options);
  if (code === 0) return output;
  const tail = options.live ? '' : `\nWhat it printed:\n${indent(headAndTail(output))}`;
  throw new SetupError(
    `${options.label} failed with exit code ${code} after ${formatElapsed(performance.now() - startedAt)}.\n` +
      `Command: ${[command, ...args].join(' ')}${options.cwd ? `\nFolder: ${options.cwd}` : ''}${tail}`,
  );
}

/**
 * @typedef {object} Service
 * @property {() => string} output everything it printed so far
 * @property {Promise<number>} ended its exit code
 * @property {() => Promise<void>} stop ends its whole process tree and waits for that
 */

/**
 * Starts a long-running program that must not outlive this process, and waits until it is ready.
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.label
 * @param {(output: string) => boolean | Promise<boolean>} options.isReady asked after each output and every 100 ms
 * @param {number} [options.readyTimeoutMs]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @returns {Promise<Service>}
 */
export async function startService(command, args, { label, isReady, readyTimeoutMs = 60_000, cwd, env }) {
  const leash = spawn(process.execPath, [leashPath, command, ...args], {
    cwd, env, windowsHide: true, detached: process.platform !== 'win32', stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  leash.stdout.on('data', (chunk) => (output += chunk));
  leash.stderr.on('data', (chunk) => (output += chunk));
  leash.stdin.on('error', () => {}); // it ended first
  /** @type {number | undefined} */
  let exitCode;
  const ended = new Promise((resolve) => leash.on('close', (code) => resolve((exitCode = code ?? 1))));
  const stop = onCleanup(async () => {
    leash.stdin.end();
    await ended;
  });
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await isReady(output))) {
    const problem =
      exitCode !== undefined ? `ended with exit code ${exitCode}` : performance.now() > deadline ? `was not ready within ${formatElapsed(readyTimeoutMs)}` : undefined;
    if (problem) {
      await stop();
      throw new SetupError(`${label} ${problem}.\nCommand: ${[command, ...args].join(' ')}\nWhat it printed:\n${indent(headAndTail(output))}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { output: () => output, ended, stop };
}

/**
 * The beginning, where the cause often stands, and the end.
 * @param {string} text
 */
function headAndTail(text) {
  const lines = text.trim().split('\n');
  const left = lines.length - headLines - tailLines;
  if (left <= 1) return lines.join('\n');
  return [...lines.slice(0, headLines), `… ${left} more lines …`, ...lines.slice(-tailLines)].join('\n');
}

/** @param {string} text */
function indent(text) {
  return text.replaceAll(/^/gm, '  ');
}
