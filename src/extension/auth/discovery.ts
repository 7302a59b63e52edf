/**
 * Owns finding out who issues tokens for a server: protected resource metadata (RFC 9728), then the authorization
 * server's (RFC 8414, OpenID Connect Discovery 1.0), both read by the SDK, then checked. Invariants: every URL in the
 * result is allowed (urlPolicy); the metadata speaks for the issuer it was asked of; the server of the metadata is the
 * server we talk to. A network failure is an error, never "there is no metadata".
 */
import type { AuthorizationServerMetadata, OAuthProtectedResourceMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';
import { AppError, isAppError } from '../util/errors';
import type { FetchPort } from './types';
import { allowedUrl, isLoopback, originOf, sameIssuer } from './urlPolicy';

export interface Discovered {
  /** The authorization server as the resource names it: what credentials are bound to. */
  readonly issuer: string;
  readonly metadata: AuthorizationServerMetadata;
  /** RFC 8707 resource indicator, verbatim from the resource's metadata; absent where it has none. */
  readonly resource?: string;
  readonly scopesSupported?: string;
}

export interface DiscoveryRequest {
  readonly serverUrl: string;
  /** `resource_metadata` of the challenge, unchecked. */
  readonly resourceMetadata?: string;
  /** Preferred where the resource names several. */
  readonly knownIssuer?: string;
  /** Guarded. */
  readonly fetch: FetchPort;
}

const loadSdk = () => import('@modelcontextprotocol/sdk/client/auth.js');
const loadSdkUtils = () => import('@modelcontextprotocol/sdk/shared/auth-utils.js');

/** `undefined`: the server has nothing to say about OAuth. Rejects with AppError: `server.notAllowed`, `server.unreachable`. */
export async function discover(request: DiscoveryRequest): Promise<Discovered | undefined> {
  const { serverUrl } = request;
  const own = new URL(serverUrl);
  if (own.protocol !== 'https:' && !isLoopback(own.hostname)) {
    // Nothing says that it wants OAuth: its refusal is its own affair.
    if (request.resourceMetadata === undefined) return undefined;
    throw unusable(serverUrl, 'it is reached without TLS, where no token may be sent');
  }
  const resource = await resourceMetadata(request);
  if (resource) await checkResource(serverUrl, resource.resource);
  const named = resource?.authorization_servers ?? [];
  const issuer =
    named.find((one) => request.knownIssuer !== undefined && sameIssuer(one, request.knownIssuer)) ??
    named[0] ??
    // MCP 2025-03-26: without resource metadata the server's origin is the authorization server.
    String(new URL('/', own));
  allowedUrl(issuer, 'authorization server', serverUrl);

  const metadata = await authorizationServerMetadata(issuer, request);
  if (!metadata) {
    if (named.length === 0) return undefined;
    throw unusable(serverUrl, `its authorization server ${originOf(issuer)} publishes no metadata`);
  }
  checkMetadata(metadata, issuer, serverUrl);
  const scopesSupported = resource?.scopes_supported?.join(' ');
  return {
    issuer,
    metadata,
    ...(resource ? { resource: resource.resource } : {}),
    ...(scopesSupported ? { scopesSupported } : {}),
  };
}

async function resourceMetadata(request: DiscoveryRequest): Promise<OAuthProtectedResourceMetadata | undefined> {
  const { serverUrl, resourceMetadata: named } = request;
  const sdk = await loadSdk();
  const read = (url?: URL) =>
    readOrMissing(request.fetch, serverUrl, 'resource metadata', (fetch) =>
      sdk.discoverOAuthProtectedResourceMetadata(serverUrl, url ? { resourceMetadataUrl: url } : {}, fetch),
    );
  const metadata = named === undefined ? undefined : await read(allowedUrl(named, 'resource metadata', serverUrl));
  return metadata ?? read();
}

async function authorizationServerMetadata(
  issuer: string,
  { fetch, serverUrl }: DiscoveryRequest,
): Promise<AuthorizationServerMetadata | undefined> {
  const sdk = await loadSdk();
  return readOrMissing(fetch, serverUrl, 'authorization server metadata', (fetchFn) =>
    sdk.discoverAuthorizationServerMetadata(issuer, { fetchFn }),
  );
}

/** Tells "there is none" (4xx) from "there is, and it is no good" (2xx that the SDK cannot read). */
async function readOrMissing<T>(
  fetch: FetchPort,
  serverUrl: string,
  what: string,
  read: (fetch: FetchPort) => Promise<T | undefined>,
): Promise<T | undefined> {
  let found = false;
  try {
    return await read(async (url, init) => {
      const response = await fetch(url, init);
      found = response.ok;
      return response;
    });
  } catch (error) {
    if (isAppError(error)) throw error;
    if (found) throw unusable(serverUrl, `its ${what} cannot be read`);
    return undefined;
  }
}

/** RFC 9728 section 3.3: metadata for another resource must not be used. The SDK's rule: same origin, path above ours. */
async function checkResource(serverUrl: string, resource: string): Promise<void> {
  const { checkResourceAllowed, resourceUrlFromServerUrl } = await loadSdkUtils();
  const requestedResource = resourceUrlFromServerUrl(serverUrl);
  if (!checkResourceAllowed({ requestedResource, configuredResource: resource })) {
    throw unusable(serverUrl, `its metadata is that of another resource (${originOf(resource)})`);
  }
}

function checkMetadata(metadata: AuthorizationServerMetadata, issuer: string, serverUrl: string): void {
  // RFC 8414 section 3.3 wants the issuer identical. Another path on the same origin is let pass (multi-tenant servers
  // answer so for "common"), another origin never: that is what makes mix-up attacks work (RFC 9700 section 4.4).
  if (!sameIssuer(metadata.issuer, issuer) && originOf(metadata.issuer) !== originOf(issuer)) {
    throw unusable(serverUrl, `the metadata of ${originOf(issuer)} claims to be that of ${originOf(metadata.issuer)}`);
  }
  allowedUrl(metadata.authorization_endpoint, 'authorization endpoint', serverUrl);
  allowedUrl(metadata.token_endpoint, 'token endpoint', serverUrl);
  if (metadata.registration_endpoint !== undefined) {
    allowedUrl(metadata.registration_endpoint, 'registration endpoint', serverUrl);
  }
  // MCP 2025-11-25, "Authorization Code Protection": without it clients must refuse.
  if (!metadata.code_challenge_methods_supported?.includes('S256')) {
    throw unusable(serverUrl, `${originOf(issuer)} does not declare support for PKCE with S256`);
  }
}

function unusable(serverUrl: string, why: string): AppError {
  return new AppError('server.notAllowed', `Signing in to ${originOf(serverUrl)} is not possible: ${why}.`, {
    details: { reason: 'auth.metadata' },
  });
}
