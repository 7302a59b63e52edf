/**
 * Owns reading one definition (a tool, prompt, resource or template) as a server lists it: the text stays verbatim, and
 * what a person looks for first is taken out of it. Everything in it is a stranger's: kinds are checked, texts are cut.
 */
import type { CatalogDefinition, CatalogItem, CatalogKind, PromptArgument, TemplateVariable, ToolHints } from '../contract/playgroundCatalog';
import { isJsonObject, tryParseJson, type JsonObject } from '../util/json';
import { memberText } from './jsonText';
import { templateVariables } from './uriTemplate';

const MAX_TITLE = 200;
const MAX_SUMMARY = 300;
/** About what the tokenizers of today's models need for JSON and English. */
const CHARACTERS_PER_TOKEN = 4;
const MAX_PROMPT_ARGUMENTS = 200;

export interface CatalogEntry {
  readonly kind: CatalogKind;
  readonly name: string;
  /** Verbatim. */
  readonly text: string;
  readonly item: Omit<CatalogItem, 'lastUsedMs' | 'change'>;
  /** What a search looks through, in small letters. */
  readonly haystack: string;
}

const NAME_MEMBER: Readonly<Record<CatalogKind, string>> = { tool: 'name', prompt: 'name', resource: 'uri', template: 'uriTemplate' };

/** `undefined`: it has no name, so nobody could use it. */
export function readEntry(kind: CatalogKind, text: string): CatalogEntry | undefined {
  const value = tryParseJson(text);
  if (!isJsonObject(value)) return undefined;
  const name = value[NAME_MEMBER[kind]];
  if (typeof name !== 'string' || name === '') return undefined;
  const annotations = isJsonObject(value.annotations) ? value.annotations : {};
  const title = textOf(value.title) ?? textOf(annotations.title) ?? (kind === 'resource' || kind === 'template' ? textOf(value.name) : undefined);
  const description = textOf(value.description);
  const mimeType = textOf(value.mimeType);
  const task = kind === 'tool' && isJsonObject(value.execution) ? value.execution.taskSupport : undefined;
  const item: CatalogEntry['item'] = {
    kind,
    name,
    ...(title === undefined ? {} : { title: title.slice(0, MAX_TITLE) }),
    ...(description === undefined ? {} : { description: description.slice(0, MAX_SUMMARY) }),
    ...(mimeType === undefined ? {} : { mimeType: mimeType.slice(0, MAX_TITLE) }),
    ...(kind === 'resource' && typeof value.size === 'number' ? { size: value.size } : {}),
    ...(kind === 'tool' ? { hints: hintsOf(annotations) } : {}),
    ...(task === 'optional' || task === 'required' ? { task } : {}),
    tokens: Math.ceil(text.length / CHARACTERS_PER_TOKEN),
  };
  const haystack = [name, title ?? '', (description ?? '').slice(0, 2000)].join('\n').toLowerCase();
  return { kind, name, text, item, haystack };
}

/** What stands for a resource that no list has. */
export function unlistedResource(uri: string): CatalogEntry {
  const item = { kind: 'resource', name: uri, tokens: 0, isUnlisted: true } as const;
  return { kind: 'resource', name: uri, text: JSON.stringify({ uri }), item, haystack: '' };
}

/** Hints with the defaults of MCP 2025-11-25 (schema, ToolAnnotations). */
function hintsOf(annotations: JsonObject): ToolHints {
  const said: ToolHints['said'][number][] = [];
  const hint = (key: string, name: ToolHints['said'][number], otherwise: boolean): boolean => {
    const value = annotations[key];
    if (typeof value !== 'boolean') return otherwise;
    said.push(name);
    return value;
  };
  const isReadOnly = hint('readOnlyHint', 'readOnly', false);
  // Meaningful only where a tool is not read-only.
  const isDestructive = hint('destructiveHint', 'destructive', true) && !isReadOnly;
  const isIdempotent = hint('idempotentHint', 'idempotent', false);
  const isOpenWorld = hint('openWorldHint', 'openWorld', true);
  return { isReadOnly, isDestructive, isIdempotent, isOpenWorld, said };
}

export function definitionOf(server: string, entry: CatalogEntry, item: CatalogItem): CatalogDefinition {
  const { kind, name, text } = entry;
  const value = tryParseJson(text);
  const description = isJsonObject(value) ? textOf(value.description) : undefined;
  const base = { target: { server, kind, name }, item, text, ...(description === undefined ? {} : { description }) };
  switch (kind) {
    case 'tool': {
      const inputSchema = memberText(text, 'inputSchema');
      const outputSchema = memberText(text, 'outputSchema');
      return { ...base, ...(inputSchema === undefined ? {} : { inputSchema }), ...(outputSchema === undefined ? {} : { outputSchema }) };
    }
    case 'prompt': {
      const promptArguments = promptArgumentsOf(value);
      return { ...base, promptArguments, inputSchema: schemaOfPrompt(promptArguments) };
    }
    case 'template': {
      const variables = templateVariables(name);
      return { ...base, variables, inputSchema: schemaOfTemplate(variables) };
    }
    case 'resource':
      return base;
  }
}

function promptArgumentsOf(value: unknown): PromptArgument[] {
  const list = isJsonObject(value as never) ? (value as JsonObject).arguments : undefined;
  if (!Array.isArray(list)) return [];
  return list.slice(0, MAX_PROMPT_ARGUMENTS).flatMap((one) => {
    if (!isJsonObject(one) || typeof one.name !== 'string') return [];
    const title = textOf(one.title);
    const description = textOf(one.description);
    return [{ name: one.name, isRequired: one.required === true, ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) }];
  });
}

function schemaOfPrompt(list: readonly PromptArgument[]): string {
  const properties = list.map(({ name, title, description }) => `${JSON.stringify(name)}:${JSON.stringify({ type: 'string', title, description })}`);
  const required = list.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return `{"type":"object","properties":{${properties.join(',')}},"required":${JSON.stringify(required)}}`;
}

/** RFC 6570, 2.3 and 2.4: any variable may have no value, and any but one with a prefix may be a list or an associative array. */
function schemaOfTemplate(list: readonly TemplateVariable[]): string {
  const text = { type: 'string' };
  const many = { anyOf: [text, { type: 'array', items: text }, { type: 'object', additionalProperties: text }] };
  const properties = list.map(({ name, hasPrefix }) => `${JSON.stringify(name)}:${JSON.stringify(hasPrefix ? text : many)}`);
  return `{"type":"object","properties":{${properties.join(',')}}}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
