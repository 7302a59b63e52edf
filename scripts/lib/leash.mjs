// Runs a command in a process group of its own and ends the whole group when the owner goes away. The owner holds this
// process's stdin: closing it (or dying in any way, kill -9 included) ends the command. Usage: node leash.mjs COMMAND ARGS…
// Invariant: when this process has ended, no process of the group is alive.
import { spawn } from 'node:child_process';
import { killTree } from './processTree.mjs';

const [command = '', ...args] = process.argv.slice(2);
const gracePeriodMs = 4_000;

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: process.platform !== 'win32', windowsHide: true });
let ending = false;

function end() {
  if (ending) return;
  ending = true;
  killTree(child.pid, 'SIGTERM');
  setTimeout(() => killTree(child.pid, 'SIGKILL'), gracePeriodMs).unref();
}

child.on('error', (error) => {
  console.error(`Could not start ${command}: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => {
  killTree(child.pid, 'SIGKILL'); // what the leader left behind in its group
  process.exit(ending ? 0 : (code ?? (signal ? 1 : 0)));
});
process.stdin.on('end', end).on('close', end).on('error', end).resume();
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, end);
process.on('SIGINT', () => {}); // the owner decides
