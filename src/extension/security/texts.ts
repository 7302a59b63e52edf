/**
 * Owns gathering all text of a definition, with where it stands: names, descriptions, everything in schemas, annotations
 * and `_meta`, names of keys too. Hostile definitions are as deep and as long as they like: walked without recursion, and
 * cut at limits that are told.
 */
import type { DefinitionKind } from '../contract/governance';
import { isJsonObject, type JsonObject } from '../util/json';

/** `name`: an identifier of the definition or of a parameter. `key`: any other key. `prose`: meant to be read. `value`: the rest. */
export type TextRole = 'name' | 'prose' | 'value' | 'key';

export interface TextPart {
  readonly pointer: string;
  readonly role: TextRole;
  readonly text: string;
}

export interface DefinitionTexts {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly value: unknown;
  readonly parts: readonly TextPart[];
  readonly parameters: readonly Parameter[];
  readonly description: string;
  /** Characters in all, those left out too as far as they were met. */
  readonly size: number;
  /** What was not looked at: it is deeper, longer or more than the limits. */
  readonly cut?: 'deep' | 'large';
}

/** A property of a tool's input schema, or an argument of a prompt. */
export interface Parameter {
  readonly name: string;
  readonly pointer: string;
  readonly description: string;
}

export const MAX_DEPTH = 100;
const MAX_NODES = 50_000;
/** Of one text; the end of a longer one is looked at too. */
const MAX_TEXT = 100_000;
export const MAX_TOTAL = 400_000;

const PROSE = new Set(['description', 'title', 'instructions', '$comment', 'comment']);

interface Open {
  readonly value: unknown;
  readonly pointer: string;
  readonly depth: number;
  readonly role: TextRole;
  /** Its keys are names of parameters. */
  readonly isProperties: boolean;
}

export function textsOf(kind: DefinitionKind, value: unknown): DefinitionTexts {
  const parts: TextPart[] = [];
  let size = 0;
  let kept = 0;
  let cut: DefinitionTexts['cut'];
  const add = (pointer: string, role: TextRole, text: string): void => {
    size += text.length;
    if (text === '') return;
    if (kept >= MAX_TOTAL) {
      cut ??= 'large';
      return;
    }
    let part = text;
    if (text.length > MAX_TEXT) {
      cut ??= 'large';
      part = `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
    }
    kept += part.length;
    parts.push({ pointer, role, text: part });
  };
  const open: Open[] = [{ value, pointer: '', depth: 0, role: kind === 'instructions' ? 'prose' : 'value', isProperties: false }];
  let nodes = 0;
  for (let item = open.pop(); item; item = open.pop()) {
    const { value: node, pointer, depth, role, isProperties } = item;
    if (typeof node === 'string') {
      add(pointer, role, node);
      continue;
    }
    if (typeof node !== 'object' || node === null) continue;
    if (depth >= MAX_DEPTH) {
      cut = 'deep';
      continue;
    }
    const isList = Array.isArray(node);
    const children: Open[] = [];
    for (const key in node) {
      if (++nodes > MAX_NODES) {
        cut ??= 'large';
        break;
      }
      const child = (node as JsonObject)[key];
      const place = `${pointer}/${escaped(key)}`;
      if (!isList) add(`${place}/-`, isProperties ? 'name' : 'key', key);
      const childRole = isList ? role : roleOf(key, child, depth, isProperties);
      children.push({ value: child, pointer: place, depth: depth + 1, role: childRole, isProperties: !isProperties && key === 'properties' });
    }
    // In the order of the definition.
    for (let i = children.length - 1; i >= 0; i--) open.push(children[i] as Open);
  }
  const name = isJsonObject(value) ? nameOf(kind, value) : '';
  const description = kind === 'instructions' ? (typeof value === 'string' ? value : '') : isJsonObject(value) ? textOf(value['description']) : '';
  return { kind, name, value, parts, parameters: parametersOf(kind, value), description: description.slice(0, MAX_TEXT), size, cut };
}

function roleOf(key: string, child: unknown, depth: number, isProperties: boolean): TextRole {
  if (typeof child === 'string' && !isProperties) {
    if (PROSE.has(key)) return 'prose';
    if (key === 'name' && depth <= 2) return 'name';
  }
  return 'value';
}

/** What a definition is known by among those of its kind. */
export function nameOf(kind: DefinitionKind, value: JsonObject): string {
  if (kind === 'resource') return textOf(value['uri']);
  if (kind === 'template') return textOf(value['uriTemplate']);
  return kind === 'tool' || kind === 'prompt' ? textOf(value['name']) : '';
}

const MAX_PARAMETERS = 1000;

function parametersOf(kind: DefinitionKind, value: unknown): Parameter[] {
  if (!isJsonObject(value)) return [];
  if (kind === 'prompt') {
    const list = Array.isArray(value['arguments']) ? value['arguments'] : [];
    return list.slice(0, MAX_PARAMETERS).flatMap((item, index) =>
      isJsonObject(item) && typeof item['name'] === 'string'
        ? [{ name: item['name'], pointer: `/arguments/${index}`, description: textOf(item['description']) }]
        : [],
    );
  }
  const schema = value['inputSchema'];
  const properties = isJsonObject(schema) && isJsonObject(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties)
    .slice(0, MAX_PARAMETERS)
    .map(([name, property]) => ({
      name: name.slice(0, 200),
      pointer: `/inputSchema/properties/${escaped(name)}`,
      description: isJsonObject(property) ? textOf(property['description']).slice(0, 2000) : '',
    }));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** One step of a JSON pointer; keys may be as long as a message. */
function escaped(key: string): string {
  return key.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1');
}
