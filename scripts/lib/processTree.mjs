// Ending process trees and finding stragglers. On POSIX a tree is a process group; on Windows `taskkill /T` walks it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Signals a process group led by `pid`; a group that is already gone is no error.
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
export function killTree(pid, signal) {
  if (!pid) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * Processes whose environment contains `mark` (Linux; elsewhere none are found). Descendants inherit the environment, so a
 * variable set for one run finds everything that run started, even after it was re-parented.
 * @param {string} mark
 * @returns {{ pid: number, command: string }[]}
 */
export function findProcessesMarked(mark) {
  if (process.platform !== 'linux') return [];
  const found = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'latin1').includes(mark)) continue;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      if (command) found.push({ pid, command });
    } catch {
      // ended meanwhile, or belongs to someone else
    }
  }
  return found;
}
