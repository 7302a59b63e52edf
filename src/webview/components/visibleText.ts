/**
 * Owns making text from outside safe to look at: characters that would hide, reorder or fake what is shown (control
 * characters, ANSI escapes, bidirectional overrides, invisible tags) are written as escapes. Line breaks and tabs stay
 * where the caller says so. Never produces markup. What writing needs stays as it is, unlike in the excerpts of findings
 * (security/visible.ts): joiners, and a variation selector by itself, as after many an emoji.
 */
// C0, DEL, C1, soft hyphen, grapheme joiner, Arabic letter mark, fillers, Mongolian separator, zero width space and marks, line
// separators, bidirectional embeddings and isolates, invisible operators, byte order mark, interlinear marks, tags and the
// selectors behind them; more variation selectors than one, which carry bytes in some attacks.
const suspicious =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- each stands for itself
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e01ef}]|[\ufe00-\ufe0f](?=[\ufe00-\ufe0f])|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line: everything unseen becomes an escape, line breaks and tabs too. */
export function visibleLine(text: string): string {
  return text.replace(suspicious, escape);
}

/** Several lines: line breaks and tabs stay, carriage returns before a line break vanish. */
export function visibleBlock(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(suspicious, (c) => (c === '\n' || c === '\t' ? c : escape(c)));
}

/** Whether all of the text can be seen in an input that takes line breaks: no carriage returns either, and no halves of characters. */
export function isAllVisible(text: string): boolean {
  return visibleBlock(text) === text && !/\p{Cs}/u.test(text);
}

function escape(character: string): string {
  const known = short[character];
  if (known) return known;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
