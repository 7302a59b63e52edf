/**
 * Owns the file that holds what the segments of a folder say of themselves, so that a start need not read the first pages of
 * each. It is a cache: it is read once, at the start, and written anew by whoever has read enough that is not in it. Where it is
 * missing, damaged, or another version's, the segments are read, and nothing else is different.
 *
 * Invariant: what is found here is about a file of that name, size and time of change, and no more than believed: Segment
 * compares it with the file before the file is first asked.
 */
import { promises, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isJsonObject, tryParseJson } from '../../util/json';
import { buildingName, segmentIndexName } from '../fileNames';
import { schemaVersion } from './schema';
import type { Particulars } from './segmentFacts';
import { noExtent } from './source';

/** Which file it is, and what it says of itself. */
export interface IndexedSegment {
  readonly name: string;
  readonly bytes: number;
  /** Of its last change, Unix epoch in milliseconds, with what the file system knows of fractions. */
  readonly changedMs: number;
  readonly particulars: Particulars;
}

export const indexVersion = 1;
const title = '#mcp-shark-segments ';
const headPattern = /^#mcp-shark-segments (\d{1,9}) ([0-9a-f]{8})\n/;
const headBytes = 64;
/** Some hundred bytes a segment: what is longer is none of ours. */
const mostBytes = 64 << 20;

/** By file name; nothing where it cannot be read, whatever the reason. */
export function readSegmentIndex(dir: string): ReadonlyMap<string, IndexedSegment> {
  const segments = new Map<string, IndexedSegment>();
  try {
    const path = join(dir, segmentIndexName);
    const file = statSync(path);
    if (!file.isFile() || file.size > mostBytes) return segments;
    const bytes = readFileSync(path);
    const [head, version, sum = ''] = headPattern.exec(bytes.toString('latin1', 0, headBytes)) ?? [];
    if (!head || Number(version) !== indexVersion) return segments;
    const lines = bytes.subarray(head.length);
    if (checkOf(lines) !== sum) return segments;
    for (const line of lines.toString('utf8').split('\n')) {
      const segment = line === '' ? undefined : decode(line);
      if (segment) segments.set(segment.name, segment);
    }
  } catch {
    // None is there, or it may not be read: as good as none.
  }
  return segments;
}

/**
 * Puts it in the place of the one that is there, unless that is a newer version's. It is not synced: its checksum tells when it did not
 * get to the disk. Rejects with I/O errors.
 */
export async function writeSegmentIndex(dir: string, builder: string, segments: readonly IndexedSegment[]): Promise<void> {
  const path = join(dir, segmentIndexName);
  if ((await versionAt(path)) > indexVersion) return;
  const lines = Buffer.from(segments.map(encode).join(''));
  const building = join(dir, buildingName(segmentIndexName, builder));
  try {
    await promises.writeFile(building, Buffer.concat([Buffer.from(`${title}${indexVersion} ${checkOf(lines)}\n`), lines]), { mode: 0o600 });
    await promises.rename(building, path);
  } catch (error) {
    await promises.rm(building, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** 0 where there is none, or none that says so. */
async function versionAt(path: string): Promise<number> {
  try {
    if (!(await promises.stat(path)).isFile()) return 0;
    const file = await promises.open(path, 'r');
    try {
      const { buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return Number(headPattern.exec(buffer.toString('latin1'))?.[1] ?? 0);
    } finally {
      await file.close();
    }
  } catch {
    return 0;
  }
}

const checkOf = (lines: Buffer): string => crc32(lines).toString(16).padStart(8, '0');

function encode({ name, bytes, changedMs, particulars }: IndexedSegment): string {
  const { version, writers, extent, replaces } = particulars;
  const { calls, minMs, maxMs } = extent;
  return `${JSON.stringify({ name, bytes, changedMs, version, writers, calls, ...(calls > 0 ? { minMs, maxMs } : {}), ...(replaces.length > 0 ? { replaces } : {}) })}\n`;
}

/** `undefined` where it says something else than `encode` does, or of a version that is not known here. */
function decode(line: string): IndexedSegment | undefined {
  const said = tryParseJson(line);
  if (!isJsonObject(said)) return undefined;
  const { name, bytes, changedMs, version, writers, calls, minMs, maxMs, replaces = [] } = said;
  if (typeof name !== 'string' || !isNumber(bytes) || !isNumber(changedMs)) return undefined;
  if (!isNumber(version) || version < 1 || version > schemaVersion) return undefined;
  if (!isNames(writers) || !isNames(replaces) || !isNumber(calls)) return undefined;
  if (calls > 0 && !(isNumber(minMs) && isNumber(maxMs))) return undefined;
  const extent = calls > 0 ? { calls, minMs: minMs as number, maxMs: maxMs as number } : noExtent;
  return { name, bytes, changedMs, particulars: { version, writers, extent, replaces } };
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isNames = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');
