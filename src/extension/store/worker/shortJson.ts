/**
 * Owns shortening JSON before it is parsed: of a text in a message no row shows more than its beginning, and to parse
 * megabytes for that is most of what filing a message costs. What is left is JSON of the same shape, in which strings that
 * are longer than anybody reads are cut. Where the JSON is not well-formed the text is too, sooner or later: who parses it finds out.
 */

/** Shorter texts are parsed as they are. */
const leastBytes = 2048;
/** So many bytes are looked at one by one, and then the rest is searched, which costs as much as looking at some fifty … */
const lookedAt = 16;
/** … so more of them, where quotation marks stand close together. */
const lookedAtInDense = 256;

const quote = 34;
const backslash = 92;

/** The text of a message in which at least so many characters of each string stay. */
export function shortText(body: Buffer, characters: number): string {
  if (body.length < leastBytes) return body.toString('utf8');
  const parts: string[] = [];
  let from = 0;
  for (let at = nextQuote(body, 0); at >= 0; ) {
    const end = endOfString(body, at + 1);
    if (end < 0) break;
    const cut = end - at > characters ? afterCharacters(body, at + 1, end, characters) : end;
    if (cut < end) {
      parts.push(body.toString('utf8', from, cut));
      from = end;
    }
    at = nextQuote(body, end + 1);
  }
  return parts.length === 0 ? body.toString('utf8') : parts.join('') + body.toString('utf8', from);
}

/** The next quotation mark from `at` on, which is outside of strings; -1: none. */
function nextQuote(body: Buffer, at: number): number {
  const close = Math.min(at + lookedAt, body.length);
  for (; at < close; at++) if (body[at] === quote) return at;
  return at < body.length ? body.indexOf(quote, at) : -1;
}

/** Where the string that begins at `at` ends: the place of its quotation mark; -1: nowhere. */
function endOfString(body: Buffer, at: number): number {
  let looked = lookedAt;
  while (at < body.length) {
    const close = Math.min(at + looked, body.length);
    for (; at < close; at++) {
      const byte = body[at];
      if (byte === quote) return at;
      if (byte === backslash) at++;
    }
    const found = body.indexOf(quote, at);
    if (found < 0) return -1;
    if (!isEscaped(body, found, at)) return found;
    looked = found - at < lookedAt ? lookedAtInDense : lookedAt;
    at = found + 1;
  }
  return -1;
}

/** Whether an odd number of backslashes stands before; what is before `from` is known not to escape. */
function isEscaped(body: Buffer, at: number, from: number): boolean {
  let backslashes = 0;
  while (at - 1 - backslashes >= from && body[at - 1 - backslashes] === backslash) backslashes++;
  return backslashes % 2 === 1;
}

/** The place behind so many UTF-16 units of a string, cutting neither an escape nor a character in two. */
function afterCharacters(body: Buffer, at: number, end: number, units: number): number {
  while (units > 0 && at < end) {
    const byte = body[at]!;
    // An escape of two characters is of one that is shown; one of four bytes is of two.
    if (byte === backslash) at += body[at + 1] === 117 ? 6 : 2;
    else at += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    units -= byte >= 0xf0 ? 2 : 1;
  }
  return at;
}
