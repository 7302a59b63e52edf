/**
 * Owns what host and webview agree on about the Playground's catalogue: what servers offer, how it is found, completed and
 * described. Pure types and what both sides need of values. Definitions and schemas cross as JSON text, as the server wrote them.
 */

/** `template`: a resource template; its name is the URI template. A resource's name is its URI. */
export const CATALOG_KINDS = ['tool', 'prompt', 'resource', 'template'] as const;
export type CatalogKind = (typeof CATALOG_KINDS)[number];

export interface CatalogTarget {
  readonly server: string;
  readonly kind: CatalogKind;
  /** As the server names it. */
  readonly name: string;
}

/** Most items a `catalog` answer has; the rest is found by searching. */
export const MAX_CATALOG_ITEMS = 2_000;

/** How a definition differs from the one that was approved; `unknown`: nobody keeps approvals. */
export type DefinitionChange = 'unchanged' | 'new' | 'changed' | 'unknown';

/** Hints of a tool as the server gives them (it may lie); defaults of the specification are filled in. */
export interface ToolHints {
  readonly isReadOnly: boolean;
  readonly isDestructive: boolean;
  readonly isIdempotent: boolean;
  readonly isOpenWorld: boolean;
  /** Which of the four the server said itself. */
  readonly said: readonly ('readOnly' | 'destructive' | 'idempotent' | 'openWorld')[];
}

export interface CatalogItem {
  readonly kind: CatalogKind;
  readonly name: string;
  /** For people, where the server gives one. At most 200 characters. */
  readonly title?: string;
  /** First 300 characters. */
  readonly description?: string;
  readonly mimeType?: string;
  /** Of a resource, bytes, as the server says. */
  readonly size?: number;
  readonly hints?: ToolHints;
  /** Whether a tool may or must run as a task. */
  readonly task?: 'optional' | 'required';
  /** A resource that is in no list of its server: nothing is known of it but its URI. */
  readonly isUnlisted?: true;
  /** What the definition costs in a model's context. An estimate: about four characters a token. */
  readonly tokens: number;
  readonly lastUsedMs?: number;
  readonly change: DefinitionChange;
}

export interface CatalogSlice {
  readonly revision: number;
  /** In the server's order, tools first, then prompts, resources, templates. At most `MAX_CATALOG_ITEMS`. */
  readonly items: readonly CatalogItem[];
  /** Items that match the search, also those left out. */
  readonly total: number;
}

/** One variable of a URI template (RFC 6570). */
export interface TemplateVariable {
  readonly name: string;
  /** Cut by `:n` somewhere: takes a text only. Others take a list or an object as well. */
  readonly hasPrefix: boolean;
}

export interface PromptArgument {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly isRequired: boolean;
}

/** One item with everything the server said of it. */
export interface CatalogDefinition {
  readonly target: CatalogTarget;
  readonly item: CatalogItem;
  /** The definition byte for byte as it came, JSON text. */
  readonly text: string;
  readonly description?: string;
  /**
   * Schema of the arguments, JSON text. A tool's own; made from the arguments of a prompt and the variables of a
   * template, so that one form serves all. Absent for a resource.
   */
  readonly inputSchema?: string;
  readonly outputSchema?: string;
  readonly promptArguments?: readonly PromptArgument[];
  readonly variables?: readonly TemplateVariable[];
}

/** Asks for values of one argument (`completion/complete`); prompts and templates only. */
export interface CompletionQuery {
  readonly target: CatalogTarget;
  readonly argument: string;
  /** What is typed so far. */
  readonly value: string;
  /** The other arguments as they are, JSON text of an object. */
  readonly argumentsText: string;
}

export interface Completion {
  /** At most 100. */
  readonly values: readonly string[];
  readonly total?: number;
  readonly hasMore: boolean;
}
