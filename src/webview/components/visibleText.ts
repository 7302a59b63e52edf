/**
 * Owns making text from outside safe to look at: characters that would hide, reorder or fake what is shown (control
 * characters, ANSI escapes, bidirectional overrides, invisible tags) are written as escapes. Line breaks and tabs stay
 * where the caller says so. Never produces markup.
 */
// C0, DEL, C1, soft hyphen, Arabic letter mark, Mongolian separator, zero width space and marks, line separators,
// bidirectional embeddings and isolates, invisible operators, byte order mark, interlinear marks, tags.
const suspicious =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line: everything unseen becomes an escape, line breaks and tabs too. */
export function visibleLine(text: string): string {
  return text.replace(suspicious, escape);
}

/** Several lines: line breaks and tabs stay, carriage returns before a line break vanish. */
export function visibleBlock(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(suspicious, (c) => (c === '\n' || c === '\t' ? c : escape(c)));
}

function escape(character: string): string {
  const known = short[character];
  if (known) return known;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
