/**
 * Owns JSON as text: where each value stands in it, where it breaks, and the way from a JSON Pointer to a place and back.
 * Nothing is parsed into numbers and written again, so that every digit, key order and duplicate stays as it was typed.
 */
import { createScanner, parseTree, printParseErrorCode, type Node as JsonNode, type ParseError } from 'jsonc-parser';

export type { JsonNode };

/** Keys and indexes from the root down. */
export type JsonPath = readonly (string | number)[];

/** Where a text is no JSON. Line and column count from 1, the column in UTF-16 units. */
export interface TextProblem {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface JsonDocument {
  readonly text: string;
  /** Absent where the text is no JSON. */
  readonly root?: JsonNode;
  readonly problem?: TextProblem;
}

/** Nested deeper than this is refused: the parser and every walk over its tree are recursive. */
const MAX_LEVELS = 400;

export function parseDocument(text: string): JsonDocument {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return { text, problem: problemAt(text, deep, 1, `This is nested deeper than ${MAX_LEVELS} levels.`) };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const first = errors.toSorted((one, other) => one.offset - other.offset)[0];
  if (first) return { text, problem: problemAt(text, first.offset, first.length, wordsOf(first, text)) };
  // The parser is more forgiving than JSON in places; what JSON.parse refuses must not be sent.
  const refusal = refusalOf(text);
  if (!root || refusal !== undefined) return { text, problem: problemAt(text, refusal ?? 0, 1, 'This is no JSON.') };
  return { text, root };
}

/** The raw text of a value. */
export function textOf(document: JsonDocument, node: JsonNode): string {
  return document.text.slice(node.offset, node.offset + node.length);
}

/** A member of an object or array; of duplicate keys the last, as every JSON reader has it. */
export function childOf(node: JsonNode | undefined, key: string | number): JsonNode | undefined {
  if (node?.type === 'array') return typeof key === 'number' ? node.children?.[key] : undefined;
  return node?.type === 'object' ? propertyOf(node, String(key))?.children?.[1] : undefined;
}

/** The node of key and value together; of duplicates the last. */
export function propertyOf(node: JsonNode, key: string): JsonNode | undefined {
  return node.children?.findLast((property) => property.children?.[0]?.value === key && property.children.length === 2);
}

export function nodeAt(root: JsonNode | undefined, path: JsonPath): JsonNode | undefined {
  let at = root;
  for (const key of path) {
    at = childOf(at, key);
    if (!at) return undefined;
  }
  return at;
}

export interface Member {
  readonly key: string;
  readonly value: JsonNode;
  /** Another member after it has the same key, so that no reader sees this one. */
  readonly isShadowed: boolean;
}

/** Members of an object in their order. */
export function membersOf(node: JsonNode | undefined): Member[] {
  if (node?.type !== 'object') return [];
  const seen = new Set<string>();
  const members: Member[] = [];
  for (const property of (node.children ?? []).toReversed()) {
    const [key, value] = property.children ?? [];
    if (!key || !value) continue;
    members.push({ key: String(key.value), value, isShadowed: seen.has(String(key.value)) });
    seen.add(String(key.value));
  }
  return members.reverse();
}

/** JSON Pointer (RFC 6901). */
export function pointerOf(path: JsonPath): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The node a JSON Pointer leads to, or the nearest one on the way that exists. */
export function nearestNode(root: JsonNode, pointer: string): JsonNode {
  let at = root;
  if (!pointer.startsWith('/')) return at;
  for (const part of pointer.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next = at.type === 'array' ? at.children?.[Number(key)] : childOf(at, key);
    if (!next) return at;
    at = next;
  }
  return at;
}

/** Line and column of an offset, both from 1. */
export function lineColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

function problemAt(text: string, offset: number, length: number, message: string): TextProblem {
  const at = Math.min(offset, text.length);
  return { offset: at, length: Math.max(1, length), ...lineColumn(text, at), message };
}

/** Offset at which the nesting becomes too deep to be parsed. */
function tooDeepAt(text: string): number | undefined {
  // Cheap first: only texts with that many brackets can be nested that deeply.
  let brackets = 0;
  for (let i = 0; i < text.length && brackets <= MAX_LEVELS; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 0x7b || unit === 0x5b) brackets += 1;
  }
  if (brackets <= MAX_LEVELS) return undefined;
  const scanner = createScanner(text, true);
  let level = 0;
  // SyntaxKind 1 to 4: { } [ ]; 17: end of text. The enum is ambient and cannot be imported.
  for (let kind = scanner.scan() as number; kind !== 17; kind = scanner.scan() as number) {
    if (kind === 1 || kind === 3) level += 1;
    else if (kind === 2 || kind === 4) level -= 1;
    if (level > MAX_LEVELS) return scanner.getTokenOffset();
  }
  return undefined;
}

/** Offset at which JSON.parse stops, where it does. */
function refusalOf(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const place = /position (\d+)/.exec(String(error));
    return place ? Number(place[1]) : 0;
  }
}

const messages: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is no JSON value. Text stands in double quotes; the words are true, false and null.',
  InvalidNumberFormat: 'This is no JSON number.',
  PropertyNameExpected: 'A key in double quotes is expected here.',
  ValueExpected: 'A value is expected here.',
  ColonExpected: 'A colon is expected here.',
  CommaExpected: 'A comma is expected here.',
  CloseBraceExpected: 'A closing brace } is expected here.',
  CloseBracketExpected: 'A closing bracket ] is expected here.',
  EndOfFileExpected: 'The value has ended: nothing may follow.',
  InvalidCommentToken: 'JSON has no comments.',
  UnexpectedEndOfComment: 'JSON has no comments.',
  UnexpectedEndOfString: 'The closing quote of this text is missing.',
  UnexpectedEndOfNumber: 'This number is not complete.',
  InvalidUnicode: 'A \\u escape has four hexadecimal digits.',
  InvalidEscapeCharacter: 'This escape is not known in JSON.',
  InvalidCharacter: 'Control characters are written as escapes in JSON, such as \\n.',
};

function wordsOf(error: ParseError, text: string): string {
  if (text.trim() === '') return 'There is no value yet.';
  return messages[printParseErrorCode(error.error)] ?? 'This is no JSON.';
}
