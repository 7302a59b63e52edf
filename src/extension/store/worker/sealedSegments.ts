/**
 * Owns the sealed segments of a store's folder: one source for each, none beside what takes its place, what can be read of
 * damaged ones, and the index by which a start knows them without reading them. StoreFolder says what is there.
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../util/errors';
import { segmentIndexName } from '../fileNames';
import { DamagedSegments } from './damagedSegments';
import type { NoteBook } from './notes';
import type { RefusedFiles } from './refusedFiles';
import { SalvagedSegment } from './salvagedSegment';
import type { SealedSource } from './sealedSource';
import { Segment, type FindIndexed } from './segment';
import { readSegmentIndex, writeSegmentIndex, type IndexedSegment } from './segmentIndex';
import type { Source } from './source';
import type { SqlEngine } from './sqlEngine';

export interface SealedSegmentsOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  readonly notes: NoteBook;
  readonly refused: RefusedFiles;
  readonly breathe: () => Promise<void>;
  readonly warn: (message: string) => void;
  /** What can be read of damaged ones is not what it was. */
  readonly onUnreadable?: () => void;
  /** Closes a source when nobody reads it any more. */
  readonly retire: (source: Source) => void;
}

export interface ListedSegment {
  readonly name: string;
  readonly merged: boolean;
}

/** Fewer segments than that are not worth an index: to read what they say of themselves takes a millisecond. */
const leastUnindexed = 4;
const nothingIndexed: ReadonlyMap<string, IndexedSegment> = new Map();

export class SealedSegments {
  readonly #segments = new Map<string, SealedSource>();
  readonly #damaged: DamagedSegments;
  #isClosed = false;
  /** Only of use at the first look: later ones find what is new. */
  #index: ReadonlyMap<string, IndexedSegment> | undefined;
  /** Segments that were read, and that the index does not know so. */
  #unindexed = 0;
  #isWritingIndex = false;
  /** How often one has been given up for another, or for none, since it was not what it was taken for. */
  leftOut = 0;
  /** What one takes the place of was not known, so what is there has to be looked at again. */
  isOutdated = false;

  constructor(private readonly options: SealedSegmentsOptions) {
    this.#damaged = new DamagedSegments(options);
  }

  has(key: string): boolean {
    return this.#segments.has(key);
  }

  get(key: string): SealedSource | undefined {
    return this.#segments.get(key);
  }

  get all(): readonly SealedSource[] {
    return [...this.#segments.values()];
  }

  get salvaged(): readonly SalvagedSegment[] {
    return this.all.filter((segment) => segment instanceof SalvagedSegment);
  }

  /** Opens what is new, and gives up what is gone; by key. `isRead`: a journal goes with it, so what it says has to be its own words. */
  async look(listed: ReadonlyMap<string, ListedSegment>, hasJournal: (key: string) => boolean, isRead: (key: string) => boolean): Promise<boolean> {
    this.isOutdated = false;
    let changed = false;
    for (const [key, segment] of this.#segments) {
      // A damaged file may have been put right.
      if (listed.has(key) && !(segment instanceof SalvagedSegment && segment.hasChanged())) continue;
      this.options.retire(segment);
      this.#segments.delete(key);
      if (segment instanceof SalvagedSegment) this.options.onUnreadable?.();
      changed = true;
    }
    const isFirst = this.#index === undefined;
    this.#index ??= readSegmentIndex(this.options.dir);
    const find = isFirst ? this.#finder(listed) : undefined;
    const replaced = this.#replaced();
    // Merged files come first, so that none of what they replace is opened beside them.
    for (const [key, { name }] of [...listed].sort(([, a], [, b]) => Number(b.merged) - Number(a.merged))) {
      if (this.#segments.has(key) || replaced.has(name)) continue;
      let fault: string | undefined;
      // The journal, where it still is, is better than what can be read of a damaged file.
      const onFault = hasJournal(key) ? undefined : (error: unknown): void => void (fault = messageOf(error));
      const segment = this.#open(name, onFault, isRead(key) ? undefined : find);
      if (segment) this.#segments.set(key, segment);
      else if (fault !== undefined) await this.#salvage(key, name, fault);
      for (const each of this.#segments.get(key)?.replaces ?? []) replaced.add(each);
      changed ||= this.#segments.has(key);
    }
    this.#dropReplaced();
    if (isFirst) this.#index = nothingIndexed;
    return changed;
  }

  /** Nothing may be hidden because of an index: what takes the place of files that are there, or has no calls, so that no question opens it, is read. */
  #finder(listed: ReadonlyMap<string, ListedSegment>): FindIndexed {
    const names = new Set([...listed.values()].map(({ name }) => name));
    return (name, bytes, changedMs) => {
      const found = this.#index?.get(name);
      if (found?.bytes !== bytes || found.changedMs !== changedMs) return undefined;
      const { extent, replaces } = found.particulars;
      return extent.calls > 0 && !replaces.some((each) => names.has(each)) ? found.particulars : undefined;
    };
  }

  #open(name: string, onFault: ((error: unknown) => void) | undefined, find?: FindIndexed): Segment | undefined {
    const { dir, engine, notes, refused, warn } = this.options;
    const segment = refused.try(name, () => new Segment(engine, join(dir, name), notes, warn, find), onFault);
    const read = segment?.isBelieved ? undefined : segment?.indexed;
    if (read && !isDeepStrictEqual(read, this.#index?.get(name))) this.#unindexed++;
    return segment;
  }

  /** Opens them as databases, newest first. `onFault`: one is not what it was taken for. */
  async openAhead(onFault: () => Promise<void>): Promise<void> {
    for (const [key, segment] of [...this.#segments].sort(([, a], [, b]) => b.extent.maxMs - a.extent.maxMs)) {
      await this.options.breathe();
      if (this.#segments.get(key) !== segment) continue;
      try {
        segment.open();
      } catch {
        await onFault();
      }
    }
  }

  /** Opens anew what is another file than it was taken for, and goes on with what can be read of those that fault was found with. Never throws. */
  async leaveOut(): Promise<void> {
    for (const [key, segment] of [...this.#segments]) {
      if (this.#segments.get(key) !== segment) continue;
      const { fault, name } = segment;
      if (segment instanceof Segment && segment.isMistaken) await this.#openAnew(key, segment);
      else if (fault !== undefined) await this.#salvage(key, name, fault);
    }
  }

  async #openAnew(key: string, mistaken: Segment): Promise<void> {
    const { name } = mistaken;
    this.options.warn(`${name} is not what ${segmentIndexName} says of it. The file itself is believed.`);
    this.#unindexed += leastUnindexed;
    this.leftOut++;
    this.isOutdated = true;
    let fault: string | undefined;
    const segment = this.#open(name, (error) => (fault = messageOf(error)));
    this.options.retire(mistaken);
    if (segment) this.#segments.set(key, segment);
    else this.#segments.delete(key);
    if (fault !== undefined) await this.#salvage(key, name, fault);
    this.#dropReplaced();
  }

  /** Puts what can be read of a damaged file in its place. Never throws. */
  async #salvage(key: string, name: string, fault: string): Promise<void> {
    const { refused, retire, onUnreadable } = this.options;
    const isFirst = !this.#damaged.isUnderWay(name);
    const found = await this.#damaged.salvage(name, fault, this.salvaged.reduce((sum, { bytes }) => sum + bytes, 0));
    if (!isFirst) return;
    const { segment } = found;
    if (this.#isClosed) {
      segment?.close();
      return;
    }
    const before = this.#segments.get(key);
    if (before) retire(before);
    this.#segments.delete(key);
    this.leftOut++;
    if (!segment) {
      refused.add(name, found.reason);
      return;
    }
    this.#segments.set(key, segment);
    this.#dropReplaced();
    refused.remove(name);
    onUnreadable?.();
  }

  #dropReplaced(): void {
    const replaced = this.#replaced();
    for (const [key, segment] of this.#segments) {
      if (!replaced.has(segment.name)) continue;
      this.options.retire(segment);
      this.#segments.delete(key);
    }
  }

  #replaced(): Set<string> {
    return new Set(this.all.flatMap(({ replaces }) => replaces));
  }

  /**
   * Writes down what they say of themselves, for the next start, where that is worth it. Never rejects: where it cannot be written, the
   * next start takes longer, and it is tried again when there is more to write.
   */
  async writeIndex(builder: string): Promise<void> {
    if (this.#unindexed < leastUnindexed || this.#isWritingIndex || this.#isClosed) return;
    this.#unindexed = 0;
    this.#isWritingIndex = true;
    try {
      await writeSegmentIndex(this.options.dir, builder, this.all.flatMap((segment) => (segment instanceof Segment ? (segment.indexed ?? []) : [])));
    } catch {
      // As said above.
    } finally {
      this.#isWritingIndex = false;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const segment of this.#segments.values()) segment.close();
    this.#segments.clear();
  }
}
