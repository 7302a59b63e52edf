/**
 * Owns whether a value fits a schema as far as the form must know: to choose the variant a value is of, and whether the
 * condition of an `if` holds. Three answers: for sure, for sure not, or not known; the full check is the host's.
 *
 * Invariant: never more than `MAX_STEPS` steps, whatever the schema; patterns run in linear time.
 */
import { compileRegex } from '../../../extension/query/regexRun';
import { childOf, membersOf, type JsonNode } from './jsonText';
import { isList, isObject, isSchema, memberOf, type Json, type Schema, type SchemaObject, type SchemaTree } from './schemaText';

export type Fit = 'yes' | 'no' | 'maybe';

const MAX_STEPS = 20_000;
const MAX_LEVELS = 60;
const MAX_PATTERN_TEXT = 10_000;

/** Keywords that say nothing about whether a value fits. */
const SILENT = new Set([
  '$schema', '$id', '$anchor', '$dynamicAnchor', '$defs', 'definitions', '$comment', '$vocabulary', 'title', 'description', 'default', 'examples',
  'deprecated', 'readOnly', 'writeOnly', 'format', 'contentEncoding', 'contentMediaType', 'contentSchema', 'then', 'else', 'discriminator', 'enumNames',
]);

export function fits(tree: SchemaTree, schema: Schema, node: JsonNode): Fit {
  return new Checker(tree).check(schema, node, 0);
}

/** Whether a text matches a pattern of a schema; `undefined` where that cannot be said. */
export function matchesPattern(pattern: string, text: string): boolean | undefined {
  // Beyond the basic plane this engine counts halves of characters and JSON Schema whole ones.
  if (text.length > MAX_PATTERN_TEXT || /[\ud800-\udfff]/.test(text) || /[\ud800-\udfff]|\\p/iu.test(pattern)) return undefined;
  let test = patterns.get(pattern);
  if (test === undefined) {
    try {
      test = compileRegex(pattern, false);
    } catch {
      test = null;
    }
    if (patterns.size > 500) patterns.clear();
    patterns.set(pattern, test);
  }
  return test?.(text);
}

const patterns = new Map<string, ((text: string) => boolean) | null>();

/** Whether a value out of a schema and a value of the text are the same: by mathematical value, in any order of keys. */
export function isSame(value: Json, node: JsonNode): boolean {
  if (isList(value)) return node.type === 'array' && node.children?.length === value.length && value.every((item, index) => isSame(item, node.children![index]!));
  if (isObject(value)) {
    const keys = Object.keys(value);
    const members = membersOf(node).filter(({ isShadowed }) => !isShadowed);
    return node.type === 'object' && members.length === keys.length && members.every((member) => Object.hasOwn(value, member.key) && isSame(memberOf(value, member.key) ?? null, member.value));
  }
  if (typeof value === 'bigint') return node.type === 'number' && node.value === Number(value);
  return node.type !== 'object' && node.type !== 'array' && node.value === value;
}

class Checker {
  #steps = 0;

  constructor(private readonly tree: SchemaTree) {}

  check(schema: Schema, node: JsonNode, level: number): Fit {
    if (typeof schema === 'boolean') return schema ? 'yes' : 'no';
    this.#steps += 1;
    if (this.#steps > MAX_STEPS || level > MAX_LEVELS) return 'maybe';
    let result: Fit = 'yes';
    for (const key of Object.keys(schema)) {
      if (SILENT.has(key)) continue;
      const value = memberOf(schema, key);
      const fit = value === undefined ? 'yes' : this.#keyword(key, value, schema, node, level);
      if (fit === 'no') return 'no';
      if (fit === 'maybe') result = 'maybe';
    }
    return result;
  }

  #keyword(key: string, value: Json, schema: SchemaObject, node: JsonNode, level: number): Fit {
    switch (key) {
      case 'type':
        return sure((isList(value) ? value : [value]).some((type) => isType(type, node)));
      case 'const':
        return this.#same(value, node);
      case 'enum':
        return isList(value) ? any(value.map((item) => this.#same(item, node))) : 'maybe';
      case '$ref':
      case '$dynamicRef': {
        const target = typeof value === 'string' ? this.tree.resolve(value, schema) : undefined;
        if (target === undefined) return 'maybe';
        const fit = this.check(target, node, level + 1);
        return key === '$ref' ? fit : 'maybe';
      }
      case 'allOf':
        return isList(value) ? all(value.map((part) => this.#sub(part, node, level))) : 'maybe';
      case 'anyOf':
        return isList(value) ? any(value.map((part) => this.#sub(part, node, level))) : 'maybe';
      case 'oneOf': {
        if (!isList(value)) return 'maybe';
        const found = value.map((part) => this.#sub(part, node, level));
        if (found.filter((fit) => fit === 'yes').length > 1) return 'no';
        return found.includes('maybe') ? 'maybe' : sure(found.includes('yes'));
      }
      case 'not':
        return opposite(this.#sub(value, node, level));
      case 'if': {
        const holds = this.#sub(value, node, level);
        const [then, otherwise] = [memberOf(schema, 'then') ?? true, memberOf(schema, 'else') ?? true];
        if (holds === 'maybe') return all([any([this.#sub(then, node, level), this.#sub(otherwise, node, level)]), 'maybe']);
        return this.#sub(holds === 'yes' ? then : otherwise, node, level);
      }
      default:
        break;
    }
    if (ABOUT[key] === undefined) return 'maybe';
    if (ABOUT[key] !== node.type) return 'yes';
    switch (ABOUT[key]) {
      case 'object':
        return this.#ofObject(key, value, schema, node, level);
      case 'array':
        return this.#ofArray(key, value, schema, node, level);
      case 'string':
        return ofText(key, value, String(node.value));
      default:
        return ofNumber(key, value, node);
    }
  }

  #sub(schema: Json, node: JsonNode, level: number): Fit {
    return isSchema(schema) ? this.check(schema, node, level + 1) : 'maybe';
  }

  #same(value: Json, node: JsonNode): Fit {
    // Digits beyond a double's are not compared here.
    if (typeof value === 'bigint' && node.type === 'number') return isSame(value, node) ? 'maybe' : 'no';
    return sure(isSame(value, node));
  }

  #ofObject(key: string, value: Json, schema: SchemaObject, node: JsonNode, level: number): Fit {
    const members = membersOf(node).filter(({ isShadowed }) => !isShadowed);
    switch (key) {
      case 'required':
        return isList(value) ? sure(value.every((name) => typeof name === 'string' && childOf(node, name) !== undefined)) : 'maybe';
      case 'minProperties':
        return typeof value === 'number' ? sure(members.length >= value) : 'maybe';
      case 'maxProperties':
        return typeof value === 'number' ? sure(members.length <= value) : 'maybe';
      case 'properties':
        if (!isObject(value)) return 'maybe';
        return all(members.map((member) => (Object.hasOwn(value, member.key) ? this.#sub(memberOf(value, member.key) ?? true, member.value, level) : 'yes')));
      case 'patternProperties':
        if (!isObject(value)) return 'maybe';
        return all(
          Object.keys(value).flatMap((pattern) =>
            members.map((member) => {
              const applies = matchesPattern(pattern, member.key);
              if (applies === undefined) return 'maybe';
              return applies ? this.#sub(memberOf(value, pattern) ?? true, member.value, level) : 'yes';
            }),
          ),
        );
      case 'additionalProperties':
        return all(
          members.map((member) => {
            const isExtra = isAdditional(schema, member.key);
            if (isExtra === false) return 'yes';
            const fit = this.#sub(value, member.value, level);
            return isExtra === undefined && fit !== 'yes' ? 'maybe' : fit;
          }),
        );
      case 'dependentRequired':
      case 'dependentSchemas':
      case 'dependencies':
        if (!isObject(value)) return 'maybe';
        return all(
          Object.keys(value)
            .filter((name) => childOf(node, name) !== undefined)
            .map((name) => {
              const needs = memberOf(value, name) ?? true;
              return isList(needs) ? sure(needs.every((other) => childOf(node, String(other)) !== undefined)) : this.#sub(needs, node, level);
            }),
        );
      default:
        return 'maybe';
    }
  }

  #ofArray(key: string, value: Json, schema: SchemaObject, node: JsonNode, level: number): Fit {
    const items = node.children ?? [];
    const tuple = memberOf(schema, 'prefixItems') ?? (isList(memberOf(schema, 'items')) ? memberOf(schema, 'items') : undefined);
    const tupleLength = isList(tuple) ? tuple.length : 0;
    switch (key) {
      case 'minItems':
        return typeof value === 'number' ? sure(items.length >= value) : 'maybe';
      case 'maxItems':
        return typeof value === 'number' ? sure(items.length <= value) : 'maybe';
      case 'prefixItems':
      case 'items':
        if (isList(value)) return all(items.slice(0, value.length).map((item, index) => this.#sub(value[index] ?? true, item, level)));
        return all(items.slice(tupleLength).map((item) => this.#sub(value, item, level)));
      case 'additionalItems':
        return isList(memberOf(schema, 'items')) ? all(items.slice(tupleLength).map((item) => this.#sub(value, item, level))) : 'yes';
      case 'uniqueItems':
        return value !== true || items.length < 2 ? 'yes' : 'maybe';
      default:
        return 'maybe';
    }
  }
}

/** Whether `additionalProperties` of a schema is about this key; `undefined`: a pattern cannot say. */
export function isAdditional(schema: SchemaObject, key: string): boolean | undefined {
  const properties = memberOf(schema, 'properties');
  if (isObject(properties) && Object.hasOwn(properties, key)) return false;
  const byPattern = memberOf(schema, 'patternProperties');
  let isSure = true;
  for (const pattern of isObject(byPattern) ? Object.keys(byPattern) : []) {
    const applies = matchesPattern(pattern, key);
    if (applies === true) return false;
    if (applies === undefined) isSure = false;
  }
  return isSure ? true : undefined;
}

/** Keywords about values of one type: they say nothing of others. */
const ABOUT: Readonly<Record<string, 'object' | 'array' | 'string' | 'number'>> = {
  ...named('object', ['required', 'minProperties', 'maxProperties', 'properties', 'patternProperties', 'additionalProperties', 'propertyNames', 'unevaluatedProperties', 'dependentRequired', 'dependentSchemas', 'dependencies']),
  ...named('array', ['minItems', 'maxItems', 'prefixItems', 'items', 'additionalItems', 'unevaluatedItems', 'uniqueItems', 'contains', 'minContains', 'maxContains']),
  ...named('string', ['minLength', 'maxLength', 'pattern']),
  ...named('number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']),
};

function named<T extends string>(type: T, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, type]));
}

function ofText(key: string, value: Json, text: string): Fit {
  switch (key) {
    case 'minLength':
      return typeof value === 'number' ? sure([...text].length >= value) : 'maybe';
    case 'maxLength':
      return typeof value === 'number' ? sure([...text].length <= value) : 'maybe';
    case 'pattern': {
      const matches = typeof value === 'string' ? matchesPattern(value, text) : undefined;
      return matches === undefined ? 'maybe' : sure(matches);
    }
    default:
      return 'maybe';
  }
}

function ofNumber(key: string, value: Json, node: JsonNode): Fit {
  const number = Number(node.value);
  // A double tells too little about huge numbers.
  const isExact = Number.isSafeInteger(number) || Math.abs(number) < 2 ** 53;
  if (typeof value !== 'number') return 'maybe';
  switch (key) {
    case 'minimum':
      return isExact ? sure(number >= value) : 'maybe';
    case 'maximum':
      return isExact ? sure(number <= value) : 'maybe';
    case 'exclusiveMinimum':
      return isExact ? sure(number > value) : 'maybe';
    case 'exclusiveMaximum':
      return isExact ? sure(number < value) : 'maybe';
    case 'multipleOf':
      return isExact && Number.isInteger(number) && Number.isInteger(value) && value > 0 ? sure(number % value === 0) : 'maybe';
    default:
      return 'maybe';
  }
}

/** An integer is a number without a fraction, also written as 1.0. */
export function isType(type: Json, node: JsonNode): boolean {
  if (type === 'integer') return node.type === 'number' && (Number.isInteger(node.value) || !Number.isFinite(Number(node.value)));
  return node.type === type;
}

function sure(holds: boolean): Fit {
  return holds ? 'yes' : 'no';
}
function opposite(fit: Fit): Fit {
  return fit === 'maybe' ? 'maybe' : sure(fit === 'no');
}
function all(fits: readonly Fit[]): Fit {
  if (fits.includes('no')) return 'no';
  return fits.includes('maybe') ? 'maybe' : 'yes';
}
function any(fits: readonly Fit[]): Fit {
  if (fits.includes('yes')) return 'yes';
  return fits.includes('maybe') ? 'maybe' : 'no';
}
