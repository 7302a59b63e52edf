/**
 * Owns telling which other calls ask for the same thing as this one: same session, method and name, a request as long as this one's
 * but for its number, at most a minute away. A client that tries again after a failure looks like that. Pure.
 */
import type { CallRow } from '../../../extension/contract/traffic';
import { literalTerm } from '../../../extension/query/print';

const WITHIN_MS = 60_000;
/** Ids and progress tokens count up. */
const DIGITS = 8;
export const MAX_ATTEMPTS = 100;

/** The filter for calls to look among; `undefined` where nobody would try again. */
export function attemptsFilter({ session, method, name, timeMs, origin }: CallRow): string | undefined {
  if (name === undefined || origin !== 'client') return undefined;
  const at = (ms: number): string => new Date(ms).toISOString();
  return [literalTerm('session', session), literalTerm('method', method), literalTerm('name', name), `since:${at(timeMs - WITHIN_MS)}`, `until:${at(timeMs + WITHIN_MS)}`].join(' ');
}

/** Oldest first, the call itself left out. */
export function attemptsAmong(row: CallRow, rows: readonly CallRow[]): CallRow[] {
  const isSame = (other: CallRow): boolean =>
    other.id !== row.id && other.server === row.server && other.name === row.name && other.method === row.method && Math.abs(other.requestBytes - row.requestBytes) <= DIGITS;
  const same = rows.filter(isSame).toSorted((a, b) => a.timeMs - b.timeMs);
  // A client that asks for the same again after it was answered well does not try again.
  return row.status !== 'ok' || same.some(({ status, timeMs }) => status !== 'ok' && timeMs < row.timeMs) ? same : [];
}
