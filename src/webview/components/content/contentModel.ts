/**
 * Owns reading MCP content out of values from anyone: results of tools, prompts, resources, sampling and elicitation, in
 * every revision of the protocol so far (2024-11-05 to 2025-11-25, server/tools and schema.ts). Never throws; what is not as expected
 * is given back as JSON. Pure. Pointers are JSON Pointers (RFC 6901) from where the caller says the value stands.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../extension/util/json';
import { numberOf, numberText } from '../exactNumbers';

export interface Annotations {
  readonly audience?: readonly string[];
  readonly priority?: number;
  readonly lastModified?: string;
}

interface BlockBase {
  /** To the block. */
  readonly pointer: string;
  /** Of the message the block is in. */
  readonly role?: string;
  readonly annotations?: Annotations;
  /** The resource the block is (part of). */
  readonly uri?: string;
  readonly mimeType?: string;
}

export type ContentBlock = BlockBase &
  (
    | { readonly kind: 'text'; readonly text: string }
    /** `data`: base64, as it came. */
    | { readonly kind: 'image' | 'audio' | 'blob'; readonly data: string }
    | { readonly kind: 'link'; readonly uri: string; readonly name?: string; readonly title?: string; readonly description?: string; readonly size?: number }
    | { readonly kind: 'toolUse'; readonly name: string; readonly input: JsonValue }
    | { readonly kind: 'toolResult'; readonly value: JsonObject }
    | { readonly kind: 'json'; readonly value: JsonValue }
  );

/** More blocks than this are not read: nobody looks at them one by one. */
export const MAX_BLOCKS = 2_000;

export interface ResultContent {
  /** At most `MAX_BLOCKS` of each list. */
  readonly blocks: readonly ContentBlock[];
  /** Blocks of lists that were not read. */
  readonly omitted: number;
  readonly structured?: { readonly value: JsonValue; readonly pointer: string };
  readonly isError: boolean;
  readonly description?: string;
  /** Single values that say something, by their name in the protocol. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What else is there; absent where nothing is. */
  readonly rest?: JsonValue;
}

/** Keys that `blocks` and the others already show. */
const SHOWN = new Set(['content', 'contents', 'messages', 'structuredContent', 'isError', 'description', 'role', '_meta']);
const FACTS = ['message', 'url', 'mode', 'action', 'systemPrompt', 'model', 'stopReason', 'maxTokens', 'temperature', 'includeContext'];

/** Reads a result (`tools/call`, `prompts/get`, `resources/read`, sampling), or parameters that carry content. */
export function readResult(result: unknown, pointer = ''): ResultContent {
  if (!isJsonObject(result)) {
    return { blocks: result === undefined ? [] : [{ kind: 'json', value: result as JsonValue, pointer }], omitted: 0, isError: false, facts: [] };
  }
  const blocks = (['contents', 'messages', 'content'] as const).flatMap((key) => {
    const value = result[key];
    // Of an elicitation's answer, `content` is the filled form.
    if (value === undefined || (key === 'content' && typeof result['action'] === 'string')) return [];
    return readBlocks(value, `${pointer}/${key}`, textOf(result['role']));
  });
  const isAnswer = typeof result['action'] === 'string';
  const facts = FACTS.flatMap((name): (readonly [string, string])[] => {
    const value = result[name];
    if (typeof value === 'string' && value.length <= 2_000) return [[name, value]];
    const number = numberText(value);
    return number === undefined ? [] : [[name, number]];
  });
  const factNames = new Set(facts.map(([name]) => name));
  const rest = Object.fromEntries(
    Object.entries(result).filter(([key, value]) => value !== undefined && !factNames.has(key) && (!SHOWN.has(key) || (isAnswer && key === 'content'))),
  );
  const description = textOf(result['description']);
  return {
    blocks,
    omitted: (['contents', 'messages', 'content'] as const).reduce((sum, key) => sum + omittedOf(result[key]), 0),
    ...(result['structuredContent'] === undefined ? {} : { structured: { value: result['structuredContent'], pointer: `${pointer}/structuredContent` } }),
    isError: result['isError'] === true,
    ...(description === undefined ? {} : { description }),
    facts,
    ...(Object.keys(rest).length === 0 ? {} : { rest }),
  };
}

/** Whether `readResult` would find content, so that drawing it says more than its tree. */
export function hasContent(value: unknown): boolean {
  return isJsonObject(value) && ['content', 'contents', 'messages', 'structuredContent'].some((key) => typeof value[key] === 'object' && value[key] !== null);
}

/** How many blocks of a list are left out. */
export function omittedOf(value: unknown): number {
  return Array.isArray(value) ? Math.max(0, value.length - MAX_BLOCKS) : 0;
}

/** Blocks of a list (the first `MAX_BLOCKS`), of a single block, or of messages with a role each. */
export function readBlocks(value: unknown, pointer = '', role?: string): ContentBlock[] {
  if (Array.isArray(value)) return value.slice(0, MAX_BLOCKS).flatMap((item, index) => readItem(item as JsonValue, `${pointer}/${index}`, role));
  return value === undefined ? [] : readItem(value as JsonValue, pointer, role);
}

function readItem(item: JsonValue, pointer: string, role: string | undefined): ContentBlock[] {
  if (isJsonObject(item) && item['type'] === undefined && item['content'] !== undefined) {
    return readBlocks(item['content'], `${pointer}/content`, textOf(item['role']) ?? role);
  }
  return [readBlock(item, pointer, role)];
}

function readBlock(item: JsonValue, pointer: string, role: string | undefined): ContentBlock {
  const annotations = isJsonObject(item) ? readAnnotations(item['annotations']) : undefined;
  const base: BlockBase = { pointer, ...(role === undefined ? {} : { role }), ...(annotations ? { annotations } : {}) };
  const json: ContentBlock = { ...base, kind: 'json', value: item };
  if (!isJsonObject(item)) return typeof item === 'string' ? { ...base, kind: 'text', text: item } : json;
  const mimeType = textOf(item['mimeType']);
  const typed = { ...base, ...(mimeType === undefined ? {} : { mimeType }) };
  switch (item['type']) {
    case 'text':
      return typeof item['text'] === 'string' ? { ...base, kind: 'text', text: item['text'] } : json;
    case 'image':
    case 'audio':
      return typeof item['data'] === 'string' ? { ...typed, kind: item['type'], data: item['data'] } : json;
    case 'resource':
      return isJsonObject(item['resource']) ? (readResource(item['resource'], base) ?? json) : json;
    case 'resource_link':
      return readLink(item, typed) ?? json;
    case 'tool_use':
      return typeof item['name'] === 'string' ? { ...base, kind: 'toolUse', name: item['name'], input: item['input'] ?? null } : json;
    case 'tool_result':
      return { ...base, kind: 'toolResult', value: item };
    case undefined:
      // What resources/read gives has no type.
      return readResource(item, base) ?? json;
    default:
      return json;
  }
}

function readResource(resource: JsonObject, base: BlockBase): ContentBlock | undefined {
  const uri = textOf(resource['uri']);
  const mimeType = textOf(resource['mimeType']);
  const annotations = base.annotations ?? readAnnotations(resource['annotations']);
  const named = { ...base, ...(uri === undefined ? {} : { uri }), ...(mimeType === undefined ? {} : { mimeType }), ...(annotations ? { annotations } : {}) };
  if (typeof resource['text'] === 'string') return { ...named, kind: 'text', text: resource['text'] };
  if (typeof resource['blob'] !== 'string') return undefined;
  const kind = mimeType?.startsWith('image/') ? 'image' : mimeType?.startsWith('audio/') ? 'audio' : 'blob';
  return { ...named, kind, data: resource['blob'] };
}

function readLink(item: JsonObject, base: BlockBase): ContentBlock | undefined {
  const uri = textOf(item['uri']);
  if (uri === undefined) return undefined;
  const [name, title, description] = [textOf(item['name']), textOf(item['title']), textOf(item['description'])];
  const size = numberOf(item['size']);
  return {
    ...base,
    kind: 'link',
    uri,
    ...(name === undefined ? {} : { name }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(size === undefined || !(size >= 0) ? {} : { size }),
  };
}

function readAnnotations(raw: JsonValue | undefined): Annotations | undefined {
  if (!isJsonObject(raw)) return undefined;
  const { audience, lastModified } = raw;
  const priority = numberOf(raw['priority']);
  const who = Array.isArray(audience) ? audience.filter((one) => typeof one === 'string').slice(0, 10) : [];
  const read: Annotations = {
    ...(who.length > 0 ? { audience: who } : {}),
    ...(priority === undefined ? {} : { priority }),
    ...(typeof lastModified === 'string' ? { lastModified } : {}),
  };
  return Object.keys(read).length > 0 ? read : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
