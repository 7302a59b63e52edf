/**
 * Owns a session on `/mcp/<server>`: everything passes both ways byte for byte, `initialize` included. The gateway speaks
 * for itself only where the server cannot (it is not there, or dies with requests in flight) or may not: tools that a rule
 * or policy keeps from clients are cut out of lists and refused when called. A server that comes back is brought to where
 * the client had brought the one before (relayMemory.ts), and hears no answer to what that one had asked (relayQuestions.ts).
 */
import type { CapturedEventType } from '../capture/types';
import { BLOCKED_BY_POLICY, errorFrame, INVALID_REQUEST, notificationFrame, SERVER_UNAVAILABLE } from '../mcp/messages';
import { canonicalScalar, decodeString, findMember, findPath, rawText } from '../mcp/spans';
import type { ConfiguredServer } from '../servers/types';
import { Admission } from './admission';
import type { ConnectionContext, ServerFrame } from './connectionTypes';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { ownMessage, rewritten, verbatim, type Frame, type Outgoing } from './frame';
import type { Pending } from './inFlight';
import { CHANGE_NOTIFICATIONS, type ListMethod } from './listKinds';
import { OpenRequests } from './openRequests';
import type { PostExchange } from './postExchange';
import { FLOOD, refuseQuestion, TOO_MANY, UNREACHABLE } from './questions';
import { RelayLists } from './relayLists';
import { RelayMemory } from './relayMemory';
import { RelayQuestions } from './relayQuestions';
import { listsToReread } from './retelling';
import { UpstreamConnection } from './upstreamConnection';

export interface RelayHooks {
  readonly onStateChange: () => void;
  /** The client has read a list to its end; `hash` tells whether it differs from before. */
  readonly onList: (method: ListMethod, hash: string) => void;
  /** The server says that a list of its has changed. */
  readonly onListChanged: (method: string) => void;
}

export class RelayRouter implements SessionRouter {
  readonly connection: UpstreamConnection;
  /** The client's `initialize`, until it is answered. */
  #opening: { readonly frame: Frame; readonly exchange: PostExchange } | undefined;
  readonly #open: OpenRequests;
  readonly #admission: Admission;
  readonly #questions: RelayQuestions;
  readonly #memory: RelayMemory;
  readonly #lists: RelayLists;
  /** Number of the client's `initialize`. */
  #begun = 0;
  #isInitialized = false;
  #isFlooded = false;

  constructor(
    private readonly session: DownstreamSession,
    server: ConfiguredServer,
    private readonly context: ConnectionContext,
    private readonly hooks: RelayHooks,
  ) {
    this.#open = new OpenRequests(session);
    this.#questions = new RelayQuestions(server.name);
    this.#memory = new RelayMemory((limit) => this.#event('policy.limit', { what: 'subscriptions kept for a restart', limit }));
    this.#admission = new Admission(context);
    this.connection = new UpstreamConnection(server, context, {
      onServerRequest: (_connection, frame) => this.#ask(frame),
      onServerNotification: (_connection, frame) => this.#tell(frame),
      onHandshake: (_connection, answer, first) => {
        if (first) this.#handshake(answer);
        else this.#cameBack();
      },
      onStateChange: (connection) => {
        // Lost, or it has forgotten the session: either way it waits for no answer.
        if (!connection.isReady) this.#takeBackQuestions();
        if (connection.state.kind === 'failed') this.#startFailed(connection.state.message);
        hooks.onStateChange();
      },
    });
    this.#lists = new RelayLists(this.connection.definitions);
  }

  receive(frame: Frame, exchange: PostExchange | undefined): void {
    const { envelope, bytes } = frame;
    const out = verbatim(frame, this.connection.name);
    if (envelope.kind === 'request' && exchange) {
      if (envelope.method === 'initialize') {
        if (this.connection.state.kind === 'idle') {
          this.#opening = { frame, exchange };
          this.#begun = frame.number;
          this.connection.start(frame);
        } else this.#refuse(frame, exchange, INVALID_REQUEST, 'This session is already initialized');
        return;
      }
      const before = this.#open.get(envelope.id);
      if (before && before.exchange !== exchange) this.connection.forget(envelope.id!);
      this.#open.open(frame, exchange);
      const name = envelope.method === 'tools/call' ? decodeString(bytes, envelope.params?.name) : undefined;
      if (name === undefined) this.connection.send(out, this.#pending(frame, exchange));
      else {
        this.#admission.ask(this.connection, frame, name, (refusal) => {
          // It may have been cancelled while the tools were listed.
          if (!this.#open.isOpen(frame)) return;
          if (refusal) this.#open.fail(frame, BLOCKED_BY_POLICY, refusal.message, refusal.data);
          else this.connection.send(out, this.#pending(frame, exchange));
        });
      }
      return;
    }
    this.#pass(frame, out);
  }

  /** Notifications of the client, and its answers to the server. */
  #pass(frame: Frame, out: Outgoing): void {
    const { envelope } = frame;
    switch (envelope.method) {
      case undefined: {
        const answer = this.#questions.answer(frame);
        if (answer) this.connection.send(answer);
        else this.#event('client.answerDropped', { frame: frame.number, why: 'the server does not wait for it, or no longer' });
        return;
      }
      case 'notifications/initialized':
        this.#isInitialized = true;
        this.connection.clientInitialized(frame);
        return;
      case 'notifications/progress': {
        const progress = this.#questions.progress(frame);
        if (progress) this.connection.send(progress);
        return;
      }
      case 'tools/call': {
        // Without an id nobody is told anything; but a server that runs it all the same is no way around policy.
        const name = decodeString(frame.bytes, findMember(frame.bytes, envelope.paramsSpan, 'name'));
        if (name === undefined) this.connection.send(out);
        else this.#admission.ask(this.connection, frame, name, (refusal) => !refusal && this.connection.send(out));
        return;
      }
      default:
        this.connection.send(out);
        if (envelope.method === 'notifications/cancelled') this.#cancelled(frame);
    }
  }

  #pending(frame: Frame, exchange: PostExchange): Pending {
    const { envelope, bytes } = frame;
    const token = findMember(bytes, envelope.params?.meta, 'progressToken');
    return {
      id: envelope.id!,
      method: envelope.method!,
      cause: frame.number,
      token: token && canonicalScalar(bytes, token),
      exchange,
      onAnswer: (answer) => {
        if (answer.envelope.kind === 'result') this.#memory.agreed(frame);
        const list = this.#lists.answered(frame, answer);
        if (list) this.hooks.onList(list.method, list.hash);
        this.#open.answer(frame, this.#visible(answer));
      },
      onLost: (message, data) => this.#open.fail(frame, SERVER_UNAVAILABLE, message, data),
    };
  }

  /** The answer as it came, but for the elements of a list that clients are not to see. */
  #visible(answer: Frame): Outgoing {
    const edits = this.connection.definitions.cuts(answer.bytes);
    if (edits.length === 0) return verbatim(answer, this.connection.name);
    return rewritten(answer, edits, this.connection.name);
  }

  /** Clients may see or call other tools than before, though the server has not changed. */
  toolsChanged(): void {
    this.connection.definitions.markStale();
    if (!this.connection.isReady || !this.connection.hasCapability('tools')) return;
    this.#notify('notifications/tools/list_changed');
  }

  #notify(method: string): void {
    this.session.send(ownMessage(notificationFrame(method), this.connection.name), undefined);
  }

  /** Answers an `initialize` in the server's place. */
  #refuse({ envelope, number }: Frame, exchange: PostExchange, code: number, message: string): void {
    const id = envelope.id!;
    this.session.answer(exchange, id, ownMessage(errorFrame(id, code, message), this.connection.name, number));
  }

  /** The server will not answer a cancelled request, so nobody must wait for it. */
  #cancelled({ bytes, envelope }: Frame): void {
    const span = findMember(bytes, envelope.paramsSpan, 'requestId');
    if (!span) return;
    const id = canonicalScalar(bytes, span);
    const request = this.#open.get(id);
    if (!request) return;
    this.connection.forget(id);
    this.#open.cancel(request);
  }

  #ask(frame: ServerFrame): void {
    const out = this.#questions.ask(frame);
    if (out) {
      this.#toClient(out, frame);
      return;
    }
    if (!this.#isFlooded) this.#event('policy.limit', FLOOD);
    this.#isFlooded = true;
    refuseQuestion(this.connection, rawText(frame.bytes, frame.envelope.idSpan!), frame.number, TOO_MANY);
  }

  /** A notification of the server. */
  #tell(frame: ServerFrame): void {
    const method = frame.envelope.method!;
    if (method === 'notifications/cancelled') {
      this.#toClient(this.#questions.cancelled(frame), frame);
      return;
    }
    if (CHANGE_NOTIFICATIONS.has(method)) this.hooks.onListChanged(method);
    this.#toClient(verbatim(frame, this.connection.name, frame.pending?.cause), frame);
  }

  #toClient(out: Outgoing, { pending }: ServerFrame): void {
    this.session.send(out, pending?.exchange);
    // What floods the stream of a request is seen to by the connection.
    if (pending?.exchange?.stream) return;
    const flooded = this.session.floodedStream;
    if (flooded) this.connection.holdBackFor(flooded);
  }

  /** See `SessionRouter.undeliverable`. */
  undeliverable(id: string): void {
    const question = this.#questions.giveUp(id);
    if (question) refuseQuestion(this.connection, question.rawId, question.number, UNREACHABLE);
  }

  /** Its answers would be taken for answers to what the server's next process asks. */
  #takeBackQuestions(): void {
    for (const { out, exchange } of this.#questions.takeBack()) this.session.send(out, exchange);
  }

  /** A server that has lost its memory: it is told again, and the client looks again at what it has. */
  #cameBack(): void {
    if (!this.connection.isReady) return;
    this.#memory.tellAgain(this.connection, this.#begun);
    if (!this.#isInitialized) return;
    for (const method of listsToReread(this.connection)) this.#notify(method);
  }

  #event(type: CapturedEventType, data: Record<string, unknown>): void {
    this.context.recorder.event({ type, session: this.session.storeId, server: this.connection.name, data });
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
    this.#refuse(opening.frame, opening.exchange, SERVER_UNAVAILABLE, message);
  }

  /** All that comes is for this one server, so the client can as well wait for it. */
  held(): ((goOn: () => void) => void) | undefined {
    return this.connection.held();
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
