/**
 * Owns keeping secrets off the disk: what is recorded is a copy in which they are replaced by `[redacted:<kind>]`; what
 * is forwarded is never touched. Replaced are string values under names that announce a secret (also in JSON that is
 * itself a string, as tool results often are), well-known secret formats anywhere, and secrets in headers and URLs.
 *
 * Runs before every frame is passed on: one pass over the bytes, linear whatever they are, nothing allocated where
 * nothing is found. A replacement never crosses a string's end or an escape, so JSON stays JSON.
 */
import { isSecretName, isSecretText } from './secretNames';

export interface Redaction {
  /** The bytes given where nothing was found. */
  readonly bytes: Uint8Array;
  readonly count: number;
}

export interface Redactor {
  body(bytes: Uint8Array): Redaction;
  /** A copy, with names in lower case. */
  headers(headers: Readonly<Record<string, string>>): { readonly headers: Record<string, string>; readonly count: number };
}

export function createRedactor(): Redactor {
  return {
    body: redactBytes,
    headers(headers) {
      let count = 0;
      const out: Record<string, string> = {};
      for (const [name, value] of Object.entries(headers)) {
        const key = name.toLowerCase();
        if (secretHeaders.has(key) || isSecretText(key)) {
          out[key] = '[redacted:header]';
          count++;
          continue;
        }
        const redacted = redactBytes(Buffer.from(value));
        out[key] = redacted.count > 0 ? Buffer.from(redacted.bytes).toString() : value;
        count += redacted.count;
      }
      return { headers: out, count };
    },
  };
}

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'api-key', 'mcp-session-id', 'x-amz-security-token', 'www-authenticate']);

// Classes of bytes. What is `plain` needs no look at all; everything else may open, close or betray something.
const plain = 0;
const quote = 1;
const backslash = 2;
/** A rare byte of a secret format's unmistakable beginning: `ghp_`, `sk-`, `AKI`, `AIz`, `eyJ`, `://u:p@`, `token=`, `Bearer `. */
const underscore = 3;
const hyphen = 4;
const upperI = 5;
const lowerZ = 6;
const upperJ = 7;
const at = 8;
const equals = 9;
const letterB = 10;

const classOf = new Uint8Array(256);
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

const word = 1;
const tokenChar = 2;
/** Characters of words (1), of base64url-like tokens (2: also `-` and `_`), of wider credentials (4: also `.+/=~`). */
const charSet = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) charSet[code] = word | tokenChar | 4;
  else if (/[-_]/.test(char)) charSet[code] = tokenChar | 4;
  else if (/[.+/=~]/.test(char)) charSet[code] = 4;
}

/** From here on it pays off to look at two bytes at a time. */
const pairwiseFrom = 256;

/**
 * Whether anything of two neighbours needs a look. Exact where the neighbour settles it: of `_` and what stands before it,
 * or of `I` and what follows, most pairs cannot be part of a secret's beginning. The other neighbour is not known.
 */
const hotPairs = new Uint8Array(65_536);
{
  const bytes = new Uint8Array(2);
  const pair = new Uint16Array(bytes.buffer);
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      bytes[0] = first;
      bytes[1] = second;
      hotPairs[pair[0]!] = mayBegin(first, second) || mayEnd(first, second) ? 1 : 0;
    }
  }
}

/** Whether the first of two bytes may matter, whatever stands before it. */
function mayBegin(first: number, second: number): boolean {
  switch (classOf[first]) {
    case plain:
      return false;
    case underscore:
    case hyphen:
    case upperJ:
      // What these announce goes on with at least ten more of its characters.
      return isIn(second, tokenChar);
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

/** Whether the second of two bytes may matter, whatever follows; as in `secretEnd`. */
function mayEnd(first: number, second: number): boolean {
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
      return isIn(first, tokenChar);
    default:
      return true;
  }
}

class Scan {
  /** Start, end and kind of what is to be replaced, in order. */
  readonly cuts: { start: number; end: number; kind: string }[] = [];
  /** Behind what was cut already. */
  covered = 0;
  /** No JWT begins before this place: the run of characters up to it is none. */
  noJwtBefore = 0;

  constructor(readonly b: Uint8Array) {}

  cut(start: number, end: number, kind: string): number {
    if (end <= start || start < this.covered) return Math.max(end, start);
    this.cuts.push({ start, end, kind });
    this.covered = end;
    return end;
  }
}

function redactBytes(b: Uint8Array): Redaction {
  let scan: Scan | undefined;
  const length = b.length;
  /** Start of the string the scan is in, behind its quote; -1 outside. */
  let stringStart = -1;
  /** Behind the last `\"` in this string: there JSON within a string may have a name or value. */
  let nestedStart = -1;
  // Two bytes at a time have to start at an even address.
  const odd = b.byteOffset & 1;
  const pairs = length < pairwiseFrom ? undefined : new Uint16Array(b.buffer, b.byteOffset + odd, (length - odd) >> 1);
  for (let i = 0; i < length; i++) {
    if (pairs && ((i ^ odd) & 1) === 0) {
      i = nextHot(pairs, (i - odd) >> 1) * 2 + odd;
      if (i >= length) break;
    }
    const cls = classOf[b[i]!];
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
      let next = i + 1;
      while (isSpace(b[next])) next++;
      if (b[next] !== 58 || !isSecretName(b, start, i)) continue;
      scan ??= new Scan(b);
      i = cutValues(scan, next + 1, quotePlain) - 1;
      continue;
    }
    if (cls === backslash) {
      if (stringStart < 0) continue;
      if (b[i + 1] !== 34) {
        // The other byte of an escape is neither a quote nor a beginning. `\\"` deeper down belongs to what is escaped twice.
        if (b[i + 1] === 92 && b[i + 2] === 92 && b[i + 3] === 34) i += 3;
        else i++;
        continue;
      }
      const start = nestedStart;
      nestedStart = i + 2;
      i++;
      if (start < 0) continue;
      let next = i + 1;
      next = skipEscapedSpace(b, next);
      if (b[next] !== 58 || !isSecretName(b, start, i - 1)) continue;
      scan ??= new Scan(b);
      i = cutValues(scan, next + 1, quoteEscaped) - 1;
      nestedStart = -1;
      continue;
    }
    const end = secretEnd(b, i, cls, scan);
    if (end === 0) continue;
    scan ??= new Scan(b);
    const found = locate(scan, i, cls);
    if (found > i) i = found - 1;
  }
  if (!scan || scan.cuts.length === 0) return { bytes: b, count: 0 };
  return { bytes: apply(scan), count: scan.cuts.length };
}

/** The next pair at or after `k` that needs a look; else how many there are. */
function nextHot(pairs: Uint16Array, k: number): number {
  const count = pairs.length;
  while (k < count && hotPairs[pairs[k]!] === 0) k++;
  return k;
}

type Quoting = 'plain' | 'escaped';
const quotePlain: Quoting = 'plain';
const quoteEscaped: Quoting = 'escaped';

/** Cuts the string, or the strings of the array, that stands at `from`; gives where to go on scanning. */
function cutValues(scan: Scan, from: number, quoting: Quoting): number {
  const { b } = scan;
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
    if (start < 0) return i;
    const end = closingQuote(b, start, quoting);
    if (end < 0) {
      // Torn or no JSON: rather too much than a secret.
      return scan.cut(start, quoting === 'escaped' ? endOfString(b, start) : b.length, 'value');
    }
    if (end > start) scan.cut(start, end, 'value');
    i = end + (quoting === 'escaped' ? 2 : 1);
    if (!list) return i;
    i = skip(i);
    if (b[i] !== 44) return i;
    i = skip(i + 1);
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

/** A cheap look whether something may end here; 0: certainly not. */
function secretEnd(b: Uint8Array, i: number, cls: number | undefined, scan: Scan | undefined): number {
  const p = b[i - 1] ?? 0;
  switch (cls) {
    case underscore:
      // gh?_, github_pat_, npm_, sk_live_, rk_live_, hf_
      return (p >= 111 && p <= 117) || p === 101 || p === 109 || p === 116 || p === 107 || p === 102 ? 1 : 0;
    case hyphen:
      // sk-, xox?-, glpat-, -----
      return p === 107 || p === 116 || p === 45 || (p >= 97 && p <= 115 && i > 3 && b[i - 2] === 120 && b[i - 3] === 111) ? 1 : 0;
    case upperI:
      return (p === 75 || p === 83) && b[i - 2] === 65 ? 1 : 0;
    case lowerZ:
      return p === 73 && b[i - 2] === 65 ? 1 : 0;
    case upperJ:
      return p === 121 && b[i - 2] === 101 && !(scan && i < scan.noJwtBefore) ? 1 : 0;
    case at:
      return 1;
    case equals:
      return isIn(p, tokenChar) ? 1 : 0;
    case letterB:
      return (b[i + 6] === 32 && b[i + 1] === 101 && b[i + 2] === 97) || (b[i + 5] === 32 && b[i + 1] === 97 && b[i + 2] === 115) ? 1 : 0;
    default:
      return 0;
  }
}

/** Looks closely at what `secretEnd` pointed out, cuts it where it is a secret, and gives where to go on. */
function locate(scan: Scan, i: number, cls: number | undefined): number {
  const { b } = scan;
  switch (cls) {
    case underscore: {
      if (b[i - 3] === 103 && b[i - 2] === 104) return cutRun(scan, i - 3, i + 1, 20, 'github-token');
      if (ends(b, i, 'github_pat')) return cutRun(scan, i - 10, i + 1, 20, 'github-token');
      if (ends(b, i, 'npm')) return cutRun(scan, i - 3, i + 1, 20, 'npm-token');
      if (ends(b, i, 'hf')) return cutRun(scan, i - 2, i + 1, 30, 'huggingface-token');
      if (ends(b, i, 'sk_live') || ends(b, i, 'rk_live') || ends(b, i, 'sk_test')) return cutRun(scan, i - 7, i + 1, 16, 'stripe-key');
      return i;
    }
    case hyphen: {
      if (b[i - 1] === 45) return cutPem(scan, i);
      if (ends(b, i, 'sk')) return cutRun(scan, i - 2, i + 1, 20, starts(b, i + 1, 'ant-') ? 'anthropic-key' : 'openai-key');
      if (ends(b, i, 'glpat')) return cutRun(scan, i - 5, i + 1, 20, 'gitlab-token');
      if (b[i - 4] === 120 && b[i - 3] === 111 && b[i - 2] === 120) return cutRun(scan, i - 4, i + 1, 10, 'slack-token');
      return i;
    }
    case upperI: {
      // AKIA, ASIA and sixteen more.
      if (b[i + 1] !== 65 || !atBoundary(b, i - 2)) return i;
      let end = i + 2;
      while (isUpperOrDigit(b[end])) end++;
      return end - (i - 2) === 20 && !isIn(b[end], word) ? scan.cut(i - 2, end, 'aws-key-id') : i;
    }
    case lowerZ:
      return b[i + 1] === 97 ? cutRun(scan, i - 2, i + 2, 30, 'google-key') : i;
    case upperJ:
      return cutJwt(scan, i - 2);
    case at:
      return cutUrlPassword(scan, i);
    case equals:
      return cutAssigned(scan, i);
    case letterB:
      return cutScheme(scan, i);
    default:
      return i;
  }
}

/** Cuts a token that begins at `start` and whose variable part, from `from`, is at least `least` long. */
function cutRun(scan: Scan, start: number, from: number, least: number, kind: string): number {
  const { b } = scan;
  if (start < 0 || !atBoundary(b, start)) return from - 1;
  const end = runEnd(b, from, tokenChar);
  return end - from >= least ? scan.cut(start, end, kind) : from - 1;
}

function cutJwt(scan: Scan, start: number): number {
  const { b } = scan;
  const here = start + 2;
  if (!atBoundary(b, start)) return here;
  const header = runEnd(b, start, tokenChar);
  if (b[header] !== 46 || header - start < 10) {
    scan.noJwtBefore = header;
    return here;
  }
  const payload = runEnd(b, header + 1, tokenChar);
  if (payload - header < 8 || b[payload] !== 46) {
    scan.noJwtBefore = header;
    return here;
  }
  return scan.cut(start, runEnd(b, payload + 1, tokenChar), 'jwt');
}

/** `-----BEGIN … PRIVATE KEY-----` up to its end line, or to the end of the string where it has none. */
function cutPem(scan: Scan, i: number): number {
  const { b } = scan;
  if (!ends(b, i + 1, '-----') || !starts(b, i + 1, 'BEGIN ')) return i;
  let at = i + 7;
  const limit = Math.min(b.length, at + 40);
  while (at < limit && isLabel(b[at])) at++;
  if (!ends(b, at, 'PRIVATE KEY') && !ends(b, at, 'PRIVATE KEY BLOCK')) return i;
  const start = i - 4;
  for (let end = at; end < b.length; end++) {
    if (b[end] === 34) return scan.cut(start, end, 'private-key');
    // An escape is left whole: its other byte may be a quote.
    if (b[end] === 92) end++;
    else if (b[end] === 69 && starts(b, end, 'END ') && ends(b, end, '-----')) {
      let close = end + 4;
      const closeLimit = Math.min(b.length, close + 40);
      while (close < closeLimit && isLabel(b[close])) close++;
      if (b[close] !== 45) continue;
      while (close < b.length && b[close] === 45) close++;
      return scan.cut(start, close, 'private-key');
    }
  }
  return scan.cut(start, b.length, 'private-key');
}

const longestUserInfo = 256;

/** The password in `scheme://user:password@host`. */
function cutUrlPassword(scan: Scan, i: number): number {
  const { b } = scan;
  let colon = -1;
  for (let p = i - 1; p > 1 && i - p < longestUserInfo; p--) {
    const c = b[p] ?? 0;
    if (c === 58) colon = p;
    else if (c === 47) {
      if (b[p - 1] === 47 && b[p - 2] === 58 && colon > p && colon + 1 < i) scan.cut(colon + 1, i, 'url-password');
      return i;
    } else if (c === 64 || c === 34 || c === 92 || c <= 32 || c === 60 || c === 62) return i;
  }
  return i;
}

/** The value in `token=value` of a URL or a command line. */
function cutAssigned(scan: Scan, i: number): number {
  const { b } = scan;
  let start = i;
  while (i - start < 64 && isIn(b[start - 1], tokenChar)) start--;
  if (escapes(b, start)) start++;
  if (!isSecretName(b, start, i)) return i;
  let from = i + 1;
  const quoted = b[from] === 39;
  if (quoted) from++;
  let end = from;
  while (end < b.length) {
    const c = b[end] ?? 0;
    // `&`, `;`, `,`, quotes, brackets, spaces and whatever is escaped end a value.
    if (c <= 32 || c === 34 || c === 38 || c === 39 || c === 44 || c === 59 || c === 60 || c === 62 || c === 92 || c === 41 || c === 93 || c === 125 || c === 123 || c === 36) break;
    end++;
  }
  // Short values are flags and counts more often than secrets.
  return end - from >= 4 ? scan.cut(from, end, 'value') : i;
}

/** `Bearer …` and `Basic …`. */
function cutScheme(scan: Scan, i: number): number {
  const { b } = scan;
  const from = starts(b, i + 1, 'earer ') ? i + 7 : starts(b, i + 1, 'asic ') ? i + 6 : 0;
  if (from === 0 || !atBoundary(b, i)) return i;
  const end = runEnd(b, from, 4);
  let digits = false;
  for (let p = from; p < end && !digits; p++) digits = isDigit(b[p]);
  return digits && end - from >= 16 ? scan.cut(from, end, 'credential') : i;
}

function apply({ b, cuts }: Scan): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, kind } of cuts) {
    parts.push(b.subarray(from, start), Buffer.from(`[redacted:${kind}]`));
    from = end;
  }
  parts.push(b.subarray(from));
  return Buffer.concat(parts);
}

/** Outside the bytes there is nothing: `undefined` is in no set. */
function isIn(code: number | undefined, set: number): boolean {
  return code !== undefined && ((charSet[code] ?? 0) & set) !== 0;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 48 && code <= 57;
}

/** What stands between the dashes of a PEM line; nothing that could end a string. */
function isLabel(code: number | undefined): boolean {
  return code === 32 || isUpperOrDigit(code);
}

function isUpperOrDigit(code: number | undefined): boolean {
  return isDigit(code) || (code !== undefined && code >= 65 && code <= 90);
}

function runEnd(b: Uint8Array, from: number, set: number): number {
  let end = from;
  while (isIn(b[end], set)) end++;
  return end;
}

/** A token starts after anything that is no letter or digit, and after an escape such as `\n`. */
function atBoundary(b: Uint8Array, start: number): boolean {
  return start <= 0 || !isIn(b[start - 1], word) || escapes(b, start - 1) || (start > 5 && b[start - 6] === 92 && b[start - 5] === 117);
}

/** Whether the byte is the letter of an escape: `\n`, `\t`, `\r`, `\b`, `\f`. */
function escapes(b: Uint8Array, i: number): boolean {
  if (i < 1 || b[i - 1] !== 92) return false;
  const c = b[i];
  return c === 110 || c === 116 || c === 114 || c === 98 || c === 102;
}

function ends(b: Uint8Array, end: number, text: string): boolean {
  return end >= text.length && starts(b, end - text.length, text);
}

function starts(b: Uint8Array, from: number, text: string): boolean {
  for (let k = 0; k < text.length; k++) if (b[from + k] !== text.charCodeAt(k)) return false;
  return true;
}

function isSpace(code: number | undefined): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Blanks within a string that holds JSON: spaces, and `\n`, `\r`, `\t` as escapes. */
function skipEscapedSpace(b: Uint8Array, i: number): number {
  for (;;) {
    if (b[i] === 32) i++;
    else if (b[i] === 92 && (b[i + 1] === 110 || b[i + 1] === 114 || b[i + 1] === 116)) i += 2;
    else return i;
  }
}
