/**
 * Owns one client session as HTTP sees it: its POSTs in flight, its streams, what waits for a stream. Knows nothing of
 * servers: a `SessionRouter` does. Invariant: every frame is recorded before the client can see it.
 */
import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recorder } from '../capture/types';
import { scanEnvelope, splitBatch, type Envelope } from '../mcp/envelope';
import { errorFrame, INVALID_REQUEST, PARSE_ERROR } from '../mcp/messages';
import type { Clock } from '../util/clock';
import { FreshSet } from '../util/freshMap';
import { EventStore, type EventStream } from './eventStream';
import type { Frame, Outgoing } from './frame';
import type { LazyQueue } from './lazyQueue';
import { PostExchange, type ExchangeSession } from './postExchange';

/** Messages kept for a client that has no stream open. */
const MAX_WAITING = 1000;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Standalone streams, open or resumable, of one client. */
const MAX_LISTENING = 16;

/** Headers that say nothing about a frame, or that are secrets of the session. */
const UNRECORDED_HEADERS = new Set([
  'authorization',
  'cookie',
  'mcp-session-id',
  'content-length',
  'connection',
  'accept-encoding',
  'transfer-encoding',
]);

/** What a client can read, by its Accept header. */
interface Acceptance {
  readonly json: boolean;
  readonly sse: boolean;
}

/** Clients send the same few; bounded, since anybody may send others. */
const acceptances = new Map<string | undefined, Acceptance>();
const MAX_ACCEPTANCES = 100;

function acceptanceOf(accept: string | undefined): Acceptance {
  const known = acceptances.get(accept);
  if (known) return known;
  const anything = accept === undefined || accept.includes('*/*');
  const sse = anything || accept.includes('text/event-stream');
  const acceptance = { json: anything || accept.includes('application/json') || !sse, sse };
  if (acceptances.size < MAX_ACCEPTANCES) acceptances.set(accept, acceptance);
  return acceptance;
}

/** What a session does with what the client sends. */
export interface SessionRouter {
  /** `exchange`: for requests, where the answer goes. */
  receive(frame: Frame, exchange: PostExchange | undefined): void;
  /** Takes no more for now: gives what calls back when it does again. `undefined`: it takes more. */
  held?(): ((goOn: () => void) => void) | undefined;
  close(): Promise<void>;
}

export interface SessionContext {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly lazy: LazyQueue<PostExchange>;
  /** The wire's session id. */
  readonly wireId: string;
  /** The store's session id. */
  readonly storeId: string;
}

export class DownstreamSession implements ExchangeSession {
  readonly wireId: string;
  readonly storeId: string;
  /** Version both sides speak, once the handshake is answered. */
  protocolVersion: string | undefined;
  /** Set right after construction: router and session need each other. */
  router!: SessionRouter;
  /** Called when the client's `initialize` has arrived, before it is recorded. */
  onInitialize: ((bytes: Buffer, envelope: Envelope) => void) | undefined;
  /** Called after the first answer to `initialize` has been given; `ok`: it was a result. */
  onHandshakeAnswered: ((ok: boolean) => void) | undefined;

  readonly #context: SessionContext;
  readonly store = new EventStore();
  /** Standalone streams (GET), newest last. */
  readonly #listening: EventStream[] = [];
  readonly #exchanges = new FreshSet<PostExchange>();
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #firstHeaders: Readonly<Record<string, string>> | undefined;
  /** Raw headers of a request of which there was nothing to record. */
  #dullHeaders: readonly string[] = [];
  #lastActiveMs: number;
  #closed = false;
  #handshakeAnswered = false;

  constructor(context: SessionContext) {
    this.#context = context;
    this.wireId = context.wireId;
    this.storeId = context.storeId;
    this.#lastActiveMs = context.clock.wallMs();
  }

  /** When it was last used, Unix epoch ms; now, while a stream or request is open. */
  get lastActiveMs(): number {
    const busy = this.#listening.some((stream) => stream.isAttached) || this.#hasOpenExchange();
    return busy ? this.#context.clock.wallMs() : this.#lastActiveMs;
  }

  /** Earlier clients take an event without a message for a broken one. */
  get knowsPriming(): boolean {
    return (this.protocolVersion ?? '') >= '2025-11-25';
  }

  #hasOpenExchange(): boolean {
    for (const exchange of this.#exchanges) {
      if (!exchange.isFinished) return true;
      this.#over(exchange);
    }
    return false;
  }

  #over(exchange: PostExchange): void {
    this.#exchanges.delete(exchange);
    this.#context.lazy.settle(exchange);
  }

  /** See `SessionRouter.held`. */
  held(): ((goOn: () => void) => void) | undefined {
    return this.router.held?.();
  }

  /** One POST body. Answers the HTTP request itself. */
  receivePost(body: Buffer, envelope: Envelope, request: IncomingMessage, response: ServerResponse): void {
    this.#lastActiveMs = this.#context.clock.wallMs();
    if (envelope.kind === 'batch') {
      this.#receiveBatch(body, request, response);
      return;
    }
    if (envelope.kind === 'request' && envelope.method === 'initialize') this.onInitialize?.(body, envelope);
    // Everything else is acknowledged at once, and a client that takes no JSON is told that its stream begins.
    const arrived = envelope.kind === 'request' && acceptanceOf(request.headers.accept).json;
    const frame = this.#recordArrival(body, envelope, this.#headersToRecord(request), arrived);
    if (envelope.kind === 'invalid') {
      this.#refuse(frame, response);
      return;
    }
    if (envelope.kind !== 'request') {
      response.writeHead(202).end();
      this.router.receive(frame, undefined);
      return;
    }
    this.router.receive(frame, this.#openExchange([envelope.id!], false, request, response));
  }

  #receiveBatch(body: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const headers = this.#headersToRecord(request);
    const frames = splitBatch(body).map((part) => this.#recordArrival(part, scanEnvelope(part), headers));
    const bad = frames.find(({ envelope }) => envelope.kind === 'invalid' || envelope.kind === 'batch');
    if (frames.length === 0 || bad) {
      const message = bad ? `Invalid message in a batch: ${bad.envelope.problem ?? 'nested batch'}` : 'Empty batch';
      const bytes = errorFrame(undefined, INVALID_REQUEST, message);
      this.#recordDeparture({ bytes, envelope: scanEnvelope(bytes), cause: bad?.number, ownMessage: true });
      response.writeHead(400, { 'content-type': 'application/json' }).end(bytes);
      return;
    }
    const ids = frames.flatMap(({ envelope }) => (envelope.kind === 'request' ? [envelope.id!] : []));
    if (ids.length === 0) response.writeHead(202).end();
    const exchange = ids.length === 0 ? undefined : this.#openExchange(ids, true, request, response);
    for (const frame of frames) {
      this.router.receive(frame, frame.envelope.kind === 'request' ? exchange : undefined);
    }
  }

  #openExchange(ids: string[], isBatch: boolean, request: IncomingMessage, response: ServerResponse): PostExchange {
    const { json, sse } = acceptanceOf(request.headers.accept);
    const exchange = new PostExchange({ response, session: this, ids, isBatch, acceptsSse: sse, acceptsJson: json });
    // A handful at most in a sane session; swept here so that none is kept once it is done.
    if (this.#exchanges.size >= 32) this.#hasOpenExchange();
    this.#exchanges.add(exchange);
    this.#context.lazy.add(exchange);
    return exchange;
  }

  #refuse(frame: Frame, response: ServerResponse): void {
    const { envelope } = frame;
    const bytes = envelope.malformed
      ? errorFrame(undefined, PARSE_ERROR, `Parse error: ${envelope.problem ?? 'not JSON'}`)
      : errorFrame(envelope.id, INVALID_REQUEST, `Invalid request: ${envelope.problem ?? 'no JSON-RPC message'}`);
    this.#recordDeparture({ bytes, envelope: scanEnvelope(bytes), cause: frame.number, ownMessage: true });
    response.writeHead(400, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
  }

  /** A GET: a standalone stream, or one taken up again. */
  receiveGet(request: IncomingMessage, response: ServerResponse): void {
    this.#lastActiveMs = this.#context.clock.wallMs();
    const headers = { 'mcp-session-id': this.wireId };
    const priming = this.knowsPriming;
    const lastEventId = request.headers['last-event-id'];
    const place = typeof lastEventId === 'string' ? this.store.locate(lastEventId) : undefined;
    if (place) {
      place.stream.attach(response, { headers, priming, after: place.after });
      if (this.#listening.includes(place.stream)) this.#flushWaiting(place.stream);
      return;
    }
    const stream = this.store.open();
    this.#listening.push(stream);
    stream.attach(response, { headers, priming });
    this.#flushWaiting(stream);
    while (this.#listening.length > MAX_LISTENING) {
      const idle = this.#listening.findIndex((one) => !one.isAttached);
      const [oldest] = this.#listening.splice(Math.max(idle, 0), 1);
      if (oldest) this.store.discard(oldest);
    }
  }

  #flushWaiting(stream: EventStream): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const message of waiting) stream.push(message, false);
  }

  /** Answers request `id` of `exchange`. Gives the recorder's number. */
  answer(exchange: PostExchange, id: string, out: Outgoing): number {
    return this.#recordDeparture(out, () => {
      exchange.answer(id, out.bytes);
      if (exchange.isFinished) this.#over(exchange);
      if (!this.#handshakeAnswered && this.onHandshakeAnswered) {
        this.#handshakeAnswered = true;
        this.onHandshakeAnswered(out.envelope.kind === 'result');
      }
    });
  }

  /** Sends a request or notification to the client, on the stream of `exchange` where it has one that can carry it. */
  send(out: Outgoing, exchange: PostExchange | undefined): number {
    return this.#recordDeparture(out, () => this.#send(out.bytes, exchange));
  }

  #send(bytes: Buffer, exchange: PostExchange | undefined): void {
    if (this.#closed) return;
    if (exchange?.canCarry) {
      exchange.carry(bytes);
      return;
    }
    const stream = this.#listening.findLast((one) => one.isAttached) ?? this.#listening.at(-1);
    if (stream) {
      stream.push(bytes, false);
      return;
    }
    if (this.#waiting.length < MAX_WAITING && this.#waitingBytes + bytes.length <= MAX_WAITING_BYTES) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
  }

  #recordArrival(bytes: Buffer, envelope: Envelope, headers: Readonly<Record<string, string>> | undefined, arrived = false): Frame {
    const number = this.#context.recorder.frame({
      leg: 'downstream',
      direction: 'toServer',
      session: this.storeId,
      envelope,
      bytes,
      headers,
      server: this.serverName,
      arrived,
    });
    return { bytes, envelope, number };
  }

  /** Name of the one server behind this session; absent on the aggregate. */
  serverName: string | undefined;

  #recordDeparture(out: Outgoing, send?: () => void): number {
    const frame = {
      leg: 'downstream',
      direction: 'toClient',
      session: this.storeId,
      server: out.server ?? this.serverName,
      envelope: out.envelope,
      bytes: out.bytes,
      forwards: out.forwards,
      unchanged: out.unchanged,
      cause: out.cause,
      ownMessage: out.ownMessage,
    } as const;
    return this.#context.recorder.frame(frame, send);
  }

  /** All headers of the first frame; of later ones only what differs: they repeat with every call. */
  #headersToRecord(request: IncomingMessage): Readonly<Record<string, string>> | undefined {
    if (areAlike(request.rawHeaders, this.#dullHeaders)) return undefined;
    const first = this.#firstHeaders;
    let recorded: Record<string, string> | undefined;
    for (const name in request.headers) {
      if (UNRECORDED_HEADERS.has(name)) continue;
      const value = request.headers[name];
      const text = Array.isArray(value) ? value.join(', ') : value;
      if (text === undefined || first?.[name] === text) continue;
      if (first && name === 'mcp-protocol-version' && text === this.protocolVersion) continue;
      recorded ??= {};
      recorded[name] = text;
    }
    this.#firstHeaders ??= recorded ?? {};
    if (!recorded) this.#dullHeaders = request.rawHeaders;
    return recorded;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.router.close();
    this.store.close();
    this.#waiting = [];
  }
}

/** Whether raw headers are equal, but for the length of the body. */
function areAlike(headers: readonly string[], others: readonly string[]): boolean {
  if (headers.length !== others.length) return false;
  for (let k = 1; k < headers.length; k += 2) {
    const name = headers[k - 1]!;
    if (name !== others[k - 1]) return false;
    if (headers[k] !== others[k] && !(name.length === 14 && name.toLowerCase() === 'content-length')) return false;
  }
  return true;
}
