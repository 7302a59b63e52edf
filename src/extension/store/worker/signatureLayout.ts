/**
 * Owns where things lie in a signature file (signature.ts says what they are), and its checksums. A checksum is the CRC-32 of
 * what stands before it, u32, begun with the place in the file where that begins, so that what stands where another belongs is found,
 * too. The head's is in the head, begun with 0, and of the twelve bytes before it and what is said of the panels.
 */
import { crc32 } from 'node:zlib';
import { buckets, headBytes, magic, magicOfVersion2, magicOfVersion3, mostBytes, panelHeadBytes } from './signature';

export const checkBytes = 4;
/** Of a panel, with one checksum: a few are looked up at a time, each with a read, which costs more than what it reads. */
export const keysInBlock = 512;
export const keyBytes = 8;
/** So much of a bucket is read at once, and has one checksum. A panel's part is at most 16 KB. */
export const unitBytes = 128 * 1024;
/** Place of the head's checksum; 0 stood there in the versions before. */
const headCheckAt = 12;

export interface Panel {
  readonly keysAt: number;
  readonly count: number;
  /** Of one signature. */
  readonly bytes: number;
  readonly bits: number;
  readonly kind: number;
  readonly rowBytes: number;
  /** Where its rows begin: in its unit, or in the file where there are no buckets. */
  readonly rowsAt: number;
  /** Number of its unit in each bucket. */
  readonly unit: number;
}

/** Panels that lie behind each other in each bucket and are read together. */
export interface Unit {
  /** In each bucket. */
  readonly at: number;
  /** Without its checksum. */
  readonly bytes: number;
}

export interface Layout {
  readonly panels: readonly Panel[];
  /** Of each checksum: 0 in the versions that have none. */
  readonly check: number;
  /** `bytes`: of each bucket. Absent: the rows of a panel lie together, bit by bit. */
  readonly buckets?: { readonly at: number; readonly bytes: number; readonly units: readonly Unit[] };
}

/** What is wrong with a signature file; it is not to be used. */
export class SignatureFault extends Error {}

/** Of what begins at this place in the file. */
export function checkOf(place: number, ...parts: readonly Uint8Array[]): Buffer {
  const check = Buffer.allocUnsafe(checkBytes);
  check.writeUInt32LE(parts.reduce((crc, part) => crc32(part, crc), place >>> 0));
  return check;
}

/** The bytes that stand before the checksum. Throws `SignatureFault` where they are not what was written at this place. */
export function checked(bytes: Buffer<ArrayBuffer>, place: number): Buffer<ArrayBuffer> {
  const content = bytes.subarray(0, -checkBytes);
  if (bytes.readUInt32LE(content.length) !== crc32(content, place >>> 0)) throw new SignatureFault(`its bytes from ${place} on are not what was written`);
  return content;
}

/** Puts the checksum into a complete head. */
export function checkHead(head: Buffer): void {
  head.writeUInt32LE(headCheckOf(head), headCheckAt);
}

const headCheckOf = (head: Buffer): number => crc32(head.subarray(headBytes), crc32(head.subarray(0, headCheckAt)));

/** Of so many keys, with their checksums. */
export const keysLength = (count: number, check: number): number => count * keyBytes + Math.ceil(count / keysInBlock) * check;

/** Which panels are read together, by the bytes that each has in a bucket: of each the number of its unit. */
export function unitsOf(partBytes: readonly number[]): number[] {
  let unit = 0;
  let filled = 0;
  return partBytes.map((bytes) => {
    filled += bytes;
    if (filled > unitBytes && filled > bytes) {
      unit++;
      filled = bytes;
    }
    return unit;
  });
}

/** How many panels a file has that begins so; `undefined`: it is of none of the versions that have panels. */
export function panelsIn(start: Buffer): number | undefined {
  return [magic, magicOfVersion3, magicOfVersion2].includes(nameIn(start)) ? start.readUInt32LE(8) : undefined;
}

/** Of a version that this one does not know. */
export const isNewer = (start: Buffer): boolean => /^MCPSSIG[5-9]$/.test(nameIn(start));

const nameIn = (start: Buffer): string => start.toString('latin1', 0, magic.length);

/** `head`: of one of these versions, with all its panels; `size`: of the file. Throws `SignatureFault`. */
export function layoutOf(head: Buffer, size: number): Layout {
  const name = nameIn(head);
  const check = name === magic ? checkBytes : 0;
  // A head of today of which only the version is damaged is none of an older one: those have 0 there.
  if (head.readUInt32LE(headCheckAt) !== (check > 0 ? headCheckOf(head) : 0)) throw new SignatureFault('its head is not what was written');
  const panels: Panel[] = [];
  for (let at = headBytes; at < head.length; at += panelHeadBytes) panels.push(panelOf(head.subarray(at)));
  if (!panels.every((panel) => isWithin(panel, size, check))) throw new SignatureFault('its head is not one');
  if (name === magicOfVersion2) {
    const placed = panels.map((panel) => ({ ...panel, rowsAt: panel.keysAt + keysLength(panel.count, 0) }));
    if (!placed.every(({ rowsAt, bits, rowBytes }) => rowsAt + bits * rowBytes <= size)) throw new SignatureFault('it is cut short');
    return { panels: placed, check };
  }
  const at = panels.reduce((end, { keysAt, count }) => Math.max(end, keysAt + keysLength(count, check)), head.length);
  const { bytes, ...table } = inUnits(panels, check);
  if (at + buckets * bytes > size) throw new SignatureFault('it is cut short');
  return { panels: table.panels, check, buckets: { at, bytes, units: table.units } };
}

function panelOf(head: Buffer): Panel {
  const bytes = head.readUInt32LE(12);
  const count = head.readUInt32LE(8);
  return { keysAt: head.readDoubleLE(0), count, bytes, bits: bytes * 8, kind: head.readUInt32LE(16), rowBytes: Math.ceil(count / 8), rowsAt: 0, unit: 0 };
}

function isWithin({ keysAt, count, bytes }: Panel, size: number, check: number): boolean {
  return Number.isInteger(keysAt) && keysAt >= headBytes && bytes > 0 && bytes <= mostBytes && (bytes & (bytes - 1)) === 0 && keysAt + keysLength(count, check) <= size;
}

/** `bytes`: of a bucket. */
function inUnits(panels: readonly Panel[], check: number): { panels: Panel[]; units: Unit[]; bytes: number } {
  const parts = panels.map((panel) => rowsInBucket(panel.bits) * panel.rowBytes);
  const units: { at: number; bytes: number }[] = [];
  let bytes = 0;
  const numbers = unitsOf(parts);
  const placed = panels.map((panel, index) => {
    const number = numbers[index]!;
    const part = parts[index]!;
    if (part > unitBytes) throw new SignatureFault('its head is not one');
    if (!units[number]) {
      units[number] = { at: bytes, bytes: 0 };
      bytes += check;
    }
    const unit = units[number];
    const rowsAt = unit.bytes;
    unit.bytes += part;
    bytes += part;
    return { ...panel, rowsAt, unit: number };
  });
  return { panels: placed, units, bytes };
}

/** Of a panel with so many bits. */
export const rowsInBucket = (bits: number): number => Math.max(1, bits / buckets);
