/** Owns which recorded calls can be made again and why others cannot: the host refuses what the view does not offer. Pure. */
import type { CallRow } from './traffic';

/** Where a call can be sent again, or why it cannot, as a sentence. */
export type Repeatable = { readonly server: string } | { readonly refusal: string };

export function repeatable({ origin, server, method }: Pick<CallRow, 'origin' | 'server' | 'method'>): Repeatable {
  if (origin !== 'client' && origin !== 'gateway') return { refusal: 'This was not asked by a client, so it cannot be sent again.' };
  if (server === undefined) return { refusal: 'MCP Shark answered this itself for all servers, so there is no server to send it to.' };
  if (method === 'initialize') return { refusal: 'The Playground says hello by itself: initialize cannot be sent again.' };
  return { server };
}
