/**
 * Owns the proof that the relay hides nothing: bytes, headers, chunks and disconnects arrive as they were sent, a foreign
 * Host or Origin included, and only names with the prefix are touched.
 */
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startRelay, type RelayOptions } from './relay';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function relayBefore(listener: RequestListener, options: Omit<RelayOptions, 'target'> = {}): Promise<{ relay: URL; target: URL }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const target = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp/conf`);
  const relay = await startRelay({ ...options, target: target.href });
  closers.push(() => relay.close());
  return { relay: new URL(relay.url), target };
}

async function send(url: URL, options: { method?: string; path?: string; headers?: Record<string, string>; body?: Buffer | string } = {}) {
  const { method = 'POST', path = url.pathname, headers, body } = options;
  const request = httpRequest({ host: url.hostname, port: url.port, method, path, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { request, response };
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const json = { 'content-type': 'application/json' };

describe('the relay', () => {
  it('passes bytes, status, reason and repeated headers as they came, and only adds the token', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
    let seen: { method?: string; url?: string; rawHeaders: string[]; body: Buffer } | undefined;
    const { relay, target } = await relayBefore(
      async (request, response) => {
        seen = { method: request.method, url: request.url, rawHeaders: request.rawHeaders, body: await read(request) };
        response.sendDate = false;
        response.writeHead(418, 'Short And Stout', ['X-Twice', 'a', 'X-Twice', 'b', 'Content-Length', String(bytes.length)]).end(bytes);
      },
      { token: 'secret' },
    );
    const { response } = await send(relay, { path: '/mcp?a=1', headers: { 'X-Odd-Case': '1', Authorization: 'Basic x' }, body: bytes });
    expect((await read(response)).equals(bytes)).toBe(true);
    expect([response.statusCode, response.statusMessage]).toEqual([418, 'Short And Stout']);
    expect(response.rawHeaders.slice(0, 4)).toEqual(['X-Twice', 'a', 'X-Twice', 'b']);
    expect(seen?.body.equals(bytes)).toBe(true);
    expect([seen?.method, seen?.url]).toEqual(['POST', '/mcp/conf?a=1']);
    const headers = seen?.rawHeaders ?? [];
    expect(headers.slice(headers.indexOf('X-Odd-Case'))).toContain('1');
    expect(headers[headers.indexOf('Host') + 1]).toBe(target.host);
    expect(headers.filter((value) => /^basic|^bearer/i.test(value))).toEqual(['Bearer secret']);
  });

  it('keeps a foreign Host and Origin and replaces its own', async () => {
    const { relay, target } = await relayBefore((request, response) => {
      response.writeHead(200, json).end(JSON.stringify([request.headers.host, request.headers.origin ?? null]));
    });
    const seenFor = async (headers: Record<string, string>): Promise<unknown> => {
      const { response } = await send(relay, { headers });
      return JSON.parse((await read(response)).toString());
    };
    const evil = 'evil.example.com';
    expect(await seenFor({ Host: evil, Origin: `http://${evil}` })).toEqual([evil, `http://${evil}`]);
    expect(await seenFor({ Host: relay.host, Origin: relay.origin })).toEqual([target.host, target.origin]);
    expect(await seenFor({ Host: relay.host, Origin: `http://${evil}` })).toEqual([target.host, `http://${evil}`]);
    expect(await seenFor({})).toEqual([target.host, null]);
  });

  it('leaves other paths alone', async () => {
    const { relay } = await relayBefore((request, response) => void response.end(request.url));
    const { response } = await send(relay, { method: 'GET', path: '/.well-known/oauth-protected-resource/mcp' });
    expect((await read(response)).toString()).toBe('/.well-known/oauth-protected-resource/mcp');
  });

  it.each([undefined, 'conf__'])('passes the headers of a stream before its first event and each event at once (prefix %s)', async (prefix) => {
    let sendEvent: ((text: string) => void) | undefined;
    const { relay } = await relayBefore(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        sendEvent = (text) => void response.write(text);
      },
      { prefix },
    );
    const { request, response } = await send(relay, { method: 'GET' });
    for (const event of ['id: 1\nretry: 500\ndata: \n\n', ': ping\n\n', 'data: {"a":"ü"}\r\n\r\n']) {
      const arrived = once(response, 'data');
      sendEvent?.(event);
      expect(String((await arrived)[0])).toBe(event);
    }
    request.destroy();
  });

  it('tells the target when the client goes and the client when the target goes', async () => {
    const streams: { destroy(): void; closed: Promise<unknown> }[] = [];
    const { relay } = await relayBefore((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.push({ destroy: () => response.destroy(), closed: once(response, 'close') });
    });
    const first = await send(relay, { method: 'GET' });
    first.request.on('error', () => {}).destroy();
    await streams[0]?.closed;

    const second = await send(relay, { method: 'GET' });
    second.response.resume();
    streams[1]?.destroy();
    await expect(once(second.response, 'end')).rejects.toThrow('aborted');
  });

  it('answers 502 when the target is not there', async () => {
    const relay = await startRelay({ target: 'http://127.0.0.1:9/mcp' });
    closers.push(() => relay.close());
    const { response } = await send(new URL(relay.url), { body: '{}' });
    expect(response.statusCode).toBe(502);
    response.resume();
  });
});

describe('the relay with a prefix', () => {
  const call = (method: string, params: object): object => ({ jsonrpc: '2.0', id: 1, method, params });

  it.each([
    { sent: call('tools/call', { name: 'x', arguments: { name: 'y' } }), got: call('tools/call', { name: 'conf__x', arguments: { name: 'y' } }) },
    { sent: call('prompts/get', { name: 'x' }), got: call('prompts/get', { name: 'conf__x' }) },
    {
      sent: call('completion/complete', { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } }),
      got: call('completion/complete', { ref: { type: 'ref/prompt', name: 'conf__x' }, argument: { name: 'a', value: '' } }),
    },
  ])('qualifies $sent.method', async ({ sent, got }) => {
    const { relay } = await relayBefore(async (request, response) => void response.end(await read(request)), { prefix: 'conf__' });
    const { response } = await send(relay, { headers: json, body: JSON.stringify(sent) });
    expect(JSON.parse((await read(response)).toString())).toEqual(got);
  });

  it.each([
    '{ "method": "resources/read", "params": { "name": "x" } }',
    '{ "method": "completion/complete", "params": { "ref": { "type": "ref/resource", "name": "x" } } }',
    '{ "result": { "tools": "conf__x" } }',
    '[1]',
    'no json',
    '',
  ])('leaves the bytes of %s', async (body) => {
    const { relay } = await relayBefore(async (request, response) => void response.writeHead(200, json).end(await read(request)), { prefix: 'conf__' });
    const { response } = await send(relay, { headers: json, body });
    expect((await read(response)).toString()).toBe(body);
  });

  it.each(['application/json', 'text/event-stream'])('takes the prefix off in lists (%s)', async (type) => {
    const list = { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'conf__x' }, { name: 'other__conf__y' }], prompts: [{ name: 'conf__ü' }] } };
    const plain = JSON.stringify(list).replaceAll('"conf__', '"');
    const event = type === 'text/event-stream';
    const { relay } = await relayBefore(
      (_request, response) => void response.writeHead(200, { 'content-type': type }).end(event ? `id: 7\ndata: ${JSON.stringify(list)}\n\n` : JSON.stringify(list)),
      { prefix: 'conf__' },
    );
    const { response } = await send(relay, { body: '{}' });
    expect((await read(response)).toString()).toBe(event ? `id: 7\ndata: ${plain}\n\n` : plain);
  });
});
