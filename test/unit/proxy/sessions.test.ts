/** What is a session's own, on both kinds of endpoint: its servers, its log level, the protocol version it has agreed on. */
import { describe, expect, it } from 'vitest';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';

const gateways = rawGateways();
const GRACE = { afterFirstMs: 5000, totalMs: 10_000 };
const post = async (client: RawClient, id: number, method: string, params: object): Promise<Record<string, unknown>> =>
  JSON.parse((await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))).messages.at(-1)!) as Record<string, unknown>;
const upstream = (fixture: GatewayFixture, method: string): { server?: string; session?: string; text: string }[] =>
  fixture.recorder.frames.filter(({ leg, direction, envelope }) => leg === 'upstream' && direction === 'toServer' && envelope.method === method);

describe.each(['/mcp', '/mcp/a'])('two sessions on %s', (path) => {
  const name = (tool: string): string => (path === '/mcp' ? `a__${tool}` : tool);

  it('have a server process each, and a log level each', async () => {
    const script = { tools: ['pid'], capabilities: { tools: {}, logging: {} } };
    const { fixture, client: one } = await gateways.open([scriptedServer('a', script), scriptedServer('b', script)], { path, grace: GRACE });
    const two = new RawClient(fixture.url + path, fixture.headers);
    await two.open();
    const pids = await Promise.all([one, two].map(async (client) => ((await post(client, 1, 'tools/call', { name: name('pid') })).result as { pid: number }).pid));
    expect(pids[0]).not.toBe(pids[1]);

    await post(one, 2, 'logging/setLevel', { level: 'debug' });
    await post(two, 2, 'logging/setLevel', { level: 'error' });
    const levels = upstream(fixture, 'logging/setLevel').map(({ server, session, text }) => ({ server, session, level: (JSON.parse(text) as { params: { level: string } }).params.level }));
    const servers = path === '/mcp' ? ['a', 'b'] : ['a'];
    const sessions = [...new Set(levels.map(({ session }) => session))];
    expect(sessions).toHaveLength(2);
    expect(levels).toEqual([
      ...servers.map((server) => ({ server, session: sessions[0], level: 'debug' })),
      ...servers.map((server) => ({ server, session: sessions[1], level: 'error' })),
    ]);
    two.close();
  });

  it('end each by itself: the other’s server goes on', async () => {
    const { fixture, client: one } = await gateways.open([scriptedServer('a', { tools: ['pid'] })], { path, grace: GRACE });
    const two = new RawClient(fixture.url + path, fixture.headers);
    await two.open();
    const before = await post(two, 1, 'tools/call', { name: name('pid') });
    await one.stream('DELETE', undefined);
    expect((await one.post('{"jsonrpc":"2.0","id":1,"method":"ping"}')).status).toBe(404);
    expect((await post(two, 1, 'tools/call', { name: name('pid') })).result).toEqual(before.result);
    two.close();
  });
});

describe.each(['/mcp', '/mcp/a'])('the version that client and server speak on %s', (path) => {
  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    // A server may answer with another one than it was asked for. For several of them the gateway speaks what it was asked for.
    ['2025-11-25', '2024-11-05'],
  ])('is their own business: asked for %s, answered %s', async (asked, given) => {
    const version = path === '/mcp' ? asked : given;
    const fixture = await gateways.start([scriptedServer('a', { tools: ['raw'], version: given })], { grace: GRACE });
    const client = new RawClient(fixture.url + path, fixture.headers);
    const opening = await client.open('{}', asked);
    expect((JSON.parse(opening.messages.at(-1)!) as { result: { protocolVersion: string } }).result.protocolVersion).toBe(version);
    expect(upstream(fixture, 'initialize').map(({ text }) => (JSON.parse(text) as { params: { protocolVersion: string } }).params.protocolVersion)).toEqual([asked]);
    const call = await client.post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${path === '/mcp' ? 'a__raw' : 'raw'}"}}`, { 'mcp-protocol-version': version });
    expect([call.status, call.messages.at(-1)]).toEqual([200, expect.stringContaining('"result"')]);
    client.close();
  });
});
