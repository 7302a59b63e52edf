/**
 * Owns reading a damaged database file page by page: a page that cannot be read, or is not what was written, is not there, and
 * whatever else it holds is read as ever. It is never written to.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { readAtOf, type ReadAt } from '../journalReader';
import { checkBytes, hasChecks, isRewritten, isSound, pageBytes } from './pageChecks';
import { cellsOn, valuesOf, type Cell } from './pageRows';
import type { SqlValue } from './sqlEngine';

/** No page has so many rows. */
export const cellsAtMost = 4096;

/** Pages that are tried out where the first does not say whether they have checksums. */
const tried = [2, 3, 4, 5];

export class PageFile {
  readonly #fd: number;
  readonly #readAt: ReadAt;
  readonly #hasChecks: boolean;
  /** Number of pages. */
  readonly pages: number;
  /** Bytes of a page that SQLite uses. */
  readonly usable: number;

  /** Throws I/O errors. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#readAt = readAtOf(this.#fd);
    this.pages = Math.ceil(fstatSync(this.#fd).size / pageBytes);
    const first = this.#read(1);
    this.#hasChecks = first !== undefined && (hasChecks(first) || isRewritten(first)) ? hasChecks(first) : tried.some((number) => this.#isSound(number));
    this.usable = pageBytes - (this.#hasChecks ? checkBytes : (first?.[20] ?? 0));
  }

  /** A page, numbered from 1; `undefined`: it is lost. */
  page(number: number): Buffer | undefined {
    const page = number >= 1 && number <= this.pages ? this.#read(number) : undefined;
    return page && this.#hasChecks && !isSound(page, number) ? undefined : page;
  }

  /** A page whatever it says, if it can be read at all: for what knows by itself whether it is true. */
  doubtful(number: number): Buffer | undefined {
    return this.#read(number);
  }

  /** Whether old content is nowhere, and so every page that looks like one of a table is: else the first page has to say which are free. */
  get isClean(): boolean {
    return this.#hasChecks;
  }

  /** The whole record of a row; `undefined` where some of it is lost. */
  record({ bytes, local, next }: Cell): Buffer | undefined {
    if (next === 0) return local;
    // What the file cannot hold is no size.
    if (bytes > this.pages * pageBytes) return undefined;
    const record = Buffer.allocUnsafe(bytes);
    let done = local.copy(record);
    for (let number = next; done < bytes; ) {
      const page = this.page(number);
      if (!page) return undefined;
      done += page.copy(record, done, 4, Math.min(this.usable, 4 + bytes - done));
      number = page.readUInt32BE(0);
    }
    return record;
  }

  /** The values of the row at a place: number of its page times `cellsAtMost` and its number there, below zero on a doubtful page. */
  recordAt(place: number): SqlValue[] | undefined {
    const number = Math.floor(Math.abs(place) / cellsAtMost);
    const page = place < 0 ? this.doubtful(number) : this.page(number);
    const cell = page && cellsOn(page, number, this.usable)?.cells[Math.abs(place) % cellsAtMost];
    const record = cell && this.record(cell);
    return record && valuesOf(record);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #isSound(number: number): boolean {
    const page = number <= this.pages ? this.#read(number) : undefined;
    return page !== undefined && isSound(page, number);
  }

  /** A page for the caller to keep. */
  #read(number: number): Buffer | undefined {
    const page = Buffer.allocUnsafe(pageBytes);
    try {
      return this.#readAt(page, 0, pageBytes, (number - 1) * pageBytes) === pageBytes ? page : undefined;
    } catch {
      // A bad sector: this page is lost, others are not.
      return undefined;
    }
  }
}
