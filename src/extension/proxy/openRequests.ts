/**
 * Owns the client's requests of a session until they are answered or cancelled: what routing has read of them, where on the
 * aggregate they are in flight, and the answers the gateway gives itself. Invariant: each request is answered once at most.
 */
import type { Buffer } from 'node:buffer';
import type { RoutedParams } from '../mcp/envelope';
import { errorFrame, INVALID_REQUEST, resultFrame } from '../mcp/messages';
import { rawText, type Span } from '../mcp/spans';
import { FreshMap } from '../util/freshMap';
import type { DownstreamSession } from './downstreamSession';
import { ownMessage, type Frame, type Outgoing } from './frame';
import type { PostExchange } from './postExchange';
import type { UpstreamConnection } from './upstreamConnection';

const NO_PARAMS: RoutedParams = {};

export interface OpenRequest {
  readonly frame: Frame;
  readonly params: RoutedParams;
  readonly exchange: PostExchange;
  /** Where it is in flight; absent while the gateway itself works on it. */
  connection?: UpstreamConnection;
  /** Tells all servers that were asked in its course. `id`: where its id stands in the client's notification. */
  onCancelled?: (cancelled: Frame, id: Span) => void;
}

export class OpenRequests {
  readonly #byId = new FreshMap<string, OpenRequest>();

  constructor(private readonly session: DownstreamSession) {}

  open(frame: Frame, exchange: PostExchange): OpenRequest {
    const request: OpenRequest = { frame, exchange, params: frame.envelope.params ?? NO_PARAMS };
    const id = frame.envelope.id!;
    const before = this.#byId.get(id);
    // Its answer could not be told from the new one's, and its HTTP request would wait for ever.
    if (before && before.exchange !== exchange) this.fail(before.frame, INVALID_REQUEST, 'Another request was sent with the same id');
    this.#byId.set(id, request);
    return request;
  }

  get(id: string | undefined): OpenRequest | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** Whether the request still waits for its answer; not so once it is cancelled. */
  isOpen(frame: Frame): boolean {
    return this.#byId.get(frame.envelope.id!)?.frame === frame;
  }

  /** Nobody waits for the answer any more. */
  cancel(request: OpenRequest): void {
    const id = request.frame.envelope.id!;
    this.#byId.delete(id);
    request.exchange.drop(id);
  }

  answer(frame: Frame, out: Outgoing): void {
    if (!this.isOpen(frame)) return;
    const id = frame.envelope.id!;
    const { exchange } = this.#byId.get(id)!;
    this.#byId.delete(id);
    this.session.answer(exchange, id, out);
  }

  /** An answer of the gateway itself. `result`: JSON text. */
  answerOwn(frame: Frame, result: string | Buffer): void {
    this.answer(frame, ownMessage(resultFrame(rawText(frame.bytes, frame.envelope.idSpan!), result), undefined, frame.number));
  }

  /** `owner`: whose answer it would have been, and what that server calls what was asked for. */
  fail(frame: Frame, code: number, message: string, data?: unknown, owner?: { readonly server: string; readonly own?: string }): void {
    const bytes = errorFrame(rawText(frame.bytes, frame.envelope.idSpan!), code, message, data);
    this.answer(frame, { ...ownMessage(bytes, owner?.server, frame.number), name: owner?.own });
  }
}
