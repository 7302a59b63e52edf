/**
 * Owns the requests that a server has not answered yet: by id, by progress token, and in order of departure. Invariant: a
 * request leaves exactly once, by `settle` or by `takeAll`.
 */
import type { Buffer } from 'node:buffer';
import type { Envelope } from '../mcp/envelope';
import { canonicalScalar, findPath } from '../mcp/spans';
import { FreshMap } from '../util/freshMap';
import type { Frame } from './frame';
import type { PostExchange } from './postExchange';

/** A request on its way to a server. */
export interface Pending {
  /** Canonical JSON text of its id. */
  readonly id: string;
  readonly method: string;
  /** Number of the client's request frame in whose course it is sent. */
  readonly cause: number;
  /** Canonical JSON text of its progress token. */
  readonly token?: string;
  /** The client's HTTP request; what belongs to this request goes to its stream. */
  readonly exchange?: PostExchange;
  onAnswer(frame: Frame): void;
  /** No answer will come. */
  onLost(message: string, data?: Readonly<Record<string, unknown>>): void;
}

export class InFlight {
  readonly #byId = new FreshMap<string, Pending>();
  readonly #byToken = new FreshMap<string, Pending>();

  get(id: string | undefined): Pending | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** A request in flight under the same id is lost by it: its answer could not be told from the new one's. */
  add(pending: Pending): void {
    const before = this.#byId.get(pending.id);
    if (before) {
      this.settle(before);
      before.onLost('Another request was sent with the same id');
    }
    this.#byId.set(pending.id, pending);
    if (pending.token !== undefined) this.#byToken.set(pending.token, pending);
  }

  settle(pending: Pending): void {
    if (this.#byId.get(pending.id) === pending) this.#byId.delete(pending.id);
    if (pending.token !== undefined && this.#byToken.get(pending.token) === pending) this.#byToken.delete(pending.token);
  }

  /** Gives up all of them. */
  takeAll(): Pending[] {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    this.#byToken.clear();
    return all;
  }

  /**
   * The request in whose course a message of the server comes: the one with its progress token; else the one on whose
   * HTTP stream it came; else, on a wire with one stream for all (`isShared`), the one sent last.
   */
  causeOf(bytes: Buffer, envelope: Envelope, stream: string | undefined, isShared: boolean): Pending | undefined {
    if (this.#byId.size === 0) return undefined;
    if (envelope.method === 'notifications/progress') {
      const token = findPath(bytes, envelope.paramsSpan, 'progressToken');
      const pending = token && this.#byToken.get(canonicalScalar(bytes, token));
      if (pending) return pending;
    }
    if (stream !== undefined) return this.#byId.get(stream);
    if (!isShared) return undefined;
    let latest: Pending | undefined;
    for (const pending of this.#byId.values()) if (pending.method !== 'initialize') latest = pending;
    return latest;
  }
}
