/**
 * A web of made-up hosts for hostile cases: answers by URL, remembers what was asked. Nothing leaves the process, so
 * hosts may be called anything.
 */
import type { FetchPort } from '../../../src/extension/auth/types';

type Answer = Response | ((init: RequestInit | undefined) => Response | Promise<Response>);

export interface MadeUpWeb {
  readonly fetch: FetchPort;
  readonly asked: string[];
  readonly bodies: string[];
  /** `redirect` of each request. */
  readonly redirects: (string | undefined)[];
}

export const SERVER = 'https://mcp.example.com/mcp';
export const ISSUER = 'https://login.example.com';

export const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });

export const resourceMetadata = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  resource: SERVER,
  authorization_servers: [ISSUER],
  ...change,
});

export const serverMetadata = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/register`,
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  ...change,
});

export const PATHS = {
  resource: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
  metadata: `${ISSUER}/.well-known/oauth-authorization-server`,
  register: `${ISSUER}/register`,
  token: `${ISSUER}/token`,
} as const;

/** A server and an authorization server that work; `change` replaces single answers. */
export function madeUpWeb(change: Readonly<Record<string, Answer>> = {}): MadeUpWeb {
  const answers: Readonly<Record<string, Answer>> = {
    [PATHS.resource]: () => json(resourceMetadata()),
    [PATHS.metadata]: () => json(serverMetadata()),
    [PATHS.register]: (init) => json({ ...(JSON.parse(String(init?.body)) as object), client_id: 'client-1' }, 201),
    [PATHS.token]: () => json({ access_token: 'token-1', token_type: 'Bearer', expires_in: 3600, refresh_token: 'refresh-1' }),
    ...change,
  };
  const asked: string[] = [];
  const bodies: string[] = [];
  const redirects: (string | undefined)[] = [];
  return {
    asked,
    bodies,
    redirects,
    fetch: async (url, init) => {
      asked.push(String(url));
      redirects.push(init?.redirect);
      bodies.push(String(init?.body ?? ''));
      if (init?.signal?.aborted) throw new DOMException('aborted', 'AbortError');
      const answer = answers[String(url)];
      if (!answer) return new Response('', { status: 404 });
      return answer instanceof Response ? answer : answer(init);
    },
  };
}
