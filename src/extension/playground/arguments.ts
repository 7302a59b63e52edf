/**
 * Owns what a person types as arguments, from text to what is sent: syntax, shape, schema. Nothing is rewritten: a tool
 * gets the very text that was typed.
 */
import type { CatalogKind } from '../contract/playgroundCatalog';
import type { ArgumentCheck, TemplateExpansion } from '../contract/playgroundRuns';
import { messageOf } from '../util/errors';
import { isJsonObject, tryParseJson } from '../util/json';
import { membersOf, problemAt, syntaxProblem } from './jsonText';
import type { CheckSchema } from './ports';
import { expandUriTemplate, parseUriTemplate, type TemplateValue } from './uriTemplate';

/** Larger arguments are not sent: the gateway would refuse them. Characters. */
export const MAX_ARGUMENTS = 32 * 1024 * 1024;

/** Arguments as typed, or an empty object where nothing was. */
export function argumentsOf(text: string): string {
  return text.trim() === '' ? '{}' : text;
}

/** Whether the text can be sent at all: JSON, and an object (for raw params an array, too). */
export function checkSyntax(text: string, mayBeArray = false): ArgumentCheck {
  if (text.length > MAX_ARGUMENTS) return problemAt(text, 0, `The arguments are longer than ${MAX_ARGUMENTS} characters`);
  const problem = syntaxProblem(text);
  if (problem) return problem;
  const first = text.trimStart()[0];
  if (first === '{' || (mayBeArray && first === '[')) return { kind: 'ok' };
  return problemAt(text, text.length - text.trimStart().length, 'The arguments must be an object: { … }');
}

/** Checks arguments of a catalogue item. `schema`: JSON text, where it has one. */
export async function checkArguments(kind: CatalogKind, text: string, schema: string | undefined, check: CheckSchema): Promise<ArgumentCheck> {
  const typed = argumentsOf(text);
  const syntax = checkSyntax(typed);
  if (syntax.kind !== 'ok' || kind === 'resource' || schema === undefined) return syntax;
  return fromSchemaCheck(await check(schema, typed));
}

export function fromSchemaCheck(given: Awaited<ReturnType<CheckSchema>>): ArgumentCheck {
  return given.kind === 'fits' ? { kind: 'ok' } : given;
}

/** Values of a template's variables from JSON text of an object. Throws a user-facing AppError by `expandUriTemplate`. */
export function templateValues(text: string): ReadonlyMap<string, TemplateValue> {
  const values = new Map<string, TemplateValue>();
  for (const [name, raw] of membersOf(argumentsOf(text))) {
    const value = tryParseJson(raw);
    // A number as it was written: big ones must not lose digits.
    if (typeof value === 'string') values.set(name, value);
    else if (typeof value === 'number' || typeof value === 'boolean') values.set(name, raw);
    else if (Array.isArray(value)) values.set(name, value.map(scalarText));
    else if (isJsonObject(value)) values.set(name, Object.fromEntries(Object.entries(value).map(([key, one]) => [key, scalarText(one)])));
  }
  return values;
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export function expandTemplate(template: string, argumentsText: string): TemplateExpansion {
  const syntax = checkSyntax(argumentsOf(argumentsText));
  if (syntax.kind === 'syntax') return { kind: 'problem', message: syntax.message };
  try {
    return { kind: 'ok', uri: expandUriTemplate(parseUriTemplate(template), templateValues(argumentsText)) };
  } catch (error) {
    return { kind: 'problem', message: messageOf(error) };
  }
}
