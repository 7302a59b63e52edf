/** Owns the shape of the corpus' attack samples and the short forms they are written in. */
import type { ServerDefinitions } from '../../../../src/extension/contract/findings';
import type { FindingTier } from '../../../../src/extension/contract/findings';

export interface DefinitionSample {
  readonly id: string;
  /** In which tier it has to be found; one of `phrase` may be found in either. */
  readonly tier: FindingTier;
  readonly servers: readonly ServerDefinitions[];
}

/** Rules are written against `seen` samples; `held` ones are for measuring only. */
export interface SampleSet {
  readonly seen: readonly DefinitionSample[];
  readonly held: readonly DefinitionSample[];
}

export type Json = Readonly<Record<string, unknown>>;

/** A tool with text parameters, described by the values of `properties` where those are texts. */
export function tool(name: string, description: string, properties: Json = {}, more: Json = {}): Json {
  const schema = Object.entries(properties).map(([key, value]) => [key, typeof value === 'string' ? { type: 'string', description: value } : value]);
  return { name, description, inputSchema: { type: 'object', properties: Object.fromEntries(schema) as unknown }, ...more };
}

export function server(name: string, tools: readonly unknown[], more: Partial<ServerDefinitions> = {}): ServerDefinitions {
  return { server: name, tools, ...more };
}

/** A sample of one tool on one server. */
export function one(id: string, tier: FindingTier, definition: Json, more: Partial<ServerDefinitions> = {}): DefinitionSample {
  return { id, tier, servers: [server('demo', [definition], more)] };
}

/** ASCII as invisible characters of the tags block. */
export function smuggled(text: string): string {
  return [...text].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('');
}

/** Bytes as variation selectors. */
export function selected(text: string): string {
  return [...Buffer.from(text)].map((byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16)).join('');
}

/** Bits as zero-width characters. */
export function zeroWidth(text: string): string {
  return [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0').replaceAll('0', '\u200b').replaceAll('1', '\u200c')).join('');
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });
}
