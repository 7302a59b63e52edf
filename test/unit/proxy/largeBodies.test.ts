// Large messages: their memory is given back when both sides have them, and never before that.
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hold, release } from '../../../src/extension/proxy/transports/letGo';
import { httpServer } from '../../support/gateway/gatewayFixture';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const MEGABYTE = 1_000_000;
const gateways = rawGateways();
const closers: (() => void)[] = [];

/** Messages of a megabyte or more whose memory was given back. */
let returned = 0;
beforeEach(() => {
  returned = 0;
  const prototype = ArrayBuffer.prototype as ArrayBuffer & { transfer(this: ArrayBuffer, length?: number): ArrayBuffer };
  const { transfer } = prototype;
  vi.spyOn(prototype, 'transfer').mockImplementation(function (this: ArrayBuffer, length) {
    if (this.byteLength >= MEGABYTE) returned++;
    return transfer.call(this, length);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) close();
});

type Answer = (response: http.ServerResponse, message: string, request: http.IncomingMessage) => void;
const asJson: Answer = (response, message) => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(message) }).end(message);
const asStream: Answer = (response, message) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${message}\n\n`);

/** A server whose tool `echo` gives back what it got. `isHasty`: it answers before it has read more than the beginning. */
async function echoServer(answer: Answer, isHasty = false): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    let isAnswered = false;
    const reply = (): void => {
      const text = Buffer.concat(chunks).toString();
      const id = /"id":("[^"]*"|\d+)/.exec(text)?.[1];
      const method = /"method":"([^"]*)"/.exec(text)?.[1];
      if (id === undefined) response.writeHead(202).end();
      else if (method === 'initialize') asJson(response, `{"jsonrpc":"2.0","id":${id},"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"e","version":"1"}}}`, request);
      else if (method === 'tools/list') asJson(response, `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}}`, request);
      else answer(response, `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"seen":${JSON.stringify(text)}}}`, request);
    };
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (!isHasty || isAnswered || !Buffer.concat(chunks).includes('"id":')) return;
      isAnswered = true;
      reply();
    });
    request.on('end', () => {
      if (!isAnswered) reply();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const call = (id: number, tool: string): string => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"text":"${`${id}-`.repeat(MEGABYTE / 2)}"}}}`;
const seenIn = (body: string): unknown => (JSON.parse(body) as { result?: { seen?: unknown } }).result?.seen;

describe.each([
  ['/mcp/up', 'echo', 'the request, which goes on as it came, and the answer', 2],
  ['/mcp', 'up__echo', 'the request, what was sent in its place, and the answer', 3],
] as const)('a call of a megabyte on %s', (path, tool, what, count) => {
  it(`gives back ${what}, and the next ones are unharmed`, async () => {
    const { client } = await gateways.open([httpServer('up', await echoServer(asJson))], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    for (const id of [10, 20, 30]) expect(seenIn((await client.post(call(id, tool))).body)).toBe(call(id, 'echo'));
    await eventually('the memory of all', () => returned >= 3 * count);
    expect(returned).toBe(3 * count);
  });

  it('is unharmed where many are in flight', async () => {
    const { client } = await gateways.open([httpServer('up', await echoServer(asJson))], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const ids = [10, 11, 12, 13, 14, 15];
    const answers = await Promise.all(ids.map((id) => client.post(call(id, tool))));
    expect(answers.map(({ body }) => seenIn(body))).toEqual(ids.map((id) => call(id, 'echo')));
  });

  it('that comes back as a stream to a client that takes nothing else is kept for those who resume it', async () => {
    const { client } = await gateways.open([httpServer('up', await echoServer(asStream))], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const first = await client.post(call(10, tool), { accept: 'text/event-stream' });
    expect(seenIn(first.messages.at(-1)!)).toBe(call(10, 'echo'));
    const again = await client.stream('GET', undefined, { 'last-event-id': first.eventIds[0]! });
    await again.ended;
    expect(seenIn(again.messages.at(-1)!)).toBe(call(10, 'echo'));
  });

  it('is answered by a server that does not wait for its end, and goes out whole all the same', async () => {
    let arrived = 0;
    const hasty: Answer = (response, message, request) => {
      request.on('data', (chunk: Buffer) => (arrived += chunk.length));
      asJson(response, message.replace(/"seen":.*/s, '"seen":1}}'), request);
    };
    const { client } = await gateways.open([httpServer('up', await echoServer(hasty, true))], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    for (const id of [10, 20]) expect(seenIn((await client.post(call(id, tool))).body)).toBe(1);
    await eventually('the rest of both', () => arrived > 1.8 * MEGABYTE);
  });
});

describe('a message', () => {
  const message = (): Buffer => Buffer.allocUnsafeSlow(MEGABYTE);

  it('that two need goes when both have released it', () => {
    const one = message();
    hold(one, 'tools/call');
    hold(one, 'tools/call');
    release(one);
    expect(one).toHaveLength(MEGABYTE);
    release(one);
    expect(one).toHaveLength(0);
  });

  it.each([
    ['of a list, which is kept', 'tools/list'],
    ['of a handshake, which is sent again', 'initialize'],
    ['of no request', undefined],
  ])('%s stays', (_name, method) => {
    const one = message();
    hold(one, method);
    release(one);
    expect(one).toHaveLength(MEGABYTE);
  });

  it('that is a part of another stays, and so does what nobody holds', () => {
    const whole = message();
    const part = whole.subarray(10);
    hold(part, 'tools/call');
    release(part);
    release(whole);
    expect(whole).toHaveLength(MEGABYTE);
  });
});
