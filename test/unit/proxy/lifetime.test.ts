/** What is left when it is over: nothing. And what is large, many or slow gets through. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/extension/util/errors';
import { setLeakTracker, type Disposable } from '../../../src/extension/util/lifecycle';
import { EVERYTHING, httpServer, plainResolver, scriptedServer, startGateway, stdioServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
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
