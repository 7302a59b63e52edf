/**
 * Owns the small questions about bytes that finding secrets asks over and over: sets of characters, runs, boundaries,
 * JSON's escapes. Every one is asked on the forwarding path: no allocation, nothing beyond the place asked for.
 */

/** Letters and digits. */
export const WORD = 1;
/** What tokens are made of in base64url: words, `-` and `_`. */
export const TOKEN = 2;
/** Wider credentials: also `.+/=~`. */
export const CREDENTIAL = 4;

const charSet = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) charSet[code] = WORD | TOKEN | CREDENTIAL;
  else if (/[-_]/.test(char)) charSet[code] = TOKEN | CREDENTIAL;
  else if (/[.+/=~]/.test(char)) charSet[code] = CREDENTIAL;
}

/** Outside the bytes there is nothing: `undefined` is in no set. */
export function isIn(code: number | undefined, set: number): boolean {
  return code !== undefined && ((charSet[code] ?? 0) & set) !== 0;
}

export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 48 && code <= 57;
}

export function isUpperOrDigit(code: number | undefined): boolean {
  return isDigit(code) || (code !== undefined && code >= 65 && code <= 90);
}

export function isSpace(code: number | undefined): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Behind the characters of a set that begin at `from`. */
export function runEnd(b: Uint8Array, from: number, set: number): number {
  let end = from;
  while (isIn(b[end], set)) end++;
  return end;
}

/** A token starts after anything that is no letter or digit, and after an escape such as `\n`. */
export function atBoundary(b: Uint8Array, start: number): boolean {
  return start <= 0 || !isIn(b[start - 1], WORD) || escapes(b, start - 1) || (start > 5 && b[start - 6] === 92 && b[start - 5] === 117);
}

/** Whether the byte is the letter of an escape: `\n`, `\t`, `\r`, `\b`, `\f`. */
export function escapes(b: Uint8Array, i: number): boolean {
  if (i < 1 || b[i - 1] !== 92) return false;
  const c = b[i];
  return c === 110 || c === 116 || c === 114 || c === 98 || c === 102;
}

export function ends(b: Uint8Array, end: number, text: string): boolean {
  return end >= text.length && starts(b, end - text.length, text);
}

export function starts(b: Uint8Array, from: number, text: string): boolean {
  for (let k = 0; k < text.length; k++) if (b[from + k] !== text.charCodeAt(k)) return false;
  return true;
}

/** Blanks within a string that holds JSON: spaces, and `\n`, `\r`, `\t` as escapes. */
export function skipEscapedSpace(b: Uint8Array, i: number): number {
  for (;;) {
    if (b[i] === 32) i++;
    else if (b[i] === 92 && (b[i + 1] === 110 || b[i + 1] === 114 || b[i + 1] === 116)) i += 2;
    else return i;
  }
}
