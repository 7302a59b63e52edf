/**
 * Owns reading signature files of the first version: "MCPSSIG1", u32 count, u32 0, then per body f64 key, u32 place and u32
 * length of its bits, then the bits. A key below zero, -1 - f, is that of the previews of calls from frame f on, up to the next such key's.
 */
import { place, type Pieces } from './signature';
import type { Signature, Signatures } from './signatureReader';

const magic = 'MCPSSIG1';
const headBytes = 16;
const recordBytes = 16;

export class Version1 implements Signatures {
  readonly #count: number;

  /** Whether a file of this size that begins so is one. */
  static isOne(start: Buffer, size: number): boolean {
    return start.toString('latin1', 0, magic.length) === magic && start.readUInt32LE(12) === 0 && size >= headBytes + start.readUInt32LE(8) * recordBytes;
  }

  constructor(private readonly bytes: Buffer) {
    this.#count = bytes.readUInt32LE(8);
  }

  candidates(spellings: readonly Pieces[]): number[] {
    const { bytes } = this;
    const found: number[] = [];
    for (let index = 0; index < this.#count; index++) {
      const record = headBytes + index * recordBytes;
      // The sign of a number is in its last byte.
      if ((bytes[record + 7]! & 0x80) !== 0) continue;
      const at = bytes.readUInt32LE(record + 8);
      const count = bytes.readUInt32LE(record + 12) * 8;
      for (const pieces of spellings) {
        if (!hasAll(bytes, at, count, pieces)) continue;
        found.push(bytes.readDoubleLE(record));
        break;
      }
    }
    return found;
  }

  previews(pieces: Pieces): (readonly [number, number])[] | undefined {
    const { bytes } = this;
    const found: [number, number][] = [];
    let isKnown = false;
    let open: [number, number] | undefined;
    for (let index = 0; index < this.#count; index++) {
      const record = headBytes + index * recordBytes;
      if ((bytes[record + 7]! & 0x80) === 0) continue;
      isKnown = true;
      const from = -1 - bytes.readDoubleLE(record);
      if (open) open[1] = from;
      open = undefined;
      if (hasAll(bytes, bytes.readUInt32LE(record + 8), bytes.readUInt32LE(record + 12) * 8, pieces)) found.push((open = [from, Infinity]));
    }
    return isKnown ? found : undefined;
  }

  *all(): Iterable<Signature> {
    const { bytes } = this;
    for (let index = 0; index < this.#count; index++) {
      const record = headBytes + index * recordBytes;
      const at = bytes.readUInt32LE(record + 8);
      if (bytes.readDoubleLE(record) >= 0) yield { key: bytes.readDoubleLE(record), bits: bytes.subarray(at, at + bytes.readUInt32LE(record + 12)) };
    }
  }
}

function hasAll(bytes: Buffer, at: number, count: number, pieces: Pieces): boolean {
  for (const piece of pieces) {
    const bit = place(piece, count);
    if (((bytes[at + (bit >> 3)] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
