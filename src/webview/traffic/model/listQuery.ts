/** Owns what the view asks about: the filter, the scope, the order. Two questions are the same where their keys are. */
import type { CallSort, Scope } from '../../../extension/contract/traffic';

export interface ListQuery {
  readonly filter: string;
  readonly scope: Scope;
  /** Absent: as they happened, the newest last. */
  readonly sort?: CallSort;
}

export const EVERYTHING: ListQuery = { filter: '', scope: 'all' };

export function queryKey({ filter, scope, sort }: ListQuery): string {
  return `${scope}\n${sort ? `${sort.by} ${sort.isDescending}` : ''}\n${filter}`;
}

/** The calls a question is about, whatever their order. */
export function selectionKey({ filter, scope }: Pick<ListQuery, 'filter' | 'scope'>): string {
  return `${scope}\n${filter}`;
}

/** Both at once: what the user filters by, inside a group. */
export function joinFilters(one: string, other: string): string {
  if (one === '' || other === '') return one === '' ? other : one;
  return `(${one}) (${other})`;
}
