/**
 * Owns reading what a segment says of itself off its first pages, so that a folder with many segments is known without opening
 * each as a database. Tables `info` and `writer` are made first (schema.ts), so they are there as long as they are small; of
 * a file that looks otherwise nothing is said, and SQLite is asked.
 */
import { applicationId, schemaVersion } from './schema';

export interface SegmentFacts {
  readonly version: number;
  readonly writers: readonly string[];
  /** Table `info`. */
  readonly info: ReadonlyMap<string, string | null>;
}

const pageBytes = 4096;
/** Root pages of the two tables; the one between is an index. */
const infoPage = 2;
const writerPage = 4;
/** What has to be read of a file, from its beginning. */
export const factsBytes = writerPage * pageBytes;

/** `undefined`: nobody knows. `fileBytes`: of the whole file. Sources: sqlite.org/fileformat2.html, 1.3 and 1.6. */
export function factsIn(start: Uint8Array, fileBytes: number): SegmentFacts | undefined {
  if (start.length < factsBytes) return undefined;
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  const isOurs = bytes.toString('latin1', 0, 16) === 'SQLite format 3\0' && bytes.readUInt32BE(68) === applicationId && bytes.readUInt32BE(60) === schemaVersion;
  // Whole, of pages without a reserve, its texts in UTF-8.
  const isUsual = bytes.readUInt16BE(16) === pageBytes && bytes[20] === 0 && bytes.readUInt32BE(56) === 1 && bytes.readUInt32BE(28) * pageBytes === fileBytes;
  if (!isOurs || !isUsual) return undefined;
  const info = rowsOf(bytes, infoPage);
  const writers = rowsOf(bytes, writerPage);
  if (!info || !writers) return undefined;
  const facts = new Map(info.map(([key, value]) => [key ?? '', value ?? null]));
  const names = writers.flatMap(([w, name]) => (w === null && typeof name === 'string' ? name : []));
  const isWhole = facts.has('calls') && facts.has('minMs') && facts.has('maxMs') && names.length === writers.length && names.length > 0;
  return isWhole ? { version: schemaVersion, writers: names, info: facts } : undefined;
}

/** The rows of a table that is one page, of texts and NULLs; `undefined` where it is otherwise. */
function rowsOf(file: Buffer, number: number): (string | null)[][] | undefined {
  const page = file.subarray((number - 1) * pageBytes, number * pageBytes);
  if (page[0] !== leafOfTable) return undefined;
  const rows: (string | null)[][] = [];
  const count = page.readUInt16BE(3);
  if (8 + count * 2 > pageBytes) return undefined;
  for (let index = 0; index < count; index++) {
    const row = rowAt(page, page.readUInt16BE(8 + index * 2));
    if (!row) return undefined;
    rows.push(row);
  }
  return rows;
}

const leafOfTable = 0x0d;

function rowAt(page: Buffer, at: number): (string | null)[] | undefined {
  const reader = { at };
  const length = varint(page, reader);
  varint(page, reader);
  const from = reader.at;
  // Longer ones go on in other pages.
  if (length > pageBytes - 35 || from + length > pageBytes) return undefined;
  const headEnd = from + varint(page, reader);
  if (headEnd > from + length) return undefined;
  const row: (string | null)[] = [];
  for (let value = headEnd; reader.at < headEnd; ) {
    const type = varint(page, reader);
    if (type !== 0 && (type < 13 || type % 2 === 0)) return undefined;
    const bytes = type === 0 ? 0 : (type - 13) / 2;
    if (value + bytes > from + length) return undefined;
    row.push(type === 0 ? null : page.toString('utf8', value, value + bytes));
    value += bytes;
  }
  return row;
}

/** Big ones are of no use here: what does not fit into a page is not read. */
function varint(page: Buffer, reader: { at: number }): number {
  let value = 0;
  for (let count = 0; count < 9; count++) {
    const byte = page[reader.at++] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
  }
  return value;
}
