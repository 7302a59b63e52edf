/** Owns finding in a configuration's text what a finding points at: line, column and length for an editor. Pure. */
import { parseTree } from 'jsonc-parser';
import { propertiesOf, type Node } from '../servers/jsoncReader';

export interface TextPlace {
  /** UTF-16 units from the start of the text, a byte order mark counted in. */
  readonly offset: number;
  readonly length: number;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

export interface LocateRequest {
  readonly server: string;
  /** From the entry; empty: its name. */
  readonly path: readonly (string | number)[];
  /** Where the entries stand in this file: `["mcpServers"]` in those of other clients. */
  readonly section?: readonly string[];
}

/** `undefined`: the text has no such place (any more), or is no JSON. The nearest that is there counts. */
export function locate(text: string, request: LocateRequest): TextPlace | undefined {
  const node = findNode(text, request);
  return node && placeOf(text, node.node, node.shift);
}

export interface FoundNode {
  readonly node: Node;
  /** What to add to the node's offset: 1 where the text begins with a byte order mark. */
  readonly shift: number;
  /** Whether the whole path was found. */
  readonly isExact: boolean;
}

/** The value a path leads to, else the last one on the way; for an empty path the entry's name. */
export function findNode(text: string, { server, path, section = ['servers'] }: LocateRequest): FoundNode | undefined {
  const shift = text.startsWith('\uFEFF') ? 1 : 0;
  let node = parseTree(text.slice(shift), [], { allowTrailingComma: true });
  for (const key of section) node = node && memberOf(node, key)?.value;
  const entry = node && memberOf(node, server);
  if (!entry) return undefined;
  if (path.length === 0) return { node: entry.keyNode, shift, isExact: true };
  let at = entry.value;
  for (const step of path) {
    const next = typeof step === 'number' ? at.children?.[step] : memberOf(at, step)?.value;
    if (!next) return { node: at === entry.value ? entry.keyNode : at, shift, isExact: false };
    at = next;
  }
  return { node: at, shift, isExact: true };
}

/** The last of that name counts, as where the file is read. */
function memberOf(node: Node, key: string): ReturnType<typeof propertiesOf>[number] | undefined {
  return node.type === 'object' ? propertiesOf(node).findLast((property) => property.key === key) : undefined;
}

function placeOf(text: string, node: Node, shift: number): TextPlace {
  const offset = node.offset + shift;
  let line = 1;
  let start = shift;
  for (const found of text.slice(0, offset).matchAll(/\r\n|\r|\n/g)) {
    line++;
    start = found.index + found[0].length;
  }
  // An editor marks one line; what goes over several is marked to the end of its first.
  const span = text.slice(offset, offset + node.length).split(/[\r\n]/)[0] ?? '';
  return { offset, length: span.length, line, column: offset - start + 1 };
}
