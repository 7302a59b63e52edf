/** Owns the period a filter names (`since:`, `until:`): taking it out, putting another in. Pure. */
import type { FilterNode } from '../../../extension/query/ast';
import { addTerm, chipsOf, removeTerm } from '../../../extension/query/edit';
import { timeBoundMs } from '../../../extension/query/values';
import { AppError } from '../../../extension/util/errors';

export interface Period {
  /** Unix epoch, milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The filter without its terms about time; what does not parse is given as it is. */
export function withoutPeriod(filter: string): string {
  for (let text = filter; ; ) {
    const chip = termsOf(text).find(({ node }) => isPeriod(node));
    if (!chip) return text;
    text = removeTerm(text, chip.span);
  }
}

export function hasPeriod(filter: string): boolean {
  return termsOf(filter).some(({ node }) => isPeriod(node));
}

/**
 * Where the period of a filter that has an end in the past begins and ends; without such an end nothing is said, since what
 * it shows goes on. `fromMs` is absent where the filter names no beginning.
 */
export function pastPeriod(filter: string, nowMs: number): { readonly fromMs?: number; readonly toMs: number } | undefined {
  const bounds = { since: [] as number[], until: [] as number[] };
  for (const { node } of termsOf(filter)) if (node.kind === 'time') bounds[node.bound].push(timeBoundMs(node, nowMs));
  // `until` itself is not in it any more.
  const toMs = Math.ceil(Math.min(...bounds.until)) - 1;
  const fromMs = Math.floor(Math.max(0, ...bounds.since));
  if (!(toMs < nowMs) || toMs < fromMs) return undefined;
  return bounds.since.length > 0 ? { fromMs, toMs } : { toMs };
}

/** The filter with just this period. */
export function withPeriod(filter: string, { fromMs, toMs }: Period): string {
  const [since, until] = [Math.floor(fromMs), Math.ceil(toMs)].map((ms) => new Date(ms).toISOString());
  return addTerm(addTerm(withoutPeriod(filter), `since:${since}`), `until:${until}`);
}

function isPeriod(node: FilterNode): boolean {
  return node.kind === 'time';
}

function termsOf(filter: string): ReturnType<typeof chipsOf> {
  try {
    return chipsOf(filter);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
