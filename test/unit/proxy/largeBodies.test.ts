// Large messages: their memory is given back when both sides have them, and never before that.
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hold } from '../../../src/extension/proxy/transports/letGo';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { forgetfulServer } from '../../support/gateway/forgetfulServer';
import { httpServer, scriptedServer } from '../../support/gateway/gatewayFixture';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const MEGABYTE = 1_000_000;
const gateways = rawGateways();
const closers: (() => void)[] = [];

/** Messages of a megabyte or more whose memory was given back. */
let returned = 0;
/** Bytes of the pieces they came in that were given back. */
let pieces = 0;
beforeEach(() => {
  returned = pieces = 0;
  const prototype = ArrayBuffer.prototype as ArrayBuffer & { transfer(this: ArrayBuffer, length?: number): ArrayBuffer };
  const { transfer } = prototype;
  vi.spyOn(prototype, 'transfer').mockImplementation(function (this: ArrayBuffer, length) {
    if (this.byteLength >= MEGABYTE) returned++;
    else pieces += this.byteLength;
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

interface EchoOptions {
  readonly capabilities?: object;
  /** It answers before it has read more than the beginning. */
  readonly isHasty?: boolean;
  /** It shakes hands only then. */
  readonly isReady?: Promise<void>;
  /** So long it does not read on in the middle of a large message. */
  readonly restMs?: number;
}

/** A server that gives back what it got. */
async function echoServer(answer: Answer, { capabilities = { tools: {} }, isHasty = false, isReady = Promise.resolve(), restMs = 0 }: EchoOptions = {}): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    let isAnswered = false;
    const reply = (): void => {
      const text = Buffer.concat(chunks).toString();
      const id = /"id":("[^"]*"|\d+)/.exec(text)?.[1];
      const method = /"method":"([^"]*)"/.exec(text)?.[1];
      if (id === undefined) response.writeHead(202).end();
      else if (method === 'initialize') {
        const hello = { jsonrpc: '2.0', id: JSON.parse(id) as unknown, result: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'e', version: '1' } } };
        void isReady.then(() => asJson(response, JSON.stringify(hello), request));
      }
      else if (method === 'tools/list') asJson(response, `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}}`, request);
      else answer(response, `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"seen":${JSON.stringify(text)}}}`, request);
    };
    request.on('data', (chunk: Buffer) => {
      if (chunks.push(chunk) === 1 && restMs > 0 && chunk.includes('resources/read')) {
        request.pause();
        setTimeout(() => request.resume(), restMs);
      }
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

const call = (id: number, tool: string, bytes = MEGABYTE): string => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"text":"${`${id}-`.repeat(bytes / 2)}"}}}`;
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

  it.each([
    ['JSON', asJson],
    ['a stream', asStream],
  ])('gives back the pieces in which the request and the answer, as %s, came, and what was read from the server of the answer', async (_, answer) => {
    const { client } = await gateways.open([httpServer('up', await echoServer(answer))], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const most: number[] = [];
    for (const id of [10, 20, 30]) {
      pieces = 0;
      const { messages, body } = await client.post(call(id, tool));
      expect(seenIn(messages.at(-1) ?? body)).toBe(call(id, 'echo'));
      most.push(pieces);
    }
    // Each about once, but for the first and last piece, and small ones.
    expect(Math.max(...most) / call(10, tool).length).toBeGreaterThan(2.6);
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
    const rests: string[] = [];
    const hasty: Answer = (response, message, request) => {
      let rest = '';
      request.on('data', (chunk: Buffer) => (rest += chunk.toString()));
      request.on('end', () => rests.push(rest));
      request.pause();
      setTimeout(() => request.resume(), 100);
      asJson(response, message.replace(/"seen":.*/s, '"seen":1}}'), request);
    };
    const { client } = await gateways.open([httpServer('up', await echoServer(hasty, { isHasty: true }))], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    // More than the system takes of what nobody reads.
    const larges = [10, 20].map((id) => call(id, tool, 16 * MEGABYTE));
    for (const large of larges) expect(seenIn((await client.post(large)).body)).toBe(1);
    await eventually('the rest of both', () => rests.length === 2);
    expect(rests.map((rest, k) => rest.length > 15 * MEGABYTE && larges[k]!.endsWith(rest))).toEqual([true, true]);
  });
});

/**
 * A process that answers the call with id `early` by its beginning, before it has read the rest, and reads on only after that. Other
 * calls it answers with what came before them under that id, or with themselves.
 */
function echoProcess(early: number): ConfiguredServer {
  const script = `
    let text = '', kept, isAnswered = false;
    const say = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
    process.stdin.on('data', (chunk) => {
      text += chunk;
      if (!isAnswered && text.startsWith('{"jsonrpc":"2.0","id":${early},')) {
        isAnswered = true;
        say(${early}, { content: [], seen: text.length });
        process.stdin.pause();
        setTimeout(() => process.stdin.resume(), 200);
      }
      for (let end; (end = text.indexOf('\\n')) >= 0; text = text.slice(end + 1)) {
        const line = text.slice(0, end);
        const { id, method } = JSON.parse(line);
        if (id === ${early}) kept = line;
        else if (method === 'initialize') say(id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'p', version: '1' } });
        else if (method === 'tools/list') say(id, { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] });
        else if (method === 'tools/call') say(id, { content: [], seen: kept ?? line });
      }
    });`;
  const config = { type: 'stdio', command: process.execPath, args: ['-e', script], env: {} } as const;
  return { name: 'up', config, file: '/mcp-shark.json', line: 1, fingerprint: String(early) };
}

describe.each([
  ['/mcp/up', 'echo'],
  ['/mcp', 'up__echo'],
])('a call of a megabyte to a process, on %s', (path, tool) => {
  it('goes out whole where it is answered before it is read', async () => {
    const { client } = await gateways.open([echoProcess(10)], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    expect(seenIn((await client.post(call(10, tool))).body)).toBeLessThan(MEGABYTE);
    // Memory that was given back too early would be in use for something else by now.
    const others = Array.from({ length: 20 }, () => Buffer.alloc(MEGABYTE, 0x21));
    const { body } = await client.post(`{"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"${tool}"}}`);
    expect(others).toHaveLength(20);
    expect(seenIn(body) === call(10, 'echo')).toBe(true);
  });

  it('gives back the memory of what the process has taken', async () => {
    const { client } = await gateways.open([echoProcess(0)], { path });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    expect(seenIn((await client.post(call(10, tool))).body) === call(10, 'echo')).toBe(true);
    await eventually('the memory of the request', () => returned >= 1);
  });
});

describe('a call of a megabyte', () => {
  it('that is cancelled while its server has not answered the one before goes out whole', async () => {
    const answers: (() => void)[] = [];
    const got: string[] = [];
    const slow: Answer = (response, message) => {
      got.push(String(seenIn(message)));
      answers.push(() => asJson(response, message, undefined as never));
    };
    const { client } = await gateways.open([httpServer('up', await echoServer(slow))], { path: '/mcp' });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const cancelled = client.post(call(10, 'up__echo'));
    await eventually('the call at the server', () => answers.length === 1);
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":10}}');
    await cancelled;
    const next = client.post(call(20, 'up__echo'));
    await eventually('the next one', () => answers.length === 2);
    for (const answer of answers) answer();
    expect(seenIn((await next).body)).toBe(call(20, 'echo'));
    expect(got).toEqual([call(10, 'echo'), call(20, 'echo')]);
  });

  it('that is sent elsewhere before it is read goes out whole to both', async () => {
    // More than the system takes of what nobody reads.
    const large = call(10, 'echo', 16 * MEGABYTE);
    const got: Record<string, number> = {};
    const server = http.createServer((request, response) => {
      let text = '';
      let isMoved = false;
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (request.url !== '/mcp' || isMoved || !text.startsWith('{"jsonrpc":"2.0","id":10,')) return;
        isMoved = true;
        response.writeHead(307, { location: '/there', 'content-length': 0 }).end();
        request.pause();
        setTimeout(() => request.resume(), 200);
      });
      request.on('end', () => {
        if (text === '') return void response.writeHead(405).end();
        const { id, method } = JSON.parse(text) as { id?: number; method: string };
        if (id === 10) got[request.url!] = text === large ? text.length : -1;
        if (isMoved) return;
        if (id === undefined) response.writeHead(202).end();
        else asJson(response, JSON.stringify({ jsonrpc: '2.0', id, result: method === 'initialize' ? { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'm', version: '1' } } : {} }), request);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { client } = await gateways.open([httpServer('up', `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)], { path: '/mcp/up' });
    expect((await client.post(large)).body).toContain('"result"');
    await eventually('both', () => Object.keys(got).length === 2);
    expect(got).toEqual({ '/mcp': large.length, '/there': large.length });
  });

  it('is sent again whole to a server that has forgotten its session', async () => {
    const forgetful = await forgetfulServer({ tools: {} });
    closers.push(() => forgetful.close());
    const { client, fixture } = await gateways.open([httpServer('up', forgetful.url)], { path: '/mcp/up' });
    await client.post(call(10, 'plain'));
    forgetful.session++;
    expect((await client.post(call(20, 'plain'))).body).toContain('"result"');
    const sent = fixture.recorder.frames.filter(({ leg, direction, text }) => leg === 'upstream' && direction === 'toServer' && text.includes('"id":20,'));
    expect(sent.map(({ text }) => text === call(20, 'plain'))).toEqual([true, true]);
  });
});

describe('a request that a server refuses again and again goes on whole to the next one', () => {
  /** A server whose answer to a resource comes as a stream: an error, and after `pauseMs` two more of the same. */
  const refusing = async (pauseMs: number | undefined): Promise<string> =>
    echoServer((response, message) => {
      const { id } = JSON.parse(message) as { id: unknown };
      const event = `data: ${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32002, message: 'no such resource' } })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (pauseMs === undefined) response.end(event.repeat(3));
      else {
        response.write(event);
        setTimeout(() => response.end(event.repeat(2)), pauseMs);
      }
    }, { capabilities: { resources: {} } });
  /** One that does not read on for a while. */
  const slow = async (): Promise<string> => echoServer(asJson, { capabilities: { resources: {} }, restMs: 300 });

  it.each([
    ['at once', undefined],
    ['while the next one is sent it', 150],
  ])('%s', async (_name, pauseMs) => {
    const { client } = await gateways.open([httpServer('a', await refusing(pauseMs)), httpServer('b', await slow())], { path: '/mcp' });
    const read = `{"jsonrpc":"2.0","id":10,"method":"resources/read","params":{"uri":"x://unlisted","pad":"${'Q'.repeat(16 * MEGABYTE)}"}}`;
    const { messages, body } = await client.post(read);
    expect(seenIn(messages.at(-1) ?? body) === read).toBe(true);
  });
});

describe('what is no request though its method is one of a request', () => {
  it.each(['resources/read', 'prompts/get'])('goes whole to all servers, also to one that is not ready yet: %s', async (method) => {
    let letIn: () => void = () => undefined;
    const isLetIn = new Promise<void>((resolve) => (letIn = resolve));
    const { client, fixture } = await gateways.open([scriptedServer('fast', { tools: ['notifications'] }), httpServer('late', await echoServer(asJson, { capabilities: { resources: {}, prompts: {} }, isReady: isLetIn }))], {
      path: '/mcp',
      grace: { afterFirstMs: 1, totalMs: 5000 },
    });
    const notification = `{"jsonrpc":"2.0","method":"${method}","params":{"uri":"x://1","name":"n","pad":"${'Q'.repeat(MEGABYTE)}"}}`;
    await client.post(notification);
    const sentTo = (server: string): string[] => fixture.recorder.frames.filter((frame) => frame.leg === 'upstream' && frame.direction === 'toServer' && frame.server === server && frame.text.includes(method)).map(({ text }) => text);
    await client.post('{"jsonrpc":"2.0","id":2,"method":"tools/list"}');
    const received = (await client.call(3, 'fast__notifications')).body;
    expect(received).toContain(method);
    letIn();
    await eventually('the late one to have it', () => sentTo('late').length === 1);
    expect([...sentTo('fast'), ...sentTo('late')].map((text) => text === notification)).toEqual([true, true]);
  });
});

describe('a message', () => {
  const message = (): Buffer => Buffer.allocUnsafeSlow(MEGABYTE);

  it('that two need goes when both have released it', () => {
    const one = message();
    const first = hold(one, 'tools/call');
    const second = hold(one, 'tools/call');
    first?.();
    expect(one).toHaveLength(MEGABYTE);
    second?.();
    expect(one).toHaveLength(0);
  });

  it('stays for the other one, however often one of the two releases it', () => {
    const one = message();
    const first = hold(one, 'tools/call');
    const second = hold(one, 'tools/call');
    for (let k = 0; k < 3; k++) first?.();
    expect(one).toHaveLength(MEGABYTE);
    second?.();
    expect(one).toHaveLength(0);
  });

  it.each([
    ['of a list, which is kept', 'tools/list'],
    ['of a handshake, which is sent again', 'initialize'],
    ['of no request', undefined],
  ])('%s stays', (_name, method) => {
    expect(hold(message(), method)).toBeUndefined();
  });

  it('that is a part of another stays', () => {
    const whole = message();
    hold(whole.subarray(10), 'tools/call')?.();
    expect(whole).toHaveLength(MEGABYTE);
  });
});
