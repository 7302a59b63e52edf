/**
 * Owns the sign-ins of all upstream servers: which token is in use, when it is refreshed, what a refusal leads to.
 * Invariants: one refresh and one sign-in per server at a time, shared by all sessions; a token only ever goes to the
 * server it was issued for, a refresh token only to its issuer; the user is asked once, and not again by itself after
 * a no; nothing of a token gets into log or errors; after `dispose` nothing waits any more.
 */
import type { Clock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { DisposableStore } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { bearerChallenge, coversScopes, joinScopes, type BearerChallenge } from './challenge';
import { boundTo, canonicalServerUrl, CredentialStore, type Credentials } from './credentialStore';
import { discover } from './discovery';
import { guardedFetch } from './guardedFetch';
import { authError, refused } from './oauthErrors';
import { headerOf, isFresh, isOver, isYoung, newServerState, type ServerState } from './serverState';
import { revoke } from './revocation';
import { runSignIn } from './signInFlow';
import { replace, runRefresh } from './tokenRefresh';
import type { BrowserPort, Challenge, ConsentPort, ConsentRequest, FetchPort, RedirectPort, SecretPort, UpstreamAuth, UpstreamTarget } from './types';
import { originOf } from './urlPolicy';
import { cancelled, unlessAborted, within } from './waiting';

export interface UpstreamAuthOptions {
  readonly secrets: SecretPort;
  readonly browser: BrowserPort;
  readonly consent: ConsentPort;
  /** In order of preference. */
  readonly redirects: readonly RedirectPort[];
  readonly fetch: FetchPort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `bytes` of entropy, base64url. */
  readonly randomId: (bytes: number) => string;
  /** 0 to 1; spreads the refreshes of several windows. */
  readonly random?: () => number;
}

export function createUpstreamAuth(options: UpstreamAuthOptions): UpstreamAuth {
  return new UpstreamAuthService(options);
}

const REVOKE_TIMEOUT_MS = 5000;
const NONE = { header: undefined } as const;

/** What a sign-in is started with. */
interface Wanted {
  readonly bearer: BearerChallenge | undefined;
  readonly reason: ConsentRequest['reason'];
  /** Tells what was asked apart: a no to more scopes is none to signing in. */
  readonly asked: string;
  /** The server refuses what its issuer has just issued: another token of that issuer will not help. */
  readonly isHopeless?: boolean;
}

class UpstreamAuthService implements UpstreamAuth {
  readonly #store: CredentialStore;
  readonly #lifetime = new DisposableStore();
  readonly #byUrl = new Map<string, ServerState>();
  /** The same states by URL as configured: looked up with every call. */
  readonly #byText = new Map<string, ServerState>();
  #disposed = false;

  constructor(private readonly options: UpstreamAuthOptions) {
    this.#store = new CredentialStore(options.secrets);
    const changes = options.secrets.onDidChange?.((key) => {
      for (const state of this.#byUrl.values()) if (key === this.#store.keyOf(state.url)) state.loaded = false;
    });
    if (changes) this.#lifetime.add(changes);
  }

  known(server: UpstreamTarget): { readonly header: string | undefined } | undefined {
    if (hasOwnAuthorization(server)) return NONE;
    const state = this.#byText.get(server.url);
    if (state?.isOff) return NONE;
    if (!state?.loaded) return undefined;
    const tokens = state.credentials?.tokens;
    if (!tokens) return NONE;
    return isFresh(tokens, this.#nowMs, state.spread) ? { header: headerOf(tokens) } : undefined;
  }

  async authorization(server: UpstreamTarget, signal?: AbortSignal): Promise<string | undefined> {
    if (hasOwnAuthorization(server)) return undefined;
    const state = this.#state(server.url);
    if (state.isOff) return undefined;
    await unlessAborted(this.#load(state), signal);
    const tokens = state.credentials?.tokens;
    if (!tokens || isFresh(tokens, this.#nowMs, state.spread)) return tokens && headerOf(tokens);
    if (tokens.refresh !== undefined) {
      const refreshed = this.#refresh(state, server);
      if (isOver(tokens, this.#nowMs)) await unlessAborted(refreshed, signal);
      else {
        // There is time: the call goes out with the token that is still good.
        refreshed.catch((error: unknown) => {
          this.options.logger.warn(`The sign-in of server "${server.name}" could not be renewed yet: ${messageOf(error)}`);
        });
      }
    }
    const current = state.credentials?.tokens;
    return current && !isOver(current, this.#nowMs) ? headerOf(current) : undefined;
  }

  async challenged(server: UpstreamTarget, challenge: Challenge, signal?: AbortSignal): Promise<boolean> {
    if (hasOwnAuthorization(server)) return false;
    const bearer = bearerChallenge(challenge.wwwAuthenticate);
    const state = this.#state(server.url);
    if (state.isOff) return false;
    await unlessAborted(this.#load(state), signal);
    // Whoever is at it already will leave a token that this request has not been tried with.
    if (state.flow) return unlessAborted(state.flow, signal);
    const tokens = state.credentials?.tokens;
    if (tokens && !isOver(tokens, this.#nowMs) && challenge.sent !== headerOf(tokens)) return true;

    if (challenge.status === 403) {
      if (bearer?.error !== 'insufficient_scope' || bearer.scope === undefined || !tokens) return false;
      // It was asked for before, and was not granted or does not help.
      if (coversScopes(state.credentials?.scope, bearer.scope)) return false;
      return this.#signIn(state, server, { bearer, reason: 'moreScopes', asked: `scope ${bearer.scope}` }, signal);
    }
    const young = tokens !== undefined && isYoung(tokens, this.#nowMs);
    if (tokens?.refresh !== undefined && !young && (await unlessAborted(this.#refresh(state, server), signal))) return true;
    return this.#signIn(state, server, { bearer, reason: 'signIn', asked: 'signIn', isHopeless: young && tokens.by === 'signIn' }, signal);
  }

  async signIn(server: UpstreamTarget, signal?: AbortSignal): Promise<boolean> {
    if (hasOwnAuthorization(server)) return false;
    const state = this.#state(server.url);
    if (state.isOff) return false;
    await unlessAborted(this.#load(state), signal);
    state.settled.clear();
    return this.#signIn(state, server, { bearer: undefined, reason: 'signIn', asked: 'signIn' }, signal);
  }

  async forget(server: Pick<UpstreamTarget, 'url'>): Promise<boolean> {
    const state = this.#state(server.url);
    state.ended.abort();
    state.ended = new AbortController();
    await Promise.allSettled([state.flow, state.refreshing, state.loading]);
    state.settled.clear();
    await this.#load(state);
    const { credentials } = state;
    const hadAny = await this.#store.delete(state.url);
    state.credentials = undefined;
    state.loaded = true;
    if (credentials?.tokens) await this.#revoke(state, credentials);
    return hadAny;
  }

  dispose(): void {
    this.#disposed = true;
    for (const state of this.#byUrl.values()) state.ended.abort();
    this.#lifetime.dispose();
  }

  get #nowMs(): number {
    return this.options.clock.wallMs();
  }

  #state(text: string): ServerState {
    if (this.#disposed) throw cancelled();
    let state = this.#byText.get(text);
    if (state) return state;
    const url = canonicalServerUrl(text);
    state = this.#byUrl.get(url) ?? newServerState(url, (this.options.random ?? Math.random)());
    this.#byUrl.set(url, state);
    this.#byText.set(text, state);
    return state;
  }

  #load(state: ServerState): Promise<void> {
    if (state.loaded) return Promise.resolve();
    state.loading ??= this.#store
      .load(state.url)
      .then((credentials) => {
        state.credentials = credentials;
        state.loaded = true;
      })
      .finally(() => (state.loading = undefined));
    return state.loading;
  }

  #refresh(state: ServerState, server: UpstreamTarget): Promise<boolean> {
    const { clock, logger } = this.options;
    const { signal } = state.ended;
    state.refreshing ??= runRefresh(state, server.name, { store: this.#store, clock, logger, signal, fetch: this.#fetch(state, signal) }).finally(
      () => (state.refreshing = undefined),
    );
    return state.refreshing;
  }

  async #revoke(state: ServerState, credentials: Credentials): Promise<void> {
    const fetch = this.#fetch(state, state.ended.signal);
    const { issuer, resourceMetadata } = credentials;
    const told = discover({ serverUrl: state.url, fetch, knownIssuer: issuer, resourceMetadata }).then(
      (discovered) => discovered && revoke(credentials, discovered, state.url, fetch),
    );
    try {
      await within(told, { clock: this.options.clock, ms: REVOKE_TIMEOUT_MS, signal: state.ended.signal, late: cancelled });
    } catch (error) {
      this.options.logger.info(`${originOf(issuer)} could not be told of the signing out: ${messageOf(error)}`);
    }
  }

  #fetch({ url }: ServerState, signal: AbortSignal): FetchPort {
    return guardedFetch({ fetch: this.options.fetch, clock: this.options.clock, serverUrl: url, signal });
  }

  #signIn(state: ServerState, server: UpstreamTarget, wanted: Wanted, signal: AbortSignal | undefined): Promise<boolean> {
    const settled = state.settled.get(wanted.asked);
    if (settled) return Promise.reject(settled);
    state.flow ??= this.#runFlow(state, server, wanted).finally(() => (state.flow = undefined));
    return unlessAborted(state.flow, signal);
  }

  async #runFlow(state: ServerState, server: UpstreamTarget, { bearer, reason, asked, isHopeless }: Wanted): Promise<boolean> {
    // The user's "cancel" ends this sign-in only; `ended` ends whatever there is.
    const { ended } = state;
    const doing = `Signing in to server "${server.name}"`;
    const own = new AbortController();
    const stop = (): void => own.abort();
    ended.signal.addEventListener('abort', stop, { once: true });
    let isAsked = false;
    let isGivenUp = false;
    try {
      const fetch = this.#fetch(state, own.signal);
      const resourceMetadata = bearer?.resourceMetadata ?? state.credentials?.resourceMetadata;
      const discovered = await discover({
        serverUrl: state.url,
        fetch,
        resourceMetadata,
        knownIssuer: state.credentials?.issuer,
      });
      if (!discovered) return false;
      const stored = boundTo(state.credentials, discovered.issuer);
      if (state.credentials && !stored) await replace(state, undefined, this.#store);
      if (stored && isHopeless) throw refused(doing, 'the server refuses the token that its own authorization server has just issued');
      state.credentials = await runSignIn(
        {
          server,
          serverUrl: state.url,
          discovered,
          resourceMetadata,
          scope: joinScopes(stored?.scope, bearer?.scope ?? discovered.scopesSupported),
          stored,
          reason,
          fetch,
          signal: own.signal,
          cancel: () => {
            isGivenUp = true;
            own.abort();
          },
          onAsked: () => (isAsked = true),
        },
        { ...this.options, store: this.#store },
      );
      state.settled.delete(asked);
      this.options.logger.info(`Signed in to server "${server.name}" at ${originOf(discovered.issuer)}.`);
      return true;
    } catch (error) {
      state.loaded = false;
      const failure = isGivenUp ? givenUp(doing) : authError(error, doing);
      if (isAsked && !ended.signal.aborted) state.settled.set(asked, failure);
      this.options.logger.warn(failure.message);
      throw failure;
    } finally {
      ended.signal.removeEventListener('abort', stop);
    }
  }
}

function givenUp(doing: string): AppError {
  return new AppError('cancelled', `${doing} was given up.`, { details: { reason: 'auth.declined' } });
}

/** What the user has configured wins: then OAuth is not ours to do. */
function hasOwnAuthorization({ headers }: UpstreamTarget): boolean {
  return headers !== undefined && Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}
