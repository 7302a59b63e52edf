/** `/mcp` over hand-written servers: lists, names, URIs, routing, and the bytes that must not change. */
import { describe, expect, it } from 'vitest';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
let fixture: GatewayFixture;

async function connect(...servers: ConfiguredServer[]): Promise<{ client: Client; fixture: GatewayFixture }> {
  fixture = await gateways.start(servers);
  const { client } = await fixture.connect();
  return { client, fixture };
}

async function open(...servers: ConfiguredServer[]): Promise<RawClient> {
  const session = await gateways.open(servers);
  ({ fixture } = session);
  return session.client;
}

const post = async (client: RawClient, id: unknown, method: string, params?: unknown): Promise<string> =>
  (await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))).messages.at(-1)!;

it('a request under the id of another that is open is answered, and so is the other', async () => {
  const client = await open(scriptedServer('a', { tools: ['echo', 'hang'] }), scriptedServer('b', { tools: ['echo'] }));
  await post(client, 0, 'tools/list');
  const first = post(client, 7, 'tools/call', { name: 'a__hang' });
  await eventually('it to be under way', () => fixture.recorder.frames.some(({ leg, text }) => leg === 'upstream' && text.includes('"hang"') && text.includes('"id":7')));
  expect(await post(client, 7, 'tools/call', { name: 'b__echo' })).toContain('"result"');
  expect(JSON.parse(await first)).toMatchObject({ id: 7, error: { message: 'Another request was sent with the same id' } });
});

describe('lists', () => {
  it('hold all pages of all servers in configured order, without a cursor', async () => {
    const names = Array.from({ length: 25 }, (_, k) => `t${k}`);
    const { client } = await connect(
      scriptedServer('b', { tools: names, pageSize: 4, prompts: names, resources: names.map((name) => `b://${name}`), templates: ['b://{x}'] }),
      scriptedServer('a', { tools: ['only'], prompts: ['p'], resources: ['a://1'], templates: ['a://{x}', 'a://{x}/{y}'] }),
    );
    const tools = await client.listTools();
    expect(tools.nextCursor).toBeUndefined();
    expect(tools.tools.map(({ name }) => name)).toEqual([...names.map((name) => `b__${name}`), 'a__only']);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual([...names.map((name) => `b__${name}`), 'a__p']);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([...names.map((name) => `b://${name}`), 'a://1']);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['b://{x}', 'a://{x}', 'a://{x}/{y}']);
  });

  it('leave everything of an item but its name as it came', async () => {
    const text = '{"z":1.50,  "name":"t\\u0031","icons":[{"src":"x"}],"inputSchema":{"type":"object"},"_meta":{"ui":{"resourceUri":"ui://t"}},"unknown":12345678901234567890}';
    const client = await open(scriptedServer('s', { tools: ['answer'] }), scriptedServer('other', { tools: ['x'] }));
    await post(client, 1, 'tools/list');
    // Put into the server's mouth through its `tools/list`, by way of a tool object of its own.
    client.close();
    await fixture.close();
    const again = await open(scriptedServer('s', { tools: [JSON.parse(text) as object] }));
    const list = await post(again, 1, 'tools/list');
    const expected = JSON.parse(text) as Record<string, unknown>;
    expect(JSON.parse(list)).toEqual({ jsonrpc: '2.0', id: 1, result: { tools: [{ ...expected, name: 's__t1' }] } });
  });

  it('are empty where no server is configured', async () => {
    const { client } = await connect();
    expect((await client.listTools()).tools).toEqual([]);
    expect((await client.listResources()).resources).toEqual([]);
  });

  it('carry the _meta of the client to the servers', async () => {
    const client = await open(scriptedServer('s', { tools: ['x'] }));
    await post(client, 1, 'tools/list', { _meta: { traceparent: '00-abc' } });
    const upstream = fixture.recorder.frames.find((frame) => frame.leg === 'upstream' && frame.envelope.method === 'tools/list')!;
    expect(JSON.parse(upstream.text)).toMatchObject({ params: { _meta: { traceparent: '00-abc' } } });
    expect(upstream).toMatchObject({ ownMessage: true, server: 's' });
  });
});

describe('calls', () => {
  it('reach the right one of a + b__c and a__b + c', async () => {
    const { client } = await connect(scriptedServer('a', { tools: ['b__c'] }), scriptedServer('a__b', { tools: ['c'] }));
    const { tools } = await client.listTools();
    const answers = await Promise.all(tools.map(({ name }) => client.callTool({ name, arguments: {} })));
    expect(answers.map(({ content }) => (content as { text: string }[])[0]?.text)).toEqual(['a b__c {}', 'a__b c {}']);
  });

  it('change nothing of the request but the name', async () => {
    const client = await open(scriptedServer('s', { tools: ['raw'] }), scriptedServer('t'));
    const before = '{ "jsonrpc":"2.0","extra":[1.0] ,"id":"\\u0041","method":"tools/call","params":{"x":"\\/","_meta":{"vscode.requestId":"r","progressToken":7},"name" : ';
    const after = ' , "arguments":{"big":12345678901234567890, "e":1E3,"name":"s__raw"}}}';
    const answer = await client.post(`${before}"s__\\u0072aw"${after}`);
    const { id, result } = JSON.parse(answer.messages[0]!) as { id: string; result: { line: string } };
    expect(id).toBe('A');
    expect(result.line).toBe(`${before}"raw"${after}`);
  });

  it('bring answers back byte for byte', async () => {
    const client = await open(scriptedServer('s', { tools: ['answer'] }));
    const text = '{"result":{"content":[], "structuredContent":{"n":1.00},"_meta":{"k":null}},"x":0,"id":$ID,"jsonrpc":"2.0"}';
    const answer = await client.call(5, 's__answer', { text });
    expect(answer.body).toBe(text.replace('$ID', '5'));
    const error = '{"jsonrpc":"2.0","error":{"code":-31999,"message":"m","data":{"d":[1.0]},"z":1},"id":$ID}';
    expect((await client.call('e', 's__answer', { text: error })).body).toBe(error.replace('$ID', '"e"'));
  });

  it('work without a list before, as of a client that has cached the tools', async () => {
    const client = await open(scriptedServer('s', { tools: ['echo'], prompts: ['p'] }));
    expect((await client.call(1, 's__echo')).body).toContain('s echo');
    expect(await post(client, 2, 'prompts/get', { name: 's__p' })).toContain('"text":"p"');
  });

  it('say which name is unknown', async () => {
    const client = await open(scriptedServer('s', { tools: ['echo'] }));
    expect(JSON.parse((await client.call(1, 'x__y')).body)).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Unknown tool: x__y' } });
    expect(await post(client, 2, 'prompts/get', { name: 'x' })).toContain('Unknown prompt: x');
    expect(await post(client, 3, 'tools/call', {})).toContain('-32602');
  });

  it('bring progress in order and before the result', async () => {
    const { client } = await connect(scriptedServer('s', { tools: ['progress'] }), scriptedServer('t'));
    const seen: number[] = [];
    await client.callTool({ name: 's__progress', arguments: { count: 5 } }, undefined, { onprogress: ({ progress }) => seen.push(progress) });
    // The SDK's client itself drops what comes in one chunk with the answer (GATEWAY.md); the raw client sees all.
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    const raw = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await raw.open();
    const answer = await raw.post('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__progress","arguments":{"count":3},"_meta":{"progressToken":0}}}');
    expect(answer.messages.map((text) => (JSON.parse(text) as { params?: { progress: number } }).params?.progress)).toEqual([1, 2, 3, undefined]);
    raw.close();
  });
});

describe('resources', () => {
  it('that two servers share are told apart, and stay apart in everything that names them', async () => {
    const { client } = await connect(
      scriptedServer('a', { resources: ['x://same', 'x://a'], templates: ['t://{id}'] }),
      scriptedServer('b', { resources: ['x://same', 'x://b'], templates: ['t://{id}'], tools: ['answer', 'emit'] }),
    );
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris.slice(0, 2)).toEqual(['x://same', 'x://a']);
    const [, , mapped, plain] = uris as [string, string, string, string];
    expect(plain).toBe('x://b');
    expect(mapped).not.toBe('x://same');
    for (const [uri, text] of [['x://same', 'a x://same'], [mapped, 'b x://same'], ['x://b', 'b x://b']] as const) {
      expect((await client.readResource({ uri })).contents).toEqual([{ uri, text }]);
    }
    const templates = (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate);
    const second = templates[1]!.replace('{id}', '5');
    expect((await client.readResource({ uri: 't://5' })).contents).toEqual([{ uri: 't://5', text: 'a t://5' }]);
    expect((await client.readResource({ uri: second })).contents).toEqual([{ uri: second, text: 'b t://5' }]);
    // A link in a tool's result names the resource as the client knows it.
    const text = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[{"type":"resource_link","uri":"x://same","name":"n"},{"type":"resource","resource":{"uri":"x://same","text":""}},{"type":"resource_link","uri":"x://b","name":"n"}]}}';
    const { content } = await client.callTool({ name: 'b__answer', arguments: { text } });
    expect(content).toMatchObject([{ uri: mapped }, { resource: { uri: mapped } }, { uri: 'x://b' }]);
  });

  it('are subscribed to at their owner, and their updates name them as the client does', async () => {
    const client = await open(
      scriptedServer('a', { resources: ['x://same'], tools: ['emit'] }),
      scriptedServer('b', { resources: ['x://same'], tools: ['emit'] }),
    );
    const list = JSON.parse(await post(client, 1, 'resources/list')) as { result: { resources: { uri: string }[] } };
    const mapped = list.result.resources[1]!.uri;
    await post(client, 2, 'resources/subscribe', { uri: mapped });
    const subscribed = fixture.recorder.frames.find((frame) => frame.leg === 'upstream' && frame.envelope.method === 'resources/subscribe')!;
    expect(subscribed.server).toBe('b');
    expect(JSON.parse(subscribed.text)).toMatchObject({ params: { uri: 'x://same' } });
    const lines = ['{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://same"}}'];
    const answer = await client.call(3, 'b__emit', { lines });
    expect(JSON.parse(answer.messages[0]!)).toMatchObject({ method: 'notifications/resources/updated', params: { uri: mapped } });
    expect((await client.call(4, 'a__emit', { lines })).messages[0]).toBe(lines[0]);
  });

  it('that nobody lists are asked for from server to server', async () => {
    const client = await open(
      scriptedServer('a', { resources: ['x://1'], unknownResources: ['y://hidden', 'y://nowhere'] }),
      scriptedServer('b', { resources: ['x://2'], unknownResources: ['y://nowhere'] }),
    );
    expect(await post(client, 1, 'resources/read', { uri: 'y://hidden' })).toContain('b y://hidden');
    expect(JSON.parse(await post(client, 2, 'resources/read', { uri: 'y://nowhere' }))).toEqual({
      jsonrpc: '2.0',
      id: 2,
      error: { code: -32002, message: 'Resource not found', data: { uri: 'y://nowhere' } },
    });
  });

  it('are refused by name where no server has any', async () => {
    const client = await open(scriptedServer('a', { tools: ['x'] }));
    expect(await post(client, 1, 'resources/read', { uri: 'z://1' })).toContain('Unknown resource: z://1');
  });
});

describe('other requests', () => {
  it('complete an argument at the server of the prompt or template', async () => {
    const client = await open(scriptedServer('a', { prompts: ['p'] }), scriptedServer('b', { prompts: ['p'], templates: ['t://{x}'] }));
    const complete = async (ref: object): Promise<unknown> => {
      const answer = JSON.parse(await post(client, Math.random(), 'completion/complete', { ref, argument: { name: 'x', value: '' } })) as { result: { line: string } };
      return (JSON.parse(answer.result.line) as { params: { ref: unknown } }).params.ref;
    };
    expect(await complete({ type: 'ref/prompt', name: 'b__p' })).toEqual({ type: 'ref/prompt', name: 'p' });
    expect(await complete({ type: 'ref/resource', uri: 't://{x}' })).toEqual({ type: 'ref/resource', uri: 't://{x}' });
  });

  it('set the log level of every server that logs, also of one that comes back', async () => {
    const logs = { tools: ['crash'], capabilities: { logging: {}, tools: {} } };
    const client = await open(scriptedServer('a', logs), scriptedServer('b', logs), scriptedServer('c', { tools: ['x'] }));
    expect(JSON.parse(await post(client, 1, 'logging/setLevel', { level: 'debug' }))).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    const levels = (): (string | undefined)[] =>
      fixture.recorder.frames.filter((frame) => frame.leg === 'upstream' && frame.envelope.method === 'logging/setLevel').map((frame) => frame.server);
    expect(levels()).toEqual(['a', 'b']);
    await client.call(2, 'a__crash');
    await eventually('the level to be set again', () => levels().length === 3);
    expect(levels()).toEqual(['a', 'b', 'a']);
  });

  it('of unknown methods go to the only server, to the one they name, or nowhere', async () => {
    const two = [scriptedServer('a', { tools: ['x'] }), scriptedServer('b', { tools: ['x'] })];
    const client = await open(...two);
    await post(client, 1, 'tools/list');
    expect(JSON.parse(await post(client, 2, 'vendor/do'))).toMatchObject({ id: 2, error: { code: -32601 } });
    const named = JSON.parse(await post(client, 3, 'vendor/do', { name: 'b__x' })) as { result: { line: string } };
    expect(JSON.parse(named.result.line)).toMatchObject({ params: { name: 'x' } });
    client.close();
    await fixture.close();
    const alone = await open(two[0]!);
    expect(await post(alone, 1, 'vendor/do', { any: 1 })).toContain('vendor/do');
  });

  it('about tasks go to the server that made the task', async () => {
    const tasks = { tools: ['answer'], capabilities: { tools: {}, tasks: { list: {}, cancel: {} } } };
    const client = await open(scriptedServer('a', tasks), scriptedServer('b', tasks));
    const text = '{"jsonrpc":"2.0","id":$ID,"result":{"task":{"taskId":"T-1","status":"working"}}}';
    await post(client, 1, 'tools/call', { name: 'b__answer', arguments: { text }, task: { ttl: 1000 } });
    await post(client, 2, 'tasks/get', { taskId: 'T-1' });
    const frame = fixture.recorder.frames.find((one) => one.leg === 'upstream' && one.envelope.method === 'tasks/get');
    expect(frame).toMatchObject({ server: 'b', unchanged: true });
    expect(JSON.parse(await post(client, 3, 'tasks/get', { taskId: 'T-2' }))).toMatchObject({ error: { code: -32602, message: 'Unknown task: T-2' } });
  });

  it('and notifications for all go to all', async () => {
    const client = await open(scriptedServer('a', { tools: ['notifications'] }), scriptedServer('b', { tools: ['notifications'] }));
    await client.post('{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}');
    for (const server of ['a', 'b']) expect((await client.call(server, `${server}__notifications`)).body).toContain('roots/list_changed');
  });
});

describe('what is recorded', () => {
  it('is on record before it leaves, on both legs, each frame with what it passes on', async () => {
    const client = await open(scriptedServer('s', { tools: ['echo'] }));
    await post(client, 1, 'tools/list');
    const { recorder } = fixture;
    const from = recorder.entries.length;
    const answer = client.call(2, 's__echo', { a: 1 });
    const body = (await answer).body;
    const frames = recorder.entries.slice(from).filter((entry) => entry.entry === 'frame');
    expect(frames.map(({ leg, direction }) => `${leg} ${direction}`)).toEqual([
      'downstream toServer',
      'upstream toServer',
      'upstream toClient',
      'downstream toClient',
    ]);
    const [down, up, back, out] = frames as [(typeof frames)[0], (typeof frames)[0], (typeof frames)[0], (typeof frames)[0]];
    expect(up).toMatchObject({ forwards: down.number, unchanged: false, server: 's' });
    expect(out).toMatchObject({ forwards: back.number, unchanged: true, server: 's' });
    expect(out.text).toBe(body);
    expect(down.server).toBeUndefined();
  });

  it('names the session, never its wire id or the token', async () => {
    const client = await open(scriptedServer('s', { tools: ['echo'] }));
    await client.call(1, 's__echo');
    const { recorder, gateway } = fixture;
    const [opened] = recorder.events('session.opened');
    expect(opened?.data).toEqual({ endpoint: '/mcp', clientName: 'raw', clientVersion: '1', protocolVersion: '2025-11-25' });
    const session = opened!.session;
    expect(recorder.frames.every((frame) => frame.session === session)).toBe(true);
    const all = JSON.stringify(recorder.entries);
    expect(all).not.toContain(client.sessionId);
    expect(all).not.toContain('a-token-for-tests');
    await gateway.close();
    expect(recorder.events().map(({ type }) => type)).toEqual([
      'gateway.started',
      'session.opened',
      'server.starting',
      'server.running',
      'server.stopped',
      'session.closed',
      'gateway.stopped',
    ]);
  });

  it('is the same for the headers of the first frame, and only what differs of later ones', async () => {
    const client = await open(scriptedServer('s', { tools: ['echo'] }));
    await client.post('{"jsonrpc":"2.0","id":9,"method":"ping"}', { traceparent: '00-1' });
    await client.post('{"jsonrpc":"2.0","id":10,"method":"ping"}');
    const headers = fixture.recorder.frames.filter((frame) => frame.leg === 'downstream' && frame.direction === 'toServer').map((frame) => frame.headers);
    expect(headers[0]).toMatchObject({ accept: 'application/json, text/event-stream', host: expect.any(String) as string });
    expect(headers[0]).not.toHaveProperty('authorization');
    expect(headers.slice(2)).toEqual([{ traceparent: '00-1' }, undefined]);
  });
});
