/** Answers that a client has not taken yet are kept for it, whatever else happens; where one is not, the client is told. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/extension/util/clock';
import { EventStore } from '../../../src/extension/proxy/eventStream';
import { systemClock } from '../../../src/extension/util/clock';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import type { Entry } from '../../support/gateway/memoryRecorder';
import type { RawClient, RawStream } from '../../support/gateway/rawClient';
import { rawGateways, type RawSession } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
const open = (clock: Clock = systemClock, script: Readonly<Record<string, unknown>> = {}): Promise<RawSession> =>
  gateways.open([scriptedServer('s', { tools: ['hang', 'emit'], ...script })], { path: '/mcp/s', lazyMs: 1, clock });

const emit = (id: string, ...lines: string[]): string => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'emit', arguments: { lines } } });
const answerOf = (id: string, value: string): string => `{"jsonrpc":"2.0","id":"${id}","result":{"value":"${value}"}}`;

/** Calls a tool that does not answer by itself. */
async function hang(client: RawClient, id: string): Promise<RawStream> {
  const stream = await client.stream('POST', JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'hang' } }));
  await eventually('the stream to begin', () => stream.eventIds[0]);
  return stream;
}

/** Breaks a call's stream off; gives the event id from which it can be taken up again. */
async function loseStream(client: RawClient, id: string): Promise<string> {
  const stream = await hang(client, id);
  stream.close();
  await stream.ended;
  return stream.eventIds.at(-1)!;
}

const resume = (client: RawClient, lastEventId: string): Promise<RawStream> => client.stream('GET', undefined, { 'last-event-id': lastEventId });

/** Time stands still for what waits minutes, until it is let pass. */
function patientClock(): { clock: Clock; pass(ms: number): void } {
  let offsetMs = 0;
  const timers = new Set<{ readonly at: number; readonly fn: () => void }>();
  const now = (): number => systemClock.wallMs() + offsetMs;
  return {
    clock: {
      wallMs: now,
      monotonicUs: () => systemClock.monotonicUs() + offsetMs * 1000,
      timer(delayMs, fn) {
        if (delayMs < 60_000) return systemClock.timer(delayMs, fn);
        const timer = { at: now() + delayMs, fn };
        timers.add(timer);
        return { dispose: () => void timers.delete(timer) };
      },
    },
    pass(ms) {
      offsetMs += ms;
      for (const timer of [...timers]) {
        if (timer.at > now() || !timers.delete(timer)) continue;
        timer.fn();
      }
    },
  };
}

describe('an answer that its client has not taken', () => {
  it('is kept, however large it is and whatever comes after it', async () => {
    const { client, fixture } = await open();
    const lastId = await loseStream(client, 'h');
    const answer = answerOf('h', 'x'.repeat(5_000_000));
    await client.post(emit('e', answer));
    const listening = await client.stream('GET', undefined);
    // Enough for every other event to be let go.
    const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}';
    await client.post(emit('f', ...Array.from({ length: 1200 }, () => note)), { accept: 'text/event-stream' });
    const resumed = await resume(client, lastId);
    await resumed.ended;
    expect(resumed.messages).toEqual([answer]);
    expect(fixture.recorder.events('client.messagesLost')).toEqual([]);
    listening.close();
  });

  it('is kept too where it was cut off while it was sent', async () => {
    const { client, fixture } = await open(systemClock, { generate: 200_000 });
    let stream: RawStream | undefined;
    const { recorder } = fixture;
    const isAnswer = (entry: Entry): boolean => entry.entry === 'frame' && entry.leg === 'downstream' && entry.envelope.kind === 'result' && entry.envelope.id === '"l"';
    recorder.onEntry = (entry) => {
      // Right after it was written, and before it can have been read.
      if (isAnswer(entry)) setImmediate(() => setImmediate(() => stream?.close()));
    };
    stream = await client.stream('POST', '{"jsonrpc":"2.0","id":"l","method":"tools/list"}', { accept: 'text/event-stream' });
    await stream.ended;
    expect(stream.messages).toEqual([]);
    await client.post(emit('1'), { accept: 'text/event-stream' });
    await client.post(emit('2'), { accept: 'text/event-stream' });
    const resumed = await resume(client, stream.eventIds[0]!);
    await resumed.ended;
    expect(resumed.messages).toHaveLength(1);
    expect(resumed.messages[0] === recorder.frames.find(isAnswer)!.text).toBe(true);
  });

  it('is given up in the end, of which both the log and the client are told', async () => {
    const time = patientClock();
    const { client, fixture } = await open(time.clock);
    const lastId = await loseStream(client, 'h');
    await client.post(emit('e', answerOf('h', 'late')));
    time.pass(11 * 60_000);
    expect(fixture.recorder.events('client.messagesLost')).toHaveLength(1);
    const resumed = await resume(client, lastId);
    await resumed.ended;
    expect(resumed.messages.map((message) => JSON.parse(message) as unknown)).toMatchObject([{ id: 'h', error: { code: -32000 } }]);
    const told = fixture.recorder.frames.findLast(({ leg, direction }) => leg === 'downstream' && direction === 'toClient');
    expect(told).toMatchObject({ text: resumed.messages[0], ownMessage: true });
  });

  it('waits with a bounded number of others', () => {
    const lost: (string | undefined)[] = [];
    const store = new EventStore(1000, 1_000_000, { clock: systemClock, firstStream: 5, onUnread: (question) => lost.push(question) });
    const streams = Array.from({ length: 65 }, (_, k) => {
      const stream = store.open([`"${k}"`]);
      stream.push(Buffer.from('1'), true);
      return stream;
    });
    expect(store.locate(`${streams[0]!.id}-0`)).toBeUndefined();
    expect(store.goneRequests(`${streams[0]!.id}-0`)).toEqual(['"0"']);
    expect(store.locate(`${streams[1]!.id}-0`)).toBeDefined();
    expect(lost).toEqual([undefined]);
    store.close();
  });
});

describe('a client that takes a stream up again', () => {
  it('is told so where it has all of it already', async () => {
    const { client } = await open();
    const stream = await hang(client, 'h');
    await client.post(emit('e', '{"jsonrpc":"2.0","id":"h","error":{"code":-1,"message":"no"}}'));
    await stream.ended;
    const resumed = await resume(client, stream.eventIds.at(-1)!);
    expect(resumed.status).toBe(405);
    const before = await resume(client, stream.eventIds[0]!);
    await before.ended;
    expect(before.messages).toEqual(stream.messages);
  });

  it('is told that an answer is gone that it has taken long ago', async () => {
    const { client } = await open();
    const stream = await hang(client, 'h');
    await client.post(emit('e', answerOf('h', 'taken')));
    await stream.ended;
    const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}';
    await client.post(emit('f', ...Array.from({ length: 1200 }, () => note)), { accept: 'text/event-stream' });
    const resumed = await resume(client, stream.eventIds[0]!);
    await resumed.ended;
    expect(resumed.messages.map((message) => JSON.parse(message) as unknown)).toMatchObject([{ id: 'h', error: { code: -32000 } }]);
  });

  it.each(['not an event id', '0-0', '999999999999-1'])('gets a stream of its own for an event id of another session (%s)', async (lastEventId) => {
    const { client } = await open();
    const other = await hang(client, 'h');
    const stream = await resume(client, lastEventId);
    expect(stream.status).toBe(200);
    expect(stream.eventIds[0]?.split('-')[0]).not.toBe(other.eventIds[0]!.split('-')[0]);
    await client.post('{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"become","arguments":{"script":{},"tell":true}}}', { accept: 'application/json' });
    await eventually('the notification', () => stream.messages[0]);
    stream.close();
    await client.post(emit('e', answerOf('h', 'undisturbed')), { accept: 'application/json' });
    await other.ended;
    expect(other.messages.at(-1)).toBe(answerOf('h', 'undisturbed'));
  });
});
