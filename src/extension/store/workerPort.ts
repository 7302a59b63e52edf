/**
 * Owns starting a store worker and the wire to it: a thread of this process, or a process of its own. A process gives
 * all its memory back when it ends, which a thread does not: what making a segment took stays with the allocator of the
 * process that it was made in. Either way nothing outlives this process: a process ends when its channel closes.
 */
import { fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../util/errors';
import type { WorkerSetup } from './worker/api';

export type WorkerKind = 'thread' | 'process';

export interface WorkerPortEvents {
  readonly onMessage: (message: unknown) => void;
  /** Once, also where it could not be started. */
  readonly onEnd: (reason: string) => void;
}

export interface WorkerPort {
  /** What is posted to one that has ended is lost. */
  post(message: unknown): void;
  /** Whether it keeps this process alive. It does at first. */
  keepAlive(keeps: boolean): void;
  /** Ends it, whatever it is doing; resolves when it is gone. */
  terminate(): Promise<void>;
}

/** New objects die at once here, so a big nursery would only be memory that is never given back. */
const YOUNG_GENERATION_MB = 8;

/** Throws where it cannot even be tried, such as for a file that is not there. */
export function startWorker(kind: WorkerKind, file: string, setup: WorkerSetup, events: WorkerPortEvents): WorkerPort {
  return kind === 'thread' ? startThread(file, setup, events) : startProcess(file, setup, events);
}

function startThread(file: string, setup: WorkerSetup, { onMessage, onEnd }: WorkerPortEvents): WorkerPort {
  const worker = new Worker(file, {
    workerData: setup,
    name: `mcp-shark-store-${setup.role}`,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  worker.on('message', onMessage);
  worker.on('error', (error) => onEnd(messageOf(error)));
  worker.on('exit', (code) => onEnd(`exit code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    keepAlive: (keeps) => (keeps ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}

/** Processes that run now; a host that ends in any way but by SIGKILL takes them along at once. */
const running = new Set<{ kill(signal: NodeJS.Signals): boolean }>();

function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

function startProcess(file: string, setup: WorkerSetup, { onMessage, onEnd }: WorkerPortEvents): WorkerPort {
  const child = fork(file, [PROCESS_ARGUMENT, JSON.stringify(setup)], {
    // Within the editor this program is Electron, and without this it would open as one. Nothing of its flags
    // (a debugger's port, for one) is for the helper.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    execArgv: [`--max-semi-space-size=${YOUNG_GENERATION_MB / 2}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  });
  if (running.size === 0) process.on('exit', endAll);
  running.add(child);
  let reason: string | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      if (running.delete(child) && running.size === 0) process.off('exit', endAll);
      onEnd(reason ?? why);
      resolve();
    };
    child.once('exit', (code, signal) => end(signal === null ? `exit code ${code ?? 'unknown'}` : `ended by ${signal}`));
    child.on('error', (error) => {
      reason = messageOf(error);
      // One that never came to be does not exit either.
      if (child.pid === undefined) end(reason);
    });
  });
  child.on('message', onMessage);
  // Making files can wait, traffic cannot. Where that is not allowed, it is as quick as everything else.
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Gone already, or not allowed.
  }
  return {
    post: (message) => {
      if (child.connected) child.send(message as NodeJS.Dict<unknown>, () => undefined);
    },
    keepAlive: (keeps) => {
      if (keeps) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
    terminate: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** First argument of a worker that is a process; its setup follows, as JSON. */
export const PROCESS_ARGUMENT = 'mcp-shark-store';
