/**
 * Owns the checksums of database pages: every page of a file that is made here ends with the CRC-32 of what stands before, begun
 * with the page's number, in four bytes that SQLite leaves to whoever wants them ("reserved space", sqlite.org/fileformat2.html,
 * 1.3.4). A bit that turned over on the disk is found where SQLite sees nothing wrong with it, and so is a page that was never
 * written or stands where another belongs. To SQLite the file is as any other. When another program writes to it, which is its
 * owner's right, that shows in the file's change counter, and checksums say nothing any more.
 */
import { crc32 } from 'node:zlib';

export const pageBytes = 4096;
/** At the end of each page. */
export const checkBytes = 4;
const contentBytes = pageBytes - checkBytes;

/** Places in the first page (fileformat2.html, 1.3). */
const reservedAt = 20;
const counterAt = 24;
const validForAt = 92;
const contentStartAt = 105;
/** "MCPS": the change counter of a file that nobody else has written to. */
const untouched = 0x4d435053;

/** An empty database with room for checksums, made of one without. */
export function withRoomForChecks(empty: Uint8Array): Uint8Array {
  const page = Buffer.from(empty);
  page[reservedAt] = checkBytes;
  page.writeUInt16BE(contentBytes, contentStartAt);
  return page;
}

/** Puts the checksums into the pages of a complete file with room for them; pieces are of whole pages. */
export function* withChecks(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let number = 1;
  for (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (number === 1) for (const at of [counterAt, validForAt]) bytes.writeUInt32BE(untouched, at);
    for (let at = 0; at < bytes.length; at += pageBytes) bytes.writeUInt32BE(checkOf(bytes.subarray(at, at + contentBytes), number++), at + contentBytes);
    yield piece;
  }
}

/** Whether the pages of a file with this beginning have checksums. Who writes to it changes both counters, a flipped bit one of them. */
export function hasChecks(start: Uint8Array): boolean {
  if (start.length < 100) return false;
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  return bytes.readUInt32BE(counterAt) === untouched || bytes.readUInt32BE(validForAt) === untouched;
}

/** Whether another program has written to the file with this beginning, which sets both counters to the same: what checksums there still are say nothing any more. */
export function isRewritten(start: Uint8Array): boolean {
  if (start.length < 100 || hasChecks(start)) return false;
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  return bytes.toString('latin1', 0, 16) === 'SQLite format 3\0' && bytes.readUInt32BE(counterAt) === bytes.readUInt32BE(validForAt);
}

/** Whether a page, numbered from 1, is what was written. */
export function isSound(page: Buffer, number: number): boolean {
  return page.length === pageBytes && page.readUInt32BE(contentBytes) === checkOf(page.subarray(0, contentBytes), number);
}

const checkOf = (content: Buffer, number: number): number => crc32(content, number);
