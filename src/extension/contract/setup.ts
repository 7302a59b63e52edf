/**
 * Owns what host and webview agree on about setting up: what was found on this machine, what goes through MCP Shark, and
 * the changes of files in between. Types, and one name. Texts come from files and servers: show them as text. No secret crosses.
 */
import type { Finding } from './findings';
import type { DefinitionRow, GovernedServer, PendingServer, ServersPolicy } from './governance';
import type { ServerHealth } from './health';
import type { ConfigProblem, GatewayState, ServerState } from './status';

/** A server that is configured to go through MCP Shark. */
export interface SetupServer extends GovernedServer {
  readonly state: ServerState;
  readonly health: ServerHealth;
  /** The file as people call it: relative to the workspace, or "your own servers". */
  readonly fileLabel: string;
  /** It stands in the user's own file, not in one of the workspace. */
  readonly isUser: boolean;
  readonly isEnabled: boolean;
  /** Globs of its tools that are left out of lists, and of those that are refused as well. */
  readonly hide: readonly string[];
  readonly deny: readonly string[];
  readonly definitions: readonly DefinitionRow[];
  readonly findings: readonly Finding[];
}

/** One place a server was found in. */
export interface FoundPlace {
  /** For `PlanRequest`; good until the next `find`. */
  readonly id: string;
  /** As it is called there. */
  readonly name: string;
  /** "VS Code", "Claude Desktop" … */
  readonly client: string;
  readonly scope: 'workspace' | 'folder' | 'user' | 'profile' | 'remote' | 'devcontainer';
  readonly file: string;
  readonly fileLabel: string;
  /** 1-based. */
  readonly line: number;
  readonly isDisabled: boolean;
  /** What would not be honoured or could not be translated. */
  readonly notes: readonly string[];
}

/** A server found in one or several places, under one name or several: the same program or address, with the same values. */
export interface FoundServerGroup {
  readonly id: string;
  readonly name: string;
  readonly transport: 'stdio' | 'http' | 'sse';
  /** What runs, in one line; secrets masked. */
  readonly commandLine: string;
  /** The same goes through MCP Shark already, under this name. */
  readonly routedAs?: string;
  readonly places: readonly FoundPlace[];
  readonly findings: readonly Finding[];
}

/** Another client's file that can be pointed at the gateway. */
export interface OtherClient {
  /** For `PlanRequest`; good until the next `find`. */
  readonly id: string;
  readonly client: string;
  readonly file: string;
  readonly fileLabel: string;
  /** It already holds MCP Shark's endpoint, of whatever port and token. */
  readonly isPointed: boolean;
  /** The client is there, but not the file: it would be made. */
  readonly isNew: boolean;
}

export interface Found {
  readonly groups: readonly FoundServerGroup[];
  readonly clients: readonly OtherClient[];
  readonly problems: readonly ConfigProblem[];
  /** How many files were read. */
  readonly files: number;
}

/** Where another client finds the token: in its file (unless said otherwise), or in the environment variable `TOKEN_VARIABLE`. */
export type TokenPlace = 'file' | 'variable';
export const TOKEN_VARIABLE = 'MCP_SHARK_TOKEN';

export type PlanRequest =
  /** `places`: ids. `otherClients`: see routing; `point` needs a fixed port. */
  | { readonly kind: 'route'; readonly places: readonly string[]; readonly otherClients: 'point' | 'leave'; readonly token?: TokenPlace }
  | { readonly kind: 'point'; readonly clients: readonly string[]; readonly token?: TokenPlace }
  | { readonly kind: 'undo'; readonly records: 'all' | readonly string[] }
  | { readonly kind: 'restore'; readonly backup: string };

export interface PlannedChange {
  readonly file: string;
  readonly fileLabel: string;
  readonly client: string;
  readonly kind: 'create' | 'change' | 'delete';
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

export interface PlanRemark {
  readonly fileLabel: string;
  readonly server?: string;
  readonly message: string;
}

/** What would be changed; nothing is before `apply`. */
export interface PlanView {
  readonly id: string;
  readonly kind: PlanRequest['kind'];
  readonly files: readonly PlannedChange[];
  readonly notes: readonly PlanRemark[];
  /** What is left out, and why. */
  readonly problems: readonly PlanRemark[];
  /** Servers that would be routed, as they would be called. */
  readonly servers: readonly string[];
}

/** Something that was done and can be undone. */
export interface DoneChange {
  readonly id: string;
  readonly atMs: number;
  readonly kind: 'route' | 'point';
  readonly servers: readonly string[];
  readonly files: readonly { readonly file: string; readonly fileLabel: string; readonly client: string }[];
}

export interface BackupView {
  readonly id: string;
  readonly file: string;
  readonly fileLabel: string;
  readonly atMs: number;
  readonly bytes: number;
  /** An undo needs it: it cannot be deleted. */
  readonly isNeeded: boolean;
}

export interface SetupState {
  readonly isTrusted: boolean;
  readonly isRouting: boolean;
  readonly hasFolder: boolean;
  readonly gateway: GatewayState;
  readonly policy: ServersPolicy;
  readonly servers: readonly SetupServer[];
  readonly pending: readonly PendingServer[];
  readonly problems: readonly ConfigProblem[];
  readonly notes: readonly ConfigProblem[];
  /** Newest first. */
  readonly done: readonly DoneChange[];
  /** The port for other clients; 0: none is set, so they cannot be pointed at the gateway. */
  readonly fixedPort: number;
  /** A token for other clients was made. */
  readonly hasClientToken: boolean;
  /** Ids of clients, of the last `find`, whose entry for the endpoint has another port or token than there is now. */
  readonly outdatedClients: readonly string[];
}

/** What a user can write about a server into its file. `undefined`: leave; `null`: take away. */
export interface ServerEdit {
  readonly purpose?: string | null;
  readonly owner?: string | null;
  readonly permissions?: readonly string[] | null;
  readonly note?: string | null;
  readonly isEnabled?: boolean;
  readonly hide?: readonly string[];
  readonly deny?: readonly string[];
}
