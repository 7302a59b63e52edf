/**
 * Owns parsing JSON for the eye: a number that would be written differently after a trip through a double (twenty digits,
 * `1.0`, `1e400`) keeps its own text. Everything else is what `JSON.parse` gives.
 */
import { tryParseJson, type JsonValue } from '../../extension/util/json';

/** A number as it was written. */
export class ExactNumber {
  constructor(readonly text: string) {}

  toJSON(): number {
    return Number(this.text);
  }
}

/** Where no such number can be, the quick parser alone is enough: most texts. */
const SUSPECT = /\d{16}|\d[.eE]\d*(?:0|[eE])|\d[eE]|-0/;

/** `undefined` where the text is no JSON. `ExactNumber` objects stand where `JsonValue` says number; who draws them knows. */
export function parseExact(text: string): JsonValue | undefined {
  if (!SUSPECT.test(text)) return tryParseJson(text);
  try {
    const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
      typeof value === 'number' && context?.source !== undefined && String(value) !== context.source ? new ExactNumber(context.source) : value;
    return JSON.parse(text, keep as (key: string, value: unknown) => unknown) as JsonValue;
  } catch {
    // Nested too deeply for the reviver, or no JSON at all.
    return tryParseJson(text);
  }
}

/** The number, as near as a double comes to it; `undefined` for what is none. */
export function numberOf(value: unknown): number | undefined {
  if (value instanceof ExactNumber) return Number(value.text);
  return typeof value === 'number' ? value : undefined;
}

/** A number as it was written; `undefined` for what is none. */
export function numberText(value: unknown): string | undefined {
  if (value instanceof ExactNumber) return value.text;
  return typeof value === 'number' ? String(value) : undefined;
}
