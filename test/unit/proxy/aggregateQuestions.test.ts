/** What a server of `/mcp` asks of a client that cannot be asked, and what a client answers that nobody has asked. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { httpServer, scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

let fixture: GatewayFixture | undefined;
let client: RawClient | undefined;
afterEach(async () => {
  client?.close();
  await fixture?.close();
  client = fixture = undefined;
});

it('a question that finds no room is answered for the client, once, under the id of the server that asked', async () => {
  fixture = await startGateway([scriptedServer('a', { tools: ['emit'] }), scriptedServer('b', { tools: ['emit'] })]);
  const { recorder, url, headers } = fixture;
  client = new RawClient(`${url}/mcp`, headers);
  await client.open('{"sampling":{}}');
  const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: '' } });
  const lines = [...Array.from({ length: 1100 }, () => note), '{"jsonrpc":"2.0","id":"q","method":"ping"}'];
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'b__emit', arguments: { lines } } });
  await client.post(call, { accept: 'application/json' });
  const answers = (): typeof recorder.frames => recorder.frames.filter(({ leg, envelope }) => leg === 'upstream' && envelope.id === '"q"' && envelope.kind !== 'request');
  await eventually('the answer', () => answers().length > 0);
  // The number under which it would have been asked.
  await client.post('{"jsonrpc":"2.0","id":1,"result":{}}');
  expect(answers()).toHaveLength(1);
  expect(answers()[0]).toMatchObject({ server: 'b', ownMessage: true });
  expect(JSON.parse(answers()[0]!.text)).toMatchObject({ error: { code: -32_000 } });
  expect(recorder.events('client.answerDropped')).toHaveLength(1);
});

it('a server that asks without end is answered that nobody listens, once there are too many, and the others go on', async () => {
  fixture = await startGateway([scriptedServer('a', { tools: ['emit'] }), scriptedServer('b', { tools: ['emit'] })]);
  const { recorder, url, headers } = fixture;
  client = new RawClient(`${url}/mcp`, headers);
  await client.open('{"sampling":{}}');
  const screen = await client.stream('GET', undefined);
  const questions = (count: number): string[] => Array.from({ length: count }, (_, k) => `{"jsonrpc":"2.0","id":${k},"method":"ping"}`);
  await client.call(1, 'a__emit', { lines: questions(1005) });
  await client.call(2, 'b__emit', { lines: questions(1) });
  const refused = await eventually('the answers', () => {
    const errors = recorder.frames.filter(({ leg, direction, envelope }) => leg === 'upstream' && direction === 'toServer' && envelope.kind === 'error');
    return errors.length >= 5 ? errors : undefined;
  });
  expect(refused.map(({ server, envelope }) => `${server!} ${envelope.id!}`)).toEqual(['a 1000', 'a 1001', 'a 1002', 'a 1003', 'a 1004']);
  expect(recorder.events('policy.limit').map(({ server, data }) => ({ server, limit: data.limit }))).toEqual([{ server: 'a', limit: 1000 }]);
  screen.close();
});

it('a question of an HTTP server that has forgotten the session is taken back, and its answer reaches nobody', async () => {
  const tools = ['ask', 'plain'].map((name) => ({ name, inputSchema: { type: 'object' } }));
  let session = 1;
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const { id, method, params } = JSON.parse(body) as { id?: unknown; method?: string; params?: { name?: string } };
      if (method !== 'initialize' && request.headers['mcp-session-id'] !== `S${session}`) return response.writeHead(404).end();
      seen.push(method ?? body);
      if (id === undefined || method === undefined) return response.writeHead(202).end();
      if (params?.name === 'ask') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        return response.write(`data: {"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{"message":"of session ${session}"}}\n\n`);
      }
      const handshake = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'h', version: '1' } };
      const result = method === 'initialize' ? handshake : method === 'tools/list' ? { tools } : { content: [] };
      return response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': `S${session}` }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    fixture = await startGateway([httpServer('up', `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)]);
    client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open('{"elicitation":{}}');
    await client.post('{"jsonrpc":"2.0","id":0,"method":"tools/list"}');
    const asking = await client.stream('POST', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"up__ask"}}');
    const question = JSON.parse(await eventually('the question', () => asking.messages[0])) as { id: number };
    session = 2;
    await client.call(2, 'up__plain', {});
    const back = await eventually('it to be taken back', () => fixture!.recorder.frames.find(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === 'notifications/cancelled'));
    expect(JSON.parse(back.text)).toMatchObject({ params: { requestId: question.id } });
    seen.length = 0;
    await client.post(`{"jsonrpc":"2.0","id":${question.id},"result":{"action":"accept","content":{"for":"session 1"}}}`);
    await eventually('the answer to be dropped', () => fixture!.recorder.events('client.answerDropped').length === 1);
    expect(seen).toEqual([]);
    asking.close();
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
