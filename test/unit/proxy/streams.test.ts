/** Answers as JSON or as streams, resumption, disconnects, batches, and what waits for a client without a stream. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/extension/util/clock';
import { systemClock } from '../../../src/extension/util/clock';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { rawGateways, type RawSession } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
const open = (path = '/mcp/one', options = {}, protocol?: string): Promise<RawSession> =>
  gateways.open([scriptedServer('one', { tools: ['echo', 'hang', 'notifications'], resources: ['x://1'], version: protocol })], { ...options, path, protocol });

const HANG = '{"jsonrpc":"2.0","id":"h","method":"tools/call","params":{"name":"hang","_meta":{"progressToken":"t"}}}';
const emit = (id: string, ...lines: string[]): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'emit', arguments: { lines } } });

describe('the answer to a POST', () => {
  it('is plain JSON where it comes at once', async () => {
    const { client } = await open();
    const answer = await client.call(1, 'echo');
    expect(answer.headers['content-type']).toBe('application/json');
    expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.body));
  });

  it('becomes a stream with an id to resume from where it takes time', async () => {
    const { client } = await open('/mcp/one', { lazyMs: 20 });
    const stream = await client.stream('POST', HANG);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    const answered = emit('e', '{"jsonrpc":"2.0","id":"h","result":{"late":true}}');
    await client.post(answered);
    await stream.ended;
    expect(stream.messages).toEqual(['{"jsonrpc":"2.0","id":"h","result":{"late":true}}']);
    expect(stream.eventIds[0]).toMatch(/^\d+-\d+$/);
  });

  it('has no empty event for a client that would stumble over it', async () => {
    const { client } = await open('/mcp/one', { lazyMs: 20 }, '2025-06-18');
    const stream = await client.stream('POST', HANG);
    await client.post(emit('e', '{"jsonrpc":"2.0","id":"h","result":{}}'));
    await stream.ended;
    expect(stream.eventIds).toHaveLength(1);
  });

  it('stays JSON for a client that does not take streams, however long it takes', async () => {
    const { client } = await open('/mcp/one', { lazyMs: 20 });
    const answer = client.post(HANG, { accept: 'application/json' });
    await client.post(emit('e', '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1}}'));
    await client.post(emit('f', '{"jsonrpc":"2.0","id":"h","result":{}}'));
    expect((await answer).headers['content-type']).toBe('application/json');
  });

  it('is a stream for a client that takes nothing else', async () => {
    const { client } = await open();
    const answer = await client.post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { accept: 'text/event-stream' });
    expect(answer.messages).toEqual(['{"jsonrpc":"2.0","id":1,"result":{}}']);
  });

  it('keeps JSON with line ends whole in a stream', async () => {
    const { client } = await open();
    // A result cannot hold a raw line end over stdio, so the client's accept forces the framing and \r is used.
    const answer = await client.post(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'answer', arguments: { text: '{"jsonrpc":"2.0",\r"id":$ID,\r "result":{"a":1}}' } } }),
      { accept: 'text/event-stream' },
    );
    expect(JSON.parse(answer.messages[0]!)).toEqual({ jsonrpc: '2.0', id: 1, result: { a: 1 } });
  });
});

describe('a client that loses its stream', () => {
  it('does not cancel the call, and gets what it missed, in order, by Last-Event-ID', async () => {
    const { client, fixture } = await open('/mcp/one', { lazyMs: 20 });
    const stream = await client.stream('POST', HANG);
    const progress = (k: number): string => `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":${k}}}`;
    await client.post(emit('a', progress(1)));
    await eventually('the first progress', () => stream.messages.length === 1);
    const lastId = stream.eventIds.at(-1)!;
    stream.close();
    await client.post(emit('b', progress(2)));
    const resumed = await client.stream('GET', undefined, { 'last-event-id': lastId });
    await eventually('what was missed', () => resumed.messages.length === 1);
    await client.post(emit('c', progress(3), '{"jsonrpc":"2.0","id":"h","result":{"kept":true}}'));
    await resumed.ended;
    expect(resumed.messages).toEqual([progress(2), progress(3), '{"jsonrpc":"2.0","id":"h","result":{"kept":true}}']);
    expect(fixture.recorder.frames.some((frame) => frame.envelope.method === 'notifications/cancelled')).toBe(false);
    const again = await client.stream('GET', undefined, { 'last-event-id': lastId });
    await again.ended;
    expect(again.messages).toEqual(resumed.messages);
  });

  it('takes up its standalone stream where it broke off', async () => {
    const { client } = await open();
    const stream = await client.stream('GET', undefined);
    const note = (k: number): string => `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":${k}}}`;
    const outside = (k: number): Promise<unknown> =>
      client.post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/later', params: { line: note(k) } }));
    await outside(0);
    await client.post(emit('a', note(1)));
    // On stdio a note during a call goes to the call's stream, so nothing came here.
    expect(stream.messages).toEqual([]);
    stream.close();
    const resumed = await client.stream('GET', undefined, { 'last-event-id': stream.eventIds.at(-1)! });
    expect(resumed.status).toBe(200);
    resumed.close();
  });

  it('gets what came while no stream was open, once it opens one', async () => {
    const { client, fixture } = await gateways.open([scriptedServer('late', { initDelayMs: 200, tools: ['x'] })], { grace: { afterFirstMs: 10, totalMs: 20 } });
    const { recorder } = fixture;
    await eventually('list_changed', () => recorder.frames.some((frame) => frame.envelope.method === 'notifications/tools/list_changed'));
    const stream = await client.stream('GET', undefined);
    await eventually('what waited', () => stream.messages[0]);
    expect(stream.messages[0]).toBe('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    stream.close();
  });
});

describe('cancellation', () => {
  it.each([
    ['/mcp/one', ''],
    ['/mcp', 'one__'],
  ])('on %s reaches the server and ends the waiting', async (path, prefix) => {
    const { client } = await open(path, { lazyMs: 20 });
    const stream = await client.stream('POST', HANG.replace('"hang"', `"${prefix}hang"`));
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"h","reason":"enough"}}';
    await client.post(cancel);
    await stream.ended;
    expect(stream.messages).toEqual([]);
    const seen = await client.call(2, `${prefix}notifications`);
    expect(seen.body).toContain(JSON.stringify(cancel).slice(1, -1));
  });

  it('of a list that a silent server holds up ends the waiting too', async () => {
    const { client } = await gateways.open([scriptedServer('mute', { tools: ['x'], neverList: true })], { lazyMs: 20 });
    const stream = await client.stream('POST', '{"jsonrpc":"2.0","id":5,"method":"tools/list"}');
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}');
    await stream.ended;
    expect(stream.messages).toEqual([]);
  });
});

describe('a batch (protocol 2025-03-26)', () => {
  it('is split, recorded and answered as an array', async () => {
    const { client, fixture } = await open('/mcp/one', {}, '2025-03-26');
    const answer = await client.post(
      '[{"jsonrpc":"2.0","id":1,"method":"ping"}, {"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":"2","method":"tools/call","params":{"name":"echo"}}]',
    );
    expect((JSON.parse(answer.body) as { id: unknown }[]).map(({ id }) => id).sort()).toEqual([1, '2']);
    expect(fixture.recorder.frames.filter((frame) => frame.leg === 'downstream' && frame.direction === 'toServer').map((frame) => frame.text).slice(2)).toEqual([
      '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      '{"jsonrpc":"2.0","method":"notifications/x"}',
      '{"jsonrpc":"2.0","id":"2","method":"tools/call","params":{"name":"echo"}}',
    ]);
  });

  it('of which a request is cancelled gives the answers to the others', async () => {
    const { client, fixture } = await open('/mcp/one', { lazyMs: 10_000 }, '2025-03-26');
    const batch = client.post(`[{"jsonrpc":"2.0","id":1,"method":"ping"},${HANG}]`);
    await eventually('the answer to the first', () => fixture.recorder.frames.some(({ leg, text }) => leg === 'upstream' && text.includes('"id":1,"result"')));
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"h"}}');
    expect(JSON.parse((await batch).body)).toMatchObject([{ id: 1, result: {} }]);
  });

  it('of notifications only is accepted', async () => {
    const { client } = await open('/mcp/one', {}, '2025-03-26');
    expect((await client.post('[{"jsonrpc":"2.0","method":"notifications/x"}]')).status).toBe(202);
  });

  it.each(['[]', '[1]', '[[]]'])('that is %s is refused', async (body) => {
    const { client } = await open('/mcp/one', {}, '2025-03-26');
    expect((await client.post(body)).status).toBe(400);
  });
});

describe('an idle session', () => {
  it('is closed after its time, unless a stream is open', async () => {
    let offsetMs = 0;
    const timers: { at: number; fn: () => void }[] = [];
    const clock: Clock = {
      wallMs: () => systemClock.wallMs() + offsetMs,
      monotonicUs: () => systemClock.monotonicUs(),
      timer(delayMs, fn) {
        if (delayMs < 60_000) return systemClock.timer(delayMs, fn);
        const timer = { at: systemClock.wallMs() + offsetMs + delayMs, fn };
        timers.push(timer);
        return { dispose: () => void timers.splice(timers.indexOf(timer) >>> 0, 1) };
      },
    };
    const pass = (ms: number): void => {
      offsetMs += ms;
      for (const timer of timers.filter(({ at }) => at <= systemClock.wallMs() + offsetMs)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.fn();
      }
    };
    const { client, fixture } = await open('/mcp/one', { clock });
    pass(29 * 60_000);
    expect((await client.call(1, 'echo')).status).toBe(200);
    const stream = await client.stream('GET', undefined);
    pass(31 * 60_000);
    expect((await client.call(2, 'echo')).status).toBe(200);
    stream.close();
    await new Promise((resolve) => setImmediate(resolve));
    await eventually('the session to be closed', () => {
      pass(31 * 60_000);
      return fixture.recorder.events('session.closed').length === 1;
    });
    expect((await client.call(3, 'echo')).status).toBe(404);
  });
});
