/** Owns what of a resolved server matters for signing in to it. */
import type { ResolvedServer } from '../servers/types';
import type { UpstreamTarget } from './types';

export function targetOf({ name, url, headers, oauth }: Extract<ResolvedServer, { type: 'http' | 'sse' }>): UpstreamTarget {
  return { name, url, headers, ...(oauth ? { client: { id: oauth.clientId, secret: oauth.clientSecret } } : {}) };
}
