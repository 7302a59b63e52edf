/**
 * Owns what a form shows for a schema and a JSON text: for each value a field with its control, and for each edit the new
 * text. Lazy: members and items are made when they are asked for, so that a schema that contains itself, or has ten
 * thousand members, costs what is looked at. Pure.
 *
 * Invariants: every value of the text belongs to exactly one field (or to the one above it that shows it as JSON); an edit
 * of a field changes the text of that value only; what the control cannot show exactly is shown as JSON.
 */
import { hasText } from '../find';
import { controlOf, type Control } from './fieldControl';
import { removeValue, setValue } from './jsonEdit';
import { childOf, membersOf, nodeAt, parseDocument, pointerOf, type JsonDocument, type JsonNode, type JsonPath } from './jsonText';
import { fits, isType, matchesPattern } from './schemaFits';
import { collectParts, shapeOf, type Shape, type TypeName } from './schemaShape';
import { isObject, jsonOf, memberOf, SchemaTree, textMember, type Schema, type SchemaObject } from './schemaText';

/** A place where the user can choose what kind of value stands there. */
export interface Chooser {
  readonly id: string;
  readonly labels: readonly string[];
  readonly selected: number;
}

export interface Field {
  readonly path: JsonPath;
  /** JSON Pointer. */
  readonly pointer: string;
  /** Key, or number of the item from 1; absent for the whole. */
  readonly name?: string;
  readonly schema: Schema;
  readonly shape: Shape;
  readonly control: Control;
  readonly node?: JsonNode;
  readonly isRequired: boolean;
  /** Its key is the user's own, so that it can be renamed. */
  readonly isExtra: boolean;
  readonly choosers: readonly Chooser[];
}

/** Variants the user has chosen, by `pointer#number of the chooser`. */
export type ChosenVariants = ReadonlyMap<string, number>;

export const MAX_FIELD_DEPTH = 30;
const MAX_CHOOSERS = 6;

const typeLabels: Readonly<Record<TypeName, string>> = {
  object: 'Object', array: 'List', string: 'Text', number: 'Number', integer: 'Whole number', boolean: 'True or false', null: 'Null',
};

export class FormModel {
  readonly #tree: SchemaTree;

  constructor(schema: Schema) {
    this.#tree = new SchemaTree(schema);
  }

  root(document: JsonDocument, chosen: ChosenVariants): Field {
    return this.#field({ path: [], schema: this.#tree.root, node: document.root, isRequired: true, isExtra: false, document, chosen });
  }

  /** Names of an object's fields: those of the schema in its order, then the value's own others in theirs. */
  memberNames(field: Field): { readonly known: readonly string[]; readonly extra: readonly string[] } {
    const known = [...field.shape.properties.keys()];
    for (const name of field.shape.required) if (!field.shape.properties.has(name)) known.push(name);
    const isKnown = new Set(known);
    const extra = membersOf(field.node).filter(({ key, isShadowed }) => !isShadowed && !isKnown.has(key)).map(({ key }) => key);
    return { known, extra };
  }

  /** Of those, the ones that have all of a text in name, title or description. */
  findNames(field: Field, names: readonly string[], query: string): readonly string[] {
    if (query === '') return names;
    return names.filter((name) => {
      const schema = field.shape.properties.get(name);
      return hasText(name, query) || (isObject(schema) && [textMember(schema, 'title'), textMember(schema, 'description')].some((text) => text !== undefined && hasText(text, query)));
    });
  }

  member(field: Field, name: string, document: JsonDocument, chosen: ChosenVariants): Field {
    const { shape } = field;
    const known = shape.properties.get(name);
    const byPattern = shape.patterns.filter(([pattern]) => matchesPattern(pattern, name) === true).map(([, schema]) => schema);
    const schemas = [...(known === undefined ? [] : [known]), ...byPattern];
    // A pattern that cannot be run here may be about this key: then nothing is said of its value.
    const isOpen = schemas.length === 0 && shape.patterns.some(([pattern]) => matchesPattern(pattern, name) === undefined);
    if (schemas.length === 0) schemas.push(isOpen || shape.additional === undefined || shape.additional === false ? true : shape.additional);
    return this.#field({
      path: [...field.path, name],
      name,
      schema: schemas.length === 1 ? schemas[0]! : { allOf: schemas as SchemaObject[] },
      node: childOf(field.node, name),
      isRequired: shape.required.has(name),
      isExtra: known === undefined && !shape.required.has(name),
      document,
      chosen,
    });
  }

  /** Whether members of the user's own naming are offered. */
  canAddMember({ shape }: Field): boolean {
    if (shape.additional === false) return shape.patterns.length > 0;
    return shape.additional !== undefined || shape.patterns.length > 0 || !shape.hasProperties;
  }

  itemCount(field: Field): number {
    return Math.max(field.node?.children?.length ?? 0, Math.min(field.shape.prefix.length, MAX_TUPLE));
  }

  /** `index` may be one past the last, of a tuple also further. */
  item(field: Field, index: number, document: JsonDocument, chosen: ChosenVariants): Field {
    const schema = field.shape.prefix[index] ?? field.shape.items ?? true;
    return this.#field({ path: [...field.path, index], name: String(index + 1), schema, node: childOf(field.node, index), isRequired: true, isExtra: false, document, chosen });
  }

  canAddItem(field: Field): boolean {
    const count = field.node?.children?.length ?? 0;
    if (field.shape.limits.maxItems !== undefined && count >= field.shape.limits.maxItems) return false;
    return field.shape.items !== false || count < field.shape.prefix.length;
  }

  /** JSON text of a value to begin with: what the schema fixes, and `withDefaults` what it proposes for members not required. */
  start(field: Field, withDefaults = false): string {
    const { shape, control } = field;
    if (control.kind === 'choice' && control.choices.length === 1) return control.choices[0]!.json;
    if (shape.default !== undefined) return shape.default;
    switch (control.kind) {
      case 'object': {
        const names = withDefaults ? new Set([...shape.properties.keys(), ...shape.required]) : shape.required;
        const fixed = [...names].flatMap((name) => {
          const member = this.member(field, name, NOTHING, NONE_CHOSEN);
          const isFixed = (shape.required.has(name) && member.control.kind === 'choice' && member.control.choices.length === 1) || member.shape.default !== undefined;
          return isFixed ? [`${JSON.stringify(name)}: ${this.start(member)}`] : [];
        });
        return fixed.length === 0 ? '{}' : `{ ${fixed.join(', ')} }`;
      }
      case 'array':
      case 'manyChoices':
        return '[]';
      case 'text':
        return '""';
      case 'number':
        return '0';
      case 'boolean':
        return 'false';
      case 'choice':
        return control.choices[0]?.json ?? 'null';
      default:
        return 'null';
    }
  }

  /** The text with a value set; objects missing on the way get what their schema fixes. */
  set(document: JsonDocument, chosen: ChosenVariants, path: JsonPath, value: string): string {
    let current = document;
    if (!current.root) return current.text;
    for (let depth = 0; depth < path.length; depth += 1) {
      const above = path.slice(0, depth);
      const key = path[depth];
      const field = this.fieldAt(current, chosen, above);
      if (!field || (field.control.kind !== 'object' && typeof key !== 'number')) break;
      if (!field.node) current = parseDocument(setValue(current, above, field.control.kind === 'object' ? this.start(field) : '[]'));
      // Places of a tuple before this one.
      const wanted = typeof key === 'number' ? Math.min(key, MAX_TUPLE) : 0;
      for (let index = nodeAt(current.root, above)?.children?.length ?? 0; index < wanted; index += 1) {
        current = parseDocument(setValue(current, [...above, index], this.start(this.item(field, index, current, chosen))));
      }
    }
    return setValue(current, path, value);
  }

  remove(document: JsonDocument, path: JsonPath): string {
    return removeValue(document, path);
  }

  /** The field at a path, by the fields on the way. */
  fieldAt(document: JsonDocument, chosen: ChosenVariants, path: JsonPath): Field | undefined {
    let field = this.root(document, chosen);
    for (const key of path) {
      if (typeof key === 'number' ? field.control.kind !== 'array' : field.control.kind !== 'object') return undefined;
      field = typeof key === 'number' ? this.item(field, key, document, chosen) : this.member(field, key, document, chosen);
    }
    return field;
  }

  /** The text after another variant was chosen (`chosen` has it already): fixed members follow, the rest stays. */
  switchVariant(document: JsonDocument, chosen: ChosenVariants, path: JsonPath): string {
    const field = this.fieldAt(document, chosen, path);
    if (!field) return document.text;
    const { node, shape, control } = field;
    if (node?.type === 'object' && shapeAllows(shape, node)) {
      let current = document;
      for (const name of [...shape.properties.keys()]) {
        const member = this.member(field, name, current, chosen);
        const isFixed = member.control.kind === 'choice' && member.control.choices.length === 1 && shape.required.has(name);
        if (isFixed && (member.control as { chosen?: number }).chosen === undefined) current = parseDocument(setValue(current, member.path, this.start(member)));
      }
      return current.text;
    }
    if (node && control.kind !== 'json') return document.text;
    const isItem = typeof path.at(-1) === 'number' || path.length === 0;
    const asNew = this.fieldAt({ ...document, root: withoutNode(document, path) }, chosen, path) ?? field;
    if (asNew.control.kind === 'object' || isItem) return this.set(document, chosen, path, this.start(this.#without(asNew)));
    return node ? removeValue(document, path) : document.text;
  }

  #without(field: Field): Field {
    return field.node ? this.#field({ ...field, node: undefined, document: NOTHING, chosen: NONE_CHOSEN }) : field;
  }

  #field(of: FieldOf): Field {
    const { path, schema, node, chosen } = of;
    const pointer = pointerOf(path);
    const { shape, choosers } = this.#resolve(schema, node, pointer, chosen);
    const control: Control = path.length > MAX_FIELD_DEPTH ? { kind: 'json', reason: 'deep' } : controlOf(shape, node, of.document, (item) => this.#itemChoices(item));
    return {
      path,
      pointer,
      ...(of.name === undefined ? {} : { name: of.name }),
      schema,
      shape,
      control,
      ...(node ? { node } : {}),
      isRequired: of.isRequired,
      isExtra: of.isExtra,
      choosers,
    };
  }

  #itemChoices(schema: Schema): Shape {
    return this.#resolve(schema, undefined, '', NONE_CHOSEN).shape;
  }

  /** The shape of a schema with a variant of each group in it, those in variants too. */
  #resolve(schema: Schema, node: JsonNode | undefined, pointer: string, chosen: ChosenVariants): { readonly shape: Shape; readonly choosers: readonly Chooser[] } {
    const schemas: Schema[] = [schema];
    const choosers: Chooser[] = [];
    let done = 0;
    let shape = shapeOf(collectParts(this.#tree, schemas, node), node);
    while (done < shape.groups.length && done < MAX_CHOOSERS) {
      const { options } = shape.groups[done]!;
      const id = `${pointer}#${done}`;
      const selected = Math.min(chosen.get(id) ?? this.#variantOf(options, node, shape), options.length - 1);
      if (options.length > 1) choosers.push({ id, labels: options.map((option, index) => this.#labelOf(option, index)), selected });
      schemas.push(options[selected]!);
      done += 1;
      shape = shapeOf(collectParts(this.#tree, schemas, node), node);
    }
    return withTypeChooser(shape, choosers, node, pointer, chosen);
  }

  /** The variant a value is of: the first it fits, or else the first it may fit, or the one it comes closest to. */
  #variantOf(options: readonly Schema[], node: JsonNode | undefined, shape: Shape): number {
    if (!node) return defaultVariant(options, shape);
    let [best, bestScore] = [0, -1];
    options.forEach((option, index) => {
      const fit = fits(this.#tree, option, node);
      const score = fit === 'yes' ? 1_000 : fit === 'maybe' ? 500 : this.#closeness(option, node);
      if (score > bestScore) [best, bestScore] = [index, score];
    });
    return best;
  }

  #closeness(option: Schema, node: JsonNode): number {
    const shape = shapeOf(collectParts(this.#tree, [option], node), node);
    if (!shapeAllows(shape, node)) return 0;
    const members = membersOf(node).filter(({ key }) => shape.properties.has(key));
    const wrong = members.filter(({ key, value }) => fits(this.#tree, shape.properties.get(key)!, value) === 'no').length;
    // A constant that differs tells variants apart better than anything else.
    return Math.max(1, 100 + members.length - 50 * wrong);
  }

  #labelOf(option: Schema, index: number): string {
    const shape = shapeOf(collectParts(this.#tree, [option], undefined), undefined);
    if (shape.title !== undefined && shape.title.trim() !== '') return shape.title;
    for (const [name, schema] of shape.properties) {
      const constant = isObject(schema) ? memberOf(schema, 'const') : undefined;
      if (constant !== undefined) return `${name}: ${typeof constant === 'string' ? constant : jsonOf(constant)}`;
    }
    if (shape.choices && shape.choices.length > 0) return shape.choices.slice(0, 3).map(({ label }) => label).join(', ') + (shape.choices.length > 3 ? ', …' : '');
    const ref = isObject(option) ? textMember(option, '$ref') : undefined;
    if (ref !== undefined) return ref.slice(Math.max(ref.lastIndexOf('/'), ref.lastIndexOf('#')) + 1) || `Variant ${index + 1}`;
    const types = [...(shape.types ?? [])];
    if (types.length === 1 && types[0] === 'object' && shape.properties.size > 0) return [...shape.properties.keys()].slice(0, 3).join(', ');
    if (types.length > 0) return types.map((type) => typeLabels[type]).join(' or ') + (shape.format === undefined ? '' : ` (${shape.format})`);
    return `Variant ${index + 1}`;
  }
}

interface FieldOf {
  readonly path: JsonPath;
  readonly name?: string;
  readonly schema: Schema;
  readonly node: JsonNode | undefined;
  readonly isRequired: boolean;
  readonly isExtra: boolean;
  readonly document: JsonDocument;
  readonly chosen: ChosenVariants;
}

/** Places of a tuple shown although they are empty. */
const MAX_TUPLE = 100;
const NOTHING: JsonDocument = { text: '' };
const NONE_CHOSEN: ChosenVariants = new Map();

/** Several types: which of them is the user's to choose, where the value does not say. */
function withTypeChooser(shape: Shape, choosers: Chooser[], node: JsonNode | undefined, pointer: string, chosen: ChosenVariants): { readonly shape: Shape; readonly choosers: readonly Chooser[] } {
  const types = [...(shape.types ?? [])].filter((type) => type !== 'integer' || !shape.types?.has('number'));
  if (types.length < 2 || shape.choices) return { shape, choosers };
  const id = `${pointer}#type`;
  const ofValue = node ? types.findIndex((type) => isType(type, node)) : -1;
  const selected = ofValue >= 0 ? ofValue : Math.min(chosen.get(id) ?? 0, types.length - 1);
  const wanted = Math.min(chosen.get(id) ?? selected, types.length - 1);
  return { shape: { ...shape, types: new Set([types[wanted]!]) }, choosers: [...choosers, { id, labels: types.map((type) => typeLabels[type]), selected: wanted }] };
}

function defaultVariant(options: readonly Schema[], shape: Shape): number {
  if (shape.default === undefined) return 0;
  const index = options.findIndex((option) => isObject(option) && memberOf(option, 'const') !== undefined && jsonOf(memberOf(option, 'const')!) === shape.default);
  return Math.max(0, index);
}

function shapeAllows(shape: Shape, node: JsonNode): boolean {
  return !shape.types || [...shape.types].some((type) => isType(type, node));
}

function withoutNode(document: JsonDocument, path: JsonPath): JsonNode | undefined {
  return path.length === 0 ? undefined : parseDocument(removeValue(document, path)).root;
}
