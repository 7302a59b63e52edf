/** What servers ask of the client: sampling, elicitation, roots; ids and tokens that clash; whose screen it is. */
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { EVERYTHING, httpServer, scriptedServer, startGateway, stdioServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { startHttpEverything, type RunningServer } from '../../support/gateway/httpEverything';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

let fixture: GatewayFixture | undefined;
let http: RunningServer | undefined;

afterEach(async () => {
  await fixture?.close();
  await http?.stop();
  fixture = http = undefined;
});

function person(answer: string): Client {
  const client = new Client(
    { name: 'person', version: '1' },
    { capabilities: { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: answer } }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: answer } }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: `file:///${answer}`, name: answer }] }));
  return client;
}

async function toolOf(client: Client, pattern: RegExp): Promise<string> {
  const { tools } = await client.listTools();
  const tool = tools.find(({ name }) => pattern.test(name));
  if (!tool) throw new Error(`No tool like ${pattern} among ${tools.map(({ name }) => name).join(', ')}`);
  return tool.name;
}

describe.each(['local', 'remote'])('the %s server-everything behind the aggregate', (server) => {
  it('samples, asks and learns the roots of the client that called it, not of another one', async () => {
    http = await startHttpEverything();
    fixture = await startGateway([stdioServer('local', EVERYTHING, ['stdio']), httpServer('remote', http.url)]);
    const [{ client: ann }, { client: bob }] = await Promise.all([
      fixture.connect('/mcp', person('ann')),
      fixture.connect('/mcp', person('bob')),
    ]);
    for (const [client, name] of [[ann, 'ann'], [bob, 'bob']] as const) {
      const sampling = await toolOf(client, new RegExp(`^${server}__trigger-sampling`));
      expect(JSON.stringify(await client.callTool({ name: sampling, arguments: { prompt: 'hi', maxTokens: 5 } }))).toContain(name);
      const elicitation = await toolOf(client, new RegExp(`^${server}__trigger-elicitation-request`));
      expect(JSON.stringify(await client.callTool({ name: elicitation, arguments: {} }))).toContain(name);
      const roots = await toolOf(client, new RegExp(`^${server}__get-roots`));
      await eventually('roots', () => fixture!.recorder.frames.some((frame) => frame.text.includes(`file:///${name}`) && frame.leg === 'upstream' && frame.server === server));
      expect(JSON.stringify(await client.callTool({ name: roots, arguments: {} }))).toContain(`file:///${name}`);
    }
    const asked = fixture!.recorder.frames.filter((frame) => frame.envelope.method === 'sampling/createMessage' && frame.leg === 'downstream');
    const calls = new Map(fixture!.recorder.frames.map((frame) => [frame.number, frame]));
    for (const frame of asked) expect(calls.get(frame.cause!)).toMatchObject({ leg: 'downstream', envelope: { method: 'tools/call' } });
  });
});

describe('two servers that use the same ids and tokens', () => {
  it('each get the answer and the progress that is theirs', async () => {
    fixture = await startGateway([scriptedServer('a', { tools: ['ask', 'notifications'] }), scriptedServer('b', { tools: ['ask', 'notifications'] })]);
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open('{"sampling":{}}');
    const ask = (server: string): Promise<{ messages: string[]; ended: Promise<void> }> =>
      client.stream(
        'POST',
        JSON.stringify({
          jsonrpc: '2.0',
          id: `call-${server}`,
          method: 'tools/call',
          params: { name: `${server}__ask`, arguments: { id: 'same', method: 'sampling/createMessage', params: { for: server, _meta: { progressToken: 'same' } } } },
        }),
      );
    const streams = { a: await ask('a'), b: await ask('b') };
    const questions: Record<string, { id: number; params: { _meta: { progressToken: number } } }> = {};
    for (const server of ['a', 'b'] as const) {
      const text = await eventually('the question', () => streams[server].messages[0]);
      questions[server] = JSON.parse(text) as (typeof questions)['a'];
      expect(questions[server]).toMatchObject({ method: 'sampling/createMessage', params: { for: server } });
    }
    expect(questions.a!.id).not.toBe(questions.b!.id);
    expect(questions.a!.params._meta.progressToken).not.toBe(questions.b!.params._meta.progressToken);
    for (const server of ['b', 'a'] as const) {
      const { id, params } = questions[server]!;
      await client.post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1, message: server } }));
      await client.post(JSON.stringify({ jsonrpc: '2.0', id, result: { model: server } }));
    }
    for (const server of ['a', 'b'] as const) {
      await streams[server].ended;
      const { result } = JSON.parse(streams[server].messages.at(-1)!) as { result: { answer: string } };
      expect(JSON.parse(result.answer)).toEqual({ jsonrpc: '2.0', id: 'same', result: { model: server } });
      const seen = await client.call(`n-${server}`, `${server}__notifications`);
      expect(seen.body).toContain(JSON.stringify(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"same","progress":1,"message":"${server}"}}`).slice(1, -1));
    }
    client.close();
  });

  it('can each take their question back', async () => {
    fixture = await startGateway([scriptedServer('a', { tools: ['ask', 'emit'] })]);
    const client = new RawClient(`${fixture.url}/mcp`, fixture.headers);
    await client.open('{"sampling":{}}');
    const stream = await client.stream(
      'POST',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a__ask","arguments":{"id":"q","method":"elicitation/create","params":{}}}}',
    );
    const question = await eventually('the question', () => stream.messages[0]);
    const { id } = JSON.parse(question) as { id: number };
    const answer = await client.call(2, 'a__emit', { lines: ['{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q"}}'] });
    expect(answer.messages[0]).toBe(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`);
    stream.close();
    client.close();
  });
});
