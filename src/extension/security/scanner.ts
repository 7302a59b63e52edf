/**
 * Owns running the rules: over the definitions of all servers, over one, over entries of configurations. Pure, without
 * network or disk. What was looked at once is not looked at again: results are kept by the RFC 8785 hash of a definition.
 *
 * Bounded on hostile input: texts are gathered up to limits (texts.ts), every rule is linear in them, and the number of
 * definitions and of findings per definition is limited.
 */
import { createHash } from 'node:crypto';
import type { Finding, ServerDefinitions } from '../contract/findings';
import type { DefinitionKind } from '../contract/governance';
import type { ConfiguredServer } from '../servers/types';
import { isJsonObject } from '../util/json';
import { canonicalHash } from './definitionsHash';
import type { CatalogEntry, CatalogRule, ConfigRule, DefinitionRule, Hit } from './findings';
import { annotationLie } from './rules/annotationLie';
import { clone } from './rules/clone';
import { sudo, tempCommand } from './rules/commandPlace';
import { configSecret } from './rules/configSecret';
import { container } from './rules/container';
import { controlCharacters } from './rules/controlCharacters';
import { injection, tls } from './rules/dangerousEnvironment';
import { encodedOrder } from './rules/encodedOrder';
import { hiddenText } from './rules/hiddenText';
import { lookAlikeName } from './rules/lookAlikeName';
import { oddParameter } from './rules/oddParameter';
import { orderPhrase } from './rules/orderPhrase';
import { plainHttp } from './rules/plainHttp';
import { pseudoTag } from './rules/pseudoTag';
import { secretInDefinition } from './rules/secretInDefinition';
import { shadow } from './rules/shadow';
import { download, shellCommand } from './rules/shellCommand';
import { size } from './rules/size';
import { typosquat } from './rules/typosquat';
import { unpinned } from './rules/unpinned';
import { MAX_TOTAL, nameOf, textsOf, type DefinitionTexts } from './texts';

export const DEFINITION_RULES: readonly DefinitionRule[] = [hiddenText, lookAlikeName, controlCharacters, encodedOrder, size, secretInDefinition, orderPhrase, pseudoTag, oddParameter, annotationLie];
export const CATALOG_RULES: readonly CatalogRule[] = [clone, shadow];
export const CONFIG_RULES: readonly ConfigRule[] = [unpinned, typosquat, plainHttp, configSecret, container, download, shellCommand, sudo, tempCommand, injection, tls];

/** Of one definition by one rule. */
const MAX_HITS = 5;
/** Definitions of one server that are looked at. */
const MAX_DEFINITIONS = 5000;
/** Characters of one server that are looked at. */
const MAX_CHARACTERS = 20_000_000;
/** Definitions whose results are kept. */
const MAX_KNOWN = 10_000;
/** The texts of larger ones are gathered anew each time rather than kept. */
const MAX_KEPT_SIZE = 20_000;

interface RuleHit extends Hit {
  readonly rule: DefinitionRule;
}

interface Known {
  readonly hits: readonly RuleHit[];
  readonly texts: DefinitionTexts | undefined;
}

export interface Scanner {
  /** Everything about the definitions of all servers; in the order of the configuration, which decides who was first. */
  scan(servers: readonly ServerDefinitions[]): readonly Finding[];
  /** What one definition says by itself. */
  definition(server: string, kind: DefinitionKind, value: unknown): readonly Finding[];
  /** What an entry of a configuration says. */
  config(server: ConfiguredServer): readonly Finding[];
}

export function createScanner(): Scanner {
  const known = new Map<string, Known>();

  const look = (kind: DefinitionKind, value: unknown): Known & { texts: DefinitionTexts; hash: string | undefined } => {
    const hash = hashOf(kind, value);
    const before = hash === undefined ? undefined : known.get(hash);
    const texts = before?.texts ?? textsOf(kind, value);
    const hits = before?.hits ?? DEFINITION_RULES.flatMap((rule) => first(rule.check(texts), MAX_HITS).map((hit) => ({ ...hit, rule })));
    if (hash !== undefined) {
      // The one used longest ago goes first.
      known.delete(hash);
      known.set(hash, { hits, texts: texts.size <= MAX_KEPT_SIZE ? texts : undefined });
      if (known.size > MAX_KNOWN) known.delete(known.keys().next().value ?? '');
    }
    return { hits, texts, hash };
  };

  return {
    definition(server, kind, value) {
      const { hits, texts } = look(kind, value);
      return hits.map((hit) => findingOf(server, texts, hit.rule, hit));
    },

    scan(servers) {
      const findings: Finding[] = [];
      const entries: CatalogEntry[] = [];
      for (const definitions of servers) {
        let left = MAX_CHARACTERS;
        let count = 0;
        for (const [kind, value] of definitionsOf(definitions)) {
          if (left <= 0 || ++count > MAX_DEFINITIONS) {
            findings.push(notLookedAt(definitions.server, kind, value));
            break;
          }
          const { hits, texts, hash } = look(kind, value);
          left -= Math.min(texts.size, MAX_TOTAL);
          for (const hit of hits) findings.push(findingOf(definitions.server, texts, hit.rule, hit));
          entries.push({ ref: { server: definitions.server, kind, name: texts.name }, texts, hash });
        }
      }
      const identities = new Map(servers.map(({ server, serverInfo }) => [server, serverInfo === undefined ? undefined : hashOf('serverInfo', serverInfo)]));
      for (const rule of CATALOG_RULES) {
        for (const hit of rule.check(entries, identities)) {
          findings.push({ ...findingOf(hit.entry.ref.server, hit.entry.texts, rule, hit), related: hit.related });
        }
      }
      return findings;
    },

    config(server) {
      const { name, file, line } = server;
      return CONFIG_RULES.flatMap((rule) =>
        first(rule.check(server), 50).map(({ severity, message, path, excerpt, fix }): Finding => ({
          rule: rule.id,
          tier: rule.tier,
          severity,
          message,
          place: { in: 'config', server: name, file, line, path },
          excerpt,
          fix,
        })),
      );
    },
  };
}

function* definitionsOf({ serverInfo, instructions, tools, prompts, resources, templates }: ServerDefinitions): Iterable<readonly [DefinitionKind, unknown]> {
  if (serverInfo !== undefined) yield ['serverInfo', serverInfo];
  if (instructions !== undefined) yield ['instructions', instructions];
  const lists = [['tool', tools], ['prompt', prompts], ['resource', resources], ['template', templates]] as const;
  for (const [kind, list] of lists) for (const value of list ?? []) yield [kind, value];
}

/** `undefined`: the definition has no RFC 8785 form (a lone surrogate), so it is looked at each time. */
function hashOf(kind: DefinitionKind, value: unknown): string | undefined {
  try {
    return createHash('sha256').update(`${kind}\n${canonicalHash(value)}`).digest('hex');
  } catch {
    return undefined;
  }
}

/** Says it of the first one left out, for all that follow. */
function notLookedAt(server: string, kind: DefinitionKind, value: unknown): Finding {
  const name = isJsonObject(value) ? nameOf(kind, value).slice(0, 500) : '';
  const message = 'This server defines more than can be checked: this definition and those after it were not.';
  return { rule: size.id, tier: 'structural', severity: 'high', message, place: { in: 'definition', server, kind, name, pointer: '' } };
}

function findingOf(server: string, { kind, name }: DefinitionTexts, rule: { readonly id: string; readonly tier: Finding['tier'] }, hit: Hit): Finding {
  const { severity, message, pointer, excerpt } = hit;
  return { rule: rule.id, tier: rule.tier, severity, message, place: { in: 'definition', server, kind, name, pointer }, excerpt };
}

function first<T>(items: Iterable<T>, most: number): T[] {
  const list: T[] = [];
  for (const item of items) {
    if (list.length >= most) break;
    list.push(item);
  }
  return list;
}
