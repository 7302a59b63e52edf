/**
 * Owns finding text in a JSON value: in keys and in values, whether the tree shows them or not. Pure and iterative, in the
 * order of the tree; places are paths as in jsonTreeModel.ts.
 */
import type { JsonValue } from '../../extension/util/json';
import { numberText } from './exactNumbers';
import { hasText, MAX_MATCHES } from './find';
import { ROOT_PATH, step } from './jsonTreeModel';
import { visibleLine } from './visibleText';

export interface JsonMatch {
  readonly path: string;
  /** From the root down, the node itself left out: what must be open to see it. */
  readonly parents: readonly string[];
}

interface Item {
  readonly value: JsonValue | undefined;
  readonly path: string;
  readonly parents: readonly string[];
  readonly key?: string;
}

/** Nesting deeper than this is not looked into: to keep the way to every node would cost its depth squared. */
const MAX_DEPTH = 500;

export function findInJson(root: JsonValue, query: string): JsonMatch[] {
  const found: JsonMatch[] = [];
  if (query === '') return found;
  const stack: Item[] = [{ value: root, path: ROOT_PATH, parents: [] }];
  while (stack.length > 0 && found.length < MAX_MATCHES) {
    const item = stack.pop();
    if (!item) break;
    const { value, path, parents, key } = item;
    const number = numberText(value);
    const isContainer = typeof value === 'object' && value !== null && number === undefined;
    const isKeyFound = key !== undefined && hasText(visibleLine(key), query);
    // Text is looked for as it is shown: what cannot be seen is shown, and found, as its escape.
    if (isKeyFound || (!isContainer && value !== undefined && hasText(visibleLine(number ?? String(value)), query))) found.push({ path, parents });
    if (!isContainer || parents.length >= MAX_DEPTH) continue;
    const inside = [...parents, path];
    const children: Item[] = Array.isArray(value)
      ? value.map((child, index) => ({ value: child, path: step(path, String(index)), parents: inside }))
      : Object.keys(value).map((name) => ({ value: value[name], path: step(path, name), parents: inside, key: name }));
    for (const child of children.reverse()) stack.push(child);
  }
  return found;
}
