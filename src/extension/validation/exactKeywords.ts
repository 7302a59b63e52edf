/**
 * Owns the keywords of JSON Schema that compare numbers, for integers beyond 2^53: the checker's own compare doubles, and
 * those call 9007199254740993 and 9007199254740992 the same. Used only where such an integer is in value or schema.
 */
import type { Ajv } from 'ajv';
import type { DataValidationCxt } from 'ajv/dist/types/index.js';
import type { ExactIntegers } from './exactNumbers';

type Comparison = (value: bigint, limit: bigint) => boolean;

/** These take the place of the checker's own. */
const COMPARISONS: Readonly<Record<string, readonly [exact: Comparison, rough: (value: number, limit: number) => boolean]>> = {
  minimum: [(value, limit) => value >= limit, (value, limit) => value >= limit],
  maximum: [(value, limit) => value <= limit, (value, limit) => value <= limit],
  exclusiveMinimum: [(value, limit) => value > limit, (value, limit) => value > limit],
  exclusiveMaximum: [(value, limit) => value < limit, (value, limit) => value < limit],
  multipleOf: [(value, factor) => factor !== 0n && value % factor === 0n, () => false],
};

/** Prefix of the added keywords. */
export const EXACT = 'exact:';

export function addExactKeywords(ajv: Ajv, exact: ExactIntegers): void {
  for (const [name, [fits, fitsRoughly]] of Object.entries(COMPARISONS)) {
    ajv.addKeyword({
      keyword: EXACT + name,
      validate: (limit: string, data: unknown, _parent: unknown, context?: DataValidationCxt) => {
        if (typeof data !== 'number') return true;
        const value = exactOf(data, context, exact);
        return value === undefined ? fitsRoughly(data, Number(limit)) : fits(value, BigInt(limit));
      },
    });
  }
  // Beside `const` and `enum`, which are for every type of value.
  ajv.addKeyword({
    keyword: `${EXACT}enum`,
    validate: (allowed: readonly string[], data: unknown, _parent: unknown, context?: DataValidationCxt) => {
      const value = exactOf(data, context, exact);
      return value === undefined || allowed.some((text) => BigInt(text) === value);
    },
  });
}

/** The integer that is checked: exact where it is noted, else as the double says. */
function exactOf(data: unknown, context: DataValidationCxt | undefined, exact: ExactIntegers): bigint | undefined {
  if (typeof data !== 'number' || !Number.isInteger(data)) return undefined;
  return exact.at(context?.parentData, context?.parentDataProperty) ?? BigInt(data);
}

/** What stands under these is a value, no schema. */
const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** Writes the added keywords into a schema, with exact limits. Changes the schema. */
export function withExactKeywords(schema: unknown, exact: ExactIntegers): void {
  const exactly = (parent: object, key: string): bigint | undefined => {
    const value = (parent as Record<string, unknown>)[key];
    return exact.at(parent, key) ?? (typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined);
  };
  const stack: unknown[] = [schema];
  while (stack.length > 0) {
    const at = stack.pop();
    if (typeof at !== 'object' || at === null) continue;
    for (const [key, member] of Object.entries(at)) if (!VALUES.has(key)) stack.push(member);
    if (Array.isArray(at)) continue;
    const node = at as Record<string, unknown>;
    for (const name of Object.keys(COMPARISONS)) {
      const limit = exactly(node, name);
      // A factor of nought is a mistake for the checker to find.
      if (limit === undefined || (name === 'multipleOf' && limit <= 0n)) continue;
      Reflect.deleteProperty(node, name);
      node[EXACT + name] = String(limit);
    }
    const options = 'const' in node ? [exactly(node, 'const')] : Array.isArray(node['enum']) ? Object.keys(node['enum']).map((key) => exactly(node['enum'] as object, key)) : [];
    const integers = options.filter((option) => option !== undefined);
    if (integers.length > 0) node[`${EXACT}enum`] = integers.map(String);
  }
}
