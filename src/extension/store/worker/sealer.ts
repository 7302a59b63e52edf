/**
 * Owns everything that changes the store's folder besides the journal being written: snapshots, sealing, and what dead
 * writers left behind. Works from files alone and can be repeated at any point: a segment is complete before its
 * journal goes, and a journal is adopted by one rename, which one of several windows wins.
 *
 * Nothing damaged is deleted: originals go to the folder `quarantine`.
 */
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAppError, messageOf } from '../../util/errors';
import { adoptedName, journalName, parseFileName, quarantineFolder, segmentName, snapshotName, type StoreFile } from '../fileNames';
import { decodeHeader, journalVersion, type JournalHeader } from '../journalFormat';
import { readAtOf } from '../journalReader';
import { isWriterAlive, knock, removeSocket, socketPathOf } from '../ownership';
import type { Recovery, RetentionLimits } from '../types';
import { buildFile, syncFolder, type BuildReport } from './fileBuilder';
import type { Carry } from './filer';
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
}

type JournalFile = Extract<StoreFile, { kind: 'journal' }>;

const leftoverMs = 3600_000;

export class Sealer {
  constructor(private readonly options: SealerOptions) {}

  /** Writes the SQLite file of a journal that is still written to; gives its path. Throws I/O errors. */
  snapshot(k: number): string {
    const { dir, me } = this.options;
    const name = snapshotName(me, k);
    this.#build(join(dir, journalName(me, k)), me, k, 'snapshot', name);
    return join(dir, name);
  }

  /**
   * Turns a complete journal of this writer into a segment. Throws I/O errors; the journal is there as long. Without the
   * journal there is nothing to do: it was done before, by a worker that did not live to say so.
   */
  seal(k: number, ending: 'handOver' | 'last'): void {
    const { dir, me } = this.options;
    const path = join(dir, journalName(me, k));
    if (statSync(path, { throwIfNoEntry: false })) this.#sealFile(path, me, k, ending);
  }

  /** Seals what dead writers left, and clears away what nobody needs. Never throws: what fails is tried again next time. */
  async recover(): Promise<RecoveryReport> {
    const found = { journals: 0, frames: 0, damagedEntries: 0, damagedBytes: 0, tornBytes: 0, quarantined: [] as string[], uncertain: 0 };
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
        if (await this.#isOwned(journals)) {
          found.uncertain++;
          continue;
        }
        for (const journal of journals) {
          const last = !files.some((other) => other.kind !== 'building' && other.writer === writer && other.k > journal.k);
          const adopted = this.#adopt(journal);
          // Another window was quicker: it takes all of this writer's.
          if (adopted === undefined) break;
          const { report, quarantined } = this.#sealFile(adopted, writer, journal.k, last ? 'last' : 'handOver');
          if (!report.empty) found.journals++;
          found.frames += report.frames;
          found.damagedBytes += report.damagedBytes;
          found.damagedEntries += report.damagedEntries;
          found.tornBytes += report.tornBytes;
          if (quarantined) found.quarantined.push(quarantined);
        }
        removeSocket(socketPathOf(dir, writer));
      } catch (error) {
        warn(isAppError(error) ? error.message : `The journals of ${writer} could not be recovered yet: ${messageOf(error)}`);
      }
    }
    await this.#tidy();
    await this.#merge();
    await this.#mergeNotes();
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

  /** Whether these journals of one writer are in the hands of a window that lives, or of a newer version. */
  async #isOwned(journals: readonly JournalFile[]): Promise<boolean> {
    const { dir, me, now, warn } = this.options;
    let header: JournalHeader | undefined;
    let writtenMs = 0;
    let unadopted: JournalFile | undefined;
    for (const journal of journals) {
      const { name, adopter } = journal;
      if (adopter === me) continue;
      // In the hands of another window: it must be dead before it is taken from there.
      if (adopter !== undefined && (await knock(socketPathOf(dir, adopter))) === 'open') return true;
      const path = join(dir, name);
      // Killed between making a journal and writing its first line, a writer is known by its other journals.
      const found = readHeader(path);
      if (found && found.version > journalVersion) {
        warn(`${name} was written by a newer MCP Shark (format ${found.version}). It is left alone; update MCP Shark to read it.`);
        return true;
      }
      if (adopter !== undefined) continue;
      header ??= found;
      writtenMs = Math.max(writtenMs, statSync(path).mtimeMs);
      unadopted = journal;
    }
    if (!unadopted) return false;
    const socket = socketPathOf(dir, unadopted.writer);
    return isWriterAlive({ header, socket, writtenMs, nowMs: now(), host: hostname() });
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

  #sealFile(path: string, writer: string, k: number, ending: 'handOver' | 'last'): { report: BuildReport; quarantined?: string } {
    const { dir } = this.options;
    let report = this.#build(path, writer, k, ending, segmentName(writer, k));
    // Somebody still wrote to it: what came since must not be lost.
    for (let again = 0; again < 3 && statSync(path).size !== report.journalBytes; again++) {
      report = this.#build(path, writer, k, ending, segmentName(writer, k));
    }
    const name = report.damagedBytes > 0 || report.damagedEntries > 0 ? journalName(writer, k) : undefined;
    // The journal last: as long as it is there, this can be repeated.
    rmSync(join(dir, snapshotName(writer, k)), { force: true });
    if (name) this.#quarantine(path, name);
    else rmSync(path, { force: true });
    return { report, quarantined: name };
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

  /** Finishes what was cut short between two steps, and removes what was being built by the dead. */
  async #tidy(): Promise<void> {
    const { dir, me, now, warn } = this.options;
    const files = this.#files();
    const has = (kind: StoreFile['kind'], writer: string, k: number): boolean =>
      files.some((file) => file.kind === kind && file.kind !== 'building' && file.writer === writer && file.k === k);
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
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`${file.name} could not be cleared away: ${messageOf(error)}`);
      }
    }
  }

  async #merge(): Promise<void> {
    const { dir, engine, me, warn, mergeBelow = 8 * 1024 * 1024, mergeFrom = 8 } = this.options;
    try {
      releaseOwnLock(dir, me);
      removeSegments(dir, replacedBy(engine, dir, this.#files()));
      await mergeSmallSegments({ dir, engine, me, below: mergeBelow, upTo: 64 * 1024 * 1024, least: mergeFrom, compressFrom: this.#compressFrom, warn }, () => this.#files());
    } catch (error) {
      warn(`Small segments could not be put together yet: ${messageOf(error)}`);
    }
  }

  async #mergeNotes(): Promise<void> {
    const { dir, me, warn, mergeFrom = 8 } = this.options;
    const isOver = async (writer: string): Promise<boolean> =>
      !this.#files().some((file) => file.kind === 'journal' && (file.writer === writer || file.adopter === writer)) && (await knock(socketPathOf(dir, writer))) === 'closed';
    try {
      await mergeNotes(dir, me, mergeFrom, isOver, warn);
    } catch (error) {
      warn(`Notes of earlier windows could not be put together yet: ${messageOf(error)}`);
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

function readHeader(path: string): JournalHeader | undefined {
  const fd = openSync(path, 'r');
  try {
    const start = Buffer.alloc(8192);
    const decoded = decodeHeader(start.subarray(0, readAtOf(fd)(start, 0, start.length, 0)));
    return typeof decoded === 'string' ? undefined : decoded.header;
  } finally {
    closeSync(fd);
  }
}
