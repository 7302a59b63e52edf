/**
 * Owns telling on Windows whether a listed process is still the one that was listed, and ending it with what it has started.
 * Windows gives the number of a process to a later one, and no start time without native code, so PowerShell is asked: when
 * the process was created, and by whom. It is asked at the next start only, and only where a listed number is in use at all:
 * in the list itself stands a time at which the process was known to run. Whoever has its number now and was created by then
 * is the same process; whoever was created later is not. What is ended must be a child of the gateway's own process, too.
 */
import { execFile } from 'node:child_process';
import type { Ended, KnownProcess, LedgerSystem } from './ledgerSystem';
import { windowsTool } from './transports/windowsTools';

/** PowerShell takes seconds to begin on a machine that is busy starting up. */
const QUERY_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
/** WMI refuses conditions that are much longer. */
const MAX_PIDS_PER_QUERY = 25;
/** The clocks of the system and of this process differ by some milliseconds. */
const CLOCK_SLACK_MS = 1000;
/** A server process is listed as soon as it is created. What is much older was there before, by a clock that was set back. */
const LISTED_WITHIN_MS = 60_000;
/** 1970 in ticks of .NET: 100 ns, from the year 1. */
const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;
const TICKS_PER_MS = 10_000n;
/** The last line of an answer that is whole. */
const END_LINE = 'end';
/** What `taskkill` exits with where there is no such process any more. */
const NO_SUCH_PROCESS = 128;

/** What is asked of the machine; tests put another one in its place. */
export interface WindowsHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix epoch, milliseconds. */
  nowMs(): number;
  /** Whether any process has the number. */
  isInUse(pid: number): boolean;
  readonly run: (file: string, args: readonly string[], options: RunOptions) => Promise<ProgramResult>;
}

export interface RunOptions {
  readonly limitMs: number;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface CreatedProcess {
  readonly parent: number;
  /** Unix epoch, milliseconds. */
  readonly createdMs: number;
}

export function windowsProcesses(host: WindowsHost = thisHost): LedgerSystem {
  /** Of those numbers that are in use: who has them. */
  const query = async (pids: readonly number[], signal: AbortSignal): Promise<Map<number, CreatedProcess>> => {
    const found = new Map<number, CreatedProcess>();
    const used = [...new Set(pids)].filter((pid) => host.isInUse(pid));
    for (let from = 0; from < used.length; from += MAX_PIDS_PER_QUERY) {
      const part = used.slice(from, from + MAX_PIDS_PER_QUERY);
      const file = windowsTool('WindowsPowerShell\\v1.0\\powershell.exe', host.env);
      const args = ['-NoProfile', '-NonInteractive', '-Command', queryOf(part)];
      const { code, stdout, stderr } = await host.run(file, args, { limitMs: QUERY_LIMIT_MS, signal });
      const answer = code === 0 ? readProcesses(stdout) : undefined;
      if (!answer) throw new Error(`PowerShell could not say which processes run (exit code ${code}): ${(stderr.trim() || stdout.trim()).slice(0, 300)}`);
      for (const [pid, one] of answer) found.set(pid, one);
    }
    return found;
  };

  return {
    identityOf: (pid) => Promise.resolve(host.isInUse(pid) ? String(host.nowMs()) : undefined),

    async running(processes, signal) {
      const found = await query(processes.map(({ pid }) => pid), signal);
      return processes.filter((one) => isSame(found.get(one.pid), one));
    },

    async end(processes, parent, signal) {
      if (parent === undefined) return [];
      const found = await query(processes.map(({ pid }) => pid), signal);
      const ended: Ended[] = [];
      for (const one of processes) {
        const now = found.get(one.pid);
        if (!isSame(now, one) || now.parent !== parent || now.createdMs < Number(one.identity) - LISTED_WITHIN_MS) continue;
        try {
          const args = ['/T', '/F', '/PID', String(one.pid)];
          const { code, stderr } = await host.run(windowsTool('taskkill.exe', host.env), args, { limitMs: END_LIMIT_MS, signal });
          if (code === 0) ended.push({ pids: [one.pid] });
          else if (code !== NO_SUCH_PROCESS) ended.push({ pids: [one.pid], problem: new Error(stderr.trim() || `taskkill exited with code ${code}`) });
        } catch (problem) {
          ended.push({ pids: [one.pid], problem });
        }
      }
      return ended;
    },
  };
}

/** Whether who has the number now had it when the process was listed. */
function isSame(now: CreatedProcess | undefined, { identity }: KnownProcess): now is CreatedProcess {
  return now !== undefined && /^\d{1,16}$/.test(identity) && now.createdMs <= Number(identity) + CLOCK_SLACK_MS;
}

/** Nothing of it comes from outside but whole numbers. */
function queryOf(pids: readonly number[]): string {
  const filter = pids.map((pid) => `ProcessId=${Math.trunc(pid)}`).join(' OR ');
  return [
    "$ErrorActionPreference='Stop'",
    `Get-CimInstance -ClassName Win32_Process -Filter '${filter}' | Where-Object { $_.CreationDate } | ` +
      "ForEach-Object { '{0} {1} {2}' -f $_.ProcessId, $_.ParentProcessId, $_.CreationDate.ToUniversalTime().Ticks }",
    `'${END_LINE}'`,
  ].join('; ');
}

/** Lines `<id> <parent> <created, ticks>`; `undefined` where the answer is not whole. */
function readProcesses(text: string): Map<number, CreatedProcess> | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  if (lines.pop() !== END_LINE) return undefined;
  const found = new Map<number, CreatedProcess>();
  for (const line of lines) {
    const match = /^(\d{1,10}) (\d{1,10}) (\d{18,19})$/.exec(line);
    if (!match) return undefined;
    const createdMs = Number((BigInt(match[3]!) - UNIX_EPOCH_TICKS) / TICKS_PER_MS);
    found.set(Number(match[1]), { parent: Number(match[2]), createdMs });
  }
  return found;
}

/** Runs a program without a shell; rejects where it cannot be started, takes too long or is given up. */
export function runProgram(file: string, args: readonly string[], { limitMs, signal }: RunOptions): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const options = { timeout: limitMs, killSignal: 'SIGKILL', signal, windowsHide: true, maxBuffer: 1024 * 1024 } as const;
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error?.killed === true && !signal.aborted ? new Error(`"${file}" did not end within ${limitMs / 1000} s`) : error!);
    });
    // PowerShell may wait for the end of its input.
    child.stdin?.end();
  });
}

const thisHost: WindowsHost = {
  env: process.env,
  nowMs: () => Date.now(),
  isInUse(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ESRCH';
    }
  },
  run: runProgram,
};
