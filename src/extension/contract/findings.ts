/**
 * Owns what host and views agree on about findings: what the local checks say of definitions, configuration entries and
 * messages. Pure types. Names and excerpts come from servers and files: show them as text.
 */
import type { DefinitionKind } from './governance';

/** `structural`: told from the form, hardly ever wrong; may block. `phrase`: told from words; only flags. */
export type FindingTier = 'structural' | 'phrase';

export type FindingSeverity = 'high' | 'medium' | 'low';

/** One thing a server defines. `name`: own name, URI or template; empty for instructions and serverInfo. */
export interface DefinitionRef {
  readonly server: string;
  readonly kind: DefinitionKind;
  readonly name: string;
}

export interface DefinitionPlace extends DefinitionRef {
  readonly in: 'definition';
  /** JSON pointer (RFC 6901) within the definition; ends in `/-` for the name of a key rather than its value. */
  readonly pointer: string;
}

export interface ConfigPlace {
  readonly in: 'config';
  readonly server: string;
  /** Absolute. */
  readonly file: string;
  /** 1-based line of the entry; `locate` (security/locate.ts) finds the place in the text. */
  readonly line: number;
  /** From the entry: `['args', 1]`, `['env', 'TOKEN']`; empty: the entry. */
  readonly path: readonly (string | number)[];
}

export interface MessagePlace {
  readonly in: 'message';
  /** Bytes of the text that was looked at. */
  readonly start: number;
  readonly end: number;
}

export type FindingPlace = DefinitionPlace | ConfigPlace | MessagePlace;

/** What a quick fix needs to be offered; security/fixes.ts makes the edits. */
export type FindingFix =
  | { readonly kind: 'moveSecret'; readonly suggestedId: string }
  | { readonly kind: 'pinVersion'; readonly runner: PackageRunner; readonly package: string };

export type PackageRunner = 'npm' | 'python' | 'container';

export interface Finding {
  /** Stable, such as `definition.hiddenText`; docs/checks.md explains each. */
  readonly rule: string;
  readonly tier: FindingTier;
  readonly severity: FindingSeverity;
  /** One or two sentences. */
  readonly message: string;
  readonly place: FindingPlace;
  /** At most some 200 characters; what cannot be seen is written as an escape. Never holds a secret. */
  readonly excerpt?: string;
  /** What it has to do with. */
  readonly related?: DefinitionRef;
  readonly fix?: FindingFix;
}

/** A finding about a recorded call. */
export interface CallFinding extends Finding {
  /** Filter text for all calls it is about, or that show the same; absent: no filter tells them. */
  readonly calls?: string;
}

/** A definition that findings are about, and how the calls that use it are known. */
export interface FlaggedDefinition {
  readonly server: string;
  /** Method of the calls that use it. */
  readonly method: string;
  readonly name: string;
  /** First 16 hex digits of its hash, where known: a call that is known to have run under another version is not meant. */
  readonly definition?: string;
  /** Of the worst finding. */
  readonly severity: FindingSeverity;
  /** The worst first, at most three. */
  readonly messages: readonly string[];
  /** Filter text for the calls that use it; absent: no filter tells them. */
  readonly calls?: string;
}

/** What one server defines, as it lists it. */
export interface ServerDefinitions {
  readonly server: string;
  readonly serverInfo?: unknown;
  readonly instructions?: unknown;
  readonly tools?: readonly unknown[];
  readonly prompts?: readonly unknown[];
  readonly resources?: readonly unknown[];
  readonly templates?: readonly unknown[];
}
