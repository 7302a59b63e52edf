/**
 * Owns reading the store's folder: which files there are, a segment for each sealed one (sealedSegments.ts), a memory table for
 * each journal, whoever writes it. It changes nothing on disk but the index of segments, and that when it is told to, so any number of
 * processes may each have one.
 *
 * Invariant: every call is in exactly one source. A journal whose segment exists is not read; what was open at a
 * rotation belongs to the later journal.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError, messageOf } from '../../util/errors';
import { parseFileName } from '../fileNames';
import type { Carry } from './filer';
import { JournalTable } from './journalTable';
import { NoteReader } from './noteFiles';
import { RefusedFiles } from './refusedFiles';
import type { Missing } from './salvage';
import { SealedSegments } from './sealedSegments';
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
  readonly #segments: SealedSegments;
  readonly #tables = new Map<string, JournalTable>();
  readonly #refused: RefusedFiles;
  /** How often a table has been given up because its rows could not be written. */
  #leftOut = 0;
  /** Sources given up while questions were being answered from them. */
  readonly #retired: Source[] = [];
  #asked = 0;
  #refreshing: Promise<boolean> | undefined;
  #again = false;
  /** When the look that goes on has to end; `performance.now`. */
  #until = Infinity;
  #isBehind = false;

  protected readonly notes: NoteReader;

  constructor(protected readonly options: StoreFolderOptions) {
    this.notes = new NoteReader(options.dir, options.warn);
    this.#refused = new RefusedFiles(options);
    this.#segments = new SealedSegments({ ...options, notes: this.notes.book, refused: this.#refused, retire: (source) => this.#retire(source) });
  }

  /** Files that are there and cannot be read, or not all of what is in them, by name. */
  get unreadable(): readonly UnreadableFile[] {
    const salvaged = this.#segments.salvaged.map(({ name, missing }) => ({ name, isNewer: false, missing }));
    return [...this.#refused.all, ...salvaged].sort((a, b) => (a.name < b.name ? -1 : 1));
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

  /**
   * Opens what questions about all of history will read, newest first, so that the first of them need not do it at once; gives whether
   * anything turned out not to be what it was taken for.
   */
  async openAhead(): Promise<boolean> {
    const before = this.#givenUp();
    await this.#segments.openAhead(() => this.#leaveOut());
    for (const table of this.#tables.values()) await this.#writeAhead(table);
    return this.#givenUp() !== before;
  }

  /** Keeps what was read of segments for the next start, where that is worth it. `writer`: for the name of the unfinished file. Never rejects. */
  writeIndex(writer: string): Promise<void> {
    return this.#segments.writeIndex(writer);
  }

  async #writeAhead(table: JournalTable): Promise<void> {
    const isThere = (): boolean => this.#tables.get(keyOf(table.writer, table.k)) === table;
    try {
      do await this.options.breathe();
      while (isThere() && !table.write(performance.now() + sliceMs));
    } catch {
      // What is wrong with it is found out, and said, when it is asked.
    }
  }

  /** Answers a question, while the sources it reads stay open. */
  protected async asking<T>(question: () => Promise<T>): Promise<T> {
    this.#asked++;
    try {
      for (;;) {
        const before = this.#givenUp();
        try {
          return await question();
        } catch (error) {
          // Damage is found when it is read: what is damaged is left out, and the question asked again.
          if (isAppError(error)) throw error;
          await this.#leaveOut();
          // By another question, maybe.
          if (this.#givenUp() === before) throw error;
        }
      }
    } finally {
      if (--this.#asked === 0) for (const source of this.#retired.splice(0)) source.close();
    }
  }

  /** How often sources were given up that turned out not to be as they should. */
  #givenUp(): number {
    return this.#leftOut + this.#segments.leftOut;
  }

  /** Goes on with what can be read of segments that are not as they should be, and gives up journals whose rows cannot be written. */
  async #leaveOut(): Promise<void> {
    for (const [key, table] of this.#tables) {
      const { fault, name } = table;
      if (fault === undefined) continue;
      this.#tables.delete(key);
      this.#retire(table);
      this.#leftOut++;
      this.#refused.add(name, new Error(fault));
    }
    await this.#segments.leaveOut();
    if (this.#segments.isOutdated) await this.refresh();
  }

  #retire(source: Source): void {
    if (this.#asked === 0) source.close();
    else this.#retired.push(source);
  }

  close(): void {
    this.#segments.close();
    for (const table of this.#tables.values()) table.close();
    this.#tables.clear();
  }

  protected sources(): Source[] {
    return [...this.#segments.all, ...this.#tables.values()];
  }

  async #refreshOnce(): Promise<boolean> {
    let changed = false;
    // Sealed, adopted or merged between listing and opening: what it became must be known before anything that follows it
    // is opened, since that begins with what it left open.
    for (let attempt = 0; attempt < 20; attempt++) {
      this.#refused.hasVanished = false;
      changed = (await this.#look()) || changed;
      if (!this.#refused.hasVanished) break;
    }
    return changed;
  }

  async #look(): Promise<boolean> {
    const { segments, journals } = this.#list();
    let changed = this.notes.read();
    // What a journal begins with is read from the segment before it, and where its own segment is damaged, the journal is read.
    const besideJournals = new Set([...journals].flatMap(([key, { writer, k }]) => [key, keyOf(writer, k - 1)]));
    changed = (await this.#segments.look(segments, (key) => journals.has(key), (key) => besideJournals.has(key))) || changed;
    for (const [key, table] of this.#tables) {
      // Gone without a segment in its place: deleted, or adopted and empty.
      if (journals.has(key) && !this.#segments.has(key)) continue;
      this.#retire(table);
      this.#tables.delete(key);
      changed = true;
    }
    const unfinished = new Set<string>();
    for (const [key, file] of [...journals].sort(([, a], [, b]) => (a.writer === b.writer ? a.k - b.k : a.writer < b.writer ? -1 : 1))) {
      if (this.#refused.hasVanished) break;
      // A journal is begun with what the one before left open, so that one has to be read to its end.
      if (this.#segments.has(key) || unfinished.has(file.writer)) continue;
      changed = (await this.#follow(key, file, journals, () => unfinished.add(file.writer))) || changed;
    }
    this.#isBehind = unfinished.size > 0;
    return changed;
  }

  async #follow(key: string, file: FoundFile, journals: ReadonlyMap<string, FoundFile>, onUnfinished: () => void): Promise<boolean> {
    const existing = this.#tables.get(key);
    const table =
      existing ??
      this.#refused.try(file.name, () => new JournalTable(this.options.engine, join(this.options.dir, file.name), file.name, file.writer, file.k, this.#carryFor(file), this.notes.book));
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
      this.#refused.add(file.name, error);
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
}

const keyOf = (writer: string, k: number): string => `${writer}-${k}`;
