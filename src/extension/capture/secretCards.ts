/**
 * Owns finding payment card numbers: 14 to 16 digits with an issuer's beginning and a right check digit (Luhn), in one
 * piece or in the groups printed on cards. Numbers of other lengths are ids and times more often than cards.
 *
 * Runs for every frame: looks at every sixth pair of bytes only, and closer where that is of digits. It is quicker at
 * this than going through all bytes sixteen at a time would be.
 */
import { atBoundary, isDigit, isIn, isSpace, WORD } from './secretBytes';
import type { Cut } from './secretCuts';

/** Two neighbours that may belong to a card number: digits, or one and what stands between groups. */
const cardPairs = new Uint8Array(65_536);
{
  const bytes = new Uint8Array(2);
  const pair = new Uint16Array(bytes.buffer);
  for (const first of '0123456789 -') {
    for (const second of '0123456789 -') {
      bytes[0] = first.charCodeAt(0);
      bytes[1] = second.charCodeAt(0);
      if (isDigit(bytes[0]) || isDigit(bytes[1])) cardPairs[pair[0]!] = 1;
    }
  }
}

const SHORTEST = 14;
/** A card number takes up this many whole pairs wherever it begins. */
const STRIDE = 6;
/** Where so many in a row are of no digits, four are looked at in one go. */
const CALM = 16;
const none: readonly Cut[] = [];

export function scanCards(b: Uint8Array): readonly Cut[] {
  if (b.length < SHORTEST) return none;
  let cuts: Cut[] | undefined;
  let strings: StringState | undefined;
  const odd = b.byteOffset & 1;
  const pairs = new Uint16Array(b.buffer, b.byteOffset + odd, (b.length - odd) >> 1);
  const count = pairs.length;
  /** No card begins before this byte that is not found yet. */
  let unseen = 0;
  let k = STRIDE - 1;
  while (k < count) {
    if (cardPairs[pairs[k]!] === 0) {
      k = skipCalm(pairs, k + STRIDE);
      continue;
    }
    // Most numbers are too short.
    const limit = Math.min(count, k + STRIDE);
    let after = k + 1;
    while (after < limit && cardPairs[pairs[after]!] === 1) after++;
    const least = Math.max(0, after - STRIDE);
    let from = k;
    while (from > least && cardPairs[pairs[from - 1]!] === 1) from--;
    if (after - from >= STRIDE) {
      const place = k * 2 + odd;
      const card = cardAround(b, place, unseen);
      unseen = card ? card.start + 1 : place + 2;
      if (card) {
        cuts ??= [];
        strings ??= new StringState(b);
        cuts.push({ ...card, kind: 'card', quote: quoteAround(b, card.start, card.end, strings.holds(card.start)) });
        k = (card.end - odd + 1) >> 1;
        continue;
      }
    }
    k = after < limit ? after + STRIDE : k + STRIDE;
  }
  return cuts ?? none;
}

/** From `k` on, behind pairs that are of no digits. */
function skipCalm(pairs: Uint16Array, k: number): number {
  const count = pairs.length;
  const calm = Math.min(count, k + CALM * STRIDE);
  while (k < calm && cardPairs[pairs[k]!] === 0) k += STRIDE;
  if (k < calm) return k;
  const last = count - 3 * STRIDE;
  while (k < last && (cardPairs[pairs[k]!]! | cardPairs[pairs[k + STRIDE]!]! | cardPairs[pairs[k + 2 * STRIDE]!]! | cardPairs[pairs[k + 3 * STRIDE]!]!) === 0) k += 4 * STRIDE;
  return k;
}

/** The card number that the byte at `i` belongs to, and that does not begin before `unseen`. */
function cardAround(b: Uint8Array, i: number, unseen: number): { start: number; end: number } | undefined {
  const least = Math.max(unseen, i - 19);
  let from = i;
  while (from > least && (isDigit(b[from - 1]) || isGap(b[from - 1]))) from--;
  for (let start = from; start <= i + 1; start++) {
    if (!isDigit(b[start]) || isDigit(b[start - 1])) continue;
    const end = cardEnd(b, start);
    if (end > i) return { start, end };
  }
  return undefined;
}

/** Behind the card number that begins at `start`; 0: there is none. */
function cardEnd(b: Uint8Array, start: number): number {
  const first = b[start]!;
  // 3: American Express, Diners, JCB; 4: Visa; 2 and 5: Mastercard; 6: Discover, UnionPay.
  if (first < 50 || first > 54 || !beginsAlone(b, start)) return 0;
  let digits = 0;
  let groups = 0;
  let size = 0;
  let gap = 0;
  let sum = 0;
  let other = 0;
  let end = start;
  for (; digits <= 16; end++) {
    const c = b[end];
    if (isDigit(c)) {
      // Every second digit is doubled, counted from the last: both sums are kept until it is known which.
      const value = c! - 48;
      const doubled = sum + (value > 4 ? value * 2 - 9 : value * 2);
      sum = other + value;
      other = doubled;
      digits++;
      size++;
      continue;
    }
    if (!isGap(c) || !isDigit(b[end + 1]) || (gap !== 0 && c !== gap)) break;
    // What follows a whole number is something else: a date, a code. And tables of numbers are long.
    const sizes = groups * 10 + size;
    if (!isBeginning(sizes)) break;
    gap = c!;
    groups = sizes;
    size = 0;
  }
  if (digits < 14 || digits > 16 || sum % 10 !== 0) return 0;
  if (gap !== 0 && !isGrouping(groups * 10 + size, digits)) return 0;
  return hasIssuer(b, start, digits) && endsAlone(b, end) ? end : 0;
}

/** Whether a card number may go on behind groups of these sizes, read as a number. */
function isBeginning(groups: number): boolean {
  return groups === 4 || groups === 44 || groups === 444 || groups === 46;
}

/** The sizes of the groups, read as a number. */
function isGrouping(groups: number, digits: number): boolean {
  return digits === 16 ? groups === 4444 : digits === 15 ? groups === 465 : groups === 464;
}

function hasIssuer(b: Uint8Array, start: number, digits: number): boolean {
  let prefix = 0;
  for (let i = start, n = 0; n < 4; i++) {
    if (!isDigit(b[i])) continue;
    prefix = prefix * 10 + b[i]! - 48;
    n++;
  }
  const two = Math.floor(prefix / 100);
  if (digits === 14) return two === 36 || two === 38 || two === 39 || (prefix >= 3000 && prefix <= 3059);
  if (digits === 15) return two === 34 || two === 37;
  if (two >= 40 && two <= 49) return true;
  if ((two >= 51 && two <= 55) || (prefix >= 2221 && prefix <= 2720)) return true;
  return two === 35 || two === 62 || two === 65 || prefix === 6011 || (prefix >= 6440 && prefix <= 6499);
}

/** Not within a longer number, a name, a hash or a decimal fraction. */
function beginsAlone(b: Uint8Array, start: number): boolean {
  const before = b[start - 1];
  return atBoundary(b, start) && before !== 46 && before !== 45 && before !== 95 && before !== 43 && before !== 37;
}

function endsAlone(b: Uint8Array, end: number): boolean {
  const after = b[end];
  if (isIn(after, WORD) || after === 95 || after === 45) return false;
  return after !== 46 || !isIn(b[end + 1], WORD);
}

/** A space or a hyphen. */
function isGap(code: number | undefined): boolean {
  return code === 32 || code === 45;
}

/** Whether a place is within a JSON string, for places that are asked for in order. */
export class StringState {
  #at = 0;
  #inString = false;

  constructor(private readonly b: Uint8Array) {}

  holds(place: number): boolean {
    for (; this.#at < place; this.#at++) {
      if (this.b[this.#at] === 34) this.#inString = !this.#inString;
      else if (this.b[this.#at] === 92 && this.#inString) this.#at++;
    }
    return this.#inString;
  }
}

/** What has to stand around a mark in place of a JSON number; `undefined`: nothing. */
export function quoteAround(b: Uint8Array, start: number, end: number, inString: boolean): string | undefined {
  let before = start - 1;
  while (isSpace(b[before])) before--;
  if (!inString) {
    let after = end;
    while (isSpace(b[after])) after++;
    const opens = b[before] === 58 || b[before] === 44 || b[before] === 91;
    const closes = after >= b.length || b[after] === 44 || b[after] === 93 || b[after] === 125;
    return opens && closes ? '"' : undefined;
  }
  // A number of JSON within a string stands behind a name, whose quote has its backslashes.
  if (b[before] !== 58 || b[before - 1] !== 34 || b[before - 2] !== 92) return undefined;
  let from = before - 2;
  while (b[from - 1] === 92 && before - from < 40) from--;
  return `${'\\'.repeat(before - 1 - from)}"`;
}
