/** Owns the shapes that rules and scanner share: what a rule is given, what it says. */
import type { ConfiguredServer } from '../servers/types';
import type { DefinitionRef, FindingFix, FindingSeverity, FindingTier } from '../contract/findings';
import type { DefinitionTexts } from './texts';

/** What a rule says about one definition. */
export interface Hit {
  readonly severity: FindingSeverity;
  readonly message: string;
  /** See `DefinitionPlace`. */
  readonly pointer: string;
  readonly excerpt?: string;
}

interface Rule {
  readonly id: string;
  readonly tier: FindingTier;
}

/** Looks at one definition by itself. Pure, and linear in its texts. */
export interface DefinitionRule extends Rule {
  check(definition: DefinitionTexts): Iterable<Hit>;
}

/** A definition of a server, among those of all. */
export interface CatalogEntry {
  readonly ref: DefinitionRef;
  readonly texts: DefinitionTexts;
  /** Of the RFC 8785 form; `undefined` where there is none. */
  readonly hash: string | undefined;
}

export interface CatalogHit extends Hit {
  readonly entry: CatalogEntry;
  readonly related?: DefinitionRef;
}

/** Looks at the definitions of all servers together, in the order of the configuration. */
export interface CatalogRule extends Rule {
  check(entries: readonly CatalogEntry[], identities: ReadonlyMap<string, string | undefined>): Iterable<CatalogHit>;
}

export interface ConfigHit {
  readonly severity: FindingSeverity;
  readonly message: string;
  /** From the entry; see `ConfigPlace`. */
  readonly path: readonly (string | number)[];
  readonly excerpt?: string;
  readonly fix?: FindingFix;
}

/** Looks at one entry of a configuration. */
export interface ConfigRule extends Rule {
  check(server: ConfiguredServer): Iterable<ConfigHit>;
}
