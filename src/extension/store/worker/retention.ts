/**
 * Owns the end of history: the oldest sealed segments go when the folder is too big, or when all they hold is too old.
 * Journals are never touched, whoever's they are, nor the segment before a journal, which holds what that one goes on
 * with. Calls with notes stay, in a file of their own (keep.ts). Files that are damaged, or of a newer version, are left alone, too, though they count.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../util/errors';
import { quarantineFolder, signaturesName, type StoreFile } from '../fileNames';
import type { RetentionLimits } from '../types';
import { keepNoted, keptCalls } from './keep';
import { lockFolder, removeSegments, unlockFolder } from './merger';
import type { NoteReader } from './noteFiles';
import { isDiskFault, Segment } from './segment';
import { rows } from './source';
import { isStandInSql } from './standInCalls';
import type { SqlEngine } from './sqlEngine';

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
  /** Calls of theirs that stayed because of a note, and those nested in them; not among `calls`. */
  readonly kept: number;
  /** Names of originals of damaged journals that went from the folder `quarantine`, the oldest first; absent where none did. */
  readonly originals?: readonly string[];
  /** Of these, together. */
  readonly originalBytes?: number;
}

export interface RetentionOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  readonly me: string;
  readonly nowMs: number;
  readonly limits: RetentionLimits;
  readonly notes: NoteReader;
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
  /** How many of its calls stay. */
  readonly kept: number;
}

/** Removes what is beyond the limits, oldest first. Throws I/O errors of the folder; a file that stays is tried again next time. */
export async function applyRetention(options: RetentionOptions): Promise<RetentionReport> {
  const { dir, me, limits } = options;
  const nothing: RetentionReport = { segments: 0, calls: 0, bytes: 0, tooOld: 0, kept: 0 };
  if (limits.maxBytes <= 0 && limits.maxAgeMs <= 0) return nothing;
  // One window at a time, and never while another puts together what is to go. Whoever has the lock leaves it for later.
  if (!(await lockFolder(dir, me))) return nothing;
  try {
    const quarantined = limitQuarantine(options);
    try {
      return { ...remove(options, nothing), ...quarantined };
    } catch (error) {
      // What went is told.
      if (!quarantined.originals) throw error;
      options.warn(`Old traffic could not be removed yet: ${messageOf(error)}`);
      return { ...nothing, ...quarantined };
    }
  } finally {
    unlockFolder(dir);
  }
}

/** Of the whole, originals of damaged files may have so much; the oldest go first. What could be read of them is in segments. */
const quarantineShare = 0.25;

function limitQuarantine({ dir, limits, warn }: RetentionOptions): Pick<RetentionReport, 'originals' | 'originalBytes'> {
  const folder = join(dir, quarantineFolder);
  if (limits.maxBytes <= 0 || !statSync(folder, { throwIfNoEntry: false })) return {};
  const files = readdirSync(folder).map((name) => ({ name, stat: statSync(join(folder, name)) }));
  let bytes = files.reduce((sum, { stat }) => sum + stat.size, 0);
  const originals: string[] = [];
  let originalBytes = 0;
  for (const { name, stat } of files.sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs)) {
    if (bytes <= limits.maxBytes * quarantineShare) break;
    bytes -= stat.size;
    try {
      rmSync(join(folder, name));
      originals.push(name);
      originalBytes += stat.size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`A damaged file could not be removed from ${quarantineFolder} yet: ${messageOf(error)}`);
    }
  }
  return originals.length > 0 ? { originals, originalBytes } : {};
}

function remove(options: RetentionOptions, nothing: RetentionReport): RetentionReport {
  const { dir, nowMs, limits, warn } = options;
  const files = options.files();
  let total = files.reduce((sum, { name }) => sum + sizeOf(join(dir, name)), 0);
  if (limits.maxAgeMs <= 0 && total <= limits.maxBytes) return nothing;
  options.notes.read();
  // Nobody can say which calls are to stay: all of them, then, until the notes can be read.
  if (!options.notes.isComplete) return nothing;
  let report = nothing;
  const going: { readonly candidate: Candidate; readonly tooOld: boolean }[] = [];
  for (const candidate of candidatesOf(options, files)) {
    const tooOld = limits.maxAgeMs > 0 && candidate.newestMs < nowMs - limits.maxAgeMs;
    const tooMuch = limits.maxBytes > 0 && total > limits.maxBytes;
    if (!tooOld && !tooMuch) continue;
    // Also where it cannot be removed: nothing younger goes in its place.
    total -= candidate.bytes;
    going.push({ candidate, tooOld });
  }
  const withNotes = going.filter(({ candidate }) => candidate.kept > 0);
  const kept = keep(options, withNotes.map(({ candidate }) => candidate));
  for (const { candidate, tooOld } of going) {
    if (candidate.kept > 0 && !kept.has(candidate.name)) continue;
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

/** Copies what stays of segments that are to go; gives the names of those that may. */
function keep({ dir, engine, me, notes, warn }: RetentionOptions, candidates: readonly Candidate[]): ReadonlySet<string> {
  if (candidates.length === 0) return new Set();
  const sources: Segment[] = [];
  try {
    for (const { name } of candidates) sources.push(new Segment(engine, join(dir, name)));
    let names: string[];
    let version: number;
    do {
      ({ version } = notes.book);
      names = keepNoted(dir, engine, me, sources, notes.book);
      // Somebody may have put a note on another of these calls meanwhile.
      notes.read();
    } while (notes.isComplete && notes.book.version !== version);
    return new Set(notes.isComplete ? names : []);
  } catch (error) {
    warn(`Calls with notes could not be copied, so what they are in stays: ${messageOf(error)}`);
    return new Set();
  } finally {
    for (const source of sources) source.close();
  }
}

/** Segments that may go, the one with the oldest content first. */
function candidatesOf({ dir, engine, notes }: RetentionOptions, files: readonly StoreFile[]): Candidate[] {
  // What a segment left open belongs to the next journal of its writer.
  const needed = new Set(files.flatMap((file) => (file.kind === 'journal' ? [`${file.writer}-${file.k - 1}`] : [])));
  const candidates: Candidate[] = [];
  const replaced = new Set<string>();
  for (const file of files) {
    if (file.kind !== 'segment' || needed.has(`${file.writer}-${file.k}`)) continue;
    try {
      const path = join(dir, file.name);
      const segment = new Segment(engine, path);
      try {
        const { extent, replaces } = segment;
        for (const name of replaces) replaced.add(name);
        const bytes = sizeOf(path) + sizeOf(signaturesName(path));
        const kept = keptCalls(segment, notes.book);
        // All that it holds stays.
        if (kept > 0 && kept === extent.calls) continue;
        candidates.push({ name: file.name, bytes, ...extent, calls: extent.calls - standInsThatGo(segment, kept), newestMs: segment.newestMs(), replaces, kept });
      } finally {
        segment.close();
      }
    } catch (error) {
      // It may be the oldest: nothing younger must go in its place.
      if (isDiskFault(error)) throw error;
    }
  }
  // What was replaced and is still there goes with the file that replaces it.
  return candidates.filter(({ name }) => !replaced.has(name)).sort((a, b) => a.newestMs - b.newestMs);
}

/** Rows that go and are no calls. */
function standInsThatGo({ db }: Segment, kept: number): number {
  const staying = kept > 0 ? 'AND (frame, part) NOT IN (SELECT frame, part FROM temp.kept)' : '';
  return rows(db, `SELECT count(*) FROM call WHERE ${isStandInSql} ${staying}`)[0]![0] as number;
}

function added(report: RetentionReport, { calls, bytes, minMs, maxMs, kept }: Candidate, tooOld: boolean): RetentionReport {
  return {
    segments: report.segments + 1,
    calls: report.calls + calls - kept,
    bytes: report.bytes + bytes,
    fromMs: calls > 0 ? Math.min(report.fromMs ?? Infinity, minMs) : report.fromMs,
    toMs: calls > 0 ? Math.max(report.toMs ?? -Infinity, maxMs) : report.toMs,
    tooOld: report.tooOld + (tooOld ? 1 : 0),
    kept: report.kept + kept,
  };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
