/**
 * Owns reading the meta JSON of a frame by hand, as `encodeMeta` writes it: every entry of a journal has one, and to parse it
 * as any JSON costs as much as all else that is done to file a small message. What is written in any other way (by another
 * version, with letters beyond ASCII, with headers) is left to `JSON.parse`.
 */
import type { Direction, FrameKind, Leg } from '../contract/traffic';
import type { FrameMeta } from './types';

const quote = 34;
const backslash = 92;
const comma = 44;
const bracket = 93;
const begin = Buffer.from(',"k":"frame","leg":"');
const direction = Buffer.from(',"dir":"');
const kind = Buffer.from(',"kind":"');
const session = Buffer.from(',"s":"');
const server = Buffer.from(',"srv":"');
const id = Buffer.from(',"id":"');
const method = Buffer.from(',"method":"');
const forwards = Buffer.from(',"fwd":');
const same = Buffer.from(',"same":true');
const cut = Buffer.from(',"cut":[');
const cause = Buffer.from(',"cause":');
const own = Buffer.from(',"own":true');
const definition = Buffer.from(',"def":"');
const size = Buffer.from(',"size":');
const redacted = Buffer.from(',"red":');

/** What is being read: reading is never interrupted. */
let bytes: Buffer = Buffer.alloc(0);
let at = 0;
/** Something is not as it is usually written. */
let isOdd = false;

/** The meta whose JSON goes on at the comma at `from` and ends with the buffer; `undefined`: parse it. */
export function readFrameMeta(json: Buffer, from: number): FrameMeta | undefined {
  bytes = json;
  at = from;
  isOdd = false;
  if (!follows(begin)) return undefined;
  const meta: FrameMeta = {
    k: 'frame',
    leg: name() as Leg,
    dir: must(direction, name) as Direction,
    kind: must(kind, name) as FrameKind,
    s: must(session, name),
    srv: may(server, name),
    id: may(id, text),
    method: may(method, name),
    fwd: may(forwards, number),
    same: follows(same) ? true : undefined,
    cut: may(cut, pair),
    cause: may(cause, number),
    own: follows(own) ? true : undefined,
    headers: undefined,
    def: may(definition, name),
    size: must(size, number),
    red: may(redacted, number),
  };
  return !isOdd && at === json.length - 1 && json[at] === 125 ? meta : undefined;
}

/** Whether these bytes come next; then they are passed. */
function follows(wanted: Buffer): boolean {
  const { length } = wanted;
  for (let k = 0; k < length; k++) if (bytes[at + k] !== wanted[k]) return false;
  at += length;
  return true;
}

function may<T>(key: Buffer, value: () => T): T | undefined {
  return follows(key) ? value() : undefined;
}

function must<T>(key: Buffer, value: () => T): T {
  if (!follows(key)) isOdd = true;
  return value();
}

function number(): number {
  const first = at;
  let value = 0;
  for (; at < bytes.length; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  // What is longer would not be exact.
  if (at === first || at - first > 15) isOdd = true;
  return value;
}

function pair(): [number, number] {
  const first = number();
  if (bytes[at++] !== comma) isOdd = true;
  const second = number();
  if (bytes[at++] !== bracket) isOdd = true;
  return [first, second];
}

/** Passes the rest of a string with its quotation mark; gives where it ends. */
function endOfText(): number {
  for (let end = at; end < bytes.length; end++) {
    const byte = bytes[end]!;
    if (byte === quote) {
      at = end + 1;
      return end;
    }
    if (byte < 32 || byte > 126 || byte === backslash) break;
  }
  isOdd = true;
  return at;
}

function text(): string {
  const from = at;
  return bytes.toString('latin1', from, endOfText());
}

interface Name {
  readonly bytes: Buffer;
  readonly text: string;
}

/** The same few sessions, servers and methods come again and again: each is one string, however many frames have it. */
const names: (Name | undefined)[] = Array.from({ length: 256 });
const mostNameBytes = 200;

function name(): string {
  const from = at;
  const to = endOfText();
  const length = to - from;
  const place = (length * 31 + bytes[from]! * 7 + bytes[from + (length >> 1)]! * 5 + bytes[to - 1]! * 3) & 255;
  const known = names[place];
  if (known && isSame(known.bytes, from, length)) return known.text;
  const said = bytes.toString('latin1', from, to);
  if (length <= mostNameBytes) names[place] = { bytes: Buffer.from(said, 'latin1'), text: said };
  return said;
}

function isSame(known: Buffer, from: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let k = 0; k < length; k++) if (known[k] !== bytes[from + k]) return false;
  return true;
}
