/**
 * Owns one session's connection to one server over its whole life: start, handshake with the client's own `initialize`,
 * requests in flight, loss, restart with back-off. Invariants: every request that is sent or queued is answered or
 * reported lost, exactly once; every frame is recorded before it is passed on; after `close()` nothing is left running.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import type { UpstreamAuth } from '../auth/types';
import type { Recorder } from '../capture/types';
import { scanEnvelope, splitBatch, type Envelope } from '../mcp/envelope';
import { requestFrame } from '../mcp/messages';
import { rawText } from '../mcp/spans';
import type { ConfiguredServer, ResolvedServer, ServerResolver } from '../servers/types';
import type { Clock } from '../util/clock';
import { messageOf } from '../util/errors';
import { isJsonObject, tryParseJson, type JsonObject } from '../util/json';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import type { EventStream } from './eventStream';
import type { Frame, Outgoing } from './frame';
import { InFlight, type Pending } from './inFlight';
import type { ProcessLedger } from './processLedger';
import { openTransport } from './transports/open';
import type { CloseReason, TransportEvents, UpstreamTransport } from './transports/types';

const STDERR_TAIL_LINES = 20;
const MAX_STRAY_CHARACTERS = 2000;
/** What may wait for a slow client on one stream before its server is held back. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** New HTTP sessions that a server may forget before it has answered anything in one of them. */
const MAX_LOST_SESSIONS = 3;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;
/** A server that ran this long before it was lost starts again without delay growth. */
const STABLE_MS = 60_000;

/** A request or notification from the server. */
export interface ServerFrame extends Frame {
  /** The request in whose course it came, where known. */
  readonly pending: Pending | undefined;
}

export type ConnectionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string; readonly stderr: readonly string[]; readonly retryInMs?: number }
  | { readonly kind: 'closed' };

export interface ConnectionOwner {
  onServerRequest(connection: UpstreamConnection, frame: ServerFrame): void;
  onServerNotification(connection: UpstreamConnection, frame: ServerFrame): void;
  /** The server has answered `initialize`. `first`: since the session began. */
  onHandshake(connection: UpstreamConnection, answer: Frame, first: boolean): void;
  onStateChange(connection: UpstreamConnection): void;
}

export interface ConnectionContext {
  readonly recorder: Recorder;
  readonly resolver: ServerResolver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly auth: UpstreamAuth | undefined;
  readonly processes: ProcessLedger | undefined;
  /** The store's session id. */
  readonly session: string;
  /** The client's handshake goes to other servers too. */
  readonly fansOut?: boolean;
}

interface Queued {
  readonly out: Outgoing;
  readonly pending: Pending | undefined;
}

export class UpstreamConnection {
  readonly server: ConfiguredServer;
  /** What the server answered to `initialize`; kept over restarts until the next answer. */
  handshake: JsonObject | undefined;

  #state: ConnectionState = { kind: 'idle' };
  #transport: UpstreamTransport | undefined;
  /** Number of the transport in use; events of earlier ones are ignored. */
  #generation = 0;
  #initialize: Frame | undefined;
  #initialized: Frame | undefined;
  #handshakes = 0;
  /** Since the server has answered a request last. */
  #lostSessions = 0;
  #queue: Queued[] = [];
  readonly #inFlight = new InFlight();
  #stderr: string[] = [];
  #legacySse = false;
  #failures = 0;
  #readySinceMs = 0;
  #ownRequests = 0;
  readonly #restart = new MutableDisposable<Disposable>();
  #closing: Promise<void> | undefined;
  readonly #endings = new Set<Promise<void>>();

  constructor(
    server: ConfiguredServer,
    private readonly context: ConnectionContext,
    private readonly owner: ConnectionOwner,
  ) {
    this.server = server;
  }

  get name(): string {
    return this.server.name;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isReady(): boolean {
    return this.#state.kind === 'ready';
  }

  /** A capability the server has declared, for example `tools`. */
  hasCapability(name: string): boolean {
    const capabilities = this.handshake?.capabilities;
    return isJsonObject(capabilities) && isJsonObject(capabilities[name]);
  }

  /** Starts the server and sends it the client's `initialize`; restarts use the same bytes again. */
  start(initialize: Frame): void {
    this.#initialize = initialize;
    this.#start(initialize.number);
  }

  /** The client has finished the handshake; sent at once, or as soon as the server has answered. */
  clientInitialized(frame: Frame): void {
    if (this.#initialized) return;
    this.#initialized = frame;
    if (this.isReady) this.#write(this.#forwarded(frame, false));
  }

  /** Sends a frame; while the server starts it waits. `pending` for requests. */
  send(out: Outgoing, pending?: Pending): void {
    switch (this.#state.kind) {
      case 'ready':
        this.#deliver(out, pending);
        return;
      case 'starting':
        // Answers to the server's own requests (ping) are part of what the handshake may need.
        if (this.#transport && (out.envelope.kind === 'result' || out.envelope.kind === 'error')) this.#write(out);
        else this.#queue.push({ out, pending });
        return;
      case 'failed':
        pending?.onLost(this.#unavailable(this.#state));
        return;
      default:
        pending?.onLost(`Server "${this.name}" is not running`);
    }
  }

  /** A request of the gateway itself. `params`: JSON text. Rejects with the reason where no answer comes. */
  request(method: string, params: string | undefined, cause: number, more?: Partial<Pending>): Promise<Frame> {
    const id = `"mcp-shark/${++this.#ownRequests}"`;
    const bytes = requestFrame(id, method, params);
    return new Promise((resolve, reject) => {
      this.send(
        { bytes, envelope: scanEnvelope(bytes), server: this.name, cause, ownMessage: true },
        {
          ...more,
          id,
          method,
          cause,
          onAnswer: resolve,
          onLost: (message) => reject(new Error(message)),
        },
      );
    });
  }

  /** Forgets a request whose answer nobody wants any more. */
  forget(id: string): void {
    const pending = this.#inFlight.get(id);
    if (pending) this.#inFlight.settle(pending);
    else this.#queue = this.#queue.filter((entry) => entry.pending?.id !== id);
  }

  /** Reads nothing more from the server until `stream`, which it floods, has been read by the client. */
  holdBackFor(stream: EventStream): void {
    const transport = this.#transport;
    if (!transport) return;
    transport.pause(true);
    stream.onDrained(() => transport.pause(false));
  }

  /** Stops the server; nothing is reported lost afterwards except what is in flight now. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasUp = this.#state.kind === 'ready' || this.#state.kind === 'starting';
    this.#restart.dispose();
    this.#generation++;
    const transport = this.#transport;
    this.#transport = undefined;
    this.#setState({ kind: 'closed' });
    this.#loseAll(`Server "${this.name}" was stopped`);
    // What was recorded as sent is sent before the server is told to go.
    this.context.recorder.flush();
    if (transport) await this.#end(transport);
    await Promise.all(this.#endings);
    if (wasUp) this.#event('server.stopped', {});
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.owner.onStateChange(this);
  }

  #event(type: Parameters<Recorder['event']>[0]['type'], data: Record<string, unknown>): void {
    this.context.recorder.event({ type, session: this.context.session, server: this.name, data });
  }

  #start(cause: number): void {
    const generation = ++this.#generation;
    this.#setState({ kind: 'starting' });
    this.#event('server.starting', { attempt: this.#failures + 1, transport: this.server.config.type });
    this.context.resolver.resolve(this.server).then(
      (resolved) => {
        if (generation === this.#generation) this.#open(resolved, generation, cause);
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        // Not tried again by itself: resolving may ask the user, who has just said no.
        this.#failed({ message: `Server "${this.name}" cannot be started: ${messageOf(error)}`, unexpected: true }, false);
      },
    );
  }

  #open(resolved: ResolvedServer, generation: number, cause: number): void {
    const current = (): boolean => generation === this.#generation;
    const events: TransportEvents = {
      onMessage: (bytes, stream, envelope) => {
        if (current()) this.#receive(bytes, stream, envelope);
      },
      onStderr: (lines) => {
        // Also after the end: a process's last words explain it.
        this.#stderr = [...this.#stderr, ...lines].slice(-STDERR_TAIL_LINES);
        this.#event('server.stderr', { lines });
      },
      onSendFailed: (id, message, data) => {
        if (!current()) return;
        const pending = this.#inFlight.get(id);
        if (pending) {
          this.#inFlight.settle(pending);
          pending.onLost(message, data);
        } else this.context.logger.warn(message);
      },
      onSessionLost: ({ bytes, envelope, renewed }) => {
        if (!current()) return;
        const pending = this.#inFlight.get(envelope.id);
        if (envelope.kind === 'request' && !pending) return;
        // A 404 says that the frame was not taken, so sending it again is safe.
        const again: Outgoing = { bytes, envelope, server: this.name, cause: pending?.cause, forwards: pending?.cause };
        if (pending) this.#inFlight.settle(pending);
        // Every handshake sends this one by itself.
        const isRepeated = envelope.method === 'notifications/initialized';
        if (renewed && this.#state.kind === 'ready') {
          if (!isRepeated) this.#deliver(again, pending);
          return;
        }
        if (!isRepeated) this.#queue.push({ out: again, pending });
        if (this.#state.kind !== 'ready') return;
        if (++this.#lostSessions > MAX_LOST_SESSIONS) {
          this.#failed({ message: `Server "${this.name}" knows none of the sessions it gives (HTTP 404 each time)`, unexpected: true });
          return;
        }
        this.#setState({ kind: 'starting' });
        this.#shakeHands(cause);
      },
      onClose: (reason) => {
        if (!current()) return;
        if (reason.tryLegacySse && !this.#legacySse && resolved.type === 'http') {
          this.#legacySse = true;
          this.context.logger.info(`${reason.message}; trying HTTP+SSE`);
          this.#inFlight.takeAll();
          this.#open(resolved, ++this.#generation, cause);
          return;
        }
        this.#failed(reason);
      },
    };
    try {
      const { clock, auth } = this.context;
      this.#transport = openTransport(resolved, events, { clock, auth, legacySse: this.#legacySse });
    } catch (error) {
      this.#failed({ message: `Server "${this.name}" cannot be started: ${messageOf(error)}`, unexpected: true });
      return;
    }
    this.#lostSessions = 0;
    const { pid } = this.#transport;
    if (pid !== undefined) this.context.processes?.add(pid);
    this.#shakeHands(cause);
  }

  async #end(transport: UpstreamTransport): Promise<void> {
    await transport.close();
    if (transport.pid !== undefined) this.context.processes?.remove(transport.pid);
  }

  #shakeHands(cause: number): void {
    const initialize = this.#initialize;
    if (!initialize) return;
    const first = this.#handshakes === 0;
    const generation = this.#generation;
    const pending: Pending = {
      id: initialize.envelope.id!,
      method: 'initialize',
      cause,
      onAnswer: (frame) => {
        if (generation === this.#generation) this.#handshakeAnswered(frame, first);
      },
      // The transport's end is told by onClose.
      onLost: (message, data) => {
        if (generation === this.#generation && this.#state.kind === 'starting') {
          this.#failed({ message: data?.body === undefined ? message : `${message}: ${String(data.body)}`, unexpected: true });
        }
      },
    };
    this.#inFlight.add(pending);
    this.#write(this.#forwarded(initialize, !first || this.#failures > 0));
  }

  #handshakeAnswered(frame: Frame, first: boolean): void {
    const { envelope, bytes } = frame;
    const result = envelope.resultSpan ? tryParseJson(rawText(bytes, envelope.resultSpan)) : undefined;
    if (!isJsonObject(result)) {
      const error = envelope.errorSpan ? tryParseJson(rawText(bytes, envelope.errorSpan)) : undefined;
      const text = isJsonObject(error) && typeof error.message === 'string' ? error.message : 'no valid answer';
      if (first) {
        this.#handshakes++;
        this.owner.onHandshake(this, frame, true);
      }
      this.#failed({ message: `Server "${this.name}" refused the connection: ${text}`, unexpected: true });
      return;
    }
    this.handshake = result;
    this.#handshakes++;
    const version = typeof result.protocolVersion === 'string' ? result.protocolVersion : undefined;
    this.#transport?.handshakeDone(version);
    this.#readySinceMs = this.context.clock.wallMs();
    const info = isJsonObject(result.serverInfo) ? result.serverInfo : {};
    this.#event('server.running', {
      pid: this.#transport?.pid,
      name: info.name,
      version: info.version,
      protocolVersion: version,
    });
    this.#setState({ kind: 'ready' });
    if (this.#initialized) this.#write(this.#forwarded(this.#initialized, !first));
    const queue = this.#queue;
    this.#queue = [];
    for (const { out, pending } of queue) this.#deliver(out, pending);
    this.owner.onHandshake(this, frame, first);
  }

  #forwarded(frame: Frame, own: boolean): Outgoing {
    const { bytes, envelope, number } = frame;
    const forwarded = { bytes, envelope, server: this.name, forwards: number, unchanged: true };
    // One message to many servers, or once more to a restarted one: each copy is an exchange of the gateway's own, in
    // the course of the client's.
    return own || this.context.fansOut ? { ...forwarded, cause: number, ownMessage: true } : forwarded;
  }

  #deliver(out: Outgoing, pending: Pending | undefined): void {
    if (pending) this.#inFlight.add(pending);
    this.#write(out);
  }

  /** Records, then sends. */
  #write(out: Outgoing): void {
    const transport = this.#transport;
    if (!transport) return;
    const bytes = transport.encode(out.bytes);
    const frame = {
      leg: 'upstream',
      direction: 'toServer',
      session: this.context.session,
      server: this.name,
      envelope: out.envelope,
      bytes,
      forwards: out.forwards,
      unchanged: out.unchanged && bytes === out.bytes,
      cause: out.cause,
      ownMessage: out.ownMessage,
    } as const;
    this.context.recorder.frame(frame, () => transport.send(bytes, out.envelope));
  }

  #receive(received: Buffer, stream: string | undefined, scanned?: Envelope, inBatch = false): void {
    let bytes = received;
    let envelope = scanned ?? scanEnvelope(bytes);
    if (envelope.malformed && !isUtf8(bytes)) {
      // Clients decode leniently, so a wrong byte in a text must not cost the whole message.
      bytes = Buffer.from(bytes.toString('utf8'));
      envelope = scanEnvelope(bytes);
    }
    const { kind, id } = envelope;
    const parts = kind === 'batch' && !inBatch ? splitBatch(bytes) : [];
    if (parts.length > 0) {
      for (const part of parts) this.#receive(part, stream, undefined, true);
      return;
    }
    if (kind === 'invalid' || kind === 'batch') {
      this.#event('server.strayStdout', {
        problem: envelope.problem ?? 'an empty or nested batch',
        text: bytes.toString('utf8', 0, MAX_STRAY_CHARACTERS),
        bytes: bytes.length,
      });
      return;
    }
    const isAnswer = kind === 'result' || kind === 'error';
    const pending = isAnswer ? this.#inFlight.get(id) : this.#inFlight.causeOf(bytes, envelope, stream, this.#transport?.isShared ?? false);
    const number = this.context.recorder.frame({
      leg: 'upstream',
      direction: 'toClient',
      session: this.context.session,
      server: this.name,
      envelope,
      bytes,
      cause: pending?.cause,
      arrived: true,
    });
    if (isAnswer) {
      if (!pending) return;
      if (pending.method !== 'initialize') this.#lostSessions = 0;
      this.#inFlight.settle(pending);
      pending.onAnswer({ bytes, envelope, number });
      return;
    }
    const frame: ServerFrame = { bytes, envelope, number, pending };
    if (kind === 'request') this.owner.onServerRequest(this, frame);
    else this.owner.onServerNotification(this, frame);
    const flooded = pending?.exchange?.stream;
    if (flooded && flooded.waitingBytes > MAX_WAITING_BYTES) this.holdBackFor(flooded);
  }

  #loseAll(message: string): void {
    const lost = this.#inFlight.takeAll();
    for (const { pending } of this.#queue) if (pending) lost.push(pending);
    this.#queue = [];
    for (const pending of lost) pending.onLost(message);
  }

  #unavailable(state: Extract<ConnectionState, { kind: 'failed' }>): string {
    const retry = state.retryInMs === undefined ? '' : ` (next start within ${Math.ceil(state.retryInMs / 1000)} s)`;
    return `${state.message}${retry}`;
  }

  #failed(reason: CloseReason, mayRetry = true): void {
    this.#generation++;
    const transport = this.#transport;
    this.#transport = undefined;
    if (transport) this.#track(this.#end(transport));
    const lastLine = this.#stderr.at(-1);
    const message = lastLine === undefined ? reason.message : `${reason.message}; last line of stderr: ${lastLine}`;
    const ranMs = this.#state.kind === 'ready' ? this.context.clock.wallMs() - this.#readySinceMs : 0;
    if (ranMs >= STABLE_MS) this.#failures = 0;
    const retryInMs = mayRetry ? Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, MAX_BACKOFF_MS) : undefined;
    this.#failures++;
    this.#event('server.failed', { message: reason.message, stderr: this.#stderr, retryInMs });
    this.context.logger.warn(message);
    this.#setState({ kind: 'failed', message, stderr: this.#stderr, retryInMs });
    this.#loseAll(message);
    if (this.#closing || this.#state.kind !== 'failed' || retryInMs === undefined) return;
    this.#restart.value = this.context.clock.timer(retryInMs, () => {
      this.#restart.clear();
      this.#stderr = [];
      this.#start(this.#initialize?.number ?? 0);
    });
  }

  #track(ending: Promise<void>): void {
    this.#endings.add(ending);
    void ending.finally(() => this.#endings.delete(ending));
  }
}
