/**
 * Owns what has been decided about one server: whether it may run as it is configured now, and why it is asked for. Fed
 * with the server's ledger.
 */
import type { FieldChange, Gate, PendingServer, Policy } from '../contract/governance';
import type { ConfiguredServer } from '../servers/types';
import { changesBetween, type RunDescription, type RunFact } from './approvalsDescription';
import { runFactsOf, type LedgerLine } from './approvalsLedger';
import { listingOf } from './policy';

export interface Decision {
  readonly decision: 'approved' | 'refused';
  readonly atMs: number;
  readonly by: string;
}

export class ServerApprovals {
  readonly #decisions = new Map<string, Decision>();
  #lastApproved: { readonly hash: string; readonly atMs: number; readonly facts: readonly RunFact[] } | undefined;

  /** Counts the decisions taken in. */
  revision = 0;

  /** Takes in a line of the ledger. */
  fold(line: LedgerLine): void {
    if (line.e !== 'server') return;
    this.revision++;
    this.#decisions.set(line.h, { decision: line.d, atMs: line.t, by: line.by });
    if (line.d === 'approved') this.#lastApproved = { hash: line.h, atMs: line.t, facts: runFactsOf(line) };
  }

  /** The last word on exactly this. */
  decisionOn(hash: string): Decision | undefined {
    return this.#decisions.get(hash);
  }

  /** Why approval is asked for. */
  why(run: RunDescription): PendingServer['why'] {
    const before = this.#lastApproved;
    if (!before) return { kind: 'new' };
    return { kind: 'changed', approvedMs: before.atMs, changes: changesBetween(before.facts, run.facts) };
  }

  gate(policy: Policy, server: ConfiguredServer, run: RunDescription): Gate {
    const { name } = server;
    if (server.isDisabled) {
      return { kind: 'disabled', message: `Server "${name}" is switched off in the configuration: set "enabled" to true (and take "disabled" away) to use it.` };
    }
    const decided = this.decisionOn(run.hash)?.decision;
    if (decided === 'refused') {
      return { kind: 'refused', message: `Server "${name}" was refused as it is configured now. Approve it in MCP Shark to use it after all.`, byUser: true };
    }
    if (policy.servers === 'allow') return { kind: 'open' };
    if (policy.servers === 'allowListOnly') {
      const listing = listingOf(policy, server, run.hash);
      if (listing === 'approved') return { kind: 'open' };
      if (listing === 'no') {
        return {
          kind: 'refused',
          message: `Server "${name}" is not on the allow list, and only listed servers may run (mcpShark.policy.servers: allowListOnly). Its entry would be "sha256:${run.hash}".`,
        };
      }
    }
    if (decided === 'approved') return { kind: 'open' };
    const why = this.why(run);
    const reason = why.kind === 'new' ? 'is new' : `has changed since it was approved (${fieldsOf(why.changes)})`;
    return { kind: 'waiting', message: `Server "${name}" ${reason} and waits for approval in MCP Shark.` };
  }
}

function fieldsOf(changes: readonly FieldChange[]): string {
  const names = changes.slice(0, 5).map(({ field }) => field);
  return changes.length > names.length ? `${names.join(', ')} and ${changes.length - names.length} more` : names.join(', ');
}
