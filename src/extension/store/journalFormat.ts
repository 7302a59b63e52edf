/**
 * Owns the bytes of a journal, for writer and reader alike. The prose is in docs/store.md; in short:
 *
 *   #mcp-shark-journal <version> <crc> {"writer":…,"k":…,…}\n        once, at the start
 *   #<len> <crc of len and meta> <crc of body> <meta json>\n         per entry
 *   <body, len bytes, verbatim>\n
 *
 * Checksums are CRC-32 in eight hex digits, seeded with the file's identity, so that a body that contains the text of a
 * journal can never be taken for entries, not even while a reader looks for its way after damage.
 */
import { crc32 } from 'node:zlib';
import { splice } from '../mcp/spans';
import { readFrameMeta } from './frameHead';
import type { EntryMeta, FrameMeta } from './types';

/** 2: with `cut` (FrameMeta). */
export const journalVersion = 2;

/** No header line is longer; what claims to be is damage. */
export const maxHeadBytes = 1 << 20;

/** Facts about the writer, in the journal's first line. */
export interface JournalHeader {
  readonly version: number;
  readonly writer: string;
  readonly k: number;
  readonly pid: number;
  /** When that process began, as its system counts; ids are used again. Absent where that cannot be asked. */
  readonly birth?: string;
  readonly host: string;
  /** Local socket or named pipe that the writer listens on while it lives. */
  readonly socket: string;
  readonly startedMs: number;
}

/** One entry as it was appended. `body` is a view into the reader's buffer: valid only while the visitor runs. */
export interface JournalEntry {
  readonly n: number;
  /** Unix epoch, milliseconds. */
  readonly timeMs: number;
  /** The writer's monotonic clock, microseconds. */
  readonly us: number;
  /** An event's `data` is in the body, not here; nor does a frame say `cut`, since its body is whole; but see `JournalReader.skipTo`. */
  readonly meta: EntryMeta;
  readonly body: Buffer;
  /** Where the entry's head and body start in the file. */
  readonly offset: number;
  readonly bodyOffset: number;
  /** How the body was put together, where only what differs stands there; absent: all of it does. */
  readonly cut?: JournalCut;
  /** The body's checksum failed, or the body is (made of) another one that is not there whole; `body` is empty. */
  readonly damaged: boolean;
  /** The body is (made of) another one, which whoever gives this entry does not have, though nothing is known to be wrong with it; `body` is empty. */
  readonly isAbsent?: true;
}

/** Bodies from this size on may be kept as what differs from another of that size. */
export const leastCutBytes = 4096;

/** A body that is that of another frame with `length` bytes at `place` replaced by `bytes` others. */
export interface JournalCut {
  readonly from: number;
  readonly place: number;
  readonly length: number;
  readonly bytes: number;
}

/**
 * The entry with its whole body, where its own is what differs from that of frame `fwd`, which is `other`. Damaged where that one
 * is not there, or not what it was.
 */
export function wholeEntry(entry: JournalEntry, other: Buffer | undefined): JournalEntry {
  const { meta, body } = entry;
  if (meta.k !== 'frame' || meta.cut === undefined) return entry;
  const { cut: [place, length], ...rest } = meta;
  if (entry.damaged || !other || place + length > other.length || other.length - length + body.length !== meta.size) return withoutBody(entry, 'damaged');
  const whole = splice(other, [{ span: { start: place, end: place + length }, text: body }]);
  return { ...entry, meta: rest, body: whole, cut: { from: meta.fwd!, place, length, bytes: body.length } };
}

/** The entry when its body, or the one that it is (made of), is not there: it stands for none any more. */
export function withoutBody(entry: JournalEntry, why: 'damaged' | 'absent'): JournalEntry {
  const { same: _ignoredSame, cut: _ignoredCut, ...meta } = entry.meta as FrameMeta;
  return { ...entry, meta, body: Buffer.alloc(0), ...(why === 'damaged' ? { damaged: true } : { isAbsent: true }) };
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Checksums of a journal start from here. */
export const seedOf = (writer: string, k: number): number => crc32(`${writer}-${k}`);

export function headCrc(meta: Uint8Array, length: number, seed: number): number {
  return crc32(meta, (seed ^ length) >>> 0);
}

export function bodyCrc(body: Uint8Array, n: number, seed: number): number {
  return crc32(body, (seed ^ n) >>> 0);
}

const HEX_DIGITS = Buffer.from('0123456789abcdef');

function writeHex(target: Uint8Array, at: number, value: number): void {
  for (let k = at + 7; k >= at; k--) {
    target[k] = HEX_DIGITS[value & 15]!;
    value >>>= 4;
  }
}

/** Writes what stands before the meta JSON in an entry's head line: `prefixLength` bytes from `at` on. */
export function writePrefix(target: Uint8Array, at: number, length: number, head: number, body: number): void {
  target[at] = 35;
  const end = at + prefixLength(length) - 19;
  let rest = length;
  for (let k = end - 1; k > at; k--) {
    target[k] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  target[end] = 32;
  writeHex(target, end + 1, head);
  target[end + 9] = 32;
  writeHex(target, end + 10, body);
  target[end + 18] = 32;
}

/** How long the prefix of an entry with a body of `length` bytes is. */
export function prefixLength(length: number): number {
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits + 20;
}

export function encodeHeader(header: JournalHeader): Buffer {
  const { version, ...facts } = header;
  const json = JSON.stringify(facts);
  return Buffer.from(`#mcp-shark-journal ${version} ${hex(crc32(json))} ${json}\n`);
}

/**
 * The journal's first line. `damaged`: it is there but unreadable, so the file's name has to say whose it is.
 * `incomplete`: nothing but a part of it was written.
 */
export function decodeHeader(start: Buffer): { header: JournalHeader; length: number } | 'damaged' | 'incomplete' {
  const end = start.indexOf(10);
  if (end < 0) return start.length < 4096 ? 'incomplete' : 'damaged';
  const match = /^#mcp-shark-journal (\d{1,6}) ([0-9a-f]{8}) (\{.*\})$/.exec(start.toString('utf8', 0, end));
  if (!match || hex(crc32(match[3]!)) !== match[2]) return 'damaged';
  try {
    const facts = JSON.parse(match[3]!) as Omit<JournalHeader, 'version'>;
    return { header: { ...facts, version: Number(match[1]) }, length: end + 1 };
  } catch {
    return 'damaged';
  }
}

/** Meta JSON by hand: it is written for every frame, and its keys and most of its values are known to be plain. */
export function encodeMeta(n: number, timeMs: number, us: number, meta: EntryMeta): string {
  let out = `{"n":${n},"t":${timeMs},"u":${us}`;
  if (meta.k === 'event') {
    out += `,"k":"event","type":${quote(meta.type)}`;
    if (meta.s !== undefined) out += `,"s":${quote(meta.s)}`;
    if (meta.srv !== undefined) out += `,"srv":${quote(meta.srv)}`;
    return `${out}}`;
  }
  out += routeOf(meta);
  // Ids are new for every request: not worth a place among the remembered quotes.
  if (meta.id !== undefined) out += isWhole(meta.id) ? `,"id":"${meta.id}"` : `,"id":${JSON.stringify(meta.id)}`;
  if (meta.method !== undefined) out += `,"method":${quote(meta.method)}`;
  if (meta.fwd !== undefined) out += `,"fwd":${meta.fwd}`;
  if (meta.same) out += ',"same":true';
  if (meta.cut !== undefined) out += `,"cut":[${meta.cut[0]},${meta.cut[1]}]`;
  if (meta.cause !== undefined) out += `,"cause":${meta.cause}`;
  if (meta.own) out += ',"own":true';
  if (meta.headers !== undefined) out += `,"headers":${JSON.stringify(meta.headers)}`;
  if (meta.def !== undefined) out += `,"def":${quote(meta.def)}`;
  if (meta.name !== undefined) out += `,"name":${JSON.stringify(meta.name)}`;
  out += `,"size":${meta.size}`;
  if (meta.red) out += `,"red":${meta.red}`;
  return `${out}}`;
}

/** The part of a frame's meta that is the same for all frames of a kind on one connection, as it was written last. */
interface Route {
  readonly s: string;
  readonly srv: string | undefined;
  readonly text: string;
}

const routes: Partial<Record<string, Route>>[] = [{}, {}, {}, {}];

function routeOf({ leg, dir, kind, s, srv }: FrameMeta): string {
  const group = routes[(leg === 'upstream' ? 2 : 0) + (dir === 'toClient' ? 1 : 0)]!;
  const known = group[kind];
  if (known && known.s === s && known.srv === srv) return known.text;
  let text = `,"k":"frame","leg":"${leg}","dir":"${dir}","kind":"${kind}","s":${quote(s)}`;
  if (srv !== undefined) text += `,"srv":${quote(srv)}`;
  group[kind] = { s, srv, text };
  return text;
}

/** Digits only: as most ids are, and plain within quotes. */
function isWhole(text: string): boolean {
  for (let k = 0; k < text.length; k++) {
    const c = text.charCodeAt(k);
    if (c < 48 || c > 57) return false;
  }
  return text.length > 0;
}

/** The same few sessions, servers and methods come again and again. */
const quotes = new Map<string, string>();

function quote(text: string): string {
  let quoted = quotes.get(text);
  if (quoted === undefined) {
    quoted = JSON.stringify(text);
    if (quotes.size >= 1000) quotes.clear();
    if (text.length <= 200) quotes.set(text, quoted);
  }
  return quoted;
}

/** While a way past damage is looked for, heads are expected to be no longer: what looks like one may be hostile. */
export const maxSoughtHeadBytes = 16 * 1024;

/** The outcome of looking for an entry at a place. */
export type Parsed =
  | { readonly kind: 'entry'; readonly head: Head; readonly body: Buffer; readonly bodyStart: number; readonly end: number; readonly bodyOk: boolean }
  /** The head is good but the buffer ends within the entry; `need` bytes from its start would hold it. */
  | { readonly kind: 'torn'; readonly need: number }
  /** The buffer ends within what may be a head. */
  | { readonly kind: 'tornHead' }
  | { readonly kind: 'bad' };

export interface Head {
  readonly n: number;
  readonly t: number;
  readonly u: number;
  readonly meta: EntryMeta;
}

/** Looks for an entry at `at`, numbered higher than `afterN`. Offsets in the answer are within `buffer`. */
export function parseEntry(buffer: Buffer, at: number, seed: number, afterN: number, maxHead = maxHeadBytes): Parsed {
  if (at >= buffer.length) return { kind: 'tornHead' };
  if (buffer[at] !== 35) return bad;
  const lineEnd = endOfLine(buffer, at, maxHead);
  if (lineEnd < 0) return buffer.length - at < maxHead ? { kind: 'tornHead' } : bad;
  // "#", up to ten digits, and two checksums: by hand, since it is done for every entry.
  let digits = at + 1;
  let length = 0;
  for (; digits < lineEnd && digits <= at + 10 && isDigit(buffer[digits]!); digits++) length = length * 10 + buffer[digits]! - 48;
  if (digits === at + 1 || buffer[digits] !== 32 || buffer[digits + 9] !== 32 || buffer[digits + 18] !== 32) return bad;
  const metaStart = digits + 19;
  if (metaStart >= lineEnd || buffer[metaStart] !== 123) return bad;
  const metaBytes = buffer.subarray(metaStart, lineEnd);
  if (headCrc(metaBytes, length, seed) !== readHex(buffer, digits + 1)) return bad;
  const head = decodeMeta(metaBytes);
  if (!head || head.n <= afterN) return bad;
  const bodyStart = lineEnd + 1;
  const end = bodyStart + length + 1;
  if (end > buffer.length) return { kind: 'torn', need: end - at };
  const body = buffer.subarray(bodyStart, end - 1);
  const bodyOk = bodyCrc(body, head.n, seed) === readHex(buffer, digits + 10);
  return { kind: 'entry', head, body, bodyStart, end, bodyOk };
}

/** Where the line that begins at `at` ends; -1: not in the buffer, or later than `maxHead` bytes from there. */
function endOfLine(buffer: Buffer, at: number, maxHead: number): number {
  if (maxHead === maxHeadBytes) {
    const end = buffer.indexOf(10, at);
    return end < at + maxHead ? end : -1;
  }
  const length = buffer.subarray(at, at + maxHead).indexOf(10);
  return length < 0 ? -1 : at + length;
}

const bad: Parsed = { kind: 'bad' };

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Eight hex digits in lower case; -1: it is something else. */
function readHex(buffer: Buffer, at: number): number {
  let value = 0;
  for (let k = at; k < at + 8; k++) {
    const byte = buffer[k]!;
    if (isDigit(byte)) value = value * 16 + byte - 48;
    else if (byte >= 97 && byte <= 102) value = value * 16 + byte - 87;
    else return -1;
  }
  return value;
}

/** What every meta JSON begins with: `{"n":…,"t":…,"u":…,`. */
const leads = ['{"n":', ',"t":', ',"u":'].map((lead) => Buffer.from(lead));
const lead: [number, number, number] = [0, 0, 0];

/** Reads the three numbers into `lead`; gives the place of the comma behind them, or -1 where it begins otherwise. */
function readLead(bytes: Buffer): number {
  let at = 0;
  for (let part = 0; part < 3; part++) {
    for (const byte of leads[part]!) if (bytes[at++] !== byte) return -1;
    const first = at;
    let value = 0;
    for (; at < bytes.length && isDigit(bytes[at]!); at++) value = value * 10 + bytes[at]! - 48;
    // No number of ours is longer; what is would not be read exactly.
    if (at === first || at - first > 15) return -1;
    lead[part] = value;
  }
  return bytes[at] === 44 ? at : -1;
}

function decodeMeta(bytes: Buffer): Head | undefined {
  try {
    const comma = readLead(bytes);
    if (comma >= 0) {
      const meta = readFrameMeta(bytes, comma) ?? (JSON.parse(`{${bytes.toString('utf8', comma + 1)}`) as EntryMeta);
      return { n: lead[0], t: lead[1], u: lead[2], meta };
    }
    const { n, t, u, ...meta } = JSON.parse(bytes.toString('utf8')) as { n: number; t: number; u: number } & EntryMeta;
    // An entry whose checksum fits was written by us; kinds of later versions are passed over by who reads them.
    return Number.isSafeInteger(n) ? { n, t, u, meta: meta as EntryMeta } : undefined;
  } catch {
    return undefined;
  }
}
