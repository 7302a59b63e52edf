/**
 * Owns telling whether a URI can come from an RFC 6570 template. Only routing needs it, so it does not expand and gives
 * no variables. Linear in the URI: templates come from servers, and a pattern made of one could be made to hang.
 */

interface Part {
  readonly literal: string;
  /** What may stand before the literal; `undefined` for the first part. */
  readonly gap: 'segment' | 'anything' | undefined;
}

function partsOf(template: string): Part[] | undefined {
  const parts: Part[] = [];
  let gap: Part['gap'];
  let at = 0;
  for (;;) {
    const open = template.indexOf('{', at);
    if (open < 0) {
      parts.push({ literal: template.slice(at), gap });
      return parts;
    }
    const close = template.indexOf('}', open);
    if (close < 0) return undefined;
    parts.push({ literal: template.slice(at, open), gap });
    // Simple expansion escapes slashes; the other operators let them through or put them in.
    const wide = '+#./;?&'.includes(template[open + 1] ?? '') || template.slice(open, close).includes('*');
    gap = wide ? 'anything' : 'segment';
    at = close + 1;
  }
}

/** How many literal characters of `template` stand in `uri`, where it can come from it; `undefined` where it cannot. */
export function matchUriTemplate(template: string, uri: string): number | undefined {
  const parts = partsOf(template);
  if (!parts) return undefined;
  const first = parts[0]!.literal;
  if (!uri.startsWith(first)) return undefined;
  let at = first.length;
  let score = first.length;
  for (let k = 1; k < parts.length; k++) {
    const { literal, gap } = parts[k]!;
    const isLast = k === parts.length - 1;
    let found: number;
    if (isLast) found = uri.length - literal.length >= at && uri.endsWith(literal) ? uri.length - literal.length : -1;
    else found = uri.indexOf(literal, at);
    if (found < 0) return undefined;
    if (gap === 'segment' && uri.slice(at, found).includes('/')) return undefined;
    at = found + literal.length;
    score += literal.length;
  }
  return at === uri.length ? score : undefined;
}
