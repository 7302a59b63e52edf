/** Owns leaving elements out of a list where it stands: what stays keeps every byte, white space included. */
import type { Edit, Span } from './spans';

const NOTHING = '';

/**
 * The edits that take elements out of the array whose elements are `elements`, each with the comma that is then one too
 * many. `isCut` is given the index.
 */
export function cutElements(elements: readonly Span[], isCut: (index: number) => boolean): Edit[] {
  const edits: Edit[] = [];
  let hasKept = false;
  elements.forEach((span, k) => {
    if (!isCut(k)) {
      hasKept = true;
      return;
    }
    // With the comma before it; ahead of the first one that stays, with the comma after it.
    if (hasKept) edits.push({ span: { start: elements[k - 1]!.end, end: span.end }, text: NOTHING });
    else edits.push({ span: { start: span.start, end: elements[k + 1]?.start ?? span.end }, text: NOTHING });
  });
  return edits;
}
