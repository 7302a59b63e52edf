/**
 * Owns the pass over a message that finds its secrets: strings and their names (also of JSON within a string), values
 * under names that announce a secret, and well-known formats anywhere.
 *
 * Runs before every frame is passed on: one pass from one place that needs a look to the next, linear whatever the bytes
 * are, next to nothing allocated where nothing is found. A cut never crosses a string's end or an escape, so JSON stays JSON.
 */
import { FIRST, PIECE_BYTES, type HotPlaces } from './hotPlaces';
import { isDigit, isSpace, skipEscapedSpace } from './secretBytes';
import { Cuts, type Cut, type SecretRules } from './secretCuts';
import { backslash, classOf, lookClosely, mayEndHere, plain, quote } from './secretFormats';
import { placesFor } from './secretPlaces';

const none: readonly Cut[] = [];

/** The secrets of a message, in order. They are the same whatever finds the places that need a look. */
export function scanSecrets(b: Uint8Array, rules: SecretRules, places: HotPlaces = placesFor(b)): readonly Cut[] {
  let cuts: Cuts | undefined;
  const length = b.length;
  const { names } = rules;
  const { list } = places;
  const classes = classOf;
  /** Start of the string the scan is in, behind its quote; -1 outside. */
  let stringStart = -1;
  /** Behind the last `\"` in this string: there JSON within a string may have a name or value. */
  let nestedStart = -1;
  /** Of the piece of the message that `list` is about: where it ends, and where its places are counted from. */
  let pieceEnd = 0;
  let origin = 0;
  let at = 0;
  let count = 0;
  /** Whether the next byte is a quote: behind a backslash it may be missing from the list. */
  let atQuote = false;
  for (let i = 0; ; i++) {
    if (!atQuote) {
      while (at < count && list[at]! + origin < i) at++;
      if (at === count) {
        const from = Math.max(pieceEnd, i);
        if (from >= length) break;
        count = places.look(b, from);
        at = 0;
        origin = from - FIRST;
        pieceEnd = from + PIECE_BYTES;
        i--;
        continue;
      }
      i = list[at++]! + origin;
    }
    atQuote = false;
    const cls = classes[b[i]!];
    if (cls === plain) continue;
    if (cls === quote) {
      if (stringStart < 0) {
        stringStart = i + 1;
        nestedStart = -1;
        continue;
      }
      // A string that a colon follows is a name.
      const start = stringStart;
      stringStart = -1;
      if (!names.mayEnd(b, i)) continue;
      let next = i + 1;
      while (isSpace(b[next])) next++;
      if (b[next] !== 58) continue;
      const kind = names.kindOf(b, start, i);
      if (kind === undefined) continue;
      cuts ??= new Cuts(b, rules);
      i = cutValues(cuts, next + 1, quotePlain, kind) - 1;
      continue;
    }
    if (cls === backslash) {
      const isQuote = b[i + 1] === 34;
      if (stringStart < 0) {
        atQuote = isQuote;
        continue;
      }
      if (!isQuote) {
        // The other byte of an escape is neither a quote nor a beginning. `\\"` deeper down belongs to what is escaped twice.
        if (b[i + 1] === 92 && b[i + 2] === 92 && b[i + 3] === 34) i += 3;
        else {
          i++;
          atQuote = b[i] === 92 && b[i + 1] === 34;
        }
        continue;
      }
      const start = nestedStart;
      nestedStart = i + 2;
      i++;
      if (start < 0 || !names.mayEnd(b, i - 1)) continue;
      const next = skipEscapedSpace(b, i + 1);
      if (b[next] !== 58) continue;
      const kind = names.kindOf(b, start, i - 1);
      if (kind === undefined) continue;
      cuts ??= new Cuts(b, rules);
      i = cutValues(cuts, next + 1, quoteEscaped, kind) - 1;
      atQuote = b[i + 1] === 34;
      nestedStart = -1;
      continue;
    }
    if (!mayEndHere(b, i, cls, cuts)) continue;
    cuts ??= new Cuts(b, rules);
    const found = lookClosely(cuts, i, cls);
    if (found > i) {
      i = found - 1;
      atQuote = b[found] === 34;
    }
  }
  return cuts ? cuts.found : none;
}

type Quoting = 'plain' | 'escaped';
const quotePlain: Quoting = 'plain';
const quoteEscaped: Quoting = 'escaped';

/** Cuts the string, or the strings of the array, that stands at `from`; gives where to go on scanning. */
function cutValues(cuts: Cuts, from: number, quoting: Quoting, kind: string): number {
  const { b } = cuts;
  const skip = (i: number): number => {
    if (quoting === 'escaped') return skipEscapedSpace(b, i);
    while (isSpace(b[i])) i++;
    return i;
  };
  let i = skip(from);
  const list = b[i] === 91;
  if (list) i = skip(i + 1);
  for (;;) {
    const start = openingQuote(b, i, quoting);
    if (start < 0) {
      const end = kind === 'key' ? numberEnd(b, i) : i;
      if (end === i) return i;
      i = cuts.cut(i, end, kind, quoting === 'escaped' ? '\\"' : '"');
    } else {
      const end = closingQuote(b, start, quoting);
      if (end < 0) {
        // Torn or no JSON: rather too much than a secret.
        return cuts.cut(start, quoting === 'escaped' ? endOfString(b, start) : b.length, kind);
      }
      if (end > start) cuts.cut(start, end, kind);
      i = end + (quoting === 'escaped' ? 2 : 1);
    }
    if (!list) return i;
    i = skip(i);
    if (b[i] !== 44) return i;
    i = skip(i + 1);
  }
}

/** Behind the number that stands at `i`; `i` where there is none. Only names that the user gave hide numbers. */
function numberEnd(b: Uint8Array, i: number): number {
  if (!isDigit(b[i]) && !(b[i] === 45 && isDigit(b[i + 1]))) return i;
  let end = i + 1;
  for (; ; end++) {
    const c = b[end];
    // 1.5e+3
    if (!isDigit(c) && c !== 46 && c !== 69 && c !== 101 && c !== 43 && c !== 45) return end;
  }
}

function openingQuote(b: Uint8Array, i: number, quoting: Quoting): number {
  if (quoting === 'plain') return b[i] === 34 ? i + 1 : -1;
  return b[i] === 92 && b[i + 1] === 34 ? i + 2 : -1;
}

/** Where the closing quote stands; for JSON within a string, the backslash before it. */
function closingQuote(b: Uint8Array, from: number, quoting: Quoting): number {
  for (let i = from; i < b.length; i++) {
    if (b[i] === 34) return quoting === 'plain' ? i : -1;
    if (b[i] !== 92) continue;
    if (quoting === 'escaped') {
      if (b[i + 1] === 34) return i;
      // `\\\"` is a quote within the inner string.
      if (b[i + 1] === 92 && b[i + 2] === 92 && b[i + 3] === 34) i += 2;
    }
    i++;
  }
  return -1;
}

function endOfString(b: Uint8Array, from: number): number {
  const end = closingQuote(b, from, 'plain');
  return end < 0 ? b.length : end;
}
