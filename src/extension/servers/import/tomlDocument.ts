/**
 * Owns reading TOML into the common tree. The tree is built from the syntax tree of toml-patch, so that keys such as
 * `__proto__` stay plain names and every server has its place. Edits are made on the text (see routing/): toml-patch's
 * own `patch` takes comments of the next table along when it removes one.
 */
import { TomlDocument } from '@decimalturn/toml-patch';
import { DocumentError, MAX_DEPTH, type DocEntry, type DocNode } from './documentTree';

export type TomlBlock = TomlDocument['cst'][number];
type TomlKeyValue = Extract<TomlBlock, { equals: number }>;
type TomlValue = TomlKeyValue['value'];

interface Mutable {
  readonly offset: number;
  end: number;
  readonly entries: DocEntry[];
}

/** Throws DocumentError. */
export function parseToml(text: string): DocNode | undefined {
  checkDepth(text);
  const starts = lineStarts(text);
  let blocks: readonly TomlBlock[];
  try {
    const document = new TomlDocument(text);
    blocks = document.cst;
    // Doubled keys and tables are only found here.
    void (document.toJsObject as unknown);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const { line, column } = error as { line?: number; column?: number };
    throw new DocumentError('This is not valid TOML', typeof line === 'number' ? (starts[line - 1] ?? 0) + (column ?? 0) : 0);
  }
  return build(blocks, text, starts);
}

/** Blocks of the document; the caller has parsed it before. */
export function tomlBlocks(text: string): readonly TomlBlock[] {
  return new TomlDocument(text).cst;
}

export function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\n/g)].map((found) => found.index + found[0].length)];
}

/** Keys of a table or of a line `a.b = …`; `undefined` for what has none. */
export function keyOf(block: TomlBlock): readonly string[] | undefined {
  if ('equals' in block) return block.key.value;
  return 'key' in block ? (block.key as { item: { value: string[] } }).item.value : undefined;
}

function build(blocks: readonly TomlBlock[], text: string, starts: readonly number[]): DocNode {
  const at = ({ line, column }: { line: number; column: number }): number => (starts[line - 1] ?? 0) + column;
  const root: Mutable = { offset: 0, end: text.length, entries: [] };
  const arrays = new Map<DocEntry, DocNode[]>();

  /** Goes down `path`, making tables as needed. */
  function table(from: Mutable, path: readonly string[], offset: number, end: number): Mutable {
    let current = from;
    for (const key of path) {
      let entry = current.entries.find((candidate) => candidate.key === key);
      if (!entry) {
        entry = { key, keyOffset: offset, value: { kind: 'object', offset, end, entries: [], items: [] } };
        current.entries.push(entry);
      }
      // A table under an array of tables belongs to the last of them.
      const node = arrays.get(entry)?.at(-1) ?? entry.value;
      if (node.kind !== 'object') throw new DocumentError('This key is defined twice', offset);
      current = node as unknown as Mutable;
      current.end = Math.max(current.end, end);
    }
    return current;
  }

  function add(target: Mutable, item: TomlKeyValue): void {
    const offset = at(item.loc.start);
    const path = item.key.value;
    const parent = table(target, path.slice(0, -1), offset, at(item.loc.end));
    parent.entries.push({ key: path.at(-1) ?? '', keyOffset: offset, value: valueOf(item.value) });
  }

  function valueOf(value: TomlValue): DocNode {
    const place = { offset: at(value.loc.start), end: at(value.loc.end) };
    const type = String(value.type);
    if (type === 'InlineArray') {
      const items = (value as unknown as { items: { item: TomlValue }[] }).items.filter(({ item }) => item).map(({ item }) => valueOf(item));
      return { kind: 'array', ...place, entries: [], items };
    }
    if (type === 'InlineTable') {
      const object: Mutable = { ...place, entries: [] };
      for (const { item } of (value as unknown as { items: { item: TomlKeyValue }[] }).items) if (item && 'equals' in item) add(object, item);
      return { kind: 'object', ...place, entries: object.entries, items: [] };
    }
    const scalar: unknown = (value as { value: unknown }).value;
    return { kind: 'scalar', ...place, entries: [], items: [], scalar: scalar instanceof Date ? scalar.toISOString() : scalar };
  }

  for (const block of blocks) {
    if ('equals' in block) {
      add(root, block);
      continue;
    }
    const path = keyOf(block);
    if (!path) continue;
    const [offset, end] = [at(block.loc.start), at(block.loc.end)];
    let target: Mutable;
    if (String(block.type) === 'TableArray') {
      const parent = table(root, path.slice(0, -1), offset, end);
      const key = path.at(-1) ?? '';
      let entry = parent.entries.find((candidate) => candidate.key === key);
      let items = entry && arrays.get(entry);
      if (!items) {
        items = [];
        entry = { key, keyOffset: offset, value: { kind: 'array', offset, end, entries: [], items } };
        arrays.set(entry, items);
        parent.entries.push(entry);
      }
      const node: DocNode = { kind: 'object', offset, end, entries: [], items: [] };
      items.push(node);
      target = node as unknown as Mutable;
    } else target = table(root, path, offset, end);
    for (const item of (block as { items: readonly TomlBlock[] }).items) if ('equals' in item) add(target, item);
  }
  return { kind: 'object', offset: 0, end: text.length, entries: root.entries, items: [] };
}

/** Counts brackets wherever they stand: too strict for a text of 200 opening brackets, which is no configuration. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) throw new DocumentError('It is nested too deeply', index);
  }
}
