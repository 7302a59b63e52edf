/**
 * Owns `{{variables}}` in saved calls. In a text, `{{name}}` stands for the value; a text that is only `"{{name:json}}"`
 * stands for the value as JSON, so that numbers and lists can be variables, too.
 */
import { AppError } from '../util/errors';
import { isJson } from './jsonText';

const VARIABLE = /"\{\{\s*([A-Za-z_][\w.-]{0,63})\s*:\s*json\s*\}\}"|\{\{\s*([A-Za-z_][\w.-]{0,63})\s*\}\}/g;
const MAX_VARIABLES = 100;

/** Names of the variables in texts, each once, in order. */
export function variablesIn(...texts: readonly string[]): string[] {
  const names = new Set<string>();
  for (const text of texts) {
    for (const [, json, plain] of text.matchAll(VARIABLE)) if (names.size < MAX_VARIABLES) names.add(json ?? plain!);
  }
  return [...names];
}

export function isVariable(text: string): boolean {
  return /^\{\{[^{}]*\}\}$/.test(text.trim());
}

/** JSON text with the values filled in. Throws a user-facing AppError where a value is to be JSON and is none. */
export function fillJson(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(VARIABLE, (whole, json: string | undefined, plain: string | undefined) => {
    const name = json ?? plain!;
    const value = values.get(name);
    if (value === undefined) return whole;
    if (json === undefined) return JSON.stringify(value).slice(1, -1);
    if (!isJson(value)) throw new AppError('query.invalid', `The value of "${name}" must be JSON, such as 42 or ["a"].`);
    return value;
  });
}

/** Plain text with the values filled in. */
export function fillText(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(VARIABLE, (whole, json: string | undefined, plain: string | undefined) => values.get(json ?? plain!) ?? whole);
}
