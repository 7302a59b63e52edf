/**
 * Owns reading the store's folder: which files there are, a segment for each sealed one, a memory table for each
 * journal, whoever writes it. It changes nothing on disk, so any number of processes may each have one.
 *
 * Invariant: every call is in exactly one source. A journal whose segment exists is not read; what was open at a
 * rotation belongs to the later journal.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError, messageOf } from '../../util/errors';
import { parseFileName } from '../fileNames';
import type { Carry } from './filer';
import { JournalTable } from './journalTable';
import { NoteReader } from './noteFiles';
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

/** A file that is there and left out. */
export interface UnreadableFile {
  readonly name: string;
  /** Nothing is wrong with it: a newer version wrote it. */
  readonly isNewer: boolean;
}

interface Refused {
  readonly size: number;
  readonly isNewer: boolean;
}

/** Questions wait no longer than this for filing to give way. */
const sliceMs = 15;

interface FoundFile {
  readonly name: string;
  readonly writer: string;
  readonly k: number;
}

export class StoreFolder {
  readonly #segments = new Map<string, Segment>();
  readonly #tables = new Map<string, JournalTable>();
  /** Files that could not be opened, by name and size: tried again when they change. */
  readonly #refused = new Map<string, Refused>();
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
  }

  /** Files that are there and cannot be read, by name. */
  get unreadable(): readonly UnreadableFile[] {
    return [...this.#refused].map(([name, { isNewer }]) => ({ name, isNewer })).sort((a, b) => (a.name < b.name ? -1 : 1));
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
  }

  /** Answers a question, while the sources it reads stay open. */
  protected async asking<T>(question: () => Promise<T>): Promise<T> {
    this.#asked++;
    try {
      for (;;) {
        try {
          return await question();
        } catch (error) {
          // SQLite finds damage when it reads it: what is damaged is left out, and the question asked again.
          if (isAppError(error) || !this.#dropCorrupt()) throw error;
        }
      }
    } finally {
      if (--this.#asked === 0) for (const source of this.#retired.splice(0)) source.close();
    }
  }

  /** Gives up segments that fault was found with; false where there are none. */
  #dropCorrupt(): boolean {
    let dropped = false;
    for (const [key, segment] of this.#segments) {
      const { fault } = segment;
      if (fault === undefined) continue;
      this.#segments.delete(key);
      this.#retire(segment);
      this.#refuse({ name: segment.name, writer: '', k: 0 }, new Error(fault));
      dropped = true;
    }
    return dropped;
  }

  #retire(source: Source): void {
    if (this.#asked === 0) source.close();
    else this.#retired.push(source);
  }

  close(): void {
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
      if (segments.has(key)) continue;
      this.#retire(segment);
      this.#segments.delete(key);
      changed = true;
    }
    // Merged files come first, so that none of what they replace is opened beside them.
    for (const [key, file] of [...segments].sort(([, a], [, b]) => Number(b.merged) - Number(a.merged))) {
      if (this.#segments.has(key) || this.#isReplaced(file.name)) continue;
      const segment = this.#try(file, () => new Segment(this.options.engine, join(this.options.dir, file.name), this.notes.book, this.options.warn));
      // Unreadable: the journal, where it still is, is as good.
      if (!segment) continue;
      this.#segments.set(key, segment);
      changed = true;
    }
    for (const [key, segment] of this.#segments) {
      if (!this.#isReplaced(segment.name)) continue;
      this.#retire(segment);
      this.#segments.delete(key);
    }
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
      this.#refuse(file, error);
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
    const before = this.#refused.size;
    for (const name of this.#refused.keys()) if (!names.includes(name)) this.#refused.delete(name);
    if (this.#refused.size !== before) this.options.onUnreadable?.();
    for (const name of names) {
      const file = parseFileName(name);
      if (file?.kind === 'segment') segments.set(keyOf(file.writer, file.k), file);
      if (file?.kind === 'journal') journals.set(keyOf(file.writer, file.k), file);
    }
    return { segments, journals };
  }

  #try<T>(file: FoundFile, open: () => T): T | undefined {
    const path = join(this.options.dir, file.name);
    try {
      const refused = this.#refused.get(file.name);
      if (refused && refused.size === statSync(path).size) return undefined;
      const opened = open();
      if (this.#refused.delete(file.name)) this.options.onUnreadable?.();
      return opened;
    } catch (error) {
      this.#refuse(file, error);
      return undefined;
    }
  }

  #refuse(file: FoundFile, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      this.#vanished = true;
      return;
    }
    let size = -1;
    try {
      size = statSync(join(this.options.dir, file.name)).size;
    } catch {
      return;
    }
    this.#refused.set(file.name, { size, isNewer: isAppError(error) && error.code === 'store.newerFormat' });
    this.options.onUnreadable?.();
    this.options.warn(isAppError(error) ? error.message : `${file.name} cannot be read and is left out: ${messageOf(error)}`);
  }
}

const keyOf = (writer: string, k: number): string => `${writer}-${k}`;
