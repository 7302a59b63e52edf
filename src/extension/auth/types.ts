/**
 * Owns the shapes of OAuth towards upstream servers (MCP 2025-11-25, "Authorization"): what transports ask for, and the
 * ports the flow needs from the world. Knows no editor. Invariant: nothing here carries a token except as the one
 * header value that goes to the one server it was issued for.
 */
import type { Disposable } from '../util/lifecycle';
import type { Event } from '../util/event';

/** The server a token is for. Two configured servers with one URL share a sign-in. */
export interface UpstreamTarget {
  readonly name: string;
  readonly url: string;
  /** As configured and resolved; where they hold `Authorization`, OAuth stays out of it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A client registered beforehand (`oauth.clientId` in the configuration); otherwise it is registered (RFC 7591). */
  readonly client?: { readonly id: string; readonly secret?: string };
}

/** A refusal by the server (RFC 9110 section 15.5.2 and 15.5.4, RFC 6750 section 3). */
export interface Challenge {
  readonly status: 401 | 403;
  /** The header's value as received; several are joined with a comma. */
  readonly wwwAuthenticate?: string;
  /** The `Authorization` value the refused request was sent with. */
  readonly sent: string | undefined;
}

export interface UpstreamAuth extends Disposable {
  /**
   * What `authorization` would give, where that is known without waiting: the path of every single call.
   * `undefined`: ask `authorization`.
   */
  known(server: UpstreamTarget): { readonly header: string | undefined } | undefined;
  /**
   * Value of the `Authorization` header for a request to `server`, refreshed where it is about to expire; `undefined`:
   * send none. Never opens a browser. Rejects with AppError (`server.unreachable`, `cancelled`).
   */
  authorization(server: UpstreamTarget, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The server refused a request. Refreshes, or signs the user in, or asks for more scopes. `true`: worth sending once
   * more. `false`: OAuth has nothing to offer here. Rejects with an AppError for people where signing in failed or was
   * declined; until `signIn` or `forget` it then does so at once, without asking again. One sign-in per server at a
   * time, which other sessions wait for; `signal` ends the waiting, not the sign-in.
   */
  challenged(server: UpstreamTarget, challenge: Challenge, signal?: AbortSignal): Promise<boolean>;
  /** Signs in because the user asks for it, whatever happened before. `false`: the server offers no OAuth. */
  signIn(server: UpstreamTarget, signal?: AbortSignal): Promise<boolean>;
  /** Signs out: deletes tokens and registration, ends a sign-in under way. Gives whether there was anything. */
  forget(server: Pick<UpstreamTarget, 'url'>): Promise<boolean>;
}

/** Where secrets are kept: VS Code's SecretStorage. Keys hold no secrets. */
export interface SecretPort {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** A key was changed, perhaps by another window. */
  readonly onDidChange?: Event<string>;
}

export interface BrowserPort {
  /** Opens the URL exactly as given. `false`: the user or the editor did not. */
  open(url: string): Promise<boolean>;
}

export interface ConsentRequest {
  readonly server: string;
  /** `https://mcp.example.com` */
  readonly serverOrigin: string;
  /** Who will issue the token, for example `login.example.com`. */
  readonly issuerHost: string;
  /** The host the browser will be opened at; usually the issuer's. */
  readonly authorizationHost: string;
  readonly scopes: readonly string[];
  /** `moreScopes`: signed in already, the server asks for more rights. */
  readonly reason: 'signIn' | 'moreScopes';
}

export interface ConsentPort {
  /** Asks before anything is registered and before the browser opens. */
  ask(request: ConsentRequest): Promise<boolean>;
  /** The browser is open; shows that, with the means to give up, until disposed. */
  waiting?(request: ConsentRequest, cancel: () => void): Disposable;
}

/** What came back in the redirect (RFC 6749 section 4.1.2, RFC 9207). Its `state` was right. */
export interface RedirectResponse {
  readonly code?: string;
  readonly error?: string;
  readonly iss?: string;
}

/** A place the browser is sent back to; takes one answer. */
export interface RedirectReceiver extends Disposable {
  readonly redirectUri: string;
  /** Never settles where no answer comes; rejects after too many wrong ones. */
  readonly response: Promise<RedirectResponse>;
}

export interface RedirectPort {
  /** `preferred`: the redirect URI of the stored registration, used again where that is possible. */
  open(state: string, preferred: string | undefined): Promise<RedirectReceiver>;
}

/** `fetch`, so that tests and proxy settings can stand in between. Must honour `redirect: 'manual'` and `signal`. */
export type FetchPort = (url: string | URL, init?: RequestInit) => Promise<Response>;
