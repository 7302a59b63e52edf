/**
 * Owns what a client has settled with the server of `/mcp/<server>` that the server forgets when it is started anew, or
 * when it forgets an HTTP session: its subscriptions and the log level. Kept once the server has agreed, and told again.
 */
import type { Buffer } from 'node:buffer';
import type { RoutedParams } from '../mcp/envelope';
import { canonicalScalar, findMember, rawText, type Span } from '../mcp/spans';
import type { Frame } from './frame';
import { tellAgain } from './retelling';
import type { UpstreamConnection } from './upstreamConnection';

/** Subscriptions of one session that are told again. */
export const MAX_SUBSCRIPTIONS = 10_000;

export class RelayMemory {
  /** JSON texts of URIs, by their canonical texts. */
  readonly #subscriptions = new Map<string, string>();
  /** JSON text. */
  #level: string | undefined;
  #isFull = false;

  /** `onFull`: a subscription was not kept; called once. */
  constructor(private readonly onFull: (limit: number) => void) {}

  /** The server has agreed to a request of the client. */
  agreed({ bytes, envelope }: Frame): void {
    switch (envelope.method) {
      case 'logging/setLevel': {
        const level = findMember(bytes, envelope.paramsSpan, 'level');
        if (level) this.#level = rawText(bytes, level);
        return;
      }
      case 'resources/subscribe':
        this.#subscribe(bytes, envelope.params);
        return;
      case 'resources/unsubscribe':
        if (envelope.params?.uri) this.#subscriptions.delete(canonicalScalar(bytes, envelope.params.uri));
    }
  }

  #subscribe(bytes: Buffer, params: RoutedParams | undefined): void {
    const uri: Span | undefined = params?.uri;
    if (!uri) return;
    if (this.#subscriptions.size < MAX_SUBSCRIPTIONS) this.#subscriptions.set(canonicalScalar(bytes, uri), rawText(bytes, uri));
    else if (!this.#isFull) {
      this.#isFull = true;
      this.onFull(MAX_SUBSCRIPTIONS);
    }
  }

  /** Brings a server that has just shaken hands once more to where the client had brought it. */
  tellAgain(connection: UpstreamConnection, cause: number): void {
    const logLevel = this.#level === undefined ? undefined : `{"level":${this.#level}}`;
    tellAgain(connection, cause, { logLevel, subscriptions: this.#subscriptions.values() });
  }
}
