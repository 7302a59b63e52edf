/**
 * Owns turning a filter into SQL over table `call`. It gives the same answer as the matcher in query/match.ts for every
 * row: that one is right, and tests hold the two together. Everything a user wrote is bound, nothing is spliced in.
 *
 * What SQL has no words for (regular expressions) goes through a function that calls back here; texts within bodies are
 * looked for beforehand (bodySearch.ts).
 */
import type { CallQuery } from '../../contract/traffic';
import { METHODS_OF_FIELD, statusesOf, TEXT_COLUMNS, type FilterNode, type GlobPattern, type NameField, type NumberField, type Pattern, type TestNode } from '../../query/ast';
import { patternTester } from '../../query/match';
import { parseFilter } from '../../query/parser';
import { timeBoundMs } from '../../query/values';
import { bodyTestOf, findHits, type BodyTest } from './bodySearch';
import { writerFactor } from './schema';
import type { Source } from './source';
import type { Database, SqlValue } from './sqlEngine';

export interface CompiledFilter {
  /** A condition on table `call`. */
  readonly where: string;
  readonly params: readonly SqlValue[];
  /** Equal for filters that mean the same at this moment. */
  readonly key: string;
  /** Reading bodies takes long: let others have a turn between sources. */
  readonly readsBodies: boolean;
  readonly tests: readonly CustomTest[];
  readonly bodyTests: readonly BodyTest[];
}

type CustomTest =
  | { readonly kind: 'value'; readonly fits: (text: string) => boolean }
  | { readonly kind: 'body'; readonly test: BodyTest };

const everything: CompiledFilter = { where: '1', params: [], key: '', readsBodies: false, tests: [], bodyTests: [] };

/** Throws AppError `query.invalid`. */
export function compileFilter(text: CallQuery['filter'], nowMs: number): CompiledFilter {
  if (!text?.trim()) return everything;
  const compiler = new Compiler(nowMs);
  const where = compiler.node(parseFilter(text));
  const { params, tests } = compiler;
  // What a number in the SQL stands for is only in the text where it is a test of values.
  const key = JSON.stringify([where, params, tests.some((test) => test.kind === 'value') ? text : '']);
  const bodyTests = [...new Set(tests.flatMap((each) => (each.kind === 'body' ? each.test : [])))];
  return { where, params, key, readsBodies: bodyTests.length > 0, tests, bodyTests };
}

let current: CompiledFilter | undefined;
const prepared = new WeakSet<Database>();

/**
 * Looks for the filter's texts in this source's bodies, a little at a time: `breathe` lets others have a turn, and may
 * throw to end it. What was found is kept.
 */
export async function searchBodies(filter: CompiledFilter, source: Source, breathe: () => Promise<void>): Promise<void> {
  if (!filter.readsBodies) return;
  await breathe();
  while (!findHits(source, filter.bodyTests, sliceMs)) await breathe();
}

const sliceMs = 12;

/** Makes the filter's functions and tables answer for this source, until the next call. */
export function useFilter(filter: CompiledFilter, source: Source): void {
  current = filter;
  if (filter.tests.length === 0) return;
  // Done already but for what came in meanwhile, where `searchBodies` went before.
  if (filter.readsBodies) findHits(source, filter.bodyTests);
  if (prepared.has(source.db)) return;
  prepared.add(source.db);
  source.db.create_function('fits', (index: number, value: string | null) => {
    const test = current?.tests[index];
    return value !== null && test?.kind === 'value' && test.fits(String(value)) ? 1 : 0;
  });
}

const idExpression = `((SELECT name FROM writer WHERE w = frame / ${writerFactor}) || '/' || (frame % ${writerFactor}) || CASE part WHEN 0 THEN '' ELSE '.' || part END)`;

const numberColumns: Readonly<Record<NumberField, string>> = {
  dur: 'duration_us',
  upstream: 'upstream_us',
  size: '(request_bytes + ifnull(response_bytes, 0))',
  code: 'error_code',
};

class Compiler {
  readonly params: SqlValue[] = [];
  readonly tests: CustomTest[] = [];

  constructor(private readonly nowMs: number) {}

  node(node: FilterNode): string {
    switch (node.kind) {
      case 'all':
        return '1';
      case 'and':
      case 'or':
        return `(${node.children.map((child) => this.node(child)).join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        // What a row does not have fails a test: never NULL, so that NOT turns it round.
        return `NOT ifnull(${this.node(node.child)}, 0)`;
      default:
        return this.#test(node);
    }
  }

  #test(test: TestNode): string {
    switch (test.kind) {
      case 'text': {
        const columns = TEXT_COLUMNS.map((column) => `ifnull(${this.#fits(column, test.pattern, 'part')}, 0)`);
        const body = bodyTestOf(test.pattern);
        this.tests.push({ kind: 'body', test: body });
        const hits = `SELECT frame FROM temp.${body.table}`;
        return `(${columns.join(' OR ')} OR frame IN (${hits}) OR ifnull(response_frame IN (${hits}), 0))`;
      }
      case 'name': {
        const column = test.field === 'id' ? idExpression : columnOf(test.field);
        const methods = methodsOf(test.field);
        // Values are bound in the order of their marks: the methods' come first.
        const method = methods && `method IN (${this.#list(methods)}) AND `;
        const fits = test.patterns.map((pattern) => `ifnull(${this.#fits(column, pattern, 'whole')}, 0)`).join(' OR ');
        return `(${method ?? ''}(${fits}))`;
      }
      case 'status':
        return `status IN (${this.#list(statusesOf(test.values))})`;
      case 'origin':
        return `origin IN (${this.#list(test.values)})`;
      case 'kind':
        return `(${test.values.map((kind) => `substr(method, 1, 14) ${kind === 'notification' ? '=' : '<>'} 'notifications/'`).join(' OR ')})`;
      case 'number': {
        const column = numberColumns[test.field];
        const comparisons = test.comparisons.map(({ op, value }) => `${column} ${op} ${this.#bind(value)}`);
        return `ifnull((${comparisons.join(' OR ')}), 0)`;
      }
      case 'time':
        return `time_ms ${test.bound === 'since' ? '>=' : '<'} ${this.#bind(timeBoundMs(test, this.nowMs))}`;
    }
  }

  #fits(column: string, pattern: Pattern, extent: 'whole' | 'part'): string {
    const like = pattern.kind === 'glob' ? likeOf(pattern, extent) : undefined;
    if (like !== undefined) return `${column} LIKE ${this.#bind(like)} ESCAPE '\\'`;
    const index = this.tests.push({ kind: 'value', fits: patternTester(pattern, extent) }) - 1;
    return `fits(${index}, ${column})`;
  }

  #list(values: readonly string[]): string {
    return values.map((value) => this.#bind(value)).join(',');
  }

  #bind(value: SqlValue): string {
    this.params.push(value);
    return '?';
  }
}

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

function columnOf(field: Exclude<NameField, 'id'>): string {
  return methodsOf(field) ? 'name' : field;
}
