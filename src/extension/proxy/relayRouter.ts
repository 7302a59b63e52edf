/**
 * Owns a session on `/mcp/<server>`: everything passes both ways byte for byte, `initialize` included. The gateway speaks
 * for itself only where the server cannot (it is not there, or dies with requests in flight) or may not: tools that a rule
 * or policy keeps from clients are cut out of lists and refused when called.
 */
import { scanEnvelope } from '../mcp/envelope';
import { BLOCKED_BY_POLICY, errorFrame, INVALID_REQUEST, notificationFrame, SERVER_UNAVAILABLE } from '../mcp/messages';
import { canonicalScalar, decodeString, findMember, findPath, splice } from '../mcp/spans';
import type { ConfiguredServer } from '../servers/types';
import { FreshMap } from '../util/freshMap';
import { Admission } from './admission';
import type { ConnectionContext, ServerFrame } from './connectionTypes';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { changed, verbatim, type Frame, type Outgoing } from './frame';
import type { Pending } from './inFlight';
import type { PostExchange } from './postExchange';
import { UpstreamConnection } from './upstreamConnection';

export class RelayRouter implements SessionRouter {
  readonly connection: UpstreamConnection;
  /** The client's `initialize`, until it is answered. */
  #opening: { readonly frame: Frame; readonly exchange: PostExchange } | undefined;
  readonly #open = new FreshMap<string, PostExchange>();
  readonly #admission: Admission;

  constructor(
    private readonly session: DownstreamSession,
    server: ConfiguredServer,
    context: ConnectionContext,
    onStateChange: () => void,
  ) {
    this.#admission = new Admission(context);
    this.connection = new UpstreamConnection(server, context, {
      onServerRequest: (_connection, frame) => this.#toClient(frame),
      onServerNotification: (_connection, frame) => this.#toClient(frame),
      onHandshake: (_connection, answer) => this.#handshake(answer),
      onStateChange: (connection) => {
        if (connection.state.kind === 'failed') this.#startFailed(connection.state.message);
        onStateChange();
      },
    });
  }

  receive(frame: Frame, exchange: PostExchange | undefined): void {
    const { envelope, bytes } = frame;
    const out = verbatim(frame, this.connection.name);
    if (envelope.kind === 'request' && exchange) {
      if (envelope.method === 'initialize') {
        if (this.connection.state.kind === 'idle') {
          this.#opening = { frame, exchange };
          this.connection.start(frame);
        } else this.#fail(exchange, envelope.id!, frame.number, INVALID_REQUEST, 'This session is already initialized');
        return;
      }
      const id = envelope.id!;
      this.#open.set(id, exchange);
      const name = envelope.method === 'tools/call' ? decodeString(bytes, envelope.params?.name) : undefined;
      if (name === undefined) this.connection.send(out, this.#pending(frame, exchange));
      else {
        this.#admission.ask(this.connection, frame, name, (refusal) => {
          // It may have been cancelled while the tools were listed.
          if (this.#open.get(id) !== exchange) return;
          if (!refusal) this.connection.send(out, this.#pending(frame, exchange));
          else {
            this.#open.delete(id);
            this.#fail(exchange, id, frame.number, BLOCKED_BY_POLICY, refusal.message, refusal.data);
          }
        });
      }
      return;
    }
    if (envelope.method === 'notifications/initialized') {
      this.connection.clientInitialized(frame);
      return;
    }
    this.connection.send(out);
    if (envelope.method === 'notifications/cancelled') this.#cancelled(frame, bytes);
  }

  #pending(frame: Frame, exchange: PostExchange): Pending {
    const { envelope, bytes } = frame;
    const id = envelope.id!;
    const token = findMember(bytes, envelope.params?.meta, 'progressToken');
    return {
      id,
      method: envelope.method!,
      cause: frame.number,
      token: token && canonicalScalar(bytes, token),
      exchange,
      onAnswer: (answer) => {
        this.#open.delete(id);
        this.session.answer(exchange, id, this.#visible(answer));
      },
      onLost: (message, data) => {
        this.#open.delete(id);
        this.#fail(exchange, id, frame.number, SERVER_UNAVAILABLE, message, data);
      },
    };
  }

  /** The answer as it came, but for the elements of a list that clients are not to see. */
  #visible(answer: Frame): Outgoing {
    const edits = this.connection.definitions.cuts(answer.bytes);
    if (edits.length === 0) return verbatim(answer, this.connection.name);
    const bytes = splice(answer.bytes, edits);
    return changed(answer, bytes, scanEnvelope(bytes), this.connection.name);
  }

  /** Clients may see or call other tools than before, though the server has not changed. */
  toolsChanged(): void {
    this.connection.definitions.markStale();
    if (!this.connection.isReady || !this.connection.hasCapability('tools')) return;
    const bytes = notificationFrame('notifications/tools/list_changed');
    this.session.send({ bytes, envelope: scanEnvelope(bytes), server: this.connection.name, ownMessage: true }, undefined);
  }

  #fail(exchange: PostExchange, id: string, cause: number, code: number, message: string, data?: unknown): void {
    const bytes = errorFrame(id, code, message, data);
    this.session.answer(exchange, id, {
      bytes,
      envelope: scanEnvelope(bytes),
      server: this.connection.name,
      cause,
      ownMessage: true,
    });
  }

  /** The server will not answer a cancelled request, so nobody must wait for it. */
  #cancelled(frame: Frame, bytes: Frame['bytes']): void {
    const span = findPath(bytes, frame.envelope.paramsSpan, 'requestId');
    if (!span) return;
    const id = canonicalScalar(bytes, span);
    const exchange = this.#open.get(id);
    if (!exchange) return;
    this.#open.delete(id);
    this.connection.forget(id);
    exchange.drop(id);
  }

  #toClient(frame: ServerFrame): void {
    this.session.send(verbatim(frame, this.connection.name, frame.pending?.cause), frame.pending?.exchange);
  }

  #handshake(answer: Frame): void {
    const opening = this.#opening;
    if (!opening) return;
    this.#opening = undefined;
    this.session.protocolVersion = decodeString(
      answer.bytes,
      findPath(answer.bytes, answer.envelope.resultSpan, 'protocolVersion'),
    );
    this.session.answer(opening.exchange, opening.frame.envelope.id!, verbatim(answer, this.connection.name));
  }

  #startFailed(message: string): void {
    const opening = this.#opening;
    if (!opening) return;
    this.#opening = undefined;
    this.#fail(opening.exchange, opening.frame.envelope.id!, opening.frame.number, SERVER_UNAVAILABLE, message);
  }

  /** All that comes is for this one server, so the client can as well wait for it. */
  held(): ((goOn: () => void) => void) | undefined {
    return this.connection.held();
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
