/**
 * Owns what a filter means: a predicate over one row and its bodies. The SQL compiler must give the same answer for
 * every row; tests hold the two together, this one is right.
 */
import type { CallRow } from '../contract/traffic';
import {
  extentOf,
  kindOfMethod,
  METHODS_OF_FIELD,
  statusesOf,
  TEXT_COLUMNS,
  type CompareOp,
  type FilterNode,
  type GlobPattern,
  type IsWord,
  type NameField,
  type NumberField,
  type Pattern,
  type TestNode,
} from './ast';
import { foldCase } from './foldCase';
import { literalNode, type RegexNode } from './regexParse';
import { compileNode, compileRegex } from './regexRun';
import { timeBoundMs } from './values';

export interface MatchTarget {
  readonly row: CallRow;
  /** Recorded texts of request and response; asked for only when a text test needs them. */
  bodies(): Iterable<string>;
}

/** `nowMs`: what `since:1h` counts from, Unix epoch, milliseconds. */
export function compileMatcher(node: FilterNode, nowMs: number): (target: MatchTarget) => boolean {
  switch (node.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const tests = node.children.map((child) => compileMatcher(child, nowMs));
      return (target) => tests.every((test) => test(target));
    }
    case 'or': {
      const tests = node.children.map((child) => compileMatcher(child, nowMs));
      return (target) => tests.some((test) => test(target));
    }
    case 'not': {
      const test = compileMatcher(node.child, nowMs);
      return (target) => !test(target);
    }
    default:
      return compileTest(node, nowMs);
  }
}

/** Whether the filter reads bodies, which live rows in a webview do not carry. */
export function readsBodies(node: FilterNode): boolean {
  if (node.kind === 'and' || node.kind === 'or') return node.children.some(readsBodies);
  return node.kind === 'not' ? readsBodies(node.child) : node.kind === 'text';
}

function compileTest(test: TestNode, nowMs: number): (target: MatchTarget) => boolean {
  switch (test.kind) {
    case 'text': {
      const inColumn = patternTester(test.pattern, 'part');
      const inBody = bodyTester(test.pattern);
      return (target) => {
        const { row } = target;
        if (TEXT_COLUMNS.some((column) => row[column] !== undefined && inColumn(row[column]))) return true;
        for (const body of target.bodies()) if (inBody(body)) return true;
        return false;
      };
    }
    case 'name': {
      const testers = test.patterns.map((pattern) => patternTester(pattern, extentOf(test.field)));
      return ({ row }) => {
        const value = nameOf(row, test.field);
        return value !== undefined && testers.some((tester) => tester(value));
      };
    }
    case 'status': {
      const statuses = new Set(statusesOf(test.values));
      return ({ row }) => statuses.has(row.status);
    }
    case 'kind':
      return ({ row }) => test.values.includes(kindOfMethod(row.method));
    case 'origin':
      return ({ row }) => test.values.includes(row.origin);
    case 'is':
      return ({ row }) => test.values.some((word) => isA(row, word));
    case 'color':
      return ({ row }) => row.note?.color !== undefined && test.values.includes(row.note.color);
    case 'number':
      return ({ row }) => {
        const value = numberOf(row, test.field);
        return value !== undefined && test.comparisons.some((comparison) => compare(value, comparison.op, comparison.value));
      };
    case 'time': {
      const bound = timeBoundMs(test, nowMs);
      return ({ row }) => (test.bound === 'since' ? row.timeMs >= bound : row.timeMs < bound);
    }
  }
}

/** The value a name test reads; `undefined`: the row has none. */
export function nameOf(row: CallRow, field: NameField): string | undefined {
  switch (field) {
    case 'tool':
    case 'prompt':
    case 'uri':
      return METHODS_OF_FIELD[field].includes(row.method) ? row.name : undefined;
    case 'turn':
      return row.prompt;
    case 'comment':
      return row.note?.comment;
    default:
      return row[field];
  }
}

function isA({ note, parent, isPlayground }: CallRow, word: IsWord): boolean {
  switch (word) {
    case 'pinned':
      return note?.isPinned === true;
    case 'colored':
      return note?.color !== undefined;
    case 'commented':
      return note?.comment !== undefined;
    case 'nested':
      return parent !== undefined;
    case 'playground':
      return isPlayground === true;
  }
}

function numberOf(row: CallRow, field: NumberField): number | undefined {
  switch (field) {
    case 'dur':
      return row.durationUs;
    case 'upstream':
      return row.upstreamUs;
    case 'size':
      return row.requestBytes + (row.responseBytes ?? 0);
    case 'code':
      return row.errorCode;
  }
}

function compare(value: number, op: CompareOp, bound: number): boolean {
  switch (op) {
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '=':
      return value === bound;
  }
}

/** A tester for one pattern. `whole`: a glob must fit the whole value. A regex fits a part in any case. */
export function patternTester(pattern: Pattern, extent: 'whole' | 'part'): (text: string) => boolean {
  if (pattern.kind === 'regex') return compileRegex(pattern.source, pattern.ignoreCase);
  const [first] = pattern.parts;
  if (extent === 'part' && pattern.parts.length === 1 && typeof first === 'string') {
    const wanted = foldCase(first);
    return (text) => foldCase(text).includes(wanted);
  }
  return compileNode(globNode(pattern, extent));
}

/** A tester for recorded JSON text: literal text is found also where JSON has escaped it. */
export function bodyTester(pattern: Pattern): (body: string) => boolean {
  if (pattern.kind === 'regex') return patternTester(pattern, 'part');
  const testers = spellings(pattern).map((spelling) => patternTester(spelling, 'part'));
  return (body) => testers.some((tester) => tester(body));
}

/**
 * The ways a text can stand in recorded JSON: as it is, escaped (`say \"hi\"`), and with non-ASCII as `\uXXXX`. The
 * first is the text itself; the others only where they differ.
 */
export function literalSpellings(text: string): string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const ascii = escaped.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [...new Set([text, escaped, ascii])];
}

function spellings({ parts }: GlobPattern): GlobPattern[] {
  return [0, 1, 2]
    .map((index): GlobPattern => {
      const spell = (part: string): string => literalSpellings(part)[index] ?? literalSpellings(part).at(-1) ?? part;
      return { kind: 'glob', parts: parts.map((part) => (typeof part === 'string' ? spell(part) : part)) };
    })
    .filter((glob, index, all) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(glob)) === index);
}

const ANY: RegexNode = { kind: 'set', set: [[0, 0xffff]] };
const ANY_RUN: RegexNode = { kind: 'repeat', node: ANY, min: 0, max: Infinity };
/** One code point: a surrogate pair, or a code unit that is none. */
const ANY_ONE: RegexNode = {
  kind: 'alt',
  nodes: [
    { kind: 'seq', nodes: [{ kind: 'set', set: [[0xd800, 0xdbff]] }, { kind: 'set', set: [[0xdc00, 0xdfff]] }] },
    { kind: 'set', set: [[0, 0xd7ff], [0xe000, 0xffff]] },
  ],
};

function globNode({ parts }: GlobPattern, extent: 'whole' | 'part'): RegexNode {
  const body = parts.map((part) =>
    typeof part === 'string' ? literalNode(part, true) : part.wild === 'many' ? ANY_RUN : ANY_ONE,
  );
  const nodes: RegexNode[] =
    extent === 'part' ? body : [{ kind: 'assert', what: 'start' }, ...body, { kind: 'assert', what: 'end' }];
  return { kind: 'seq', nodes };
}
