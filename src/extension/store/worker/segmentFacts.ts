/**
 * Owns what a segment says of itself, and reading it off its first pages, so that a folder with many segments is known without opening
 * each as a database. Tables `info` and `writer` are made first (schema.ts), so they are there as long as they are small; of
 * a file that looks otherwise nothing is said, and SQLite is asked.
 */
import { checkBytes, pageBytes } from './pageChecks';
import { cellsOn, valuesOf } from './pageRows';
import { applicationId, schemaVersion } from './schema';
import { noExtent, type Extent } from './source';

/** What questions are planned with before a segment is opened as a database. */
export interface Particulars {
  readonly version: number;
  readonly writers: readonly string[];
  readonly extent: Extent;
  /** Names of the segments that it was made of. */
  readonly replaces: readonly string[];
}

export interface SegmentFacts {
  readonly version: number;
  readonly writers: readonly string[];
  /** Table `info`. */
  readonly info: ReadonlyMap<string, string | null>;
}

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
  // Whole, with room for checksums in its pages or not (older files), its texts in UTF-8.
  const isUsual = bytes.readUInt16BE(16) === pageBytes && (bytes[20] === checkBytes || bytes[20] === 0) && bytes.readUInt32BE(56) === 1 && bytes.readUInt32BE(28) * pageBytes === fileBytes;
  if (!isOurs || !isUsual) return undefined;
  const info = rowsOf(bytes, infoPage);
  const writers = rowsOf(bytes, writerPage);
  if (!info || !writers) return undefined;
  const facts = new Map(info.map(([key, value]) => [key ?? '', value ?? null]));
  const names = writers.flatMap(([w, name]) => (w === null && typeof name === 'string' ? name : []));
  const isWhole = facts.has('calls') && facts.has('minMs') && facts.has('maxMs') && names.length === writers.length && names.length > 0;
  return isWhole ? { version: schemaVersion, writers: names, info: facts } : undefined;
}

/** `extent`: counts what older versions have not counted. Throws where what takes the place of others does not say of which. */
export function particularsOf({ version, writers, info }: SegmentFacts, extent: () => Extent): Particulars {
  const replaces = info.get('replaces');
  return { version, writers, extent: version >= 2 ? storedExtent(info) : extent(), replaces: typeof replaces === 'string' ? (JSON.parse(replaces) as string[]) : [] };
}

/** What `finishFileSchema` has counted: to count again would read an index through. */
function storedExtent(info: SegmentFacts['info']): Extent {
  const calls = Number(info.get('calls'));
  return calls > 0 ? { calls, minMs: Number(info.get('minMs')), maxMs: Number(info.get('maxMs')) } : noExtent;
}

/** The rows of a table that is one page, of texts and NULLs; `undefined` where it is otherwise. */
function rowsOf(file: Buffer, number: number): (string | null)[][] | undefined {
  const there = cellsOn(file.subarray((number - 1) * pageBytes, number * pageBytes), number, pageBytes - file[20]!);
  if (!there?.isTable) return undefined;
  const rows: (string | null)[][] = [];
  for (const { local, next } of there.cells) {
    const values = next === 0 ? valuesOf(local) : undefined;
    if (!values?.every((value) => value === null || typeof value === 'string')) return undefined;
    rows.push(values);
  }
  return rows;
}
