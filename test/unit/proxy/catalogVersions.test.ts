/** Versions of what clients cache: of the aggregate, and of each server's own endpoint. When they change, and when not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatalogVersions } from '../../../src/extension/proxy/catalogVersions';
import { ServerMemory } from '../../../src/extension/proxy/serverMemory';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { QuietClock } from '../../support/gateway/quietClock';
import { RawClient } from '../../support/gateway/rawClient';

let stateDir = '';
let clock: QuietClock;
let fixture: GatewayFixture | undefined;
const clients: RawClient[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'shark-versions-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await fixture?.close();
  fixture = undefined;
  await rm(stateDir, { recursive: true, force: true });
});

/** Begins another run of the gateway; what is behind `s` may be another program than before. */
async function run(...servers: ConfiguredServer[]): Promise<void> {
  await fixture?.close();
  clock = new QuietClock();
  fixture = await startGateway(servers, { stateDir, clock, playgroundToken: 'of-the-playground', grace: { afterFirstMs: 200, totalMs: 2000 } });
}

const program = (script: object, name = 's'): ConfiguredServer => ({ ...scriptedServer(name, script as Record<string, unknown>), fingerprint: `npx -y ${name}` });

async function connect(path: string, token?: string): Promise<RawClient> {
  const client = new RawClient(fixture!.url + path, token === undefined ? fixture!.headers : { authorization: `Bearer ${token}` });
  clients.push(client);
  await client.open();
  return client;
}

const post = async (client: RawClient, id: number, method: string, params?: unknown): Promise<{ result: { nextCursor?: string } }> =>
  JSON.parse((await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))).messages.at(-1)!) as { result: { nextCursor?: string } };

/** Reads the tools to their end. */
async function list(client: RawClient): Promise<void> {
  let cursor: string | undefined;
  do {
    const { result } = await post(client, 1, 'tools/list', cursor === undefined ? {} : { cursor });
    cursor = result.nextCursor;
  } while (cursor !== undefined);
}

async function listOn(path: string): Promise<void> {
  const client = await connect(path);
  await list(client);
  await leave(client);
}

const leave = (client: RawClient): Promise<unknown> => client.stream('DELETE', undefined);
const versions = (): [all: string, own: string] => [fixture!.gateway.catalogVersion, fixture!.gateway.versionOf('s')];

describe.each(['/mcp', '/mcp/s'])('the versions of what clients cache, with a client on %s,', (path) => {
  it('change from one run to the next where a server has listed something else than in the run before, and only then', async () => {
    await run(program({ tools: ['one'] }));
    await listOn(path);
    const first = versions();
    await run(program({ tools: ['one'] }));
    await listOn(path);
    expect(versions()).toEqual(first);

    // What is learnt in this run counts at the start of the next.
    await run(program({ tools: ['one', 'two'] }));
    await listOn(path);
    clock.minutesPass();
    expect(versions()).toEqual(first);
    await run(program({ tools: ['one', 'two'] }));
    await listOn(path);
    const second = versions();
    for (const [k, version] of second.entries()) expect(version).not.toBe(first[k]);

    // Clients have cached by it, so it is not taken back.
    await run(program({ tools: ['one', 'two'] }));
    expect(versions()).toEqual(second);
  });

  it('take a list in pages for the same as one in one piece, on whichever endpoint it was read', async () => {
    await run(program({ tools: ['one', 'two', 'three'], pageSize: 2 }));
    await listOn(path);
    const first = versions();
    await run(program({ tools: ['one', 'two', 'three'], pageSize: 1 }));
    await listOn('/mcp/s');
    await run(program({ tools: ['one', 'two', 'three'] }));
    await listOn('/mcp');
    await run(program({}));
    expect(versions()).toEqual(first);
  });

  it.each([
    ['lists something else', (client: RawClient) => list(client), false],
    ['says that its lists have changed', () => Promise.resolve(), true],
  ])('change when a server %s, once nobody is connected whose session that would cost', async (_what, see, tell) => {
    await run(program({ tools: ['become'] }));
    const told: string[] = [];
    fixture!.gateway.onDidChangeCatalog(() => told.push(fixture!.gateway.versionOf('s')));
    const client = await connect(path);
    await list(client);
    const before = versions();
    await post(client, 2, 'tools/call', { name: path === '/mcp' ? 's__become' : 'become', arguments: { tell, script: { tools: ['become', 'more'] } } });
    await see(client);
    clock.minutesPass();
    const k = path === '/mcp' ? 0 : 1;
    expect(versions()[k]).toBe(before[k]);
    // The other endpoint, where nobody is, could have been cached from.
    expect(versions()[1 - k]).not.toBe(before[1 - k]);

    // One that begins a new session at once is not sent away either.
    await leave(client);
    expect(versions()[k]).toBe(before[k]);
    clock.minutesPass();
    expect(versions()[k]).not.toBe(before[k]);
    expect(told.at(-1)).toBe(versions()[1]);
  });

  it('do not change by pages that a client asks for out of turn, or a list it does not read to its end', async () => {
    await run(program({ tools: ['one', 'two', 'three'], pageSize: 1 }));
    await listOn('/mcp/s');
    const before = versions();
    const client = await connect(path);
    await post(client, 2, 'tools/list', { cursor: '2' });
    await post(client, 3, 'tools/list');
    await post(client, 4, 'tools/list', { cursor: '2' });
    await post(client, 5, 'tools/list');
    await leave(client);
    clock.minutesPass();
    expect(versions()).toEqual(before);
    await run(program({}));
    expect(versions()).toEqual(before);
  });
});

it('a change counts at once for whoever is not connected, and the Playground is nobody who caches', async () => {
  await run(program({ tools: ['become'] }));
  const client = await connect('/mcp/s', 'of-the-playground');
  await list(client);
  const before = versions();
  await post(client, 2, 'tools/call', { name: 'become', arguments: { tell: true } });
  for (const [k, version] of versions().entries()) expect(version).not.toBe(before[k]);
});

it('a client on the endpoint of one server is not sent away by another server', async () => {
  await run(program({ tools: ['become'] }), program({ tools: ['become'] }, 'other'));
  const client = await connect('/mcp');
  await list(client);
  const own = versions()[1];
  const other = fixture!.gateway.versionOf('other');
  await post(client, 2, 'tools/call', { name: 'other__become', arguments: { tell: true } });
  expect(versions()[1]).toBe(own);
  expect(fixture!.gateway.versionOf('other')).not.toBe(other);
});

it('versions stay while a server registers its tools one by one at its start, and follow what it changes later', () => {
  const server = program({});
  const begin = (): CatalogVersions => {
    const memory = new ServerMemory(stateDir, 'w', systemClock, nullLogger);
    const begun = new CatalogVersions(memory, systemClock, () => false, () => undefined);
    begun.setServers([server]);
    return begun;
  };
  const memory = new ServerMemory(stateDir, 'w', systemClock, nullLogger);
  const earlier = new CatalogVersions(memory, systemClock, () => false, () => undefined);
  earlier.setServers([server]);
  earlier.listed('s', 'tools/list', 'all of them');
  memory.dispose();

  const now = begin();
  const before = [now.all, now.of('s')];
  expect(now.listChanged('s', 'notifications/tools/list_changed')).toBe(false);
  expect(now.listed('s', 'tools/list', 'the first of them')).toBe(false);
  expect([now.all, now.of('s')]).toEqual(before);
  expect(now.listed('s', 'tools/list', 'all of them')).toBe(true);
  expect(now.all).not.toBe(before[0]);
});

it('tasks come and go without a change of any version: nobody caches them', () => {
  const memory = new ServerMemory(stateDir, 'w', systemClock, nullLogger);
  const some = new CatalogVersions(memory, systemClock, () => false, () => undefined);
  some.setServers([program({})]);
  const before = some.state;
  expect(['none', 'one'].map((hash) => some.listed('s', 'tasks/list', hash))).toEqual([false, false]);
  expect(some.state).toBe(before);
  memory.dispose();
  const later = new CatalogVersions(new ServerMemory(stateDir, 'w', systemClock, nullLogger), systemClock, () => false, () => undefined);
  later.setServers([program({})]);
  expect(later.state).toBe(before);
});

it('the versions change when a server is configured otherwise, whoever is connected, and not when lists are first read', async () => {
  await run(scriptedServer('s', { tools: ['one'] }));
  const client = await connect('/mcp');
  const before = versions();
  await list(client);
  await list(client);
  expect(versions()).toEqual(before);
  fixture!.gateway.setServers([scriptedServer('s', { tools: ['other'] })]);
  for (const [k, version] of versions().entries()) expect(version).not.toBe(before[k]);
});
