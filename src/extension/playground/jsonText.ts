/**
 * Owns working on JSON as text: members by name, syntax errors with their place. Values are cut out, never parsed and
 * written again, so every digit and key survives.
 */
import { Buffer } from 'node:buffer';
import { parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { ArgumentCheck } from '../contract/playgroundRuns';
import { canonicalScalar, decodeString, elementsOf, findPath, rawText, skipSpace, skipValue, walkMembers } from '../mcp/spans';

/** The value at `path` in the object `json`, as JSON text. */
export function memberText(json: string, ...path: readonly string[]): string | undefined {
  const bytes = Buffer.from(json);
  const span = findPath(bytes, { start: skipSpace(bytes, 0), end: bytes.length }, ...path);
  return span && rawText(bytes, span);
}

/** The text value at `path`; `undefined` where there is none or it is no text. */
export function memberString(json: string, ...path: readonly string[]): string | undefined {
  const bytes = Buffer.from(json);
  return decodeString(bytes, findPath(bytes, { start: skipSpace(bytes, 0), end: bytes.length }, ...path));
}

/** The elements of the array at `path`, as JSON texts. */
export function memberElements(json: string, ...path: readonly string[]): string[] {
  const bytes = Buffer.from(json);
  const span = findPath(bytes, { start: skipSpace(bytes, 0), end: bytes.length }, ...path);
  return elementsOf(bytes, span).map((element) => rawText(bytes, element));
}

/** Names and values (JSON texts) of the object `json`, in order. */
export function membersOf(json: string): [name: string, value: string][] {
  const bytes = Buffer.from(json);
  const members: [string, string][] = [];
  walkMembers(bytes, skipSpace(bytes, 0), (keyStart, keyEnd, start, end) => {
    const name = decodeString(bytes, { start: keyStart, end: keyEnd });
    if (name !== undefined) members.push([name, rawText(bytes, { start, end })]);
  });
  return members;
}

/** A text or number so that equal ones have equal texts, however they are written. */
export function canonicalText(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  const bytes = Buffer.from(json);
  return canonicalScalar(bytes, { start: 0, end: bytes.length });
}

/** Whether the text is exactly one JSON value. Linear, whatever it holds. */
export function isJson(text: string): boolean {
  const bytes = Buffer.from(text);
  const end = skipValue(bytes, skipSpace(bytes, 0));
  return end >= 0 && skipSpace(bytes, end) === bytes.length;
}

type SyntaxProblem = Extract<ArgumentCheck, { kind: 'syntax' }>;

const WORDS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is no JSON value',
  InvalidNumberFormat: 'This is no JSON number',
  PropertyNameExpected: 'A property name in double quotes is expected here',
  ValueExpected: 'A value is expected here',
  ColonExpected: 'A colon is expected here',
  CommaExpected: 'A comma is expected here',
  CloseBraceExpected: 'A closing brace is expected here',
  CloseBracketExpected: 'A closing bracket is expected here',
  EndOfFileExpected: 'Nothing more is expected here',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfComment: 'JSON has no comments',
  UnexpectedEndOfString: 'This text is not closed',
  UnexpectedEndOfNumber: 'This number is not finished',
  InvalidUnicode: 'This is no Unicode escape: write \\u and four hexadecimal digits',
  InvalidEscapeCharacter: 'This escape is none that JSON knows',
  InvalidCharacter: 'This character must be escaped in a text',
};

/** Where and how the text is no JSON; `undefined`: it is. */
export function syntaxProblem(text: string): SyntaxProblem | undefined {
  if (isJson(text)) return undefined;
  const errors: ParseError[] = [];
  try {
    parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  } catch {
    return problemAt(text, 0, 'This JSON is nested too deeply');
  }
  const [first] = errors;
  return first ? problemAt(text, first.offset, syntaxWords(first)) : problemAt(text, 0, 'This is no JSON');
}

/** What is wrong, without a full stop. */
export function syntaxWords({ error }: ParseError): string {
  return WORDS[printParseErrorCode(error)] ?? 'This is no JSON';
}

export function problemAt(text: string, offset: number, message: string): SyntaxProblem {
  const before = text.slice(0, offset);
  const line = before.split(/\r\n|\r|\n/).length;
  const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  return { kind: 'syntax', message: `${message}.`, line, column: offset - lineStart + 1, offset };
}
