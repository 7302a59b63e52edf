/** What a client's notification on `/mcp` can carry, and whom it reaches: the server it concerns, as that one knows things, and no other. */
import { describe, expect, it } from 'vitest';
import type { Grace } from '../../../src/extension/proxy/grace';
import type { ConfiguredServer, ToolRules } from '../../../src/extension/servers/types';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
let fixture: GatewayFixture;
let client: RawClient;

const script = { tools: ['answer', 'emit', 'ask', 'hang', 'crash', 'echo', 'become', 'notifications'], prompts: ['p'], capabilities: { tools: {}, prompts: {}, tasks: { list: {} } } };
const RELATED = 'io.modelcontextprotocol/related-task';
const related = (taskId: string): string => JSON.stringify({ [RELATED]: { taskId } });

/** On a busy machine servers come one by one; what is said to one that is late is another matter. */
const PATIENT: Grace = { afterFirstMs: 5000, totalMs: 10_000 };

async function open(...servers: (string | ConfiguredServer)[]): Promise<void> {
  await openWithin(PATIENT, ...servers);
}

async function openWithin(grace: Grace, ...servers: (string | ConfiguredServer)[]): Promise<void> {
  const configured = servers.map((one) => (typeof one === 'string' ? scriptedServer(one, script) : one));
  ({ fixture, client } = await gateways.open(configured, { capabilities: '{"sampling":{},"roots":{}}', grace }));
  await gateways.listen(client);
}

const send = (message: object): Promise<{ messages: string[] }> => client.post(JSON.stringify({ jsonrpc: '2.0', ...message }));

/** Both servers make a task `1`; gives what clients call those of `a` and `b`. */
async function tasks(): Promise<[ofA: string, ofB: string]> {
  const ids: string[] = [];
  for (const [k, server] of ['a', 'b'].entries()) {
    const text = '{"jsonrpc":"2.0","id":$ID,"result":{"task":{"taskId":"1","status":"working"}}}';
    const { messages } = await send({ id: `make-${k}`, method: 'tools/call', params: { name: `${server}__answer`, arguments: { text }, task: {} } });
    ids.push((JSON.parse(messages.at(-1)!) as { result: { task: { taskId: string } } }).result.task.taskId);
  }
  expect(ids[0]).not.toBe(ids[1]);
  return ids as [string, string];
}

/** What a server has received without an id since it was initialized, byte for byte. */
async function received(server: string): Promise<string[]> {
  const { messages } = await client.call(`read-${server}`, `${server}__notifications`);
  return (JSON.parse(messages.at(-1)!) as { result: { received: string[] } }).result.received.filter((line) => !line.includes('notifications/initialized'));
}

const told = (method: string): { id: number; params: unknown }[] =>
  fixture.recorder.frames
    .filter(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === method)
    .map(({ text }) => JSON.parse(text) as { id: number; params: unknown });

/** Has a server ask the client; gives the id under which the client is asked. */
async function question(server: string, params: object): Promise<number> {
  const before = told('sampling/createMessage').length;
  void client.call(`ask-${server}-${before}`, `${server}__ask`, { id: 'q', method: 'sampling/createMessage', params });
  return (await eventually('the question', () => told('sampling/createMessage')[before])).id;
}

const drops = (): unknown[] => fixture.recorder.events('client.answerDropped').map(({ data }) => data['why']);

describe('a notification that belongs to a task of a server', () => {
  it('reaches that server alone, under its own id, whatever its method and what else is in it', async () => {
    await open('a', 'b');
    const [ofA, ofB] = await tasks();
    const line = (id: string): string => `{"jsonrpc":"2.0", "method":"notifications/x","params":{"n":1.0,"_meta":{"k":[],"${RELATED}":{"taskId":${id},"y":null}}}}`;
    await client.post(line(JSON.stringify(ofB)));
    await client.post(line(JSON.stringify(ofA)).replace('notifications/x', 'notifications/roots/list_changed'));
    // Escaped, it is the same.
    await client.post(line(JSON.stringify(ofB).replace('1', String.raw`\u0031`)));
    expect(await received('b')).toEqual([line('"1"'), line('"1"')]);
    expect(await received('a')).toEqual([line('"1"').replace('notifications/x', 'notifications/roots/list_changed')]);
  });

  it('has the server’s own id in progress, in cancelling a call and in cancelling a list', async () => {
    await open('a', 'b');
    const [, ofB] = await tasks();
    const id = await question('b', { messages: [], maxTokens: 1, _meta: { progressToken: 'own' } });
    await client.post(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${id},"progress":1,"_meta":${related(ofB)}}}`);
    await client.call(6, 'b__become', { script: { neverList: true } });
    void client.call(7, 'b__hang');
    void send({ id: 8, method: 'tools/list' });
    const sent = (method: string, text: string): string | undefined =>
      fixture.recorder.frames.findLast((one) => one.leg === 'upstream' && one.direction === 'toServer' && one.server === 'b' && one.envelope.method === method && one.text.includes(text))?.envelope.id;
    const before = sent('tools/list', '');
    await eventually('the call to be under way', () => sent('tools/call', '"hang"'));
    const listId = await eventually('the list to be asked for', () => (sent('tools/list', '') === before ? undefined : sent('tools/list', '')));
    const cancel = (requestId: number): Promise<unknown> => client.post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${requestId},"_meta":${related(ofB)}}}`);
    await cancel(7);
    await cancel(8);
    expect(await received('b')).toEqual([
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"own","progress":1,"_meta":${related('1')}}}`,
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"_meta":${related('1')}}}`,
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${listId},"_meta":${related('1')}}}`,
    ]);
    expect(await received('a')).toEqual([]);
  });

  it('reaches nobody when that server is gone, or no server has the task, which is recorded', async () => {
    await open('a', 'b', 'c');
    const [ofA] = await tasks();
    await fixture.gateway.stopServer('a');
    for (const taskId of [ofA, 'of nobody']) await send({ method: 'notifications/x', params: { _meta: { [RELATED]: { taskId } } } });
    expect([...(await received('b')), ...(await received('c'))]).toEqual([]);
    const why = 'it belongs to a task that no server knows';
    expect(drops()).toEqual([why, why]);
  });

  it('reaches the only server as it is, whoever made the task', async () => {
    await open('a');
    const line = `{"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":${related('of nobody')}}}`;
    await client.post(line);
    expect(await received('a')).toEqual([line]);
  });
});

it('a server that cancels its question for a task names the task as the client knows it', async () => {
  await open('a', 'b');
  const [, ofB] = await tasks();
  const requestId = await question('b', { messages: [], maxTokens: 1, _meta: JSON.parse(related('1')) as object });
  await client.call(5, 'b__emit', { lines: [`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q","_meta":${related('1')}}}`] });
  expect(told('notifications/cancelled').map(({ params }) => params)).toEqual([{ requestId, _meta: { [RELATED]: { taskId: ofB } } }]);
});

describe('a task that the client runs for a server', () => {
  async function made(): Promise<void> {
    const id = await question('a', { messages: [], maxTokens: 1, task: {} });
    await send({ id, result: { task: { taskId: 'c-1', status: 'working' } } });
  }

  it('is what notifications that belong to it are about: no other server hears them', async () => {
    await open('a', 'b');
    await made();
    const line = `{"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":${related('c-1')}}}`;
    await client.post(line);
    expect([await received('a'), await received('b')]).toEqual([[line], []]);
  });

  it('stays nobody else’s after its server has crashed', async () => {
    await open('a', 'b');
    await made();
    await client.call(1, 'a__crash');
    // Another server waits to hear which task the client makes of its question.
    await question('b', { messages: [], maxTokens: 1, task: {} });
    await send({ method: 'notifications/tasks/status', params: { taskId: 'c-1', status: 'completed', statusMessage: 'secret' } });
    expect(await received('b')).toEqual([]);
    const { messages } = await client.call(3, 'b__ask', { id: 5, method: 'tasks/result', params: { taskId: 'c-1' } });
    expect(messages.at(-1)).toContain('Unknown task: c-1');
  });
});

describe('cancelling', () => {
  it('a request of another client does nothing, though it has the same id', async () => {
    await open('a', 'b');
    const other = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await other.open();
    const call = other.stream('POST', '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"a__hang"}}');
    const cancelled = (): unknown[] => fixture.recorder.frames.filter(({ leg, envelope }) => leg === 'upstream' && envelope.method === 'notifications/cancelled');
    await eventually('the call to be under way', () => fixture.recorder.frames.some(({ leg, text }) => leg === 'upstream' && text.includes('"hang"')));
    for (const requestId of [5, '5', 'init', 'mcp-shark/1', null, {}]) await send({ method: 'notifications/cancelled', params: { requestId } });
    await send({ method: 'notifications/cancelled' });
    expect([...(await received('a')), ...(await received('b'))]).toEqual([]);
    expect(cancelled()).toEqual([]);
    await other.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}');
    expect(cancelled()).toHaveLength(1);
    (await call).close();
    other.close();
  });

  it('keeps a request from its server that is still being looked for, also where another is sent with its id', async () => {
    await open(scriptedServer('a', { ...script, promptsDelayMs: 200 }), 'b');
    const get = (name: string): Promise<{ messages: string[] }> => send({ id: 5, method: 'prompts/get', params: { name } });
    const asked = (method: string): (string | undefined)[] =>
      fixture.recorder.frames.filter(({ leg, direction, envelope }) => leg === 'upstream' && direction === 'toServer' && envelope.method === method).map(({ server }) => server);
    const first = get('a__p');
    await eventually('the prompts to be listed', () => asked('prompts/list').length === 2);
    await send({ method: 'notifications/cancelled', params: { requestId: 5 } });
    expect((await first).messages).toEqual([]);
    expect((await get('b__p')).messages.join('')).toContain('"result"');
    expect(asked('prompts/get')).toEqual(['b']);
  });
});

it('progress for a token that nobody has given this client reaches no server', async () => {
  await open('a', 'b');
  const other = new RawClient(`${fixture.url}/mcp`, fixture.headers);
  await other.open('{"sampling":{}}');
  const stream = await other.stream('GET', undefined);
  void other.call(1, 'a__ask', { id: 'q', method: 'sampling/createMessage', params: { _meta: { progressToken: 'own' } } });
  const { id } = await eventually('the question', () => told('sampling/createMessage')[0]);
  for (const progressToken of [id, String(id), 'own', null, [id]]) await send({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
  await send({ method: 'notifications/progress' });
  expect([...(await received('a')), ...(await received('b'))]).toEqual([]);
  stream.close();
  other.close();
});

it('what concerns all servers reaches one that is late too, after its handshake', async () => {
  await openWithin({ afterFirstMs: 400, totalMs: 5000 }, 'a', scriptedServer('late', { ...script, initDelayMs: 1200 }));
  const lines = ['{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}', '{"jsonrpc":"2.0","method":"notifications/vendor/x","params":[1.0]}'];
  for (const line of lines) await client.post(line);
  expect(await received('a')).toEqual(lines);
  await eventually('the late one to run', () => fixture.gateway.servers.every(({ state }) => state.kind === 'running'));
  await send({ id: 'names', method: 'tools/list' });
  expect(await received('late')).toEqual(lines);
});

describe.each(['/mcp', '/mcp/a'])('a call of a tool that is sent as a notification on %s', (path) => {
  const rules: ToolRules = { hide: [], deny: ['echo'] };

  it('is held to the same rules as one that waits for an answer', async () => {
    const server = { ...scriptedServer('a', script), tools: rules };
    ({ fixture, client } = await gateways.open([server, scriptedServer('b', script)], { path, grace: PATIENT }));
    const exposed = (name: string): string => (path === '/mcp' ? `a__${name}` : name);
    await send({ id: 0, method: 'tools/list' });
    const unasked = (...names: string[]): string => `{"jsonrpc":"2.0","method":"tools/call","params":{${names.map((name) => `"name":${JSON.stringify(name)}`).join(',')}}}`;
    await client.post(unasked(exposed('echo')));
    await client.post(unasked(exposed('hang'), exposed('echo')));
    await client.post(unasked(exposed('hang')));
    // The server's own name is no way around the table.
    if (path === '/mcp') await client.post(unasked('echo'));
    const answer = await client.call(1, exposed('notifications'));
    const { result } = JSON.parse(answer.messages.at(-1)!) as { result: { received: string[] } };
    expect(result.received.filter((line) => line.includes('tools/call'))).toEqual([unasked('hang')]);
    expect(fixture.recorder.events('policy.blocked').map(({ data }) => data['tool'])).toEqual(['echo', 'echo']);
    if (path === '/mcp') {
      expect((await client.call(2, 'b__notifications')).messages.at(-1)).not.toContain('tools/call');
      expect(drops()).toEqual(['it calls a tool that no server has']);
    }
  });
});
