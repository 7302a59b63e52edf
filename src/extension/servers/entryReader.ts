/**
 * Owns reading the properties of one entry (a server or an input) with their types checked: gives values, and collects
 * a problem with its place for everything that is not what it should be.
 */
import { getNodeValue, type NodeType } from 'jsonc-parser';
import type { ConfigProblem } from '../contract/status';
import { describeType, propertiesOf, type JsoncReader, type Node, type Property } from './jsoncReader';

export class EntryReader {
  readonly problems: ConfigProblem[] = [];
  readonly #properties: readonly Property[];

  /** `path`: what messages call the entry, such as `servers.github`. `place`: where to point without a better place. */
  constructor(
    private readonly reader: JsoncReader,
    private readonly path: string,
    private readonly entry: Node,
    private readonly place: Node,
  ) {
    this.#properties = entry.type === 'object' ? propertiesOf(entry) : [];
  }

  isObject(): boolean {
    if (this.entry.type === 'object') return true;
    this.fail(this.entry, `it must be an object, found ${describeType(this.entry)}`);
    return false;
  }

  /** Adds a problem; `message` without the entry's name and the full stop. */
  fail(node: Node | undefined, message: string): void {
    this.problems.push(this.reader.problem(node ?? this.place, `${this.path}: ${message}.`));
  }

  /** The last of that name counts, as in JSON. */
  node(key: string): Node | undefined {
    return this.#properties.findLast((property) => property.key === key)?.value;
  }

  key(key: string): Node | undefined {
    return this.#properties.findLast((property) => property.key === key)?.keyNode;
  }

  value(key: string): unknown {
    return this.node(key)?.value;
  }

  /** Everything but the known keys; `undefined`: nothing. */
  rest(known: ReadonlySet<string>): Readonly<Record<string, unknown>> | undefined {
    const others = this.#properties.filter(({ key }) => !known.has(key));
    if (others.length === 0) return undefined;
    return Object.fromEntries(others.map(({ key, value }) => [key, getNodeValue(value) as unknown]));
  }

  requiredString(key: string): string | undefined {
    const node = this.node(key);
    if (!node) this.fail(undefined, `"${key}" is missing`);
    else if (node.type !== 'string') this.#typeFail(node, key, 'a string');
    else if (String(node.value).trim() === '') this.fail(node, `"${key}" must not be empty`);
    else return String(node.value);
    return undefined;
  }

  optionalString(key: string): string | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (node.type === 'string') return String(node.value);
    this.#typeFail(node, key, 'a string');
    return undefined;
  }

  optionalBoolean(key: string): boolean | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (node.type === 'boolean') return node.value === true;
    this.#typeFail(node, key, 'true or false');
    return undefined;
  }

  /** `wrong`: why one of them cannot be used, in words that follow its name; `undefined`: it can. */
  strings(key: string, wrong: (text: string) => string | undefined = () => undefined): string[] {
    const node = this.node(key);
    if (!node) return [];
    if (node.type !== 'array') {
      this.#typeFail(node, key, 'a list of strings');
      return [];
    }
    return (node.children ?? []).flatMap((child, index) => {
      const text = child.type === 'string' ? String(child.value) : undefined;
      const problem = text === undefined ? undefined : wrong(text);
      if (text === undefined) this.#typeFail(child, `${key}[${index}]`, 'a string');
      else if (problem !== undefined) this.fail(child, `"${key}[${index}]" ${problem}`);
      else return [text];
      return [];
    });
  }

  /** A reader of the object under `key`, whose problems `take` brings here; `undefined`: there is none. */
  inner(key: string): EntryReader | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (node.type === 'object') return new EntryReader(this.reader, `${this.path}.${key}`, node, node);
    this.#typeFail(node, key, 'an object');
    return undefined;
  }

  /** Fails for every key that is not known: where one misspelt would be taken for set. */
  onlyKeys(known: readonly string[]): void {
    for (const { key, keyNode } of this.#properties) {
      if (!known.includes(key)) this.fail(keyNode, `"${key.slice(0, 80)}" is unknown: write ${known.map((one) => `"${one}"`).join(' or ')}`);
    }
  }

  take(inner: EntryReader): void {
    this.problems.push(...inner.problems);
  }

  record<T extends 'string' | 'number' | 'null'>(
    key: string,
    types: readonly T[],
    expected: string,
  ): Record<string, { string: string; number: number; null: null }[T]> {
    const node = this.node(key);
    if (!node) return {};
    if (node.type !== 'object') {
      this.#typeFail(node, key, 'an object');
      return {};
    }
    const allowed: readonly NodeType[] = types;
    const entries = propertiesOf(node).filter(({ key: name, value }) => {
      if (allowed.includes(value.type)) return true;
      this.#typeFail(value, `${key}.${name}`, expected);
      return false;
    });
    // Own properties whatever their names: `__proto__` too.
    return Object.fromEntries(entries.map(({ key: name, value }) => [name, getNodeValue(value) as never]));
  }

  /** The choices of a `pickString`: texts, or label and value. */
  options(key: string): { label: string; value: string }[] {
    const node = this.node(key);
    if (node?.type !== 'array' || !node.children?.length) {
      this.fail(node, `"${key}" must be a list of choices`);
      return [];
    }
    return node.children.flatMap((child, index) => {
      const option: unknown = getNodeValue(child);
      if (typeof option === 'string') return [{ label: option, value: option }];
      const { label, value } = (option ?? {}) as Partial<Record<'label' | 'value', unknown>>;
      if (typeof value === 'string') return [{ label: typeof label === 'string' ? label : value, value }];
      this.#typeFail(child, `${key}[${index}]`, 'a string, or an object with "label" and "value"');
      return [];
    });
  }

  #typeFail(node: Node, key: string, expected: string): void {
    this.fail(node, `"${key}" must be ${expected}, found ${describeType(node)}`);
  }
}
