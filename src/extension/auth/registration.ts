/**
 * Owns the client a sign-in is made as: the configured one, the stored one where it still fits, or a new registration
 * (RFC 7591). A stored registration fits where redirect URI and scopes are covered and its secret has not run out.
 */
import type { Clock } from '../util/clock';
import { coversScopes } from './challenge';
import type { StoredClient } from './credentialStore';
import type { Discovered } from './discovery';
import { refused, withErrorCode } from './oauthErrors';
import type { FetchPort, UpstreamTarget } from './types';

export interface RegistrationRequest {
  readonly server: UpstreamTarget;
  readonly discovered: Discovered;
  readonly redirectUri: string;
  readonly scope: string | undefined;
  readonly stored: StoredClient | undefined;
  /** Guarded. */
  readonly fetch: FetchPort;
  readonly clock: Clock;
  readonly doing: string;
}

/** Rejects with AppError. */
export async function clientFor(request: RegistrationRequest): Promise<StoredClient> {
  const { server, discovered, redirectUri, scope, stored, clock, doing } = request;
  if (server.client) {
    const { id, secret } = server.client;
    return { id, redirectUri, ...(secret === undefined ? {} : { secret }) };
  }
  const fits =
    stored?.redirectUri === redirectUri &&
    (stored.secretExpiresAtMs === undefined || stored.secretExpiresAtMs > clock.wallMs()) &&
    (stored.scope === undefined || coversScopes(stored.scope, scope));
  if (fits) return stored;
  if (discovered.metadata.registration_endpoint === undefined) {
    throw refused(doing, 'it does not let clients register themselves; put the id of a registered client under "oauth.clientId" of the server');
  }

  const sdk = await import('@modelcontextprotocol/sdk/client/auth.js');
  const clientMetadata = {
    client_name: 'MCP Shark',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: authMethod(discovered.metadata.token_endpoint_auth_methods_supported),
    // OpenID Connect Registration section 2: loopback and private schemes are for native clients only.
    application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  };
  const answer = await withErrorCode(request.fetch, doing, (fetchFn) =>
    sdk.registerClient(discovered.issuer, {
      metadata: discovered.metadata,
      clientMetadata,
      ...(scope === undefined ? {} : { scope }),
      fetchFn,
    }),
  );
  const expiresAt = answer.client_secret_expires_at;
  return {
    id: answer.client_id,
    redirectUri,
    ...(answer.client_secret ? { secret: answer.client_secret } : {}),
    ...(answer.client_secret && expiresAt ? { secretExpiresAtMs: expiresAt * 1000 } : {}),
    ...(answer.token_endpoint_auth_method ? { authMethod: answer.token_endpoint_auth_method } : {}),
    ...(answer.scope ? { scope: answer.scope } : {}),
  };
}

/** Public where possible: an installed program keeps no secret (RFC 8252 section 8.5). */
function authMethod(supported: readonly string[] | undefined): string {
  if (!supported || supported.includes('none')) return 'none';
  return supported.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic';
}
