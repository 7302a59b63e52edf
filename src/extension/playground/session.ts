/**
 * Owns one session of the Playground with one server, through the gateway's own endpoint: handshake, requests with their
 * answers, and what the server sends by itself. Frames are kept as bytes; nothing is read that is not needed.
 * Invariant: every request settles exactly once, with an answer or as lost, unless it was forgotten.
 */
import type { Buffer } from 'node:buffer';
import { LATEST_PROTOCOL_VERSION, PROTOCOL_VERSIONS } from '../mcp/initialize';
import { scanEnvelope, splitBatch, type Envelope } from '../mcp/envelope';
import { errorFrame, notificationFrame, requestFrame, resultFrame } from '../mcp/messages';
import { rawText } from '../mcp/spans';
import { StreamableHttpTransport } from '../proxy/transports/streamableHttp';
import type { TransportEvents, UpstreamTransport } from '../proxy/transports/types';
import { Deferred } from '../util/async';
import type { Clock } from '../util/clock';
import { isJsonObject, tryParseJson, type JsonObject } from '../util/json';
import type { Disposable } from '../util/lifecycle';

/** A server may take this long to start and shake hands. */
const HANDSHAKE_LIMIT_MS = 120_000;
/** New sessions that are lost again before anything was answered in them. */
const MAX_LOST_SESSIONS = 3;

/**
 * How a request ended. `lost`: no answer will come; `text` says why in words. Otherwise JSON text of the `result` or
 * `error` member, byte for byte.
 */
export interface Answer {
  readonly kind: 'result' | 'error' | 'lost';
  readonly text: string;
}

export interface SentRequest {
  /** Canonical JSON text of the id. */
  readonly id: string;
  readonly answer: Promise<Answer>;
}

/** A request of the server. `stream`: id of our request in whose course it came, where known. */
export interface ReceivedRequest {
  readonly id: string;
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  readonly stream: string | undefined;
}

export type SessionState =
  | { readonly kind: 'idle' | 'connecting' | 'ready' | 'closed' }
  | { readonly kind: 'failed'; readonly message: string };

export interface SessionHandlers {
  onState(state: SessionState): void;
  onRequest(request: ReceivedRequest): void;
  onNotification(method: string, params: string, stream: string | undefined): void;
}

export interface SessionOptions {
  readonly server: string;
  /** The endpoint that serves this one server. */
  readonly url: string;
  readonly token: string;
  readonly version: string;
  /** What it calls itself; absent: the Playground. */
  readonly client?: { readonly name: string; readonly title: string };
  readonly clock: Clock;
  /** Gives a number that no other session of this window has used. */
  readonly nextId: () => number;
}

/** What the Playground can, as a client (MCP 2025-11-25, lifecycle, "Capability Negotiation"). */
const CAPABILITIES = JSON.stringify({
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
});

const PLAYGROUND = { name: 'mcp-shark-playground', title: 'MCP Shark Playground' };

interface Waiting {
  readonly answer: Deferred<Answer>;
  readonly method: string;
}

export class PlaygroundSession {
  #state: SessionState = { kind: 'idle' };
  /** What the server answered to `initialize`. */
  handshake: JsonObject | undefined;
  #transport: UpstreamTransport | undefined;
  readonly #waiting = new Map<string, Waiting>();
  /** Frames that wait for the handshake. */
  #held: { readonly bytes: Buffer; readonly envelope: Envelope }[] = [];
  #opened = new Deferred<void>();
  #limit: Disposable | undefined;
  #lostSessions = 0;

  constructor(
    private readonly options: SessionOptions,
    private readonly handlers: SessionHandlers,
  ) {}

  get state(): SessionState {
    return this.#state;
  }

  /** Connects; resolves when that has succeeded or failed (see `state`). */
  open(): Promise<void> {
    if (this.#state.kind !== 'idle') return this.#opened.promise;
    const { url, token, server, clock } = this.options;
    this.#transport = new StreamableHttpTransport(
      { type: 'http', name: server, url, headers: { authorization: `Bearer ${token}` } },
      this.#events,
      clock,
    );
    this.#shakeHands();
    return this.#opened.promise;
  }

  readonly #events: TransportEvents = {
    onMessage: (bytes, stream, envelope) => this.#receive(bytes, stream, envelope),
    onStderr: () => undefined,
    onSendFailed: (id, message) => {
      if (id !== undefined) this.#settle(id, { kind: 'lost', text: message });
    },
    onSessionLost: ({ bytes, envelope, renewed }) => {
      if (envelope.kind === 'request' && !this.#waiting.has(envelope.id ?? '')) return;
      // Every handshake sends this one by itself. The 404 says that the frame was not taken: sending again is safe.
      if (envelope.method !== 'notifications/initialized') this.#held.push({ bytes, envelope });
      if (renewed && this.#state.kind === 'ready') this.#release();
      else if (this.#state.kind === 'ready') {
        if (++this.#lostSessions > MAX_LOST_SESSIONS) this.#fail(`The gateway knows none of the sessions it gives for "${this.options.server}".`);
        else this.#shakeHands();
      }
    },
    onClose: ({ message }) => {
      this.#transport = undefined;
      if (this.#state.kind !== 'closed') this.#fail(message);
    },
  };

  #shakeHands(): void {
    this.#setState({ kind: 'connecting' });
    const { version, server, clock, client = PLAYGROUND } = this.options;
    this.#limit?.dispose();
    this.#limit = clock.timer(HANDSHAKE_LIMIT_MS, () =>
      this.#fail(`Server "${server}" has not answered "initialize" within ${HANDSHAKE_LIMIT_MS / 1000} s.`),
    );
    const clientInfo = JSON.stringify({ ...client, version });
    const params = `{"protocolVersion":"${LATEST_PROTOCOL_VERSION}","capabilities":${CAPABILITIES},"clientInfo":${clientInfo}}`;
    const { answer } = this.#request('initialize', params, true);
    void answer.then((given) => this.#handshakeAnswered(given));
  }

  #handshakeAnswered({ kind, text }: Answer): void {
    if (this.#state.kind !== 'connecting') return;
    const value = kind === 'lost' ? undefined : tryParseJson(text);
    if (kind === 'result' && isJsonObject(value)) {
      const { protocolVersion } = value;
      if (typeof protocolVersion !== 'string' || !PROTOCOL_VERSIONS.includes(protocolVersion)) {
        this.#fail(`Server "${this.options.server}" speaks MCP ${String(protocolVersion).slice(0, 40)}, which MCP Shark does not know.`);
        return;
      }
      this.handshake = value;
      this.#transport?.handshakeDone(protocolVersion);
      this.#limit?.dispose();
      this.#send(notificationFrame('notifications/initialized'));
      this.#setState({ kind: 'ready' });
      this.#release();
      this.#opened.resolve();
      return;
    }
    const message = kind === 'error' && isJsonObject(value) && typeof value.message === 'string' ? value.message : text;
    this.#fail(message.slice(0, 2000));
  }

  #release(): void {
    for (const { bytes, envelope } of this.#held.splice(0)) this.#transport?.send(bytes, envelope);
  }

  #fail(message: string): void {
    if (this.#state.kind === 'closed' || this.#state.kind === 'failed') return;
    this.#limit?.dispose();
    this.#held = [];
    this.#setState({ kind: 'failed', message });
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: 'lost', text: message });
    this.#opened.resolve();
    void this.#transport?.close();
    this.#transport = undefined;
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.handlers.onState(state);
  }

  /** Sends a request; while the session shakes hands it waits. `params`: JSON text. */
  request(method: string, params?: string): SentRequest {
    return this.#request(method, params, false);
  }

  #request(method: string, params: string | undefined, isHandshake: boolean): SentRequest {
    const id = `"playground-${this.options.nextId()}"`;
    const waiting: Waiting = { answer: new Deferred<Answer>(), method };
    if (this.#state.kind === 'failed' || this.#state.kind === 'closed') {
      const text = this.#state.kind === 'failed' ? this.#state.message : 'The connection is closed.';
      waiting.answer.resolve({ kind: 'lost', text });
    } else {
      this.#waiting.set(id, waiting);
      this.#send(requestFrame(id, method, params), isHandshake);
    }
    return { id, answer: waiting.answer.promise };
  }

  /** Nobody wants the answer any more: it never settles, and is dropped when it comes. */
  forget(id: string): void {
    this.#waiting.delete(id);
    this.#held = this.#held.filter(({ envelope }) => envelope.id !== id);
  }

  notify(method: string, params?: string): void {
    this.#send(notificationFrame(method, params));
  }

  /** Answers a request of the server. `result`: JSON text. */
  respond(id: string, result: string): void {
    this.#send(resultFrame(id, result), true);
  }

  respondError(id: string, code: number, message: string): void {
    this.#send(errorFrame(id, code, message), true);
  }

  #send(bytes: Buffer, atOnce = false): void {
    const envelope = scanEnvelope(bytes);
    if (atOnce || this.#state.kind === 'ready' || envelope.method === 'notifications/initialized') this.#transport?.send(bytes, envelope);
    else if (this.#state.kind === 'connecting') this.#held.push({ bytes, envelope });
  }

  #receive(bytes: Buffer, stream: string | undefined, scanned?: Envelope): void {
    const envelope = scanned ?? scanEnvelope(bytes);
    const { kind, id, method, paramsSpan, resultSpan, errorSpan } = envelope;
    switch (kind) {
      case 'batch':
        for (const part of splitBatch(bytes)) {
          const inner = scanEnvelope(part);
          if (inner.kind !== 'batch') this.#receive(part, stream, inner);
        }
        return;
      case 'result':
      case 'error': {
        const span = resultSpan ?? errorSpan;
        if (id === undefined || !span) return;
        const waiting = this.#waiting.get(id);
        if (waiting && waiting.method !== 'initialize') this.#lostSessions = 0;
        this.#settle(id, { kind, text: rawText(bytes, span) });
        return;
      }
      case 'request':
        this.handlers.onRequest({ id: id!, method: method!, params: paramsSpan ? rawText(bytes, paramsSpan) : '{}', stream });
        return;
      case 'notification':
        this.handlers.onNotification(method!, paramsSpan ? rawText(bytes, paramsSpan) : '{}', stream);
        return;
    }
  }

  #settle(id: string, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.answer.resolve(answer);
  }

  /** Ends the session, and with it the server process behind it. */
  async close(): Promise<void> {
    if (this.#state.kind === 'closed') return;
    const transport = this.#transport;
    this.#transport = undefined;
    this.#limit?.dispose();
    this.#held = [];
    this.#setState({ kind: 'closed' });
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: 'lost', text: 'The connection was closed.' });
    this.#opened.resolve();
    await transport?.close();
  }
}
