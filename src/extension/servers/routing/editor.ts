/**
 * Owns edits of configuration documents by address: find, take out, put in, whatever the format. Every edit is checked:
 * the result is parsed, and must be the old document with that one difference, or the edit is refused. So a text that an
 * editor misjudges is never damaged.
 */
import { isDeepStrictEqual } from 'node:util';
import { parseDocument, plainValue, type DocumentFormat } from '../import/document';
import type { Address } from '../import/types';
import { jsoncEditor } from './jsoncEditor';
import { tomlEditor } from './tomlEditor';
import { yamlEditor } from './yamlEditor';

/** The text of a member, with what is needed to put it back where it was. */
export interface Fragment {
  /** Indentation and comments above it. */
  readonly before: string;
  readonly body: string;
  /** What follows on its line. */
  readonly behind: string;
  /** What it stood behind: name of a member, or (in TOML) a table. `undefined`: it was the first. */
  readonly previous: string | undefined;
}

export type Content =
  | { readonly kind: 'fragment'; readonly fragment: Fragment; readonly value: unknown }
  /** `source`: the value as it is to be written in JSON, with line feeds and a tab for each step of indentation. */
  | { readonly kind: 'value'; readonly value: unknown; readonly source?: string };

/** Texts without byte order mark. The document is known to parse. */
export interface FormatEditor {
  find(text: string, address: Address): { readonly value: unknown } | undefined;
  fragment(text: string, address: Address): Fragment | undefined;
  remove(text: string, address: Address): string;
  put(text: string, address: Address, content: Content): string;
  /** Is what the fragment stood behind there? Left out: it is a member. */
  hasAnchor?(text: string, anchor: string): boolean;
}

/** Why an edit cannot be made: a sentence without its full stop. */
export class EditError extends Error {
  override readonly name = 'EditError';
}

const EDITORS: Readonly<Record<DocumentFormat, FormatEditor>> = { jsonc: jsoncEditor, toml: tomlEditor, yaml: yamlEditor };

const BOM = '\uFEFF';

export class DocumentEdit {
  readonly #bom: string;
  #text: string;

  /** Throws EditError where the text does not parse. */
  constructor(
    source: string,
    private readonly format: DocumentFormat,
  ) {
    this.#bom = source.startsWith(BOM) ? BOM : '';
    this.#text = source.slice(this.#bom.length);
    const { problem, root } = parseDocument(this.#text, format);
    if (problem) throw new EditError(`${problem.message}; correct it first`);
    if (root && root.kind !== 'object') throw new EditError('The file does not hold an object; correct it first');
  }

  /** With its byte order mark. */
  get text(): string {
    return this.#bom + this.#text;
  }

  /** Back to a text that it had before. */
  restore(text: string): void {
    this.#text = text.slice(this.#bom.length);
  }

  find(address: Address): { readonly value: unknown } | undefined {
    return this.#editor.find(this.#text, address);
  }

  fragment(address: Address): Fragment | undefined {
    return this.#editor.fragment(this.#text, address);
  }

  /** Can the fragment go back to where it stood? */
  hasPlaceFor(address: Address, { previous }: Fragment): boolean {
    if (previous === undefined) return true;
    return this.#editor.hasAnchor?.(this.#text, previous) ?? this.find({ ...address, name: previous }) !== undefined;
  }

  remove(address: Address): void {
    if (!this.find(address)) return;
    const before = this.#value();
    const expected = withMember(before, address, undefined);
    this.#take(this.#editor.remove(this.#text, address), expected);
  }

  /** Puts a member that is not there yet; makes the containers on the way. */
  put(address: Address, content: Content): void {
    const expected = withMember(this.#value(), address, { value: content.value });
    this.#take(this.#editor.put(this.#text, address, content), expected);
  }

  /** Is this place an object or list without members (or with only such in it)? `undefined`: there is no such place. */
  isEmptyAt(path: readonly string[]): boolean | undefined {
    let value: unknown = this.#value();
    for (const key of path) {
      const has = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
      value = has ? (value as Record<string, unknown>)[key] : undefined;
    }
    return value === undefined ? undefined : isHollow(value);
  }

  get isEmpty(): boolean {
    return isHollow(this.#value());
  }

  get #editor(): FormatEditor {
    return EDITORS[this.format];
  }

  #value(): unknown {
    const { root } = parseDocument(this.#text, this.format);
    return root ? plainValue(root) : {};
  }

  #take(text: string, expected: unknown): void {
    const { root, problem } = parseDocument(text, this.format);
    if (problem || !isDeepStrictEqual(comparable(root ? plainValue(root) : {}, this.format), comparable(expected, this.format))) {
      throw new EditError('It is written in a way that cannot be edited safely: change it by hand');
    }
    this.#text = text;
  }
}

function isHollow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isHollow);
}

/** A copy of a document's value with one member put in or taken out. */
function withMember(root: unknown, address: Address, content: { value: unknown } | undefined): unknown {
  const copy = structuredCloneOwn(root);
  let node: Record<string, unknown> = copy as Record<string, unknown>;
  address.container.forEach((key, index) => {
    const isLast = index === address.container.length - 1;
    if (!Object.hasOwn(node, key) || node[key] === null) define(node, key, isLast && address.by !== 'key' ? [] : {});
    const next = node[key];
    if (typeof next !== 'object' || next === null || (Array.isArray(next) && (!isLast || address.by === 'key'))) {
      throw new EditError(`"${key}" is not what it should be there; correct it first`);
    }
    node = next as Record<string, unknown>;
  });
  if (address.by === 'key') {
    if (content) define(node, address.name, content.value);
    else delete node[address.name];
  } else {
    if (!Array.isArray(node)) throw new EditError(`"${address.container.at(-1)}" must be a list; correct it first`);
    const list: unknown[] = node;
    const index = list.findLastIndex((item) => (item as Record<string, unknown> | null)?.[address.by] === address.name);
    if (!content) list.splice(index, 1);
    else list.push(content.value);
  }
  return copy;
}

/**
 * What is compared. Lists of objects by content alone: where in such a list a member stands is not what is checked.
 * TOML has no text for a table that is only made of its tables, so there an empty one is as good as none.
 */
function comparable(value: unknown, format: DocumentFormat): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => comparable(item, format));
    return items.every((item) => typeof item === 'object' && item !== null) ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.keys(value)
    .sort()
    .map((key): [string, unknown] => [key, comparable((value as Record<string, unknown>)[key], format)]);
  return Object.fromEntries(format === 'toml' ? entries.filter(([, item]) => !isBare(item)) : entries);
}

function isBare(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function structuredCloneOwn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCloneOwn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCloneOwn(item)]));
}

/** An own property whatever its name: `__proto__` too. */
function define(node: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
}
