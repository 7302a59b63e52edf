/**
 * Owns asking a source for the calls that pass a filter: its SQL (filterCompiler.ts) said anew for each sealed segment, with the
 * values that the segment knows. That one can be left out is plain then, and what is left is looked up in an index. Texts within
 * bodies are looked for beforehand (bodySearch.ts).
 */
import type { CallQuery } from '../../contract/traffic';
import { extentOf, statusesOf, TEXT_COLUMNS, type FilterNode, type NameTest } from '../../query/ast';
import { patternTester } from '../../query/match';
import { parseFilter } from '../../query/parser';
import { findHits, isRuledOut, isSearched } from './bodySearch';
import { bodyTestOf, type BodyTest } from './bodyTests';
import { columnOf, FilterCompiler, type CustomTest } from './filterCompiler';
import { remember } from './places';
import { writerFactor } from './schema';
import { isValueColumn, statusesIn, valuesOf } from './values';
import type { Source } from './source';
import type { Database, SqlValue } from './sqlEngine';

/** How far a search of texts goes at once. */
export interface Strides {
  /** Calls of the first block that is gone through; each next one is twice as long, up to sixteen times (blocks.ts). */
  readonly calls: number;
  /** Where no more texts than this are left in a source, it is searched as a whole; where many calls have to be gone through, more. */
  readonly fewTexts: number;
}

const usualStrides: Strides = { calls: 128, fewTexts: 4000 };

export interface CompiledFilter {
  readonly node: FilterNode;
  readonly nowMs: number;
  /** What has to be true besides. */
  readonly besides: readonly { readonly sql: string; readonly params: readonly SqlValue[] }[];
  /** Equal for filters that mean the same at this moment. */
  readonly key: string;
  /** Reading bodies takes long: let others have a turn between sources. */
  readonly readsBodies: boolean;
  readonly bodyTests: readonly BodyTest[];
  readonly strides: Strides;
  /** It asks for what users have put on calls. */
  readonly readsNotes: boolean;
  /** How many calls of each source pass, where that is known beforehand; of sources that are not named, none. */
  readonly counts?: ReadonlyMap<Source, number>;
}

/** A filter as it is asked of one source. */
export interface Condition {
  /** On table `call`; '0' where no call of the source can pass, '1' where all do. */
  readonly where: string;
  readonly params: readonly SqlValue[];
  /** Values of one column, of which a call that passes has one: an index can begin with them. */
  readonly drivers: readonly Driver[];
  /** It asks for nothing but what the roll-ups `total` go by. */
  readonly isOfTotals: boolean;
}

export interface Driver {
  readonly column: string;
  readonly values: readonly string[];
  /** Instead of values: the calls that hold a text. */
  readonly table?: string;
}

interface Compiled extends Condition {
  readonly tests: readonly CustomTest[];
}

const nothingAsked: FilterNode = { kind: 'all', span: { start: 0, end: 0 } };
const everything: CompiledFilter = { node: nothingAsked, nowMs: 0, besides: [], key: '', readsBodies: false, bodyTests: [], strides: usualStrides, readsNotes: false };

/** Throws AppError `query.invalid`. */
export function compileFilter(text: CallQuery['filter'], nowMs: number, strides = usualStrides): CompiledFilter {
  if (!text?.trim()) return everything;
  const node = parseFilter(text);
  const compiler = new FilterCompiler(nowMs);
  const where = compiler.node(node);
  const { params, tests } = compiler;
  // What a number in the SQL stands for is only in the text where it is a test of values.
  const key = JSON.stringify([where, params, tests.some((test) => test.kind === 'value') ? text : '']);
  const bodyTests = [...new Set(tests.flatMap((each) => (each.kind === 'body' ? each.test : [])))];
  return { node, nowMs, besides: [], key, readsBodies: bodyTests.length > 0, bodyTests, strides, readsNotes: compiler.readsNotes };
}

/** The filter, and a condition besides. `counts` as in `CompiledFilter`. */
export function narrowed(filter: CompiledFilter, sql: string, params: readonly SqlValue[], counts?: CompiledFilter['counts']): CompiledFilter {
  return { ...filter, besides: [{ sql, params }, ...filter.besides], key: JSON.stringify([sql, params, filter.key]), counts };
}

/** Answers of a source to this filter are kept under this name: they hold until the source, or what they ask of notes, changes. */
export function answerKey(filter: CompiledFilter, source: Source): string {
  return filter.readsNotes ? `${source.notes.version} ${filter.key}` : filter.key;
}

let current: Compiled | undefined;
const prepared = new WeakSet<Database>();

/**
 * Looks for the filter's texts in this source's bodies, a little at a time: `breathe` lets others have a turn, and may
 * throw to end it. What was found is kept. Gives false where it ended early, because it was not wanted any more.
 */
export async function searchBodies(filter: CompiledFilter, source: Source, breathe: () => Promise<void>, isWanted: () => boolean = () => true): Promise<boolean> {
  if (!filter.readsBodies) return true;
  await breathe();
  while (!findHits(source, filter.bodyTests, sliceMs)) {
    if (!isWanted()) return false;
    await breathe();
  }
  return true;
}

/** Whether the filter's texts have been looked for in this source as a whole, but for what came into a journal just now, so many bodies. */
export function isSearchDone(filter: CompiledFilter, source: Source, since = Math.min(justNow, filter.strides.fewTexts)): boolean {
  return !filter.readsBodies || isSearched(source, filter.bodyTests, source.sealed ? 0 : since);
}

export const sliceMs = 12;
/** So many bodies more are looked at in no time. */
const justNow = 500;

/**
 * The filter as it is to be asked of this source; its functions and tables answer for the source until the next call.
 * `isLookedAt`: it is only asked of calls whose texts have been looked at (blocks.ts).
 */
export function useFilter(filter: CompiledFilter, source: Source, isLookedAt = false): Condition {
  let compiled = compiledFor(filter, source);
  if (filter.readsBodies && compiled.where !== '0') {
    // Done already but for what came in meanwhile, where `searchBodies` went before.
    if (!isLookedAt) findHits(source, filter.bodyTests);
    // Which texts the source can hold is known by now.
    compiled = compiledFor(filter, source);
  }
  current = compiled;
  if (compiled.where === '0') return compiled;
  if (filter.readsNotes) bringNotes(source);
  if (compiled.tests.length > 0 && !prepared.has(source.db)) {
    prepared.add(source.db);
    source.db.create_function('fits', (index: number, value: string | null) => {
      const test = current?.tests[index];
      return value !== null && test?.kind === 'value' && test.fits(String(value)) ? 1 : 0;
    });
  }
  if (filter.besides.length === 0) return compiled;
  return {
    ...compiled,
    where: `${filter.besides.map(({ sql }) => `(${sql})`).join(' AND ')} AND ${compiled.where}`,
    params: [...filter.besides.flatMap(({ params }) => params), ...compiled.params],
    isOfTotals: false,
  };
}

/** Whether it is plain that no call of this source passes. */
export function isOutOfQuestion(filter: CompiledFilter, source: Source): boolean {
  return source.extent.calls === 0 || (filter.node.kind !== 'all' && compiledFor(filter, source).where === '0');
}

function compiledFor(filter: CompiledFilter, source: Source): Compiled {
  const ruledOut = filter.readsBodies && source.sealed ? filter.bodyTests.map((test) => Number(isRuledOut(source, test))).join('') : '';
  const key = `where ${ruledOut} ${filter.key}`;
  let compiled = source.cache.get(key) as Compiled | undefined;
  if (compiled) return compiled;
  const compiler = new FilterCompiler(filter.nowMs, source, filter.bodyTests);
  const where = compiler.node(filter.node);
  const { params, tests } = compiler;
  compiled = { where, params, tests, drivers: source.sealed ? driversOf(filter.node, source, filter.bodyTests) : [], isOfTotals: source.hasRolls && isOfTotals(filter.node) };
  remember(source, key, compiled);
  return compiled;
}

/** Tests that every call has to pass and whose values an index of the segment begins with. */
function driversOf(node: FilterNode, source: Source, bodyTests: readonly BodyTest[]): Driver[] {
  if (node.kind === 'and') return node.children.flatMap((child) => driversOf(child, source, bodyTests));
  if (node.kind === 'text') {
    // Names that hold the text would be other ways to pass.
    const isNamed = TEXT_COLUMNS.some((column) => column !== 'detail' && (valuesOf(source, column) ?? ['']).some((value) => value === '' || patternTester(node.pattern, 'part')(value)));
    const test = bodyTestOf(node.pattern, bodyTests);
    return isNamed || isRuledOut(source, test) ? [] : [{ column: 'frame', values: [], table: `${test.table}_call` }];
  }
  if (node.kind === 'status') {
    const statuses = statusesOf(node.values);
    return statuses.includes('ok') ? [] : [{ column: 'status', values: statuses.filter((status) => statusesIn(source)?.has(status) ?? true) }];
  }
  if (node.kind !== 'name' || node.field === 'id' || node.field === 'comment') return [];
  const column = columnOf(node.field);
  const values = isValueColumn(column) ? fitting(node, valuesOf(source, column)) : undefined;
  return values ? [{ column, values }] : [];
}

function fitting({ field, patterns }: NameTest, values: readonly string[] | undefined): readonly string[] | undefined {
  const testers = patterns.map((pattern) => patternTester(pattern, extentOf(field)));
  return values?.filter((value) => testers.some((fits) => fits(value)));
}

const totalFields: ReadonlySet<string> = new Set(['server', 'method', 'tool', 'prompt']);

function isOfTotals(node: FilterNode): boolean {
  switch (node.kind) {
    case 'all':
    case 'status':
    case 'kind':
      return true;
    case 'and':
    case 'or':
      return node.children.every(isOfTotals);
    case 'not':
      return isOfTotals(node.child);
    case 'name':
      return totalFields.has(node.field);
    default:
      return false;
  }
}

const notesBrought = new WeakMap<Database, number>();

/** Puts what users have noted on this source's calls into a table that its SQL can ask. */
function bringNotes({ db, notes, writers }: Source): void {
  const before = notesBrought.get(db);
  if (before === notes.version) return;
  if (before === undefined) db.run('CREATE TEMP TABLE note(frame INTEGER, part INTEGER, pinned INTEGER, color TEXT, comment TEXT, PRIMARY KEY(frame, part)) WITHOUT ROWID');
  db.run('DELETE FROM temp.note');
  const insert = db.prepare('INSERT INTO temp.note VALUES (?,?,?,?,?)');
  writers.forEach((writer, w) => {
    for (const { n, part, note } of notes.of(writer)) insert.run([w * writerFactor + n, part, note.isPinned ? 1 : 0, note.color ?? null, note.comment ?? null]);
  });
  insert.free();
  notesBrought.set(db, notes.version);
}
