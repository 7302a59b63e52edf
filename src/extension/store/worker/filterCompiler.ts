/**
 * Owns what a filter is as SQL over table `call`. It gives the same answer as the matcher in query/match.ts for every row: that
 * one is right, and tests hold the two together. Everything a user wrote is bound, nothing is spliced in.
 *
 * What SQL has no words for (regular expressions) goes through the function `fits`, by the number of its test; texts within bodies
 * are looked for beforehand (bodySearch.ts), and where they were found stands in tables.
 */
import { extentOf, METHODS_OF_FIELD, statusesOf, TEXT_COLUMNS, type FilterNode, type GlobPattern, type IsWord, type NameField, type NumberField, type Pattern, type TestNode } from '../../query/ast';
import { patternTester } from '../../query/match';
import { timeBoundMs } from '../../query/values';
import { isRuledOut } from './bodySearch';
import { bodyTestOf, type BodyTest } from './bodyTests';
import { writerFactor } from './schema';
import { isValueColumn, statusesIn, valuesOf } from './values';
import type { Source } from './source';
import type { SqlValue } from './sqlEngine';

/** What SQL alone cannot tell. */
export type CustomTest =
  | { readonly kind: 'value'; readonly fits: (text: string) => boolean }
  | { readonly kind: 'body'; readonly test: BodyTest };

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

/** Compiles one filter; `params` and `tests` belong to what `node` gives. */
export class FilterCompiler {
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

/** Where a field's names stand. */
export function columnOf(field: Exclude<NameField, 'id' | 'comment'>): string {
  if (field === 'turn') return 'prompt';
  return methodsOf(field) ? 'name' : field;
}
