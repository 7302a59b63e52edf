/**
 * Owns what the list of server processes (processLedger.ts) needs of an operating system, and how POSIX systems give it.
 * How Windows does is in windowsProcesses.ts. Nothing is ever ended that is not certainly the process that was listed, or
 * what that one has started.
 */
import { execFile } from 'node:child_process';
import { bootId, orphansOf, statOf } from './processGroup';

export interface KnownProcess {
  readonly pid: number;
  /** What tells the process from a later one with the same id. */
  readonly identity: string;
}

export interface LedgerSystem {
  /** For a process that runs now; `undefined` where it does not, or there is no way to know. */
  identityOf(pid: number): Promise<string | undefined>;
  /** Which of them run still; one that may do so as well as not counts. Rejects where nothing can be told. */
  running(processes: readonly KnownProcess[], signal: AbortSignal): Promise<readonly KnownProcess[]>;
  /**
   * Ends each of them that still runs, with what it has started. `parent`: who has started them, and is gone. Rejects where
   * they cannot be told from others.
   */
  end(processes: readonly KnownProcess[], parent: number | undefined, signal: AbortSignal): Promise<readonly Ended[]>;
}

export interface Ended {
  readonly pids: readonly number[];
  /** Why they could not be ended; absent: they were. */
  readonly problem?: unknown;
}

/** When the process was started, in the words of the system; `undefined` where there is no such process, or no way to know. POSIX. */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const fields = await statOf(pid);
      return fields[0] === 'Z' ? undefined : `${await bootId()} ${fields[19] ?? ''}`;
    } catch {
      return undefined;
    }
  }
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) => {
      const text = stdout.trim();
      resolve(error || text === '' ? undefined : text);
    });
  });
}

const isRunning = async ({ pid, identity }: KnownProcess): Promise<boolean> => (await processIdentity(pid)) === identity;

export const posixProcesses: LedgerSystem = {
  identityOf: processIdentity,
  async running(processes) {
    const found = await Promise.all(processes.map(async (one) => ((await isRunning(one)) ? [one] : [])));
    return found.flat();
  },
  async end(processes, _parent, signal) {
    const ended: Ended[] = [];
    for (const one of processes) {
      const pids = (await isRunning(one)) ? [one.pid] : await orphansOf(one.pid, one.identity);
      if (pids.length === 0 || signal.aborted) continue;
      try {
        // It leads, or has led, its own group (transports/stdio.ts), so its children end with it.
        process.kill(-one.pid, 'SIGKILL');
        ended.push({ pids });
      } catch (problem) {
        ended.push({ pids, problem });
      }
    }
    return ended;
  },
};
