/**
 * Owns the processes of a run: each is on a leash (scripts/lib/leash.mjs), so that it ends with its group when this
 * process lets go of it or goes away, each has a deadline, and each gets an environment made from nothing: no keys, no
 * settings and no home of whoever runs the tests.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const projectDir = fileURLToPath(new URL('../../', import.meta.url));

const leash = path.join(projectDir, 'scripts/lib/leash.mjs');

export interface ProgramEnd {
  /** `exit code 0`, a signal, or that it ran out of time. */
  readonly how: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Service {
  /** The first line it printed. */
  readonly firstLine: string;
  /** Ends it and waits. */
  stop(): Promise<void>;
}

/** What any program needs to run, with everything it may write below `home`. */
export function bareEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = ['LANG', 'LC_ALL', 'SystemRoot', 'SystemDrive', 'ComSpec', 'PATHEXT', 'windir'];
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`,
    HOME: home,
    USERPROFILE: home,
    APPDATA: path.join(home, 'AppData/Roaming'),
    LOCALAPPDATA: path.join(home, 'AppData/Local'),
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    XDG_DATA_HOME: path.join(home, '.local/share'),
    XDG_STATE_HOME: path.join(home, '.local/state'),
    TMPDIR: home,
    TEMP: home,
    TMP: home,
    TERM: 'dumb',
    NO_COLOR: '1',
    CI: '1',
  };
}

/** Runs `node ARGS` to its end; how it ended is the caller's to judge. */
export async function runProgram(args: readonly string[], options: { env: NodeJS.ProcessEnv; cwd: string; timeoutMs: number }): Promise<ProgramEnd> {
  const child = start(args, options);
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    child.stdin?.end();
  }, options.timeoutMs);
  const how = await endOf(child);
  clearTimeout(deadline);
  return { how: isLate ? `stopped after ${options.timeoutMs} ms` : how, stdout: stdout(), stderr: stderr() };
}

/** Starts `node ARGS`, which prints a line once it serves. */
export async function startService(title: string, args: readonly string[], options: { env: NodeJS.ProcessEnv; cwd: string; timeoutMs: number }): Promise<Service> {
  const child = start(args, options);
  const stderr = textOf(child.stderr);
  const ended = endOf(child);
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended;
  };
  let deadline: NodeJS.Timeout | undefined;
  const first = await Promise.race([
    new Promise<string>((resolve) => void createInterface({ input: child.stdout! }).once('line', resolve)),
    ended.then((how) => new Error(`${title} ended before it served (${how})`)),
    new Promise<Error>((resolve) => {
      deadline = setTimeout(() => resolve(new Error(`${title} did not serve within ${options.timeoutMs} ms`)), options.timeoutMs);
    }),
  ]);
  clearTimeout(deadline);
  if (typeof first === 'string') return { firstLine: first, stop };
  await stop();
  throw new Error(`${first.message}\n${stderr()}`);
}

function start(args: readonly string[], { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): ChildProcess {
  return spawn(process.execPath, [leash, process.execPath, ...args], { cwd, env, stdio: 'pipe', windowsHide: true });
}

export function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

export function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}
