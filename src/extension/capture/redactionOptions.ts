/**
 * Owns what can be said about redaction: names and patterns to add, kinds to leave alone. Reads settings as they come
 * (anything may stand in them): what is good is used, and each thing that is not is said in one sentence.
 */
import { compileRegex } from '../query/regexRun';
import { messageOf } from '../util/errors';
import { isJsonObject } from '../util/json';
import { FORMAT_KINDS } from './secretFormats';

/** Every kind that MCP Shark itself redacts, and what can be switched off. */
export const REDACTION_KINDS = ['value', 'header', 'card', ...FORMAT_KINDS] as const;

export interface RedactionPattern {
  /** Stands in the mark: `[redacted:<kind>]`. */
  readonly kind: string;
  /** A regular expression that runs in linear time: JavaScript's without back references and look-around. */
  readonly pattern: string;
  readonly ignoreCase?: boolean;
}

export interface RedactionOptions {
  /** Names whose values are hidden, whatever case and separators: `ssn`, `employee id`. Marked `[redacted:key]`. */
  readonly keys?: readonly string[];
  readonly patterns?: readonly RedactionPattern[];
  /** Of `REDACTION_KINDS`. What was added is never off. */
  readonly off?: readonly string[];
}

export interface RedactionSettings {
  readonly keys?: unknown;
  readonly patterns?: unknown;
  readonly off?: unknown;
}

const MAX_ITEMS = 100;
const MAX_KEY = 64;
const KIND = /^[a-z][a-z0-9-]{0,39}$/;

/** Never throws. `problems` are sentences for the user, each beginning with the place. */
export function readRedactionOptions(settings: RedactionSettings): { readonly options: RedactionOptions; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const list = (name: keyof RedactionSettings): readonly unknown[] => {
    const value = settings[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      problems.push(`${name}: this must be a list; it is ignored.`);
      return [];
    }
    if (value.length > MAX_ITEMS) problems.push(`${name}: only the first ${MAX_ITEMS} entries are used.`);
    return value.slice(0, MAX_ITEMS) as unknown[];
  };
  const bad = (name: string, index: number, what: string): undefined => {
    problems.push(`${name}[${index}]: ${what} This entry is ignored; the others are used.`);
    return undefined;
  };
  return {
    options: {
      keys: list('keys').flatMap((key, index) => readKey(key, (what) => bad('keys', index, what)) ?? []),
      patterns: list('patterns').flatMap((item, index) => readPattern(item, (what) => bad('patterns', index, what)) ?? []),
      off: list('off').flatMap((kind, index) => readKind(kind, (what) => bad('off', index, what)) ?? []),
    },
    problems,
  };
}

type Bad = (what: string) => undefined;

function readKey(value: unknown, bad: Bad): string | undefined {
  if (typeof value !== 'string' || /^[-_. ]*$/.test(value)) return bad('a name must be a text with letters or digits.');
  const bytes = Buffer.byteLength(value);
  return bytes > MAX_KEY ? bad(`the name is longer than ${MAX_KEY} bytes.`) : value;
}

function readPattern(value: unknown, bad: Bad): RedactionPattern | undefined {
  if (!isJsonObject(value)) return bad('a pattern must be an object with "kind" and "pattern".');
  const { kind, pattern, ignoreCase } = value;
  if (typeof kind !== 'string' || !KIND.test(kind)) return bad('"kind" must be a word of small letters, digits and hyphens, such as "customer-number".');
  if (typeof pattern !== 'string' || pattern === '') return bad('"pattern" must be a regular expression.');
  try {
    if (compileRegex(pattern, ignoreCase === true)('')) return bad(`/${shortened(pattern)}/ matches where there is nothing: make it need at least one character.`);
  } catch (error) {
    return bad(`/${shortened(pattern)}/: ${messageOf(error)}`);
  }
  return { kind, pattern, ignoreCase: ignoreCase === true };
}

function readKind(value: unknown, bad: Bad): string | undefined {
  if (typeof value === 'string' && (REDACTION_KINDS as readonly string[]).includes(value)) return value;
  const found = typeof value === 'string' ? `there is no kind "${shortened(value)}".` : 'a kind is a text.';
  return bad(`${found} Known are ${REDACTION_KINDS.join(', ')}.`);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
