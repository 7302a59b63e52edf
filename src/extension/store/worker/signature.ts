/**
 * Owns what the signature of a text is: the set of its three-byte pieces, case of A to Z aside, as bits in a hash table of
 * one function. A text can only stand in a body whose signature has all of the text's pieces, so a search reads few
 * bodies and misses none. The previews in table `call` have signatures, too, of a few calls together.
 *
 * They lie beside a segment in one file (signatureBuilder.ts, signatureLayout.ts, signatureReader.ts); without it every body is
 * read. File: "MCPSSIG4", u32 number of panels, u32 checksum of the head, then per panel f64 place of its keys, u32 signatures, u32
 * bytes of one, u32 kind (0 of bodies, 1 of previews), u32 0; then the keys of each panel, f64, in blocks of 512; then 256 buckets.
 * A panel holds signatures of one size, bit by bit: for each bit of the signatures a row, in which signature `i` is bit `i & 7` of
 * byte `i >> 3`. Bucket `b` holds, panel by panel, the rows of the bits whose last eight binary digits are `b`, ascending; of a
 * panel with fewer bits the one row whose digits are the last of `b`. So all that a file knows about a piece of a text is in one
 * place. All little-endian. The key of a preview is the frame of the first of its calls; it goes up to the next key.
 *
 * What is read at once has a checksum, since a bit that turned over from 1 to 0 would hide a body from every search: each block of
 * keys and each bucket (of big files, each 128 KB of panels in it) ends with one, signatureLayout.ts says of what.
 */

export const magic = 'MCPSSIG4';
/** Before: no checksums, and a u32 0 in the place of the head's. */
export const magicOfVersion3 = 'MCPSSIG3';
/** Before: no buckets either, but the rows of a panel behind its keys, bit by bit. */
export const magicOfVersion2 = 'MCPSSIG2';
export const buckets = 256;
export const headBytes = 16;
export const panelHeadBytes = 24;
export const kinds = { body: 0, preview: 1 } as const;
/** Calls whose previews have one signature, and its size. */
export const previewsTogether = 16;
export const previewBytes = 256;

const leastBytes = 16;
export const mostBytes = 16 * 1024;
/**
 * Half of the table will do as long as no more of its bits are set. What is read for nothing costs more with long bodies, and
 * a denser table saves more with short ones.
 */
const sparse = 0.1;
const sparseOfShort = 0.15;
const shortBytes = 512;

/** Lower case for A to Z, the same for everything else. */
const fold = new Uint8Array(256);
for (let code = 0; code < 256; code++) fold[code] = code >= 65 && code <= 90 ? code + 32 : code;

/** Where a piece is in a table of so many bits, a power of two: in one of half as many it is at the same place of one half. */
export const place = (piece: number, bits: number): number => (Math.imul(piece, 0x9e3779b1) >>> 8) & (bits - 1);

const scratch = new Uint8Array(mostBytes);

/**
 * The signature of a text, in room that the next one takes again. By default as big as its different pieces make it worth
 * while: long texts repeat themselves.
 */
export function signatureOf(text: Uint8Array, bytes?: number): Uint8Array {
  let size = bytes ?? leastBytes;
  if (bytes === undefined) while (size < mostBytes && size < text.length / 2) size *= 2;
  const table = scratch.fill(0, 0, size);
  const bits = size * 8;
  let piece = (fold[text[0]!]! << 8) | fold[text[1]!]!;
  for (let i = 2; i < text.length; i++) {
    piece = ((piece << 8) | fold[text[i]!]!) & 0xffffff;
    const at = place(piece, bits);
    table[at >> 3]! |= 1 << (at & 7);
  }
  if (bytes === undefined) {
    while (size > leastBytes && bitsSet(size) <= (size <= shortBytes ? sparseOfShort : sparse) * size * 8) {
      size /= 2;
      // The two halves, one over the other.
      for (let i = 0; i < size; i++) table[i]! |= table[i + size]!;
    }
  }
  return table.subarray(0, size);
}

const words = new Uint32Array(scratch.buffer);

/** Of the first so many bytes. */
function bitsSet(bytes: number): number {
  let set = 0;
  for (let i = 0; i < bytes / 4; i++) {
    let word = words[i]!;
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    set += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return set;
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
    for (let i = 2; i < bytes.length; i++) pieces.add((fold[bytes[i - 2]!]! << 16) | (fold[bytes[i - 1]!]! << 8) | fold[bytes[i]!]!);
  }
  return pieces.size > 0 ? [...pieces] : undefined;
}

/** Where the row of a bit is among those of its panel when they are taken bucket by bucket. */
function rowInBuckets(bit: number, bits: number): number {
  return bits <= buckets ? bit : (bit % buckets) * (bits / buckets) + Math.floor(bit / buckets);
}

/**
 * Turns a table of bits round: `rows` rows, a multiple of eight, of so many bytes become eight rows for each of those bytes, in
 * the order of the bits or bucket by bucket.
 */
export function turned(table: Uint8Array, rows: number, rowBytes: number, order: 'bits' | 'buckets' = 'bits'): Uint8Array {
  const out = new Uint8Array(rows * rowBytes);
  const outBytes = rows / 8;
  const bits = rowBytes * 8;
  const isBucketed = order === 'buckets' && bits > buckets;
  // Eight bits that follow each other are in buckets that follow each other.
  const step = isBucketed ? (bits / buckets) * outBytes : outBytes;
  for (let group = 0; group < outBytes; group++) {
    for (let column = 0; column < rowBytes; column++) {
      let at = group * 8 * rowBytes + column;
      let low = table[at]!;
      low |= table[(at += rowBytes)]! << 8;
      low |= table[(at += rowBytes)]! << 16;
      low |= table[(at += rowBytes)]! << 24;
      let high = table[(at += rowBytes)]!;
      high |= table[(at += rowBytes)]! << 8;
      high |= table[(at += rowBytes)]! << 16;
      high |= table[(at += rowBytes)]! << 24;
      if ((low | high) === 0) continue;
      // Eight by eight: pairs, then twos, then fours change places.
      let swap = (low ^ (low >>> 7)) & 0x00aa00aa;
      low ^= swap ^ (swap << 7);
      swap = (high ^ (high >>> 7)) & 0x00aa00aa;
      high ^= swap ^ (swap << 7);
      swap = (low ^ (low >>> 14)) & 0x0000cccc;
      low ^= swap ^ (swap << 14);
      swap = (high ^ (high >>> 14)) & 0x0000cccc;
      high ^= swap ^ (swap << 14);
      swap = (low ^ (high << 4)) & 0xf0f0f0f0;
      low ^= swap;
      high ^= swap >>> 4;
      at = (isBucketed ? rowInBuckets(column * 8, bits) : column * 8) * outBytes + group;
      out[at] = low;
      out[(at += step)] = low >>> 8;
      out[(at += step)] = low >>> 16;
      out[(at += step)] = low >>> 24;
      out[(at += step)] = high;
      out[(at += step)] = high >>> 8;
      out[(at += step)] = high >>> 16;
      out[at + step] = high >>> 24;
    }
  }
  return out;
}
