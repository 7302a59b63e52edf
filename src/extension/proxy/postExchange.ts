/**
 * Owns the answer to one POST with requests in it. Lazy: a single answer that comes first and soon goes out as
 * `application/json`; as soon as anything else belongs to it, or time passes, it becomes an SSE stream that can be
 * resumed. The client's disconnect does not cancel anything (MCP 2025-11-25, transports): the answer is kept instead.
 */
import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { EventStore, EventStream } from './eventStream';
import type { Release } from './transports/letGo';

const JOIN_LIMIT_BYTES = 8 * 1024;

export interface ExchangeOptions {
  readonly response: ServerResponse;
  /** The session it belongs to. */
  readonly session: ExchangeSession;
  /** Canonical JSON texts of the requests' ids. */
  readonly ids: readonly string[];
  /** The POST was a batch, so a JSON answer is an array. */
  readonly isBatch: boolean;
  readonly acceptsJson: boolean;
  readonly acceptsSse: boolean;
}

/** What an exchange needs of its session. */
export interface ExchangeSession {
  readonly wireId: string;
  readonly store: EventStore;
  /** Whether the client's protocol version knows priming events; read when a stream begins. */
  readonly knowsPriming: boolean;
}

export class PostExchange {
  readonly #session: ExchangeSession;
  readonly #isBatch: boolean;
  readonly #acceptsSse: boolean;
  readonly #ids: readonly string[];
  readonly #open: Set<string>;
  #collected: Buffer[] = [];
  #stream: EventStream | undefined;
  /** Let go of once it is over: whoever still holds the exchange then keeps no request, socket or body alive. */
  #response: ServerResponse | undefined;
  #finished = false;

  constructor({ response, session, ids, isBatch, acceptsJson, acceptsSse }: ExchangeOptions) {
    this.#response = response;
    this.#session = session;
    this.#isBatch = isBatch;
    this.#acceptsSse = acceptsSse;
    this.#ids = ids;
    this.#open = new Set(ids);
    if (!acceptsJson) this.startStream();
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  /** Whether a message can still reach the client through it, now or after a resumption. */
  get canCarry(): boolean {
    return !this.#finished && (this.#stream !== undefined || (!this.#isGone && this.#acceptsSse));
  }

  /** The client has closed the connection. */
  get #isGone(): boolean {
    return this.#response === undefined || this.#response.destroyed;
  }

  get stream(): EventStream | undefined {
    return this.#stream;
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** The client sees headers (and an event id to resume from) from here on. */
  startStream(): void {
    const response = this.#response;
    if (this.#stream || this.#finished || !response || response.destroyed || !this.#acceptsSse) return;
    const session = this.#session;
    const stream = session.store.open(this.#ids);
    this.#stream = stream;
    stream.attach(response, { headers: { 'mcp-session-id': session.wireId }, priming: session.knowsPriming });
    const early = this.#collected;
    this.#collected = [];
    for (const message of early) stream.push(message, false);
  }

  /**
   * A message that belongs to one of the requests but does not answer it. Only while `canCarry`. `question`: canonical id,
   * where it is a request of a server.
   */
  carry(message: Buffer, question?: string): void {
    this.startStream();
    this.#stream?.push(message, false, question);
  }

  /** The answer to request `id`; the last one ends the exchange. `release`: for when it has left, and is not kept for a resumption. */
  answer(id: string, message: Buffer, release?: Release): void {
    if (!this.#open.delete(id)) return;
    const isLast = this.#open.size === 0;
    if (isLast) this.#finished = true;
    if (this.#stream) this.#stream.push(message, isLast);
    else {
      this.#collected.push(message);
      if (isLast) this.#answerJson(release);
    }
    if (isLast) this.#response = undefined;
  }

  /** `release`: of the only answer. */
  #answerJson(release?: Release): void {
    const response = this.#response;
    const messages = this.#collected;
    this.#collected = [];
    if (!response || response.destroyed) return;
    const body = this.#isBatch ? joinBatch(messages) : messages[0]!;
    response.writeHead(200, {
      'mcp-session-id': this.#session.wireId,
      'content-type': 'application/json',
      'content-length': body.length,
    });
    // Small bodies as a string of their bytes: Node then writes them together with the headers.
    if (body.length <= JOIN_LIMIT_BYTES) response.end(body.toString('latin1'), 'latin1');
    else response.end(body, this.#isBatch ? undefined : release);
  }

  /** A request of this POST needs no answer (it was cancelled). */
  drop(id: string): void {
    if (!this.#open.delete(id) || this.#open.size > 0) return;
    this.#finished = true;
    if (this.#stream) this.#session.store.discard(this.#stream);
    // The rest of a batch has been answered.
    else if (this.#collected.length > 0) this.#answerJson();
    else if (this.#response && !this.#response.destroyed) {
      // An HTTP request must be answered somehow; an empty stream says "nothing".
      this.#response.writeHead(200, { 'mcp-session-id': this.#session.wireId, 'content-type': 'text/event-stream' });
      this.#response.end();
    }
    this.#response = undefined;
  }
}

function joinBatch(messages: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  messages.forEach((message, k) => parts.push(Buffer.from(k === 0 ? '[' : ','), message));
  parts.push(Buffer.from(']'));
  return Buffer.concat(parts);
}
