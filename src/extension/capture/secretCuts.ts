/**
 * Owns the list of what is to be taken out of some bytes, and the taking out: each cut becomes `[redacted:<kind>]`.
 * Invariant: cuts stand in order and do not overlap.
 */
import type { SecretNames } from './secretNames';

export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** What stands around the mark where a number is replaced, so that JSON stays JSON: `"`, or `\"` within a string. */
  readonly quote?: string;
}

/** What is looked for; see `RedactionOptions`. */
export interface SecretRules {
  readonly names: SecretNames;
  /** Kinds that stay as they are. */
  readonly off: ReadonlySet<string>;
}

export class Cuts {
  readonly found: Cut[] = [];
  /** Behind what was cut already. */
  covered = 0;
  /** No JWT begins before this place: the run of characters up to it is none. */
  noJwtBefore = 0;

  constructor(
    readonly b: Uint8Array,
    readonly rules: SecretRules,
  ) {}

  /** Gives where to go on, whether it was cut or not. */
  cut(start: number, end: number, kind: string, quote?: string): number {
    if (end <= start || start < this.covered) return Math.max(end, start);
    if (this.rules.off.has(kind)) return end;
    this.found.push({ start, end, kind, quote });
    this.covered = end;
    return end;
  }
}

/** Two lists as one; of two cuts that overlap the first list's stays. */
export function mergeCuts(first: readonly Cut[], second: readonly Cut[]): readonly Cut[] {
  if (second.length === 0) return first;
  if (first.length === 0) return second;
  const merged: Cut[] = [];
  let i = 0;
  for (const cut of second) {
    while (i < first.length && first[i]!.end <= cut.start) merged.push(first[i++]!);
    const next = first[i];
    if (!next || next.start >= cut.end) merged.push(cut);
  }
  merged.push(...first.slice(i));
  return merged;
}

export function applyCuts(b: Uint8Array, cuts: readonly Cut[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, kind, quote = '' } of cuts) {
    parts.push(b.subarray(from, start), Buffer.from(`${quote}${redactionMark(kind)}${quote}`));
    from = end;
  }
  parts.push(b.subarray(from));
  return Buffer.concat(parts);
}

/** How every mark begins; what begins like this has been taken out already. */
export const MARK_START = '[redacted:';

export function redactionMark(kind: string): string {
  return `${MARK_START}${kind}]`;
}
