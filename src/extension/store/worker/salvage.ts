/**
 * Owns what can be read of a damaged segment: every sound page of the file is looked at by itself, and the rows on it are put into
 * tables in memory; SQLite would not get past the first page that is lost. A page says by its form which table it is of, so it does not
 * matter what became of the pages that lead to it. Bodies stay in the file, where they are read when somebody asks. What is lost is counted.
 *
 * Invariant: the file is only read; a row is given whole and as it was written, or not at all.
 */
import { basename } from 'node:path';
import { parseFileName } from '../fileNames';
import type { NoteBook } from './notes';
import { cellsAtMost, PageFile } from './pageFile';
import { kindOf, type TableName } from './pageKinds';
import { cellsOn, valuesOf, type Cell } from './pageRows';
import { takeProven } from './provenTexts';
import { firstOf } from './repeats';
import { SalvagedSegment } from './salvagedSegment';
import { bodyPartBytes, createFileSchema, finishFileSchema, writerFactor } from './schema';
import { marks, rows } from './source';
import { isStandInSql } from './standInCalls';
import type { Database, SqlEngine, SqlValue, Statement } from './sqlEngine';

/** What of a damaged file is not shown. */
export interface Missing {
  readonly calls: number;
  /** So many at least: how many more, nobody can say. */
  readonly callsAtLeast?: true;
  /** When they were made, Unix epoch in milliseconds; absent where there is none, or nobody knows. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Recorded texts of messages. */
  readonly texts: number;
  /** So many at least. */
  readonly textsAtLeast?: true;
}

export interface SalvageOptions {
  readonly engine: SqlEngine;
  readonly path: string;
  readonly notes: NoteBook;
  readonly warn: (message: string) => void;
  /** Lets others have a turn. */
  readonly breathe: () => Promise<void>;
  /** Rows that would take more memory than this are not taken, bytes. */
  readonly mostBytes: number;
}

/** Of the tables that are taken over; those of older files lack some at the end. */
const columns: Readonly<Record<TableName, number>> = { writer: 2, info: 2, call: 29, frame: 21, event: 7, session: 7, carry: 1, body: 5 };
/** Pages between two looks at the clock. */
const pagesTogether = 32;
const turnMs = 10;
/** A row in memory takes so much besides its bytes. */
const besides = 32;
/** A part of a body that is almost as long as parts can be is followed by another. */
const fullPart = bodyPartBytes - 3;
/** How many pages the file has, in the first (fileformat2.html, 1.3). */
const pageCountAt = 28;
/** Table `info`, where that is small, and its index: they are made first. */
const infoPages: ReadonlySet<number> = new Set([2, 3]);

/** Reads what can be read; `undefined` where that cannot be shown. Throws I/O errors of opening the file. */
export async function salvage(options: SalvageOptions): Promise<SalvagedSegment | undefined> {
  const db = options.engine.createMemory();
  let file: PageFile | undefined;
  try {
    file = new PageFile(options.path);
    createFileSchema(db);
    const found = new Rows(db, file, options);
    const names = (await found.read()) ? writersOf(db, basename(options.path)) : undefined;
    if (!names) throw new NotToBeShown();
    takeProven(db, file, found.lostPages());
    const standIns = found.standIn();
    db.run('DELETE FROM writer');
    names.writers.forEach((writer, w) => db.run('INSERT INTO writer VALUES (?, ?)', [w, writer]));
    const said = new Map(rows(db, "SELECT key, CAST(value AS INTEGER) FROM info WHERE key IN ('calls', 'minMs', 'maxMs', 'texts')") as [string, number][]);
    finishFileSchema(db);
    const lostTexts = found.lostTexts();
    const texts = found.missingTexts(said.get('texts'), lostTexts, standIns);
    const missing: Missing = { ...(await found.lostCalls(said)), ...texts };
    return new SalvagedSegment(options, file, db, { ...names, missing, lostTexts, bytes: found.bytes });
  } catch (error) {
    db.close();
    file?.close();
    if (error instanceof NotToBeShown) return undefined;
    throw error;
  }
}

class NotToBeShown extends Error {}

class Rows {
  readonly #inserts = new Map<TableName, Statement>();
  /** Pages with rows of indexes that say when a call was made. */
  readonly #timed: number[] = [];
  /** By page, the one on which a long row goes on; 0: none, or nobody knows. */
  readonly #next: Uint32Array;
  readonly #lost: Uint8Array;
  /** Bodies that go on in other pages: key, part, bytes there, the first of them. */
  readonly #long: (readonly [key: number, part: number, bytes: number, next: number])[] = [];
  /** Bodies that are told of others: key, and that of the other. */
  readonly #repeats: (readonly [key: number, first: number])[] = [];
  bytes = 0;

  constructor(
    private readonly db: Database,
    private readonly file: PageFile,
    private readonly options: SalvageOptions,
  ) {
    this.#next = new Uint32Array(file.pages + 1);
    this.#lost = new Uint8Array(file.pages + 1);
  }

  /** Gives false where that would be too much, or where it cannot be told what is still true. */
  async read(): Promise<boolean> {
    const free = this.#freePages();
    if (!free) return false;
    for (const [table, count] of Object.entries(columns)) this.#inserts.set(table as TableName, this.db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${marks(count)})`));
    try {
      let until = performance.now() + turnMs;
      for (let number = 1; number <= this.file.pages; number++) {
        if (number % pagesTogether === 0 && performance.now() >= until) {
          await this.options.breathe();
          until = performance.now() + turnMs;
        }
        if (!free.has(number)) this.#takePage(number);
        if (this.bytes > this.options.mostBytes) return false;
      }
    } finally {
      for (const insert of this.#inserts.values()) insert.free();
    }
    return true;
  }

  #takePage(number: number): void {
    const page = this.file.page(number);
    if (!page) {
      this.#lost[number] = 1;
      return;
    }
    this.#next[number] = page.readUInt32BE(0);
    const there = cellsOn(page, number, this.file.usable);
    if (!there) return;
    let isTimed = false;
    this.db.run('BEGIN');
    there.cells.forEach((cell, index) => {
      const kind = kindOf(there.isTable, cell);
      if (kind === 'timed') isTimed = true;
      else if (kind === 'body') this.#takeBody(cell, number * cellsAtMost + index);
      else if (kind) this.#takeRow(kind, cell);
    });
    this.db.run('COMMIT');
    if (isTimed) this.#timed.push(number);
  }

  #takeRow(table: TableName, cell: Cell): void {
    const record = this.file.record(cell);
    const values = record && valuesOf(record);
    if (!values || values.length > columns[table]) return;
    // The key of a table that SQLite knows by it is not in the record.
    if (values[0] === null && cell.rowid !== undefined) values[0] = cell.rowid;
    while (values.length < columns[table]) values.push(null);
    if (table === 'call') values[28] ??= Number(values[15] ?? 0) + Number(values[16] ?? 0);
    this.bytes += record.length + besides;
    this.#inserts.get(table)!.run(values);
  }

  /** Its place stands for what it says. */
  #takeBody(cell: Cell, place: number): void {
    const head = valuesOf(cell.local, 4);
    if (!head) return;
    const [key, part, enc] = head as [number, number, number];
    const form = enc === 3 && cell.next === 0 ? valuesOf(cell.local)?.[4] : undefined;
    const first = form instanceof Uint8Array ? firstOf(form) : undefined;
    if (first !== undefined) this.#repeats.push([key, first]);
    if (cell.next !== 0) this.#long.push([key, part, cell.bytes - cell.local.length, cell.next]);
    this.bytes += besides;
    this.#inserts.get('body')!.run([...head, place]);
  }

  /** Pages whose content is over; `undefined` where nobody can say. Source: fileformat2.html, 1.5. */
  #freePages(): ReadonlySet<number> | undefined {
    const free = new Set<number>();
    const first = this.file.page(1);
    let trunk = first?.readUInt32BE(32) ?? 0;
    while (trunk !== 0 && !free.has(trunk)) {
      free.add(trunk);
      const page = this.file.page(trunk);
      if (!page) return this.file.isClean ? free : undefined;
      const count = Math.min(page.readUInt32BE(4), this.file.usable / 4 - 2);
      for (let index = 0; index < count; index++) free.add(page.readUInt32BE(8 + index * 4));
      trunk = page.readUInt32BE(0);
    }
    return first || this.file.isClean ? free : undefined;
  }

  /** Messages of calls that are there, and are lost themselves: what is known of them is known from their call. Gives how many have no text. */
  standIn(): number {
    const other = "CASE c.leg WHEN 'downstream' THEN 'upstream' ELSE 'downstream' END";
    const there = "CASE c.origin WHEN 'server' THEN 'toClient' ELSE 'toServer' END";
    const back = "CASE c.origin WHEN 'server' THEN 'toServer' ELSE 'toClient' END";
    const asks = "CASE WHEN substr(c.method, 1, 14) = 'notifications/' THEN 'notification' ELSE 'request' END";
    const answers = "CASE WHEN c.error_code IS NULL THEN 'result' ELSE 'error' END";
    const [atOnce, later] = ['c.time_ms, c.start_us', 'c.time_ms + ifnull(c.duration_us, 0) / 1000, c.start_us + ifnull(c.duration_us, 0)'];
    for (const [column, times, leg, direction, kind, bytes] of [
      ['frame', atOnce, 'c.leg', there, asks, 'c.request_bytes'],
      ['other_request_frame', atOnce, other, there, asks, 'c.request_bytes'],
      ['response_frame', later, 'c.leg', back, answers, 'ifnull(c.response_bytes, 0)'],
      ['other_response_frame', later, other, back, answers, 'ifnull(c.response_bytes, 0)'],
    ] as const) {
      const body = `(SELECT b.frame FROM body b WHERE b.frame = c.${column} LIMIT 1)`;
      this.db.run(`INSERT OR IGNORE INTO frame(frame, time_ms, us, leg, direction, kind, session, server, method, own, bytes, redacted, damaged, call, call_part, body)
        SELECT c.${column}, ${times}, ${leg}, ${direction}, ${kind}, c.session, c.server, c.method, 0, ${bytes}, -1, ${body} IS NULL, c.frame, c.part, ${body}
        FROM call c WHERE c.${column} IS NOT NULL AND c.origin <> 'http' AND NOT (${isStandInSql})`);
    }
    const textless = rows(this.db, 'SELECT count(*) FROM frame WHERE redacted < 0 AND body IS NULL')[0]![0] as number;
    this.db.run('UPDATE frame SET redacted = 0 WHERE redacted < 0');
    return textless;
  }

  *lostPages(): Iterable<number> {
    for (let number = 1; number <= this.file.pages; number++) if (this.#lost[number]) yield number;
  }

  /** Bodies that are lost, whole or in part. */
  lostTexts(): (readonly [key: number, part: number])[] {
    const lost = new Map<number, number>();
    for (const [key, part, bytes, next] of this.#long) if (this.#isCut(bytes, next)) lost.set(key, part);
    // Whole: a message says that there is a text; the beginning, the middle or the end.
    for (const [key] of rows(this.db, 'SELECT f.body FROM frame f WHERE f.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM body b WHERE b.frame = f.body) GROUP BY f.body')) lost.set(key as number, 0);
    for (const [key, part] of rows(this.db, 'SELECT frame, max(part) FROM body GROUP BY frame HAVING count(*) <= max(part)')) lost.set(key as number, (part as number) + 1);
    const ends = rows(this.db, `SELECT frame, part FROM body b WHERE bytes >= ${fullPart} AND NOT EXISTS (SELECT 1 FROM body n WHERE n.frame = b.frame AND n.part = b.part + 1)`);
    for (const [key, part] of ends) lost.set(key as number, (part as number) + 1);
    // What is told of another is lost with it.
    const isThere = new Map<number, boolean>();
    for (const [key, first] of this.#repeats) {
      if (!isThere.has(first)) isThere.set(first, !lost.has(first) && rows(this.db, 'SELECT 1 FROM body WHERE frame = ? LIMIT 1', [first]).length > 0);
      if (!isThere.get(first)) lost.set(key, 0);
    }
    return [...lost];
  }

  /** `said`: how many the file says that there were; `standIns`: messages of which only the call is left, without a text. */
  missingTexts(said: number | undefined, lost: readonly (readonly [key: number, part: number])[], standIns: number): Pick<Missing, 'texts' | 'textsAtLeast'> {
    const known = lost.length + standIns;
    if (said === undefined) return this.#isAllKnown() ? { texts: known } : { texts: known, textsAtLeast: true };
    const whole = 'SELECT count(*) FROM frame f WHERE f.body = f.frame AND EXISTS (SELECT 1 FROM body b WHERE b.frame = f.frame)';
    const there = rows(this.db, whole)[0]![0] as number;
    const damaged = lost.filter(([key]) => rows(this.db, `${whole} AND f.frame = ?`, [key])[0]![0] === 1).length;
    return { texts: Math.max(known, said - (there - damaged)) };
  }

  /** Nothing is lost but what the file says of itself as a whole: all that it holds is there to be counted. */
  #isAllKnown(): boolean {
    const first = this.file.page(1);
    // Without checksums nobody can say which pages are not what was written.
    if (!first || !this.file.isClean || first.readUInt32BE(pageCountAt) !== this.file.pages) return false;
    return [...this.lostPages()].every((number) => infoPages.has(number));
  }

  #isCut(bytes: number, next: number): boolean {
    let left = bytes;
    for (let number = next; left > 0; left -= this.file.usable - 4) {
      if (number === 0 || number > this.file.pages || this.#lost[number]) return true;
      number = this.#next[number]!;
    }
    return false;
  }

  /** Calls that indexes know of and that are not there. `said`: what the file says of all that were. */
  async lostCalls(said: ReadonlyMap<string, number>): Promise<Omit<Missing, 'texts'>> {
    const expected = said.get('calls');
    const there = new Set(rows(this.db, 'SELECT frame, part FROM call').map(([frame, part]) => callKey(frame, part)));
    const lost = new Map<string | number, number>();
    for (const number of expected === undefined || there.size < expected ? this.#timed : []) {
      const page = this.file.page(number);
      const found = page && cellsOn(page, number, this.file.usable);
      for (const cell of found?.cells ?? []) {
        if (kindOf(found!.isTable, cell) !== 'timed') continue;
        const record = this.file.record(cell);
        const [, timeMs, frame, part] = (record && valuesOf(record)) ?? [];
        const key = callKey(frame, part);
        if (typeof timeMs === 'number' && !there.has(key)) lost.set(key, timeMs);
      }
      await this.options.breathe();
    }
    const calls = Math.max(lost.size, (expected ?? 0) - there.size, 0);
    const least: Pick<Missing, 'callsAtLeast'> = expected === undefined && !this.#isAllKnown() ? { callsAtLeast: true } : {};
    // When all of them were made is known only where indexes know all of them.
    if (calls === 0) return { calls, ...least };
    if (lost.size < calls || least.callsAtLeast) return { calls, ...least, fromMs: said.get('minMs'), toMs: said.get('maxMs') };
    let [fromMs, toMs] = [Infinity, -Infinity];
    for (const ms of lost.values()) [fromMs, toMs] = [Math.min(fromMs, ms), Math.max(toMs, ms)];
    return { calls, fromMs, toMs };
  }
}

const callKey = (frame: SqlValue | undefined, part: SqlValue | undefined): string | number => (part === 0 ? (frame as number) : `${String(frame)}.${String(part)}`);

/** The names of a file's writers, and of what it takes the place of; where the one is lost, it follows from the other, or from the file's name. */
function writersOf(db: Database, name: string): { readonly writers: readonly string[]; readonly replaces: readonly string[] } | undefined {
  const file = parseFileName(name);
  if (file?.kind !== 'segment') return undefined;
  const stored = rows(db, "SELECT value FROM info WHERE key = 'replaces'")[0]?.[0];
  const replaces = typeof stored === 'string' ? (JSON.parse(stored) as string[]) : [];
  // What it takes the place of may still be there.
  if (file.merged && replaces.length === 0) return undefined;
  let writers = rows(db, 'SELECT name FROM writer ORDER BY w').map(([writer]) => writer as string);
  if (writers.length === 0) writers = file.merged ? [...new Set(replaces.map(parseFileName).flatMap((each) => (each?.kind === 'segment' && !each.merged ? each.writer : [])))].sort() : [file.writer];
  const [highest] = rows(db, 'SELECT max(frame) FROM call')[0]!;
  return Number(highest ?? 0) / writerFactor < writers.length ? { writers, replaces } : undefined;
}
