/**
 * Owns what host and views agree on about governance: which servers may run, what they define, what changed since it was
 * approved, and the rules. Pure types. What of it comes from servers or workspace files is hostile text: show it as text.
 */

/** `ask`: a server runs once it is approved. `allowListOnly`: only listed servers. `allow`: all of a trusted workspace. */
export type ServersPolicy = 'ask' | 'allowListOnly' | 'allow';

/** What becomes of a tool that is new, or not as it was approved. `block`: not listed and not called until approved. */
export type DefinitionPolicy = 'allow' | 'flag' | 'block';

/** The user's settings; a workspace cannot change them. */
export interface Policy {
  readonly servers: ServersPolicy;
  /** Names, or `sha256:` and the hash of what runs. Used with `allowListOnly`. */
  readonly allowList: readonly string[];
  readonly tools: { readonly new: DefinitionPolicy; readonly changed: DefinitionPolicy };
  /** Of structural findings of the local checks; all other findings only flag. */
  readonly findings: 'flag' | 'block';
}

/**
 * Whether a server may run. `waiting`: for approval. `refused`: by policy or by the user. `disabled`: in its configuration, or stopped
 * by the user. `message` says which and why; `byUser` where the user has said so, and can take it back.
 */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string; readonly byUser?: true }
  | { readonly kind: 'disabled'; readonly message: string; readonly byUser?: true };

/** One thing that decides what runs, such as `command`, `args` or `env.LOG_LEVEL`, as shown: secrets are masked. */
export interface RunField {
  readonly field: string;
  readonly text: string;
}

/** A field before and after; absent: it was not there. Equal texts: what changed is a secret and not shown. */
export interface FieldChange {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** A server that is not started because nobody has approved it as it is now. */
export interface PendingServer {
  /** Stable id of file and name; what `approveServer` takes. */
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** SHA-256 of what would run, lower-case hex; what is approved. */
  readonly hash: string;
  readonly transport: 'stdio' | 'http' | 'sse';
  /** What would run, in one line: placeholders unresolved, secrets masked. */
  readonly commandLine: string;
  readonly fields: readonly RunField[];
  readonly why:
    | { readonly kind: 'new' }
    | { readonly kind: 'changed'; readonly approvedMs: number; readonly changes: readonly FieldChange[] };
  readonly about: ServerAbout;
}

/** What the team file says of a server; kept and shown, not acted on. */
export interface ServerAbout {
  readonly purpose?: string;
  readonly owner?: string;
  /** What the server is expected to be able to do. */
  readonly permissions?: readonly string[];
  readonly note?: string;
}

export type DefinitionKind = 'tool' | 'prompt' | 'resource' | 'template' | 'instructions' | 'serverInfo';

/**
 * `approved`: as it was approved, by the user or as part of the server's first list. `new`: not there then. `changed`:
 * there then, but different. `gone`: not in the server's last list.
 */
export type DefinitionState = 'approved' | 'new' | 'changed' | 'gone';

/** One definition of a server: a tool, prompt, resource, template, its instructions or its serverInfo. */
export interface DefinitionRow {
  readonly kind: DefinitionKind;
  /** Own name, URI or template; empty for instructions and serverInfo. */
  readonly name: string;
  readonly state: DefinitionState;
  /** SHA-256 of the RFC 8785 form, lower-case hex. */
  readonly hash: string;
  /** The hash that is approved, else the one before this; for a diff. Absent where there is none. */
  readonly previous?: string;
  /** Unix epoch, milliseconds: of this name, of this version, and when it was last listed. */
  readonly firstSeenMs: number;
  readonly changedMs: number;
  readonly lastSeenMs: number;
  readonly approvedMs?: number;
  /** Left out of lists, or refused when called, by rule or policy; says which. */
  readonly blocked?: string;
}

/** One of the versions that a definition has had. */
export interface DefinitionVersion {
  /** As in `DefinitionRow`. */
  readonly hash: string;
  /** Unix epoch, milliseconds. */
  readonly firstSeenMs: number;
  /** `listed`: it is in the server's list now. `last`: it was, when the name went. `earlier`: another has come since. */
  readonly place: 'listed' | 'last' | 'earlier';
  /** Absent: it is not approved. */
  readonly approvedMs?: number;
}

/** Everything known of one configured server. */
export interface GovernedServer {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly transport: 'stdio' | 'http' | 'sse';
  readonly gate: Gate;
  readonly hash: string;
  readonly commandLine: string;
  readonly about: ServerAbout;
  readonly approvedMs?: number;
  /** Who approved it, as the operating system names the user. */
  readonly approvedBy?: string;
  /** How many definitions (resources aside) are new or changed and not approved. */
  readonly unapproved: number;
}

export type InventoryFormat = 'markdown' | 'csv' | 'json';

export interface InventoryDefinition extends DefinitionRow {
  readonly findings: readonly string[];
}

/** What `Inventory` exports are made of. */
export interface InventoryServer extends GovernedServer {
  readonly definitions: readonly InventoryDefinition[];
  /** Of the server's configuration. */
  readonly findings: readonly string[];
}

/** What views and commands use; implemented by `Governance` (security/policyGovernance.ts). */
export interface GovernanceApi {
  servers(): readonly GovernedServer[];
  pending(): readonly PendingServer[];
  /** What the user has refused as it is configured now; `approveServer` takes that back. */
  refused(): readonly PendingServer[];
  /**
   * Approves exactly `hash`; the server is started at once. Rejects with AppError `server.notAllowed` where the server is
   * no longer what was shown, the workspace is not trusted, or policy forbids it.
   */
  approveServer(id: string, hash: string): Promise<void>;
  /** Says no to exactly `hash`: it is not asked for again until it changes. `approveServer` takes that back. */
  refuseServer(id: string, hash: string): Promise<void>;
  definitions(id: string): readonly DefinitionRow[];
  /** Every version that was kept of a name, the one listed last first. Empty: nothing is known of it. */
  versions(id: string, kind: DefinitionKind, name: string): readonly DefinitionVersion[];
  /** Verbatim text of a definition as first seen. `undefined`: not kept. */
  definitionText(hash: string): Promise<string | undefined>;
  /** Approves versions by what was shown; all that are listed now where absent. Resolves with how many. */
  approveDefinitions(id: string, which?: readonly Pick<DefinitionRow, 'kind' | 'name' | 'hash'>[]): Promise<number>;
  inventory(format: InventoryFormat): string;
}
