/**
 * Owns changing filter text term by term, as chips and "filter by this" do, without touching what else the user wrote.
 * Text that does not parse has no chips, and a term is then put at its end.
 */
import type { FilterNode, Span } from './ast';
import { parseFilter } from './parser';

/** A term that every row shown must pass: one chip. */
export interface Chip {
  readonly node: FilterNode;
  /** Its text, brackets and minus included. */
  readonly text: string;
  readonly span: Span;
}

/** The terms that are joined by AND at the top; a filter that is one OR is one chip. Throws as `parseFilter` does. */
export function chipsOf(text: string): Chip[] {
  const node = parseFilter(text);
  if (node.kind === 'all') return [];
  const terms = node.kind === 'and' && !isBracketed(node) ? node.children : [node];
  return terms.map((term) => ({ node: term, span: term.span, text: text.slice(term.span.start, term.span.end) }));
}

/** Takes a chip's text out. */
export function removeTerm(text: string, { start, end }: Span): string {
  const left = text.slice(0, start).trimEnd().replace(/(^|\s)AND$/, '').trimEnd();
  const right = text.slice(end).trimStart();
  const rest = left === '' ? right.replace(/^AND(?=[\s(]|$)\s*/, '') : right;
  return [left, rest].filter((part) => part !== '').join(' ');
}

/** Adds a term that rows must pass as well (`-term`: must not); once is enough. */
export function addTerm(text: string, term: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || term === '') return trimmed || term;
  let node: FilterNode | undefined;
  try {
    node = parseFilter(trimmed);
    if (chipsOf(trimmed).some((chip) => chip.text === term)) return trimmed;
  } catch {
    return `${trimmed} ${term}`;
  }
  return node.kind === 'or' && !isBracketed(node) ? `(${trimmed}) ${term}` : `${trimmed} ${term}`;
}

/** A group's own brackets belong to its span and to none of its children's. */
function isBracketed(node: FilterNode): boolean {
  return (node.kind === 'and' || node.kind === 'or') && node.span.start < (node.children[0]?.span.start ?? 0);
}
