/**
 * Owns a session on `/mcp/<server>`: everything passes both ways byte for byte, `initialize` included. The gateway speaks
 * for itself only where the server cannot: when it is not there, or dies with requests in flight.
 */
import { scanEnvelope } from '../mcp/envelope';
import { errorFrame, INVALID_REQUEST, SERVER_UNAVAILABLE } from '../mcp/messages';
import { canonicalScalar, decodeString, findMember, findPath } from '../mcp/spans';
import type { ConfiguredServer } from '../servers/types';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { verbatim, type Frame } from './frame';
import type { Pending } from './inFlight';
import type { PostExchange } from './postExchange';
import { UpstreamConnection, type ConnectionContext, type ServerFrame } from './upstreamConnection';

export class RelayRouter implements SessionRouter {
  readonly connection: UpstreamConnection;
  /** The client's `initialize`, until it is answered. */
  #opening: { readonly frame: Frame; readonly exchange: PostExchange } | undefined;
  readonly #open = new Map<string, PostExchange>();

  constructor(
    private readonly session: DownstreamSession,
    server: ConfiguredServer,
    context: ConnectionContext,
    onStateChange: () => void,
  ) {
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
      this.#open.set(envelope.id!, exchange);
      this.connection.send(out, this.#pending(frame, exchange));
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
        this.session.answer(exchange, id, verbatim(answer, this.connection.name));
      },
      onLost: (message, data) => {
        this.#open.delete(id);
        this.#fail(exchange, id, frame.number, SERVER_UNAVAILABLE, message, data);
      },
    };
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

  async close(): Promise<void> {
    await this.connection.close();
  }
}
