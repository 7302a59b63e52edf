/**
 * Owns the orders that calls can be listed in, as a comparison of two rows. The store sorts in SQL; tests hold the two
 * together, this one is right.
 */
import type { CallRow, CallSort, CallStatus, SortKey } from '../contract/traffic';
import { foldCase } from './foldCase';

/** From what is going on, over what went wrong, to what went well. */
export const STATUS_ORDER: readonly CallStatus[] = ['running', 'blocked', 'transportError', 'timedOut', 'error', 'toolError', 'cancelled', 'unrecorded', 'ok'];

/** Keys whose values are texts; the others are numbers. */
export type TextKey = Extract<SortKey, 'server' | 'name' | 'method' | 'status' | 'client'>;

/** Case of A to Z aside, then by it; statuses in `STATUS_ORDER`. What a call does not have comes last (`compareKeys`). */
export function compareTexts(by: TextKey, a: string, b: string): number {
  if (by === 'status') return STATUS_ORDER.indexOf(a as CallStatus) - STATUS_ORDER.indexOf(b as CallStatus);
  return compare(foldCase(a), foldCase(b)) || compare(a, b);
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of two values of one key. What is not there comes last, whichever way the others run. */
export function compareKeys(sort: CallSort, a: string | number | undefined, b: string | number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const order = typeof a === 'string' && typeof b === 'string' ? compareTexts(sort.by as TextKey, a, b) : compare(a, b);
  return sort.isDescending ? -order : order;
}

/** What a sort key reads of a row; `undefined`: the row has none. */
export function keyOfRow(row: CallRow, by: SortKey): string | number | undefined {
  switch (by) {
    case 'time':
      return row.timeMs;
    case 'duration':
      return row.durationUs;
    case 'size':
      return row.requestBytes + (row.responseBytes ?? 0);
    default:
      return row[by];
  }
}

/** Compares rows by a sort, given how they lie newest first (which is what equal ones keep). */
export function compareRows(sort: CallSort, newestFirst: (a: CallRow, b: CallRow) => number): (a: CallRow, b: CallRow) => number {
  if (sort.by === 'time') return sort.isDescending ? newestFirst : (a, b) => newestFirst(b, a);
  return (a, b) => compareKeys(sort, keyOfRow(a, sort.by), keyOfRow(b, sort.by)) || newestFirst(a, b);
}
