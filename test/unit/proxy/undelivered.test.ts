/** What cannot reach a client is neither recorded as sent nor lost unseen, and no server waits for ever for its answer. */
import * as http from 'node:http';
import { describe, expect, it } from 'vitest';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { rawGateways, type RawSession } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
const open = (): Promise<RawSession> =>
  gateways.open([scriptedServer('s', { tools: ['emit', 'notifications'] })], { path: '/mcp/s', capabilities: '{"sampling":{}}' });

const JSON_ONLY = { accept: 'application/json' };
const emit = (id: string, ...lines: string[]): string => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'emit', arguments: { lines } } });
const note = (k: number, data = ''): string => JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', k, data } });
const question = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;
const notes = (count: number, data?: string): string[] => Array.from({ length: count }, (_, k) => note(k, data));

const lost = (fixture: GatewayFixture): unknown[] => fixture.recorder.events('client.messagesLost').map(({ data, session, server }) => ({ data, session: session !== undefined, server }));
const recordedAsSent = (fixture: GatewayFixture, method: string): number =>
  fixture.recorder.frames.filter(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === method).length;
const toServer = (fixture: GatewayFixture): string[] => fixture.recorder.frames.filter(({ leg, direction }) => leg === 'upstream' && direction === 'toServer').map(({ text }) => text);

describe('for a client that has no stream open', () => {
  it('so much is kept, and the rest is recorded as lost instead of sent', async () => {
    const { client, fixture } = await open();
    await client.post(emit('e', ...notes(1500)), JSON_ONLY);
    expect(recordedAsSent(fixture, 'notifications/message')).toBe(1000);
    expect(lost(fixture)).toEqual([{ data: { messages: 1, why: 'it has no stream open and too much waits for it' }, session: true, server: 's' }]);
    const stream = await client.stream('GET', undefined);
    await eventually('all that was kept', () => stream.messages.length === 1000);
    expect(stream.messages).toEqual(notes(1000));
    expect(lost(fixture).at(-1)).toMatchObject({ data: { messages: 500 } });
    // There is room again.
    await client.post(emit('f', note(2000)), JSON_ONLY);
    await eventually('what came after it', () => stream.messages.length === 1001);
    expect(lost(fixture)).toHaveLength(2);
    stream.close();
  });

  it('a request that finds no room is answered for it', async () => {
    const { client, fixture } = await open();
    const filler = 'x'.repeat(2_000_000);
    await client.post(emit('e', ...notes(2, filler), question(40), question(41)), JSON_ONLY);
    expect(recordedAsSent(fixture, 'ping')).toBe(2);
    await client.post(emit('f', ...notes(1000), question(42)), JSON_ONLY);
    expect(recordedAsSent(fixture, 'ping')).toBe(2);
    const refusal = await eventually('the answer', () => toServer(fixture).find((text) => text.includes('"error"')));
    expect(JSON.parse(refusal)).toMatchObject({ id: 42, error: { code: -32000 } });
    // An answer all the same would be the second one.
    await client.post('{"jsonrpc":"2.0","id":42,"result":{}}');
    expect(fixture.recorder.events('client.answerDropped')).toHaveLength(1);
    expect(toServer(fixture).filter((text) => text.includes('"id":42'))).toHaveLength(1);
  });

  it('the session tells in the end how much it was', async () => {
    const { client, fixture } = await open();
    await client.post(emit('e', ...notes(1003)), JSON_ONLY);
    await client.stream('DELETE', undefined);
    await eventually('the end', () => fixture.recorder.events('session.closed')[0]);
    expect(lost(fixture).map((one) => (one as { data: { messages: number } }).data.messages)).toEqual([1, 3]);
  });
});

describe('for a client whose stream broke off', () => {
  it('a request that can no longer be kept is answered for it, and the loss is recorded', async () => {
    const { client, fixture } = await open();
    const stream = await client.stream('GET', undefined);
    stream.close();
    await stream.ended;
    await client.post(emit('e', question(7), ...notes(500)), JSON_ONLY);
    expect(lost(fixture)).toEqual([]);
    await client.post(emit('f', ...notes(600)), JSON_ONLY);
    const refusal = await eventually('the answer', () => toServer(fixture).find((text) => text.includes('"error"')));
    expect(JSON.parse(refusal)).toMatchObject({ id: 7, error: { code: -32000 } });
    expect(lost(fixture)).toMatchObject([{ data: { messages: 1, why: 'what was kept for it became too much' } }]);
    const resumed = await client.stream('GET', undefined, { 'last-event-id': stream.eventIds.at(-1)! });
    await eventually('the rest', () => resumed.messages.length === 1000);
    expect(lost(fixture).at(-1)).toMatchObject({ data: { messages: 101 } });
    resumed.close();
  });

  it('what it has read is not lost when it goes to make room', async () => {
    const { client, fixture } = await open();
    const stream = await client.stream('GET', undefined);
    await client.post(emit('e', question(7), ...notes(1500)), JSON_ONLY);
    await eventually('all of it', () => stream.messages.length === 1501);
    expect(lost(fixture)).toEqual([]);
    await client.post('{"jsonrpc":"2.0","id":7,"result":{}}');
    expect(toServer(fixture).at(-1)).toBe('{"jsonrpc":"2.0","id":7,"result":{}}');
    stream.close();
  });
});

it('a client that does not read its stream holds its server back, until it does', async () => {
  const { client, fixture } = await open();
  const headers = { ...fixture.headers, accept: 'text/event-stream', 'mcp-session-id': client.sessionId! };
  const unread = await new Promise<http.IncomingMessage>((resolve) => http.get(`${fixture.url}/mcp/s`, { headers }, resolve));
  unread.pause();
  const big = 'x'.repeat(1_000_000);
  let held: Promise<unknown> | undefined;
  for (let k = 0; k < 60 && !held; k++) {
    const call = client.post(emit(`e${k}`, note(k, big)), JSON_ONLY);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<true>((resolve) => (timer = setTimeout(() => resolve(true), 1000)));
    if ((await Promise.race([call, late])) === true) held = call;
    clearTimeout(timer);
  }
  expect(held).toBeDefined();
  unread.resume();
  await held;
  unread.destroy();
});
