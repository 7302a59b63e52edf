/**
 * Owns reading a commented JSON file with places: its tree, the line and column of any of its nodes, and a syntax
 * error in one sentence. Knows nothing of servers.
 */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { ConfigProblem } from '../contract/status';

export type { Node } from 'jsonc-parser';

/** A property of an object node, with the place of its key. */
export interface Property {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node;
}

export class JsoncReader {
  readonly root: Node | undefined;
  /** The first syntax error; what follows it is mostly its echo. */
  readonly syntaxProblem: ConfigProblem | undefined;
  readonly #lineStarts: number[] = [0];

  constructor(
    text: string,
    private readonly file: string,
  ) {
    const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
    for (const found of content.matchAll(/\r\n|\r|\n/g)) this.#lineStarts.push(found.index + found[0].length);
    const errors: ParseError[] = [];
    this.root = parseTree(content, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first) this.syntaxProblem = this.problemAt(first.offset, syntaxMessage(first, errors[1], content));
  }

  problem(node: Node, message: string): ConfigProblem {
    return this.problemAt(node.offset, message);
  }

  /** 1-based line of a node. */
  lineOf(node: Node): number {
    return this.#position(node.offset).line;
  }

  problemAt(offset: number, message: string): ConfigProblem {
    return { file: this.file, ...this.#position(offset), message };
  }

  #position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}

/** The properties of an object node in their order, doubles included. */
export function propertiesOf(node: Node): Property[] {
  return (node.children ?? []).flatMap(({ children = [] }) => {
    const [keyNode, value] = children;
    return keyNode && value ? [{ key: String(keyNode.value), keyNode, value }] : [];
  });
}

/** What a node is, in JSON's words. */
export function describeType(node: Node): string {
  switch (node.type) {
    case 'string':
      return node.value === '' ? 'an empty string' : 'a string';
    case 'number':
      return `the number ${String(node.value)}`;
    case 'boolean':
      return String(node.value);
    case 'array':
      return 'a list';
    case 'object':
      return 'an object';
    default:
      return 'null';
  }
}

/** What is wrong at the place of the error, without a full stop; `undefined`: no more than that it is not JSON. */
export function syntaxWords({ error }: ParseError): string | undefined {
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
    case 'InvalidEscapeCharacter':
    case 'InvalidUnicode':
      return 'This text has an escape that is none; write a backslash as "\\\\"';
    case 'InvalidCharacter':
      return 'This text has a character that must be escaped, such as a line break';
    default:
      return undefined;
  }
}

function syntaxMessage(error: ParseError, next: ParseError | undefined, text: string): string {
  const what = (): string => {
    if (text.trim() === '') return 'The file is empty';
    const words = syntaxWords(error);
    if (words !== undefined) return words;
    if (next && printParseErrorCode(next.error) === 'PropertyNameExpected') return 'Names must stand in double quotes';
    const found = text.slice(error.offset, error.offset + Math.min(error.length, 20));
    return found === '' ? 'This is not JSON' : `${JSON.stringify(found)} is not JSON`;
  };
  return `${what()}. The servers of the last good version stay in use until this is corrected.`;
}
