/** What a server of `/mcp` asks of a client that cannot be asked, and what a client answers that nobody has asked. */
import { expect, it } from 'vitest';
import { forgetfulServer } from '../../support/gateway/forgetfulServer';
import { httpServer, scriptedServer } from '../../support/gateway/gatewayFixture';
import { rawGateways, type RawSession } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
const emitters = (): Promise<RawSession> =>
  gateways.open(['a', 'b'].map((name) => scriptedServer(name, { tools: ['emit'] })), { capabilities: '{"sampling":{}}' });

it('a question that finds no room is answered for the client, once, under the id of the server that asked', async () => {
  const { fixture, client } = await emitters();
  const { recorder } = fixture;
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
  const { fixture, client } = await emitters();
  const { recorder } = fixture;
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
  const server = await forgetfulServer({ tools: {} });
  try {
    const { fixture, client } = await gateways.open([httpServer('up', server.url)], { capabilities: '{"elicitation":{}}' });
    await client.post('{"jsonrpc":"2.0","id":0,"method":"tools/list"}');
    const asking = await client.stream('POST', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"up__ask"}}');
    const question = JSON.parse(await eventually('the question', () => asking.messages[0])) as { id: number };
    server.session = 2;
    await client.call(2, 'up__plain', {});
    const back = await eventually('it to be taken back', () => fixture.recorder.frames.find(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === 'notifications/cancelled'));
    expect(JSON.parse(back.text)).toMatchObject({ params: { requestId: question.id } });
    server.seen.length = 0;
    await client.post(`{"jsonrpc":"2.0","id":${question.id},"result":{"action":"accept","content":{"for":"session 1"}}}`);
    await eventually('the answer to be dropped', () => fixture.recorder.events('client.answerDropped').length === 1);
    expect(server.seen).toEqual([]);
    asking.close();
  } finally {
    server.close();
  }
});
