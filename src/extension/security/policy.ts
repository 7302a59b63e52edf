/**
 * Owns what the user's policy and a team's rules mean: which tools are hidden or denied by glob, what an allow list
 * allows, and what becomes of a definition that is new or changed. Pure.
 */
import type { DefinitionState, Policy } from '../contract/governance';
import type { ConfiguredServer, ToolRules } from '../servers/types';
import { globMatcher } from './policyGlob';

/** What holds where nobody has said anything. */
export const DEFAULT_POLICY: Policy = {
  servers: 'ask',
  allowList: [],
  tools: { new: 'flag', changed: 'flag' },
  findings: 'flag',
};

/** Why a tool is not listed, and whether it is refused when called. */
export interface Rule {
  /** As people and logs call it, such as `tools.deny` or `mcpShark.policy.tools.changed`. */
  readonly rule: string;
  /** The glob that matched. */
  readonly pattern?: string;
  /** Refused when called, as against left out of lists only. */
  readonly refuses: boolean;
  /** One sentence for the client's user: what, and what to do. */
  readonly message: string;
}

/** The first glob that matches. */
function compile(globs: readonly string[]): (name: string) => string | undefined {
  const matchers = globs.map((glob) => ({ glob, matches: globMatcher(glob) }));
  return (name) => matchers.find(({ matches }) => matches(name))?.glob;
}

export class ToolFilter {
  readonly #hidden: (name: string) => string | undefined;
  readonly #denied: (name: string) => string | undefined;
  readonly isEmpty: boolean;

  constructor(
    private readonly server: string,
    rules: ToolRules | undefined,
  ) {
    this.#hidden = compile(rules?.hide ?? []);
    this.#denied = compile(rules?.deny ?? []);
    this.isEmpty = (rules?.hide.length ?? 0) + (rules?.deny.length ?? 0) === 0;
  }

  /** The rule that keeps the tool from lists, and perhaps from calls; `undefined`: none. */
  ruleFor(tool: string): Rule | undefined {
    const denied = this.#denied(tool);
    if (denied !== undefined) {
      const message = `MCP Shark refused the call: the configuration of server "${this.server}" denies its tool "${shown(tool)}" (tools.deny: "${denied}").`;
      return { rule: 'tools.deny', pattern: denied, refuses: true, message };
    }
    const hidden = this.#hidden(tool);
    if (hidden === undefined) return undefined;
    return { rule: 'tools.hide', pattern: hidden, refuses: false, message: `Hidden by tools.hide: "${hidden}"` };
  }
}

const SETTING = { new: 'mcpShark.policy.tools.new', changed: 'mcpShark.policy.tools.changed' } as const;

/** What the policy makes of a tool that is not as it was approved; `undefined`: it passes. */
export function ruleForTool(policy: Policy, server: string, tool: string, state: DefinitionState): Rule | undefined {
  if (state !== 'new' && state !== 'changed') return undefined;
  if (policy.tools[state] !== 'block') return undefined;
  const how = state === 'new' ? 'is new' : 'is not as it was approved';
  const message = `MCP Shark refused the call: tool "${shown(tool)}" of server "${server}" ${how} (${SETTING[state]}: block). Approve it in MCP Shark first.`;
  return { rule: SETTING[state], refuses: true, message };
}

/** What the policy makes of a tool in which the local checks found something structural. */
export function ruleForFinding(policy: Policy, server: string, tool: string, finding: string): Rule | undefined {
  if (policy.findings !== 'block') return undefined;
  const message = `MCP Shark refused the call: tool "${shown(tool)}" of server "${server}" has a finding, ${finding} (mcpShark.policy.findings: block). Approve it in MCP Shark to use it all the same.`;
  return { rule: 'mcpShark.policy.findings', pattern: finding, refuses: true, message };
}

/** Names come from servers: long ones are cut before people see them. */
export function shown(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

/**
 * What `allowListOnly` says of a server. `approved`: the user's own list names its hash, which is as good as an approval.
 * `listed`: it is on the list that counts, and may be asked for. The user's list is the one that counts; only where it is
 * empty does a file's own, since a workspace must not widen what the user or an administrator allows.
 */
export function listingOf(policy: Policy, server: ConfiguredServer, hash: string): 'approved' | 'listed' | 'no' {
  const isHash = (entry: string): boolean => entry.toLowerCase() === `sha256:${hash}`;
  if (policy.allowList.some(isHash)) return 'approved';
  const list = policy.allowList.length > 0 ? policy.allowList : (server.allowList ?? []);
  return list.some((entry) => entry === server.name || isHash(entry)) ? 'listed' : 'no';
}

/** A policy from settings, which may hold anything; what cannot be read is the stricter default. */
export function policyFrom(read: (key: string) => unknown): Policy {
  const oneOf = <T extends string>(key: string, values: readonly T[], otherwise: T): T => values.find((value) => value === read(key)) ?? otherwise;
  const definition = ['allow', 'flag', 'block'] as const;
  const list = read('allowList');
  return {
    servers: oneOf('servers', ['ask', 'allowListOnly', 'allow'], 'ask'),
    allowList: Array.isArray(list) ? list.filter((entry): entry is string => typeof entry === 'string') : [],
    tools: { new: oneOf('tools.new', definition, 'flag'), changed: oneOf('tools.changed', definition, 'flag') },
    findings: oneOf('findings', ['flag', 'block'], 'flag'),
  };
}
