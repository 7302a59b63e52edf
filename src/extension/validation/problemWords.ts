/** Owns saying in plain words where and how a value does not fit a schema, out of what the checker reports. Pure. */
import type { ErrorObject } from 'ajv';
import type { SchemaProblem } from '../contract/trafficApi';
import { EXACT } from './exactKeywords';

export const MAX_PROBLEMS = 100;
const MAX_MESSAGE = 300;
const MAX_PATH = 500;

/** What the checker says of a value that does not fit, without what only follows from something else. */
export function problemsOf(errors: readonly ErrorObject[]): SchemaProblem[] {
  const seen = new Set<string>();
  const problems: SchemaProblem[] = [];
  for (const error of withoutBranches(errors)) {
    const message = cut(wordsOf(error), MAX_MESSAGE);
    const path = cut(error.instancePath, MAX_PATH);
    const key = `${path}\0${message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    problems.push({ path, message });
    if (problems.length >= MAX_PROBLEMS) break;
  }
  return problems;
}

/**
 * Where none of several alternatives fits, the checker lists what is wrong with each. Only where all but one are of another
 * type altogether (such as null) does that help, and then the rest is what is meant; otherwise the choice itself is.
 */
function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let left = errors;
  // Inner choices are reported before the outer ones that hold them.
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const prefix = `${choice.schemaPath}/`;
    const inside = left.filter((error) => error !== choice && isBranchError(error, prefix, choice));
    if (inside.length === 0) continue;
    const branches = new Map<string, ErrorObject[]>();
    for (const error of inside) {
      const branch = error.schemaPath.slice(prefix.length).split('/')[0] ?? '';
      branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    const near = [...branches.values()].filter((branch) => !branch.some(({ keyword, instancePath }) => keyword === 'type' && instancePath === choice.instancePath));
    const [only] = near;
    const drop = new Set(near.length === 1 && only ? [choice, ...inside.filter((error) => !only.includes(error))] : inside);
    left = left.filter((error) => !drop.has(error));
  }
  return left;
}

function isBranchError(error: ErrorObject, prefix: string, choice: ErrorObject): boolean {
  return error.schemaPath.startsWith(prefix) && (error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`));
}

function wordsOf(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  const keyword = error.keyword.startsWith(EXACT) ? error.keyword.slice(EXACT.length) : error.keyword;
  const isExact = keyword !== error.keyword;
  const limit = isExact ? error.schema : params['limit'];
  switch (keyword) {
    case 'type':
      return `must be ${typeNames(params['type'])}, is ${kindOf(error.data)}`;
    case 'required':
      return `${quoted(params['missingProperty'])} is missing`;
    case 'dependentRequired':
    case 'dependencies':
      return `${quoted(params['missingProperty'])} is missing, which ${quoted(params['property'])} needs`;
    case 'additionalProperties':
      return `${quoted(params['additionalProperty'])} is not allowed here`;
    case 'unevaluatedProperties':
      return `${quoted(params['unevaluatedProperty'])} is not allowed here`;
    case 'propertyNames':
      return `${quoted(params['propertyName'])} is not allowed as a name`;
    case 'false schema':
      return 'nothing is allowed here';
    case 'enum':
      if (!Array.isArray(error.schema)) return 'must be one of the allowed values';
      return isExact ? `must be ${error.schema.slice(0, 10).join(' or ')}` : `must be ${oneOf(error.schema)}`;
    case 'const':
      return `must be ${json(params['allowedValue'])}`;
    case 'minimum':
      return `must be at least ${String(limit)}`;
    case 'maximum':
      return `must be at most ${String(limit)}`;
    case 'exclusiveMinimum':
      return `must be more than ${String(limit)}`;
    case 'exclusiveMaximum':
      return `must be less than ${String(limit)}`;
    case 'multipleOf':
      return `must be a multiple of ${String(isExact ? error.schema : params['multipleOf'])}`;
    case 'minLength':
      return `must have at least ${counted(limit, 'character', 'characters')}`;
    case 'maxLength':
      return `must have at most ${counted(limit, 'character', 'characters')}`;
    case 'minItems':
      return `must have at least ${counted(limit, 'item', 'items')}`;
    case 'maxItems':
    case 'items':
    case 'additionalItems':
      return `must have at most ${counted(limit, 'item', 'items')}`;
    case 'unevaluatedItems':
      return `must have at most ${counted(params['len'], 'item', 'items')}`;
    case 'minProperties':
      return `must have at least ${counted(limit, 'property', 'properties')}`;
    case 'maxProperties':
      return `must have at most ${counted(limit, 'property', 'properties')}`;
    case 'uniqueItems':
      return `items ${String(params['j'])} and ${String(params['i'])} are the same`;
    case 'contains':
      return 'must have an item of the wanted form';
    case 'pattern':
      return `must match the pattern ${String(params['pattern'])}`;
    case 'format':
      return `must be a valid ${String(params['format'])}`;
    case 'anyOf':
      return 'fits none of the allowed forms';
    case 'oneOf':
      return Array.isArray(params['passingSchemas']) ? 'fits more than one of the forms that exclude each other' : 'fits none of the allowed forms';
    case 'not':
      return 'has a form that is not allowed';
    case 'if':
      return 'does not fit what its other values call for';
    default:
      return error.message ?? `does not fit "${keyword}"`;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  object: 'an object',
  array: 'a list',
};

function typeNames(type: unknown): string {
  return [type].flat().map((one) => TYPES[String(one)] ?? String(one)).join(' or ');
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number';
  return TYPES[typeof value] ?? typeof value;
}

function oneOf(values: readonly unknown[]): string {
  if (values.length === 1) return json(values[0]);
  const shown = values.slice(0, 10).map(json);
  return `one of ${shown.join(', ')}${values.length > shown.length ? ', …' : ''}`;
}

function json(value: unknown): string {
  try {
    return cut(JSON.stringify(value) ?? 'nothing', 80);
  } catch {
    return 'the wanted value'; // nested beyond the stack
  }
}

function quoted(name: unknown): string {
  return `"${cut(String(name), 100)}"`;
}

function counted(count: unknown, one: string, many: string): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
