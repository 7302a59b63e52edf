/**
 * Owns edits of a JSON text: each replaces the least there is to replace and keeps every other character. Values come as
 * JSON text, so that a number of thirty digits is written as it was typed. Pure; the result is the new text.
 */
import { membersOf, nodeAt, propertyOf, type JsonDocument, type JsonNode, type JsonPath } from './jsonText';

/** Sets a value, and makes the objects and arrays on the way where they are missing. */
export function setValue(document: JsonDocument, path: JsonPath, value: string): string {
  const { text, root } = document;
  if (!root) return text;
  const node = nodeAt(root, path);
  if (node) return splice(text, node.offset, node.length, value);
  // Up to the last one there is.
  let depth = path.length - 1;
  while (depth > 0 && !nodeAt(root, path.slice(0, depth))) depth -= 1;
  const parent = nodeAt(root, path.slice(0, depth));
  const key = path[depth];
  if (!parent || key === undefined) return text;
  let inner = value;
  for (let at = path.length - 1; at > depth; at -= 1) {
    const step = path[at];
    inner = typeof step === 'number' ? `[${inner}]` : `{${JSON.stringify(step)}: ${inner}}`;
  }
  if (parent.type === 'object') return insert(text, parent, `${JSON.stringify(String(key))}${colonOf(text, parent)}${inner}`);
  if (parent.type === 'array' && typeof key === 'number') return insert(text, parent, inner);
  // Something else stands where a container belongs: it gives way, since the user has filled in what is inside.
  const container = typeof key === 'number' ? `[${inner}]` : `{${JSON.stringify(key)}: ${inner}}`;
  return splice(text, parent.offset, parent.length, container);
}

/** Takes a member out with its comma. All members of that key go: with one of them left it would come back to life. */
export function removeValue(document: JsonDocument, path: JsonPath): string {
  const parent = nodeAt(document.root, path.slice(0, -1));
  const key = path.at(-1);
  if (!parent || key === undefined) return document.text;
  const all = parent.children ?? [];
  const isGone = (child: JsonNode, index: number): boolean => (parent.type === 'array' ? index === key : child.children?.[0]?.value === key);
  const firstKept = all.findIndex((child, index) => !isGone(child, index));
  // What is left empty is written without the blanks it was laid out with.
  if (firstKept < 0) return splice(document.text, parent.offset + 1, parent.length - 2, '');
  let { text } = document;
  for (let index = all.length - 1; index > firstKept; index -= 1) {
    const [child, before] = [all[index], all[index - 1]];
    if (child && before && isGone(child, index)) text = splice(text, end(before), end(child) - end(before), '');
  }
  const [first, kept] = [all[0], all[firstKept]];
  return first && kept && firstKept > 0 ? splice(text, first.offset, kept.offset - first.offset, '') : text;
}

/** Gives a member of an object another key; its value and its place stay. */
export function renameKey(document: JsonDocument, path: JsonPath, key: string): string {
  const parent = nodeAt(document.root, path.slice(0, -1));
  const name = parent?.type === 'object' ? propertyOf(parent, String(path.at(-1)))?.children?.[0] : undefined;
  return name ? splice(document.text, name.offset, name.length, JSON.stringify(key)) : document.text;
}

/** Swaps two items of an array; what stands between them stays. */
export function swapItems(document: JsonDocument, path: JsonPath, one: number, other: number): string {
  const items = nodeAt(document.root, path)?.children ?? [];
  const [first, second] = [items[Math.min(one, other)], items[Math.max(one, other)]];
  if (!first || !second || first === second) return document.text;
  const { text } = document;
  const moved = splice(text, second.offset, second.length, text.slice(first.offset, end(first)));
  return splice(moved, first.offset, first.length, text.slice(second.offset, end(second)));
}

/** Whether an object has this key already. */
export function hasKey(node: JsonNode | undefined, key: string): boolean {
  return membersOf(node).some((member) => member.key === key);
}

function insert(text: string, parent: JsonNode, inner: string): string {
  const children = parent.children ?? [];
  const [first, last] = [children[0], children.at(-1)];
  if (!first || !last) {
    const isRootObject = !parent.parent && parent.type === 'object';
    return splice(text, parent.offset + 1, parent.length - 2, isRootObject ? `\n  ${inner}\n` : inner);
  }
  // Laid out as its neighbours are: the blanks before the first are those before each.
  const blanks = text.slice(parent.offset + 1, first.offset);
  const between = blanks.includes('\n') ? blanks : ' ';
  return splice(text, end(last), 0, `,${/^\s*$/.test(between) ? between : ' '}${inner}`);
}

/** The colon with the blanks this object has around it. */
function colonOf(text: string, parent: JsonNode): string {
  const property = parent.children?.[0];
  const [key, value] = property?.children ?? [];
  return key && value ? text.slice(end(key), value.offset) : ': ';
}

function end(node: JsonNode): number {
  return node.offset + node.length;
}

function splice(text: string, offset: number, length: number, insertion: string): string {
  return text.slice(0, offset) + insertion + text.slice(offset + length);
}
