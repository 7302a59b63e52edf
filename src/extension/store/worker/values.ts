/**
 * Owns what is known of a sealed segment's columns without reading its calls: the values that occur in those of which
 * an index has few, and how many calls have each outcome. Asked once and kept with the segment.
 */
import { totalsOf } from './rollups';
import { rows, type Source } from './source';

/** Columns that an index of a segment begins with, and its name. */
const indexes = { server: 'call_server', method: 'call_method', name: 'call_name', session: 'call_session', client: 'call_client' } as const;
export type ValueColumn = keyof typeof indexes;

export const isValueColumn = (column: string): column is ValueColumn => Object.hasOwn(indexes, column);

export const indexOf = (column: string): string | undefined => (column === 'status' ? 'call_trouble' : isValueColumn(column) ? indexes[column] : undefined);

const mostValues = 300;

/** Every value of a column; `undefined` where nobody knows, or there are too many. */
export function valuesOf(source: Source, column: ValueColumn): readonly string[] | undefined {
  if (!source.sealed || !source.hasRolls) return undefined;
  const key = `values ${column}`;
  const known = source.cache.get(key) as readonly string[] | undefined;
  if (known) return known.length > mostValues ? undefined : known;
  // From one value to the next: costs as many looks into the index as there are values.
  const next = (after: string): string => `(SELECT min(${column}) FROM call INDEXED BY ${indexes[column]} ${after})`;
  const sql = `WITH RECURSIVE v(x) AS (SELECT ${next('')} UNION ALL SELECT ${next(`WHERE ${column} > x`)} FROM v WHERE x IS NOT NULL)
    SELECT x FROM v WHERE x IS NOT NULL LIMIT ${mostValues + 1}`;
  const values = rows(source.db, sql).map(([value]) => String(value));
  source.cache.set(key, values);
  return values.length > mostValues ? undefined : values;
}

/** Outcomes that occur, and how often; `undefined` where nobody knows. */
export function statusesIn(source: Source): ReadonlyMap<string, number> | undefined {
  if (!source.sealed || !source.hasRolls) return undefined;
  const calls = new Map<string, number>();
  for (const total of totalsOf(source)) calls.set(total.status, (calls.get(total.status) ?? 0) + total.calls);
  return calls;
}
