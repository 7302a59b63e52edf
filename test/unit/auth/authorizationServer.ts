/**
 * A real authorization server (oidc-provider) on a loopback port: dynamic registration, PKCE, refresh token rotation,
 * resource indicators. What a person would click is decided by `user`, which the interaction pages ask.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface AuthorizationServer {
  readonly issuer: string;
  readonly seen: SeenRequest[];
  /** What the person does at the pages. */
  user: 'agrees' | 'declines';
  /** Whether tokens may be refreshed; set to end them all. */
  endRefreshTokens(): void;
  /** The token as the resource server sees it; `undefined`: unknown or expired. */
  introspect(token: string, resource: string): Promise<{ readonly scopes: readonly string[] } | undefined>;
  /** Ends an access token before its time. */
  revoke(token: string): Promise<void>;
  count(path: string): number;
  close(): Promise<void>;
}

const SCOPES = ['openid', 'offline_access', 'mcp:read', 'mcp:write'];

export async function startAuthorizationServer(options: { accessTokenSeconds?: number } = {}): Promise<AuthorizationServer> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const seen: SeenRequest[] = [];
  let refreshes = true;

  const provider = quietly(() => new Provider(issuer, {
    cookies: { keys: ['test'] },
    scopes: SCOPES,
    ttl: { AccessToken: options.accessTokenSeconds ?? 3600, AuthorizationCode: 60, Grant: 7200, IdToken: 3600, Interaction: 600, RefreshToken: 7200, Session: 7200 },
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'mcp:read mcp:write',
          audience: resource,
          accessTokenFormat: 'opaque',
          accessTokenTTL: options.accessTokenSeconds ?? 3600,
        }),
      },
    },
  }));

  const interact = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (self.user === 'declines') {
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'no' });
    }
    if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: 'ada' } });
    const clientId = params.client_id!;
    const grant = (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ?? new provider.Grant({ accountId: session!.accountId, clientId });
    grant.addOIDCScope(params.scope ?? '');
    if (params.resource !== undefined) grant.addResourceScope(params.resource, params.scope ?? '');
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  };

  const callback = provider.callback();
  server.on('request', (request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    const entry = { method: request.method ?? '', path, body: '' };
    seen.push(entry);
    const emit = request.emit.bind(request);
    request.emit = ((event: string, ...args: unknown[]) => {
      if (event === 'data') entry.body += String(args[0]);
      return emit(event, ...args);
    }) as typeof request.emit;
    if (path.startsWith('/interaction/')) {
      interact(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    } else callback(request, response);
  });

  const refreshTokenFind = provider.RefreshToken.find.bind(provider.RefreshToken);
  provider.RefreshToken.find = async (token) => (refreshes ? refreshTokenFind(token) : undefined);

  const self: AuthorizationServer = {
    issuer,
    seen,
    user: 'agrees',
    endRefreshTokens: () => (refreshes = false),
    async introspect(token, resource) {
      const found = await provider.AccessToken.find(token);
      if (!found || found.isExpired || ![found.aud].flat().includes(resource)) return undefined;
      return { scopes: found.scope?.split(' ') ?? [] };
    },
    revoke: async (token) => (await provider.AccessToken.find(token))?.destroy(),
    count: (path) => seen.filter((request) => request.path === path).length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

/** It warns that its keys and its store are for development, which is right. */
function quietly<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}
