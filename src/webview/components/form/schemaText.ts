/**
 * Owns schemas as parsed values: foreign, possibly cyclic by `$ref`, possibly huge. Finds what a reference leads to
 * (pointers, `$id`, `$anchor`, `definitions` of draft 07), within the schema only: nothing is ever fetched.
 *
 * Numbers that a double cannot hold are kept as bigint where the browser tells their source, so that a default or a
 * choice of thirty digits is written as the server wrote it.
 */
import { isTooDeep } from '../../../extension/util/json';

export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type SchemaObject = { readonly [key: string]: Json | undefined };
/** `true`: anything; `false`: nothing. */
export type Schema = boolean | SchemaObject;

const MAX_TEXT = 4_000_000;
/** Places looked at for `$id` and `$anchor`. */
const MAX_INDEXED = 50_000;

export type ParsedSchema = { readonly kind: 'ok'; readonly schema: Schema } | { readonly kind: 'unusable'; readonly message: string };

export function parseSchema(text: string): ParsedSchema {
  if (text.length > MAX_TEXT) return { kind: 'unusable', message: 'its schema is larger than 4 MB' };
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return { kind: 'unusable', message: 'its schema is no JSON' };
  }
  if (isTooDeep(value)) return { kind: 'unusable', message: 'its schema is nested too deeply' };
  try {
    value = JSON.parse(text, keepExact as (this: unknown, key: string, value: unknown) => unknown) as unknown;
  } catch {
    // Without exact numbers, then.
  }
  if (!isSchema(value)) return { kind: 'unusable', message: 'its schema is no object' };
  return { kind: 'ok', schema: value };
}

function keepExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !context?.source || !/^-?\d+$/.test(context.source)) return value;
  return BigInt(context.source);
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isObject(value);
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Own members only: `constructor` and `__proto__` are keys like any other. */
export function memberOf(schema: SchemaObject, key: string): Json | undefined {
  return Object.hasOwn(schema, key) ? schema[key] : undefined;
}

export function textMember(schema: SchemaObject, key: string): string | undefined {
  const value = memberOf(schema, key);
  return typeof value === 'string' ? value : undefined;
}

export function numberMember(schema: SchemaObject, key: string): number | bigint | undefined {
  const value = memberOf(schema, key);
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** JSON text of a value out of a schema. */
export function jsonOf(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (isList(value)) return `[${value.map(jsonOf).join(', ')}]`;
  if (isObject(value)) return `{${Object.keys(value).map((key) => `${JSON.stringify(key)}: ${jsonOf(memberOf(value, key) ?? null)}`).join(', ')}}`;
  return JSON.stringify(value);
}

const ONE: readonly string[] = ['not', 'if', 'then', 'else', 'items', 'additionalItems', 'additionalProperties', 'propertyNames', 'contains', 'unevaluatedItems', 'unevaluatedProperties', 'contentSchema'];
const SOME: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const NAMED: readonly string[] = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
const NO_BASE = 'schema:/';

/** The schemas right inside a schema, where the specification has them. */
export function subschemas(schema: SchemaObject): Schema[] {
  const found: Schema[] = [];
  for (const key of ONE) {
    const value = memberOf(schema, key);
    if (isSchema(value)) found.push(value);
  }
  for (const key of SOME) {
    const value = memberOf(schema, key);
    if (isList(value)) found.push(...value.filter(isSchema));
  }
  for (const key of NAMED) {
    const value = memberOf(schema, key);
    if (isObject(value)) found.push(...Object.values(value).filter(isSchema));
  }
  return found;
}

/** A schema with all its references. */
export class SchemaTree {
  readonly #bases = new Map<SchemaObject, string>();
  readonly #byUri = new Map<string, Schema>();

  constructor(readonly root: Schema) {
    this.#byUri.set(NO_BASE, root);
    const stack: { readonly schema: Schema; readonly base: string }[] = [{ schema: root, base: NO_BASE }];
    while (stack.length > 0 && this.#bases.size < MAX_INDEXED) {
      const { schema, base: outer } = stack.pop()!;
      if (typeof schema === 'boolean' || this.#bases.has(schema)) continue;
      const base = this.#index(schema, outer);
      this.#bases.set(schema, base);
      for (const inner of subschemas(schema)) stack.push({ schema: inner, base });
    }
  }

  #index(schema: SchemaObject, outer: string): string {
    const id = textMember(schema, '$id');
    const base = id === undefined ? outer : (absolute(id, outer) ?? outer);
    const plain = base.split('#')[0] ?? base;
    if (id !== undefined && !this.#byUri.has(plain)) this.#byUri.set(plain, schema);
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const anchor = textMember(schema, key);
      if (anchor !== undefined && !this.#byUri.has(`${plain}#${anchor}`)) this.#byUri.set(`${plain}#${anchor}`, schema);
    }
    // Draft 07 wrote an anchor as an id.
    if (id?.startsWith('#') && !this.#byUri.has(`${outer.split('#')[0]}${id}`)) this.#byUri.set(`${outer.split('#')[0]}${id}`, schema);
    return plain;
  }

  /** What a `$ref` in `from` leads to; `undefined`: elsewhere, or nowhere. */
  resolve(ref: string, from: SchemaObject): Schema | undefined {
    const uri = absolute(ref, this.#bases.get(from) ?? NO_BASE);
    if (uri === undefined) return undefined;
    const known = this.#byUri.get(uri) ?? this.#byUri.get(uri.replace(/#$/, ''));
    if (known !== undefined) return known;
    const [plain = '', fragment = ''] = [uri.slice(0, uri.indexOf('#') < 0 ? undefined : uri.indexOf('#')), uri.includes('#') ? uri.slice(uri.indexOf('#') + 1) : ''];
    let at: Json | undefined = this.#byUri.get(plain);
    if (at === undefined || !fragment.startsWith('/')) return undefined;
    for (const part of fragment.slice(1).split('/')) {
      const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
      if (isList(at)) at = at[Number(key)];
      else if (isObject(at)) at = memberOf(at, key);
      else return undefined;
    }
    if (!isSchema(at)) return undefined;
    // A place that is none of the known ones for schemas still has a base for the references in it.
    if (typeof at === 'object' && !this.#bases.has(at)) this.#bases.set(at, this.#index(at, plain));
    return at;
  }
}

function absolute(ref: string, base: string): string | undefined {
  if (ref.startsWith('#')) return (base.split('#')[0] ?? base) + ref;
  try {
    return new URL(ref, base).href;
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
