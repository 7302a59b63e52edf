/**
 * Owns one client session as HTTP sees it: its POSTs in flight, its streams, what waits for a stream. Knows nothing of
 * servers: a `SessionRouter` does. Invariant: every frame is recorded before the client can see it.
 */
import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recorder } from '../capture/types';
import { scanEnvelope, splitBatch, type Envelope } from '../mcp/envelope';
import { CLIENT_UNAVAILABLE, errorFrame, INVALID_REQUEST, PARSE_ERROR } from '../mcp/messages';
import type { Clock } from '../util/clock';
import { FreshSet } from '../util/freshMap';
import { EventStore, type EventStream } from './eventStream';
import { ownMessage, type Frame, type Outgoing } from './frame';
import type { LazyQueue } from './lazyQueue';
import { PostExchange, type ExchangeSession } from './postExchange';
import { RecordedHeaders } from './recordedHeaders';
import { StandaloneStreams } from './standaloneStreams';
import { hold } from './transports/letGo';

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
  /** A request of a server, by the canonical id the client would know, cannot reach the client: it is not to wait for ever. */
  undeliverable?(id: string): void;
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
  readonly store: EventStore;
  readonly #standalone: StandaloneStreams;
  readonly #exchanges = new FreshSet<PostExchange>();
  /** Messages that the client has missed since it was last told of on a stream. */
  #missed = 0;
  readonly #headers = new RecordedHeaders();
  #lastActiveMs: number;
  #closed = false;
  #handshakeAnswered = false;

  constructor(context: SessionContext) {
    this.#context = context;
    this.wireId = context.wireId;
    this.storeId = context.storeId;
    this.store = new EventStore(undefined, undefined, {
      clock: context.clock,
      firstStream: firstStreamOf(context.wireId),
      onUnread: (question) => this.#miss(question, 'what was kept for it became too much'),
    });
    this.#standalone = new StandaloneStreams(this.store);
    this.#lastActiveMs = context.clock.wallMs();
  }

  /** When it was last used, Unix epoch ms; now, while a stream or request is open. */
  get lastActiveMs(): number {
    const busy = this.#standalone.isListening || this.#hasOpenExchange();
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
    const frame = this.#recordArrival(body, envelope, this.#headers.of(request, this.protocolVersion), arrived);
    if (envelope.kind === 'invalid') {
      this.#refuse(frame, response);
      return;
    }
    if (envelope.kind !== 'request') {
      response.writeHead(202).end();
      this.router.receive(frame, undefined);
      return;
    }
    const exchange = this.#openExchange([envelope.id!], false, request, response);
    const release = hold(body, envelope.method);
    if (release) {
      // A stream may end before the answer has come: then somebody still works on the request.
      response.once('finish', () => {
        if (exchange.isFinished) release();
      });
    }
    this.router.receive(frame, exchange);
  }

  #receiveBatch(body: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const headers = this.#headers.of(request, this.protocolVersion);
    const frames = splitBatch(body).map((part) => this.#recordArrival(part, scanEnvelope(part), headers));
    const bad = frames.find(({ envelope }) => envelope.kind === 'invalid' || envelope.kind === 'batch');
    if (frames.length === 0 || bad) {
      const message = bad ? `Invalid message in a batch: ${bad.envelope.problem ?? 'nested batch'}` : 'Empty batch';
      const bytes = errorFrame(undefined, INVALID_REQUEST, message);
      this.#recordDeparture(ownMessage(bytes, undefined, bad?.number));
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
    this.#recordDeparture(ownMessage(bytes, undefined, frame.number));
    response.writeHead(400, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
  }

  /** A GET: a standalone stream, or one taken up again. */
  receiveGet(request: IncomingMessage, response: ServerResponse): void {
    this.#lastActiveMs = this.#context.clock.wallMs();
    this.#tellMissed();
    const headers = { 'mcp-session-id': this.wireId };
    const priming = this.knowsPriming;
    const lastEventId = request.headers['last-event-id'];
    if (typeof lastEventId === 'string') {
      const place = this.store.locate(lastEventId);
      if (place) {
        const { stream, after } = place;
        // It has all there will ever be. The SDK's client asks for more, each second, where the answer was an error.
        if (stream.isFinished && after >= stream.lastSequence) response.writeHead(405, { allow: 'POST, DELETE', 'content-length': 0 }).end();
        else stream.attach(response, { headers, priming, after });
        this.#standalone.flush(stream);
        return;
      }
      const gone = this.store.goneRequests(lastEventId);
      if (gone) {
        this.#tellGone(gone, response, headers);
        return;
      }
    }
    // Also for an event id that nobody knows, which MCP leaves open: 404 would mean that the session is over, and after any
    // other error VS Code listens no more. It sends the last id of the session before, too.
    const stream = this.#standalone.open();
    stream.attach(response, { headers, priming });
    this.#standalone.flush(stream);
  }

  /** The client comes for answers that are not kept any more: it must not wait for them. */
  #tellGone(ids: readonly string[], response: ServerResponse, headers: Record<string, string>): void {
    const stream = this.store.open(ids);
    stream.attach(response, { headers, priming: this.knowsPriming });
    ids.forEach((id, k) => {
      const bytes = errorFrame(id, CLIENT_UNAVAILABLE, 'The answer is not kept any more: the client lost its stream and came back too late');
      this.#recordDeparture(ownMessage(bytes), () => stream.push(bytes, k === ids.length - 1));
    });
  }

  /** Answers request `id` of `exchange`. Gives the recorder's number. */
  answer(exchange: PostExchange, id: string, out: Outgoing): number {
    return this.#recordDeparture(out, () => {
      exchange.answer(id, out.bytes, out.release);
      if (exchange.isFinished) this.#over(exchange);
      if (!this.#handshakeAnswered && this.onHandshakeAnswered) {
        this.#handshakeAnswered = true;
        this.onHandshakeAnswered(out.envelope.kind === 'result');
      }
    });
  }

  /**
   * Sends a request or notification to the client, on the stream of `exchange` where it has one that can carry it. What
   * finds no room is not recorded as sent.
   */
  send(out: Outgoing, exchange: PostExchange | undefined): void {
    if (this.#closed) return;
    const room = exchange?.canCarry ? 'streamed' : this.#standalone.ask(out.bytes.length);
    const question = out.envelope.kind === 'request' ? out.envelope.id : undefined;
    if (room === 'refused') this.#miss(question, 'it has no stream open and too much waits for it');
    else this.#recordDeparture(out, () => this.#send(out.bytes, exchange, question, room === 'promised'));
  }

  #send(bytes: Buffer, exchange: PostExchange | undefined, question: string | undefined, isPromised: boolean): void {
    if (isPromised) this.#standalone.release(bytes.length);
    if (this.#closed) return;
    if (exchange?.canCarry) exchange.carry(bytes, question);
    else if (!this.#standalone.push(bytes, question)) this.#miss(question, 'its stream was closed and too much waits for it');
  }

  /** The standalone stream, where the client leaves too much of it unread. */
  get floodedStream(): EventStream | undefined {
    return this.#standalone.flooded;
  }

  /** A message that the client does not get. Told of once, and in all when the client listens again. */
  #miss(question: string | undefined, why: string): void {
    if (this.#closed) return;
    if (++this.#missed === 1) this.#recordMissed({ messages: 1, why });
    if (question !== undefined) this.router.undeliverable?.(question);
  }

  #tellMissed(): void {
    if (this.#missed > 1) this.#recordMissed({ messages: this.#missed });
    this.#missed = 0;
  }

  #recordMissed(data: Readonly<Record<string, unknown>>): void {
    this.#context.recorder.event({ type: 'client.messagesLost', session: this.storeId, server: this.serverName, data });
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
      name: out.name,
    } as const;
    return this.#context.recorder.frame(frame, send);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#tellMissed();
    this.#closed = true;
    await this.router.close();
    this.store.close();
    this.#standalone.close();
  }
}

/** Spreads the sessions, so that an event id of another one is hardly ever taken for one of this. */
function firstStreamOf(wireId: string): number {
  let number = 0;
  for (let k = 0; k < wireId.length; k++) number = (number * 31 + wireId.charCodeAt(k)) % 1_000_003;
  return number * 1000;
}
