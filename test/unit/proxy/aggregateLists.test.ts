/** Lists and log levels, for which `/mcp` asks several servers: all pages, their errors, and taking the question back. */
import { describe, expect, it } from 'vitest';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import type { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';
import type { ConfiguredServer } from '../../../src/extension/servers/types';

const gateways = rawGateways();
let fixture: GatewayFixture;
let client: RawClient;

async function open(servers: readonly ConfiguredServer[], grace = { afterFirstMs: 300, totalMs: 15_000 }): Promise<void> {
  ({ fixture, client } = await gateways.open(servers, { grace }));
}

const post = async (id: unknown, method: string, params?: unknown): Promise<unknown> =>
  JSON.parse((await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))).messages.at(-1)!);
const upstream = (method: string): { server?: string; text: string }[] =>
  fixture.recorder.frames.filter(({ leg, direction, envelope }) => leg === 'upstream' && direction === 'toServer' && envelope.method === method);
const cancel = (requestId: unknown): Promise<unknown> =>
  client.post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'enough', extra: 1 } }));

describe('a list in pages', () => {
  it('is read to its end, however small the pages are', async () => {
    const tools = Array.from({ length: 150 }, (_, k) => `t${k}`);
    await open([scriptedServer('s', { tools, pageSize: 1 })]);
    const { result } = (await post(1, 'tools/list')) as { result: { tools: { name: string }[] } };
    expect(result.tools.map(({ name }) => name)).toEqual(tools.map((name) => `s__${name}`));
    expect((await client.call(2, 's__t149')).body).toContain('s t149');
    expect(fixture.recorder.events('policy.limit')).toEqual([]);
  });

  it('that is longer than anybody needs is cut, and that is on record', async () => {
    const server = scriptedServer('s', { resources: ['x:1'], endless: 20_000 });
    await open([server]);
    const { result } = (await post(1, 'resources/list')) as { result: { resources: unknown[] } };
    expect(result.resources).toHaveLength(60_000);
    expect(fixture.recorder.events('policy.limit').map(({ server: of, data }) => ({ of, data }))).toContainEqual({
      of: 's',
      data: { what: 'items of resources/list', limit: 50_000 },
    });
  });
});

describe('the error of a server to a list', () => {
  const error = { code: -31_001, message: 'no list today', data: { why: [1.5] } };
  const refusing = (name: string): ConfiguredServer => scriptedServer(name, { tools: ['x'], refuse: { 'tools/list': { ...error, message: `${error.message}, says ${name}` } } });

  it('is the client’s where it is the only one', async () => {
    await open([refusing('a'), scriptedServer('other', { prompts: ['p'] })]);
    expect(await post('own id', 'tools/list')).toEqual({ jsonrpc: '2.0', id: 'own id', error: { ...error, message: 'no list today, says a' } });
  });

  it('is the client’s where all others fail too, the first one’s', async () => {
    await open([refusing('a'), refusing('b')]);
    expect(await post(1, 'tools/list')).toMatchObject({ id: 1, error: { message: 'no list today, says a' } });
  });

  it('costs the client nothing of what others list', async () => {
    await open([refusing('a'), scriptedServer('b', { tools: ['y'] })]);
    expect(await post(1, 'tools/list')).toMatchObject({ result: { tools: [{ name: 'b__y' }] } });
  });
});

describe('a list that the client gives up', () => {
  it('is given up at every server that still owes it, by the id that server knows', async () => {
    await open([scriptedServer('a', { tools: ['notifications'], neverList: true }), scriptedServer('b', { tools: ['x'] })]);
    const list = post(1, 'tools/list');
    await eventually('both to be asked', () => upstream('tools/list').length === 2);
    await eventually('one to have answered', () => fixture.recorder.frames.some(({ server, text }) => server === 'b' && text.includes('"inputSchema"')));
    await cancel(1);
    await eventually('it to be told', () => upstream('notifications/cancelled').length > 0);
    const asked = JSON.parse(upstream('tools/list').find(({ server }) => server === 'a')!.text) as { id: string };
    expect(upstream('notifications/cancelled').map(({ server, text }) => ({ server, message: JSON.parse(text) as unknown }))).toEqual([
      { server: 'a', message: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: asked.id, reason: 'enough', extra: 1 } } },
    ]);
    await list.catch(() => undefined);
  });

  it('goes on where another request waits for the same', async () => {
    await open([scriptedServer('a', { tools: ['x'], listDelayMs: 600 })]);
    const first = post(1, 'tools/list').catch(() => undefined);
    await eventually('it to be asked', () => upstream('tools/list').length === 1);
    const second = post(2, 'tools/list');
    await eventually('the second to be there', () => fixture.recorder.frames.filter(({ leg, envelope }) => leg === 'downstream' && envelope.method === 'tools/list').length === 2);
    await cancel(1);
    expect(await second).toMatchObject({ result: { tools: [{ name: 'a__x' }] } });
    expect(upstream('notifications/cancelled')).toEqual([]);
    await first;
  });
});

describe('a log level', () => {
  const logs = { tools: ['x'], capabilities: { logging: {}, tools: {} } };
  const error = { code: -32_602, message: 'no such level' };
  const picky = { ...logs, refuse: { 'logging/setLevel': error } };

  it('is refused as every server refuses it', async () => {
    await open([scriptedServer('a', picky), scriptedServer('b', picky)]);
    expect(await post(1, 'logging/setLevel', { level: 'loud' })).toEqual({ jsonrpc: '2.0', id: 1, error });
  });

  it('is set where one server takes it', async () => {
    await open([scriptedServer('a', picky), scriptedServer('b', logs)]);
    expect(await post(1, 'logging/setLevel', { level: 'info' })).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  });

  it('is no method of a gateway none of whose servers logs', async () => {
    await open([scriptedServer('a', { tools: ['x'] })]);
    expect(await post(1, 'logging/setLevel', { level: 'info' })).toMatchObject({ error: { code: -32_601 } });
  });

  it('that was refused is not told to a server that comes back', async () => {
    const crashing = { ...picky, tools: ['crash'] };
    await open([scriptedServer('a', crashing), scriptedServer('b', picky)]);
    await post(1, 'logging/setLevel', { level: 'loud' });
    await client.call(2, 'a__crash');
    await eventually('it to be back', () => fixture.recorder.events('server.running').length === 3);
    await post(3, 'tools/list');
    expect(upstream('logging/setLevel').map(({ server }) => server)).toEqual(['a', 'b']);
  });
});
