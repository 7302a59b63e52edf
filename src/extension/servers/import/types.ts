/** Owns the shapes of discovery: where clients keep MCP configurations, and what was found in them. Pure types. */
import type { ConfigProblem } from '../../contract/status';
import type { HttpServerConfig, StdioServerConfig } from '../types';
import type { WorkspaceFolderInfo } from '../variables';
import type { DocumentFormat } from './document';
import type { DocNode } from './documentTree';

/** `workspace`: a `.code-workspace`; `folder`: a file of one workspace folder; `remote`: the user of a remote host. */
export type FoundScope = 'workspace' | 'folder' | 'user' | 'profile' | 'remote' | 'devcontainer';

/** What paths are worked out from; given, not looked up, so that every platform can be asked about on any. */
export interface DiscoveryEnvironment {
  readonly platform: NodeJS.Platform;
  /** Absolute. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Empty in Restricted Mode: nothing of an untrusted workspace is read. */
  readonly folders: readonly WorkspaceFolderInfo[];
  /** The `.code-workspace` file that is open. */
  readonly workspaceFile?: string;
  /** `User` folder of the editor this runs in (two above `globalStorageUri`): its `mcp.json` is the editor's own. */
  readonly editorUserDir?: string;
}

/** A file that may hold servers. */
export interface Place {
  readonly file: string;
  readonly scope: FoundScope;
  readonly format: DocumentFormat;
  readonly folder?: WorkspaceFolderInfo;
  /** What relative paths in it are relative to; `undefined`: not known. */
  readonly base?: string;
  /** The editor this runs in reads it itself: MCP Shark reaches that editor without an entry there. */
  readonly own?: boolean;
}

/** A folder whose files may hold servers; only its direct children are looked at. */
export interface PlaceFolder {
  readonly dir: string;
  /** The place of one child, by the child's name; `undefined`: none. */
  place(name: string): Place | undefined;
}

/** Where servers stand in a document: an object of them by name, or a list of objects with a `name`. */
export interface Container {
  readonly path: readonly string[];
  readonly by: 'key' | 'name';
  /** Overrides of the place, for files that hold servers of several folders. */
  readonly scope?: FoundScope;
  readonly folder?: WorkspaceFolderInfo;
  readonly base?: string;
  /** Where inputs used by its servers are defined, if anywhere. */
  readonly inputs?: readonly string[];
}

/** How one member of a document is named; survives edits elsewhere in it. */
export interface Address {
  readonly container: readonly string[];
  /** `key`: member of an object; otherwise the property by which an item of a list is known. */
  readonly by: 'key' | 'name' | 'id';
  readonly name: string;
}

/** Which placeholders a client replaces in its entries. */
export type VariableStyle =
  /** `${env:X}`, `${workspaceFolder}`, `${userHome}`, `${input:X}`: VS Code's, which are ours. */
  | 'vscode'
  /** `${X}`. */
  | 'braces'
  /** `$X` and `${X}`. */
  | 'dollar'
  /** `{env:X}`. */
  | 'opencode'
  /** `${{ secrets.X }}`. */
  | 'continue'
  | 'none';

export interface Shape {
  readonly variables: VariableStyle;
  /** What `url` means where nothing else says it. */
  readonly plainUrl: 'http' | 'sse';
}

/** Where a client finds the gateway. */
export interface Endpoint {
  /** The aggregate endpoint, with a port that stays. */
  readonly url: string;
  /** Written into the file, or the name of an environment variable the client replaces, where it can. */
  readonly token: { readonly kind: 'literal'; readonly value: string } | { readonly kind: 'variable'; readonly name: string };
}

/** The entry by which a client reaches the gateway. */
export interface EndpointEntry {
  readonly value: Readonly<Record<string, unknown>>;
  /** What is worth knowing about it: never holds the token. */
  readonly notes: readonly string[];
}

/** What is known of one client. Pure. */
export interface Strategy {
  readonly id: string;
  /** As users call it. */
  readonly client: string;
  readonly shape: Shape;
  places(environment: DiscoveryEnvironment): readonly (Place | PlaceFolder)[];
  /** `root` is `undefined` for a file that is to be made: then the place where a first server would stand. */
  containers(place: Place, root: DocNode | undefined, environment: DiscoveryEnvironment): readonly Container[];
  endpoint(endpoint: Endpoint, place: Place, container: Container): EndpointEntry;
  /** A folder that is there, with something in it, where the client is; left out: the one its file stands in. */
  traceOf?(environment: DiscoveryEnvironment): string;
}

export interface FoundServer {
  /** Same as long as file, container and name are. */
  readonly id: string;
  readonly name: string;
  readonly client: string;
  readonly strategy: string;
  readonly scope: FoundScope;
  readonly place: Place;
  readonly folder?: WorkspaceFolderInfo;
  readonly base?: string;
  readonly address: Address;
  readonly container: Container;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** In our terms; `extra` holds, word for word, what we do not act on. */
  readonly config: StdioServerConfig | HttpServerConfig;
  readonly disabled: boolean;
  /** Tools that its client does not let be used; routed as `tools.deny`. */
  readonly deniedTools: readonly string[];
  /** Definitions (as written) of the inputs it uses. */
  readonly inputs: readonly Readonly<Record<string, unknown>>[];
  /** What is not honoured or could not be translated, in words; never holds a value. */
  readonly notes: readonly string[];
  /** Equal for servers that run the same thing with the same values; made of secrets, so it is shown to nobody. */
  readonly canonical: string;
  /** It is MCP Shark's own endpoint. */
  readonly isEndpoint: boolean;
}

/** Servers that run the same thing, in the order in which they were found. */
export interface FoundGroup {
  readonly canonical: string;
  readonly servers: readonly FoundServer[];
}

export interface PlaceOfClient {
  readonly place: Place;
  readonly client: string;
  readonly strategy: string;
}

export interface FoundFile extends PlaceOfClient {
  readonly state: 'read' | 'broken';
  readonly servers: number;
}

export interface Discovery {
  readonly servers: readonly FoundServer[];
  readonly groups: readonly FoundGroup[];
  /** Files that exist. */
  readonly files: readonly FoundFile[];
  /** Of clients that are on this machine and have no file: where one would be made. */
  readonly absent: readonly PlaceOfClient[];
  /** Files and entries that cannot be used, with what to do. */
  readonly problems: readonly ConfigProblem[];
}
