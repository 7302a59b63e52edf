/**
 * Owns turning a filter into SQL over table `call`. It gives the same answer as the matcher in query/match.ts for every
 * row: that one is right, and tests hold the two together. Everything a user wrote is bound, nothing is spliced in.
 *
 * What SQL has no words for (regular expressions) goes through a function that calls back here; texts within bodies are
 * looked for beforehand (bodySearch.ts). For each sealed segment it is said anew, with the values that the segment
 * knows: that one can be left out is plain then, and what is left is looked up in an index.
 */
import type { CallQuery } from '../../contract/traffic';
import { extentOf, METHODS_OF_FIELD, statusesOf, TEXT_COLUMNS, type FilterNode, type GlobPattern, type IsWord, type NameField, type NameTest, type NumberField, type Pattern, type TestNode } from '../../query/ast';
import { patternTester } from '../../query/match';
import { parseFilter } from '../../query/parser';
import { timeBoundMs } from '../../query/values';
import { findHits, isRuledOut, isSearched } from './bodySearch';
import { bodyTestOf, type BodyTest } from './bodyTests';
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

type CustomTest =
  | { readonly kind: 'value'; readonly fits: (text: string) => boolean }
  | { readonly kind: 'body'; readonly test: BodyTest };

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
  const compiler = new Compiler(nowMs);
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
  const compiler = new Compiler(filter.nowMs, source, filter.bodyTests);
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

const noted = (condition: string): string => `(frame, part) IN (SELECT frame, part FROM temp.note WHERE ${condition})`;

const isConditions: Readonly<Record<IsWord, string>> = {
  pinned: noted('pinned'),
  colored: noted('color IS NOT NULL'),
  commented: noted('comment IS NOT NULL'),
  nested: 'parent_frame IS NOT NULL',
  playground: "session IN (SELECT id FROM session WHERE kind = 'playground')",
};
const noteWords: ReadonlySet<IsWord> = new Set(['pinned', 'colored', 'commented']);

const idExpression = `((SELECT name FROM writer WHERE w = frame / ${writerFactor}) || '/' || (frame % ${writerFactor}) || CASE part WHEN 0 THEN '' ELSE '.' || part END)`;

const numberColumns: Readonly<Record<NumberField, string>> = {
  dur: 'duration_us',
  upstream: 'upstream_us',
  size: 'size',
  code: 'error_code',
};

class Compiler {
  readonly params: SqlValue[] = [];
  readonly tests: CustomTest[] = [];
  readsNotes = false;

  /** `source`: what is known of it is made use of. `bodyTests`: in the order of the filter's texts. */
  constructor(
    private readonly nowMs: number,
    private readonly source?: Source,
    private readonly bodyTests: readonly BodyTest[] = [],
  ) {}

  node(node: FilterNode): string {
    switch (node.kind) {
      case 'all':
        return '1';
      case 'and':
        return this.#join(node.children, 'AND', '0', '1');
      case 'or':
        return this.#join(node.children, 'OR', '1', '0');
      case 'not': {
        const child = this.node(node.child);
        if (child === '0') return '1';
        // What a row does not have fails a test: never NULL, so that NOT turns it round.
        return child === '1' ? '0' : `NOT ifnull(${child}, 0)`;
      }
      default:
        return this.#test(node);
    }
  }

  /** `decides` alone decides the whole, `idle` says nothing. */
  #join(children: readonly FilterNode[], word: string, decides: string, idle: string): string {
    const params = this.params.length;
    const parts: string[] = [];
    for (const child of children) {
      const part = this.node(child);
      if (part === decides) {
        this.params.length = params;
        return decides;
      }
      if (part !== idle) parts.push(part);
    }
    return parts.length === 0 ? idle : `(${parts.join(` ${word} `)})`;
  }

  #test(test: TestNode): string {
    switch (test.kind) {
      case 'text': {
        const body = bodyTestOf(test.pattern, this.bodyTests);
        this.tests.push({ kind: 'body', test: body });
        // Of sealed sources it is known which calls have it in their texts.
        const isSealed = this.source?.sealed === true;
        const columns = TEXT_COLUMNS.map((column) => (isSealed && column === 'detail' ? '0' : this.#named(column, [test.pattern], 'part'))).filter((sql) => sql !== '0');
        if (isSealed) return anyOf(this.source && isRuledOut(this.source, body) ? columns : [...columns, callsIn(body)]);
        const hits = `SELECT frame FROM temp.${body.table}`;
        return `(${[...columns, `frame IN (${hits})`, `ifnull(response_frame IN (${hits}), 0)`].join(' OR ')})`;
      }
      case 'name': {
        if (test.field === 'comment') {
          this.readsNotes = true;
          return noted(test.patterns.map((pattern) => `ifnull(${this.#fits('comment', pattern, 'part')}, 0)`).join(' OR '));
        }
        const params = this.params.length;
        const column = test.field === 'id' ? idExpression : columnOf(test.field);
        const methods = methodsOf(test.field);
        // Values are bound in the order of their marks: the methods' come first.
        const method = methods && `method IN (${this.#list(methods)})`;
        const fits = this.#named(column, test.patterns, extentOf(test.field));
        if (fits === '0') this.params.length = params;
        return method === undefined || fits === '0' ? fits : `(${method} AND ${fits})`;
      }
      case 'status':
        return this.#statuses(statusesOf(test.values));
      case 'origin':
        return `origin IN (${this.#list(test.values)})`;
      case 'is':
        this.readsNotes ||= test.values.some((word) => noteWords.has(word));
        return `(${test.values.map((word) => isConditions[word]).join(' OR ')})`;
      case 'color':
        this.readsNotes = true;
        return noted(`color IN (${this.#list(test.values)})`);
      case 'kind':
        return `(${test.values.map((kind) => `substr(method, 1, 14) ${kind === 'notification' ? '=' : '<>'} 'notifications/'`).join(' OR ')})`;
      case 'number': {
        const column = numberColumns[test.field];
        const comparisons = test.comparisons.map(({ op, value }) => `${column} ${op} ${this.#bind(value)}`);
        return `ifnull((${comparisons.join(' OR ')}), 0)`;
      }
      case 'time':
        return this.#time(test.bound, timeBoundMs(test, this.nowMs));
    }
  }

  #time(bound: 'since' | 'until', ms: number): string {
    if (this.source?.sealed) {
      const { minMs, maxMs } = this.source.extent;
      if (minMs >= ms) return bound === 'since' ? '1' : '0';
      if (maxMs < ms) return bound === 'since' ? '0' : '1';
    }
    return `time_ms ${bound === 'since' ? '>=' : '<'} ${this.#bind(ms)}`;
  }

  /** A column's value fits one of the patterns: said with the values themselves where they are few and known. */
  #named(column: string, patterns: readonly Pattern[], extent: 'whole' | 'part'): string {
    const known = this.source && isValueColumn(column) ? valuesOf(this.source, column) : undefined;
    if (!known) {
      const fits = patterns.map((pattern) => `ifnull(${this.#fits(column, pattern, extent)}, 0)`).join(' OR ');
      return patterns.length === 1 ? fits : `(${fits})`;
    }
    const testers = patterns.map((pattern) => patternTester(pattern, extent));
    const values = known.filter((value) => testers.some((fits) => fits(value)));
    if (values.length === 0) return '0';
    return values.length === known.length ? `${column} IS NOT NULL` : `${column} IN (${this.#list(values)})`;
  }

  #fits(column: string, pattern: Pattern, extent: 'whole' | 'part'): string {
    const like = pattern.kind === 'glob' ? likeOf(pattern, extent) : undefined;
    if (like !== undefined) return `${column} LIKE ${this.#bind(like)} ESCAPE '\\'`;
    const index = this.tests.push({ kind: 'value', fits: patternTester(pattern, extent) }) - 1;
    return `fits(${index}, ${column})`;
  }

  #statuses(statuses: readonly string[]): string {
    const known = this.source && statusesIn(this.source);
    const wanted = known ? statuses.filter((status) => known.has(status)) : statuses;
    if (wanted.length === 0) return '0';
    if (known && wanted.length === known.size) return '1';
    const list = `status IN (${this.#list(wanted)})`;
    // Said in the words of the index of what did not go well, so that it can be used.
    return wanted.includes('ok') ? list : `(status <> 'ok' AND ${list})`;
  }

  #list(values: readonly string[]): string {
    return values.map((value) => this.#bind(value)).join(',');
  }

  #bind(value: SqlValue): string {
    this.params.push(value);
    return '?';
  }
}

const anyOf = (parts: readonly string[]): string => (parts.length === 0 ? '0' : parts.length === 1 ? parts[0]! : `(${parts.join(' OR ')})`);

/** Said so that SQLite goes through the calls that are asked about, and not through all of the table for each of them. */
const callsIn = ({ table }: BodyTest): string => `EXISTS (SELECT 1 FROM temp.${table}_call h WHERE h.frame = call.frame AND h.part = call.part)`;

/** LIKE tries every way to place its wildcards: more than a few of them go to the linear matcher instead. */
const likeWildcards = 3;

function likeOf({ parts }: GlobPattern, extent: 'whole' | 'part'): string | undefined {
  if (parts.filter((part) => typeof part !== 'string').length > likeWildcards) return undefined;
  const text = parts
    .map((part) => (typeof part === 'string' ? part.replaceAll(/[\\%_]/g, '\\$&') : part.wild === 'many' ? '%' : '_'))
    .join('');
  if (text.length > 5000 || text.includes('\0')) return undefined;
  return extent === 'part' ? `%${text}%` : text;
}

/** `undefined`: rows of every method have this name. */
function methodsOf(field: NameField): readonly string[] | undefined {
  return field === 'tool' || field === 'prompt' || field === 'uri' ? METHODS_OF_FIELD[field] : undefined;
}

function columnOf(field: Exclude<NameField, 'id' | 'comment'>): string {
  if (field === 'turn') return 'prompt';
  return methodsOf(field) ? 'name' : field;
}
