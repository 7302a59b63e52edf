/**
 * Owns the cut of filter text into tokens: brackets, operators and terms (`server:git*,"a b"`, `"free text"`, `/regex/`).
 * It knows quoting, globs, comma lists and where a regex ends; it knows no field but the ones that compare.
 * Every error is an AppError `query.invalid` with its place.
 */
import { AppError } from '../util/errors';
import type { GlobPattern, RegexPattern, Span, Wildcard } from './ast';
import { findField } from './fields';

export type Token =
  | { readonly kind: 'open' | 'close' | 'and' | 'or' | 'not'; readonly span: Span }
  | TermToken;

export interface TermToken {
  readonly kind: 'term';
  readonly field?: { readonly text: string; readonly span: Span };
  /** One for free text; one or more for a field (comma list). */
  readonly values: readonly [RawValue, ...RawValue[]];
  readonly span: Span;
}

export interface RawValue {
  readonly pattern: GlobPattern | RegexPattern;
  /** The value as typed, without quotes. */
  readonly text: string;
  readonly span: Span;
}

export const MAX_FILTER_LENGTH = 10_000;

/** An error with its place; `message` says what to do. */
export function invalid(message: string, span: Span): AppError {
  return new AppError('query.invalid', message, { details: { start: span.start, end: span.end } });
}

export function tokenize(text: string): Token[] {
  if (text.length > MAX_FILTER_LENGTH) {
    const span = { start: MAX_FILTER_LENGTH, end: text.length };
    throw invalid(`The filter is too long: shorten it to ${MAX_FILTER_LENGTH} characters.`, span);
  }
  const tokens: Token[] = [];
  const scanner = new Scanner(text);
  for (let token = scanner.next(); token; token = scanner.next()) tokens.push(token);
  return tokens;
}

const WORD_END = /[\s()]/;

class Scanner {
  #at = 0;

  constructor(private readonly text: string) {}

  next(): Token | undefined {
    while (/\s/.test(this.#peek())) this.#at++;
    const start = this.#at;
    const char = this.#peek();
    if (char === '') return undefined;
    if (char === '(' || char === ')') {
      this.#at++;
      return { kind: char === '(' ? 'open' : 'close', span: { start, end: this.#at } };
    }
    // "-" negates what stands right behind it; alone it is text.
    if (char === '-' && !/^$|[\s)]/.test(this.#peek(1))) {
      this.#at++;
      return { kind: 'not', span: { start, end: this.#at } };
    }
    for (const kind of ['and', 'or', 'not'] as const) {
      const found = this.#match(/([A-Z]{2,3})(?=[\s()]|$)/y, ([, word]) => word === kind.toUpperCase());
      if (found) return { kind, span: { start, end: this.#at } };
    }
    return this.#term(start);
  }

  #term(start: number): TermToken {
    const field = this.#field();
    const values: [RawValue, ...RawValue[]] = [this.#value(field !== undefined)];
    // Free text takes a comma as it is, so only a field can have one left over here.
    while (this.#peek() === ',') {
      this.#at++;
      values.push(this.#value(true));
    }
    if (this.#peek() === '(') {
      const span = { start: this.#at, end: this.#at + 1 };
      throw invalid('Put a space before "(", or quote the text that contains it.', span);
    }
    return { kind: 'term', field, values, span: { start, end: this.#at } };
  }

  #field(): TermToken['field'] {
    const start = this.#at;
    const name =
      this.#match(/([A-Za-z][A-Za-z0-9_]*):/y)?.[1] ??
      // "dur>500ms" is what people write; "a=b" stays text.
      this.#match(/([A-Za-z]+)(?=[<>=])/y, ([, word = '']) => findField(word)?.type === 'number')?.[1];
    return name === undefined ? undefined : { text: name, span: { start, end: start + name.length } };
  }

  #value(inField: boolean): RawValue {
    const start = this.#at;
    const regex = this.#peek() === '/' ? this.#regex(inField) : undefined;
    if (regex) return { pattern: regex, text: this.text.slice(start, this.#at), span: { start, end: this.#at } };
    const parts: (string | Wildcard)[] = [];
    let text = '';
    for (let char = this.#peek(); !this.#endsValue(char, inField); char = this.#peek()) {
      if (char === '"') {
        const quoted = this.#quoted();
        text += quoted;
        pushPart(parts, quoted);
        continue;
      }
      this.#at++;
      text += char;
      pushPart(parts, char === '*' ? { wild: 'many' } : char === '?' ? { wild: 'one' } : char);
    }
    return { pattern: { kind: 'glob', parts }, text, span: { start, end: this.#at } };
  }

  #endsValue(char: string, inField: boolean): boolean {
    return char === '' || WORD_END.test(char) || (inField && char === ',');
  }

  #quoted(): string {
    const start = this.#at++;
    let value = '';
    for (;;) {
      const char = this.#peek();
      if (char === '') {
        throw invalid('This quotation mark is never closed: add a second one.', { start, end: this.text.length });
      }
      // Only \" and \\ are escapes, so that a Windows path may be quoted as it is.
      const escaped = char === '\\' && /["\\]/.test(this.#peek(1));
      value += escaped ? this.#peek(1) : char === '"' ? '' : char;
      this.#at += escaped ? 2 : 1;
      if (char === '"') return value;
    }
  }

  /** A regex ends at a slash that a value may end after; `/home/user` is plain text. */
  #regex(inField: boolean): RegexPattern | undefined {
    const start = this.#at;
    const found =
      this.#match(/\/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([A-Za-z]*)/y) ??
      // A class that is never closed: the regex parser will say so.
      this.#match(/\/((?:\\.|[^/\\\n])+)\/([A-Za-z]*)/y);
    if (!found) return undefined;
    const [, source = '', flags = ''] = found;
    const isOver = this.#endsValue(this.#peek(), inField);
    if (isOver && (flags === '' || flags === 'i')) {
      return { kind: 'regex', source, ignoreCase: flags === 'i' };
    }
    if (isOver && /^[dgimsuvy]+$/.test(flags)) {
      const span = { start: this.#at - flags.length, end: this.#at };
      throw invalid('After a regular expression only the flag "i" is known. Is it a path? Put it in quotes.', span);
    }
    this.#at = start;
    return undefined;
  }

  #peek(ahead = 0): string {
    return this.text.charAt(this.#at + ahead);
  }

  #match(pattern: RegExp, accept: (found: RegExpExecArray) => boolean = () => true): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (!found || !accept(found)) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}

/** Keeps the normal form of `GlobPattern.parts`. */
function pushPart(parts: (string | Wildcard)[], part: string | Wildcard): void {
  const last = parts.at(-1);
  if (typeof part === 'string') {
    if (part === '') return;
    if (typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  } else if (!(part.wild === 'many' && typeof last === 'object' && last.wild === 'many')) {
    parts.push(part);
  }
}
