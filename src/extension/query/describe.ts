/**
 * Owns saying in plain words what a filter shows, for the line under the filter bar and for screen readers. Reads the
 * tree only; says nothing that match.ts would not do.
 */
import type { Comparison, FilterNode, NameTest, NumberField, Pattern, TestNode, TimePoint, TimeTest } from './ast';
import { IS_WORDS, KIND_WORDS, ORIGIN_WORDS, STATUS_WORDS } from './fields';
import { printNumber } from './values';

/** One sentence without a full stop, such as `Calls where server is "github" and duration is more than 500 ms`. */
export function describeFilter(node: FilterNode): string {
  return node.kind === 'all' ? 'All calls' : `Calls where ${describe(node)}`;
}

function describe(node: FilterNode): string {
  switch (node.kind) {
    case 'all':
      return 'anything';
    case 'and':
    case 'or':
      return node.children
        .map((child) => (child.kind === 'and' || child.kind === 'or' ? `(${describe(child)})` : describe(child)))
        .join(` ${node.kind} `);
    case 'not':
      return node.child.kind === 'and' || node.child.kind === 'or' || node.child.kind === 'not'
        ? `not (${describe(node.child)})`
        : describeTest(node.child as TestNode, true);
    default:
      return describeTest(node, false);
  }
}

function describeTest(test: TestNode, isNegated: boolean): string {
  const is = isNegated ? 'is not' : 'is';
  switch (test.kind) {
    case 'text': {
      const verb = isNegated ? 'nothing' : 'any text';
      if (test.pattern.kind === 'regex') return `${verb} matches ${describePattern(test.pattern)}`;
      return `${verb} contains ${describePattern(test.pattern)}`;
    }
    case 'name':
      if (test.field === 'comment') return `your comment ${isNegated ? 'does not contain' : 'contains'} ${either(test.patterns.map(describePattern))}`;
      return `${describeNameField(test)} ${is} ${either(test.patterns.map(describePattern))}`;
    case 'status':
      return `it ${isNegated ? 'is not one that ' : ''}${either(test.values.map((value) => summaryOf(STATUS_WORDS, value)))}`;
    case 'kind':
      return `it ${is} among the ${either(test.values.map((value) => summaryOf(KIND_WORDS, value)))}`;
    case 'origin':
      return `it ${is} ${either(test.values.map((value) => summaryOf(ORIGIN_WORDS, value)))}`;
    case 'is':
      return `it ${isNegated ? 'is not one that ' : ''}${either(test.values.map((value) => summaryOf(IS_WORDS, value)))}`;
    case 'color':
      return `its colour ${is} ${either(test.values)}`;
    case 'number':
      return `${NUMBER_NAMES[test.field]} ${is} ${either(test.comparisons.map((one) => describeComparison(test.field, one)))}`;
    case 'time':
      return `it was ${isNegated ? 'not ' : ''}${describeTime(test)}`;
  }
}

function describeNameField({ field }: NameTest): string {
  switch (field) {
    case 'uri':
      return 'resource';
    case 'id':
      return 'its id';
    case 'turn':
      return 'the request in the conversation';
    default:
      return field;
  }
}

const NUMBER_NAMES: Readonly<Record<NumberField, string>> = {
  dur: 'duration',
  upstream: 'time in the server',
  size: 'size',
  code: 'error code',
};

const OPERATORS: Readonly<Record<Comparison['op'], string>> = {
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  '=': 'exactly',
};

function describeComparison(field: NumberField, { op, value }: Comparison): string {
  const number = printNumber(field, value).replace(/^(\d+)([A-Za-z]+)$/, '$1 $2');
  return field === 'code' && op === '=' ? number : `${OPERATORS[op]} ${number}`;
}

function describeTime({ bound, at }: TimeTest): string {
  if (at.kind === 'ago') return `${bound === 'since' ? 'in the last' : 'more than'} ${spellOut(at.ms)}${bound === 'since' ? '' : ' ago'}`;
  // "until" a whole day takes that day in.
  const isDay = at.kind === 'day' || (at.kind === 'local' && at.text.length === 10);
  const word = bound === 'since' ? 'since' : isDay ? 'up to the end of' : 'before';
  return `${word} ${describePoint(at)}`;
}

function describePoint(at: Exclude<TimePoint, { kind: 'ago' }>): string {
  switch (at.kind) {
    case 'instant':
      return new Date(at.ms).toISOString();
    case 'local':
      return at.text.replace('T', ' ');
    case 'clock':
      return `${at.text} today`;
    case 'day':
      return at.daysAgo === 0 ? 'today' : 'yesterday';
  }
}

function spellOut(ms: number): string {
  const units: readonly [number, string][] = [
    [604_800_000, 'week'],
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ];
  const [size, name] = units.find(([unit]) => ms >= unit && ms % unit === 0) ?? [1, 'millisecond'];
  return `${ms / size} ${name}${ms === size ? '' : 's'}`;
}

function summaryOf<T>(words: readonly { readonly word: T; readonly summary: string }[], value: T): string {
  return words.find(({ word }) => word === value)?.summary ?? String(value);
}

function describePattern(pattern: Pattern): string {
  if (pattern.kind === 'regex') return `/${pattern.source}/${pattern.ignoreCase ? 'i' : ''}`;
  const text = pattern.parts.map((part) => (typeof part === 'string' ? part : part.wild === 'many' ? '*' : '?')).join('');
  return `"${text}"`;
}

function either(items: readonly string[]): string {
  return items.length <= 1 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
