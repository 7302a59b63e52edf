/** Owns asking one rule about one definition or one entry. */
import type { DefinitionKind } from '../../../../src/extension/contract/governance';
import type { ConfigHit, ConfigRule, DefinitionRule, Hit } from '../../../../src/extension/security/findings';
import { textsOf } from '../../../../src/extension/security/texts';
import type { ServerConfig } from '../../../../src/extension/servers/types';

export function hitsOf(rule: DefinitionRule, value: unknown, kind: DefinitionKind = 'tool'): Hit[] {
  return [...rule.check(textsOf(kind, value))];
}

/** Where a rule finds something in a tool of this description. */
export function describedHits(rule: DefinitionRule, description: string): Hit[] {
  return hitsOf(rule, { name: 'some_tool', description });
}

export function configHits(rule: ConfigRule, config: ServerConfig): ConfigHit[] {
  return [...rule.check({ name: 'some', config, file: '/w/.vscode/mcp-shark.json', line: 3, fingerprint: '' })];
}

export function stdio(command: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): ServerConfig {
  return { type: 'stdio', command, args, env };
}

export function http(url: string, headers: Readonly<Record<string, string>> = {}): ServerConfig {
  return { type: 'http', url, headers };
}
