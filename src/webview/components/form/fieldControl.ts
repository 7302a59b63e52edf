/**
 * Owns which control shows a value. Where none of them could show it exactly, to the last digit and character, it is
 * JSON: then the form never alters it. Pure.
 */
import { isAllVisible } from '../visibleText';
import { textOf, type JsonDocument, type JsonNode } from './jsonText';
import { isSame, isType } from './schemaFits';
import type { Choice, Shape, TypeName } from './schemaShape';
import type { Schema } from './schemaText';

/**
 * Why a value is shown as JSON. `any`: the schema does not say what it is; `mismatch`: it is not of the type it should be;
 * `unseen`: its text has characters that an input would change or hide; `elsewhere`: the schema refers to one that is not
 * here; `deep`: nested too deeply; `nothing`: no value fits; `choices`: too many or too large to offer.
 */
export type JsonReason = 'any' | 'mismatch' | 'unseen' | 'elsewhere' | 'deep' | 'nothing' | 'choices';

export type Control =
  | { readonly kind: 'text'; readonly isLong: boolean; readonly suggestions?: readonly string[] }
  /** `typed`: what stands there although it is no number, as a text. */
  | { readonly kind: 'number'; readonly isInteger: boolean; readonly shown: string }
  | { readonly kind: 'boolean' }
  /** `other`: JSON text of a value that is none of the choices. */
  | { readonly kind: 'choice'; readonly choices: readonly Choice[]; readonly chosen?: number; readonly other?: string }
  /** An array of choices; `chosen`: for each its places in the array. `others`: items that are none of the choices. */
  | { readonly kind: 'manyChoices'; readonly choices: readonly Choice[]; readonly chosen: readonly (readonly number[])[]; readonly others: number }
  | { readonly kind: 'object' }
  | { readonly kind: 'array' }
  | { readonly kind: 'null' }
  | { readonly kind: 'json'; readonly reason: JsonReason };

/** More than this are not offered as a list to choose from. */
const MAX_LISTED = 500;
const MAX_BOXES = 60;
const LONG_TEXT = 80;

const longNames = /^(?:text|body|content|contents|prompt|message|markdown|html|code|script|source|sql|json|yaml|diff|patch|query|description|instructions?|notes?|thought|new_?text|old_?text|new_?string|old_?string)$/i;

/** `itemShape`: of a schema without a value. */
export function controlOf(shape: Shape, node: JsonNode | undefined, document: JsonDocument, itemShape: (schema: Schema) => Shape): Control {
  if (node?.type === 'null' && (shape.isNullable || shape.types === undefined) && !shape.choices?.some(({ value }) => value === null)) {
    return shape.isNullable ? { kind: 'null' } : controlOfType(undefined, shape, node, document, itemShape);
  }
  if (shape.choices) return choiceControl(shape.choices, node, document);
  if (shape.isNothing) return { kind: 'json', reason: 'nothing' };
  return controlOfType(typeOf(shape, node), shape, node, document, itemShape);
}

function controlOfType(type: TypeName | undefined, shape: Shape, node: JsonNode | undefined, document: JsonDocument, itemShape: (schema: Schema) => Shape): Control {
  if (type === undefined) return { kind: 'json', reason: shape.isUnknown ? 'elsewhere' : 'any' };
  if (node && !isType(type, node)) {
    // What was typed into a number's input and is no number yet.
    const isTyped = (type === 'number' || type === 'integer') && node.type === 'string' && isAllVisible(String(node.value)) && !String(node.value).includes('\n');
    if (isTyped) return { kind: 'number', isInteger: type === 'integer', shown: String(node.value) };
    if (type === 'integer' && node.type === 'number') return { kind: 'number', isInteger: true, shown: textOf(document, node) };
    return { kind: 'json', reason: 'mismatch' };
  }
  switch (type) {
    case 'string':
      if (node && !isShownExactly(node)) return { kind: 'json', reason: 'unseen' };
      return { kind: 'text', isLong: isLong(shape, node) };
    case 'number':
    case 'integer':
      return { kind: 'number', isInteger: type === 'integer', shown: node ? textOf(document, node) : '' };
    case 'array':
      return manyChoices(shape, node, itemShape) ?? { kind: 'array' };
    case 'null':
      return { kind: 'null' };
    default:
      return { kind: type };
  }
}

/** The one type the value has or should have; without a `type`, what the other keywords are about. */
function typeOf(shape: Shape, node: JsonNode | undefined): TypeName | undefined {
  const types = [...(shape.types ?? [])];
  const ofValue = node && types.find((type) => isType(type, node));
  if (ofValue) return ofValue;
  if (types.length > 0) return types[0];
  if (shape.isNullable && shape.types) return 'null';
  const { limits } = shape;
  const implied: TypeName | undefined =
    shape.properties.size > 0 || shape.required.size > 0 || shape.patterns.length > 0 || shape.additional !== undefined || limits.minProperties !== undefined || limits.maxProperties !== undefined
      ? 'object'
      : shape.prefix.length > 0 || shape.items !== undefined || limits.minItems !== undefined || limits.maxItems !== undefined || limits.uniqueItems
        ? 'array'
        : shape.format !== undefined || limits.minLength !== undefined || limits.maxLength !== undefined || limits.pattern !== undefined
          ? 'string'
          : limits.minimum !== undefined || limits.maximum !== undefined || limits.exclusiveMinimum !== undefined || limits.exclusiveMaximum !== undefined || limits.multipleOf !== undefined
            ? 'number'
            : undefined;
  // Implied only: a value of another type is just as right.
  return implied !== undefined && node && !isType(implied, node) ? undefined : implied;
}

function choiceControl(choices: readonly Choice[], node: JsonNode | undefined, document: JsonDocument): Control {
  const chosen = node ? choices.findIndex(({ value }) => isSame(value, node)) : -1;
  const isListed = choices.length <= MAX_LISTED && choices.every(({ json }) => json.length <= 500);
  if (!isListed) {
    const texts = choices.map(({ value }) => value);
    const isText = texts.every((text) => typeof text === 'string') && (!node || (node.type === 'string' && isShownExactly(node)));
    return isText ? { kind: 'text', isLong: false, suggestions: texts.slice(0, 1_000) as string[] } : { kind: 'json', reason: 'choices' };
  }
  if (!node) return { kind: 'choice', choices };
  if (chosen >= 0) return { kind: 'choice', choices, chosen };
  if (node.type === 'object' || node.type === 'array') return { kind: 'json', reason: 'mismatch' };
  return { kind: 'choice', choices, other: textOf(document, node) };
}

function manyChoices(shape: Shape, node: JsonNode | undefined, itemShape: (schema: Schema) => Shape): Control | undefined {
  if (shape.prefix.length > 0 || shape.items === undefined || !shape.limits.uniqueItems) return fromMcp(shape, node, itemShape);
  return boxes(itemShape(shape.items), node);
}

/** MCP's forms list several choices without `uniqueItems`. */
function fromMcp(shape: Shape, node: JsonNode | undefined, itemShape: (schema: Schema) => Shape): Control | undefined {
  if (shape.prefix.length > 0 || typeof shape.items !== 'object') return undefined;
  const item = itemShape(shape.items);
  const isSet = (node?.children ?? []).every((child, index, all) => all.findIndex((other) => other.value === child.value) === index);
  return item.choices && isSet ? boxes(item, node) : undefined;
}

function boxes({ choices, isNullable }: Shape, node: JsonNode | undefined): Control | undefined {
  if (!choices || choices.length === 0 || choices.length > MAX_BOXES || isNullable) return undefined;
  const chosen = choices.map(({ value }) => (node?.children ?? []).flatMap((child, index) => (isSame(value, child) ? [index] : [])));
  const found = chosen.reduce((sum, places) => sum + places.length, 0);
  return { kind: 'manyChoices', choices, chosen, others: (node?.children?.length ?? 0) - found };
}

function isLong(shape: Shape, node: JsonNode | undefined): boolean {
  if (shape.format !== undefined) return shape.format === 'textarea' || shape.format === 'multiline' || shape.format === 'markdown';
  if (shape.mediaType !== undefined) return true;
  if (node && (String(node.value).includes('\n') || String(node.value).length > LONG_TEXT)) return true;
  return (shape.limits.maxLength ?? 0) > 200 || (shape.limits.minLength ?? 0) > 60;
}

/** Whether a property's name lets a long text be expected. */
export function isLongName(name: string): boolean {
  return longNames.test(name);
}

/** Whether an input shows a text as it is and gives back the same: no carriage returns, nothing unseen, no half characters. */
export function isShownExactly(node: JsonNode): boolean {
  return node.type !== 'string' || isAllVisible(String(node.value));
}
