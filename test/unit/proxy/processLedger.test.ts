/** Server processes that outlive a killed window are ended at the next start, and nothing else is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processIdentity } from '../../../src/extension/proxy/ledgerSystem';
import { sweepOrphans } from '../../../src/extension/proxy/processLedger';
import { nullLogger } from '../../../src/extension/util/logger';
import { scriptedServer, startGateway } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually, isAlive } from '../../support/gateway/waiting';

let dir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mcp-shark-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

async function sleeper(): Promise<{ pid: number; identity: string }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  children.push(child);
  return { pid: child.pid!, identity: (await processIdentity(child.pid!))! };
}

const self = async (): Promise<{ pid: number; identity: string }> => ({ pid: process.pid, identity: (await processIdentity(process.pid))! });
const list = (name: string, content: unknown): Promise<void> => writeFile(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));

describe.skipIf(process.platform === 'win32')('sweepOrphans', () => {
  it('ends what a gateway that is no more has left behind', async () => {
    const orphan = await sleeper();
    await list('processes-a.json', { owner: { pid: process.pid, identity: 'another time' }, processes: [orphan] });
    expect(await sweepOrphans(dir, nullLogger)).toEqual([orphan.pid]);
    await eventually('it to end', () => children[0]!.signalCode === 'SIGKILL');
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([
    ['of a gateway that is running', async (one: object) => ({ owner: await self(), processes: [one] })],
    ['that was started at another time', (one: object) => ({ owner: { pid: 999_999_999, identity: 'x' }, processes: [{ ...one, identity: 'x' }] })],
    ['without an identity', (one: object) => ({ owner: null, processes: [{ ...one, identity: undefined }] })],
    ['in a list cut off', () => '{"owner":'],
  ])('leaves a process %s alone', async (_name, content) => {
    const other = await sleeper();
    await list('processes-a.json', await content(other));
    expect(await sweepOrphans(dir, nullLogger)).toEqual([]);
    expect(isAlive(other.pid)).toBe(true);
  });

  it('leaves the list of a running gateway, and what it is written through, where they are', async () => {
    await list('processes-a.json.new', '{"owner":');
    await list('processes-b.json', { owner: await self(), processes: [] });
    await sweepOrphans(dir, nullLogger);
    expect((await readdir(dir)).toSorted()).toEqual(['processes-a.json.new', 'processes-b.json']);
  });

  it('leaves a list where it is that it cannot read', async () => {
    await symlink(join(dir, 'elsewhere'), join(dir, 'processes-a.json'));
    expect(await sweepOrphans(dir, nullLogger)).toEqual([]);
    expect(await readdir(dir)).toEqual(['processes-a.json']);
  });

  it('has nothing to do where there is no folder', async () => {
    expect(await sweepOrphans(join(dir, 'none'), nullLogger)).toEqual([]);
  });
});

it.skipIf(process.platform === 'win32')('a gateway lists its processes while they run', async () => {
  const fixture = await startGateway([scriptedServer('s', { tools: ['pid'] })], { stateDir: dir });
  const client = new RawClient(`${fixture.url}/mcp/s`, fixture.headers);
  await client.open();
  const { result } = JSON.parse((await client.call(1, 'pid')).body) as { result: { pid: number } };
  const file = await eventually('the list', () => readdirSync(dir)[0]);
  const content = JSON.parse(await readFile(join(dir, file), 'utf8')) as unknown;
  expect(content).toEqual({ owner: await self(), processes: [{ pid: result.pid, identity: await processIdentity(result.pid) }] });
  client.close();
  await fixture.close();
  expect(await readdir(dir)).toEqual([]);
});
