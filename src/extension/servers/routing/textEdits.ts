/**
 * Owns the small tools of editing a text without disturbing the rest of it: its line ending, lines, indentation, and
 * putting several changes in at once.
 */

/** Replaces `[start, end)` by `text`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start || b.end - a.end)) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}

/** The line ending in use; the first one decides. */
export function eolOf(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
}

/** Offset of the first character of the line. */
export function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isEol(text, start - 1)) start -= 1;
  return start;
}

/** Offset of the line ending that ends the line, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && !isEol(text, end)) end += 1;
  return end;
}

/** Offset after the line ending at `offset`; `offset` itself where there is none. */
export function afterEol(text: string, offset: number): number {
  if (text[offset] === '\r') return text[offset + 1] === '\n' ? offset + 2 : offset + 1;
  return text[offset] === '\n' ? offset + 1 : offset;
}

export function isEol(text: string, offset: number): boolean {
  return text[offset] === '\n' || text[offset] === '\r';
}

/** The white space the line begins with. */
export function indentOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}

/** One step of indentation, as this text has it. */
export function indentUnit(text: string): string {
  const indents = [...text.matchAll(/(?:^|[\r\n])([ \t]+)(?=[^\s])/g)].map(([, indent = '']) => indent);
  if (indents.some((indent) => indent.startsWith('\t'))) return '\t';
  const widths = indents.map((indent) => indent.length);
  return ' '.repeat(widths.length > 0 ? Math.max(1, Math.min(8, ...widths)) : 2);
}

/** JSON of a value, its lines after the first indented by `indent`. */
export function prettyJson(value: unknown, indent: string, unit: string, eol: string): string {
  return JSON.stringify(value, undefined, unit).replaceAll('\n', `${eol}${indent}`);
}

/** Start of the lines of `#` comments right above the line that begins at `start`. */
export function withHashComments(text: string, start: number): number {
  let first = start;
  while (first > 0) {
    const above = lineStart(text, first - (text[first - 1] === '\n' && text[first - 2] === '\r' ? 2 : 1));
    if (!/^[ \t]*#/.test(text.slice(above, lineEnd(text, above)))) break;
    first = above;
  }
  return first;
}
