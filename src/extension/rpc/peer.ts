/**
 * Owns request/answer/event messaging over any channel that carries structured-clonable values: a webview, a worker
 * thread, a pair of objects in a test. Both ends use this same class.
 *
 * Invariants: every request is settled (answer, failure, cancellation or closed channel); a handler that throws always
 * answers with a failure; a message of an unknown form is ignored, since a webview can be sent anything.
 */
import { Emitter, type Event } from '../util/event';
import { AppError, isAppError, messageOf, type ErrorCode } from '../util/errors';
import { isJsonObject } from '../util/json';
import { DisposableStore, type Disposable } from '../util/lifecycle';

/** What carries the messages. `post` must not throw for a closed channel; messages may be lost, never reordered. */
export interface Channel {
  post(message: unknown): void;
  readonly onMessage: Event<unknown>;
}

/** An API: async methods by name. A method gets the caller's arguments and then an AbortSignal. */
export type Handlers<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: [...A, signal: AbortSignal]) => Promise<R> | R
    : never;
};

type Wire =
  | { k: 'request'; id: number; method: string; args: unknown[] }
  | { k: 'answer'; id: number; value: unknown }
  | { k: 'failure'; id: number; error: WireError }
  | { k: 'cancel'; id: number }
  | { k: 'event'; name: string; data: unknown };

interface WireError {
  code: ErrorCode;
  message: string;
  userFacing: boolean;
  details: Record<string, unknown>;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class Peer implements Disposable {
  readonly #store = new DisposableStore();
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, AbortController>();
  readonly #events = new Map<string, Emitter<unknown>>();
  readonly #handlers: Readonly<Record<string, ((...args: unknown[]) => unknown) | undefined>>;
  #nextId = 1;

  constructor(
    private readonly channel: Channel,
    handlers: object = {},
  ) {
    this.#handlers = handlers as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    this.#store.add(channel.onMessage((message) => this.#receive(message)));
  }

  /** Calls a method of the other end. Rejects with an AppError: the other end's own, `cancelled`, or `rpc.closed`. */
  call(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    if (this.#store.isDisposed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(cancelled(method));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#pending.delete(id);
        this.channel.post({ k: 'cancel', id } satisfies Wire);
        reject(cancelled(method));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle =
        <T>(fn: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', onAbort);
          fn(value);
        };
      const pending: Pending = { resolve: settle(resolve), reject: settle(reject) };
      this.#pending.set(id, pending);
      try {
        this.channel.post({ k: 'request', id, method, args: [...args] } satisfies Wire);
      } catch (cause) {
        // Arguments that cannot be cloned: a fault of the caller, and nothing was sent.
        this.#pending.delete(id);
        pending.reject(
          new AppError('internal', `${method} cannot be called: ${messageOf(cause)}`, { cause, userFacing: false }),
        );
      }
    });
  }

  emit(name: string, data: unknown): void {
    if (!this.#store.isDisposed) this.channel.post({ k: 'event', name, data } satisfies Wire);
  }

  on<T>(name: string): Event<T> {
    let emitter = this.#events.get(name);
    if (!emitter) this.#events.set(name, (emitter = new Emitter<unknown>()));
    return emitter.event as Event<T>;
  }

  #receive(message: unknown): void {
    if (!isWire(message)) return;
    switch (message.k) {
      case 'request':
        void this.#serve(message.id, message.method, message.args);
        return;
      case 'answer':
        this.#take(message.id)?.resolve(message.value);
        return;
      case 'failure':
        this.#take(message.id)?.reject(revive(message.error));
        return;
      case 'cancel':
        this.#running.get(message.id)?.abort();
        return;
      case 'event':
        this.#events.get(message.name)?.fire(message.data);
        return;
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  async #serve(id: number, method: string, args: unknown[]): Promise<void> {
    const abort = new AbortController();
    this.#running.set(id, abort);
    try {
      // Own properties only: `constructor` or `__proto__` must not be callable from the other end.
      const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined;
      if (!handler) throw new AppError('rpc.unknownMethod', `There is no method "${method}".`, { userFacing: false });
      const value = await handler(...args, abort.signal);
      if (!this.#store.isDisposed) this.channel.post({ k: 'answer', id, value } satisfies Wire);
    } catch (error) {
      this.#fail(id, describe(error));
    } finally {
      this.#running.delete(id);
    }
  }

  #fail(id: number, error: WireError): void {
    if (this.#store.isDisposed) return;
    try {
      this.channel.post({ k: 'failure', id, error } satisfies Wire);
    } catch {
      // Details that cannot be cloned must not leave the caller waiting.
      this.channel.post({ k: 'failure', id, error: { ...error, details: {} } } satisfies Wire);
    }
  }

  dispose(): void {
    if (this.#store.isDisposed) return;
    this.#store.dispose();
    for (const abort of this.#running.values()) abort.abort();
    this.#running.clear();
    for (const pending of this.#pending.values()) pending.reject(closed());
    this.#pending.clear();
    for (const emitter of this.#events.values()) emitter.dispose();
  }
}

/** A typed stand-in for the other end's API: `remote.page(query)` becomes `peer.call('page', [query])`. */
export function createProxy<T extends object>(peer: Peer): T {
  return new Proxy({} as T, {
    get: (_target, method) =>
      // A promise is recognised by `then`: the proxy must not look like one.
      typeof method === 'string' && method !== 'then' ? (...args: unknown[]) => peer.call(method, args) : undefined,
  });
}

function isWire(message: unknown): message is Wire {
  if (typeof message !== 'object' || message === null) return false;
  const wire = message as Partial<Record<'k' | 'id' | 'method' | 'args' | 'error' | 'name', unknown>>;
  switch (wire.k) {
    case 'request':
      return typeof wire.id === 'number' && typeof wire.method === 'string' && Array.isArray(wire.args);
    case 'failure':
      return typeof wire.id === 'number' && typeof wire.error === 'object' && wire.error !== null;
    case 'answer':
    case 'cancel':
      return typeof wire.id === 'number';
    case 'event':
      return typeof wire.name === 'string';
    default:
      return false;
  }
}

function describe(error: unknown): WireError {
  if (isAppError(error)) {
    const { code, message, userFacing, details } = error;
    return { code, message, userFacing, details: { ...details } };
  }
  // A mistake in a handler: its words are for the log.
  return { code: 'rpc.remote', message: messageOf(error), userFacing: false, details: {} };
}

/** The error the other end described; an end of another version may leave things out. */
function revive(error: Partial<Record<keyof WireError, unknown>>): AppError {
  const { code, message, userFacing, details } = error;
  return new AppError(
    typeof code === 'string' ? (code as ErrorCode) : 'rpc.remote',
    typeof message === 'string' ? message : 'Unknown error',
    { userFacing: userFacing === true, details: isJsonObject(details) ? { ...details } : {} },
  );
}

function closed(): AppError {
  return new AppError('rpc.closed', 'The other side is gone.', { userFacing: false });
}

function cancelled(method: string): AppError {
  return new AppError('cancelled', `${method} was cancelled.`, { userFacing: false });
}
