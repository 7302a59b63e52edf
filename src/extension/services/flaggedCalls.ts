/**
 * Owns which calls a definition has to do with: the filter that shows those that use it, and what Traffic marks them with
 * where the local checks say something of it. Pure.
 */
import type { DefinitionRef, Finding, FindingSeverity, FlaggedDefinition } from '../contract/findings';
import type { DefinitionKind } from '../contract/governance';
import { literalTerm } from '../query/print';

/** How the calls that use a definition are known: their method, and the field of the filter that holds its name. */
const USES: Readonly<Partial<Record<DefinitionKind, { readonly method: string; readonly field: 'tool' | 'prompt' | 'uri' }>>> = {
  tool: { method: 'tools/call', field: 'tool' },
  prompt: { method: 'prompts/get', field: 'prompt' },
  resource: { method: 'resources/read', field: 'uri' },
};

/** Definitions that a view is told of; the worst ones. */
const MAX_FLAGGED = 1_000;
const MAX_MESSAGES = 3;
/** As `CallRow.definition` has them. */
const HASH_DIGITS = 16;
const RANK: Readonly<Record<FindingSeverity, number>> = { high: 0, medium: 1, low: 2 };

/** The kind of definition that a call of this method uses. */
export function kindUsedBy(method: string): DefinitionKind | undefined {
  return (Object.keys(USES) as DefinitionKind[]).find((kind) => USES[kind]?.method === method);
}

/** Whether calls are recorded with the version of such a definition that they ran under. */
export function hasCalls(kind: DefinitionKind): boolean {
  return USES[kind] !== undefined;
}

/** Filter text for the calls that use a definition; of instructions and serverInfo for all of the server. `undefined`: no filter tells them. */
export function callsUsing({ server, kind, name }: DefinitionRef): string | undefined {
  const use = USES[kind];
  const ofServer = literalTerm('server', server);
  if (kind === 'instructions' || kind === 'serverInfo') return ofServer;
  return use && name !== '' ? `${ofServer} ${literalTerm(use.field, name)}` : undefined;
}

/** Filter text for the calls that ran under this very version of a definition. */
export function callsUnder(hash: string): string {
  return literalTerm('definition', hash.slice(0, HASH_DIGITS));
}

/** The definitions that findings are about and calls use, the worst first. `hashOf`: of a definition as it is listed now. */
export function flaggedDefinitions(findings: readonly Finding[], hashOf: (definition: DefinitionRef) => string | undefined): readonly FlaggedDefinition[] {
  const flagged = new Map<string, { readonly ref: DefinitionRef; readonly method: string; readonly found: Finding[] }>();
  for (const finding of findings) {
    const { place } = finding;
    const method = place.in === 'definition' ? USES[place.kind]?.method : undefined;
    if (place.in !== 'definition' || method === undefined) continue;
    const key = JSON.stringify([place.server, place.kind, place.name]);
    const known = flagged.get(key);
    if (known) known.found.push(finding);
    else flagged.set(key, { ref: place, method, found: [finding] });
  }
  return [...flagged.values()]
    .map(({ ref, method, found }): FlaggedDefinition => {
      const sorted = found.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
      const calls = callsUsing(ref);
      const hash = hashOf(ref)?.slice(0, HASH_DIGITS);
      return {
        server: ref.server,
        method,
        name: ref.name,
        ...(hash === undefined ? {} : { definition: hash }),
        severity: sorted[0]!.severity,
        messages: [...new Set(sorted.map(({ message }) => message))].slice(0, MAX_MESSAGES),
        ...(calls === undefined ? {} : { calls }),
      };
    })
    .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
    .slice(0, MAX_FLAGGED);
}
