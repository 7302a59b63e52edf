/**
 * Owns running checks in order: each may name a check it rests on, and is skipped, with words, where that one has
 * failed. A check that throws has failed with its message; a check that takes too long has failed too.
 */
import type { CheckOutcome, DoctorCheck, DoctorFix } from '../../contract/doctor';
import { withDeadline } from '../../util/async';
import type { Clock } from '../../util/clock';
import { messageOf } from '../../util/errors';

export interface Finding {
  readonly outcome: Exclude<CheckOutcome, 'skipped'>;
  readonly message: string;
  readonly fix?: DoctorFix | undefined;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  /** Ids of checks before this one that must not have failed or been skipped. */
  readonly needs?: readonly string[];
  /** Default 10 s. */
  readonly limitMs?: number;
  /** `undefined`: it does not apply here, and is left out. Where it throws, `fixOnError` is offered. */
  run(): Promise<Finding | undefined> | Finding | undefined;
  readonly fixOnError?: DoctorFix | undefined;
}

const DEFAULT_LIMIT_MS = 10_000;

export const ok = (message: string): Finding => ({ outcome: 'ok', message });
export const warning = (message: string, fix?: DoctorFix): Finding => ({ outcome: 'warning', message, fix });
export const failed = (message: string, fix?: DoctorFix): Finding => ({ outcome: 'failed', message, fix });

/** Runs them one after another. `broken`: ids that had failed before the first. */
export async function runChecks(checks: readonly Check[], clock: Clock, broken: ReadonlySet<string> = new Set()): Promise<DoctorCheck[]> {
  const bad = new Set(broken);
  const titles = new Map(checks.map(({ id, title }) => [id, title]));
  const report: DoctorCheck[] = [];
  for (const check of checks) {
    const { id, title } = check;
    const reason = check.needs?.find((need) => bad.has(need));
    if (reason !== undefined) {
      bad.add(id);
      const what = titles.get(reason);
      report.push({ id, title, outcome: 'skipped', message: what ? `Not looked at: "${what}" comes first.` : 'Not looked at: see above.' });
      continue;
    }
    const startedUs = clock.monotonicUs();
    const finding = await outcomeOf(check, clock);
    if (!finding) continue;
    if (finding.outcome === 'failed') bad.add(id);
    const { fix, ...rest } = finding;
    const durationMs = (clock.monotonicUs() - startedUs) / 1000;
    report.push({ id, title, ...rest, durationMs, ...(fix ? { fix } : {}) });
  }
  return report;
}

async function outcomeOf(check: Check, clock: Clock): Promise<Finding | undefined> {
  const limitMs = check.limitMs ?? DEFAULT_LIMIT_MS;
  try {
    const outcome = await withDeadline(Promise.resolve(check.run()), limitMs, clock);
    if (outcome !== 'late') return outcome;
    return failed(`There was no outcome within ${limitMs / 1000} s.`, check.fixOnError);
  } catch (error) {
    return failed(messageOf(error), check.fixOnError);
  }
}
