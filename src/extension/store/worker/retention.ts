/**
 * Owns the end of history: the oldest sealed segments go when the folder is too big, or when all they hold is too old.
 * Journals are never touched, whoever's they are, nor the segment before a journal, which holds what that one goes on
 * with. Files that are damaged, or of a newer version, are left alone, too, though they count.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../util/errors';
import { signaturesName, type StoreFile } from '../fileNames';
import { lockFolder, removeSegments, unlockFolder } from './merger';
import { isDiskFault, Segment } from './segment';
import type { SqlEngine } from './sqlEngine';

export interface RetentionLimits {
  /** Most bytes of journals, segments and what lies beside them; 0: no limit. */
  readonly maxBytes: number;
  /** Segments with nothing younger than this go, milliseconds; 0: no limit. */
  readonly maxAgeMs: number;
}

/** What was removed, for the event that says so. */
export interface RetentionReport {
  readonly segments: number;
  readonly calls: number;
  readonly bytes: number;
  /** Times of the oldest and the newest call that went; absent where there was none. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** How many segments were too old; the others went because of the size. */
  readonly tooOld: number;
}

export interface RetentionOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  readonly me: string;
  readonly nowMs: number;
  readonly limits: RetentionLimits;
  readonly files: () => readonly StoreFile[];
  readonly warn: (message: string) => void;
}

interface Candidate {
  readonly name: string;
  readonly bytes: number;
  readonly calls: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Time of the newest thing in it, call or not. */
  readonly newestMs: number;
  readonly replaces: readonly string[];
}

/** Removes what is beyond the limits, oldest first. Throws I/O errors of the folder; a file that stays is tried again next time. */
export async function applyRetention(options: RetentionOptions): Promise<RetentionReport> {
  const { dir, me, limits } = options;
  const nothing: RetentionReport = { segments: 0, calls: 0, bytes: 0, tooOld: 0 };
  if (limits.maxBytes <= 0 && limits.maxAgeMs <= 0) return nothing;
  // One window at a time, and never while another puts together what is to go. Whoever has the lock leaves it for later.
  if (!(await lockFolder(dir, me))) return nothing;
  try {
    return remove(options, nothing);
  } finally {
    unlockFolder(dir);
  }
}

function remove(options: RetentionOptions, nothing: RetentionReport): RetentionReport {
  const { dir, nowMs, limits, warn } = options;
  const files = options.files();
  let total = files.reduce((sum, { name }) => sum + sizeOf(join(dir, name)), 0);
  if (limits.maxAgeMs <= 0 && total <= limits.maxBytes) return nothing;
  let report = nothing;
  for (const candidate of candidatesOf(options, files)) {
    const tooOld = limits.maxAgeMs > 0 && candidate.newestMs < nowMs - limits.maxAgeMs;
    const tooMuch = limits.maxBytes > 0 && total > limits.maxBytes;
    if (!tooOld && !tooMuch) continue;
    // Also where it cannot be removed: nothing younger goes in its place.
    total -= candidate.bytes;
    try {
      // Files it took the place of would come back to life without it.
      removeSegments(dir, candidate.replaces);
      // Without `force`: what somebody else removed is not counted.
      rmSync(join(dir, candidate.name));
      report = added(report, candidate, tooOld);
      rmSync(join(dir, signaturesName(candidate.name)), { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`${candidate.name} could not be removed yet: ${messageOf(error)}`);
    }
  }
  return report;
}

/** Segments that may go, the one with the oldest content first. */
function candidatesOf({ dir, engine }: RetentionOptions, files: readonly StoreFile[]): Candidate[] {
  // What a segment left open belongs to the next journal of its writer.
  const needed = new Set(files.flatMap((file) => (file.kind === 'journal' ? [`${file.writer}-${file.k - 1}`] : [])));
  const candidates: Candidate[] = [];
  for (const file of files) {
    if (file.kind !== 'segment' || needed.has(`${file.writer}-${file.k}`)) continue;
    try {
      const path = join(dir, file.name);
      const segment = new Segment(engine, path);
      try {
        const { extent, replaces } = segment;
        const bytes = sizeOf(path) + sizeOf(signaturesName(path));
        candidates.push({ name: file.name, bytes, ...extent, newestMs: segment.newestMs(), replaces });
      } finally {
        segment.close();
      }
    } catch (error) {
      // It may be the oldest: nothing younger must go in its place.
      if (isDiskFault(error)) throw error;
    }
  }
  // What was replaced and is still there goes with the file that replaces it.
  const replaced = new Set(candidates.flatMap(({ replaces }) => replaces));
  return candidates.filter(({ name }) => !replaced.has(name)).sort((a, b) => a.newestMs - b.newestMs);
}

function added(report: RetentionReport, { calls, bytes, minMs, maxMs }: Candidate, tooOld: boolean): RetentionReport {
  return {
    segments: report.segments + 1,
    calls: report.calls + calls,
    bytes: report.bytes + bytes,
    fromMs: calls > 0 ? Math.min(report.fromMs ?? Infinity, minMs) : report.fromMs,
    toMs: calls > 0 ? Math.max(report.toMs ?? -Infinity, maxMs) : report.toMs,
    tooOld: report.tooOld + (tooOld ? 1 : 0),
  };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
