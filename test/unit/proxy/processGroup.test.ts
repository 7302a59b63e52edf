/** Of a server that is gone what it has started is ended at the next start too, and nothing that is not certainly its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { orphansOf, readPs, type ListedProcess, type ProcessTable } from '../../../src/extension/proxy/processGroup';
import { processIdentity } from '../../../src/extension/proxy/ledgerSystem';
import { sweepOrphans } from '../../../src/extension/proxy/processLedger';
import { nullLogger } from '../../../src/extension/util/logger';
import { eventually, isAlive } from '../../support/gateway/waiting';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A group whose leader is gone, and what it has left behind. */
async function abandonedGroup(): Promise<{ leader: { pid: number; identity: string }; orphan: number }> {
  const sleep = 'setInterval(() => {}, 1000)';
  const child = spawn(
    process.execPath,
    ['-e', `const c = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(sleep)}], { stdio: 'ignore' }); console.log(c.pid); process.stdin.on('end', () => process.exit()).resume()`],
    { detached: true, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const orphan = await new Promise<number>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))));
  undo.push(() => isAlive(orphan) && process.kill(orphan, 'SIGKILL'));
  const leader = { pid: child.pid!, identity: (await processIdentity(child.pid!))! };
  child.stdin.end();
  await new Promise((resolve) => child.once('close', resolve));
  return { leader, orphan };
}

async function folderWith(processes: unknown[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-shark-group-'));
  undo.push(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'processes-a.json'), JSON.stringify({ owner: { pid: process.pid, identity: 'another time' }, processes }));
  return dir;
}

describe.skipIf(process.platform === 'win32')('sweepOrphans', () => {
  it('ends what a server has left behind that is itself gone', async () => {
    const { leader, orphan } = await abandonedGroup();
    expect(isAlive(orphan)).toBe(true);
    const dir = await folderWith([leader]);
    expect(await sweepOrphans(dir, nullLogger)).toEqual([orphan]);
    await eventually('it to end', () => !isAlive(orphan));
    expect(await readdir(dir)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('leaves what was started before the server it knows alone', async () => {
    const { leader, orphan } = await abandonedGroup();
    const [boot, ticks] = leader.identity.split(' ');
    const later = { ...leader, identity: `${boot} ${Number(ticks) + 100_000}` };
    const ofAnotherBoot = { ...leader, identity: `00000000-0000-0000-0000-000000000000 ${ticks}` };
    expect(await sweepOrphans(await folderWith([later, ofAnotherBoot]), nullLogger)).toEqual([]);
    expect(isAlive(orphan)).toBe(true);
  });
});

describe('what is left of the group 42, whose leader was started at 100', () => {
  const one = (more: Partial<ListedProcess>): ListedProcess => ({ pid: 50, group: 42, session: 42, user: 1000, started: 100, ...more });
  const table = (...processes: ListedProcess[]): ProcessTable => ({
    user: 1000,
    list: () => Promise.resolve(processes),
    startOf: (identity) => Promise.resolve(identity === 'then' ? 100 : undefined),
  });

  it.each([
    ['those in the group', [one({ pid: 60, started: 200 }), one({}), one({ pid: 70, group: 70 })], [50, 60]],
    ['also where no session is told', [one({ session: undefined })], [50]],
    ['nobody', [], []],
    ['nobody where the number is in use', [one({}), one({ pid: 42, started: 300 })], []],
    ['nobody where one was started before', [one({}), one({ pid: 60, started: 99 })], []],
    ['nobody where the session is another', [one({ session: 7 })], []],
    ['nobody where the user is another', [one({ user: 0 })], []],
  ])('is %s', async (_what, processes, left) => {
    expect(await orphansOf(42, 'then', table(...processes))).toEqual(left);
  });

  it('is unknown where its start cannot be told, or nobody can be listed', async () => {
    expect(await orphansOf(42, 'another time', table(one({})))).toEqual([]);
    expect(await orphansOf(42, 'then', { ...table(one({})), list: () => Promise.resolve(undefined) })).toEqual([]);
  });
});

it('the list of ps is read, without what has ended already', () => {
  const text = '    1     1     0 Ss   Sun Nov 22 22:56:21 2026\n 4711  4700   501 S+   Mon Nov 23 01:02:03 2026    \n 4712  4700   501 Z+   Mon Nov 23 01:02:03 2026\n\nwhat?\n';
  expect(readPs(text)).toEqual([
    { pid: 1, group: 1, session: undefined, user: 0, started: new Date(2026, 10, 22, 22, 56, 21).getTime() },
    { pid: 4711, group: 4700, session: undefined, user: 501, started: new Date(2026, 10, 23, 1, 2, 3).getTime() },
  ]);
});
