/**
 * Owns the newest rows of sealed segments that were read last, by filter: they never change, and the newest page is asked for
 * again whenever a call comes in. All segments share room for so many rows.
 */
import { answerKey, type CompiledFilter } from './filterSql';
import type { Nearest } from './nearest';
import type { Found } from './places';
import type { Source } from './source';

/** A row takes about 1 KB. */
const mostRows = 4000;
/** A page takes as much room as so many rows more. */
const besides = 4;

interface KnownPage {
  readonly source: Source;
  readonly found: readonly Found[];
  /** What users have put on calls is shown in their rows. */
  readonly notes: number;
}

/** Least recently asked for first. */
const pages = new Map<string, KnownPage>();
let room = mostRows;
const numbers = new WeakMap<Source, number>();
let sources = 0;

/** What stands next to a place of a source, as it was read before, or as `read` reads it now. */
export function knownPage(source: Source, filter: CompiledFilter, asked: Nearest, read: () => Found[]): Found[] {
  // What is known of texts grows while they are searched; and journals grow. Other places are seldom asked for twice.
  if (!source.sealed || filter.readsBodies || asked.from || asked.to) return read();
  const key = keyOf(source, filter, asked);
  const known = pages.get(key);
  if (known) {
    drop(key, known);
    if (known.notes === source.notes.version) {
      keep(key, known);
      return [...known.found];
    }
  }
  const found = read();
  keep(key, { source, found: [...found], notes: source.notes.version });
  return found;
}

/** Gives its room to others. */
export function forgetPages(source: Source): void {
  for (const [key, page] of pages) if (page.source === source) drop(key, page);
}

function keep(key: string, page: KnownPage): void {
  pages.set(key, page);
  room -= page.found.length + besides;
  for (const [oldest, other] of pages) {
    if (room >= 0) break;
    drop(oldest, other);
  }
}

function drop(key: string, { found }: KnownPage): void {
  pages.delete(key);
  room += found.length + besides;
}

function keyOf(source: Source, filter: CompiledFilter, { direction, limit }: Nearest): string {
  let number = numbers.get(source);
  if (number === undefined) numbers.set(source, (number = ++sources));
  return `${number} ${direction} ${limit} ${answerKey(filter, source)}`;
}
