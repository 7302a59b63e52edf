/** What is left when it is over: nothing. And what is large, many or slow gets through. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedServer } from '../../../src/extension/servers/types';
import { AppError } from '../../../src/extension/util/errors';
import { setLeakTracker, type Disposable } from '../../../src/extension/util/lifecycle';
import { EVERYTHING, httpServer, plainResolver, ROOT, scriptedServer, startGateway, stdioServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { startHttpEverything } from '../../support/gateway/httpEverything';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually, isAlive } from '../../support/gateway/waiting';

let fixture: GatewayFixture | undefined;
const alive = new Set<Disposable>();

beforeEach(() => {
  alive.clear();
  setLeakTracker({ made: (one) => void alive.add(one), disposed: (one) => void alive.delete(one) });
});

afterEach(async () => {
  setLeakTracker(undefined);
  await fixture?.close();
  fixture = undefined;
});

const sockets = (): number => process.getActiveResourcesInfo().filter((one) => /TCP|Pipe|Process/.test(one)).length;

describe('closing the gateway', () => {
  it('leaves no process, no socket and no timer, whatever was going on', async () => {
    const http = await startHttpEverything();
    const before = sockets();
    fixture = await startGateway(
      [
        stdioServer('everything', EVERYTHING, ['stdio']),
        httpServer('remote', http.url),
        scriptedServer('hanging', { tools: ['hang'] }),
        scriptedServer('silent', { neverInitialize: true }),
        scriptedServer('dead', { exitAtStart: 1 }),
        httpServer('absent', 'http://127.0.0.1:1/mcp'),
      ],
      { grace: { afterFirstMs: 2000, totalMs: 3000 }, lazyMs: 50 },
    );
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open();
    const relayed = new RawClient(`${fixture.url}/mcp/everything`, fixture.headers);
    await relayed.open();
    const hanging = await client.stream('POST', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"hanging__hang"}}');
    const listening = await client.stream('GET', undefined);
    const { recorder } = fixture;
    await eventually('the call to hang', () => recorder.frames.some((frame) => frame.leg === 'upstream' && frame.envelope.method === 'tools/call'));
    const pids = fixture.recorder.events('server.running').map(({ data }) => data.pid as number | undefined);
    expect(pids.filter((pid) => pid !== undefined).length).toBeGreaterThanOrEqual(3);
    const started = Date.now();
    await fixture.gateway.close();
    expect(Date.now() - started).toBeLessThan(5000);
    await Promise.all([hanging.ended, listening.ended]);
    expect(hanging.messages.at(-1)).toContain('was stopped');
    client.close();
    relayed.close();
    for (const pid of pids) if (pid !== undefined) expect(isAlive(pid)).toBe(false);
    expect([...alive]).toEqual([]);
    await eventually('the sockets to close', () => sockets() <= before);
    await http.stop();
  });

  it('may be done twice, and before it has started', async () => {
    fixture = await startGateway([]);
    await Promise.all([fixture.gateway.close(), fixture.gateway.close()]);
    expect(fixture.gateway.state).toEqual({ kind: 'off' });
    await expect(fixture.gateway.start()).rejects.toMatchObject({ code: 'gateway.closed' });
  });
});

describe('what is large or many', () => {
  it.each(['/mcp', '/mcp/big'])('gets through %s unharmed', async (path) => {
    fixture = await startGateway([scriptedServer('big', { tools: ['echo', 'raw'] })]);
    const client = new RawClient(fixture.url + path, fixture.headers);
    await client.open();
    const name = path === '/mcp' ? 'big__raw' : 'raw';
    const text = 'aé"\\\n'.repeat(1_000_000);
    const answer = await client.call(1, name, { text });
    const { result } = JSON.parse(answer.messages[0]!) as { result: { line: string } };
    const line = JSON.parse(result.line) as { params: { arguments: { text: string } } };
    expect(line.params.arguments.text === text).toBe(true);
    client.close();
  });

  it('is answered each in its own right when 500 calls are in flight', async () => {
    fixture = await startGateway([scriptedServer('s', { tools: ['echo'] })]);
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, k) => client.call(k, 's__echo', { k })));
    answers.forEach((answer, k) => expect(JSON.parse(answer.body)).toMatchObject({ id: k, result: { content: [{ text: `s echo {"k":${k}}` }] } }));
    client.close();
  });
});

it('does not ask again by itself for a value that could not be resolved', async () => {
  let asked = 0;
  fixture = await startGateway([scriptedServer('needy', { tools: ['x'] }), scriptedServer('good', { tools: ['x'] })], {
    resolver: {
      resolve(server) {
        if (server.name !== 'needy') return plainResolver.resolve(server);
        asked++;
        return Promise.reject(new AppError('config.unresolvedVariable', 'no value was given for "${input:key}"'));
      },
    },
  });
  const { client } = await fixture.connect();
  expect((await client.listTools()).tools).toHaveLength(1);
  expect(fixture.gateway.servers[0]?.state).toMatchObject({ kind: 'failed', message: expect.stringContaining('${input:key}') as string });
  expect(fixture.recorder.events('server.failed')[0]?.data.retryInMs).toBeUndefined();
  expect(asked).toBe(1);
});

it.each<[string, ResolvedServer]>([
  ['the address', { type: 'http', name: 'secretive', url: 'http://127.0.0.1:9/plainvalue/mcp', headers: {} }],
  ['the program', { type: 'stdio', name: 'secretive', command: '/nonexistent/plainvalue', args: [], env: {}, cwd: ROOT }],
  ['the last words of the program', { type: 'stdio', name: 'secretive', command: process.execPath, args: ['-e', 'console.error("bad key plainvalue"); process.exit(3)'], env: {}, cwd: ROOT }],
])('tells nobody what was given for an input that is part of %s', async (_what, resolved) => {
  fixture = await startGateway([scriptedServer('secretive', { tools: ['x'] })], {
    resolver: { resolve: () => Promise.resolve({ ...resolved, given: [{ value: 'plainvalue', placeholder: '${input:key}' }] }) },
  });
  const error: unknown = await fixture.connect('/mcp/secretive').catch((reason: unknown) => reason);
  expect(String(error)).toContain('${input:key}');
  expect(JSON.stringify([fixture.gateway.servers, fixture.recorder.events('server.failed'), fixture.recorder.frames.map(({ text }) => text)])).not.toContain('plainvalue');
});

it.each(['/mcp', '/mcp/slow'])('of a client that goes away before it was told its session nothing is left running on %s', async (endpoint) => {
  fixture = await startGateway([scriptedServer('slow', { tools: ['x'], neverInitialize: true })], { lazyMs: 60_000, grace: { afterFirstMs: 60_000, totalMs: 60_000 } });
  const { gateway, recorder } = fixture;
  const leaving = new AbortController();
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } } });
  const headers = { ...fixture.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const asked = fetch(fixture.url + endpoint, { method: 'POST', body, headers, signal: leaving.signal }).catch(() => undefined);
  await eventually('the server to start', () => recorder.frames.some(({ leg, envelope }) => leg === 'upstream' && envelope.method === 'initialize'));
  leaving.abort();
  await asked;
  await eventually('the session to end', () => recorder.events('session.closed').length === 1);
  await eventually('the server to end', () => gateway.servers[0]?.state.kind === 'idle');
});
