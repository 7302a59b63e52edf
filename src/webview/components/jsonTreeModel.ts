/**
 * Owns turning a JSON value into the rows of a tree, given which nodes are open. Pure and iterative: nesting of ten
 * thousand levels and arrays of a million items neither overflow nor freeze. Long strings open into lines.
 *
 * A node's path is its key: keys joined with NUL, which cannot be confused with a key's own characters as long as
 * every step is escaped (see `step`).
 */
import type { JsonValue } from '../../extension/util/json';
import { numberText } from './exactNumbers';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'line' | 'more';

export interface JsonRow {
  readonly path: string;
  readonly depth: number;
  /** Property name or index; absent for the root, lines of a string, and "more". */
  readonly key?: string;
  readonly kind: JsonKind;
  /** Text of a value or line; empty for containers. */
  readonly text: string;
  /** Children of a container, characters of a string, or how many are left out. */
  readonly size: number;
  readonly isExpandable: boolean;
  readonly isOpen: boolean;
}

export interface JsonTreeLimits {
  /** Children shown of one node. */
  readonly children: number;
  /** Rows in all. */
  readonly rows: number;
  /** Strings longer than this, or with line breaks, can be opened into lines. */
  readonly longText: number;
  /** Of those, the ones up to this length are open from the start. */
  readonly openText: number;
}

export const TREE_LIMITS: JsonTreeLimits = { children: 10_000, rows: 200_000, longText: 120, openText: 0 };
const LINE_LENGTH = 160;

export const ROOT_PATH = '$';

export function step(path: string, key: string): string {
  return `${path}\0${key.replaceAll('\0', '\0\0')}`;
}

/** Whether a node is open; long strings are asked for with an infinite depth where they are to be closed at first. */
export type IsOpen = (path: string, depth: number) => boolean;

/** The rows to show, in order. `isOpen` is asked for every container and long string on the way. */
export function jsonRows(root: JsonValue, isOpen: IsOpen, limits = TREE_LIMITS): JsonRow[] {
  const rows: JsonRow[] = [];
  const stack: Child[] = [{ value: root, path: ROOT_PATH, depth: 0 }];
  while (stack.length > 0) {
    const item = stack.pop();
    if (!item) break;
    if (rows.length >= limits.rows) {
      rows.push(moreRow(item.path, item.depth, stack.length + 1));
      break;
    }
    if (item.ready) {
      rows.push(item.ready);
      continue;
    }
    const row = rowOf(item, isOpen, limits);
    rows.push(row);
    if (!row.isOpen) continue;
    // Pushed last to first, so that they come off the stack first to last.
    const children = childrenOf(item.value, row, limits.children);
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index];
      if (child) stack.push(child);
    }
  }
  return rows;
}

interface Child {
  readonly value: JsonValue | undefined;
  readonly path: string;
  readonly depth: number;
  readonly key?: string;
  /** A row that needs no value, made by its parent. */
  readonly ready?: JsonRow;
}

function childrenOf(value: JsonValue | undefined, row: JsonRow, limit: number): Child[] {
  const depth = row.depth + 1;
  const children: Child[] = [];
  if (typeof value === 'string') {
    const lines = linesOf(value, limit);
    lines.shown.forEach((text, index) => {
      const path = step(row.path, `line ${index}`);
      const ready: JsonRow = { path, depth, kind: 'line', text, size: text.length, isExpandable: false, isOpen: false };
      children.push({ value: undefined, path, depth, ready });
    });
    if (lines.left > 0) children.push(more(row.path, depth, lines.left));
    return children;
  }
  if (typeof value !== 'object' || value === null || numberText(value) !== undefined) return children;
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  const count = Array.isArray(value) ? value.length : (keys?.length ?? 0);
  for (let index = 0; index < Math.min(count, limit); index += 1) {
    const key = keys ? (keys[index] ?? '') : String(index);
    const child = Array.isArray(value) ? value[index] : value[key];
    children.push({ value: child, path: step(row.path, key), depth, key });
  }
  if (count > limit) children.push(more(row.path, depth, count - limit));
  return children;
}

function more(path: string, depth: number, left: number): Child {
  return { value: undefined, path, depth, ready: moreRow(path, depth, left) };
}

function moreRow(path: string, depth: number, left: number): JsonRow {
  return { path: step(path, 'more'), depth, kind: 'more', text: '', size: left, isExpandable: false, isOpen: false };
}

function rowOf({ value, path, depth, key }: Child, isOpen: IsOpen, limits: JsonTreeLimits): JsonRow {
  const base = { path, depth, ...(key === undefined ? {} : { key }) };
  const leaf = (kind: JsonKind, text: string): JsonRow => ({ ...base, kind, text, size: 0, isExpandable: false, isOpen: false });
  const node = (kind: JsonKind, text: string, size: number, isExpandable: boolean): JsonRow => ({
    ...base,
    kind,
    text,
    size,
    isExpandable,
    isOpen: isExpandable && isOpen(path, depth),
  });
  if (value === null || value === undefined) return leaf('null', 'null');
  const number = numberText(value);
  if (number !== undefined || typeof value === 'number') return leaf('number', number ?? '');
  if (typeof value === 'boolean') return leaf('boolean', String(value));
  if (Array.isArray(value)) return node('array', '', value.length, value.length > 0);
  if (typeof value === 'object') {
    const size = Object.keys(value).length;
    return node('object', '', size, size > 0);
  }
  const isLong = value.length > limits.longText || value.includes('\n');
  // A row is one line: more than fits on any screen need not be in the DOM.
  const text = value.length > 1_000 ? value.slice(0, 1_000) : value;
  const askedDepth = value.length <= limits.openText ? 0 : Number.POSITIVE_INFINITY;
  return { ...node('string', text, value.length, isLong), isOpen: isLong && isOpen(path, askedDepth) };
}

function linesOf(text: string, limit: number): { readonly shown: readonly string[]; readonly left: number } {
  const shown: string[] = [];
  let left = 0;
  for (const line of text.split('\n')) {
    for (let start = 0; start === 0 || start < line.length; start += LINE_LENGTH) {
      if (shown.length < limit) shown.push(line.slice(start, start + LINE_LENGTH));
      else left += 1;
    }
  }
  return { shown, left };
}
