/** What is known of servers from one run of the gateway to the next, and what it is good for where they are late. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerMemory } from '../../../src/extension/proxy/serverMemory';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

let stateDir = '';
let fixture: GatewayFixture | undefined;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'shark-memory-'));
});

afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
  await rm(stateDir, { recursive: true, force: true });
});

const GRACE = { afterFirstMs: 100, totalMs: 200 };

async function run(...servers: ConfiguredServer[]): Promise<RawClient> {
  await fixture?.close();
  fixture = await startGateway(servers, { stateDir, grace: GRACE });
  return new RawClient(`${fixture.url}/mcp`, fixture.headers);
}

const post = async (client: RawClient, id: number, method: string, params?: unknown): Promise<Record<string, unknown>> =>
  JSON.parse((await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))).messages.at(-1)!) as Record<string, unknown>;

/** The same configuration, behind which is another program than before. */
const upgraded = (script: object): ConfiguredServer => ({ ...scriptedServer('s', script as Record<string, unknown>), fingerprint: 'npx -y s' });

describe('a server that is slower than the grace', () => {
  const slow = { initDelayMs: 1500, tools: ['x'], capabilities: { tools: {}, logging: {}, extensions: { 'x/y': {} } }, instructions: 'Use it well.' };
  const opened = async (client: RawClient): Promise<{ capabilities: Record<string, unknown>; instructions?: string }> =>
    (JSON.parse((await client.open()).messages.at(-1)!) as { result: { capabilities: Record<string, unknown>; instructions?: string } }).result;

  it('may log, complete and be subscribed to where nothing is known of it, and hears the level that was set', async () => {
    const client = await run(upgraded(slow), scriptedServer('quick', { tools: ['y'] }));
    const { capabilities } = await opened(client);
    expect(capabilities).toMatchObject({ logging: {}, completions: {}, resources: { subscribe: true } });
    expect(await post(client, 1, 'logging/setLevel', { level: 'loud' })).toMatchObject({ error: { code: -32_602 } });
    expect(await post(client, 2, 'logging/setLevel', { level: 'error' })).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
    const told = await eventually('the level to be told', () => fixture!.recorder.frames.find(({ leg, envelope }) => leg === 'upstream' && envelope.method === 'logging/setLevel'));
    expect(told.server).toBe('s');
    expect(JSON.parse(told.text)).toMatchObject({ params: { level: 'error' } });
    client.close();
  });

  it('is declared as what it was the last time, also in an earlier run', async () => {
    const first = await run(upgraded({ ...slow, initDelayMs: 0 }));
    await first.open();
    first.close();
    const client = await run(upgraded(slow), scriptedServer('quick', { tools: ['y'] }));
    const { capabilities, instructions } = await opened(client);
    expect(capabilities).toEqual({
      logging: {},
      extensions: { 'x/y': {} },
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true },
    });
    expect(instructions).toBe('# s\n\nUse it well.');
    client.close();
  });

  it('changes nothing of what is declared where all have answered', async () => {
    const { capabilities } = await opened(await run(scriptedServer('quick', { tools: ['y'] })));
    expect(Object.keys(capabilities)).toEqual(['tools', 'prompts', 'resources']);
  });
});

describe('the file', () => {
  const one = { name: 'one', fingerprint: 'f' };
  const two = { name: 'two', fingerprint: 'f' };
  const memory = (id: string): ServerMemory => new ServerMemory(stateDir, id, systemClock, nullLogger);

  it('keeps what another window has learnt meanwhile', () => {
    const [here, there] = [memory('here'), memory('there')];
    here.learn(one, { changes: 'a' });
    there.learn(two, { changes: 'b' });
    here.dispose();
    there.dispose();
    const later = memory('later');
    expect([later.of(one).changes, later.of(two).changes]).toEqual(['a', 'b']);
    expect(later.of({ name: 'one', fingerprint: 'another command' })).toEqual({ lists: {} });
    later.dispose();
  });

  it.each(['', '[]', '{"format":1,"servers":7}', '{"format":2,"servers":{}}', '{"format":1,"servers":{"x":{"lists":{"a":1},"changes":[],"handshake":3}}}'])(
    'is taken for empty where it says nothing that can be read: %s',
    async (text) => {
      await writeFile(join(stateDir, 'servers.json'), text);
      const some = memory('some');
      expect(some.of(one)).toEqual({ lists: {} });
      some.shookHands(one, { capabilities: { tools: {} } });
      some.dispose();
      expect(await readFile(join(stateDir, 'servers.json'), 'utf8')).toContain('"tools"');
    },
  );

  it('does not grow without end', async () => {
    const some = memory('some');
    for (let k = 0; k < 400; k++) some.learn({ name: `s${k}`, fingerprint: '' }, { changes: 'x' });
    some.shookHands(one, { instructions: 'x'.repeat(100_000) });
    some.dispose();
    const { servers } = JSON.parse(await readFile(join(stateDir, 'servers.json'), 'utf8')) as { servers: object };
    expect(Object.keys(servers)).toHaveLength(300);
    const later = memory('later');
    expect([later.of({ name: 's0', fingerprint: '' }).changes, later.of({ name: 's399', fingerprint: '' }).changes]).toEqual([undefined, 'x']);
    expect(later.of(one).handshake).toEqual({});
    later.dispose();
  });
});
