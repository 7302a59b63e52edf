/**
 * Owns one sign-in from the user's consent to the tokens (OAuth 2.1 authorization code flow with PKCE, RFC 8252): asks,
 * opens the redirect, registers, opens the browser, checks what comes back, redeems the code. Invariants: no browser and
 * no registration without consent; it always ends, at the latest when its time limits say so; whatever it opened is
 * closed by then. It stores the verifier and the result, and nothing of a sign-in that failed but the registration.
 */
import type { Clock } from '../util/clock';
import { AppError } from '../util/errors';
import { joinScopes } from './challenge';
import type { CredentialStore, Credentials, StoredClient } from './credentialStore';
import type { Discovered } from './discovery';
import { authError, cleanCode, oauthCodeOf, refused } from './oauthErrors';
import { clientFor } from './registration';
import { redeemCode } from './tokens';
import type { BrowserPort, ConsentPort, ConsentRequest, FetchPort, RedirectPort, RedirectReceiver, RedirectResponse, UpstreamTarget } from './types';
import { allowedUrl, originOf } from './urlPolicy';
import { within } from './waiting';

const CONSENT_TIMEOUT_MS = 10 * 60_000;
/** Long enough for a password manager and a second factor. */
const ANSWER_TIMEOUT_MS = 5 * 60_000;
const EDITOR_TIMEOUT_MS = 30_000;

export interface SignInContext {
  readonly consent: ConsentPort;
  readonly browser: BrowserPort;
  /** In order of preference; the next is tried where the authorization server does not take one's redirect URI. */
  readonly redirects: readonly RedirectPort[];
  readonly store: CredentialStore;
  readonly clock: Clock;
  /** `bytes` of entropy, base64url. */
  readonly randomId: (bytes: number) => string;
}

export interface SignInRequest {
  readonly server: UpstreamTarget;
  /** Canonical. */
  readonly serverUrl: string;
  readonly discovered: Discovered;
  readonly resourceMetadata: string | undefined;
  readonly scope: string | undefined;
  /** What is stored for this server and issuer. */
  readonly stored: Credentials | undefined;
  readonly reason: ConsentRequest['reason'];
  /** Guarded. */
  readonly fetch: FetchPort;
  readonly signal: AbortSignal;
  /** The user gives up. */
  readonly cancel: () => void;
  /** From here on the user is involved: a failure must not lead to being asked again by itself. */
  readonly onAsked: () => void;
}

export async function runSignIn(request: SignInRequest, context: SignInContext): Promise<Credentials> {
  const { discovered, server } = request;
  const doing = `Signing in to server "${server.name}" at ${originOf(discovered.issuer)}`;
  try {
    // SEP-2207: where the authorization server has refresh tokens for the asking, ask.
    const offline = request.scope !== undefined && discovered.metadata.scopes_supported?.includes('offline_access');
    const scope = joinScopes(request.scope, offline ? 'offline_access' : undefined);
    const consent = await askConsent(request, context, scope, doing);
    const { receiver, client, state } = await openRedirect(request, context, scope, doing);
    try {
      return await throughBrowser(request, context, { receiver, client, state, scope, consent, doing });
    } finally {
      receiver.dispose();
    }
  } catch (error) {
    throw authError(error, doing);
  }
}

async function askConsent(request: SignInRequest, context: SignInContext, scope: string | undefined, doing: string): Promise<ConsentRequest> {
  const { server, serverUrl, discovered, reason, signal } = request;
  const consent: ConsentRequest = {
    server: server.name,
    serverOrigin: originOf(serverUrl),
    issuerHost: new URL(discovered.issuer).host,
    authorizationHost: new URL(discovered.metadata.authorization_endpoint).host,
    scopes: scope?.split(' ') ?? [],
    reason,
  };
  request.onAsked();
  const agreed = await within(context.consent.ask(consent), {
    clock: context.clock,
    ms: CONSENT_TIMEOUT_MS,
    signal,
    late: () => timedOut(doing, 'the question was not answered'),
  });
  if (!agreed) throw declined(`${doing} was declined.`);
  return consent;
}

interface Opened {
  readonly receiver: RedirectReceiver;
  readonly client: StoredClient;
  readonly state: string;
}

/** Registration and redirect depend on each other: the redirect URI is part of the registration. */
async function openRedirect(request: SignInRequest, context: SignInContext, scope: string | undefined, doing: string): Promise<Opened> {
  const { server, discovered, fetch, stored } = request;
  const state = context.randomId(32);
  let last: unknown;
  for (const redirect of context.redirects) {
    const opening = redirect.open(state, stored?.client?.redirectUri);
    let receiver: RedirectReceiver;
    try {
      receiver = await within(opening, {
        clock: context.clock,
        ms: EDITOR_TIMEOUT_MS,
        signal: request.signal,
        late: () => timedOut(doing, 'the editor gave no address to come back to'),
      });
    } catch (error) {
      void opening.then((late) => late.dispose(), () => undefined);
      if (request.signal.aborted) throw error;
      last = error;
      continue;
    }
    try {
      const { redirectUri } = receiver;
      const client = await clientFor({ server, discovered, redirectUri, scope, stored: stored?.client, fetch, clock: context.clock, doing });
      return { receiver, client, state };
    } catch (error) {
      receiver.dispose();
      last = error;
      const code = oauthCodeOf(error);
      // RFC 7591 section 3.2.2; some say the second where they mean the first.
      if (code !== 'invalid_redirect_uri' && code !== 'invalid_client_metadata') throw error;
    }
  }
  throw last ?? refused(doing, 'there is no way for the browser to come back');
}

interface BrowserStage extends Opened {
  readonly scope: string | undefined;
  readonly consent: ConsentRequest;
  readonly doing: string;
}

async function throughBrowser(request: SignInRequest, context: SignInContext, stage: BrowserStage): Promise<Credentials> {
  const { discovered, serverUrl, stored, fetch, signal } = request;
  const { client, state, scope, doing } = stage;
  const { store, clock } = context;
  const { startAuthorization } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const { authorizationUrl, codeVerifier } = await startAuthorization(discovered.issuer, {
    metadata: discovered.metadata,
    clientInformation: { client_id: client.id },
    redirectUrl: client.redirectUri,
    state,
    ...(scope === undefined ? {} : { scope }),
    ...(discovered.resource === undefined ? {} : { resource: discovered.resource }),
  });
  allowedUrl(authorizationUrl, 'authorization endpoint', serverUrl);
  // What is stored stays as it is until there is better: the user may decline more scopes.
  const before: Credentials = stored ?? { issuer: discovered.issuer };
  await store.save(serverUrl, { ...before, verifier: codeVerifier });
  try {
    const response = await browserAnswer(request, context, stage, authorizationUrl);
    const code = checkAnswer(response, discovered, stage);
    const credentials = await store.load(serverUrl);
    if (credentials?.verifier !== codeVerifier) throw refused(doing, 'another sign-in has taken its place');
    const { tokens, scope: given } = await redeemCode({ discovered, credentials, client, fetch, clock, doing }, code);
    if (signal.aborted) throw declined(`${doing} was given up.`);
    const all = joinScopes(scope, given);
    const result: Credentials = {
      issuer: discovered.issuer,
      client,
      tokens,
      ...(all === undefined ? {} : { scope: all }),
      ...(request.resourceMetadata === undefined ? {} : { resourceMetadata: request.resourceMetadata }),
    };
    await store.save(serverUrl, result);
    return result;
  } catch (error) {
    await withdraw(store, serverUrl, codeVerifier);
    throw error;
  }
}

/** Takes the verifier back, and a registration that has no token: it may be what failed, which only the browser shows. */
async function withdraw(store: CredentialStore, serverUrl: string, ours: string): Promise<void> {
  const current = await store.load(serverUrl);
  if (current?.verifier !== ours) return;
  const { verifier: _verifier, client, ...rest } = current;
  await store.save(serverUrl, rest.tokens && client ? { ...rest, client } : rest);
}

async function browserAnswer(request: SignInRequest, context: SignInContext, stage: BrowserStage, url: URL): Promise<RedirectResponse> {
  const { clock } = context;
  const { signal } = request;
  const { receiver, consent, doing } = stage;
  const waiting = context.consent.waiting?.(consent, request.cancel);
  try {
    const late = (): AppError => timedOut(doing, 'the browser did not come back');
    // Answer and opening at once: a browser may come back before the editor says that it has opened it.
    const opened = context.browser.open(url.href).then((ok) => {
      if (!ok) throw declined(`${doing} was given up: the browser was not opened.`);
      return receiver.response;
    });
    return await within(Promise.race([receiver.response, opened]), { clock, ms: ANSWER_TIMEOUT_MS, signal, late });
  } finally {
    waiting?.dispose();
  }
}

/** RFC 6749 section 4.1.2.1, RFC 9207 section 2.4. Gives the code. */
function checkAnswer({ code, error, iss }: RedirectResponse, { metadata }: Discovered, { doing }: BrowserStage): string {
  const announced = (metadata as { authorization_response_iss_parameter_supported?: unknown }).authorization_response_iss_parameter_supported;
  if (iss !== undefined ? iss !== metadata.issuer : announced === true) {
    throw refused(doing, 'the answer came from another authorization server');
  }
  if (error === 'access_denied') throw declined(`${doing} was declined there.`);
  if (error !== undefined) {
    const clean = cleanCode(error);
    throw refused(doing, clean === undefined ? 'the authorization server refused' : `the authorization server said ${clean}`, clean);
  }
  if (code === undefined) throw refused(doing, 'the answer holds no code');
  return code;
}

function declined(message: string): AppError {
  return new AppError('cancelled', message, { details: { reason: 'auth.declined' } });
}

function timedOut(doing: string, why: string): AppError {
  return new AppError('cancelled', `${doing} took too long: ${why}.`, { details: { reason: 'auth.timedOut' } });
}
