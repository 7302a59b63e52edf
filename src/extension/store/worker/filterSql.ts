/**
 * Owns turning a filter into SQL over table `call`. It gives the same answer as the matcher in query/match.ts for every
 * row: that one is right, and tests hold the two together. Everything a user wrote is bound, nothing is spliced in.
 *
 * What SQL has no words for (regular expressions, texts within bodies) goes through two functions that call back here;
 * bodies never change, so what was once found out about one is remembered per source.
 */
import type { CallQuery } from '../../contract/traffic';
import { METHODS_OF_FIELD, statusesOf, TEXT_COLUMNS, type FilterNode, type GlobPattern, type NameField, type NumberField, type Pattern, type TestNode } from '../../query/ast';
import { bodyTester, literalSpellings, patternTester } from '../../query/match';
import { parseFilter } from '../../query/parser';
import { timeBoundMs } from '../../query/values';
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
}

type CustomTest =
  | { readonly kind: 'value'; readonly fits: (text: string) => boolean }
  | { readonly kind: 'body'; readonly key: string; readonly fits: (body: Buffer) => boolean };

const everything: CompiledFilter = { where: '1', params: [], key: '', readsBodies: false, tests: [] };

/** Throws AppError `query.invalid`. */
export function compileFilter(text: CallQuery['filter'], nowMs: number): CompiledFilter {
  if (!text?.trim()) return everything;
  const compiler = new Compiler(nowMs);
  const where = compiler.node(parseFilter(text));
  const { params, tests } = compiler;
  const bodies = tests.map((test) => (test.kind === 'body' ? test.key : text));
  return { where, params, key: JSON.stringify([where, params, bodies]), readsBodies: tests.some((test) => test.kind === 'body'), tests };
}

let current: { readonly filter: CompiledFilter; readonly source: Source } | undefined;
const prepared = new WeakSet<Database>();

/** Makes the filter's functions answer for this source until the next call. */
export function useFilter(filter: CompiledFilter, source: Source): void {
  current = { filter, source };
  if (filter.tests.length === 0 || prepared.has(source.db)) return;
  prepared.add(source.db);
  source.db.create_function('fits', (index: number, value: string | null) => {
    const test = current?.filter.tests[index];
    return value !== null && test?.kind === 'value' && test.fits(String(value)) ? 1 : 0;
  });
  source.db.create_function('body_fits', (index: number, frame: number, response: number | null) => {
    const test = current?.filter.tests[index];
    if (test?.kind !== 'body') return 0;
    const from = current!.source;
    return bodyFits(from, test, frame) || (response !== null && bodyFits(from, test, response)) ? 1 : 0;
  });
}

const rememberedTests = 4;

function bodyFits(source: Source, test: Extract<CustomTest, { kind: 'body' }>, frame: number): boolean {
  let tests = source.cache.get('bodies') as Map<string, Map<number, boolean>> | undefined;
  if (!tests) source.cache.set('bodies', (tests = new Map()));
  let known = tests.get(test.key);
  if (!known) {
    if (tests.size >= rememberedTests) tests.delete(tests.keys().next().value!);
    tests.set(test.key, (known = new Map()));
  }
  let fits = known.get(frame);
  if (fits === undefined) {
    const [key] = source.db.exec('SELECT body FROM frame WHERE frame = ?', [frame])[0]?.values[0] ?? [];
    fits = typeof key === 'number' && test.fits(source.body(key));
    known.set(frame, fits);
  }
  return fits;
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
        const index = this.tests.push({ kind: 'body', key: JSON.stringify(test.pattern), fits: bytesTester(test.pattern) }) - 1;
        return `(${columns.join(' OR ')} OR body_fits(${index}, frame, response_frame))`;
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

/** A tester for recorded bytes; plain ASCII, by far the most usual, is looked for without decoding UTF-8. */
function bytesTester(pattern: Pattern): (body: Buffer) => boolean {
  const [literal] = pattern.kind === 'glob' && pattern.parts.length === 1 ? pattern.parts : [];
  if (typeof literal === 'string' && /^[ -~]+$/.test(literal)) {
    const wanted = literalSpellings(literal).map((spelling) => spelling.toLowerCase());
    return (body) => {
      const text = body.toString('latin1').toLowerCase();
      return wanted.some((spelling) => text.includes(spelling));
    };
  }
  const fits = bodyTester(pattern);
  return (body) => body.length > 0 && fits(body.toString('utf8'));
}
