/**
 * Owns looking for texts in recorded bodies, and in the previews of calls. For each text and source it finds out once which
 * messages hold it and keeps their keys in a temporary table, where the filter's SQL looks them up; of a sealed segment,
 * which calls hold it in either. Sealed segments are asked through their
 * signatures; a journal that grows is searched on from where the last search ended. Complete: no body is left out.
 */
import type { GlobPattern, Pattern } from '../../query/ast';
import { bodyTester, literalSpellings, patternTester } from '../../query/match';
import { piecesOf, type Pieces } from './signature';
import { rows, type Source } from './source';

export interface BodyTest {
  readonly key: string;
  /** Name of the temporary table with the keys of the messages that fit; `<table>_call` of the calls, in sealed sources. */
  readonly table: string;
  readonly fitsPreview: (text: string) => boolean;
  /** What a preview that fits has; `undefined`: nothing is known about it. */
  readonly previewPieces: Pieces | undefined;
  readonly fits: (body: Buffer) => boolean;
  /** A body that fits has all pieces of one of these; `undefined`: nothing is known about it. */
  readonly spellings: readonly Pieces[] | undefined;
}

const tests = new Map<string, BodyTest>();
let made = 0;
const rememberedTests = 32;
const tablesPerSource = 6;
/** So many bodies that fit are filed at once: less work than one by one, and no more than a few milliseconds. */
const foundTogether = 500;

/**
 * The test for a pattern; the same one for the same pattern, so that what was found is found again. `held`: tests that
 * somebody works with, whether they are remembered still or not.
 */
export function bodyTestOf(pattern: Pattern, held: readonly BodyTest[] = []): BodyTest {
  const key = JSON.stringify(pattern);
  let test = held.find((each) => each.key === key) ?? tests.get(key);
  if (test) tests.delete(key);
  else test = { key, table: `hits${++made}`, fits: bytesTester(pattern), spellings: spellingsOf(pattern), fitsPreview: patternTester(pattern, 'part'), previewPieces: pattern.kind === 'glob' ? piecesOf(textsOf(pattern)) : undefined };
  // Least recently asked first.
  tests.set(key, test);
  if (tests.size > rememberedTests) tests.delete(tests.keys().next().value ?? key);
  return test;
}

interface Progress {
  /** Bodies up to this key have been looked at. */
  last: number;
  /** What is left of a look that was interrupted, from `next` on. */
  queue: readonly number[] | undefined;
  next: number;
  /** Where a sealed source's previews are still to be looked at; the last first. */
  previews: (readonly [number, number])[] | undefined;
  /** A sealed source has been looked at as a whole. */
  done: boolean;
}

/**
 * Makes the tables of all these tests complete for this source, for about `budgetMs`; gives false when there is more to
 * do. Where it ended, the next call goes on.
 */
export function findHits(source: Source, wanted: readonly BodyTest[], budgetMs = Infinity): boolean {
  const all = progressOf(source);
  // Least recently used first; what is wanted now must not be dropped for something else that is.
  for (const { table } of wanted) {
    const progress = all.get(table);
    all.delete(table);
    if (!progress) {
      source.db.run(`CREATE TEMP TABLE ${table}(frame INTEGER PRIMARY KEY)`);
      if (source.sealed) source.db.run(`CREATE TEMP TABLE ${table}_call(frame INTEGER, part INTEGER, PRIMARY KEY(frame, part)) WITHOUT ROWID`);
    }
    all.set(table, progress ?? { last: -1, queue: undefined, next: 0, previews: undefined, done: false });
  }
  for (const table of [...all.keys()].slice(0, Math.max(0, all.size - Math.max(tablesPerSource, wanted.length)))) {
    source.db.run(`DROP TABLE temp.${table}`);
    if (source.sealed) source.db.run(`DROP TABLE temp.${table}_call`);
    all.delete(table);
  }
  const until = performance.now() + budgetMs;
  return wanted.every((test) => {
    const progress = all.get(test.table);
    return !progress || progress.done || search(source, test, progress, until);
  });
}

/** Whether all bodies of a sealed source have been looked at for these. */
export function isSearched(source: Source, wanted: readonly BodyTest[]): boolean {
  const all = source.cache.get('bodies') as Map<string, Progress> | undefined;
  return wanted.every(({ table }) => all?.get(table)?.done === true);
}

function search(source: Source, test: BodyTest, progress: Progress, until: number): boolean {
  const { db } = source;
  const { table } = test;
  const queue = (progress.queue ??= source.bodyKeys(test.spellings, progress.last));
  const found: number[] = [];
  let isInTime = true;
  while (isInTime && progress.next < queue.length) {
    const key = queue[progress.next++] ?? -1;
    if (test.fits(source.body(key))) found.push(key);
    progress.last = Math.max(progress.last, key);
    isInTime = found.length < foundTogether && performance.now() < until;
    if (!isInTime && found.length >= foundTogether) {
      keep(source, test, found.splice(0));
      isInTime = performance.now() < until;
    }
  }
  if (found.length > 0) keep(source, test, found);
  if (progress.next < queue.length) return false;
  if (source.sealed && !searchPreviews(source, test, progress, until)) return false;
  progress.queue = undefined;
  progress.next = 0;
  progress.done = source.sealed;
  // Messages that came later and repeat a body that was looked at before.
  if (!source.sealed) {
    db.run(`INSERT OR IGNORE INTO temp.${table} SELECT frame FROM frame WHERE body <> frame AND body IN (SELECT frame FROM temp.${table})`);
  }
  return true;
}

/** Files bodies that fit: the frames that have them, and of a sealed source the calls that ask or answer with those. */
function keep({ db, sealed }: Source, { table }: BodyTest, bodies: readonly number[]): void {
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

const everyFrame: readonly [number, number] = [0, Infinity];
const previewFrames = 8192;

/** Gives false when there is more to do. */
function searchPreviews(source: Source, { table, previewPieces, fitsPreview }: BodyTest, progress: Progress, until: number): boolean {
  progress.previews ??= [...((previewPieces && source.previews?.(previewPieces)) ?? [everyFrame])].reverse();
  const { previews } = progress;
  if (previews.length === 0) return true;
  const select = source.db.prepare(`SELECT frame, part, detail FROM call NOT INDEXED WHERE frame >= ? AND frame < ? AND detail IS NOT NULL LIMIT ${previewFrames}`);
  const insert = source.db.prepare(`INSERT OR IGNORE INTO temp.${table}_call VALUES (?, ?)`);
  try {
    for (let range = previews.pop(); range; range = previews.pop()) {
      select.bind([range[0], Math.min(range[1], Number.MAX_SAFE_INTEGER)]);
      let seen = 0;
      let last = 0;
      while (select.step()) {
        const [frame, part, detail] = select.get() as [number, number, string];
        seen++;
        last = frame;
        if (fitsPreview(detail)) insert.run([frame, part]);
      }
      select.reset();
      // The last frame's calls may not all have been seen: once more from there.
      if (seen === previewFrames) previews.push([last, range[1]]);
      if (performance.now() >= until && previews.length > 0) return false;
    }
  } finally {
    select.free();
    insert.free();
  }
  return true;
}

function progressOf(source: Source): Map<string, Progress> {
  let progress = source.cache.get('bodies') as Map<string, Progress> | undefined;
  if (!progress) source.cache.set('bodies', (progress = new Map()));
  return progress;
}

/** The pieces of each way the pattern's texts can stand in JSON. Only for patterns of texts: of a regex nothing is known. */
function spellingsOf(pattern: Pattern): Pieces[] | undefined {
  if (pattern.kind === 'regex') return undefined;
  const texts = textsOf(pattern);
  const spellings: Pieces[] = [];
  for (const index of [0, 1, 2]) {
    const pieces = piecesOf(texts.map((text) => literalSpellings(text)[index] ?? literalSpellings(text).at(-1) ?? text));
    if (!pieces) return undefined;
    spellings.push(pieces);
  }
  return spellings;
}

const textsOf = ({ parts }: GlobPattern): string[] => parts.filter((part) => typeof part === 'string');

/** A tester for recorded bytes; plain ASCII, by far the most usual, is looked for without decoding UTF-8. */
function bytesTester(pattern: Pattern): (body: Buffer) => boolean {
  const literal = pattern.kind === 'glob' ? onlyText(pattern) : undefined;
  if (literal !== undefined && /^[ -~]+$/.test(literal)) {
    const wanted = literalSpellings(literal).map((spelling) => spelling.toLowerCase());
    return (body) => {
      const text = body.toString('latin1').toLowerCase();
      return wanted.some((spelling) => text.includes(spelling));
    };
  }
  const fits = bodyTester(pattern);
  return (body) => body.length > 0 && fits(body.toString('utf8'));
}

function onlyText({ parts }: GlobPattern): string | undefined {
  const [first] = parts;
  return parts.length === 1 && typeof first === 'string' ? first : undefined;
}
