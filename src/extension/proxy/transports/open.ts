/** Owns the choice of the transport for a resolved server. */
import type { UpstreamAuth } from '../../auth/types';
import type { ResolvedServer } from '../../servers/types';
import type { Clock } from '../../util/clock';
import { LegacySseTransport } from './legacySse';
import { StdioTransport } from './stdio';
import { StreamableHttpTransport } from './streamableHttp';
import type { TransportEvents, UpstreamTransport } from './types';

export interface OpenOptions {
  readonly clock: Clock;
  readonly auth: UpstreamAuth | undefined;
  /** The server has turned out to speak the deprecated HTTP+SSE transport. */
  readonly legacySse: boolean;
}

/** Starts the process or the connection. Throws where that fails at once, such as for a URL that is none. */
export function openTransport(server: ResolvedServer, events: TransportEvents, options: OpenOptions): UpstreamTransport {
  if (server.type === 'stdio') return new StdioTransport(server, events, options.clock);
  if (server.type === 'sse' || options.legacySse) return new LegacySseTransport(server, events, options.auth);
  return new StreamableHttpTransport(server, events, options.clock, options.auth);
}
