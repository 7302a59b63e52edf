/**
 * Owns one session's connection to one server over its whole life: start, handshake with the client's own `initialize`,
 * requests in flight, loss, restart with back-off. Invariants: every request that is sent or queued is answered or
 * reported lost, exactly once; every frame is recorded before it is passed on; after `close()` nothing is left running.
 */
import type { Buffer } from 'node:buffer';
import type { Recorder } from '../capture/types';
import type { Envelope } from '../mcp/envelope';
import { requestFrame } from '../mcp/messages';
import { withoutGiven } from '../servers/given';
import type { ConfiguredServer } from '../servers/types';
import { messageOf } from '../util/errors';
import { isJsonObject, type JsonObject } from '../util/json';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import { BackOff } from './backOff';
import type { ConnectionContext, ConnectionOwner, ConnectionState, ServerFrame } from './connectionTypes';
import { DefinitionWatch } from './definitionWatch';
import type { EventStream } from './eventStream';
import { ownMessage, type Frame, type Outgoing } from './frame';
import { readHandshake, readIncoming } from './incoming';
import { InFlight, type Pending } from './inFlight';
import { hold } from './transports/letGo';
import type { CloseReason, TransportEvents } from './transports/types';
import { UpstreamWire } from './upstreamWire';

const MAX_STRAY_CHARACTERS = 2000;
/** What may wait for a slow client on one stream before its server is held back. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** New HTTP sessions that a server may forget before it has answered anything in one of them. */
const MAX_LOST_SESSIONS = 3;

interface Queued {
  readonly out: Outgoing;
  readonly pending: Pending | undefined;
}

export class UpstreamConnection {
  /** What the server defines, as this session knows it. */
  readonly definitions: DefinitionWatch;
  /** What the server answered to `initialize`; kept over restarts until the next answer. */
  handshake: JsonObject | undefined;

  #state: ConnectionState = { kind: 'idle' };
  readonly #wire: UpstreamWire;
  #initialize: Frame | undefined;
  #initialized: Frame | undefined;
  #handshakes = 0;
  /** Since the server has answered a request last. */
  #lostSessions = 0;
  #queue: Queued[] = [];
  readonly #inFlight = new InFlight();
  readonly #backOff = new BackOff();
  #server: ConfiguredServer;
  #readySinceMs = 0;
  #ownRequests = 0;
  /** Number of the frame for which it was started last. */
  #cause = 0;
  readonly #restart = new MutableDisposable<Disposable>();
  #closing: Promise<void> | undefined;

  constructor(
    server: ConfiguredServer,
    private readonly context: ConnectionContext,
    private readonly owner: ConnectionOwner,
  ) {
    this.#server = server;
    this.definitions = new DefinitionWatch(server, context.governance, (limit) =>
      this.#event('policy.limit', { what: 'definitions remembered by a session', limit }),
    );
    this.#wire = new UpstreamWire(context, {
      name: this.name,
      definitions: this.definitions,
      onOpened: () => {
        this.#lostSessions = 0;
        this.#shakeHands(this.#cause);
      },
      onFallback: (message) => {
        context.logger.info(`${message}; trying HTTP+SSE`);
        this.#inFlight.takeAll();
      },
      onMessage: (bytes, stream, envelope) => this.#receive(bytes, stream, envelope),
      onStderr: (lines) => this.#event('server.stderr', { lines }),
      onSendFailed: (id, message, data) => {
        const pending = this.#inFlight.get(id);
        if (pending) {
          this.#inFlight.settle(pending);
          pending.onLost(message, data);
        } else context.logger.warn(message);
      },
      onSessionLost: (unsent) => this.#sessionLost(unsent),
      onRepeated: (facts) => this.#event('server.requestRepeated', facts),
      onClose: (reason) => this.#failed(reason),
    });
  }

  get server(): ConfiguredServer {
    return this.#server;
  }

  /** Takes over what the configuration says now of the same server: all but what runs. */
  adopt(server: ConfiguredServer): void {
    this.#server = server;
    this.definitions.adopt(server);
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
    if (this.isReady) this.#wire.write(this.#forwarded(frame, false));
  }

  /** Sends a frame; while the server starts it waits. `pending` for requests. */
  send(out: Outgoing, pending?: Pending): void {
    switch (this.#state.kind) {
      case 'ready':
        this.#deliver(out, pending);
        return;
      case 'starting':
        // Answers to the server's own requests (ping) are part of what the handshake may need.
        if (this.#wire.isOpen && (out.envelope.kind === 'result' || out.envelope.kind === 'error')) this.#wire.write(out);
        else this.#wait(out, pending);
        return;
      case 'failed':
        pending?.onLost(this.#unavailable(this.#state));
        return;
      default:
        pending?.onLost(`Server "${this.name}" is not running`);
    }
  }

  /** Nobody gives its memory back while it waits, nor that of what it was made of, whatever becomes of who has sent it. */
  #wait(out: Outgoing, pending: Pending | undefined): void {
    hold(out.bytes, pending?.method);
    if (out.edited) hold(out.edited.from, pending?.method);
    this.#queue.push({ out, pending });
  }

  /** An id for `request`, for who may have to cancel it. JSON text. */
  ownId(): string {
    return `"mcp-shark/${++this.#ownRequests}"`;
  }

  /** A request of the gateway itself. `params`: JSON text. Rejects with the reason where no answer comes. */
  request(method: string, params: string | undefined, cause: number, more?: Partial<Pending>): Promise<Frame> {
    const id = more?.id ?? this.ownId();
    return new Promise((resolve, reject) => {
      this.send(ownMessage(requestFrame(id, method, params), this.name, cause), {
        ...more,
        id,
        method,
        cause,
        onAnswer: resolve,
        onLost: (message) => reject(new Error(message)),
      });
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
    const goOn = this.#wire.pause();
    if (goOn) stream.onDrained(goOn);
  }

  /** While the server does not take what it is sent: what calls back when it does, or is gone. */
  held(): ((goOn: () => void) => void) | undefined {
    return this.#wire.held();
  }

  /** Stops the server; nothing is reported lost afterwards except what is in flight now. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasUp = this.#state.kind === 'ready' || this.#state.kind === 'starting';
    this.#restart.dispose();
    const end = this.#wire.leave();
    this.#setState({ kind: 'closed' });
    this.definitions.close();
    this.#loseAll(`Server "${this.name}" was stopped`);
    // What was recorded as sent is sent before the server is told to go.
    this.context.recorder.flush();
    end();
    await this.#wire.ended();
    if (wasUp) this.#event('server.stopped', {});
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.owner.onStateChange(this);
  }

  #event(type: Parameters<Recorder['event']>[0]['type'], data: Record<string, unknown>): void {
    this.context.recorder.event({ type, session: this.context.session, server: this.name, data });
  }

  #start(cause: number, isRestart = false): void {
    this.#cause = cause;
    const generation = this.#wire.begin(isRestart);
    this.#setState({ kind: 'starting' });
    this.#event('server.starting', { attempt: this.#backOff.failures + 1, transport: this.server.config.type });
    this.context.resolver.resolve(this.server).then(
      (resolved) => {
        if (generation !== this.#wire.generation) return;
        try {
          this.#wire.open(resolved);
        } catch (error) {
          this.#failed({ message: `Server "${this.name}" cannot be started: ${withoutGiven(messageOf(error), resolved.given)}`, unexpected: true });
        }
      },
      (error: unknown) => {
        if (generation !== this.#wire.generation) return;
        // Not tried again by itself: resolving may ask the user, who has just said no.
        this.#failed({ message: `Server "${this.name}" cannot be started: ${messageOf(error)}`, unexpected: true }, false);
      },
    );
  }

  #sessionLost({ bytes, envelope, renewed }: Parameters<TransportEvents['onSessionLost']>[0]): void {
    // An answer is to a question of the forgotten session; in the next one another may be open under its id.
    const isAnswer = envelope.kind === 'result' || envelope.kind === 'error';
    const pending = isAnswer ? undefined : this.#inFlight.get(envelope.id);
    if (envelope.kind === 'request' && !pending) return;
    // A 404 says that the frame was not taken, so sending it again is safe.
    const again: Outgoing = { bytes, envelope, server: this.name, cause: pending?.cause, forwards: pending?.cause };
    if (pending) this.#inFlight.settle(pending);
    // Every handshake sends this one by itself.
    const isVoid = isAnswer || envelope.method === 'notifications/initialized';
    if (renewed && this.#state.kind === 'ready') {
      if (!isVoid) this.#deliver(again, pending);
      return;
    }
    if (!isVoid) this.#wait(again, pending);
    if (this.#state.kind !== 'ready') return;
    if (++this.#lostSessions > MAX_LOST_SESSIONS) {
      this.#failed({ message: `Server "${this.name}" knows none of the sessions it gives (HTTP 404 each time)`, unexpected: true });
      return;
    }
    this.#setState({ kind: 'starting' });
    this.#shakeHands(this.#cause);
  }

  #shakeHands(cause: number): void {
    const initialize = this.#initialize;
    if (!initialize) return;
    const first = this.#handshakes === 0;
    const { generation } = this.#wire;
    const pending: Pending = {
      id: initialize.envelope.id!,
      method: 'initialize',
      cause,
      onAnswer: (frame) => {
        if (generation === this.#wire.generation) this.#handshakeAnswered(frame, first);
      },
      // The transport's end is told by onClose.
      onLost: (message, data) => {
        if (generation === this.#wire.generation && this.#state.kind === 'starting') {
          this.#failed({ message: data?.body === undefined ? message : `${message}: ${String(data.body)}`, unexpected: true });
        }
      },
    };
    this.#inFlight.add(pending);
    this.#wire.write(this.#forwarded(initialize, !first || this.#backOff.failures > 0));
  }

  #handshakeAnswered(frame: Frame, first: boolean): void {
    const result = readHandshake(frame);
    if (typeof result === 'string') {
      if (first) {
        this.#handshakes++;
        this.owner.onHandshake(this, frame, true);
      }
      this.#failed({ message: `Server "${this.name}" refused the connection: ${result}`, unexpected: true });
      return;
    }
    this.handshake = result;
    this.#handshakes++;
    this.definitions.handshake(frame.bytes, frame.envelope.resultSpan!);
    const version = typeof result.protocolVersion === 'string' ? result.protocolVersion : undefined;
    this.#wire.handshakeDone(version);
    this.#readySinceMs = this.context.clock.wallMs();
    const info = isJsonObject(result.serverInfo) ? result.serverInfo : {};
    this.#event('server.running', {
      pid: this.#wire.pid,
      name: info.name,
      version: info.version,
      protocolVersion: version,
    });
    this.#setState({ kind: 'ready' });
    if (this.#initialized) this.#wire.write(this.#forwarded(this.#initialized, !first));
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
    if (pending) {
      this.#inFlight.add(pending);
      this.definitions.asked(pending, pending.method, out.bytes, out.envelope.paramsSpan);
    }
    this.#wire.write(out);
  }

  #receive(received: Buffer, stream: string | undefined, scanned?: Envelope): void {
    for (const { bytes, envelope } of readIncoming(received, scanned)) this.#received(bytes, envelope, stream);
  }

  #received(bytes: Buffer, envelope: Envelope, stream: string | undefined): void {
    const { kind, id } = envelope;
    if (kind === 'invalid' || kind === 'batch') {
      this.#event('server.strayStdout', {
        problem: envelope.problem ?? 'an empty or nested batch',
        text: bytes.toString('utf8', 0, MAX_STRAY_CHARACTERS),
        bytes: bytes.length,
      });
      return;
    }
    const isAnswer = kind === 'result' || kind === 'error';
    const pending = isAnswer ? this.#inFlight.get(id) : this.#inFlight.causeOf(bytes, envelope, stream, this.#wire.isShared);
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
      this.definitions.answered(pending, pending.method, bytes, envelope);
      pending.onAnswer({ bytes, envelope, number, release: hold(bytes, pending.method) });
      return;
    }
    if (envelope.method === 'notifications/tools/list_changed') this.definitions.markStale();
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
    const end = this.#wire.leave();
    end();
    const { stderr } = this.#wire;
    const lastLine = stderr.at(-1);
    const message = lastLine === undefined ? reason.message : `${reason.message}; last line of stderr: ${lastLine}`;
    const ranMs = this.#state.kind === 'ready' ? this.context.clock.wallMs() - this.#readySinceMs : 0;
    const delayMs = this.#backOff.failed(ranMs);
    const retryInMs = mayRetry ? delayMs : undefined;
    this.#event('server.failed', { message: reason.message, stderr, retryInMs });
    this.context.logger.warn(message);
    this.#setState({ kind: 'failed', message, stderr, retryInMs });
    this.#loseAll(message);
    if (this.#closing || this.#state.kind !== 'failed' || retryInMs === undefined) return;
    this.#restart.value = this.context.clock.timer(retryInMs, () => {
      this.#restart.clear();
      this.#start(this.#initialize?.number ?? 0, true);
    });
  }
}
