/** Owns reading JSON with comments and trailing commas into the common tree. */
import { createScanner, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { propertiesOf, syntaxWords } from '../jsoncReader';
import { DocumentError, MAX_DEPTH, type DocNode } from './documentTree';

// Numbers of jsonc-parser's SyntaxKind, a const enum that isolated modules cannot read.
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const END_OF_FILE = 17;

/** `undefined`: empty, or comments only. Throws DocumentError. */
export function parseJsonc(text: string): DocNode | undefined {
  checkDepth(text);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [first] = errors;
  if (first) throw new DocumentError(syntaxWords(first) ?? 'This is not JSON', first.offset);
  return root && toNode(root);
}

function checkDepth(text: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== END_OF_FILE; token = scanner.scan()) {
    if (token === OPEN_BRACE || token === OPEN_BRACKET) depth += 1;
    else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth -= 1;
    if (depth > MAX_DEPTH) throw new DocumentError('It is nested too deeply', scanner.getTokenOffset());
  }
}

function toNode(node: Node): DocNode {
  const place = { offset: node.offset, end: node.offset + node.length };
  if (node.type === 'object') {
    const entries = propertiesOf(node).map(({ key, keyNode, value }) => ({ key, keyOffset: keyNode.offset, value: toNode(value) }));
    return { kind: 'object', ...place, entries, items: [] };
  }
  if (node.type === 'array') return { kind: 'array', ...place, entries: [], items: (node.children ?? []).map(toNode) };
  return { kind: 'scalar', ...place, entries: [], items: [], scalar: node.value as unknown };
}
