/** Upstream servers over HTTP: sessions that get lost, streams that break, refusals, redirects, the deprecated transport. */
import { mkdtemp, rm } from 'node:fs/promises';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { UpstreamAuth } from '../../../src/extension/auth/types';
import type { GatewayOptions } from '../../../src/extension/proxy/types';
import { AppError } from '../../../src/extension/util/errors';
import { httpServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { startHttpEverything, type RunningServer } from '../../support/gateway/httpEverything';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse, body: { id?: unknown; method?: string; params?: Record<string, unknown> }) => void;

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that answers initialize itself and leaves the rest to `handler`. */
async function serve(handler: Handler, sessionId?: () => string | undefined): Promise<{ url: string; seen: http.IncomingHttpHeaders[]; methods: string[] }> {
  const seen: http.IncomingHttpHeaders[] = [];
  const methods: string[] = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const body = (text === '' ? {} : JSON.parse(text)) as Parameters<Handler>[2];
      seen.push(request.headers);
      methods.push(`${request.method} ${body.method ?? ''}`.trim());
      const id = sessionId?.();
      if (body.method === 'initialize') {
        response.writeHead(200, { 'content-type': 'application/json', ...(id === undefined ? {} : { 'mcp-session-id': id }) });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'h', version: '1' } } }));
      } else if (body.method === 'notifications/initialized') response.writeHead(202).end();
      else handler(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, seen, methods };
}

async function connect(url: string, headers: Record<string, string> = {}, type: 'http' | 'sse' = 'http', options: Partial<GatewayOptions> = {}): Promise<{ client: RawClient; fixture: GatewayFixture; opening: string }> {
  const fixture = await startGateway([httpServer('up', url, headers, type)], options);
  closers.push(() => fixture.close());
  const client = new RawClient(`${fixture.url}/mcp/up`, fixture.headers);
  closers.push(() => client.close());
  const opening = (await client.open()).messages[0]!;
  return { client, fixture, opening };
}

const json = (response: http.ServerResponse, value: unknown, status = 200): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const notAllowed: Handler = (_request, response) => void response.writeHead(405).end();

describe('a Streamable HTTP server', () => {
  it("gets the configured headers, its session and version, and nothing of the client's own headers", async () => {
    const up = await serve((request, response, { id }) => (request.method === 'POST' ? json(response, { jsonrpc: '2.0', id, result: {} }) : notAllowed(request, response, {})), () => 'S1');
    const { client } = await connect(up.url, { 'X-Api-Key': 'k' });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { 'x-private': 'p' });
    const headers = up.seen[up.methods.indexOf('POST ping')]!;
    expect(headers).toMatchObject({ 'x-api-key': 'k', 'mcp-session-id': 'S1', 'mcp-protocol-version': '2025-06-18', accept: 'application/json, text/event-stream' });
    expect(headers.host).toBe(new URL(up.url).host);
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-private');
  });

  it.each([
    ['the user and password of its URL', 'http://me:p%20w@127.0.0.1', {}, `Basic ${Buffer.from('me:p w').toString('base64')}`],
    ['the header that is configured instead', 'http://me:pw@127.0.0.1', { Authorization: 'Bearer t' }, 'Bearer t'],
    ['nothing of the kind where there is none', 'http://localhost', {}, undefined],
  ])('gets each header once, and as who: %s', async (_name, origin, configured, authorization) => {
    const raw: string[][] = [];
    const up = await serve((request, response, { id }) => {
      raw.push(request.rawHeaders.filter((_, k) => k % 2 === 0).map((name) => name.toLowerCase()));
      json(response, { jsonrpc: '2.0', id, result: {} });
    });
    const { port, pathname } = new URL(up.url);
    const { client } = await connect(`${origin}:${port}${pathname}`, configured);
    await client.post('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    const headers = up.seen[up.methods.indexOf('POST ping')]!;
    expect(headers).toMatchObject({ host: `${new URL(origin).hostname}:${port}`, 'content-type': 'application/json', 'content-length': '40', connection: 'keep-alive' });
    expect(headers.authorization).toBe(authorization);
    expect(new Set(raw[0]).size).toBe(raw[0]!.length);
  });

  it('that has forgotten the session is shaken hands with again, and the request is repeated', async () => {
    let session = 'S1';
    const up = await serve(
      (request, response, { id, method }) => {
        if (request.method !== 'POST') notAllowed(request, response, {});
        else if (request.headers['mcp-session-id'] !== session) response.writeHead(404).end();
        else json(response, { jsonrpc: '2.0', id, result: { method } });
      },
      () => session,
    );
    const { client } = await connect(up.url);
    expect((await client.call(1, 'x')).body).toContain('tools/call');
    session = 'S2';
    const answers = await Promise.all([client.call(2, 'x'), client.call(3, 'x')]);
    for (const answer of answers) expect(answer.body).toContain('"result":{"method":"tools/call"}');
    expect(up.methods.filter((method) => method === 'POST initialize')).toHaveLength(2);
  });

  it('that has forgotten the session while much is on its way gets all of it again, and nothing without a session', async () => {
    let session = 'S1';
    const strays: unknown[] = [];
    const up = await serve(
      (request, response, { id, method }) => {
        const given = request.headers['mcp-session-id'];
        if (request.method !== 'POST') notAllowed(request, response, {});
        else if (given !== session) {
          if (given === undefined) strays.push(method);
          response.writeHead(404).end();
        } else json(response, { jsonrpc: '2.0', id, result: { method } });
      },
      () => session,
    );
    const { client } = await connect(up.url);
    let id = 0;
    const bodies: string[] = [];
    const caller = async (): Promise<void> => {
      for (let k = 0; k < 20; k++) bodies.push((await client.call(++id, 'x')).body);
    };
    const forgets = async (): Promise<void> => {
      for (let k = 2; k < 8; k++) {
        const before = bodies.length;
        await eventually('some answers', () => bodies.length >= before + 10);
        session = `S${k}`;
      }
    };
    await Promise.all([...Array.from({ length: 12 }, caller), forgets()]);
    expect(strays).toEqual([]);
    expect(bodies.filter((body) => !body.includes('"result":{"method":"tools/call"}'))).toEqual([]);
  });

  it('that writes the name of a media type in capitals is understood', async () => {
    const up = await serve((request, response, { id }) => {
      if (request.method !== 'POST') notAllowed(request, response, {});
      else response.writeHead(200, { 'content-type': 'Text/Event-Stream; charset=utf-8' }).end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { in: 'a stream' } })}\n\n`);
    });
    const { client } = await connect(up.url);
    expect((await client.call(1, 'x')).body).toContain('"in":"a stream"');
  });

  it('that forgets every session at once is given up for a while, not asked again and again', async () => {
    let sessions = 0;
    const up = await serve((_request, response) => void response.writeHead(404).end(), () => `S${++sessions}`);
    const { client, fixture } = await connect(up.url);
    expect((await client.call(1, 'x')).body).toContain('knows none of the sessions it gives');
    expect(fixture.recorder.events('server.failed')).toHaveLength(1);
    expect(up.methods.filter((method) => method === 'POST initialize').length).toBeLessThanOrEqual(5);
  });

  it('that acknowledges notifications with an empty stream is listened to once all the same', async () => {
    const up = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (request.method === 'GET') response.flushHeaders();
      else response.end('retry: 1\n\n');
    });
    const { client } = await connect(up.url);
    for (let k = 0; k < 4; k++) await client.post('{"jsonrpc":"2.0","method":"notifications/x"}');
    await eventually('all to have arrived', () => up.methods.filter((method) => method === 'POST notifications/x').length === 4);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(up.methods.filter((method) => method === 'GET')).toHaveLength(1);
  });

  it('that ends its own stream at once and wants no pause gets one', async () => {
    const up = await serve((request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 0\n\n');
      else response.writeHead(202).end();
    });
    await connect(up.url);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = up.methods.filter((method) => method === 'GET').length;
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(6);
  });

  it('that breaks off kept-alive connections gets a request twice at most', async () => {
    let seen = 0;
    const up = await serve((request, response, { id, params }) => {
      if (request.method !== 'POST') notAllowed(request, response, {});
      else if (params?.name === 'breaks') {
        seen++;
        setTimeout(() => request.socket.destroy(), 20);
      } else setTimeout(() => json(response, { jsonrpc: '2.0', id, result: {} }), 30);
    });
    const { client, fixture } = await connect(up.url);
    await Promise.all(Array.from({ length: 8 }, (_, k) => client.call(k, 'x')));
    expect((await client.call(9, 'breaks')).body).toContain('cannot be reached');
    expect(seen).toBe(2);
    // Sent twice, so it is written down that it was.
    const repeated = fixture.recorder.events('server.requestRepeated');
    expect(repeated.map(({ server, data }) => ({ server, ...data }))).toEqual([{ server: 'up', method: 'tools/call', id: '9', code: 'ECONNRESET', reason: 'the kept-alive connection was closed' }]);
  });

  it('is followed no matter which user its redirect names', async () => {
    const users: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      request.resume();
      if (request.url === '/mcp') response.writeHead(307, { location: `http://%ff:x@${request.headers.host}/moved` }).end();
      else {
        users.push(request.headers.authorization);
        json(response, { jsonrpc: '2.0', id: 'init', result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'moved', version: '1' } } });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { opening } = await connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
    expect(opening).toContain('"name":"moved"');
    expect(users[0]).toBeUndefined();
  });

  it('that asks for authentication is recorded and explained, without a 401 to the client', async () => {
    const server = http.createServer((_request, response) => response.writeHead(401, { 'www-authenticate': 'Bearer resource_metadata="https://x"' }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => void server.close());
    const { opening, fixture } = await connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
    expect(JSON.parse(opening)).toMatchObject({ error: { code: -32000, message: expect.stringContaining('asks for authentication (HTTP 401') as string } });
    expect(fixture.recorder.events('server.failed')[0]?.data.message).toContain('401');
  });

  it.each([
    ['an HTTP error', (response: http.ServerResponse) => void response.writeHead(500).end('oops'), /answered HTTP 500/],
    ['an answer that is no JSON-RPC', (response: http.ServerResponse) => void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'), /no JSON-RPC message/],
    ['a stream that ends without an answer', (response: http.ServerResponse) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing\n\n'), /ended its stream without an answer/],
    ['a connection that breaks', (response: http.ServerResponse) => void response.socket!.destroy(), /cannot be reached/],
  ])('that gives %s costs one call an error, not the session', async (_name, misbehave, message) => {
    const up = await serve((request, response, { id, params }) => {
      if (request.method !== 'POST') notAllowed(request, response, {});
      else if (params?.name === 'bad') misbehave(response);
      else json(response, { jsonrpc: '2.0', id, result: {} });
    });
    const { client } = await connect(up.url);
    expect(JSON.parse((await client.call(1, 'bad')).body)).toMatchObject({ id: 1, error: { code: -32000, message: expect.stringMatching(message) as string } });
    expect((await client.call(2, 'good')).body).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
  });

  it('that gives a JSON-RPC error with an HTTP error status is heard word for word', async () => {
    const up = await serve((request, response, { id }) => (request.method === 'POST' ? json(response, { jsonrpc: '2.0', id, error: { code: -1, message: 'own', data: { a: 1 } } }, 400) : notAllowed(request, response, {})));
    const { client } = await connect(up.url);
    expect((await client.call(1, 'x')).body).toBe('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"own","data":{"a":1}}}');
  });

  it('whose stream breaks off is asked for the rest by Last-Event-ID', async () => {
    const up = await serve((request, response, { id }) => {
      if (request.method === 'POST') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('retry: 10\nid: e1\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}}\n\n');
        setImmediate(() => response.socket!.destroy());
        return;
      }
      if (request.headers['last-event-id'] === undefined) return void response.writeHead(405).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: e2\ndata: {"jsonrpc":"2.0","id":${JSON.stringify(id ?? 1)},\ndata:  "result":{"rest":true}}\n\n`);
    });
    const { client } = await connect(up.url);
    const answer = await client.call(1, 'x');
    expect(answer.messages[0]).toContain('notifications/message');
    expect(JSON.parse(answer.messages[1]!)).toEqual({ jsonrpc: '2.0', id: 1, result: { rest: true } });
    expect(up.seen.some((headers) => headers['last-event-id'] === 'e1')).toBe(true);
  });

  it('is told that the session is over', async () => {
    const up = await serve((_request, response) => void response.writeHead(200).end(), () => 'S1');
    const { client, fixture } = await connect(up.url);
    await client.stream('DELETE', undefined);
    await eventually('DELETE', () => up.methods.includes('DELETE'));
    await fixture.gateway.close();
  });

  it('is followed to another path of the same origin, but not elsewhere', async () => {
    const elsewhere = await serve(notAllowed);
    for (const target of ['/moved', `${elsewhere.url}/x`]) {
      const server = http.createServer((request, response) => {
        if (request.url === '/mcp') response.writeHead(308, { location: target }).end();
        else {
          request.resume();
          json(response, { jsonrpc: '2.0', id: 'init', result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'moved', version: '1' } } });
        }
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const { opening } = await connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, { secret: 's' });
      if (target === '/moved') expect(opening).toContain('"name":"moved"');
      else expect(opening).toContain('HTTP 308');
    }
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('a server that asks for a sign-in', () => {
  /** Lets in whoever sends `Bearer <token>`. */
  async function guarded(token: () => string): Promise<string> {
    const server = http.createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        if (request.headers.authorization !== `Bearer ${token()}`) response.writeHead(401, { 'www-authenticate': 'Bearer resource_metadata="https://x"' }).end('no');
        else if (request.method !== 'POST') response.writeHead(405).end();
        else if (text.includes('initialized')) response.writeHead(202).end();
        else json(response, { jsonrpc: '2.0', id: (JSON.parse(text) as { id: unknown }).id, result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'in', version: '1' } } });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  function fakeAuth(onChallenge: (sent: string | undefined) => Promise<string | undefined>): UpstreamAuth & { challenges: (string | undefined)[] } {
    let header: string | undefined;
    const challenges: (string | undefined)[] = [];
    return {
      challenges,
      known: () => (header === undefined ? undefined : { header }),
      authorization: () => Promise.resolve(header),
      async challenged(_server, challenge) {
        challenges.push(challenge.wwwAuthenticate);
        header = await onChallenge(challenge.sent);
        return header !== undefined;
      },
      signIn: () => Promise.resolve(false),
      forget: () => Promise.resolve(false),
      dispose: () => undefined,
    };
  }

  it('is signed in to, and again when the token is over, without the client noticing', async () => {
    let token = 'one';
    const auth = fakeAuth(() => Promise.resolve(`Bearer ${token}`));
    const { client, opening } = await connect(await guarded(() => token), {}, 'http', { auth });
    expect(opening).toContain('"name":"in"');
    token = 'two';
    expect((await client.call(1, 'x')).body).toContain('"id":1,"result"');
    expect(auth.challenges).toEqual(['Bearer resource_metadata="https://x"', 'Bearer resource_metadata="https://x"']);
  });

  it('is not asked twice for one request, and is not signed in to where a header is configured', async () => {
    const auth = fakeAuth(() => Promise.resolve('Bearer wrong'));
    const url = await guarded(() => 'right');
    expect((await connect(url, {}, 'http', { auth })).opening).toContain('HTTP 401');
    expect(auth.challenges).toHaveLength(1);
    expect((await connect(url, { Authorization: 'Bearer mine' }, 'http', { auth })).opening).toContain('HTTP 401');
    expect(auth.challenges).toHaveLength(1);
  });

  it('fails with the reason where the user declines', async () => {
    const auth = fakeAuth(() => Promise.reject(new AppError('cancelled', 'The sign-in was declined.')));
    const { opening } = await connect(await guarded(() => 'right'), {}, 'http', { auth });
    expect(JSON.parse(opening)).toMatchObject({ id: 'init', error: { code: -32000, message: 'The sign-in was declined.' } });
  });
});

it.skipIf(process.platform === 'win32')('a server on a Unix socket is reached as VS Code writes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-shark-'));
  const path = join(folder, 'with space.sock');
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.url ?? '');
    request.resume();
    json(response, { jsonrpc: '2.0', id: 'init', result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'socket', version: '1' } } });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const { opening } = await connect(`unix://${path.replace(' ', '%20')}#/sub/mcp`);
  expect(opening).toContain('"name":"socket"');
  expect(seen[0]).toBe('/sub/mcp');
});

describe.each(['http', 'sse'] as const)('a server of the deprecated HTTP+SSE transport, configured as %s', (type) => {
  it('is spoken to', async () => {
    const server: RunningServer = await startHttpEverything('sse');
    closers.push(() => server.stop());
    const { client, opening } = await connect(server.url, {}, type);
    expect(opening).toContain('"serverInfo"');
    const answer = await client.call(1, 'echo', { message: 'hi' });
    expect(answer.messages.at(-1)).toContain('Echo: hi');
  });
});
