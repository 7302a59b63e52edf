/**
 * Owns the token requests (RFC 6749 sections 4.1.3 and 6, RFC 7636, RFC 8707) through the SDK's functions, and what a
 * token answer must look like to be used. Invariant: client, refresh token and verifier come from the credentials of
 * the issuer they are sent to; everything else is refused before a request is made.
 */
import type { Clock } from '../util/clock';
import { boundTo, type Credentials, type StoredClient, type StoredTokens } from './credentialStore';
import type { Discovered } from './discovery';
import { joinScopes } from './challenge';
import { refused, withErrorCode } from './oauthErrors';
import type { FetchPort } from './types';

const MAX_TOKEN_LENGTH = 16 * 1024;

export interface TokenRequest {
  readonly discovered: Discovered;
  readonly credentials: Credentials;
  readonly client: StoredClient;
  /** Guarded. */
  readonly fetch: FetchPort;
  readonly clock: Clock;
  /** For messages: what is tried. */
  readonly doing: string;
}

export interface Granted {
  readonly tokens: StoredTokens;
  /** What was granted, where the answer says so. */
  readonly scope?: string;
}

const loadSdk = () => import('@modelcontextprotocol/sdk/client/auth.js');

/** Redeems a code. Rejects with AppError. */
export async function redeemCode(request: TokenRequest, code: string): Promise<Granted> {
  const { discovered, credentials, client, fetch, doing } = request;
  const verifier = boundTo(credentials, discovered.issuer)?.verifier;
  if (verifier === undefined) throw refused(doing, 'another sign-in has taken its place');
  const sdk = await loadSdk();
  const answer = await withErrorCode(fetch, doing, (fetchFn) =>
    sdk.exchangeAuthorization(discovered.issuer, {
      metadata: discovered.metadata,
      clientInformation: clientInformation(client),
      authorizationCode: code,
      codeVerifier: verifier,
      redirectUri: client.redirectUri,
      resource: discovered.resource,
      fetchFn,
    }),
  );
  return granted(answer, 'signIn', request);
}

/** Uses the refresh token. Rejects with AppError; `oauthCodeOf` it tells whether the token is of no use any more. */
export async function refreshTokens(request: TokenRequest): Promise<Granted> {
  const { discovered, credentials, client, fetch, doing } = request;
  const refreshToken = boundTo(credentials, discovered.issuer)?.tokens?.refresh;
  if (refreshToken === undefined) throw refused(doing, 'there is no refresh token');
  const sdk = await loadSdk();
  const answer = await withErrorCode(fetch, doing, (fetchFn) =>
    sdk.refreshAuthorization(discovered.issuer, {
      metadata: discovered.metadata,
      clientInformation: clientInformation(client),
      refreshToken,
      resource: discovered.resource,
      fetchFn,
    }),
  );
  return granted(answer, 'refresh', request);
}

/** As the SDK's functions take a client; the method decides how the secret is sent. */
export function clientInformation(client: StoredClient): { client_id: string; client_secret?: string; token_endpoint_auth_method?: string } {
  return {
    client_id: client.id,
    ...(client.secret === undefined ? {} : { client_secret: client.secret }),
    ...(client.authMethod === undefined ? {} : { token_endpoint_auth_method: client.authMethod }),
  };
}

function granted(
  answer: { access_token: string; token_type: string; expires_in?: number; refresh_token?: string; scope?: string },
  by: StoredTokens['by'],
  { clock, doing }: TokenRequest,
): Granted {
  if (answer.token_type.toLowerCase() !== 'bearer') throw refused(doing, 'the token is of a kind that is not supported');
  // RFC 6750 section 2.1; anything else would break out of the header.
  if (!/^[\u0021-\u007e]+$/.test(answer.access_token) || answer.access_token.length > MAX_TOKEN_LENGTH) {
    throw refused(doing, 'the token cannot be sent in a header');
  }
  const nowMs = clock.wallMs();
  const { expires_in: seconds, refresh_token: refresh, access_token: access } = answer;
  const scope = joinScopes(answer.scope);
  return {
    tokens: {
      access,
      receivedAtMs: nowMs,
      by,
      ...(refresh ? { refresh } : {}),
      ...(seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? { expiresAtMs: nowMs + seconds * 1000 } : {}),
    },
    ...(scope === undefined ? {} : { scope }),
  };
}
