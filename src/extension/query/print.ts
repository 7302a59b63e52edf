/**
 * Owns the way back from tree to text: `parseFilter(printFilter(tree))` gives the same tree, spans aside. Also what
 * "filter by this" writes: a term for a field and a literal value, quoted where needed.
 */
import type { FilterNode, Pattern, TestNode } from './ast';
import type { FieldName } from './fields';
import { printNumber, printTime } from './values';

/** Filter text for a tree, in its shortest usual spelling. */
export function printFilter(node: FilterNode): string {
  switch (node.kind) {
    case 'all':
      return '';
    case 'and':
    case 'or':
      return node.children
        .map((child) => {
          const text = printFilter(child);
          // "and" binds tighter, so only its own kind and "or" need brackets in it; in "or" only another "or" does.
          const needsBrackets = child.kind === 'or' || (child.kind === 'and' && node.kind === 'and');
          return needsBrackets ? `(${text})` : text;
        })
        .join(node.kind === 'or' ? ' OR ' : ' ');
    case 'not': {
      const text = printFilter(node.child);
      return node.child.kind === 'and' || node.child.kind === 'or' ? `-(${text})` : `-${text}`;
    }
    default:
      return printTest(node);
  }
}

function printTest(test: TestNode): string {
  switch (test.kind) {
    case 'text':
      return printPattern(test.pattern, 'text');
    case 'name':
      return `${test.field}:${test.patterns.map((pattern) => printPattern(pattern, 'value')).join(',')}`;
    case 'status':
    case 'kind':
    case 'origin':
    case 'is':
    case 'color':
      return `${test.kind}:${test.values.join(',')}`;
    case 'number':
      return `${test.field}:${test.comparisons
        .map(({ op, value }) => (op === '=' && test.field === 'code' ? '' : op) + printNumber(test.field, value))
        .join(',')}`;
    case 'time':
      return `${test.bound}:${printTime(test.at)}`;
  }
}

function printPattern(pattern: Pattern, place: 'text' | 'value'): string {
  if (pattern.kind === 'regex') return `/${pattern.source}/${pattern.ignoreCase ? 'i' : ''}`;
  return pattern.parts
    .map((part, index) =>
      typeof part === 'string' ? quoteIfNeeded(part, place, index === 0) : part.wild === 'many' ? '*' : '?',
    )
    .join('');
}

function quoteIfNeeded(literal: string, place: 'text' | 'value', isFirst: boolean): string {
  const isPlain =
    /^[^\s()",*?]+$/.test(literal) &&
    // A first "/" could begin a regex.
    !(isFirst && literal.startsWith('/')) &&
    // Free text must not look like a field, a comparison, a negation or an operator.
    (place === 'value' || (!/[:<>=]/.test(literal) && !literal.startsWith('-') && !/^(AND|OR|NOT)$/.test(literal)));
  return isPlain ? literal : quote(literal);
}

/** The text in quotes, so that nothing in it has a meaning. */
export function quote(literal: string): string {
  return `"${literal.replace(/["\\]/g, '\\$&')}"`;
}

/** The term that a literal value of a field passes: what "filter by this" adds. An empty value gives no term. */
export function literalTerm(field: FieldName, value: string): string {
  return value === '' ? '' : `${field}:${quoteIfNeeded(value, 'value', true)}`;
}

/** The free-text term that looks for exactly this text. An empty text gives no term. */
export function textTerm(text: string): string {
  return text === '' ? '' : quoteIfNeeded(text, 'text', true);
}
