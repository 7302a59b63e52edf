/** Owns reading JSON with comments and trailing commas into the common tree. */
import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
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
  if (first) throw new DocumentError(words(first), first.offset);
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
    const entries = (node.children ?? []).flatMap(({ children = [] }) => {
      const [key, value] = children;
      return key && value ? [{ key: String(key.value), keyOffset: key.offset, value: toNode(value) }] : [];
    });
    return { kind: 'object', ...place, entries, items: [] };
  }
  if (node.type === 'array') return { kind: 'array', ...place, entries: [], items: (node.children ?? []).map(toNode) };
  return { kind: 'scalar', ...place, entries: [], items: [], scalar: node.value as unknown };
}

function words({ error }: ParseError): string {
  switch (printParseErrorCode(error)) {
    case 'ValueExpected':
      return 'A value is missing here';
    case 'CommaExpected':
      return 'A comma is missing before this';
    case 'ColonExpected':
      return 'A colon is missing after the name';
    case 'PropertyNameExpected':
      return 'A name in double quotes is expected here';
    case 'CloseBraceExpected':
      return 'A closing "}" is missing';
    case 'CloseBracketExpected':
      return 'A closing "]" is missing';
    case 'EndOfFileExpected':
      return 'There is more after the end of the JSON text';
    case 'UnexpectedEndOfString':
      return 'This text is never closed with a quotation mark';
    case 'UnexpectedEndOfComment':
      return 'This comment is never closed with "*/"';
    default:
      return 'This is not JSON';
  }
}
