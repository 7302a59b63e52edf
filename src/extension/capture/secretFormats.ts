/**
 * Owns the forms secrets are known by wherever they stand: tokens and keys by their beginnings, JWT, PEM, credentials
 * in URLs, assignments and authorization schemes. A form is told in three steps, from cheap to sure: the class of one
 * byte, its neighbours (`mayBegin` and `mayEnd`, or `secretTriples`), a close look (`lookClosely`).
 */
import { ANY, type Triple } from './hotPlaces';
import { atBoundary, CREDENTIAL, ends, escapes, isDigit, isIn, isUpperOrDigit, runEnd, starts, TOKEN, WORD } from './secretBytes';
import { MARK_START, type Cuts } from './secretCuts';

/** The kinds found here, as they stand in `[redacted:<kind>]`. */
export const FORMAT_KINDS = [
  'github-token',
  'gitlab-token',
  'npm-token',
  'slack-token',
  'openai-key',
  'anthropic-key',
  'aws-key-id',
  'google-key',
  'stripe-key',
  'huggingface-token',
  'jwt',
  'private-key',
  'url-password',
  'credential',
] as const;

// Classes of bytes. What is `plain` needs no look at all; everything else may open, close or betray something.
export const plain = 0;
export const quote = 1;
export const backslash = 2;
/** A rare byte of a secret format's unmistakable beginning: `ghp_`, `sk-`, `AKI`, `AIz`, `eyJ`, `://u:p@`, `token=`, `Bearer `. */
const underscore = 3;
const hyphen = 4;
const upperI = 5;
const lowerZ = 6;
const upperJ = 7;
const at = 8;
const equals = 9;
const letterB = 10;

export const classOf = new Uint8Array(256);
for (const [char, cls] of [
  ['"', quote],
  ['\\', backslash],
  ['_', underscore],
  ['-', hyphen],
  ['I', upperI],
  ['z', lowerZ],
  ['J', upperJ],
  ['@', at],
  ['=', equals],
  ['B', letterB],
  ['b', letterB],
] as const) {
  classOf[char.charCodeAt(0)] = cls;
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * What may matter and the two bytes before it; of escapes, the byte before, the backslash and what it escapes, which is
 * looked at with it; of schemes, a beginning and the two bytes behind it.
 */
export const secretTriples: readonly Triple[] = [
  [ANY, ANY, '"'],
  [ANY, ANY, '@'],
  // gh?_, github_pat_, npm_, sk_live_, rk_live_, sk_test_, hf_
  ['hapvs', 'opqrstuemkf', '_'],
  // sk-, xox?-, glpat-, -----B
  ['sxa-', 'abcdefghijklmnopqrst-', '-'],
  // No name ends with a separator.
  [ANY, `${letters}0123456789`, '='],
  // AKI, ASI, AIz, eyJ
  ['Ae', 'KSIy', 'IzJ'],
  // What else stands behind a backslash needs no look, whether the two are an escape or not.
  [ANY, '\\', '"\\Bb'],
  // Bearer, basic
  ['Bb', 'ea', 'as'],
];

/** Whether the first of two bytes may matter, whatever stands before it. */
export function mayBegin(first: number, second: number): boolean {
  switch (classOf[first]) {
    case plain:
      return false;
    case underscore:
    case hyphen:
    case upperJ:
      // What these announce goes on with at least ten more of its characters.
      return isIn(second, TOKEN);
    case upperI:
      return second === 65;
    case lowerZ:
      return second === 97;
    case letterB:
      return second === 101 || second === 97;
    default:
      return true;
  }
}

/** Whether the second of two bytes may matter, whatever follows; as in `mayEndHere`. */
export function mayEnd(first: number, second: number): boolean {
  switch (classOf[second]) {
    case plain:
      return false;
    case underscore:
      return (first >= 111 && first <= 117) || first === 101 || first === 109 || first === 116 || first === 107 || first === 102;
    case hyphen:
      return first === 45 || (first >= 97 && first <= 116);
    case upperI:
      return first === 75 || first === 83;
    case lowerZ:
      return first === 73;
    case upperJ:
      return first === 121;
    case equals:
      return isIn(first, TOKEN);
    case letterB:
      return !isIn(first, WORD) || mayEndEscape(first);
    default:
      return true;
  }
}

/** Whether an escape (`\\n`, `\\u00e4`) may end with this letter or digit, so that a word may begin behind it. */
function mayEndEscape(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70) || code === 110 || code === 114 || code === 116;
}

/** A cheap look whether a secret's beginning may end at this byte of class `cls`. */
export function mayEndHere(b: Uint8Array, i: number, cls: number | undefined, cuts: Cuts | undefined): boolean {
  const p = b[i - 1] ?? 0;
  switch (cls) {
    case underscore:
      // gh?_, github_pat_, npm_, sk_live_, rk_live_, hf_
      return (p >= 111 && p <= 117) || p === 101 || p === 109 || p === 116 || p === 107 || p === 102;
    case hyphen:
      // sk-, xox?-, glpat-, -----B
      return p === 107 || p === 116 || (p === 45 && b[i + 1] === 66) || (p >= 97 && p <= 115 && i > 3 && b[i - 2] === 120 && b[i - 3] === 111);
    case upperI:
      return (p === 75 || p === 83) && b[i - 2] === 65;
    case lowerZ:
      return p === 73 && b[i - 2] === 65;
    case upperJ:
      return p === 121 && b[i - 2] === 101 && !(cuts && i < cuts.noJwtBefore);
    case at:
      return true;
    case equals:
      return isIn(p, TOKEN);
    case letterB:
      return (b[i + 6] === 32 && b[i + 1] === 101 && b[i + 2] === 97) || (b[i + 5] === 32 && b[i + 1] === 97 && b[i + 2] === 115);
    default:
      return false;
  }
}

/** Looks closely at what `mayEndHere` pointed out, cuts it where it is a secret, and gives where to go on. */
export function lookClosely(cuts: Cuts, i: number, cls: number | undefined): number {
  const { b } = cuts;
  switch (cls) {
    case underscore: {
      if (b[i - 3] === 103 && b[i - 2] === 104) return cutRun(cuts, i - 3, i + 1, 20, 'github-token');
      if (ends(b, i, 'github_pat')) return cutRun(cuts, i - 10, i + 1, 20, 'github-token');
      if (ends(b, i, 'npm')) return cutRun(cuts, i - 3, i + 1, 20, 'npm-token');
      if (ends(b, i, 'hf')) return cutRun(cuts, i - 2, i + 1, 30, 'huggingface-token');
      if (ends(b, i, 'sk_live') || ends(b, i, 'rk_live') || ends(b, i, 'sk_test')) return cutRun(cuts, i - 7, i + 1, 16, 'stripe-key');
      return i;
    }
    case hyphen: {
      if (b[i - 1] === 45) return cutPem(cuts, i);
      if (ends(b, i, 'sk')) return cutRun(cuts, i - 2, i + 1, 20, starts(b, i + 1, 'ant-') ? 'anthropic-key' : 'openai-key');
      if (ends(b, i, 'glpat')) return cutRun(cuts, i - 5, i + 1, 20, 'gitlab-token');
      if (b[i - 4] === 120 && b[i - 3] === 111 && b[i - 2] === 120) return cutRun(cuts, i - 4, i + 1, 10, 'slack-token');
      return i;
    }
    case upperI: {
      // AKIA, ASIA and sixteen more.
      if (b[i + 1] !== 65 || !atBoundary(b, i - 2)) return i;
      let end = i + 2;
      while (isUpperOrDigit(b[end])) end++;
      return end - (i - 2) === 20 && !isIn(b[end], WORD) ? cuts.cut(i - 2, end, 'aws-key-id') : i;
    }
    case lowerZ:
      return b[i + 1] === 97 ? cutRun(cuts, i - 2, i + 2, 30, 'google-key') : i;
    case upperJ:
      return cutJwt(cuts, i - 2);
    case at:
      return cutUrlPassword(cuts, i);
    case equals:
      return cutAssigned(cuts, i);
    case letterB:
      return cutScheme(cuts, i);
    default:
      return i;
  }
}

/** Cuts a token that begins at `start` and whose variable part, from `from`, is at least `least` long. */
function cutRun(cuts: Cuts, start: number, from: number, least: number, kind: string): number {
  const { b } = cuts;
  if (start < 0 || !atBoundary(b, start)) return from - 1;
  const end = runEnd(b, from, TOKEN);
  return end - from >= least ? cuts.cut(start, end, kind) : from - 1;
}

function cutJwt(cuts: Cuts, start: number): number {
  const { b } = cuts;
  const here = start + 2;
  if (!atBoundary(b, start)) return here;
  const header = runEnd(b, start, TOKEN);
  if (b[header] !== 46 || header - start < 10) {
    cuts.noJwtBefore = header;
    return here;
  }
  const payload = runEnd(b, header + 1, TOKEN);
  if (payload - header < 8 || b[payload] !== 46) {
    cuts.noJwtBefore = header;
    return here;
  }
  return cuts.cut(start, runEnd(b, payload + 1, TOKEN), 'jwt');
}

/** `-----BEGIN … PRIVATE KEY-----` up to its end line, or to the end of the string where it has none. */
function cutPem(cuts: Cuts, i: number): number {
  const { b } = cuts;
  if (!ends(b, i + 1, '-----') || !starts(b, i + 1, 'BEGIN ')) return i;
  let place = i + 7;
  const limit = Math.min(b.length, place + 40);
  while (place < limit && isLabel(b[place])) place++;
  if (!ends(b, place, 'PRIVATE KEY') && !ends(b, place, 'PRIVATE KEY BLOCK')) return i;
  const start = i - 4;
  for (let end = place; end < b.length; end++) {
    if (b[end] === 34) return cuts.cut(start, end, 'private-key');
    // An escape is left whole: its other byte may be a quote.
    if (b[end] === 92) end++;
    else if (b[end] === 69 && starts(b, end, 'END ') && ends(b, end, '-----')) {
      let close = end + 4;
      const closeLimit = Math.min(b.length, close + 40);
      while (close < closeLimit && isLabel(b[close])) close++;
      if (b[close] !== 45) continue;
      while (close < b.length && b[close] === 45) close++;
      return cuts.cut(start, close, 'private-key');
    }
  }
  return cuts.cut(start, b.length, 'private-key');
}

/** What stands between the dashes of a PEM line; nothing that could end a string. */
function isLabel(code: number | undefined): boolean {
  return code === 32 || isUpperOrDigit(code);
}

const longestUserInfo = 256;

/** The password in `scheme://user:password@host`. */
function cutUrlPassword(cuts: Cuts, i: number): number {
  const { b } = cuts;
  let colon = -1;
  for (let p = i - 1; p > 1 && i - p < longestUserInfo; p--) {
    const c = b[p] ?? 0;
    if (c === 58) colon = p;
    else if (c === 47) {
      if (b[p - 1] === 47 && b[p - 2] === 58 && colon > p && colon + 1 < i) cuts.cut(colon + 1, i, 'url-password');
      return i;
    } else if (c === 64 || c === 34 || c === 92 || c <= 32 || c === 60 || c === 62) return i;
  }
  return i;
}

/** The value in `token=value` of a URL or a command line. */
function cutAssigned(cuts: Cuts, i: number): number {
  const { b } = cuts;
  let start = i;
  while (i - start < 64 && isIn(b[start - 1], TOKEN)) start--;
  if (escapes(b, start)) start++;
  const kind = cuts.rules.names.kindOf(b, start, i);
  if (kind === undefined) return i;
  let from = i + 1;
  const quoted = b[from] === 39;
  if (quoted) from++;
  if (starts(b, from, MARK_START)) return i;
  let end = from;
  while (end < b.length) {
    const c = b[end] ?? 0;
    // `&`, `;`, `,`, quotes, brackets, spaces and whatever is escaped end a value.
    if (c <= 32 || c === 34 || c === 38 || c === 39 || c === 44 || c === 59 || c === 60 || c === 62 || c === 92 || c === 41 || c === 93 || c === 125 || c === 123 || c === 36) break;
    end++;
  }
  // Short values are flags and counts more often than secrets.
  return end - from >= 4 ? cuts.cut(from, end, kind) : i;
}

/** `Bearer …` and `Basic …`. */
function cutScheme(cuts: Cuts, i: number): number {
  const { b } = cuts;
  const from = starts(b, i + 1, 'earer ') ? i + 7 : starts(b, i + 1, 'asic ') ? i + 6 : 0;
  if (from === 0 || !atBoundary(b, i)) return i;
  const end = runEnd(b, from, CREDENTIAL);
  let digits = false;
  for (let p = from; p < end && !digits; p++) digits = isDigit(b[p]);
  return digits && end - from >= 16 ? cuts.cut(from, end, 'credential') : i;
}
