/**
 * Owns telling the authorization server that a sign-in is over (RFC 7009): the refresh token where there is one, which
 * ends the access tokens made of it, otherwise the access token. Best effort: whatever fails, the tokens are forgotten
 * here already. Invariant: a token is only told to the issuer it came from.
 */
import { boundTo, type Credentials } from './credentialStore';
import type { Discovered } from './discovery';
import { clientInformation } from './tokens';
import type { FetchPort } from './types';
import { allowedUrl } from './urlPolicy';

/** `fetch`: guarded. Resolves when it is told, or there is nobody to tell; rejects where that failed. */
export async function revoke(credentials: Credentials, discovered: Discovered, serverUrl: string, fetch: FetchPort): Promise<void> {
  const { metadata, issuer } = discovered;
  const { tokens, client } = boundTo(credentials, issuer) ?? {};
  const endpoint = (metadata as { revocation_endpoint?: unknown }).revocation_endpoint;
  if (!tokens || !client || typeof endpoint !== 'string') return;
  const url = allowedUrl(endpoint, 'revocation endpoint', serverUrl);
  const params = new URLSearchParams({
    token: tokens.refresh ?? tokens.access,
    token_type_hint: tokens.refresh === undefined ? 'access_token' : 'refresh_token',
  });
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  const { selectClientAuthMethod } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const method = selectClientAuthMethod(clientInformation(client), metadata.token_endpoint_auth_methods_supported ?? []);
  if (method === 'client_secret_basic') headers.authorization = `Basic ${btoa(`${client.id}:${client.secret ?? ''}`)}`;
  else {
    params.set('client_id', client.id);
    if (client.secret !== undefined) params.set('client_secret', client.secret);
  }
  await fetch(url, { method: 'POST', headers, body: params });
}
