/** Owns what the JSON editor does with a text: indent at Enter, close at the right depth, format, colour. Pure. */
import { createScanner, format } from 'jsonc-parser';

export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly insertion: string;
  /** Where the cursor goes. */
  readonly cursor: number;
}

const INDENT = '  ';

/** Enter: as deep as the line, one deeper after an opening bracket; its closing one goes on a line of its own. */
export function newLine(text: string, start: number, end: number): TextEdit {
  const indent = indentAt(text, start);
  const opens = /[{[][ \t]*$/.test(text.slice(lineStart(text, start), start));
  const closes = /^[ \t]*[}\]]/.test(text.slice(end, end + 200));
  const inner = `\n${indent}${opens ? INDENT : ''}`;
  const insertion = opens && closes ? `${inner}\n${indent}` : inner;
  return { start, end, insertion, cursor: start + inner.length };
}

/** A closing bracket typed on an empty line steps back one level; `undefined`: nothing special. */
export function closeBracket(text: string, start: number, end: number, bracket: string): TextEdit | undefined {
  const begin = lineStart(text, start);
  const before = text.slice(begin, start);
  if (!/^[ \t]+$/.test(before) || start !== end) return undefined;
  const kept = before.endsWith(INDENT) ? before.slice(0, -INDENT.length) : before.slice(0, -1);
  return { start: begin, end, insertion: kept + bracket, cursor: begin + kept.length + 1 };
}

/** Laid out anew; numbers, keys and texts stay as they are written. Text that is no JSON stays as it is. */
export function formatJson(text: string): string {
  const edits = format(text, undefined, { tabSize: 2, insertSpaces: true, eol: '\n' });
  let result = text;
  for (const { offset, length, content } of edits.toReversed()) result = result.slice(0, offset) + content + result.slice(offset + length);
  return result;
}

export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'plain';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** Longer texts are not coloured. */
export const MAX_COLOURED = 60_000;

/** The text in pieces by what they are; joined they are the text. */
export function tokensOf(text: string): Token[] {
  if (text.length > MAX_COLOURED) return [{ kind: 'plain', text }];
  const tokens: Token[] = [];
  const scanner = createScanner(text, false);
  // SyntaxKind: 6 colon, 7 to 9 null, true, false, 10 string, 11 number, 14 and 15 blanks, 17 end. Ambient: cannot be imported.
  for (let kind = scanner.scan() as number; kind !== 17; kind = scanner.scan() as number) {
    const piece = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    if (kind === 6) markKey(tokens);
    tokens.push({ kind: kind === 10 ? 'string' : kind === 11 ? 'number' : kind >= 7 && kind <= 9 ? 'word' : 'plain', text: piece });
  }
  return tokens;
}

/** The text before a colon is a key. */
function markKey(tokens: Token[]): void {
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    const token = tokens[index]!;
    if (token.kind === 'plain' && token.text.trim() === '') continue;
    if (token.kind === 'string') tokens[index] = { kind: 'key', text: token.text };
    return;
  }
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';
}
