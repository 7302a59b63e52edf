/**
 * Owns keeping the values of `${input:…}` out of MCP Shark's own sentences: what it tells clients and people of a server is
 * said with the placeholder, as it stands in the file.
 */
import { Buffer } from 'node:buffer';

/** A value that was given for an input, and what stands in the file for it. */
export interface Given {
  readonly value: string;
  readonly placeholder: string;
}

/** Shorter ones stand in every sentence by chance, and say nothing. */
const LEAST_CHARACTERS = 4;

/** The text with each value, also as it stands in an address, put back into its placeholder. */
export function withoutGiven(text: string, given: readonly Given[] | undefined): string {
  let out = text;
  for (const { value, placeholder } of given ?? []) {
    if (value.length < LEAST_CHARACTERS) continue;
    // Half a surrogate pair cannot stand in an address.
    const wellFormed = Buffer.from(value).toString();
    for (const form of new Set([value, encodeURIComponent(wellFormed), encodeURI(wellFormed)])) out = out.replaceAll(form, () => placeholder);
  }
  return out;
}

/** The same for all texts within a value of JSON. */
export function withoutGivenIn<T>(data: T, given: readonly Given[] | undefined): T {
  if (!given || given.length === 0 || data === undefined) return data;
  return JSON.parse(JSON.stringify(data), (_key, value: unknown) => (typeof value === 'string' ? withoutGiven(value, given) : value)) as T;
}
