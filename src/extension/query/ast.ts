/**
 * Owns the tree that filter text parses to. Everything that gives a filter a meaning (match.ts, the SQL compiler, describe.ts)
 * reads this tree and nothing else.
 *
 * Invariants: `and`/`or` have two children or more; values are in base units (microseconds, bytes) and spelled in one
 * way, so two filters that mean the same word for word give equal trees, spans aside.
 *
 * Logic is two-valued: a test on something a row does not have is false, so its negation is true. (SQL: a test that
 * can be NULL goes through `ifnull(…, 0)` before NOT.) `A`-`Z` equal `a`-`z` everywhere except in a regex without `i`.
 */
import type { CallOrigin, CallStatus, NoteColor } from '../contract/traffic';

/** Place in the filter text, UTF-16 offsets; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type FilterNode =
  /** The empty filter: every row. Only ever the root. */
  | { readonly kind: 'all'; readonly span: Span }
  | { readonly kind: 'and' | 'or'; readonly children: readonly FilterNode[]; readonly span: Span }
  | { readonly kind: 'not'; readonly child: FilterNode; readonly span: Span }
  | TestNode;

export type TestNode = TextTest | NameTest | StatusTest | KindTest | OriginTest | IsTest | ColorTest | NumberTest | TimeTest;

/** The pattern stands somewhere in one of `TEXT_COLUMNS` or in a recorded body (see match.ts `literalSpellings`). */
export interface TextTest {
  readonly kind: 'text';
  readonly pattern: Pattern;
  readonly span: Span;
}

/** The whole value of the field fits one of the patterns (a regex may fit a part); see `extentOf` and `METHODS_OF_FIELD`. */
export interface NameTest {
  readonly kind: 'name';
  readonly field: NameField;
  readonly patterns: readonly Pattern[];
  readonly span: Span;
}

/** `statusesOf` gives the row statuses meant. */
export interface StatusTest {
  readonly kind: 'status';
  readonly values: readonly StatusWord[];
  readonly span: Span;
}

export interface KindTest {
  readonly kind: 'kind';
  readonly values: readonly RowKind[];
  readonly span: Span;
}

export interface OriginTest {
  readonly kind: 'origin';
  readonly values: readonly CallOrigin[];
  readonly span: Span;
}

/** True when one of the words says what the row is. */
export interface IsTest {
  readonly kind: 'is';
  readonly values: readonly IsWord[];
  readonly span: Span;
}

/** The colour that a user gave the call. */
export interface ColorTest {
  readonly kind: 'color';
  readonly values: readonly NoteColor[];
  readonly span: Span;
}

/** True when one of the comparisons holds. */
export interface NumberTest {
  readonly kind: 'number';
  readonly field: NumberField;
  readonly comparisons: readonly Comparison[];
  readonly span: Span;
}

/** `since`: `timeMs >= bound`. `until`: `timeMs < bound`. values.ts `timeBoundMs` gives the bound. */
export interface TimeTest {
  readonly kind: 'time';
  readonly bound: 'since' | 'until';
  readonly at: TimePoint;
  readonly span: Span;
}

export type Pattern = GlobPattern | RegexPattern;

/**
 * Literal text and wildcards, in order; `many`: any run of characters, also none; `one`: exactly one code point.
 * Literal strings are never empty, never next to each other; no two `many` are next to each other.
 */
export interface GlobPattern {
  readonly kind: 'glob';
  readonly parts: readonly (string | Wildcard)[];
}

export type Wildcard = { readonly wild: 'many' | 'one' };

/** Checked by the parser (regexParse.ts); run it with match.ts `patternTester`, never with `RegExp` (it can hang). */
export interface RegexPattern {
  readonly kind: 'regex';
  readonly source: string;
  readonly ignoreCase: boolean;
}

/**
 * `tool`, `prompt`, `uri` and `name` all read the row's `name`; the first three only for the methods in `METHODS_OF_FIELD`.
 * `turn` reads `row.prompt`, the user's request in a conversation; `comment` reads `row.note.comment`.
 */
export type NameField =
  | 'server'
  | 'tool'
  | 'prompt'
  | 'uri'
  | 'name'
  | 'method'
  | 'session'
  | 'client'
  | 'id'
  | 'conversation'
  | 'turn'
  | 'definition'
  | 'comment';

/** `dur`: durationUs. `upstream`: upstreamUs. `size`: requestBytes + (responseBytes or 0). `code`: errorCode. */
export type NumberField = 'dur' | 'upstream' | 'size' | 'code';

export type CompareOp = '>' | '>=' | '<' | '<=' | '=';

export interface Comparison {
  readonly op: CompareOp;
  /** Microseconds for `dur` and `upstream`, bytes for `size`, plain for `code`; whole. */
  readonly value: number;
}

/** `notification`: a row of its own that nobody answers; a call is everything else. */
export type RowKind = 'call' | 'notification';

/** `colored`: has any colour. `nested`: made in the course of another call. `playground`: made from the Playground. */
export type IsWord = 'pinned' | 'colored' | 'commented' | 'nested' | 'playground';

/** `error` stands for every failure, the other words for one status each. */
export type StatusWord = 'ok' | 'running' | 'error' | 'rpc' | 'tool' | 'transport' | 'cancelled' | 'timedOut' | 'blocked' | 'unrecorded';

export type TimePoint =
  /** So long before now, milliseconds. */
  | { readonly kind: 'ago'; readonly ms: number }
  /** Unix epoch, milliseconds. */
  | { readonly kind: 'instant'; readonly ms: number }
  /** Wall time of the machine that evaluates: `2026-10-05` (a whole day), `2026-10-05T14:30`, `…:07`, `…:07.250`. */
  | { readonly kind: 'local'; readonly text: string }
  /** That time today, `14:30` or `14:30:07`, local. */
  | { readonly kind: 'clock'; readonly text: string }
  /** A whole local day: 0 is today, 1 is yesterday. */
  | { readonly kind: 'day'; readonly daysAgo: 0 | 1 };

/** Methods whose `name` is what the field means. */
export const METHODS_OF_FIELD: Readonly<Record<'tool' | 'prompt' | 'uri', readonly string[]>> = {
  tool: ['tools/call'],
  prompt: ['prompts/get'],
  uri: ['resources/read', 'resources/subscribe', 'resources/unsubscribe', 'notifications/resources/updated'],
};

/** Whether a pattern must fit the whole value: a comment is found by what it contains, everything else by what it is. */
export function extentOf(field: NameField): 'whole' | 'part' {
  return field === 'comment' ? 'part' : 'whole';
}

/** Columns of a row that free text is looked for in, besides the bodies. */
export const TEXT_COLUMNS = ['server', 'client', 'method', 'name', 'detail'] as const;

/** What `status:error` covers. A cancelled call is none: somebody wanted it to end. */
export const FAILURE_STATUSES: readonly CallStatus[] = ['error', 'toolError', 'transportError', 'timedOut', 'blocked'];

const STATUSES_OF_WORD: Readonly<Record<StatusWord, readonly CallStatus[]>> = {
  ok: ['ok'],
  running: ['running'],
  error: FAILURE_STATUSES,
  rpc: ['error'],
  tool: ['toolError'],
  transport: ['transportError'],
  cancelled: ['cancelled'],
  timedOut: ['timedOut'],
  blocked: ['blocked'],
  unrecorded: ['unrecorded'],
};

/** The row statuses that a status test accepts, each once. */
export function statusesOf(words: readonly StatusWord[]): CallStatus[] {
  return [...new Set(words.flatMap((word) => STATUSES_OF_WORD[word]))];
}

/** Rows of methods under `notifications/` are notifications; MCP has no others. */
export function kindOfMethod(method: string): RowKind {
  return method.startsWith('notifications/') ? 'notification' : 'call';
}
