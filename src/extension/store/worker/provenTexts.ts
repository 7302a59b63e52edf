/**
 * Owns telling which texts on a damaged page are whole all the same: many share a page with what is damaged, and those that are
 * compressed have a checksum of their own. What is stored as a repeat of another (repeats.ts) is told by the message that it is
 * of, which says what it passes on, its id and its size.
 */
import { zstdDecompressSync } from 'node:zlib';
import { tryParseJson } from '../../util/json';
import { cellsAtMost, type PageFile } from './pageFile';
import { kindOf } from './pageKinds';
import { cellsOn, valuesOf } from './pageRows';
import { rows } from './source';
import type { Database } from './sqlEngine';

/** Puts them into table `body`, by their places. Only whole ones: none in parts. */
export function takeProven(db: Database, file: PageFile, damagedPages: Iterable<number>): void {
  for (const number of damagedPages) {
    const page = file.doubtful(number);
    const there = page && cellsOn(page, number, file.usable);
    there?.cells.forEach((cell, index) => {
      if (kindOf(there.isTable, cell) !== 'body') return;
      const place = -(number * cellsAtMost + index);
      const [key, part, enc, bytes, data] = ((record) => (record && valuesOf(record)) ?? [])(file.record(cell));
      if (part !== 0 || !(data instanceof Uint8Array)) return;
      // Of a message that is known, whose text is not, and not changed by redaction.
      const [message] = rows(db, 'SELECT forwards, rpc_id FROM frame WHERE frame = ?1 AND body = ?1 AND redacted = 0 AND bytes = ?2 AND NOT EXISTS (SELECT 1 FROM body b WHERE b.frame = ?1)', [key!, bytes!]);
      if (!message) return;
      const isProven = enc === 1 ? isWhole(data, bytes as number) : enc === 3 && isRepeat(db, file, data, bytes as number, message[0] as number | null, message[1] as string | null);
      if (isProven) db.run('INSERT INTO body VALUES (?, 0, ?, ?, ?)', [key!, enc!, bytes!, place]);
    });
  }
}

function isWhole(data: Uint8Array, bytes: number): boolean {
  return unpacked(data, bytes)?.length === bytes;
}

function unpacked(data: Uint8Array, bytes: number): Buffer | undefined {
  try {
    return zstdDecompressSync(data, { maxOutputLength: Math.max(bytes, 64) });
  } catch {
    return undefined;
  }
}

/** Whether it is what the message passes on, with its own id where the other's stands. */
function isRepeat(db: Database, file: PageFile, form: Uint8Array, bytes: number, forwards: number | null, ownId: string | null): boolean {
  const parsed = tryParseJson(Buffer.from(form).toString('utf8'));
  if (!Array.isArray(parsed)) return false;
  const [first, at, length, id] = parsed as unknown[];
  if (first !== forwards || id !== ownId || typeof id !== 'string' || typeof at !== 'number' || typeof length !== 'number') return false;
  const [other] = rows(db, 'SELECT b.bytes, b.data, f.rpc_id FROM body b JOIN frame f ON f.frame = b.frame WHERE b.frame = ? AND b.part = 0 AND b.enc IN (0, 1)', [forwards as number]);
  const data = other && file.recordAt(other[1] as number);
  if (!other || !(data?.[4] instanceof Uint8Array)) return false;
  const text = data[2] === 1 ? unpacked(data[4], other[0] as number) : Buffer.from(data[4]);
  return text !== undefined && text.length - length + Buffer.byteLength(id) === bytes && text.toString('utf8', at - 5, at + length) === `"id":${String(other[2])}`;
}
