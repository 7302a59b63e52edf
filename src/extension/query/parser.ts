/**
 * Owns the grammar of the filter language:
 *
 *     filter := or?          or := and ("OR" and)*        and := unary ("AND"? unary)*
 *     unary  := ("-" | "NOT") unary | "(" or ")" | term   term := field ":" value ("," value)* | text | /regex/
 *
 * Gives a tree in the normal form ast.ts describes, or throws an AppError `query.invalid` whose details hold the place
 * (`{ start, end }`) and whose message says what to do. Text of any length or depth is safe to give it.
 */
import type { Comparison, FilterNode, NumberField, Pattern, Span, TestNode } from './ast';
import {
  COLOR_WORDS,
  FIELD_NAMES,
  findField,
  findWord,
  IS_WORDS,
  KIND_WORDS,
  nearest,
  ORIGIN_WORDS,
  STATUS_WORDS,
  type FieldInfo,
} from './fields';
import { invalid, tokenize, type RawValue, type TermToken, type Token } from './lexer';
import { parseRegex } from './regexParse';
import { parseNumber, parseTime } from './values';

const MAX_DEPTH = 64;

/** Parses filter text; blank text is the filter that every row passes. Throws AppError `query.invalid`. */
export function parseFilter(text: string): FilterNode {
  const tokens = tokenize(text);
  if (tokens.length === 0) return { kind: 'all', span: { start: 0, end: text.length } };
  return new Parser(tokens).filter();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  filter(): FilterNode {
    const node = this.#or();
    const rest = this.#peek();
    if (rest) throw invalid('There is no "(" for this ")": take it out.', rest.span);
    return node;
  }

  #or(): FilterNode {
    const children: [FilterNode, ...FilterNode[]] = [this.#and()];
    while (this.#peek()?.kind === 'or') {
      this.#operator('OR');
      children.push(this.#and());
    }
    return group('or', children);
  }

  #and(): FilterNode {
    const children: [FilterNode, ...FilterNode[]] = [this.#unary()];
    for (let token = this.#peek(); token && token.kind !== 'or' && token.kind !== 'close'; token = this.#peek()) {
      if (token.kind === 'and') this.#operator('AND');
      children.push(this.#unary());
    }
    return group('and', children);
  }

  #unary(): FilterNode {
    const token = this.#peek();
    if (!token) throw new Error('Unreachable: every caller has made sure of an operand.');
    if (++this.#depth > MAX_DEPTH) throw invalid('The filter is nested too deeply: take some brackets out.', token.span);
    try {
      if (token.kind === 'not') this.#operator('NOT');
      else this.#at++;
      switch (token.kind) {
        case 'not': {
          const child = this.#unary();
          return { kind: 'not', child, span: { start: token.span.start, end: child.span.end } };
        }
        case 'open':
          return this.#bracket(token.span);
        case 'term':
          return readTerm(token);
        case 'or':
        case 'and':
          throw invalid(`"${token.kind.toUpperCase()}" needs something on its left. To look for the word, quote it.`, token.span);
        case 'close':
          throw invalid('There is no "(" for this ")": take it out.', token.span);
      }
    } finally {
      this.#depth--;
    }
  }

  #bracket(open: Span): FilterNode {
    const next = this.#peek();
    if (next?.kind === 'close') {
      throw invalid('These brackets are empty: put a filter in, or take them out.', { start: open.start, end: next.span.end });
    }
    if (!next) throw invalid('This bracket is never closed: add ")".', open);
    const node = this.#or();
    const close = this.#peek();
    if (close?.kind !== 'close') throw invalid('This bracket is never closed: add ")".', open);
    this.#at++;
    // The brackets belong to the group, so that a chip made of it can be cut out whole.
    return Object.assign({}, node, { span: { start: open.start, end: close.span.end } });
  }

  /** Takes an operator and makes sure of its operand. */
  #operator(name: 'AND' | 'OR' | 'NOT'): void {
    const span = this.#peek()?.span ?? { start: 0, end: 0 };
    this.#at++;
    const next = this.#peek();
    if (next && next.kind !== 'close' && next.kind !== 'or' && next.kind !== 'and') return;
    throw invalid(`"${name}" needs something on its right. To look for the word, quote it.`, span);
  }

  #peek(): Token | undefined {
    return this.tokens[this.#at];
  }
}

function group(kind: 'and' | 'or', children: [FilterNode, ...FilterNode[]]): FilterNode {
  const [first] = children;
  if (children.length === 1) return first;
  return { kind, children, span: { start: first.span.start, end: (children.at(-1) ?? first).span.end } };
}

function readTerm(term: TermToken): TestNode {
  const { field, values, span } = term;
  if (!field) {
    return { kind: 'text', pattern: readPattern(values[0], 'Nothing to look for: put text between the quotes.'), span };
  }
  const info = findField(field.text);
  if (!info) {
    const meant = nearest(field.text, FIELD_NAMES);
    const advice = meant ? `Did you mean "${meant}:"?` : 'To look for text with a colon, put it in quotes.';
    throw invalid(`There is no field "${field.text}". ${advice}`, field.span);
  }
  return readField(info, values, span);
}

function readField(info: FieldInfo, values: TermToken['values'], span: Span): TestNode {
  const { name } = info;
  switch (name) {
    case 'status':
      return { kind: name, values: readWords(info, STATUS_WORDS, values), span };
    case 'kind':
      return { kind: name, values: readWords(info, KIND_WORDS, values), span };
    case 'origin':
      return { kind: name, values: readWords(info, ORIGIN_WORDS, values), span };
    case 'is':
      return { kind: name, values: readWords(info, IS_WORDS, values), span };
    case 'color':
      return { kind: name, values: readWords(info, COLOR_WORDS, values), span };
    case 'since':
    case 'until': {
      const [value, second] = values;
      if (second) throw invalid(`"${name}" takes one time only.`, second.span);
      const at = parseTime(value.text);
      if (!at) {
        const advice = 'takes a time such as 15m, 2h, 3d, today, 14:30, 2026-10-05 or 2026-10-05T14:30.';
        throw invalid(`"${name}:" ${advice}`, value.span);
      }
      return { kind: 'time', bound: name, at, span };
    }
    case 'dur':
    case 'upstream':
    case 'size':
    case 'code':
      return { kind: 'number', field: name, comparisons: values.map((value) => readComparison(name, info, value)), span };
    default:
      return {
        kind: 'name',
        field: name,
        patterns: values.map((value) =>
          readPattern(value, `"${name}:" needs a value right behind it, such as ${name}:${info.example}`),
        ),
        span,
      };
  }
}

function readPattern(value: RawValue, ifEmpty: string): Pattern {
  const { pattern, span } = value;
  if (pattern.kind === 'regex') {
    // Only to find out here, with a place, whether it is one that will run.
    parseRegex(pattern.source, span.start + 1);
    return pattern;
  }
  if (pattern.parts.length === 0) throw invalid(ifEmpty, span);
  return pattern;
}

function readWords<T extends string>(
  info: FieldInfo,
  words: readonly { readonly word: T; readonly aliases?: readonly string[]; readonly summary: string }[],
  values: readonly RawValue[],
): T[] {
  return values.map(({ text, span }) => {
    const word = findWord(words, text);
    if (word !== undefined) return word;
    const known = words.map((entry) => entry.word).join(', ');
    throw invalid(`"${info.name}:" takes one of: ${known}.`, span);
  });
}

function readComparison(field: NumberField, info: FieldInfo, { text, span }: RawValue): Comparison {
  const [, op, rest = ''] = /^(>=|<=|>|<|=)?([^]*)$/.exec(text) ?? [];
  const value = parseNumber(field, rest);
  if (value === undefined) {
    const units = field === 'code' ? '' : field === 'size' ? ' Units: B, kB, MB, GB, KiB, MiB.' : ' Units: us, ms, s, m, h.';
    throw invalid(`"${info.name}:" takes a number, such as ${info.name}:${info.example}.${units}`, span);
  }
  if (op === undefined && field !== 'code') {
    throw invalid(`Say how to compare: ${info.name}:>${rest} or ${info.name}:<${rest}.`, span);
  }
  return { op: (op as Comparison['op'] | undefined) ?? '=', value };
}
