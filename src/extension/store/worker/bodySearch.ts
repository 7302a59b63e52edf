/**
 * Owns looking for texts in recorded bodies, and in the previews of calls. For each text and source it finds out once which
 * messages hold it and keeps their keys in a temporary table, where the filter's SQL looks them up; of a sealed segment,
 * which calls hold it in either. A source is searched as a whole, newest bodies first, or only the texts of some of its
 * calls, for pages that need no more (blocks.ts); either goes on from what the other has looked at. Sealed segments are asked
 * through their signatures; of one that cannot hold a text, as most cannot when it is rare, no more is asked. Complete: no body
 * is left out.
 */
import type { BodyTest } from './bodyTests';
import type { Place } from './places';
import { keepPreviews, searchPreviews } from './previewSearch';
import { previewsTogether } from './signature';
import { rows, withFrames, type Source } from './source';

const tablesPerSource = 6;
/** So many bodies that fit are filed at once: less work than one by one, and no more than a few milliseconds. */
const foundTogether = 500;
const keysTogether = 512;

interface Progress {
  /** Of a sealed source it is known from the beginning that nothing in it holds the text: there are no tables. */
  readonly isRuledOut: boolean;
  /** Bodies that may hold the text, ascending, where that is known; from number `left` on they have been looked at. */
  readonly candidates: ArrayLike<number> | undefined;
  left: number;
  /** Where it is not: bodies from `from` up to `to` have been looked at, and none is left before where `isAtBottom`. */
  from: number;
  to: number;
  isAtBottom: boolean;
  /** The next ones before `from`, the last first. */
  queue: number[];
  /** Others that have been looked at, with the calls that have them. */
  readonly looked: Set<number>;
  /** Where a sealed source's previews are still to be looked at, the last first; and about how many calls each stands for. */
  readonly previews: (readonly [number, number])[];
  readonly callsInPreview: number;
  /** By filter: down to which call, from the newest on, the texts have been looked at of all that may pass. */
  readonly walked: Map<string, Place>;
  /** In a journal: of frames up to this one it is known whether they repeat a body that fits. */
  repeats: number;
}

/** Calls whose texts are to be looked at. */
export interface Looked {
  readonly key: number;
  readonly part: number;
  readonly detail: string | null;
  /** Of its request and its answer, as far as there are any. */
  readonly bodies: readonly (number | null)[];
}

/** Of table `call`: the bodies of request and answer. */
export const bodyColumns = '(SELECT f.body FROM frame f WHERE f.frame = call.frame), (SELECT f.body FROM frame f WHERE f.frame = call.response_frame)';

/**
 * Makes the tables of all these tests complete for this source, for about `budgetMs`; gives false when there is more to
 * do. Where it ended, the next call goes on.
 */
export function findHits(source: Source, wanted: readonly BodyTest[], budgetMs = Infinity): boolean {
  const all = tablesOf(source, wanted);
  const until = performance.now() + budgetMs;
  return wanted.every((test) => search(source, test, all.get(test.table)!, until));
}

/** Whether all texts of this source have been looked at for these, but for no more than `few`. */
export function isSearched(source: Source, wanted: readonly BodyTest[], few = 0): boolean {
  const all = source.cache.get('bodies') as Map<string, Progress> | undefined;
  let left = 0;
  for (const { table } of wanted) {
    const progress = all?.get(table);
    if (!progress) return false;
    left += bodiesLeft(source, progress) + callsLeft(progress);
  }
  return left <= few;
}

/**
 * Looks at what a journal got since it was looked at last, for about `budgetMs`; gives false when there is more. Then of all
 * calls whose texts had been looked at that is so again.
 */
export function findNewHits(source: Source, wanted: readonly BodyTest[], budgetMs: number): boolean {
  if (source.sealed) return true;
  const all = tablesOf(source, wanted);
  const until = performance.now() + budgetMs;
  return wanted.every((test) => searchNew(source, test, all.get(test.table)!, until));
}

/** Whether it is known that this source holds a text neither in bodies nor in previews; then there are no tables for it. */
export function isRuledOut(source: Source, { table }: BodyTest): boolean {
  return progressOf(source).get(table)?.isRuledOut === true;
}

/** Down to which call a source has been gone through for a filter with these tests, where it was noted. */
export function walkedTo(source: Source, wanted: readonly BodyTest[], filterKey: string): Place | undefined {
  const places = wanted.map(({ table }) => progressOf(source).get(table)?.walked.get(filterKey));
  // Noted with each: where one was given up meanwhile, what was looked at is, too.
  return places.every((place) => place === places[0]) ? places[0] : undefined;
}

export function noteWalked(source: Source, wanted: readonly BodyTest[], filterKey: string, place: Place): void {
  for (const { table } of wanted) progressOf(source).get(table)?.walked.set(filterKey, place);
}

/** As `isSearched`, and gets ready to search where that was not done before. */
export function isNearlySearched(source: Source, wanted: readonly BodyTest[], few: number): boolean {
  tablesOf(source, wanted);
  return isSearched(source, wanted, few);
}

function bodiesLeft(source: Source, { candidates, left, looked, from, to, isAtBottom }: Progress): number {
  if (candidates) return left - looked.size;
  // No more than there are numbers.
  const newest = source.sealed ? to : (source.bodyKeys({ below: Number.MAX_SAFE_INTEGER }, 1)[0] ?? to);
  const oldest = isAtBottom ? from : (source.bodyKeys({ above: -1 }, 1)[0] ?? from);
  return newest - to + (from - oldest);
}

/** A preview is looked at that much quicker than a body. */
const previewsPerBody = 8;
const callsLeft = ({ previews, callsInPreview }: Progress): number => (previews.length * callsInPreview) / previewsPerBody;

/** Looks at the texts of these calls; `pause` lets others have a turn. What it says is so when it is over, and at once. */
export async function lookAt(source: Source, wanted: readonly BodyTest[], calls: readonly Looked[], sliceMs: number, pause: () => Promise<void>): Promise<void> {
  let bodies = new Set(calls.flatMap((call) => call.bodies));
  for (let isWhole = false; !isWhole; ) {
    isWhole = true;
    let until = performance.now() + sliceMs;
    // Calls may get their answers while others have a turn, and tables may go: then it is looked once more.
    for (let index = 0; index < wanted.length && isWhole; index++) {
      const test = wanted[index]!;
      const progress = tablesOf(source, wanted).get(test.table)!;
      const open = [...bodies].filter((key): key is number => key !== null && !isLookedAt(progress, key));
      while (open.length > 0 && progressOf(source).get(test.table) === progress) {
        lookAtSome(source, test, progress, open, until);
        if (open.length === 0) break;
        await pause();
        isWhole = false;
        until = performance.now() + sliceMs;
      }
    }
    if (!isWhole) bodies = bodiesOf(source, calls);
  }
  const all = tablesOf(source, wanted);
  for (const test of wanted) {
    const progress = all.get(test.table)!;
    if (!source.sealed) keepRepeats(source, test, progress);
    else if (!progress.isRuledOut) keepPreviews(source, test, calls);
  }
}

/** Takes the last ones off the list; one at least. */
function lookAtSome(source: Source, test: BodyTest, progress: Progress, open: number[], until: number): void {
  const fits: number[] = [];
  try {
    do {
      const key = open.pop()!;
      if (test.fits(source.body(key))) fits.push(key);
      progress.looked.add(key);
    } while (open.length > 0 && performance.now() < until);
  } finally {
    keep(source, test, fits);
  }
}

/** As they are now. */
function bodiesOf({ db }: Source, calls: readonly Looked[]): Set<number | null> {
  const bodies = new Set<number | null>();
  const select = db.prepare(`SELECT ${bodyColumns} FROM call WHERE frame = ? AND part = ?`);
  for (const { key, part } of calls) {
    select.bind([key, part]);
    if (select.step()) for (const body of select.get()) bodies.add(body as number | null);
    select.reset();
  }
  select.free();
  return bodies;
}

function isLookedAt({ candidates, left, from, to, looked }: Progress, key: number): boolean {
  if (looked.has(key)) return true;
  if (!candidates) return key >= from && key <= to;
  let low = 0;
  let high = left;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (candidates[middle]! < key) low = middle + 1;
    else high = middle;
  }
  // What is no candidate does not hold it.
  return low === left || candidates[low] !== key;
}

/** Makes tables for these tests, and gives up others. */
function tablesOf(source: Source, wanted: readonly BodyTest[]): Map<string, Progress> {
  const all = progressOf(source);
  // Least recently used first; what is wanted now must not be dropped for something else that is.
  for (const test of wanted) {
    const { table } = test;
    let progress = all.get(table);
    all.delete(table);
    if (!progress) {
      progress = begun(source, test);
      if (!progress.isRuledOut) source.db.run(`CREATE TEMP TABLE ${table}(frame INTEGER PRIMARY KEY)`);
      if (!progress.isRuledOut && source.sealed) source.db.run(`CREATE TEMP TABLE ${table}_call(frame INTEGER, part INTEGER, PRIMARY KEY(frame, part)) WITHOUT ROWID`);
    }
    all.set(table, progress);
  }
  for (const table of [...all.keys()].slice(0, Math.max(0, all.size - Math.max(tablesPerSource, wanted.length)))) {
    if (!all.get(table)!.isRuledOut) dropTables(source, table);
    all.delete(table);
  }
  return all;
}

function dropTables({ db, sealed }: Source, table: string): void {
  db.run(`DROP TABLE temp.${table}`);
  if (sealed) db.run(`DROP TABLE temp.${table}_call`);
}

const everyFrame: readonly [number, number] = [0, Infinity];

function begun(source: Source, { spellings, previewPieces }: BodyTest): Progress {
  const known = source.candidates?.(spellings, previewPieces);
  const candidates = known?.bodies && Float64Array.from(known.bodies).sort();
  const previews = source.sealed ? [...(known?.previews ?? [everyFrame])].reverse() : [];
  const callsInPreview = known?.previews ? previewsTogether : source.extent.calls;
  const newest = candidates ? -1 : (source.bodyKeys({ below: Number.MAX_SAFE_INTEGER }, 1)[0] ?? -1);
  const isRuledOut = source.sealed && candidates?.length === 0 && previews.length === 0;
  return { isRuledOut, candidates, left: candidates?.length ?? 0, from: newest + 1, to: newest, isAtBottom: false, queue: [], looked: new Set(), previews, callsInPreview, walked: new Map(), repeats: source.sealed ? -1 : lastFrame(source) };
}

function progressOf(source: Source): Map<string, Progress> {
  let progress = source.cache.get('bodies') as Map<string, Progress> | undefined;
  if (!progress) source.cache.set('bodies', (progress = new Map()));
  return progress;
}

/** Gives false when there is more to do. */
function search(source: Source, test: BodyTest, progress: Progress, until: number): boolean {
  const fits: number[] = [];
  /** Gives false when the time is over. */
  const look = (key: number): boolean => {
    if (!progress.looked.delete(key) && test.fits(source.body(key))) fits.push(key);
    if (fits.length >= foundTogether) keep(source, test, fits.splice(0));
    return performance.now() < until;
  };
  if (!searchNew(source, test, progress, until)) return false;
  let isThrough = false;
  try {
    isThrough = progress.candidates ? lookThrough(progress, progress.candidates, look) : lookBelow(source, progress, look);
  } finally {
    keep(source, test, fits);
  }
  return isThrough && (!source.sealed || searchPreviews(source, test, progress.previews, until));
}

/** What a journal got since; gives false when there is more. */
function searchNew(source: Source, test: BodyTest, progress: Progress, until: number): boolean {
  if (source.sealed) return true;
  for (;;) {
    const keys = source.bodyKeys({ above: progress.to }, keysTogether);
    const fits: number[] = [];
    let isInTime = true;
    try {
      for (let index = 0; index < keys.length && isInTime; index++) {
        const key = keys[index]!;
        if (!progress.looked.delete(key) && test.fits(source.body(key))) fits.push(key);
        progress.to = key;
        isInTime = performance.now() < until;
      }
    } finally {
      keep(source, test, fits);
    }
    if (!isInTime) return false;
    if (keys.length < keysTogether) break;
  }
  keepRepeats(source, test, progress);
  return true;
}

function lookThrough(progress: Progress, candidates: ArrayLike<number>, look: (key: number) => boolean): boolean {
  for (let isInTime = true; progress.left > 0; progress.left--) {
    if (!isInTime) return false;
    isInTime = look(candidates[progress.left - 1]!);
  }
  return true;
}

function lookBelow(source: Source, progress: Progress, look: (key: number) => boolean): boolean {
  while (!progress.isAtBottom) {
    if (progress.queue.length === 0) progress.queue = source.bodyKeys({ below: progress.from }, keysTogether).reverse();
    progress.isAtBottom = progress.queue.length === 0;
    for (let key = progress.queue.at(-1); key !== undefined; key = progress.queue.at(-1)) {
      const isInTime = look(key);
      progress.from = key;
      progress.queue.pop();
      if (!isInTime) return false;
    }
  }
  return true;
}

/** Files bodies that fit: the frames that have them, and of a sealed source the calls that ask or answer with those. */
function keep({ db, sealed }: Source, { table }: BodyTest, bodies: readonly number[]): void {
  if (bodies.length === 0) return;
  db.run('CREATE TEMP TABLE IF NOT EXISTS fresh(frame INTEGER PRIMARY KEY)');
  db.run('DELETE FROM temp.fresh');
  const insert = db.prepare('INSERT OR IGNORE INTO temp.fresh SELECT ?1 UNION ALL SELECT frame FROM frame WHERE body = ?1 AND body <> frame');
  for (const body of bodies) insert.run([body]);
  insert.free();
  db.run(`INSERT OR IGNORE INTO temp.${table} SELECT frame FROM temp.fresh`);
  if (!sealed) return;
  // A batch answers several calls at once; which those are, no index knows.
  const batches = rows(db, "SELECT f.frame FROM temp.fresh h CROSS JOIN frame f ON f.frame = h.frame WHERE f.kind = 'batch'");
  db.run(
    `INSERT OR IGNORE INTO temp.${table}_call
     SELECT c.frame, c.part FROM temp.fresh h CROSS JOIN call c ON c.frame = h.frame
     UNION ALL SELECT c.frame, c.part FROM temp.fresh h CROSS JOIN frame f ON f.frame = h.frame
       CROSS JOIN call c ON c.frame = f.call AND c.part = ifnull(f.call_part, 0) WHERE c.response_frame = h.frame
     ${batches.length > 0 ? "UNION ALL SELECT frame, part FROM call WHERE response_frame IN (SELECT frame FROM temp.fresh)" : ''}`,
  );
}

/** Messages that a journal got since and that repeat bodies of before, whether those have been looked at or not. */
function keepRepeats(source: Source, test: BodyTest, progress: Progress): void {
  const { db } = source;
  const last = lastFrame(source);
  if (last === progress.repeats) return;
  const repeated = rows(db, 'SELECT DISTINCT body FROM frame WHERE frame > ? AND body <> frame', [progress.repeats]).map(([body]) => body as number);
  const open = repeated.filter((key) => !isLookedAt(progress, key));
  if (open.length > 0) lookAtSome(source, test, progress, open, Infinity);
  db.run(`INSERT OR IGNORE INTO temp.${test.table} SELECT frame FROM frame WHERE frame > ? AND body <> frame AND body IN (SELECT frame FROM temp.${test.table})`, [progress.repeats]);
  progress.repeats = last;
}

const lastFrame = (source: Source): number => (rows(withFrames(source), 'SELECT max(frame) FROM frame')[0]![0] as number | null) ?? -1;
