/**
 * Owns the processes a conformance run starts: servers and gateways that say in one JSON line where they serve, and
 * programs that run to their end. Each is on a leash: it gets SIGTERM, with its group, when this process lets go of it or
 * goes away in whatever way. What a run started carries the run's mark in its environment, so that a straggler, re-parented
 * or not, is found at the end.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const projectDir = fileURLToPath(new URL('../../', import.meta.url));

/** In the environment of everything this run starts; put it into a configured server's `env` too. */
export const runMark = { MCP_SHARK_CONFORMANCE_RUN: randomUUID() };

/** How long a process may take to start serving. */
const START_MS = 20_000;
/** How long one may take to end; a little less than the leash allows before it kills. */
const STOP_MS = 3_500;

const leash = path.join(projectDir, 'scripts/lib/leash.mjs');

/** The project's own Node 24: the suite needs 22 and the server's TypeScript 22.18. */
export function nodeBinary(): string {
  const installed = path.join(projectDir, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(installed) ? installed : process.execPath;
}

export interface Service<T> {
  /** What it printed when it began to serve. */
  readonly ready: T;
  /** The last of what it wrote to stderr. */
  readonly stderr: () => string;
  /** Asks it to end and waits; a process that does not end in time is killed, and that is an error. */
  stop(): Promise<void>;
}

/** Starts `node ARGS`, which prints one line of JSON to stdout once it serves. */
export async function startService<T>(title: string, args: readonly string[]): Promise<Service<T>> {
  const child = start(args);
  const stderr = tailOf(child);
  const ended = endOf(child);
  const overdue = after(START_MS);
  const lines = createInterface({ input: child.stdout! });
  const line = await Promise.race([
    new Promise<string>((resolve) => void lines.once('line', resolve)),
    ended.then((how) => new Error(`${title} ended before it served (${how})`)),
    overdue.promise.then(() => new Error(`${title} did not serve within ${START_MS} ms`)),
  ]);
  overdue.cancel();
  if (line instanceof Error) {
    child.stdin?.end();
    await ended;
    throw new Error(`${line.message}\n${stderr()}`);
  }
  return {
    ready: JSON.parse(line) as T,
    stderr,
    stop: async () => {
      const began = performance.now();
      child.stdin?.end();
      await ended;
      const tookMs = Math.round(performance.now() - began);
      if (tookMs > STOP_MS) throw new Error(`${title} took ${tookMs} ms to end after SIGTERM, or was killed\n${stderr()}`);
    },
  };
}

/** Runs `node ARGS` to its end and gives its output; how it ended is the caller's to judge. */
export async function runProgram(
  args: readonly string[],
  timeoutMs: number,
): Promise<{ readonly how: string; readonly stdout: string; readonly stderr: string }> {
  const child = start(args);
  const stderr = tailOf(child);
  const stdout: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  const overdue = after(timeoutMs);
  void overdue.promise.then(() => child.stdin?.end());
  const how = await endOf(child);
  const wasOverdue = overdue.cancel();
  return { how: wasOverdue ? `ended after ${timeoutMs} ms` : how, stdout: Buffer.concat(stdout).toString(), stderr: stderr() };
}

/** Processes of this run that are still there (Linux; elsewhere none are found). */
export function findStragglers(): string[] {
  if (process.platform !== 'linux') return [];
  const mark = Object.values(runMark).join();
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'latin1').includes(mark)) return [];
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command ? [`${entry} ${command}`] : [];
    } catch {
      // Ended meanwhile, or somebody else's.
      return [];
    }
  });
}

function start(args: readonly string[]): ChildProcess {
  return spawn(nodeBinary(), [leash, nodeBinary(), ...args], {
    cwd: projectDir,
    env: { ...process.env, ...runMark },
    stdio: 'pipe',
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

/** Resolves with the manner of its end when the process is gone and its output read. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4000);
  });
  return () => tail.trim();
}

/** `cancel` says whether it was too late. */
function after(timeoutMs: number): { readonly promise: Promise<void>; readonly cancel: () => boolean } {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      isOver = true;
      resolve();
    }, timeoutMs);
  });
  return {
    promise,
    cancel: () => {
      clearTimeout(timer);
      return isOver;
    },
  };
}
