/**
 * Owns what a schema says about one value, put together from everything that applies to it: `$ref`, `allOf`, the branch of
 * `if` that holds, `dependentSchemas`, and the chosen variants of `oneOf` and `anyOf`. Lazy: members and items stay schemas.
 *
 * Invariant: bounded by `MAX_PARTS`, so that references in a circle end.
 */
import { fits } from './schemaFits';
import { childOf, type JsonNode } from './jsonText';
import { isList, isObject, isSchema, jsonOf, memberOf, numberMember, textMember, type Json, type Schema, type SchemaObject, type SchemaTree } from './schemaText';

export const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof TYPES)[number];

export interface Choice {
  readonly value: Json;
  /** JSON text of the value. */
  readonly json: string;
  readonly label: string;
  readonly description?: string;
}

/** One of several schemas the value is of. */
export interface VariantGroup {
  readonly options: readonly Schema[];
}

/** Hints for who fills in; the check itself is the host's. */
export interface Limits {
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly exclusiveMinimum?: number | bigint;
  readonly exclusiveMaximum?: number | bigint;
  readonly multipleOf?: number | bigint;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

export interface Shape {
  readonly title?: string;
  readonly description?: string;
  readonly isDeprecated: boolean;
  readonly isReadOnly: boolean;
  readonly isWriteOnly: boolean;
  /** JSON text. */
  readonly default?: string;
  readonly examples: readonly string[];
  /** What `type` allows, `null` left out; `undefined`: it says nothing. */
  readonly types?: ReadonlySet<TypeName>;
  readonly isNullable: boolean;
  /** Nothing can be right here. */
  readonly isNothing: boolean;
  /** A reference leads out of the schema. */
  readonly isUnknown: boolean;
  readonly choices?: readonly Choice[];
  readonly format?: string;
  readonly mediaType?: string;
  readonly limits: Limits;
  readonly properties: ReadonlyMap<string, Schema>;
  /** `properties` is there, were it only to say that there are none. */
  readonly hasProperties: boolean;
  readonly required: ReadonlySet<string>;
  readonly patterns: readonly (readonly [string, Schema])[];
  /** What members without a name of their own are; `false`: there are none; `undefined`: nothing is said. */
  readonly additional?: Schema;
  readonly prefix: readonly Schema[];
  readonly items?: Schema;
  readonly groups: readonly VariantGroup[];
}

const MAX_PARTS = 400;
const MAX_CHOICES = 5_000;

/** Every schema object that applies to the value without a choice; `node`: the value, where there is one. */
export function collectParts(tree: SchemaTree, schemas: readonly Schema[], node: JsonNode | undefined): { readonly parts: readonly SchemaObject[]; readonly isNothing: boolean; readonly isUnknown: boolean } {
  const parts = new Set<SchemaObject>();
  let isNothing = false;
  let isUnknown = false;
  const queue = [...schemas];
  while (queue.length > 0) {
    const schema = queue.shift()!;
    if (typeof schema === 'boolean') {
      isNothing ||= !schema;
      continue;
    }
    if (parts.has(schema)) continue;
    if (parts.size >= MAX_PARTS) {
      isUnknown = true;
      break;
    }
    parts.add(schema);
    const next: (Json | undefined)[] = [];
    for (const key of ['$ref', '$dynamicRef']) {
      const ref = textMember(schema, key);
      if (ref === undefined) continue;
      const target = tree.resolve(ref, schema);
      if (target === undefined) isUnknown = true;
      next.push(target);
    }
    const all = memberOf(schema, 'allOf');
    if (isList(all)) next.push(...all);
    const condition = memberOf(schema, 'if');
    if (isSchema(condition) && node) {
      const holds = fits(tree, condition, node);
      if (holds !== 'maybe') next.push(memberOf(schema, holds === 'yes' ? 'then' : 'else'));
    }
    for (const key of ['dependentSchemas', 'dependencies']) {
      const dependent = memberOf(schema, key);
      if (!isObject(dependent) || node?.type !== 'object') continue;
      next.push(...Object.keys(dependent).filter((name) => childOf(node, name)).map((name) => memberOf(dependent, name)));
    }
    queue.unshift(...next.filter(isSchema));
  }
  return { parts: [...parts], isNothing, isUnknown };
}

export function shapeOf(collected: ReturnType<typeof collectParts>, node: JsonNode | undefined): Shape {
  const { parts, isNothing, isUnknown } = collected;
  const merged = new Merger(node);
  for (const part of parts) merged.add(part);
  return merged.shape(isNothing, isUnknown);
}

class Merger {
  #types: ReadonlySet<TypeName> | undefined;
  #choices: readonly Choice[] | undefined;
  readonly #texts: Partial<Record<'title' | 'description' | 'format' | 'contentMediaType', string>> = {};
  readonly #flags = new Set<string>();
  readonly #limits: Record<string, number | bigint | string | boolean> = {};
  #default: string | undefined;
  readonly #examples: string[] = [];
  readonly #properties = new Map<string, Schema>();
  readonly #required = new Set<string>();
  readonly #patterns: (readonly [string, Schema])[] = [];
  #additional: Schema | undefined;
  #prefix: readonly Schema[] = [];
  #items: Schema | undefined;
  readonly #groups: VariantGroup[] = [];

  constructor(private readonly node: JsonNode | undefined) {}

  add(part: SchemaObject): void {
    this.#addTexts(part);
    this.#addTypes(part);
    this.#addLimits(part);
    this.#addMembers(part);
    this.#addItems(part);
    for (const key of ['oneOf', 'anyOf']) this.#addVariants(part, key);
  }

  #addTexts(part: SchemaObject): void {
    for (const key of ['title', 'description', 'format', 'contentMediaType'] as const) this.#texts[key] ??= textMember(part, key);
    for (const key of ['deprecated', 'readOnly', 'writeOnly']) if (memberOf(part, key) === true) this.#flags.add(key);
    const fallback = memberOf(part, 'default');
    if (fallback !== undefined) this.#default ??= jsonOf(fallback);
    const examples = memberOf(part, 'examples');
    if (isList(examples)) this.#examples.push(...examples.slice(0, 5).map(jsonOf));
  }

  #addTypes(part: SchemaObject): void {
    const type = memberOf(part, 'type');
    const named = (isList(type) ? type : [type]).filter((name): name is TypeName => TYPES.some((known) => known === name));
    if (named.length > 0) this.#narrow(new Set(named));
    if (memberOf(part, 'nullable') === true && this.#types) this.#types = new Set([...this.#types, 'null']);
    const constant = memberOf(part, 'const');
    const list = memberOf(part, 'enum');
    if (constant !== undefined) this.#choose([choiceOf(constant)]);
    if (isList(list)) this.#choose(list.slice(0, MAX_CHOICES).map((value, index) => choiceOf(value, nameAt(part, index), descriptionAt(part, index))));
  }

  #narrow(types: ReadonlySet<TypeName>): void {
    const before = this.#types;
    if (!before) {
      this.#types = types;
      return;
    }
    const both = new Set([...types].filter((type) => before.has(type) || (type === 'integer' && before.has('number'))));
    if (types.has('number') && before.has('integer')) both.add('integer');
    this.#types = both;
  }

  #choose(choices: readonly Choice[]): void {
    const before = this.#choices;
    this.#choices = before ? before.filter((choice) => choices.some((other) => other.json === choice.json)) : choices;
  }

  #addLimits(part: SchemaObject): void {
    for (const key of ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']) this.#limit(part, key, (one, other) => one > other);
    for (const key of ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'multipleOf']) this.#limit(part, key, (one, other) => one < other);
    const pattern = textMember(part, 'pattern');
    if (pattern !== undefined) this.#limits['pattern'] ??= pattern;
    if (memberOf(part, 'uniqueItems') === true) this.#limits['uniqueItems'] = true;
  }

  #limit(part: SchemaObject, key: string, isStricter: (one: number | bigint, other: number | bigint) => boolean): void {
    const value = numberMember(part, key);
    const before = this.#limits[key];
    if (value !== undefined && (before === undefined || isStricter(value, before as number | bigint))) this.#limits[key] = value;
  }

  #addMembers(part: SchemaObject): void {
    const properties = memberOf(part, 'properties');
    if (isObject(properties)) this.#flags.add('properties');
    for (const name of isObject(properties) ? Object.keys(properties) : []) {
      const schema = isObject(properties) ? memberOf(properties, name) : undefined;
      if (isSchema(schema)) this.#properties.set(name, both(this.#properties.get(name), schema));
    }
    const required = memberOf(part, 'required');
    if (isList(required)) for (const name of required) if (typeof name === 'string') this.#required.add(name);
    for (const key of ['dependentRequired', 'dependencies']) {
      const dependent = memberOf(part, key);
      for (const name of isObject(dependent) ? Object.keys(dependent) : []) {
        const needs = isObject(dependent) ? memberOf(dependent, name) : undefined;
        if (isList(needs) && childOf(this.node, name)) for (const need of needs) if (typeof need === 'string') this.#required.add(need);
      }
    }
    const patterns = memberOf(part, 'patternProperties');
    for (const pattern of isObject(patterns) ? Object.keys(patterns) : []) {
      const schema = isObject(patterns) ? memberOf(patterns, pattern) : undefined;
      if (isSchema(schema)) this.#patterns.push([pattern, schema]);
    }
    for (const key of ['additionalProperties', 'unevaluatedProperties']) {
      const additional = memberOf(part, key);
      if (isSchema(additional)) this.#additional = this.#additional === undefined ? additional : both(this.#additional, additional);
    }
  }

  #addItems(part: SchemaObject): void {
    const items = memberOf(part, 'items');
    const prefix = memberOf(part, 'prefixItems') ?? (isList(items) ? items : undefined);
    if (isList(prefix) && prefix.length > this.#prefix.length) this.#prefix = prefix.filter(isSchema);
    const rest = isList(items) ? memberOf(part, 'additionalItems') : (items ?? memberOf(part, 'unevaluatedItems'));
    if (isSchema(rest)) this.#items = both(this.#items, rest);
  }

  #addVariants(part: SchemaObject, key: string): void {
    const list = memberOf(part, key);
    if (!isList(list)) return;
    const options = list.filter(isSchema);
    const choices = options.map((option) => (isObject(option) && memberOf(option, 'const') !== undefined ? choiceOf(memberOf(option, 'const')!, textMember(option, 'title'), textMember(option, 'description')) : undefined));
    const titled = choices.filter((choice) => choice !== undefined);
    if (titled.length === options.length && titled.length > 0) {
      this.#choose(titled.slice(0, MAX_CHOICES));
      return;
    }
    if (options.some(isNull)) this.#flags.add('null');
    // A list of what must be present, say, constrains the value but is no form of it.
    const forms = options.filter((option) => !isNull(option) && saysForm(option));
    if (forms.length > 0) this.#groups.push({ options: forms });
  }

  shape(isNothing: boolean, isUnknown: boolean): Shape {
    const types = this.#types && new Set([...this.#types].filter((type) => type !== 'null'));
    const isNullable = this.#types?.has('null') === true || this.#flags.has('null');
    const choices = this.#choices?.filter(({ value }) => !this.#types || typesOf(value).some((type) => this.#types?.has(type)));
    return {
      ...(this.#texts.title === undefined ? {} : { title: this.#texts.title }),
      ...(this.#texts.description === undefined ? {} : { description: this.#texts.description }),
      ...(this.#texts.format === undefined ? {} : { format: this.#texts.format }),
      ...(this.#texts.contentMediaType === undefined ? {} : { mediaType: this.#texts.contentMediaType }),
      isDeprecated: this.#flags.has('deprecated'),
      isReadOnly: this.#flags.has('readOnly'),
      isWriteOnly: this.#flags.has('writeOnly'),
      ...(this.#default === undefined ? {} : { default: this.#default }),
      examples: this.#examples,
      ...(types ? { types } : {}),
      isNullable,
      isNothing: isNothing || this.#types?.size === 0,
      isUnknown,
      ...(choices ? { choices } : {}),
      limits: this.#limits as Limits,
      properties: this.#properties,
      hasProperties: this.#flags.has('properties'),
      required: this.#required,
      patterns: this.#patterns,
      ...(this.#additional === undefined ? {} : { additional: this.#additional }),
      prefix: this.#prefix,
      ...(this.#items === undefined ? {} : { items: this.#items }),
      groups: this.#groups,
    };
  }
}

const joined = new WeakMap<SchemaObject, WeakMap<SchemaObject, SchemaObject>>();

/** Both schemas at once; always the same object for the same two, so that a circle of references is seen as one. */
function both(one: Schema | undefined, other: Schema): Schema {
  if (one === undefined || one === true || one === other) return other;
  if (one === false || other === false) return false;
  if (other === true) return one;
  let partners = joined.get(one);
  if (!partners) joined.set(one, (partners = new WeakMap()));
  let schema = partners.get(other);
  if (!schema) partners.set(other, (schema = { allOf: [one, other] }));
  return schema;
}

function choiceOf(value: Json, label?: string, description?: string): Choice {
  const json = jsonOf(value);
  const plain = typeof value === 'string' && value !== '' ? value : json;
  return { value, json, label: label === undefined || label === '' ? plain : label, ...(description === undefined ? {} : { description }) };
}

function nameAt(part: SchemaObject, index: number): string | undefined {
  const names = memberOf(part, 'enumNames') ?? memberOf(part, 'x-enumNames');
  const name = isList(names) ? names[index] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function descriptionAt(part: SchemaObject, index: number): string | undefined {
  const all = memberOf(part, 'enumDescriptions') ?? memberOf(part, 'markdownEnumDescriptions');
  const description = isList(all) ? all[index] : undefined;
  return typeof description === 'string' ? description : undefined;
}

function typesOf(value: Json): TypeName[] {
  if (value === null) return ['null'];
  if (isList(value)) return ['array'];
  if (typeof value === 'bigint') return ['integer', 'number'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  if (typeof value === 'object') return ['object'];
  return [typeof value as 'string' | 'boolean'];
}

function isNull(option: Schema): boolean {
  return typeof option === 'object' && (memberOf(option, 'type') === 'null' || memberOf(option, 'const') === null);
}

const FORMS: readonly string[] = ['type', 'properties', 'patternProperties', 'additionalProperties', 'items', 'prefixItems', 'enum', 'const', '$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'format', 'title'];

function saysForm(option: Schema): boolean {
  return typeof option === 'object' && FORMS.some((key) => memberOf(option, key) !== undefined);
}
