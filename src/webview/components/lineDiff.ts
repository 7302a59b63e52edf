/**
 * Owns finding the lines in which two texts differ, and within a pair of them the part that does. For texts that are mostly the
 * same: what is equal at both ends is set aside first, and the rest is compared only up to a size. Pure.
 */

export type DiffRow =
  /** So many lines that are the same. */
  | { readonly kind: 'same'; readonly count: number; readonly lines: readonly string[] }
  | { readonly kind: 'changed'; readonly left?: ChangedLine; readonly right?: ChangedLine };

export interface ChangedLine {
  readonly text: string;
  /** The part that differs, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
}

/** Beyond so many pairs of lines to weigh, the middle is one block of changes. */
const MAX_PAIRS = 1_000_000;

export function diffLines(left: readonly string[], right: readonly string[]): DiffRow[] {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const rows: DiffRow[] = [];
  addSame(rows, left.slice(0, start));
  addMiddle(rows, left.slice(start, left.length - end), right.slice(start, right.length - end));
  addSame(rows, left.slice(left.length - end));
  return rows;
}

function addSame(rows: DiffRow[], lines: readonly string[]): void {
  if (lines.length === 0) return;
  const last = rows.at(-1);
  if (last?.kind === 'same') rows[rows.length - 1] = { kind: 'same', count: last.count + lines.length, lines: [...last.lines, ...lines] };
  else rows.push({ kind: 'same', count: lines.length, lines });
}

function addMiddle(rows: DiffRow[], left: readonly string[], right: readonly string[]): void {
  const kept = left.length * right.length > MAX_PAIRS ? [] : longestCommon(left, right);
  let [l, r] = [0, 0];
  for (const [nextLeft, nextRight] of [...kept, [left.length, right.length] as const]) {
    addChanged(rows, left.slice(l, nextLeft), right.slice(r, nextRight));
    if (nextLeft < left.length) addSame(rows, [left[nextLeft] ?? '']);
    [l, r] = [nextLeft + 1, nextRight + 1];
  }
}

function addChanged(rows: DiffRow[], left: readonly string[], right: readonly string[]): void {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const [a, b] = [left[i], right[i]];
    const [from, toLeft, toRight] = differing(a ?? '', b ?? '');
    rows.push({
      kind: 'changed',
      ...(a === undefined ? {} : { left: { text: a, from, to: toLeft } }),
      ...(b === undefined ? {} : { right: { text: b, from, to: toRight } }),
    });
  }
}

function differing(a: string, b: string): [from: number, toLeft: number, toRight: number] {
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from += 1;
  let end = 0;
  while (end < a.length - from && end < b.length - from && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return [from, a.length - end, b.length - end];
}

/** Places of a longest common subsequence. */
function longestCommon(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
