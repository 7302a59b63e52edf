/**
 * Owns what host and webview agree on about the Playground as a whole: the one state its view draws from, its servers,
 * what is followed, and what it is asked to show. Pure types. The parts have files of their own: catalogue, runs, requests
 * of servers, saved calls. JSON values cross as JSON text, never parsed: big integers, the order of keys and keys nobody
 * knows survive.
 */
import type { CatalogKind } from './playgroundCatalog';
import type { ServerRequest } from './playgroundRequests';
import type { LogLevel, PlaygroundRun, RunTarget } from './playgroundRuns';

/** What a person can do about a state; each is a button. `retry`: connect again. */
export type NextStep = 'manageTrust' | 'turnRoutingOn' | 'addServer' | 'openConfig' | 'review' | 'signIn' | 'retry' | 'showLog';

/** Why the Playground as a whole can do nothing, and what to do. */
export interface Obstacle {
  readonly kind: 'untrusted' | 'routingOff' | 'nothingConfigured' | 'starting' | 'gatewayFailed';
  readonly message: string;
  readonly steps: readonly NextStep[];
}

/**
 * The Playground's own connection to a server. `idle`: not asked for. `unavailable`: MCP Shark does not start it (not
 * approved, switched off). `failed`: it could not be started or was lost.
 */
export type ConnectionState =
  /** `isEnded`: by the user; looking at its lists does not connect it again. */
  | { readonly kind: 'idle'; readonly isEnded?: true }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'unavailable'; readonly message: string; readonly steps: readonly NextStep[] }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Last lines of stderr, oldest first. */
      readonly stderr: readonly string[];
      readonly steps: readonly NextStep[];
    };

export interface PlaygroundServer {
  readonly name: string;
  readonly connection: ConnectionState;
  /** What the server said of itself; absent until it is connected. */
  readonly info?: { readonly name?: string; readonly title?: string; readonly version?: string };
  readonly protocolVersion?: string;
  readonly instructions?: string;
  /** What the server can, as far as the view offers it. */
  readonly can: {
    readonly complete: boolean;
    readonly log: boolean;
    readonly subscribe: boolean;
    /** Tool calls may run as tasks (MCP 2025-11-25, tasks); the tool's own definition says whether it may. */
    readonly tasks: boolean;
  };
  /** Number of each in the catalogue; those beyond the limits are counted in `omitted`. */
  readonly counts: Readonly<Record<CatalogKind, number>>;
  /** What all definitions of each cost in a model's context. An estimate, as of each item. */
  readonly tokens: Readonly<Record<CatalogKind, number>>;
  readonly omitted: number;
  /** Lists that could not be read, in words. */
  readonly problems: readonly string[];
  /** Level last asked for; absent: the server's own choice. */
  readonly logLevel?: LogLevel;
  /** Grows with every change of this server's catalogue: ask `catalog` again. */
  readonly revision: number;
  /** Grows with every log message of this server: ask `logs` again. */
  readonly logged: number;
}

export interface Subscription {
  readonly server: string;
  readonly uri: string;
  readonly sinceMs: number;
  /** How often the server said that it changed, and when last (Unix epoch, milliseconds). */
  readonly updates: number;
  readonly updatedMs?: number;
  /** The run that read it last; a new one is started at each update. */
  readonly run?: string;
}

export interface Root {
  /** A `file://` URI. */
  readonly uri: string;
  readonly name?: string;
}

export interface RootsState {
  readonly roots: readonly Root[];
  /** The workspace folders, as nobody has changed them. */
  readonly isDefault: boolean;
}

/**
 * What somewhere else in the editor asked the Playground to show: something to run, or a server with what it offers.
 * `number` grows with each, also over reloads of the window; the view acts on a number once.
 */
export type Opening =
  | {
      readonly number: number;
      readonly target: RunTarget;
      readonly argumentsText?: string;
      /** A run to show, where one was started. */
      readonly run?: string;
    }
  | { readonly number: number; readonly server: string };

/** Everything small the view draws from; sent whole at every change, at most ten times a second. */
export interface PlaygroundState {
  readonly obstacle?: Obstacle;
  /** In the order of the configuration. */
  readonly servers: readonly PlaygroundServer[];
  /** Newest first, at most `MAX_RUNS`. */
  readonly runs: readonly PlaygroundRun[];
  /** Oldest first. */
  readonly requests: readonly ServerRequest[];
  readonly subscriptions: readonly Subscription[];
  readonly roots: RootsState;
  readonly opening?: Opening;
  /** Grows when saved calls or their files change: ask `savedCalls` again. */
  readonly savedRevision: number;
  /** Grows when the history changes: ask `history` again. */
  readonly historyRevision: number;
}
