/**
 * Owns looking for texts in recorded bodies. For each text and source it finds out once which messages hold it and keeps
 * their keys in a temporary table, where the filter's SQL looks them up. Sealed segments are asked through their
 * signatures; a journal that grows is searched on from where the last search ended. Complete: no body is left out.
 */
import type { GlobPattern, Pattern } from '../../query/ast';
import { bodyTester, literalSpellings } from '../../query/match';
import { piecesOf, type Pieces } from './signature';
import type { Source } from './source';

export interface BodyTest {
  /** Name of the temporary table with the keys of the messages that fit. */
  readonly table: string;
  readonly fits: (body: Buffer) => boolean;
  /** A body that fits has all pieces of one of these; `undefined`: nothing is known about it. */
  readonly spellings: readonly Pieces[] | undefined;
}

const tests = new Map<string, BodyTest>();
let made = 0;
const rememberedTests = 32;
const tablesPerSource = 6;

/** The test for a pattern; the same one for the same pattern, so that what was found is found again. */
export function bodyTestOf(pattern: Pattern): BodyTest {
  const key = JSON.stringify(pattern);
  let test = tests.get(key);
  if (test) tests.delete(key);
  else test = { table: `hits${++made}`, fits: bytesTester(pattern), spellings: spellingsOf(pattern) };
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
    if (!progress) source.db.run(`CREATE TEMP TABLE ${table}(frame INTEGER PRIMARY KEY)`);
    all.set(table, progress ?? { last: -1, queue: undefined, next: 0, done: false });
  }
  for (const table of [...all.keys()].slice(0, Math.max(0, all.size - Math.max(tablesPerSource, wanted.length)))) {
    source.db.run(`DROP TABLE temp.${table}`);
    all.delete(table);
  }
  const until = performance.now() + budgetMs;
  return wanted.every((test) => {
    const progress = all.get(test.table);
    return !progress || progress.done || search(source, test, progress, until);
  });
}

function search(source: Source, test: BodyTest, progress: Progress, until: number): boolean {
  const { db } = source;
  const { table } = test;
  const queue = (progress.queue ??= source.bodyKeys(test.spellings, progress.last));
  const insert = db.prepare(`INSERT OR IGNORE INTO temp.${table} SELECT ?1 UNION ALL SELECT frame FROM frame WHERE body = ?1 AND body <> frame`);
  try {
    while (progress.next < queue.length) {
      const key = queue[progress.next++] ?? -1;
      if (test.fits(source.body(key))) insert.run([key]);
      progress.last = Math.max(progress.last, key);
      if (performance.now() >= until) return false;
    }
  } finally {
    insert.free();
  }
  progress.queue = undefined;
  progress.next = 0;
  progress.done = source.sealed;
  // Messages that came later and repeat a body that was looked at before.
  if (!source.sealed) {
    db.run(`INSERT OR IGNORE INTO temp.${table} SELECT frame FROM frame WHERE body <> frame AND body IN (SELECT frame FROM temp.${table})`);
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
  const texts = pattern.parts.filter((part) => typeof part === 'string');
  const spellings: Pieces[] = [];
  for (const index of [0, 1, 2]) {
    const pieces = piecesOf(texts.map((text) => literalSpellings(text)[index] ?? literalSpellings(text).at(-1) ?? text));
    if (!pieces) return undefined;
    spellings.push(pieces);
  }
  return spellings;
}

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
