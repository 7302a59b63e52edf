/**
 * On `/mcp/<server>`: what a server that is lost had asked is taken back and never answered for another question, and what
 * the client had settled with it is settled again with the server that comes back.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_OPEN_QUESTIONS } from '../../../src/extension/proxy/questions';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { forgetfulServer } from '../../support/gateway/forgetfulServer';
import { httpServer, scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient, type RawStream } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const capabilities = { tools: {}, logging: {}, resources: { subscribe: true } };
const text = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });

async function connect(fixture: GatewayFixture, server: string): Promise<RawClient> {
  closers.push(() => fixture.close());
  const client = new RawClient(`${fixture.url}/mcp/${server}`, fixture.headers);
  closers.push(() => client.close());
  await client.open('{"elicitation":{}}');
  return client;
}

/** A server that was lost is started again without delay. */
const impatient: Clock = { ...systemClock, timer: (delayMs, fn) => systemClock.timer(delayMs === 1000 ? 1 : delayMs, fn) };

async function frail(): Promise<{ fixture: GatewayFixture; client: RawClient }> {
  const fixture = await startGateway([scriptedServer('frail', { tools: ['ask', 'emit', 'notifications'], resources: ['x://1'], capabilities })], { clock: impatient });
  return { fixture, client: await connect(fixture, 'frail') };
}

/** Has the server ask the client, in the course of call `call`. */
async function ask(client: RawClient, call: string, id: number | string, params: object): Promise<RawStream> {
  const stream = await client.stream(
    'POST',
    text({ id: call, method: 'tools/call', params: { name: 'ask', arguments: { id, method: 'elicitation/create', params } } }),
  );
  closers.push(() => stream.close());
  await eventually('the question', () => stream.messages[0]);
  return stream;
}

async function crash(fixture: GatewayFixture): Promise<void> {
  const before = fixture.recorder.events('server.running');
  process.kill(before.at(-1)!.data.pid as number, 'SIGKILL');
  await eventually('it to run again', () => fixture.recorder.events('server.running').length > before.length, 5000);
}

const sentUp = (fixture: GatewayFixture, from = 0): string[] =>
  fixture.recorder.frames.slice(from).filter(({ leg, direction }) => leg === 'upstream' && direction === 'toServer').map((frame) => frame.text);
const answerTo = (id: unknown, content: string): string => text({ id, result: { action: 'accept', content: { for: content } } });
const parsed = (message: string | undefined): { id: unknown; params: Record<string, unknown> } => JSON.parse(message!) as never;

describe('a server that dies while it asks the client', () => {
  it('takes its question back on the stream on which it was asked', async () => {
    const { fixture, client } = await frail();
    const stream = await ask(client, 'call', 7, { message: 'old' });
    expect(stream.messages[0]).toBe('{"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{"message":"old"}}');
    await crash(fixture);
    await stream.ended;
    expect(stream.messages.map((message) => parsed(message))).toMatchObject([
      { id: 7 },
      { method: 'notifications/cancelled', params: { requestId: 7, reason: 'Server "frail" is gone' } },
      { id: 'call', error: { code: -32000 } },
    ]);
  });

  it('does not have the answer to it taken for the answer to what it asks next under the same id', async () => {
    const { fixture, client } = await frail();
    await ask(client, 'one', 7, { message: 'old', _meta: { progressToken: 7 } });
    await crash(fixture);
    const stream = await ask(client, 'two', 7, { message: 'new', _meta: { progressToken: 7 } });
    const question = parsed(stream.messages[0]);
    expect(question.id).not.toBe(7);
    expect(question.params).toEqual({ message: 'new', _meta: { progressToken: question.id } });

    const from = fixture.recorder.frames.length;
    await client.post(text({ method: 'notifications/progress', params: { progressToken: 7, progress: 1 } }));
    await client.post(answerTo(7, 'old'));
    expect(fixture.recorder.events('client.answerDropped')).toHaveLength(1);
    await client.post(text({ method: 'notifications/progress', params: { progressToken: question.id, progress: 2 } }));
    await client.post(answerTo(question.id, 'new'));
    await stream.ended;
    expect(sentUp(fixture, from)).toEqual([
      text({ method: 'notifications/progress', params: { progressToken: 7, progress: 2 } }),
      answerTo(7, 'new'),
    ]);
    expect(stream.messages[1]).toContain('\\"for\\":\\"new\\"');
  });

  it('takes back the new question under the id that the client knows', async () => {
    const { fixture, client } = await frail();
    await ask(client, 'one', 7, { message: 'old' });
    await crash(fixture);
    const stream = await ask(client, 'two', 7, { message: 'new' });
    await client.call('three', 'emit', { lines: [text({ method: 'notifications/cancelled', params: { requestId: 7, reason: 'enough' } })] });
    const { recorder } = fixture;
    const cancelled = recorder.frames.findLast(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === 'notifications/cancelled');
    expect(cancelled?.text).toBe(text({ method: 'notifications/cancelled', params: { requestId: parsed(stream.messages[0]).id, reason: 'enough' } }));
  });

  it('is asked under its own ids again once the client has answered the lost question', async () => {
    const { fixture, client } = await frail();
    await ask(client, 'one', 7, { message: 'old' });
    await crash(fixture);
    await client.post(answerTo(7, 'old'));
    const stream = await ask(client, 'two', 7, { message: 'new' });
    expect(parsed(stream.messages[0]).id).toBe(7);
    await client.post(answerTo(7, 'new'));
    await stream.ended;
    expect(stream.messages[1]).toContain('\\"for\\":\\"new\\"');
  });
});

it('what is asked of a client whose session ends is not recorded as taken back, since nobody is told', async () => {
  const { fixture, client } = await frail();
  await ask(client, 'call', 7, { message: 'm' });
  await client.stream('DELETE', undefined);
  await eventually('the end', () => fixture.recorder.events('session.closed')[0]);
  expect(fixture.recorder.frames.filter(({ envelope }) => envelope.method === 'notifications/cancelled')).toEqual([]);
});

describe('an answer of the client', () => {
  it('that nobody waits for goes no further, and is recorded', async () => {
    const { fixture, client } = await frail();
    const stream = await ask(client, 'call', 7, { message: 'm' });
    const answer = answerTo(7, 'm');
    for (const id of [8, '7']) await client.post(answerTo(id, 'nobody'));
    await client.post(answer);
    await stream.ended;
    await client.post(answer);
    expect(sentUp(fixture).filter((frame) => frame.includes('"result"'))).toEqual([answer]);
    expect(fixture.recorder.events('client.answerDropped')).toHaveLength(3);
  });

  it('that is an error without an id passes as it is', async () => {
    const { fixture, client } = await frail();
    const error = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}';
    await client.post(error);
    expect(sentUp(fixture).at(-1)).toBe(error);
  });
});

it('a server that asks more than anybody answers is refused', async () => {
  const { fixture, client } = await frail();
  const lines = Array.from({ length: MAX_OPEN_QUESTIONS + 2 }, (_, k) => text({ id: k, method: 'ping' }));
  await client.call('flood', 'emit', { lines });
  const refused = sentUp(fixture).filter((frame) => frame.includes('"error"')).map((frame) => parsed(frame).id);
  expect(refused).toEqual([MAX_OPEN_QUESTIONS, MAX_OPEN_QUESTIONS + 1]);
  expect(fixture.recorder.events('policy.limit').map(({ data }) => data)).toEqual([{ what: 'questions of a server that are not answered', limit: MAX_OPEN_QUESTIONS }]);
});

const SUBSCRIBE = (id: string, uri: string): string => `{"jsonrpc":"2.0","id":"${id}","method":"resources/subscribe","params":{"uri":${uri},"_meta":{"progressToken":"${id}"}}}`;
const AGAIN = ['{"level":"debug"}', '{"uri":"x://\\u0031"}', '{"uri":"x://3"}'];

/** Settles a log level, the second of two, and subscriptions, of which one is ended again. */
async function settle(client: RawClient): Promise<void> {
  await client.post('{"jsonrpc":"2.0","id":"a","method":"logging/setLevel","params":{"level":"error"}}');
  await client.post('{"jsonrpc":"2.0","id":"b","method":"logging/setLevel","params":{"level":"debug"}}');
  await client.post(SUBSCRIBE('c', '"x://\\u0031"'));
  await client.post(SUBSCRIBE('d', '"x://2"'));
  await client.post(SUBSCRIBE('e', '"x://3"'));
  await client.post('{"jsonrpc":"2.0","id":"f","method":"resources/unsubscribe","params":{"uri":"x://\\u0032"}}');
}

describe('what the client has settled with a server', () => {
  it('is settled again with the process that follows one that died, and the client looks again', async () => {
    const { fixture, client } = await frail();
    await settle(client);
    const listening = await client.stream('GET', undefined);
    closers.push(() => listening.close());
    const from = fixture.recorder.frames.length;
    await crash(fixture);
    await eventually('list_changed', () => listening.messages.length >= 2);
    expect(listening.messages).toEqual([
      text({ method: 'notifications/tools/list_changed' }),
      text({ method: 'notifications/resources/list_changed' }),
    ]);
    const again = fixture.recorder.frames.slice(from).filter(({ leg, direction }) => leg === 'upstream' && direction === 'toServer');
    expect(again.map(({ envelope }) => envelope.method)).toEqual([
      'initialize',
      'notifications/initialized',
      'logging/setLevel',
      'resources/subscribe',
      'resources/subscribe',
    ]);
    const params = again.slice(2).map((frame) => frame.text.slice(frame.text.indexOf('"params":') + 9, -1));
    expect(params).toEqual(AGAIN);
    expect(again.every(({ ownMessage }) => ownMessage)).toBe(true);
  });

  it('is settled again with an HTTP server that has forgotten the session, which gets no answer to what it had asked', async () => {
    const server = await forgetfulServer(capabilities);
    closers.push(() => server.close());
    const { seen } = server;
    const fixture = await startGateway([httpServer('up', server.url)]);
    const client = await connect(fixture, 'up');
    await settle(client);
    const asking = await client.stream('POST', text({ id: 'call', method: 'tools/call', params: { name: 'ask' } }));
    closers.push(() => asking.close());
    await eventually('the question', () => asking.messages[0]);

    server.session = 2;
    seen.splice(0);
    // The answer finds that the session is gone; the next one must not get it.
    await client.post(answerTo(7, 'session 1'));
    await eventually('all to be settled again', () => seen.filter((one) => one === '2 resources/subscribe').length === 2);
    expect(seen).toEqual([
      `404 ${answerTo(7, 'session 1')}`,
      '2 initialize',
      '2 notifications/initialized',
      '2 logging/setLevel',
      '2 resources/subscribe',
      '2 resources/subscribe',
    ]);

    const again = await client.stream('POST', text({ id: 'call 2', method: 'tools/call', params: { name: 'ask' } }));
    closers.push(() => again.close());
    await eventually('the next question', () => again.messages[0]);
    server.session = 3;
    await client.post('{"jsonrpc":"2.0","id":"p","method":"ping"}');
    expect(again.messages.map((message) => parsed(message).params)).toMatchObject([{ message: 'of session 2' }, { requestId: parsed(again.messages[0]).id }]);
  });
});
