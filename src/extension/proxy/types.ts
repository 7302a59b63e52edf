/** Owns the gateway's interface to the composition root. */
import type { GatewayState, ServerStatus } from '../contract/status';
import type { UpstreamAuth } from '../auth/types';
import type { Event } from '../util/event';
import type { Recorder } from '../capture/types';
import type { Clock } from '../util/clock';
import type { Logger } from '../util/logger';
import type { GatewayGovernance } from '../security/policyPorts';
import type { ConfiguredServer, ServerResolver } from '../servers/types';
import type { Grace } from './grace';

export interface GatewayOptions {
  readonly recorder: Recorder;
  readonly resolver: ServerResolver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Signs in to HTTP servers that ask for it; without it a 401 is an error that says so. */
  readonly auth?: UpstreamAuth;
  /** Decides what may run, be listed and be called; without it all may that is not disabled or denied by its file. */
  readonly governance?: GatewayGovernance;
  /** Random ids and tokens; injected by tests. `bytes` of entropy, base64url. */
  readonly randomId: (bytes: number) => string;
  /** Bearer token that clients must send. */
  readonly token: string;
  /** Token of the Playground: whose session begins with it is the Playground's, and recorded as that. */
  readonly playgroundToken?: string;
  /** A further token for clients outside the editor, which outlives the window; asked when a request sends another one. */
  readonly clientToken?: () => string | undefined;
  /** 0: a free port. */
  readonly port: number;
  readonly version: string;
  /** Largest accepted HTTP request body, bytes. Default 64 MB. */
  readonly maxBodyBytes?: number;
  /**
   * Absolute folder for the list of running server processes; those that an earlier, killed window has left behind are
   * ended at `start()`. Windows may share it. Absent: no list is kept.
   */
  readonly stateDir?: string;
  /** How long slow servers are waited for on the aggregate. Default: 2 s after the first, 5 s in all. */
  readonly grace?: Grace;
  /** An answer that takes longer becomes an event stream, milliseconds. Default 250. */
  readonly lazyMs?: number;
  /** A session without traffic and without a stream is closed after this long, milliseconds. Default 30 minutes. */
  readonly idleSessionMs?: number;
  /** Default 256. */
  readonly maxSessions?: number;
}

export interface Gateway {
  readonly state: GatewayState;
  readonly onDidChangeState: Event<GatewayState>;
  readonly servers: readonly ServerStatus[];
  readonly onDidChangeServers: Event<readonly ServerStatus[]>;
  /** Changes whenever the merged catalog of what clients can see may have changed; for the definition's `version`. */
  readonly catalogVersion: string;
  readonly onDidChangeCatalog: Event<string>;
  /** The same for what one server's endpoint gives; `onDidChangeCatalog` tells of it too. */
  versionOf(server: string): string;
  /** Listens on 127.0.0.1; gives the base URL without a trailing slash (`http://127.0.0.1:PORT`); endpoints are `/mcp` and `/mcp/<server>`. */
  start(): Promise<string>;
  /** Replaces the configured servers: starts what is new, stops what is gone, restarts only what changed. */
  setServers(servers: readonly ConfiguredServer[]): void;
  /** Stops a server in every session until `restartServer`; resolves when its processes have ended. */
  stopServer(name: string): Promise<void>;
  /** Stops a server in every session and starts it anew where a client uses it. */
  restartServer(name: string): Promise<void>;
  /** Ends every session, stops every server process and closes the listener. */
  close(): Promise<void>;
}
