/**
 * Owns reading a configuration document of any format into one kind of tree with places. Never throws and never puts
 * text of the document into a message: it may hold secrets.
 */
import { DocumentError, type DocEntry, type DocNode, type DocProblem } from './documentTree';
import { parseJsonc } from './jsoncDocument';
import { parseToml } from './tomlDocument';
import { parseYaml } from './yamlDocument';

export type DocumentFormat = 'jsonc' | 'toml' | 'yaml';

export interface ParsedDocument {
  readonly format: DocumentFormat;
  /** Without byte order mark. */
  readonly text: string;
  /** `undefined`: empty, or broken. */
  readonly root: DocNode | undefined;
  readonly problem: DocProblem | undefined;
}

const PARSERS: Readonly<Record<DocumentFormat, (text: string) => DocNode | undefined>> = {
  jsonc: parseJsonc,
  toml: parseToml,
  yaml: parseYaml,
};

export function parseDocument(source: string, format: DocumentFormat): ParsedDocument {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  try {
    return { format, text, root: PARSERS[format](text), problem: undefined };
  } catch (error) {
    const problem =
      error instanceof DocumentError
        ? { offset: error.offset, message: error.message }
        : { offset: 0, message: error instanceof RangeError ? 'It is nested too deeply' : 'It cannot be parsed' };
    return { format, text, root: undefined, problem };
  }
}

/** 1-based line and column of an offset. CR LF, LF and CR end a line. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (const found of text.matchAll(/\r\n|\r|\n/g)) {
    const next = found.index + found[0].length;
    if (next > offset) break;
    line += 1;
    start = next;
  }
  return { line, column: offset - start + 1 };
}

/** The last member of that name, as in JSON. */
export function member(node: DocNode | undefined, key: string): DocEntry | undefined {
  return node?.entries.findLast((entry) => entry.key === key);
}

export function nodeAt(root: DocNode | undefined, path: readonly string[]): DocNode | undefined {
  let node = root;
  for (const key of path) node = member(node, key)?.value;
  return node;
}

/** The value of a node. Keys are own properties whatever their names: `__proto__` too. */
export function plainValue(node: DocNode): unknown {
  if (node.kind === 'object') return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value)]));
  return node.kind === 'array' ? node.items.map(plainValue) : node.scalar;
}

/** What a node is, in words. */
export function describeNode(node: DocNode): string {
  if (node.kind === 'object') return 'an object';
  if (node.kind === 'array') return 'a list';
  return typeof node.scalar === 'string' ? 'a text' : typeof node.scalar === 'number' ? 'a number' : String(node.scalar);
}
