/**
 * Owns finding where a JSON string ends, as quickly as its length and its escapes allow: byte by byte, by the native search, or
 * sixteen bytes at a time (longStrings.ts). The same strings are accepted either way.
 */
import type { Buffer } from 'node:buffer';
import { endOfLongString, UNSURE } from './longStrings';

/** How far a string is read byte by byte before the native search for its end pays off. */
export const CAREFUL_BYTES = 64;
/** The same after an escape in a long string: dense escapes are read byte by byte, prose by the native search. */
const CAREFUL_BYTES_LATER = 16;
/** An escape so far from a string's beginning: the rest is looked through sixteen bytes at a time, which costs a start. */
const LONG_BYTES = 256;
/** Unless the first such escape is this much further: what is rare is quicker to find by the native search. */
const SPARSE_BYTES = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** By byte: 1 for a hexadecimal digit. */
const hexDigits = new Uint8Array(256);
for (const digit of '0123456789ABCDEFabcdef') hexDigits[digit.charCodeAt(0)] = 1;

/** Whether four hexadecimal digits stand at `i`. */
function isHex(b: Buffer, i: number): boolean {
  return i + 3 < b.length && (hexDigits[b[i]!]! & hexDigits[b[i + 1]!]! & hexDigits[b[i + 2]!]! & hexDigits[b[i + 3]!]!) === 1;
}

/** Index after the string that opens at `i`, or -1 where it is none. */
export function skipString(b: Buffer, i: number): number {
  const end = Math.min(i + 1 + CAREFUL_BYTES, b.length);
  for (let k = i + 1; k < end; k++) {
    const c = b[k]!;
    if (c === QUOTE) return k + 1;
    if (c === BACKSLASH) return skipEscapes(b, i, k, CAREFUL_BYTES);
    if (c < 0x20) return -1;
  }
  return skipEscapes(b, i, end, 0);
}

/** The rest of the string that opens at `opens`, from `i` on: up to an escape, `careful` bytes are read byte by byte. */
function skipEscapes(b: Buffer, opens: number, i: number, careful: number): number {
  const length = b.length;
  let quickFrom = opens + LONG_BYTES;
  for (;;) {
    const carefulEnd = Math.min(i + careful, length);
    while (i < carefulEnd) {
      const c = b[i]!;
      if (c === QUOTE) return i + 1;
      if (c === BACKSLASH) break;
      if (c < 0x20) return -1;
      i++;
    }
    if (i < carefulEnd) {
      switch (b[i + 1]) {
        case 0x75: // u
          if (!isHex(b, i + 2)) return -1;
          i += 6;
          continue;
        case QUOTE:
        case BACKSLASH:
        case 0x2f:
        case 0x62:
        case 0x66:
        case 0x6e:
        case 0x72:
        case 0x74:
          i += 2;
          break;
        default:
          return -1;
      }
    } else {
      if (i >= length) return -1;
      // A long run without an escape so far: let the native search find the next quote, then see whether it is escaped.
      const quote = b.indexOf(QUOTE, i);
      if (quote < 0) return -1;
      let slashes = quote;
      while (slashes > i && b[slashes - 1] === BACKSLASH) slashes--;
      if (((quote - slashes) & 1) === 0) return quote + 1;
      i = quote + 1;
      careful = CAREFUL_BYTES_LATER;
    }
    if (i < quickFrom) continue;
    if (i - quickFrom >= SPARSE_BYTES) quickFrom = i + LONG_BYTES;
    else {
      const end = endOfLongString(b, i, CAREFUL_BYTES);
      if (end !== UNSURE) return end;
      // What is wrong there may be among what is not looked at here.
      quickFrom = length;
    }
  }
}
