/**
 * Owns the crash experiment: two windows write into one folder, one of them is killed at a random moment and started
 * again, over and over; in the end every call that was acknowledged must be there once.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { openStoreReader } from '../../src/extension/store/reader';
import { systemClock } from '../../src/extension/util/clock';
import { nullLogger } from '../../src/extension/util/logger';
import { bundle } from '../support/bundles';
import { wasmFile, workerFile } from '../support/store/storeHarness';

/** What every third tool is called downstream begins with this (writerChild.ts). */
const prefix = 'everything__';

export interface CrashResult {
  readonly kills: number;
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  /** Calls recorded whose text is not what was sent. */
  readonly wrong: number;
}

interface Window {
  readonly child: ChildProcess;
  /** Resolves when it has recorded something. */
  readonly started: Promise<void>;
  readonly ended: Promise<void>;
}

export async function killWriters(dir: string, kills: number, options: { readonly rotateBytes?: number; readonly random: () => number; readonly longestMs?: number }): Promise<CrashResult> {
  const { rotateBytes = 60_000, random, longestMs = 250 } = options;
  const script = bundle('test/crash/writerChild.ts', 'writerChild.js');
  const acknowledged = new Set<string>();
  const open = (name: string): Window => {
    const child = spawn(process.execPath, [script, dir, workerFile(), wasmFile, name, String(rotateBytes)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    let begin: () => void;
    const started = new Promise<void>((resolve) => (begin = resolve));
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      // A name without its line end may be cut: it was not acknowledged.
      rest = lines.pop() ?? '';
      for (const line of lines) acknowledged.add(line);
      begin();
    });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    return { child, started, ended };
  };
  const windows = [open('left'), open('right')];
  for (let kill = 0; kill < kills; kill++) {
    const side = kill % 2;
    const window = windows[side];
    if (!window) break;
    await window.started;
    await new Promise((resolve) => setTimeout(resolve, random() * longestMs));
    window.child.kill('SIGKILL');
    await window.ended;
    if (kill < kills - 2) windows[side] = open(side === 0 ? 'left' : 'right');
  }
  for (const { child, ended } of windows) {
    child.kill('SIGKILL');
    await ended;
  }
  return { kills, acknowledged: acknowledged.size, ...(await look(dir, acknowledged)) };
}

/** Compares what was acknowledged with what the folder holds. */
export async function look(dir: string, acknowledged: ReadonlySet<string>): Promise<Pick<CrashResult, 'lost' | 'duplicated' | 'wrong'>> {
  const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: nullLogger });
  const seen = new Map<string, number>();
  let wrong = 0;
  for await (const call of reader.calls({ filter: 'tool:*' })) {
    const name = (call.name ?? '').replace(prefix, '');
    seen.set(name, (seen.get(name) ?? 0) + 1);
    const isRenamed = call.request?.includes(`"${prefix}${name}"`) === true;
    // Asking for each would take longer than all the rest.
    const isLookedInto = isRenamed && seen.size % 7 === 0;
    const wentOn = !isLookedInto || (await reader.call(call.id))?.upstreamRequest?.text === call.request?.replace(prefix, '');
    const complete = call.status === 'ok' && call.response?.includes(`answer to ${name}"`) === true && (isRenamed || call.request?.includes(`"${name}"`) === true) && wentOn;
    if (acknowledged.has(name) && !complete) wrong++;
  }
  await reader.close();
  return {
    lost: [...acknowledged].filter((name) => !seen.has(name)),
    duplicated: [...seen].filter(([, times]) => times > 1).map(([name]) => name),
    wrong,
  };
}
