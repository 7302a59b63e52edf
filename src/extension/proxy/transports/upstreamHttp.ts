/**
 * Owns the HTTP exchanges of one upstream connection: its kept-alive sockets, the configured headers, and authorization.
 * A refusal (401, 403) is taken to `UpstreamAuth` once and the request sent again where that helps; what the client sees
 * of it is never more than a JSON-RPC error.
 */
import type { IncomingMessage } from 'node:http';
import { targetOf } from '../../auth/target';
import type { UpstreamAuth, UpstreamTarget } from '../../auth/types';
import type { ResolvedServer } from '../../servers/types';
import { isAppError } from '../../util/errors';
import { FreshSet } from '../../util/freshMap';
import { destroyAgents, httpRequest, makeAgents, type Exchange, type HttpRequestOptions } from './httpRequest';

export type UpstreamRequest = Omit<HttpRequestOptions, 'agents'>;

export class UpstreamHttp {
  readonly #agents = makeAgents();
  readonly #open = new FreshSet<Exchange>();
  readonly #target: UpstreamTarget;
  readonly #auth: UpstreamAuth | undefined;
  #lastHeaders: { own: object; authorization: string | undefined; merged: Readonly<Record<string, string>> } | undefined;
  /** Names in small letters. */
  readonly #headers: Readonly<Record<string, string>>;

  constructor(server: Extract<ResolvedServer, { type: 'http' | 'sse' }>, auth: UpstreamAuth | undefined) {
    this.#target = targetOf(server);
    const headers: Record<string, string> = { 'user-agent': 'mcp-shark' };
    for (const [name, value] of Object.entries(server.headers)) headers[name.toLowerCase()] = value;
    this.#headers = headers;
    // Who configures the header himself wants no other.
    this.#auth = headers.authorization === undefined ? auth : undefined;
  }

  /**
   * Sends a request with the configured headers under those of `options`. It is open until `release` or `destroy`:
   * the caller releases it when the answer is read. Neither callback is called after that.
   */
  request(options: UpstreamRequest): Exchange & { release(): void } {
    const auth = this.#auth;
    let current: Exchange | undefined;
    let attempts = 0;
    let isOver = false;
    const abort = auth ? new AbortController() : undefined;
    const exchange = {
      destroy: (): void => {
        isOver = true;
        abort?.abort();
        current?.destroy();
        this.#open.delete(exchange);
      },
      release: (): void => void this.#open.delete(exchange),
      isSent: (): boolean => attempts === 1 && current?.isSent() === true,
    };
    this.#open.add(exchange);
    const fail = (error: unknown): void => {
      if (!isOver) options.onError(error as NodeJS.ErrnoException);
    };

    const send = (authorization: string | undefined, isRepeat: boolean): void => {
      if (isOver) return;
      attempts++;
      current = httpRequest({
        ...options,
        agents: this.#agents,
        headers: this.#merged(options.headers, authorization),
        onResponse: (response) => {
          // The end of a session is not worth asking anybody for.
          if (auth && !isRepeat && options.method !== 'DELETE' && isRefusal(response)) this.#challenged(auth, response, authorization, abort?.signal).then(
            (worthwhile) => {
              if (isOver || !worthwhile) {
                if (!isOver) options.onResponse(response);
                return;
              }
              response.resume();
              authorize(true);
            },
            (error: unknown) => {
              response.resume();
              fail(error);
            },
          );
          else options.onResponse(response);
        },
      });
    };
    const authorize = (isRepeat: boolean): void => {
      const known = auth?.known(this.#target);
      if (!auth || known) send(known?.header, isRepeat);
      else auth.authorization(this.#target, abort?.signal).then((header) => send(header, isRepeat), fail);
    };
    authorize(false);
    return exchange;
  }

  /** Configured headers, authorization, and the request's own; kept for callers that give the same object again. */
  #merged(own: Readonly<Record<string, string>>, authorization: string | undefined): Readonly<Record<string, string>> {
    const known = this.#lastHeaders;
    if (known && known.own === own && known.authorization === authorization) return known.merged;
    const merged = { ...this.#headers, ...(authorization === undefined ? {} : { authorization }), ...own };
    this.#lastHeaders = { own, authorization, merged };
    return merged;
  }

  #challenged(
    auth: UpstreamAuth,
    response: IncomingMessage,
    sent: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    // The answer may stay unread for as long as a person signs in; the server may give up on it meanwhile.
    response.on('error', () => undefined);
    return auth.challenged(
      this.#target,
      {
        status: response.statusCode === 403 ? 403 : 401,
        wwwAuthenticate: response.headers['www-authenticate'],
        sent,
      },
      signal,
    );
  }

  /** Ends all that is open; more may be sent. */
  destroyAll(): void {
    for (const exchange of this.#open) exchange.destroy();
  }

  close(): void {
    this.destroyAll();
    destroyAgents(this.#agents);
  }
}

function isRefusal(response: IncomingMessage): boolean {
  return response.statusCode === 401 || (response.statusCode === 403 && response.headers['www-authenticate'] !== undefined);
}

/** What to tell of a request that failed: authorization explains itself, the network needs the place. */
export function describeFailure(server: string, place: string, error: NodeJS.ErrnoException): string {
  if (isAppError(error)) return error.message;
  return `Server "${server}" cannot be reached at ${place}: ${error.message || (error.code ?? 'unknown error')}`;
}
