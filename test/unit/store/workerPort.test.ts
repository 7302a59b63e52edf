// Workers as threads and as processes: the same to who asks, and none outlives who started it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WorkerHandle } from '../../../src/extension/store/workerHandle';
import { startWorker, type WorkerKind } from '../../../src/extension/store/workerPort';
import type { WorkerSetup } from '../../../src/extension/store/worker/api';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { bundle } from '../../support/bundles';
import { eventually, isAlive } from '../../support/gateway/waiting';
import { cleanFolders, tempFolder, wasmFile, workerFile } from '../../support/store/storeHarness';

const handles: WorkerHandle[] = [];
afterEach(async () => {
  await Promise.all(handles.splice(0).map((handle) => handle.stop()));
  cleanFolders();
});

const setupIn = (dir: string): WorkerSetup => ({ role: 'sealer', dir, wasmFile, writer: '20260101-000000-test', pollMs: 1000 });

/** What other files of the suite, which may share this process, have not quite ended. */
let others: number[] = [];

/** Processes that were started here and run the store's worker. */
const helpers = (parent = process.pid): number[] => workersOf(parent).filter((pid) => !others.includes(pid));

function workersOf(parent: number): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [, pid, ppid, stat, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parent && !stat?.startsWith('Z') && args?.includes('mcp-shark-store') ? [Number(pid)] : [];
  });
}

function handleFor(script: string, { kind = 'process', restAfterMs = 60_000, said = [] }: { kind?: WorkerKind; restAfterMs?: number; said?: string[] } = {}): WorkerHandle {
  const logger = { ...nullLogger, info: (text: string) => void said.push(text), error: (text: string) => void said.push(text) };
  const handle = new WorkerHandle(script, setupIn(tempFolder()), logger, systemClock, restAfterMs, kind);
  handles.push(handle);
  return handle;
}

const nothingFound = { journals: 0, frames: 0, damagedEntries: 0 };

describe.skipIf(process.platform === 'win32')('a worker that is a process', () => {
  beforeAll(() => {
    others = workersOf(process.pid);
  });

  it('answers as a thread does, rests when nobody asks, and is back for the next', async () => {
    const handle = handleFor(workerFile(), { restAfterMs: 50 });
    expect(await handle.call('recover', [])).toMatchObject(nothingFound);
    const [first] = helpers();
    expect(first).toBeDefined();
    await eventually('the helper to end', () => helpers().length === 0);
    expect(await handle.call('recover', [])).toMatchObject(nothingFound);
    expect(helpers()).not.toContain(first);
  });

  it('gives errors as they are', async () => {
    const handle = handleFor(workerFile());
    await expect(handle.call('snapshot', [7])).rejects.toThrow(/ENOENT/);
  });

  it('is started again when it is killed, and does what it was asked', async () => {
    const said: string[] = [];
    const dir = tempFolder();
    const marker = join(dir, 'killed');
    const script = join(dir, 'worker.js');
    // Once it is up: the first question is never answered.
    writeFileSync(
      script,
      `const fs = require('node:fs');
       if (!fs.existsSync(${JSON.stringify(marker)})) process.on('message', () => { fs.writeFileSync(${JSON.stringify(marker)}, ''); process.kill(process.pid, 'SIGKILL'); });
       require(${JSON.stringify(workerFile())});`,
    );
    const handle = handleFor(script, { said });
    expect(await handle.call('recover', [])).toMatchObject(nothingFound);
    expect(existsSync(marker)).toBe(true);
    expect(helpers()).toHaveLength(1);
    expect(said).toEqual(["The store's sealer worker ended."]);
  });

  it('is a thread where no process can be had', async () => {
    const said: string[] = [];
    const kinds: WorkerKind[] = [];
    const start: typeof startWorker = (kind, file, setup, events) => {
      kinds.push(kind);
      if (kind === 'process') throw new Error('spawn EPERM');
      return startWorker(kind, file, setup, events);
    };
    const logger = { ...nullLogger, info: (text: string) => void said.push(text) };
    const handle = new WorkerHandle(workerFile(), setupIn(tempFolder()), logger, systemClock, 60_000, 'process', start);
    handles.push(handle);
    expect(await handle.call('recover', [])).toMatchObject(nothingFound);
    expect(kinds).toEqual(['process', 'thread']);
    expect(said[0]).toContain('runs as a thread');
  });

  it('is a thread where the process ends before it is up', async () => {
    const script = join(tempFolder(), 'worker.js');
    writeFileSync(script, `if (process.send) process.exit(3); require(${JSON.stringify(workerFile())});`);
    const handle = handleFor(script);
    expect(await handle.call('recover', [])).toMatchObject(nothingFound);
    expect(helpers()).toEqual([]);
  });

  it('is gone when it is stopped', async () => {
    const handle = handleFor(workerFile());
    await handle.call('recover', []);
    expect(helpers()).toHaveLength(1);
    await handle.stop();
    expect(helpers()).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('does not outlive who started it, even one that ends by %s', async (signal) => {
    const port = bundle('src/extension/store/workerPort.ts', 'workerPort.js');
    const code = `const { startWorker } = require(${JSON.stringify(port)});
      startWorker('process', ${JSON.stringify(workerFile())}, ${JSON.stringify(setupIn(tempFolder()))}, { onMessage: () => console.log('up'), onEnd: () => undefined });
      setInterval(() => undefined, 1000);`;
    const host = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => host.stdout.once('data', resolve));
    const [helper] = helpers(host.pid);
    expect(helper).toBeDefined();
    host.kill(signal);
    await eventually('the helper to end', () => !isAlive(helper!));
  });
});
