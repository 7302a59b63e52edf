/** Owns the shapes of parsed JSON and the narrowing every reader of foreign JSON needs. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON; gives `undefined` where the text is none. */
export function tryParseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** `JSON.stringify` overflows the stack at a few thousand levels; nobody means more than these. */
const MAX_LEVELS = 500;

/** Whether a value is nested too deeply to be written without harm: what comes from servers may be. */
export function isTooDeep(value: unknown, levels = MAX_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}

/** The value of a JSON text that is the same when it is written again: no digit is lost. Otherwise `undefined`. */
export function exactJson(text: string): JsonValue | undefined {
  const value = tryParseJson(text);
  return value !== undefined && !isTooDeep(value) && JSON.stringify(value) === text ? value : undefined;
}
