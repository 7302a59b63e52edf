// Owns the child processes of a benchmark. Invariant: none outlives the run. Each has a process group of its own that is
// killed at the end, and preloads guard.mjs, which ends it when the run is killed too hard to clean up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const GUARD = new URL('guard.mjs', import.meta.url).href;
const running = new Set();
const STOP_GRACE_MS = 5000;
const STDERR_LIMIT = 8000;

export const here = (relative, base) => fileURLToPath(new URL(relative, base));

/**
 * Starts a Node script. `node` are flags for Node, `loopback` forces every listener of the child to 127.0.0.1.
 * The child has `pid`, `firstLine()`, `usage()`, `ask()`, `stderr()`, `stop()`.
 */
export function startNode(script, args = [], { node = [], env = {}, cwd, loopback = false } = {}) {
  const child = spawn(process.execPath, ['--import', GUARD, ...node, script, ...args], {
    cwd,
    env: { ...process.env, ...env, ...(loopback ? { BENCH_LOOPBACK: '1' } : {}) },
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    detached: process.platform !== 'win32',
  });
  running.add(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-STDERR_LIMIT);
  });
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit').then(([code, signal]) => signal ?? code);
  exited.catch(() => undefined);
  return {
    pid: child.pid,
    stderr: () => stderr.trim(),
    firstLine: (timeoutMs = 20_000) => firstLine(child, exited, () => stderr.trim(), timeoutMs),
    usage: (collect) => ask(child, { kind: 'usage', collect }),
    ask: (question, timeoutMs) => ask(child, question, timeoutMs),
    exited,
    async stop() {
      // The gateway stops its servers and closes its store on SIGTERM; what does not listen is killed with its group.
      child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(child), STOP_GRACE_MS);
      await exited.catch(() => undefined);
      clearTimeout(timer);
      killGroup(child);
      running.delete(child);
    },
  };
}

function firstLine(child, exited, stderr, timeoutMs) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`nothing printed within ${timeoutMs} ms. ${stderr()}`)), timeoutMs);
    child.stdout.on('data', (chunk) => {
      if (text === undefined) return;
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      resolve(text.slice(0, end));
      text = undefined;
    });
    exited.then((how) => {
      clearTimeout(timer);
      reject(new Error(`ended (${how}) before it served. ${stderr()}`));
    }, reject);
  });
}

/** One question at a time is asked, so an answer needs no id. */
async function ask(child, question, timeoutMs = 20_000) {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(timeoutMs) });
  child.send(question);
  return (await answer)[0];
}

function killGroup(child) {
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

function killAll() {
  for (const child of running) killGroup(child);
  running.clear();
}

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
