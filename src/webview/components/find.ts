/** Owns finding text in what is shown: literally, in any case. Pure; a match never begins inside a surrogate pair. */

export interface TextMatch {
  readonly start: number;
  readonly end: number;
}

/** More matches than this are neither counted nor marked: nobody steps through them. */
export const MAX_MATCHES = 1_000;

export function findText(text: string, query: string, limit = MAX_MATCHES): TextMatch[] {
  const found: TextMatch[] = [];
  if (query === '') return found;
  for (const match of text.matchAll(patternOf(query))) {
    found.push({ start: match.index, end: match.index + match[0].length });
    if (found.length >= limit) break;
  }
  return found;
}

export function hasText(text: string, query: string): boolean {
  return query !== '' && patternOf(query).test(text);
}

function patternOf(query: string): RegExp {
  return new RegExp(query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
}
