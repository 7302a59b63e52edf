/**
 * Owns reading the store's folder: which files there are, a segment for each sealed one, a memory table for each
 * journal, whoever writes it. It changes nothing on disk, so any number of processes may each have one.
 *
 * Invariant: every call is in exactly one source. A journal whose segment exists is not read; what was open at a
 * rotation belongs to the later journal.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError, messageOf } from '../../util/errors';
import { parseFileName } from '../fileNames';
import { DamagedSegments } from './damagedSegments';
import type { Carry } from './filer';
import { JournalTable } from './journalTable';
import { NoteReader } from './noteFiles';
import { RefusedFiles } from './refusedFiles';
import { SalvagedSegment, type Missing } from './salvage';
import type { SealedSource } from './sealedSource';
import { Segment } from './segment';
import type { Source } from './source';
import type { SqlEngine } from './sqlEngine';

export interface StoreFolderOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  /** Lets other work have a turn. */
  readonly breathe: () => Promise<void>;
  readonly warn: (message: string) => void;
  /** `unreadable` says something else than before. */
  readonly onUnreadable?: () => void;
}

/** A file that is there and left out, whole or in part. */
export interface UnreadableFile {
  readonly name: string;
  /** Nothing is wrong with it: a newer version wrote it. */
  readonly isNewer: boolean;
  /** It is damaged, and shown as far as it can be read: what of it is not. Absent: all. */
  readonly missing?: Missing;
}

/** Questions wait no longer than this for filing to give way. */
const sliceMs = 15;

interface FoundFile {
  readonly name: string;
  readonly writer: string;
  readonly k: number;
}

export class StoreFolder {
  readonly #segments = new Map<string, SealedSource>();
  readonly #tables = new Map<string, JournalTable>();
  readonly #refused: RefusedFiles;
  readonly #damaged: DamagedSegments;
  #isClosed = false;
  /** How often a source has been given up because of damage. */
  #leftOut = 0;
  /** Sources given up while questions were being answered from them. */
  readonly #retired: Source[] = [];
  #asked = 0;
  #refreshing: Promise<boolean> | undefined;
  #again = false;
  /** A listed file was gone when it was to be opened. */
  #vanished = false;
  /** When the look that goes on has to end; `performance.now`. */
  #until = Infinity;
  #isBehind = false;

  protected readonly notes: NoteReader;

  constructor(protected readonly options: StoreFolderOptions) {
    this.notes = new NoteReader(options.dir, options.warn);
    this.#refused = new RefusedFiles(options);
    this.#damaged = new DamagedSegments({ ...options, notes: this.notes.book });
  }

  /** Files that are there and cannot be read, or not all of what is in them, by name. */
  get unreadable(): readonly UnreadableFile[] {
    const salvaged = this.#salvaged().map(({ name, missing }) => ({ name, isNewer: false, missing }));
    return [...this.#refused.all, ...salvaged].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #salvaged(): SalvagedSegment[] {
    return [...this.#segments.values()].filter((segment) => segment instanceof SalvagedSegment);
  }

  /** The last look ended before everything was filed. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Number of the last entry of this writer that queries can see; 0 where nothing is known. */
  lastOf(writer: string): number {
    let last = 0;
    for (const table of this.#tables.values()) if (table.writer === writer) last = Math.max(last, table.last);
    return last;
  }

  /**
   * Looks at the folder and files whatever is new; gives whether anything was. Calls made meanwhile share a later look,
   * so that what was written before the call is seen when it ends. With a budget it ends after about that long, and
   * `isBehind` says whether there is more.
   */
  refresh(budgetMs = Infinity): Promise<boolean> {
    const until = performance.now() + budgetMs;
    if (this.#refreshing) {
      this.#again = true;
      this.#until = Math.max(this.#until, until);
      return this.#refreshing;
    }
    this.#until = until;
    this.#refreshing = (async () => {
      try {
        let changed = false;
        do {
          this.#again = false;
          this.#isBehind = false;
          changed = (await this.#refreshOnce()) || changed;
        } while (this.#again);
        return changed;
      } finally {
        this.#refreshing = undefined;
      }
    })();
    return this.#refreshing;
  }

  /** Opens what questions about all of history will read, newest first, so that the first of them need not do it at once. */
  async openAhead(): Promise<void> {
    for (const [key, segment] of [...this.#segments].sort(([, a], [, b]) => b.extent.maxMs - a.extent.maxMs)) {
      await this.options.breathe();
      if (this.#segments.get(key) !== segment) continue;
      try {
        segment.open();
      } catch {
        // What is wrong with it is found out, and said, when it is asked.
      }
    }
    for (const table of this.#tables.values()) await this.#writeAhead(table);
  }

  async #writeAhead(table: JournalTable): Promise<void> {
    const isThere = (): boolean => this.#tables.get(keyOf(table.writer, table.k)) === table;
    try {
      do await this.options.breathe();
      while (isThere() && !table.write(performance.now() + sliceMs));
    } catch {
      // As above.
    }
  }

  /** Answers a question, while the sources it reads stay open. */
  protected async asking<T>(question: () => Promise<T>): Promise<T> {
    this.#asked++;
    try {
      for (;;) {
        const before = this.#leftOut;
        try {
          return await question();
        } catch (error) {
          // Damage is found when it is read: what is damaged is left out, and the question asked again.
          if (isAppError(error)) throw error;
          await this.#leaveOutDamage();
          // By another question, maybe.
          if (this.#leftOut === before) throw error;
        }
      }
    } finally {
      if (--this.#asked === 0) for (const source of this.#retired.splice(0)) source.close();
    }
  }

  /** Goes on with what can be read of segments that fault was found with, and gives up journals whose rows cannot be written. */
  async #leaveOutDamage(): Promise<void> {
    for (const [key, table] of this.#tables) {
      const { fault, name } = table;
      if (fault === undefined) continue;
      this.#tables.delete(key);
      this.#retire(table);
      this.#leftOut++;
      this.#refuse(name, new Error(fault));
    }
    for (const [key, { fault, name }] of [...this.#segments]) {
      if (fault !== undefined) await this.#salvage(key, name, fault);
    }
  }

  /** Puts what can be read of a damaged file in its place. Never throws. */
  async #salvage(key: string, name: string, fault: string): Promise<void> {
    const isFirst = !this.#damaged.isUnderWay(name);
    const found = await this.#damaged.salvage(name, fault, this.#salvaged().reduce((sum, { bytes }) => sum + bytes, 0));
    if (!isFirst) return;
    const { segment } = found;
    if (this.#isClosed) {
      segment?.close();
      return;
    }
    const before = this.#segments.get(key);
    if (before) this.#retire(before);
    this.#segments.delete(key);
    this.#leftOut++;
    if (!segment) {
      this.#refuse(name, found.reason);
      return;
    }
    this.#segments.set(key, segment);
    this.#dropReplaced();
    this.#refused.remove(name);
    this.options.onUnreadable?.();
  }

  #retire(source: Source): void {
    if (this.#asked === 0) source.close();
    else this.#retired.push(source);
  }

  close(): void {
    this.#isClosed = true;
    for (const source of [...this.#segments.values(), ...this.#tables.values()]) source.close();
    this.#segments.clear();
    this.#tables.clear();
  }

  protected sources(): Source[] {
    return [...this.#segments.values(), ...this.#tables.values()];
  }

  async #refreshOnce(): Promise<boolean> {
    let changed = false;
    // Sealed, adopted or merged between listing and opening: what it became must be known before anything that follows it
    // is opened, since that begins with what it left open.
    for (let attempt = 0; attempt < 20; attempt++) {
      this.#vanished = false;
      changed = (await this.#look()) || changed;
      if (!this.#vanished) break;
    }
    return changed;
  }

  async #look(): Promise<boolean> {
    const { segments, journals } = this.#list();
    let changed = this.notes.read();
    for (const [key, segment] of this.#segments) {
      // A damaged file may have been put right.
      if (segments.has(key) && !(segment instanceof SalvagedSegment && segment.hasChanged())) continue;
      this.#retire(segment);
      this.#segments.delete(key);
      if (segment instanceof SalvagedSegment) this.options.onUnreadable?.();
      changed = true;
    }
    // Merged files come first, so that none of what they replace is opened beside them.
    for (const [key, file] of [...segments].sort(([, a], [, b]) => Number(b.merged) - Number(a.merged))) {
      if (this.#segments.has(key) || this.#isReplaced(file.name)) continue;
      let fault: string | undefined;
      // The journal, where it still is, is better than what can be read of a damaged file.
      const onFault = journals.has(key) ? undefined : (error: unknown): void => void (fault = messageOf(error));
      const segment = this.#try(file, () => new Segment(this.options.engine, join(this.options.dir, file.name), this.notes.book, this.options.warn), onFault);
      if (segment) this.#segments.set(key, segment);
      else if (fault !== undefined) await this.#salvage(key, file.name, fault);
      changed ||= this.#segments.has(key);
    }
    this.#dropReplaced();
    for (const [key, table] of this.#tables) {
      // Gone without a segment in its place: deleted, or adopted and empty.
      if (journals.has(key) && !this.#segments.has(key)) continue;
      this.#retire(table);
      this.#tables.delete(key);
      changed = true;
    }
    const unfinished = new Set<string>();
    for (const [key, file] of [...journals].sort(([, a], [, b]) => (a.writer === b.writer ? a.k - b.k : a.writer < b.writer ? -1 : 1))) {
      if (this.#vanished) break;
      // A journal is begun with what the one before left open, so that one has to be read to its end.
      if (this.#segments.has(key) || unfinished.has(file.writer)) continue;
      changed = (await this.#follow(key, file, journals, () => unfinished.add(file.writer))) || changed;
    }
    this.#isBehind = unfinished.size > 0;
    return changed;
  }

  #dropReplaced(): void {
    for (const [key, segment] of this.#segments) {
      if (!this.#isReplaced(segment.name)) continue;
      this.#retire(segment);
      this.#segments.delete(key);
    }
  }

  #isReplaced(name: string): boolean {
    for (const segment of this.#segments.values()) if (segment.replaces.includes(name)) return true;
    return false;
  }

  async #follow(key: string, file: FoundFile, journals: ReadonlyMap<string, FoundFile>, onUnfinished: () => void): Promise<boolean> {
    const existing = this.#tables.get(key);
    const table =
      existing ??
      this.#try(file, () => new JournalTable(this.options.engine, join(this.options.dir, file.name), file.name, file.writer, file.k, this.#carryFor(file), this.notes.book));
    if (!table) return false;
    this.#tables.set(key, table);
    let changed = !existing;
    // A writer begins its next journal when it is done with this one.
    const final = journals.has(keyOf(file.writer, file.k + 1)) || this.#segments.has(keyOf(file.writer, file.k + 1));
    try {
      const to = table.fileLength();
      if (to > table.reader.offset) {
        const before = table.last;
        while (table.follow(to, final, Math.max(1, Math.min(sliceMs, this.#until - performance.now()))) === 'more') {
          if (performance.now() >= this.#until) {
            onUnfinished();
            break;
          }
          await this.options.breathe();
        }
        changed ||= table.last !== before;
      }
    } catch (error) {
      this.#refuse(file.name, error);
      this.#retire(table);
      this.#tables.delete(key);
    }
    return changed;
  }

  /** What the journal before this one left open, from wherever that one is now. */
  #carryFor({ writer, k }: FoundFile): Carry | undefined {
    if (k === 1) return undefined;
    const before = keyOf(writer, k - 1);
    try {
      return this.#segments.get(before)?.carry() ?? this.#tables.get(before)?.handOver();
    } catch (error) {
      // What is wrong with that one is no reason to leave this one out.
      this.options.warn(`What was open in journal ${before} could not be continued: ${messageOf(error)}`);
      return undefined;
    }
  }

  #list(): { segments: Map<string, FoundFile & { readonly merged: boolean }>; journals: Map<string, FoundFile> } {
    const segments = new Map<string, FoundFile & { readonly merged: boolean }>();
    const journals = new Map<string, FoundFile>();
    let names: string[];
    try {
      names = readdirSync(this.options.dir);
    } catch {
      names = [];
    }
    this.#refused.keep(names);
    for (const name of names) {
      const file = parseFileName(name);
      if (file?.kind === 'segment') segments.set(keyOf(file.writer, file.k), file);
      if (file?.kind === 'journal') journals.set(keyOf(file.writer, file.k), file);
    }
    return { segments, journals };
  }

  /** `onFault` is told what is wrong with a file that is there and no newer version's; without it, such a file is left out. */
  #try<T>(file: FoundFile, open: () => T, onFault?: (error: unknown) => void): T | undefined {
    try {
      if (this.#refused.holds(file.name)) return undefined;
      const opened = open();
      this.#refused.remove(file.name);
      return opened;
    } catch (error) {
      if (onFault && !isAppError(error) && (error as NodeJS.ErrnoException).code !== 'ENOENT') onFault(error);
      else this.#refuse(file.name, error);
      return undefined;
    }
  }

  #refuse(name: string, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#vanished = true;
    else this.#refused.add(name, error);
  }
}

const keyOf = (writer: string, k: number): string => `${writer}-${k}`;
