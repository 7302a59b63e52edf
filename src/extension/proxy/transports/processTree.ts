/**
 * Owns ending a server process with everything it has started: a process group on POSIX, `taskkill /T` on Windows.
 * Order as in MCP 2025-11-25, stdio "Shutdown": close stdin, then SIGTERM, then SIGKILL.
 */
import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../util/clock';
import { windowsTool } from './windowsTools';

const STDIN_GRACE_MS = 800;
const TERM_GRACE_MS = 1200;
const KILL_GRACE_MS = 1500;

/** What differs between systems; tests put another one in its place. */
export interface ProcessSystem {
  readonly platform: NodeJS.Platform;
  readonly spawn: (command: string, args: readonly string[], options: { windowsHide: boolean; stdio: 'ignore' }) => Pick<ChildProcess, 'on'>;
  /** Throws where there is nothing to signal. */
  readonly kill: (pid: number, signal: NodeJS.Signals) => void;
}

const thisSystem: ProcessSystem = {
  platform: process.platform,
  spawn: (command, args, options) => nodeSpawn(command, [...args], options),
  kill: (pid, signal) => void process.kill(pid, signal),
};

/** Signals the whole group; falls back to the process where it leads none. Gone already: no failure. */
export function signalTree(child: Pick<ChildProcess, 'pid' | 'kill'>, signal: NodeJS.Signals, system = thisSystem): void {
  if (child.pid === undefined) return;
  if (system.platform === 'win32') {
    const force = signal === 'SIGKILL' ? ['/F'] : [];
    system.spawn(windowsTool('taskkill.exe'), ['/PID', String(child.pid), '/T', ...force], { windowsHide: true, stdio: 'ignore' }).on('error', () => child.kill(signal));
    return;
  }
  try {
    system.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/** Leaders of the groups that run now. */
const running = new Set<ChildProcess>();

/** A host that ends without deactivating (a forced reload, a crash of its own) takes its servers along. */
function endAll(): void {
  for (const child of running) signalTree(child, 'SIGKILL');
}

/** By a signal nobody listens to, a process ends without `exit` being told. Who listens decides for himself. */
function endAllBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endAll();
  process.off(signal, endAllBySignal);
  process.kill(process.pid, signal);
}

const END_SIGNALS: readonly NodeJS.Signals[] = process.platform === 'win32' ? [] : ['SIGTERM', 'SIGHUP'];

/** From now on the process and its descendants do not outlive this one, unless it is killed with SIGKILL. */
export function endWithThisProcess(child: ChildProcess): void {
  if (running.size === 0) {
    process.on('exit', endAll);
    for (const signal of END_SIGNALS) process.on(signal, endAllBySignal);
  }
  running.add(child);
  const forget = (): void => {
    running.delete(child);
    if (running.size > 0) return;
    process.off('exit', endAll);
    for (const signal of END_SIGNALS) process.off(signal, endAllBySignal);
  };
  child.once('exit', forget);
  child.once('error', () => {
    if (child.pid === undefined) forget();
  });
}

/** Whether anything of the group is left. */
function groupIsAlive(pid: number | undefined): boolean {
  if (pid === undefined || process.platform === 'win32') return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Ends `child` and its descendants; resolves when they are gone, or after about 3.5 s at the latest. */
export async function endProcessTree(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.pid === undefined) return;
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const waitForExit = (ms: number): Promise<void> =>
    gone()
      ? Promise.resolve()
      : new Promise((resolve) => {
          const timer = clock.timer(ms, done);
          function done(): void {
            timer.dispose();
            child.off('exit', done);
            resolve();
          }
          child.once('exit', done);
        });

  child.stdin?.end();
  await waitForExit(STDIN_GRACE_MS);
  if (!gone()) {
    signalTree(child, 'SIGTERM');
    await waitForExit(TERM_GRACE_MS);
  }
  if (!gone()) {
    signalTree(child, 'SIGKILL');
    await waitForExit(KILL_GRACE_MS);
  }
  // The leader may go and leave children behind (npx, shells).
  if (groupIsAlive(child.pid)) signalTree(child, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}
