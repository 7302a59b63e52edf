/** Owns waiting in tests for what the outside world does: polls with a deadline, and says what it waited for. */
import { readFileSync } from 'node:fs';

/** Resolves with the first value of `probe` that is not `undefined` or `false`. */
export async function eventually<T>(what: string, probe: () => T | undefined | false, deadlineMs = 10_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a process runs. One that has ended is gone, though some systems keep its number for seconds until somebody asks how it ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return process.platform !== 'linux' || !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
