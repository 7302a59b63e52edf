/** Owns what a connection to a server tells and needs: its state, what its owner hears, what all connections share. */
import type { UpstreamAuth } from '../auth/types';
import type { Recorder } from '../capture/types';
import type { GatewayGovernance } from '../security/policyPorts';
import type { ServerResolver } from '../servers/types';
import type { Clock } from '../util/clock';
import type { Logger } from '../util/logger';
import type { Frame } from './frame';
import type { Pending } from './inFlight';
import type { ProcessLedger } from './processLedger';
import type { UpstreamConnection } from './upstreamConnection';

/** A request or notification from the server. */
export interface ServerFrame extends Frame {
  /** The request in whose course it came, where known. */
  readonly pending: Pending | undefined;
}

export type ConnectionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string; readonly stderr: readonly string[]; readonly retryInMs?: number }
  | { readonly kind: 'closed' };

export interface ConnectionOwner {
  onServerRequest(connection: UpstreamConnection, frame: ServerFrame): void;
  onServerNotification(connection: UpstreamConnection, frame: ServerFrame): void;
  /** The server has answered `initialize`. `first`: since the session began. */
  onHandshake(connection: UpstreamConnection, answer: Frame, first: boolean): void;
  onStateChange(connection: UpstreamConnection): void;
}

export interface ConnectionContext {
  readonly recorder: Recorder;
  readonly resolver: ServerResolver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly auth: UpstreamAuth | undefined;
  readonly processes: ProcessLedger | undefined;
  /** The store's session id. */
  readonly session: string;
  /** Absent: only the team file's own rules hold. */
  readonly governance?: GatewayGovernance;
  /** The client's handshake goes to other servers too. */
  readonly fansOut?: boolean;
}
