/** Holds the peer: every request is settled, whatever the other side does, and nothing strange can be called. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProxy, Peer, type Channel, type Handlers } from '../../../src/extension/rpc/peer';
import { AppError, isAppError } from '../../../src/extension/util/errors';
import { Emitter } from '../../../src/extension/util/event';
import { settle } from '../util/fakeClock';

/** Two ends; messages are cloned and arrive in a later turn, as they do between a webview and the host. */
function channels(): { a: Channel & { sent: unknown[] }; b: Channel & { sent: unknown[] } } {
  const toA = new Emitter<unknown>();
  const toB = new Emitter<unknown>();
  const make = (from: Emitter<unknown>, to: Emitter<unknown>) => {
    const sent: unknown[] = [];
    return {
      sent,
      onMessage: from.event,
      post(message: unknown) {
        const copy: unknown = structuredClone(message);
        sent.push(copy);
        setImmediate(() => to.fire(copy));
      },
    };
  };
  return { a: make(toA, toB), b: make(toB, toA) };
}

interface Api {
  add(a: number, b: number): Promise<number>;
  fail(kind: string): Promise<void>;
  wait(): Promise<string>;
  nothing(): Promise<void>;
}

function setup() {
  const { a, b } = channels();
  const aborted: unknown[] = [];
  const handlers: Handlers<Api> = {
    add: (x, y) => x + y,
    fail: (kind) => {
      if (kind === 'app') throw new AppError('notFound', 'Not here.', { details: { id: 7 } });
      if (kind === 'rejection') return Promise.reject(new Error('rejected'));
      if (kind === 'string') throw 'just text'; // oxlint-disable-line no-throw-literal
      throw new TypeError('thrown');
    },
    wait: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(signal.reason);
          reject(new Error('aborted'));
        });
      }),
    nothing: () => undefined,
  };
  const client = new Peer(a);
  const server = new Peer(b, handlers);
  return { a, b, client, server, remote: createProxy<Api>(client), aborted };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (isAppError(error) ? error.code : error),
  );

describe('a call', () => {
  it('gets its answer, many at a time', async () => {
    const { remote } = setup();
    expect(await Promise.all([remote.add(1, 2), remote.add(3, 4), remote.nothing()])).toEqual([3, 7, undefined]);
  });

  it.each([
    ['app', 'notFound', 'Not here.'],
    ['error', 'rpc.remote', 'thrown'],
    ['rejection', 'rpc.remote', 'rejected'],
    ['string', 'rpc.remote', 'just text'],
  ])('fails as its handler does: %s', async (kind, code, message) => {
    const { remote } = setup();
    const error: unknown = await remote.fail(kind).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code, message });
    if (kind === 'app') expect(error).toMatchObject({ details: { id: 7 } });
  });

  it.each(['missing', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])('of %s is unknown', async (method) => {
    const { client } = setup();
    expect(await codeOf(client.call(method, []))).toBe('rpc.unknownMethod');
  });

  it('keeps whether an error may be shown', async () => {
    const { a, b } = channels();
    const client = new Peer(a);
    const server = new Peer(b, {
      secret: () => { throw new AppError('internal', 'inner words', { userFacing: false }); },
      shown: () => { throw new AppError('notFound', 'Not here.'); },
      bug: () => { throw new Error('x is not a function'); },
    });
    const facing = (method: string) => client.call(method, []).catch((error: unknown) => (error as AppError).userFacing);
    expect([await facing('secret'), await facing('shown'), await facing('bug')]).toEqual([false, true, false]);
    server.dispose();
  });

  it('whose answer cannot be sent fails instead of hanging', async () => {
    const { a, b } = channels();
    const client = new Peer(a);
    const server = new Peer(b, {
      unclonable: () => () => undefined,
      unclonableError: () => { throw new AppError('internal', 'odd', { details: { fn: () => undefined } }); },
    });
    expect(await codeOf(client.call('unclonable', []))).toBe('rpc.remote');
    expect(await codeOf(client.call('unclonableError', []))).toBe('internal');
    server.dispose();
  });

  it('whose arguments cannot be sent rejects and leaves nothing behind', async () => {
    const { client } = setup();
    const error: unknown = await client.call('add', [() => undefined]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'internal', userFacing: false });
    client.dispose(); // would reject it a second time if it were still waiting
    await settle();
  });
});

describe('cancelling', () => {
  it('rejects at once and reaches the handler', async () => {
    const { client, aborted } = setup();
    const abort = new AbortController();
    const call = codeOf(client.call('wait', [], abort.signal));
    await settle();
    abort.abort();
    expect(await call).toBe('cancelled');
    await settle();
    await settle();
    expect(aborted).toHaveLength(1);
  });

  it('before the call sends nothing', async () => {
    const { a, client } = setup();
    expect(await codeOf(client.call('wait', [], AbortSignal.abort()))).toBe('cancelled');
    expect(a.sent).toEqual([]);
  });

  it('after the answer does nothing', async () => {
    const { a, client } = setup();
    const abort = new AbortController();
    expect(await client.call('add', [1, 1], abort.signal)).toBe(2);
    abort.abort();
    expect(a.sent).toHaveLength(1);
  });

  it('of a closed peer sends nothing', async () => {
    const { a, client } = setup();
    const abort = new AbortController();
    const call = codeOf(client.call('wait', [], abort.signal));
    client.dispose();
    expect(await call).toBe('rpc.closed');
    abort.abort();
    expect(a.sent).toHaveLength(1);
  });
});

describe('an event', () => {
  it('reaches its listeners, and nobody else', async () => {
    const { client, server } = setup();
    const heard: unknown[] = [];
    client.on<number>('advanced')((value) => heard.push(value));
    server.emit('advanced', 1);
    server.emit('other', 2);
    server.emit('advanced', 3);
    await settle();
    expect(heard).toEqual([1, 3]);
  });
});

describe('closing', () => {
  it('rejects what waits, aborts what runs, and refuses what comes after', async () => {
    const { client, server, remote, aborted, b } = setup();
    const waiting = codeOf(remote.wait());
    await settle();
    server.dispose();
    expect(aborted).toHaveLength(1);
    await settle();
    expect(b.sent).toEqual([]);
    client.dispose();
    client.dispose();
    expect(await waiting).toBe('rpc.closed');
    expect(await codeOf(remote.add(1, 2))).toBe('rpc.closed');
    client.emit('x', 1);
    expect(client.on('late')(() => undefined)).toBeDefined();
  });
});

it('a proxy is no promise and has no symbols', async () => {
  const { remote } = setup();
  expect(await Promise.resolve(remote)).toBe(remote);
  expect((remote as unknown as Record<symbol, unknown>)[Symbol.iterator]).toBeUndefined();
});

it('messages of any other form are ignored', () => {
  const { onMessage, fire } = (() => {
    const emitter = new Emitter<unknown>();
    return { onMessage: emitter.event, fire: (message: unknown) => emitter.fire(message) };
  })();
  const sent: unknown[] = [];
  const failures: unknown[] = [];
  const peer = new Peer({ onMessage, post: (message) => sent.push(message) }, {});
  const forms = fc.oneof(
    fc.anything(),
    fc.record(
      {
        k: fc.constantFrom('answer', 'failure', 'cancel', 'event', 'other'),
        id: fc.anything(),
        name: fc.anything(),
        error: fc.anything(),
        value: fc.anything(),
      },
      { requiredKeys: ['k'] },
    ),
  );
  fc.assert(
    fc.property(forms, (message) => {
      try {
        fire(message);
      } catch (error) {
        failures.push(error);
      }
    }),
    { numRuns: 2000 },
  );
  expect({ sent, failures }).toEqual({ sent: [], failures: [] });
  peer.dispose();
});

it('a failure of a foreign form still settles its call with an AppError', async () => {
  const emitter = new Emitter<unknown>();
  const peer = new Peer({ onMessage: emitter.event, post: () => undefined }, {});
  const call = peer.call('x', []).catch((error: unknown) => error);
  emitter.fire({ k: 'failure', id: 1, error: { message: 5 } });
  expect(await call).toMatchObject({ code: 'rpc.remote', name: 'AppError' });
});
