/**
 * Owns telling by a row alone which table it is of: by the number and kinds of its values, as schema.ts has them and had them. A page
 * of a damaged file says nothing else about where it belongs.
 */
import { typesOf, type Cell } from './pageRows';

export type TableName = 'writer' | 'info' | 'call' | 'frame' | 'event' | 'session' | 'carry' | 'body';
/** `timed`: of an index; frame and part of a call, and before that when it was made. */
export type Kind = TableName | 'timed';

const isNumber = (type: number | undefined): boolean => type !== undefined && type > 0 && type < 10 && type !== 7;
const isText = (type: number | undefined): boolean => type !== undefined && type >= 13 && type % 2 === 1;
const isBytes = (type: number | undefined): boolean => type !== undefined && type >= 12 && type % 2 === 0;

/** Which table a row is of, by the number and kinds of its values (schema.ts); `undefined`: of none that is needed. */
export function kindOf(isTable: boolean, { local }: Cell): Kind | undefined {
  const types = typesOf(local);
  if (!types) return undefined;
  const [a, b, c, d, e] = types;
  if (isTable) {
    if (types.length === 1) return a === 0 ? 'carry' : undefined;
    if (types.length === 2) return a === 0 && isText(b) ? 'writer' : isText(a) && (isText(b) || b === 0) ? 'info' : undefined;
    if (types.length === 20 || types.length === 21) return a === 0 && isNumber(b) && isNumber(c) && isText(d) && isText(e) ? 'frame' : undefined;
    if (types.length === 7 && a === 0) return isNumber(b) && isNumber(c) && isText(d) ? 'event' : undefined;
    return (types.length === 6 || types.length === 7) && isText(a) && isNumber(b) ? 'session' : undefined;
  }
  if (types.length === 27 || types.length === 29) return [a, b, c, d].every(isNumber) && isText(e) ? 'call' : undefined;
  if (types.length === 5) return [a, b, c, d].every(isNumber) && isBytes(e) ? 'body' : undefined;
  return types.length === 4 && [b, c, d].every(isNumber) ? 'timed' : undefined;
}
