/**
 * Owns reading rows off single pages of a database file, without SQLite: what a segment says of itself is known before it is opened
 * (segmentFacts.ts), and of a damaged file every sound page is as good as in a whole one (salvage.ts). Whatever the bytes are, it
 * ends, and gives nothing where they are no row. Source: sqlite.org/fileformat2.html, 1.6 and 2.1.
 */
import type { SqlValue } from './sqlEngine';

/** A row on a page: all of it, or its beginning. */
export interface Cell {
  /** Of a table that has one, which its `INTEGER PRIMARY KEY` is, too. */
  readonly rowid: number | undefined;
  /** Of the whole record. */
  readonly bytes: number;
  /** What of the record is on this page. */
  readonly local: Buffer;
  /** Number of the page on which it goes on; 0: it does not. */
  readonly next: number;
}

const tableLeaf = 0x0d;
const indexLeaf = 0x0a;
const indexInner = 0x02;

/** Rows on a page, from 1; `undefined` where it holds none, or its bytes are no rows. `usable`: bytes of a page that SQLite uses. */
export function cellsOn(page: Buffer, number: number, usable: number): { readonly isTable: boolean; readonly cells: Cell[] } | undefined {
  const head = number === 1 ? 100 : 0;
  const type = page[head];
  if (type !== tableLeaf && type !== indexLeaf && type !== indexInner) return undefined;
  const isTable = type === tableLeaf;
  const pointers = head + (type === indexInner ? 12 : 8);
  const count = page.readUInt16BE(head + 3);
  if (pointers + count * 2 > usable) return undefined;
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const cells: Cell[] = [];
  for (let index = 0; index < count; index++) {
    const reader = { at: page.readUInt16BE(pointers + index * 2) + (type === indexInner ? 4 : 0) };
    const bytes = varint(page, reader);
    const rowid = isTable ? varint(page, reader) : undefined;
    let here = bytes;
    if (bytes > most) {
      here = least + ((bytes - least) % (usable - 4));
      if (here > most) here = least;
    }
    const end = reader.at + here;
    if (reader.at < pointers || end + (here < bytes ? 4 : 0) > usable || !Number.isSafeInteger(bytes)) return undefined;
    cells.push({ rowid, bytes, local: page.subarray(reader.at, end), next: here < bytes ? page.readUInt32BE(end) : 0 });
  }
  return { isTable, cells };
}

/** What kinds of values a record has (2.1): 0 NULL, 1 to 6 and 8, 9 whole numbers, 7 a real one, from 12 on bytes, odd ones text. */
export function typesOf(record: Buffer): number[] | undefined {
  const reader = { at: 0 };
  const end = varint(record, reader);
  if (end > record.length || end < 1) return undefined;
  const types: number[] = [];
  while (reader.at < end) types.push(varint(record, reader));
  return reader.at === end ? types : undefined;
}

/** The first values of a record; `undefined` where they are not all there. */
export function valuesOf(record: Buffer, most = Infinity): SqlValue[] | undefined {
  const types = typesOf(record);
  if (!types) return undefined;
  const values: SqlValue[] = [];
  let at = varint(record, { at: 0 });
  for (const type of types.slice(0, most)) {
    const bytes = type >= 12 ? (type - (type % 2 === 0 ? 12 : 13)) / 2 : (numberBytes[type] ?? Infinity);
    if (at + bytes > record.length) return undefined;
    values.push(valueAt(record, type, at, bytes));
    at += bytes;
  }
  return values;
}

/** By kind; 10 and 11 do not occur. */
const numberBytes: readonly (number | undefined)[] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function valueAt(record: Buffer, type: number, at: number, bytes: number): SqlValue {
  if (type >= 12) return type % 2 === 0 ? record.subarray(at, at + bytes) : record.toString('utf8', at, at + bytes);
  if (type === 0) return null;
  if (type >= 8) return type - 8;
  if (type === 7) return record.readDoubleBE(at);
  return bytes === 8 ? Number(record.readBigInt64BE(at)) : record.readIntBE(at, bytes);
}

/** Beyond what is there it reads zeros, so that it ends. */
function varint(bytes: Buffer, reader: { at: number }): number {
  let value = 0;
  for (let count = 0; count < 8; count++) {
    const byte = bytes[reader.at++] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return value;
  }
  return value * 256 + (bytes[reader.at++] ?? 0);
}
