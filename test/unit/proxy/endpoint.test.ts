/** Who may come in, and what bad HTTP gets: refusals are answered, recorded, and never name a token. */
import * as http from 'node:http';
import * as net from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedServer, startGateway, TOKEN, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

let fixture: GatewayFixture;
const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}';

beforeAll(async () => {
  fixture = await startGateway([scriptedServer('one', { tools: ['echo'] }), scriptedServer('@scope/two', { tools: ['echo'] })], { maxBodyBytes: 10_000, maxSessions: 8 });
});

afterAll(() => fixture.close());

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      fixture.url + path,
      {
        method: options.method ?? 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...options.headers },
      },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body ?? (options.method === undefined ? INITIALIZE : undefined));
  });
}

it('a server whose name holds a slash is reached whether or not the slash is encoded (VS Code decodes it)', async () => {
  for (const path of ['/mcp/%40scope%2Ftwo', '/mcp/@scope/two', '/mcp/@scope/two/']) {
    const answer = await ask(path);
    expect([path, answer.status]).toEqual([path, 200]);
    await ask('/mcp/@scope/two', { method: 'DELETE', headers: { 'mcp-session-id': String(answer.headers['mcp-session-id']) } });
  }
  for (const path of ['/mcp//one', '/mcp/one/x', '/mcp/../one', '/mcp///']) expect([path, (await ask(path)).status]).toEqual([path, 404]);
});

const port = (): string => new URL(fixture.url).port;

describe('a request from somebody who may not come in', () => {
  it.each([
    ['no token', { authorization: '' }, 401, 'token missing'],
    ['another scheme', { authorization: 'Basic abc' }, 401, 'token missing'],
    ['a wrong token', { authorization: 'Bearer wrong-token-value' }, 401, 'token wrong'],
    ['the token cut off', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401, 'token wrong'],
    ['a foreign host', { host: 'evil.example' }, 403, 'host'],
    ['the right host with another port', { host: '127.0.0.1:1' }, 403, 'host'],
    ['a foreign origin', { origin: 'https://evil.example' }, 403, 'origin'],
    ['the null origin', { origin: 'null' }, 403, 'origin'],
    ['a host that begins like ours', { origin: 'http://127.0.0.1.evil.example' }, 403, 'origin'],
    ['a foreign host and no token', { host: 'evil.example', authorization: '' }, 403, 'host'],
  ])('with %s is refused and recorded', async (_name, headers: Record<string, string>, status, reason) => {
    const before = fixture.recorder.events('http.rejected').length;
    const answer = await ask('/mcp?token=secret', { headers });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', id: null, error: { message: expect.any(String) as string } });
    expect(answer.headers['www-authenticate']?.startsWith('Bearer') ?? false).toBe(status === 401);
    const [event] = fixture.recorder.events('http.rejected').slice(before);
    const foreign = status === 403 ? { [reason]: (headers as Record<string, string>)[reason] } : {};
    expect(event?.data).toEqual({ method: 'POST', path: '/mcp', status, reason, ...foreign });
    expect(JSON.stringify(fixture.recorder.entries)).not.toContain('wrong-token-value');
  });

  it.each([
    ['no origin', () => ({})],
    ['a loopback origin', () => ({ origin: 'http://localhost:3000' })],
    ['an origin of the editor', () => ({ origin: 'vscode-webview://abc' })],
    ['the host by name', () => ({ host: `localhost:${port()}` })],
    ['the bearer scheme in small letters', () => ({ authorization: `bearer ${TOKEN}` })],
  ])('but with %s is let in', async (_name, headers) => {
    const answer = await ask('/mcp', { headers: headers() as unknown as Record<string, string> });
    expect(answer.status).toBe(200);
    await ask('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': answer.headers['mcp-session-id'] as string } });
  });

  it.each(['/.well-known/oauth-protected-resource', '/.well-known/oauth-authorization-server/mcp', '/register'])(
    'finds no OAuth at %s, with or without a token',
    async (path) => {
      expect((await ask(path, { method: 'GET', headers: { authorization: '' } })).status).toBe(404);
      expect((await ask(path, { method: 'POST', body: '{}' })).status).toBe(404);
      expect((await ask(path, { method: 'GET', headers: { host: 'evil.example' } })).status).toBe(403);
    },
  );
});

describe('a request that makes no sense', () => {
  it.each([
    ['an unknown path', '/other', {}, 404],
    ['an unknown server', '/mcp/nobody', {}, 404],
    ['a broken escape', '/mcp/%zz', {}, 404],
    ['another method', '/mcp', { method: 'PUT', body: '{}' }, 405],
    ['a request before initialize', '/mcp', { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' }, 400],
    ['a probe of another era', '/mcp', { body: '{"jsonrpc":"2.0","id":1,"method":"server/discover"}', headers: { 'mcp-protocol-version': '2026-07-28' } }, 400],
    ['no JSON', '/mcp', { body: 'hello' }, 400],
    ['an unknown session', '/mcp', { headers: { 'mcp-session-id': 'nope' }, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' }, 404],
    ['a stream of an unknown session', '/mcp', { method: 'GET', headers: { 'mcp-session-id': 'nope' } }, 404],
    ['the end of an unknown session', '/mcp', { method: 'DELETE', headers: { 'mcp-session-id': 'nope' } }, 404],
  ])('such as %s is answered with a JSON-RPC error and recorded', async (_name, path, options, status) => {
    const before = fixture.recorder.events('http.rejected').length;
    const answer = await ask(path, options);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) as number } });
    expect(fixture.recorder.events('http.rejected').length).toBe(before + 1);
  });

  it('is recorded with what it was, so that a client of another era is found out by the log', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"password":"hunter2"}}';
    await ask('/mcp', { body, headers: { 'mcp-protocol-version': '2026-07-28', 'user-agent': 'tester/1' } });
    expect(fixture.recorder.events('http.rejected').at(-1)?.data).toMatchObject({
      reason: 'session missing',
      rpcMethod: 'server/discover',
      bytes: body.length,
      headers: { 'user-agent': 'tester/1', 'mcp-protocol-version': '2026-07-28' },
      body: JSON.parse(body) as object,
    });
  });

  it('is refused and recorded where the body is too large, whether or not it says so', async () => {
    const big = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x', params: { big: 'x'.repeat(20_000) } });
    const before = fixture.recorder.events('http.rejected').length;
    expect((await ask('/mcp', { body: big })).status).toBe(413);
    const chunked = await new Promise<number>((resolve, reject) => {
      const request = http.request(`${fixture.url}/mcp`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      request.write(big.slice(0, 9000));
      request.end(big.slice(9000));
    });
    expect(chunked).toBe(413);
    expect(fixture.recorder.events('http.rejected').slice(before).map(({ data }) => data.status)).toEqual([413, 413]);
  });

  it('is answered within a session according to what is wrong with it', async () => {
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open();
    const parse = await client.post('{"jsonrpc":');
    expect([parse.status, (JSON.parse(parse.body) as { error: { code: number } }).error.code]).toEqual([400, -32700]);
    const invalid = await client.post('{"jsonrpc":"2.0","id":7}');
    expect(JSON.parse(invalid.body)).toMatchObject({ id: 7, error: { code: -32600 } });
    const again = await client.post(INITIALIZE);
    expect(JSON.parse(again.messages[0]!)).toMatchObject({ id: 1, error: { code: -32600 } });
    const unknown = await client.post('{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"nope"}}');
    expect(JSON.parse(unknown.messages[0]!)).toMatchObject({ id: 8, error: { code: -32602, message: 'Unknown tool: nope' } });
    const stale = await client.post('{"jsonrpc":"2.0","id":99,"result":{}}');
    expect(stale.status).toBe(202);
    await client.stream('DELETE', undefined);
    client.close();
  });

  it('is a new beginning where it initializes with the id of a session that is over', async () => {
    const answer = await ask('/mcp/one', { headers: { 'mcp-session-id': 'over' } });
    expect(answer.status).toBe(200);
    const wireId = answer.headers['mcp-session-id'] as string;
    expect(wireId).not.toBe('over');
    await ask('/mcp/one', { method: 'DELETE', headers: { 'mcp-session-id': wireId } });
  });

  it.each([
    ['2025-06-18', 200],
    ['2024-11-05', 200],
    ['1999-01-01', 400],
  ])('is judged by its protocol version: %s gets %d', async (version, status) => {
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open();
    expect((await client.post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { 'mcp-protocol-version': version })).status).toBe(status);
    await client.stream('DELETE', undefined);
    client.close();
  });

  it('does not give one endpoint the session of another', async () => {
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open();
    const answer = await ask('/mcp/one', { headers: { 'mcp-session-id': client.sessionId! }, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
    expect(answer.status).toBe(404);
    await client.stream('DELETE', undefined);
    client.close();
  });
});

it('ends a session at the wish of its client, with the server behind it', async () => {
  const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
  await client.open();
  expect((await client.stream('DELETE', undefined)).status).toBe(200);
  expect((await client.call(1, 'one__echo')).status).toBe(404);
  await eventually('the server to stop', () => fixture.gateway.servers[0]?.state.kind === 'idle');
  client.close();
});

it('accepts no more sessions than it should', async () => {
  const ids: string[] = [];
  for (let k = 0; k < 8; k++) ids.push((await ask('/mcp/one')).headers['mcp-session-id'] as string);
  expect((await ask('/mcp/one')).status).toBe(503);
  for (const id of ids) await ask('/mcp/one', { method: 'DELETE', headers: { 'mcp-session-id': id } });
});

it('survives whatever is sent to its port', async () => {
  const raw = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const socket = net.connect(Number(port()), '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
    });
  const head = fc.constantFrom(
    `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nAuthorization: Bearer ${TOKEN}\r\n`,
    'GET /mcp HTTP/1.1\r\n',
    'POST /mcp HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\n\r\n',
    `GET /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    '',
  );
  await fc.assert(
    fc.asyncProperty(head, fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (start, bytes, terminated) => {
      await raw(Buffer.concat([Buffer.from(start + (terminated ? `Content-Length: ${bytes.length}\r\n\r\n` : '')), Buffer.from(bytes)]));
    }),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (body) => {
      expect((await ask('/mcp', { body })).status).toBe(400);
    }),
    { numRuns: 200 },
  );
  expect((await ask('/mcp')).status).toBe(200);
});
