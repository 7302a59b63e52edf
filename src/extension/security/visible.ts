/** Owns showing text that was meant not to be seen: excerpts in which every invisible character is an escape. */

/** Format, control, private use, surrogates, unassigned; separators other than the space; fillers and selectors that count as letters or marks. */
// eslint-disable-next-line no-misleading-character-class -- each stands for itself
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u2000-\u200a\u202f\u205f\u3000\u3164\uffa0\u034f\u17b4\u17b5\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

const AROUND = 60;

/** The part of a text around a place, on one line. */
export function excerptOf(text: string, start: number, end = start): string {
  const from = Math.max(0, start - AROUND);
  const to = Math.min(text.length, Math.max(end, start), start + 120) + AROUND;
  const head = from > 0 ? '…' : '';
  const tail = to < text.length ? '…' : '';
  const shown = visible(text.slice(from, to).replace(/[\n\r\t]+/g, ' '));
  return `${head}${shown.length > 240 ? `${shown.slice(0, 239)}…` : shown}${tail}`;
}

/** Writes what cannot be seen as `\u{200b}`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A JSON text, in lines as it is, that says the same with every invisible character written as JSON writes it: `\u200b`. */
export function visibleInJson(text: string): string {
  return text.replace(UNSEEN, (found) =>
    /[\t\n\r]/.test(found) ? found : [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** A name of unknown origin in a sentence: short, on one line, everything visible. */
export function shownName(name: string): string {
  const text = visible(name);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
