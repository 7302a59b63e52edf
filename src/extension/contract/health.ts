/** Owns what host and views agree on about how a server is doing. Pure types; texts come from servers: show them as text. */

/** Over all sessions, since the gateway started. */
export interface ServerHealth {
  readonly name: string;
  /** Connections that are up now. */
  readonly connections: number;
  /** Since when one has been up without a break, Unix epoch, milliseconds. */
  readonly upSinceMs?: number;
  /** Starts after a loss, not those of new sessions. */
  readonly restarts: number;
  readonly lastError?: { readonly message: string; readonly atMs: number };
  /** Of the last `samples` answers, microseconds from sending the request to the server to its answer. */
  readonly latency?: { readonly p50Us: number; readonly p95Us: number; readonly samples: number };
  /** What the server answered last to `initialize`. */
  readonly handshake?: ServerHandshake;
}

export interface ServerHandshake {
  readonly protocolVersion?: string;
  readonly serverName?: string;
  readonly serverTitle?: string;
  readonly serverVersion?: string;
  readonly hasInstructions: boolean;
  /** As declared, options in dots: `tools.listChanged`, `resources.subscribe`. Sorted. */
  readonly capabilities: readonly string[];
  /** Names under `extensions` and `experimental` that server and client have both declared. Sorted. */
  readonly extensions: readonly string[];
}
