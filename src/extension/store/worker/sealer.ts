/**
 * Owns everything that changes the store's folder besides the journal being written: snapshots, sealing, and what dead
 * writers left behind. Works from files alone and can be repeated at any point: a segment is complete before its
 * journal goes, and a journal is adopted by one rename, which one of several windows wins.
 *
 * Nothing damaged is deleted: originals go to the folder `quarantine`.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAppError, messageOf } from '../../util/errors';
import { adoptedName, journalName, parseFileName, quarantineFolder, segmentName, snapshotName, type StoreFile } from '../fileNames';
import { journalVersion, type JournalHeader } from '../journalFormat';
import { isWriterAlive, knock, removeSocket, socketPathOf } from '../ownership';
import type { Recovery, RetentionLimits } from '../types';
import { buildFile, syncFolder, type BuildReport } from './fileBuilder';
import type { Carry } from './filer';
import { readStart } from './journalStart';
import { mergeSmallSegments, releaseOwnLock, removeSegments, replacedBy } from './merger';
import { mergeNotes, NoteReader } from './noteFiles';
import { applyRetention, type RetentionReport } from './retention';
import { isDiskFault, Segment } from './segment';
import type { SqlEngine } from './sqlEngine';

export interface SealerOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  /** The writer this sealer works for. */
  readonly me: string;
  /** Unix epoch, milliseconds. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Journals from this size on get compressed bodies; default 8 MB. */
  readonly compressFrom?: number;
  readonly signFrom?: number;
  /** Segments smaller than this, in bytes, are merged when there are `mergeFrom` of them; default 8 MB and 8. */
  readonly mergeBelow?: number;
  readonly mergeFrom?: number;
}

export interface RecoveryReport extends Recovery {
  /** Writers of journals who may live, by uncertain signs: worth another look later. */
  readonly uncertain: number;
  /** Things to do that could not be done, and are to be tried again. */
  readonly failed: number;
}

type JournalFile = Extract<StoreFile, { kind: 'journal' }>;

const leftoverMs = 3600_000;

export class Sealer {
  constructor(private readonly options: SealerOptions) {}

  /**
   * Writes the SQLite file of a journal that is still written to, and makes those of journals before it that have none yet: it begins
   * with what they left open. Gives its path. Throws I/O errors.
   */
  snapshot(k: number): string {
    const { dir, me } = this.options;
    const before = this.#files().flatMap((file) => (file.kind === 'journal' && file.writer === me && file.k < k ? [file.k] : []));
    for (const each of before.sort((a, b) => a - b)) if (!this.#hasSegment(me, each)) this.seal(each, 'handOver');
    const name = snapshotName(me, k);
    this.#build(join(dir, journalName(me, k)), me, k, 'snapshot', name);
    return join(dir, name);
  }

  /**
   * Turns a complete journal of this writer into a segment. Throws I/O errors; the journal is there as long. Without the
   * journal there is nothing to do: it was done before, by a worker that did not live to say so. Where something in it was
   * damaged, it says so, and the journal stays until that has been told (`quarantine`), by this window or, when it ends before, the
   * next start.
   */
  seal(k: number, ending: 'handOver' | 'last'): Recovery | undefined {
    const { dir, me } = this.options;
    const path = join(dir, journalName(me, k));
    if (!statSync(path, { throwIfNoEntry: false })) return undefined;
    const { damagedEntries, damagedBytes, tornBytes, isDamaged } = this.#sealFile(path, me, k, ending);
    if (isDamaged) return { journals: 0, frames: 0, damagedEntries, damagedBytes, tornBytes, quarantined: [journalName(me, k)] };
    rmSync(path, { force: true });
    return undefined;
  }

  /** Puts a sealed journal of this writer, in which something was damaged, aside. Throws I/O errors. */
  quarantine(k: number): void {
    const { dir, me } = this.options;
    const name = journalName(me, k);
    const path = join(dir, name);
    if (statSync(path, { throwIfNoEntry: false })) this.#quarantine(path, name);
  }

  /** Seals what dead writers left, and clears away what nobody needs. Never throws: what fails is counted, and tried again next time. */
  async recover(): Promise<RecoveryReport> {
    const found = { journals: 0, frames: 0, damagedEntries: 0, damagedBytes: 0, tornBytes: 0, quarantined: [] as string[], uncertain: 0, failed: 0 };
    const { dir, me, warn } = this.options;
    const files = this.#files();
    const writers = new Map<string, JournalFile[]>();
    for (const file of files) {
      if (file.kind !== 'journal' || file.writer === me) continue;
      const journals = writers.get(file.writer) ?? [];
      journals.push(file);
      writers.set(file.writer, journals);
    }
    for (const [writer, journals] of writers) {
      journals.sort((a, b) => a.k - b.k);
      try {
        const owned = await this.#isOwned(journals);
        if (owned === 'gone') continue;
        if (owned === 'yes') {
          found.uncertain++;
          continue;
        }
        let isAll = true;
        for (const journal of journals) {
          const last = !files.some((other) => other.kind !== 'building' && other.writer === writer && other.k > journal.k);
          const adopted = this.#adopt(journal);
          // Another window was quicker: it takes all of this writer's.
          if (adopted === undefined) {
            isAll = false;
            break;
          }
          // What its own window has sealed was never away.
          const isNew = journal.adopter !== undefined || !this.#hasSegment(writer, journal.k);
          const report = this.#sealFile(adopted, writer, journal.k, last ? 'last' : 'handOver');
          const name = journalName(writer, journal.k);
          // The journal last: as long as it is there, this can be repeated.
          if (report.isDamaged) this.#quarantine(adopted, name);
          else rmSync(adopted, { force: true });
          if (!report.empty && isNew) found.journals++;
          if (isNew) found.frames += report.frames;
          found.damagedBytes += report.damagedBytes;
          found.damagedEntries += report.damagedEntries;
          found.tornBytes += report.tornBytes;
          if (report.isDamaged) found.quarantined.push(name);
        }
        if (isAll) removeSocket(socketPathOf(dir, writer));
      } catch (error) {
        found.failed++;
        warn(isAppError(error) ? error.message : `The journals of ${writer} could not be recovered yet: ${messageOf(error)}`);
      }
    }
    for (const done of [await this.#tidy(), await this.#merge(), await this.#mergeNotes()]) if (!done) found.failed++;
    return found;
  }

  /** Removes the oldest segments beyond the limits. Never throws: what fails is tried again next time. */
  async retain(limits: RetentionLimits): Promise<RetentionReport> {
    const { dir, engine, me, now, warn } = this.options;
    try {
      return await applyRetention({ dir, engine, me, nowMs: now(), limits, notes: new NoteReader(dir, warn), files: () => this.#files(), warn });
    } catch (error) {
      warn(`Old traffic could not be removed yet: ${messageOf(error)}`);
      return { segments: 0, calls: 0, bytes: 0, tooOld: 0, kept: 0 };
    }
  }

  /** Whether these journals of one writer are in the hands of a window that lives, or of a newer version. `gone`: none of them is there any more. */
  async #isOwned(journals: readonly JournalFile[]): Promise<'yes' | 'no' | 'gone'> {
    const { dir, me, now, warn } = this.options;
    let header: JournalHeader | undefined;
    let writtenMs = 0;
    let isThere = false;
    let unadopted: JournalFile | undefined;
    for (const journal of journals) {
      const { name, adopter } = journal;
      if (adopter === me) {
        isThere = true;
        continue;
      }
      // In the hands of another window: it must be dead before it is taken from there.
      if (adopter !== undefined && (await knock(socketPathOf(dir, adopter))) === 'open') return 'yes';
      const start = readStart(join(dir, name));
      // Sealed by its own window meanwhile, or taken by another.
      if (!start) continue;
      isThere = true;
      // Killed between making a journal and writing its first line, a writer is known by its other journals.
      const found = start.header;
      if (found && found.version > journalVersion) {
        warn(`${name} was written by a newer MCP Shark (format ${found.version}). It is left alone; update MCP Shark to read it.`);
        return 'yes';
      }
      if (adopter !== undefined) continue;
      header ??= found;
      writtenMs = Math.max(writtenMs, start.writtenMs);
      unadopted = journal;
    }
    if (!unadopted) return isThere ? 'no' : 'gone';
    const socket = socketPathOf(dir, unadopted.writer);
    return (await isWriterAlive({ header, socket, writtenMs, nowMs: now(), host: hostname() })) ? 'yes' : 'no';
  }

  #adopt(journal: JournalFile): string | undefined {
    const { dir, me } = this.options;
    const path = join(dir, adoptedName(journal.writer, journal.k, me));
    // Sealing it failed last time.
    if (journal.adopter === me) return path;
    try {
      renameSync(join(dir, journal.name), path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Makes the segment; the journal is still there. `isDamaged`: something in it was. */
  #sealFile(path: string, writer: string, k: number, ending: 'handOver' | 'last'): BuildReport & { readonly isDamaged: boolean } {
    const { dir } = this.options;
    let report = this.#build(path, writer, k, ending, segmentName(writer, k));
    // Somebody still wrote to it: what came since must not be lost.
    for (let again = 0; again < 3 && statSync(path).size !== report.journalBytes; again++) {
      report = this.#build(path, writer, k, ending, segmentName(writer, k));
    }
    rmSync(join(dir, snapshotName(writer, k)), { force: true });
    return { ...report, isDamaged: report.damagedBytes > 0 || report.damagedEntries > 0 };
  }

  #hasSegment(writer: string, k: number): boolean {
    return statSync(join(this.options.dir, segmentName(writer, k)), { throwIfNoEntry: false }) !== undefined;
  }

  #build(journal: string, writer: string, k: number, ending: 'snapshot' | 'handOver' | 'last', name: string): BuildReport {
    const { dir, engine, me } = this.options;
    return buildFile({
      engine,
      dir,
      journal,
      writer,
      k,
      carry: this.#carry(writer, k),
      name,
      builder: me,
      ending,
      // A snapshot is there to be read by people.
      compressFrom: ending === 'snapshot' ? Infinity : this.#compressFrom,
      signFrom: this.options.signFrom,
    });
  }

  #carry(writer: string, k: number): Carry | undefined {
    if (k === 1) return undefined;
    const path = join(this.options.dir, segmentName(writer, k - 1));
    try {
      const segment = new Segment(this.options.engine, path);
      try {
        return segment.carry();
      } finally {
        segment.close();
      }
    } catch (error) {
      // Sealed without it, what was open would be lost for good: another time, then.
      if (isDiskFault(error)) throw error;
      this.options.warn(`What was open in ${segmentName(writer, k - 1)} could not be continued: ${messageOf(error)}`);
      return undefined;
    }
  }

  #quarantine(path: string, name: string): void {
    const folder = join(this.options.dir, quarantineFolder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    renameSync(path, join(folder, name));
    try {
      syncFolder(folder);
    } catch (error) {
      this.options.warn(`The folder ${quarantineFolder} could not be synced: ${messageOf(error)}`);
    }
  }

  /** Finishes what was cut short between two steps, and removes what was being built by the dead; gives whether all could be done. */
  async #tidy(): Promise<boolean> {
    const { dir, me, now, warn } = this.options;
    const files = this.#files();
    const has = (kind: StoreFile['kind'], writer: string, k: number): boolean =>
      files.some((file) => file.kind === kind && file.kind !== 'building' && file.writer === writer && file.k === k);
    let isDone = true;
    for (const file of files) {
      const path = join(dir, file.name);
      try {
        if (file.kind === 'building') {
          const old = now() - statSync(path).mtimeMs > leftoverMs;
          if (file.builder !== me && (old || (await knock(socketPathOf(dir, file.builder))) === 'closed')) rmSync(path, { force: true });
        } else if (file.kind === 'signatures') {
          // Its segment was removed, or never completed by somebody who died meanwhile.
          if (!has('segment', file.writer, file.k) && now() - statSync(path).mtimeMs > leftoverMs) rmSync(path, { force: true });
        } else if (file.kind === 'snapshot' && file.writer !== me) {
          if (has('segment', file.writer, file.k)) rmSync(path, { force: true });
          // The journal is gone and nothing took its place: the snapshot is all there is left of it.
          else if (!has('journal', file.writer, file.k)) renameSync(path, join(dir, segmentName(file.writer, file.k)));
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        isDone = false;
        warn(`${file.name} could not be cleared away: ${messageOf(error)}`);
      }
    }
    return isDone;
  }

  async #merge(): Promise<boolean> {
    const { dir, engine, me, warn, mergeBelow = 8 * 1024 * 1024, mergeFrom = 8 } = this.options;
    try {
      releaseOwnLock(dir, me);
      removeSegments(dir, replacedBy(engine, dir, this.#files()));
      await mergeSmallSegments({ dir, engine, me, below: mergeBelow, upTo: 64 * 1024 * 1024, least: mergeFrom, compressFrom: this.#compressFrom, warn }, () => this.#files());
      return true;
    } catch (error) {
      warn(`Small segments could not be put together yet: ${messageOf(error)}`);
      return false;
    }
  }

  async #mergeNotes(): Promise<boolean> {
    const { dir, me, warn, mergeFrom = 8 } = this.options;
    const isOver = async (writer: string): Promise<boolean> =>
      !this.#files().some((file) => file.kind === 'journal' && (file.writer === writer || file.adopter === writer)) && (await knock(socketPathOf(dir, writer))) === 'closed';
    try {
      await mergeNotes(dir, me, mergeFrom, isOver, warn);
      return true;
    } catch (error) {
      warn(`Notes of earlier windows could not be put together yet: ${messageOf(error)}`);
      return false;
    }
  }

  get #compressFrom(): number {
    return this.options.compressFrom ?? 8 * 1024 * 1024;
  }

  #files(): StoreFile[] {
    try {
      return readdirSync(this.options.dir)
        .map(parseFileName)
        .filter((file) => file !== undefined);
    } catch {
      return [];
    }
  }
}
