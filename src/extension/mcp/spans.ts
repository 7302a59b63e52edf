/**
 * Owns reading JSON where it stands: the byte spans of values inside a frame, and the cutting-in of other values. A frame
 * is never parsed and written again, so unknown keys, number forms, escapes and white space survive. One pass, iterative
 * (no stack overflow on deep nesting), never throws. Strict like JSON.parse with one exception: inside strings longer
 * than `CAREFUL_BYTES` it jumps to the closing quote, so a raw control character or a wrong escape there goes unnoticed.
 */
import { Buffer } from 'node:buffer';
import { CAREFUL_BYTES, skipString } from './strings';

/** Byte range of a JSON value inside a frame; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Replaces the bytes of `span` by `text` (UTF-8). */
export interface Edit {
  readonly span: Span;
  readonly text: string | Buffer;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** A view with Buffer's methods on the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Index of the first byte at or after `i` that is no JSON white space. */
export function skipSpace(b: Buffer, i: number): number {
  for (;;) {
    const c = b[i];
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) i++;
    else return i;
  }
}

function skipDigits(b: Buffer, i: number): number {
  for (;;) {
    const c = b[i];
    if (c !== undefined && c >= 0x30 && c <= 0x39) i++;
    else return i;
  }
}

function skipNumber(b: Buffer, i: number): number {
  if (b[i] === 0x2d) i++;
  if (b[i] === 0x30) i++;
  else {
    const end = skipDigits(b, i);
    if (end === i) return -1;
    i = end;
  }
  if (b[i] === 0x2e) {
    const end = skipDigits(b, i + 1);
    if (end === i + 1) return -1;
    i = end;
  }
  if (b[i] === 0x65 || b[i] === 0x45) {
    i++;
    if (b[i] === 0x2b || b[i] === 0x2d) i++;
    const end = skipDigits(b, i);
    if (end === i) return -1;
    i = end;
  }
  return i;
}

function skipScalar(b: Buffer, i: number): number {
  switch (b[i]) {
    case QUOTE:
      return skipString(b, i);
    case 0x74: // true
      return b[i + 1] === 0x72 && b[i + 2] === 0x75 && b[i + 3] === 0x65 ? i + 4 : -1;
    case 0x66: // false
      return b[i + 1] === 0x61 && b[i + 2] === 0x6c && b[i + 3] === 0x73 && b[i + 4] === 0x65 ? i + 5 : -1;
    case 0x6e: // null
      return b[i + 1] === 0x75 && b[i + 2] === 0x6c && b[i + 3] === 0x6c ? i + 4 : -1;
    default:
      return skipNumber(b, i);
  }
}

/** Index after the JSON value that starts at `i` (no white space before it), or -1 where there is none. */
export function skipValue(b: Buffer, i: number): number {
  const first = b[i];
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipScalar(b, i);
  // The closing bracket each open container waits for; the innermost one is kept in `closer`.
  const outer: number[] = [];
  let closer = first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
  i = skipSpace(b, i + 1);
  let mayClose = true;
  for (;;) {
    if (b[i] === closer && mayClose) {
      i++;
    } else {
      if (closer === CLOSE_OBJECT) {
        if (b[i] !== QUOTE) return -1;
        i = skipString(b, i);
        if (i < 0) return -1;
        i = skipSpace(b, i);
        if (b[i] !== COLON) return -1;
        i = skipSpace(b, i + 1);
      }
      const c = b[i];
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
        outer.push(closer);
        closer = c === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        i = skipSpace(b, i + 1);
        mayClose = true;
        continue;
      }
      i = skipScalar(b, i);
      if (i < 0) return -1;
      i = skipSpace(b, i);
      if (b[i] === COMMA) {
        i = skipSpace(b, i + 1);
        mayClose = false;
        continue;
      }
      if (b[i] !== closer) return -1;
      i++;
    }
    // A container has just closed; close as many as end here, or go on after a comma.
    for (;;) {
      const next = outer.pop();
      if (next === undefined) return i;
      closer = next;
      i = skipSpace(b, i);
      if (b[i] === COMMA) {
        i = skipSpace(b, i + 1);
        mayClose = false;
        break;
      }
      if (b[i] !== closer) return -1;
      i++;
    }
  }
}

/** Told of one member: its key's span with quotes, its value's span. Giving `false` ends the walk. */
export type MemberVisitor = (keyStart: number, keyEnd: number, start: number, end: number) => boolean | void;

/** Finds the end of a member's value, as `skipValue` does, and may look at what it passes. */
export type MemberSkipper = (b: Buffer, start: number, keyStart: number, keyEnd: number) => number;

/**
 * Walks the members of the object that opens at `i`. Gives the index after the object, or -1 where it is no object, is
 * broken, or the visitor ended the walk.
 */
export function walkMembers(b: Buffer, i: number, visit: MemberVisitor, skip: MemberSkipper = skipValue): number {
  if (b[i] !== OPEN_OBJECT) return -1;
  i = skipSpace(b, i + 1);
  if (b[i] === CLOSE_OBJECT) return i + 1;
  for (;;) {
    if (b[i] !== QUOTE) return -1;
    const keyEnd = skipString(b, i);
    if (keyEnd < 0) return -1;
    let start = skipSpace(b, keyEnd);
    if (b[start] !== COLON) return -1;
    start = skipSpace(b, start + 1);
    const end = skip(b, start, i, keyEnd);
    if (end < 0) return -1;
    if (visit(i, keyEnd, start, end) === false) return -1;
    i = skipSpace(b, end);
    if (b[i] === CLOSE_OBJECT) return i + 1;
    if (b[i] !== COMMA) return -1;
    i = skipSpace(b, i + 1);
  }
}

/** Whether a backslash stands from `start` to `end`. Never looks further: what follows may be a megabyte without one. */
function hasEscape(b: Buffer, start: number, end: number): boolean {
  if (end - start > CAREFUL_BYTES) return b.subarray(start, end).includes(BACKSLASH);
  for (let i = start; i < end; i++) if (b[i] === BACKSLASH) return true;
  return false;
}

/** Whether the key (a JSON string with its quotes) is `name` (ASCII), however it is escaped. */
export function keyIs(b: Buffer, keyStart: number, keyEnd: number, name: string): boolean {
  const length = keyEnd - keyStart - 2;
  if (length < name.length) return false;
  if (length === name.length) {
    for (let k = 0; k < length; k++) if (b[keyStart + 1 + k] !== name.charCodeAt(k)) return false;
    return true;
  }
  return hasEscape(b, keyStart, keyEnd) && decodeString(b, { start: keyStart, end: keyEnd }) === name;
}

/** Value of the member `name` of the object at `span`; the last one where the key stands twice, as in JSON.parse. */
export function findMember(b: Buffer, span: Span | undefined, name: string): Span | undefined {
  if (!span) return undefined;
  let found: Span | undefined;
  walkMembers(b, span.start, (keyStart, keyEnd, start, end) => {
    if (keyIs(b, keyStart, keyEnd, name)) found = { start, end };
  });
  return found;
}

/** Follows `path` through nested objects. */
export function findPath(b: Buffer, span: Span | undefined, ...path: readonly string[]): Span | undefined {
  for (const name of path) span = findMember(b, span, name);
  return span;
}

/** Spans of the elements of the array at `span`; empty where it is no array. */
export function elementsOf(b: Buffer, span: Span | undefined): Span[] {
  if (!span || b[span.start] !== OPEN_ARRAY) return [];
  const spans: Span[] = [];
  let i = skipSpace(b, span.start + 1);
  if (b[i] === CLOSE_ARRAY) return spans;
  for (;;) {
    const end = skipValue(b, i);
    if (end < 0) return spans;
    spans.push({ start: i, end });
    i = skipSpace(b, end);
    if (b[i] !== COMMA) return spans;
    i = skipSpace(b, i + 1);
  }
}

/** The raw JSON text at `span`. */
export function rawText(b: Buffer, span: Span): string {
  return b.toString('utf8', span.start, span.end);
}

/** The string value at `span`; `undefined` where there is none or it is no string. */
export function decodeString(b: Buffer, span: Span | undefined): string | undefined {
  if (!span || b[span.start] !== QUOTE) return undefined;
  if (!hasEscape(b, span.start, span.end)) return b.toString('utf8', span.start + 1, span.end - 1);
  try {
    return JSON.parse(rawText(b, span)) as string;
  } catch {
    return undefined;
  }
}

/**
 * One text per JSON value of an id or token, so that ids can be compared however their sender writes them: `"a"` and
 * `"\u0061"` become one, 1 and "1" stay apart, integers beyond 2^53 stay exact.
 */
export function canonicalScalar(b: Buffer, span: Span): string {
  const first = b[span.start]!;
  if (first === QUOTE) {
    if (!hasEscape(b, span.start, span.end)) return rawText(b, span);
    return JSON.stringify(decodeString(b, span) ?? rawText(b, span));
  }
  const raw = b.toString('latin1', span.start, span.end);
  return /^-?\d+$/.test(raw) && raw !== '-0' ? raw : String(Number(raw));
}

/** A copy of `bytes` with the edits made; edits must not overlap. Without edits: `bytes` itself. */
export function splice(bytes: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes;
  const sorted = edits.length === 1 ? edits : [...edits].sort((a, b) => a.span.start - b.span.start);
  let length = bytes.length;
  const texts: Buffer[] = [];
  for (const { span, text } of sorted) {
    const encoded = typeof text === 'string' ? Buffer.from(text) : text;
    texts.push(encoded);
    length += encoded.length - (span.end - span.start);
  }
  const out = Buffer.allocUnsafe(length);
  let from = 0;
  let to = 0;
  sorted.forEach(({ span }, k) => {
    to += bytes.copy(out, to, from, span.start);
    to += texts[k]!.copy(out, to);
    from = span.end;
  });
  bytes.copy(out, to, from);
  return out;
}

/** Where the texts of the edits stand in what `splice` makes, in order. */
export function placesAfter(edits: readonly Edit[]): Span[] {
  let grown = 0;
  return edits
    .toSorted((a, b) => a.span.start - b.span.start)
    .map(({ span, text }) => {
      const length = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
      const start = span.start + grown;
      grown += length - (span.end - span.start);
      return { start, end: start + length };
    });
}
