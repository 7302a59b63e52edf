/** Owns what host and webviews agree on about the state of gateway, servers and store. Pure types. */

/** State of a configured server, over all sessions: the best of its connections, or its last failure. */
export type ServerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly connections: number; readonly version?: string }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Last lines of stderr, oldest first. */
      readonly stderr: readonly string[];
      readonly atMs: number;
    }
  /** Not started: new or changed, and not approved; switched off in the configuration; forbidden by policy or the user. `byUser`: as in `Gate`. */
  | { readonly kind: 'waitingForApproval'; readonly message: string }
  | { readonly kind: 'disabled'; readonly message: string; readonly byUser?: true }
  | { readonly kind: 'refused'; readonly message: string; readonly byUser?: true };

export interface ServerStatus {
  readonly name: string;
  readonly transport: 'stdio' | 'http' | 'sse';
  readonly state: ServerState;
}

export type GatewayState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'on'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * `degraded`: traffic goes on but (part of) it is not being kept; a Gap will say what is missing. With `isKept` all of it is
 * being kept, and something else is wrong with the store.
 */
export type StoreState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'ok' }
  | { readonly kind: 'degraded'; readonly message: string; readonly missingFrames: number; readonly isKept?: true }
  | { readonly kind: 'failed'; readonly message: string };

/** Whether what passes through is written down. `frames`: passed unrecorded since `sinceMs` (Unix epoch, milliseconds). */
export type RecordingState =
  | { readonly kind: 'on' }
  | { readonly kind: 'paused'; readonly sinceMs: number; readonly frames: number };

export interface ConfigProblem {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Everything a view needs to say how MCP Shark is doing. A snapshot; sent whole at every change. */
export interface ApplicationStatus {
  readonly gateway: GatewayState;
  readonly store: StoreState;
  readonly servers: readonly ServerStatus[];
  readonly configProblems: readonly ConfigProblem[];
  /** What the configuration says and MCP Shark does not honour: not wrong, but worth knowing. */
  readonly configNotes: readonly ConfigProblem[];
  /** False in Restricted Mode (Workspace Trust): nothing is started. */
  readonly trusted: boolean;
  /** What the user asked for with the toggle; `gateway` says what has come of it. */
  readonly routing: boolean;
  readonly recording: RecordingState;
}
