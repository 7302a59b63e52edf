/**
 * Owns the signatures of recorded bodies: for each body the set of its three-byte pieces, case of A to Z aside, as bits in
 * a hash table of one function. A text can only stand in a body whose signature has all of the text's pieces, so a
 * search reads few bodies and misses none. The previews in table `call` have signatures, too, of a few calls together.
 * They lie beside a segment in one file; without it every body is read.
 *
 * File: "MCPSSIG1", u32 count, u32 0, then per body f64 key, u32 place, u32 length (of its bits), then the bits.
 * A key below zero, -1 - f, is that of the previews of calls from frame f on, up to the next such key's.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Database } from './sqlEngine';

const magic = 'MCPSSIG1';
const headBytes = 16;
const recordBytes = 16;
const leastBytes = 32;
const mostBytes = 16 * 1024;
const previewsTogether = 16;
const previewBytes = 256;

/** Lower case for A to Z, the same for everything else. */
const fold = new Uint8Array(256);
for (let code = 0; code < 256; code++) fold[code] = code >= 65 && code <= 90 ? code + 32 : code;

/** A power of two: long bodies repeat themselves, so a sixteenth of the length is plenty, up to the most that is spent. */
function sizeFor(length: number): number {
  let size = leastBytes;
  while (size < mostBytes && size < length / 16) size *= 2;
  return size;
}

const place = (piece: number, bits: number): number => (Math.imul(piece, 0x9e3779b1) >>> 8) & (bits - 1);

/** Collects the signatures of a segment while it is built. */
export class SignatureBuilder {
  readonly #signatures: { readonly key: number; readonly bits: Uint8Array }[] = [];

  add(key: number, body: Uint8Array, bytes = sizeFor(body.length)): void {
    const bits = new Uint8Array(bytes);
    const count = bits.length * 8;
    let piece = ((fold[body[0] ?? 0] ?? 0) << 8) | (fold[body[1] ?? 0] ?? 0);
    for (let i = 2; i < body.length; i++) {
      piece = ((piece << 8) | (fold[body[i] ?? 0] ?? 0)) & 0xffffff;
      const at = place(piece, count);
      bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
    }
    this.addBits(key, bits);
  }

  /** Previews of the calls of a file whose tables are complete. */
  addPreviews(db: Database): void {
    const select = db.prepare('SELECT frame, detail FROM call ORDER BY frame, part');
    let from = -1;
    let calls = 0;
    let texts: string[] = [];
    const end = (): void => {
      if (calls > 0) this.add(-1 - from, Buffer.from(texts.join('\n')), previewBytes);
      calls = 0;
      texts = [];
    };
    while (select.step()) {
      const [frame, detail] = select.get() as [number, string | null];
      // Calls of one frame stay together.
      if (calls >= previewsTogether && frame !== from) end();
      if (calls++ === 0) from = frame;
      if (detail !== null) texts.push(detail);
    }
    select.free();
    end();
  }

  /** Takes over a signature made before. */
  addBits(key: number, bits: Uint8Array): void {
    this.#signatures.push({ key, bits });
  }

  /** The bytes of the file. */
  finish(): Buffer {
    const count = this.#signatures.length;
    let at = headBytes + count * recordBytes;
    const out = Buffer.alloc(this.#signatures.reduce((sum, { bits }) => sum + bits.length, at));
    out.write(magic, 0, 'latin1');
    out.writeUInt32LE(count, 8);
    this.#signatures.forEach(({ key, bits }, index) => {
      const record = headBytes + index * recordBytes;
      out.writeDoubleLE(key, record);
      out.writeUInt32LE(at, record + 8);
      out.writeUInt32LE(bits.length, record + 12);
      out.set(bits, at);
      at += bits.length;
    });
    return out;
  }
}

/** What a text needs: the pieces of one of its spellings, all of them. */
export type Pieces = readonly number[];

/** `undefined`: the text is too short to have pieces, so every body may hold it. */
export function piecesOf(texts: readonly string[]): Pieces | undefined {
  const pieces = new Set<number>();
  for (const text of texts) {
    const bytes = Buffer.from(text);
    // The replacement character stands for bytes that are no UTF-8, which a body may hold in any form.
    if (bytes.includes('\ufffd')) return undefined;
    for (let i = 2; i < bytes.length; i++) pieces.add(((fold[bytes[i - 2] ?? 0] ?? 0) << 16) | ((fold[bytes[i - 1] ?? 0] ?? 0) << 8) | (fold[bytes[i] ?? 0] ?? 0));
  }
  return pieces.size > 0 ? [...pieces] : undefined;
}

let scratch = Buffer.alloc(0);

/** The bytes of a file, in room that is used again for the next one: new room costs more than the reading. */
function readIntoScratch(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size);
    let done = 0;
    for (let got = -1; got !== 0 && done < size; done += got) got = readSync(fd, scratch, done, size - done, done);
    return scratch.subarray(0, done);
  } finally {
    closeSync(fd);
  }
}

/**
 * Reads a signature file; `undefined` where there is none or it is damaged. `passing`: what it gives holds only until the
 * next one is read so.
 */
export function readSignatures(path: string, passing = false): Signatures | undefined {
  try {
    const bytes = passing ? readIntoScratch(path) : readFileSync(path);
    return bytes.toString('latin1', 0, 8) === magic && bytes.length >= headBytes + bytes.readUInt32LE(8) * recordBytes ? new Signatures(bytes) : undefined;
  } catch {
    return undefined;
  }
}

export class Signatures {
  readonly #count: number;

  constructor(private readonly bytes: Buffer) {
    this.#count = bytes.readUInt32LE(8);
  }

  /** Keys of bodies that may hold one of the spellings. */
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

  /** Where the previews lie that may hold the text: frames from, and up to but without; `undefined` where nobody knows. */
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

  /** Every body's signature, for putting files together. */
  *all(): Iterable<{ key: number; bits: Uint8Array }> {
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
