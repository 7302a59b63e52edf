/**
 * Owns expanding URI templates (RFC 6570, all four levels). Templates come from servers and values from people: both are
 * bounded, and every template is read in one pass.
 */
import type { TemplateVariable } from '../contract/playgroundCatalog';
import { AppError } from '../util/errors';

export type TemplateValue = string | readonly string[] | Readonly<Record<string, string>>;

export const MAX_TEMPLATE = 10_000;
const MAX_EXPRESSIONS = 200;
const MAX_URI = 100_000;

interface VariableSpec {
  readonly name: string;
  readonly isExploded: boolean;
  /** `:n`: only the first n characters. */
  readonly prefix?: number;
}

interface Expression {
  readonly operator: Operator;
  readonly variables: readonly VariableSpec[];
}

export type TemplatePart = string | Expression;

interface Operator {
  readonly sign: string;
  readonly first: string;
  readonly separator: string;
  readonly isNamed: boolean;
  /** After the name of an empty value. */
  readonly ifEmpty: string;
  readonly allowsReserved: boolean;
}

const operator = (sign: string, first: string, separator: string, isNamed: boolean, ifEmpty: string, allowsReserved: boolean): [string, Operator] => [
  sign,
  { sign, first, separator, isNamed, ifEmpty, allowsReserved },
];

/** RFC 6570, appendix A. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  operator('', '', ',', false, '', false),
  operator('+', '', ',', false, '', true),
  operator('#', '#', ',', false, '', true),
  operator('.', '.', '.', false, '', false),
  operator('/', '/', '/', false, '', false),
  operator(';', ';', ';', true, '', false),
  operator('?', '?', '&', true, '=', false),
  operator('&', '&', '&', true, '=', false),
]);

const VARIABLE = /^((?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*)(\*|:([1-9]\d{0,3}))?$/;

/** Takes a template apart. Throws a user-facing AppError where it is none. */
export function parseUriTemplate(template: string): readonly TemplatePart[] {
  if (template.length > MAX_TEMPLATE) throw invalid(`it is longer than ${MAX_TEMPLATE} characters`);
  const parts: TemplatePart[] = [];
  let at = 0;
  let expressions = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    const literal = template.slice(at, open < 0 ? undefined : open);
    if (literal.includes('}')) throw invalid('a "}" closes nothing');
    if (literal !== '') parts.push(literal);
    if (open < 0) break;
    const close = template.indexOf('}', open);
    if (close < 0) throw invalid('a "{" is not closed');
    if (++expressions > MAX_EXPRESSIONS) throw invalid(`it has more than ${MAX_EXPRESSIONS} expressions`);
    parts.push(parseExpression(template.slice(open + 1, close)));
    at = close + 1;
  }
  return parts;
}

function parseExpression(text: string): Expression {
  const sign = /^[+#./;?&]/.exec(text)?.[0] ?? '';
  const variables = text.slice(sign.length).split(',').map((spec): VariableSpec => {
    const match = VARIABLE.exec(spec);
    if (!match) throw invalid(`"{${text.slice(0, 60)}}" is no expression`);
    return { name: match[1]!, isExploded: match[2] === '*', ...(match[3] === undefined ? {} : { prefix: Number(match[3]) }) };
  });
  return { operator: OPERATORS.get(sign)!, variables };
}

/** Expands; variables without a value are left out as the RFC says. Throws a user-facing AppError. */
export function expandUriTemplate(parts: readonly TemplatePart[], values: ReadonlyMap<string, TemplateValue>): string {
  let uri = '';
  for (const part of parts) {
    uri += typeof part === 'string' ? encode(part, true) : expandExpression(part, values);
    if (uri.length > MAX_URI) throw invalid(`with these values the URI is longer than ${MAX_URI} characters`);
  }
  return uri;
}

function expandExpression({ operator: rule, variables }: Expression, values: ReadonlyMap<string, TemplateValue>): string {
  const pieces = variables.flatMap((variable) => {
    const value = values.get(variable.name);
    return value === undefined ? [] : expandVariable(rule, variable, value);
  });
  return pieces.length === 0 ? '' : rule.first + pieces.join(rule.separator);
}

function expandVariable(rule: Operator, { name, isExploded, prefix }: VariableSpec, value: TemplateValue): string[] {
  const encoded = (text: string): string => encode(text, rule.allowsReserved);
  const named = (key: string, text: string): string => (text === '' ? key + rule.ifEmpty : `${key}=${text}`);
  if (typeof value === 'string') {
    const text = encoded(prefix === undefined ? value : [...value].slice(0, prefix).join(''));
    return [rule.isNamed ? named(name, text) : text];
  }
  if (prefix !== undefined) throw invalid(`"${name}:${prefix}" takes a text, not a list`);
  const isList = Array.isArray(value);
  const pairs: readonly (readonly [string, string])[] = isList
    ? (value as readonly string[]).map((text) => ['', text] as const)
    : Object.entries(value as Readonly<Record<string, string>>);
  // An empty list counts as undefined.
  if (pairs.length === 0) return [];
  if (isExploded) {
    return pairs.map(([key, text]) => {
      if (isList) return rule.isNamed ? named(name, encoded(text)) : encoded(text);
      return rule.isNamed ? named(encoded(key), encoded(text)) : `${encoded(key)}=${encoded(text)}`;
    });
  }
  const joined = pairs.map(([key, text]) => (isList ? encoded(text) : `${encoded(key)},${encoded(text)}`)).join(',');
  return [rule.isNamed ? named(name, joined) : joined];
}

const RESERVED = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})$/;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

function encode(text: string, allowsReserved: boolean): string {
  const tokens: readonly string[] = text.match(allowsReserved ? /%[0-9A-Fa-f]{2}|[^]/gu : /[^]/gu) ?? [];
  const keep = allowsReserved ? RESERVED : UNRESERVED;
  return tokens.map((token) => (keep.test(token) ? token : percentEncode(token))).join('');
}

/** A lone surrogate becomes the replacement character, as in every UTF-8 encoder. */
function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function invalid(why: string): AppError {
  return new AppError('query.invalid', `The URI template cannot be used: ${why}.`);
}

/** The variables of a template, each once, in order; empty where it cannot be read. */
export function templateVariables(template: string): readonly TemplateVariable[] {
  const found = new Map<string, TemplateVariable>();
  try {
    for (const part of parseUriTemplate(template)) {
      if (typeof part === 'string') continue;
      for (const { name, prefix } of part.variables) found.set(name, { name, hasPrefix: prefix !== undefined || found.get(name)?.hasPrefix === true });
    }
  } catch {
    return [];
  }
  return [...found.values()];
}
