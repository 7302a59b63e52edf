/**
 * Owns checking a value against a JSON Schema, both as text from anyone. Synchronous, and of unknown length: patterns and schemas
 * may be made to take for ever, so it runs in a thread of its own (validator.ts). Fetches nothing.
 */
import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json';
import addFormats from 'ajv-formats';
import type { SchemaCheck } from '../contract/trafficApi';
import { messageOf } from '../util/errors';
import { isJsonObject, type JsonValue } from '../util/json';
import { addExactKeywords, withExactKeywords } from './exactKeywords';
import { ExactIntegers, parseNoting } from './exactNumbers';
import { problemsOf } from './problemWords';

export const MAX_SCHEMA = 2_000_000;
export const MAX_VALUE = 20_000_000;
const MAX_NOTES = 10;

type Draft = '2020-12' | '2019-09' | 'draft-07';

/** Never throws. */
export function check(schemaText: string, valueText: string): SchemaCheck {
  if (schemaText.length > MAX_SCHEMA) return unusable('the schema is too long.');
  if (valueText.length > MAX_VALUE) return unusable('the value is too long.');
  const exact = new ExactIntegers();
  let schema: JsonValue;
  let value: JsonValue;
  try {
    schema = parseNoting(schemaText, exact);
  } catch (error) {
    return unusable(`the schema is no JSON: ${messageOf(error)}`);
  }
  try {
    value = parseNoting(valueText, exact);
  } catch (error) {
    return { kind: 'problems', problems: [{ path: '', message: `is no JSON: ${messageOf(error)}` }] };
  }
  if (typeof schema !== 'boolean' && !isJsonObject(schema)) return unusable('the schema is neither an object nor true or false.');
  const draft = draftOf(schema);
  if (draft === undefined) return unusable(`the schema is written in ${String((schema as { $schema?: unknown }).$schema).slice(0, 200)}, which is not known here.`);
  if (!exact.isEmpty) withExactKeywords(schema, exact);
  const notes = new Set<string>();
  try {
    const fits = compile(schema, draft, exact, notes);
    const isFit = fits(value);
    const noted = notes.size === 0 ? {} : { notes: [...notes].slice(0, MAX_NOTES) };
    return isFit ? { kind: 'fits', ...noted } : { kind: 'problems', problems: problemsOf(fits.errors ?? []), ...noted };
  } catch (error) {
    return unusable(reasonOf(error));
  }
}

function unusable(message: string): SchemaCheck {
  return { kind: 'unusable', message };
}

/** Without `$schema` it is 2020-12 (MCP 2025-11-25, tools). */
function draftOf(schema: JsonValue): readonly Draft[] | undefined {
  const named = isJsonObject(schema) ? schema['$schema'] : undefined;
  if (typeof named !== 'string') return ['2020-12', 'draft-07'];
  if (/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(named)) return ['2020-12'];
  if (/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/.test(named)) return ['2019-09'];
  return /^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/.test(named) ? ['draft-07'] : undefined;
}

/** Tries the drafts in order: many schemas do not say theirs, and are of an older one. Throws what the first one says. */
function compile(schema: JsonValue, drafts: readonly Draft[], exact: ExactIntegers, notes: Set<string>): ValidateFunction {
  let first: unknown;
  for (const draft of drafts) {
    try {
      notes.clear();
      const fits = checkerOf(draft, exact, notes).compile(schema as boolean | object);
      if ('$async' in fits) throw new Error('it asks to be checked asynchronously');
      return fits as ValidateFunction;
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

function checkerOf(draft: Draft, exact: ExactIntegers, notes: Set<string>): Ajv {
  const options: Options = {
    strict: false,
    allErrors: true,
    verbose: true,
    validateSchema: true,
    addUsedSchema: false,
    logger: {
      log: () => undefined,
      warn: (message: unknown) => {
        const format = /unknown format "([^"]*)"/.exec(String(message));
        if (format) notes.add(`The format "${(format[1] ?? '').slice(0, 100)}" is not known here and was not checked.`);
      },
      error: () => undefined,
    },
    code: { regExp: Object.assign((pattern: string, flags: string) => regExpOf(pattern, flags), { code: 'new RegExp' }) },
  };
  // The three are one class over different vocabularies.
  const ajv = (draft === '2020-12' ? new Ajv2020(options) : draft === '2019-09' ? new Ajv2019(options) : new Ajv(options)) as Ajv;
  if (draft === 'draft-07') ajv.addMetaSchema(draft6);
  addFormats(ajv);
  addExactKeywords(ajv, exact);
  return ajv;
}

/** The specification wants Unicode mode; many patterns are only valid without. */
function regExpOf(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    try {
      return new RegExp(pattern, flags.replace('u', ''));
    } catch {
      throw error;
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'schema or value are nested too deeply.';
  const message = messageOf(error);
  const missing = (error as { missingRef?: unknown }).missingRef;
  if (typeof missing === 'string') return `the schema refers to ${missing.slice(0, 300)}, which is not in it; nothing is fetched.`;
  const words = message.replace(/^schema is invalid: /, '').replaceAll(/\bdata(?=[/ ])/g, 'schema');
  return `the schema is invalid: ${words.length > 300 ? `${words.slice(0, 299)}…` : words}`;
}
