/** Owns what a press on a column's name sorts by, and which columns can be sorted by. Pure. */
import type { CallSort, SortKey } from '../../../extension/contract/traffic';
import type { ColumnId } from './columns';

const KEY_OF: Readonly<Partial<Record<ColumnId, SortKey>>> = {
  time: 'time',
  duration: 'duration',
  bar: 'duration',
  size: 'size',
  server: 'server',
  name: 'name',
  method: 'method',
  status: 'status',
  client: 'client',
};

export function sortKeyOf(column: ColumnId): SortKey | undefined {
  return KEY_OF[column];
}

/** Of numbers, the large ones are looked for; of words, the first. Calls as they happened are not sorted at all. */
const DESCENDING_FIRST: ReadonlySet<SortKey> = new Set(['duration', 'size']);

/** The usual way, the other way round, then as they happened. Of time there is only the other way: the newest first. */
export function nextSort(now: CallSort | undefined, by: SortKey): CallSort | undefined {
  if (by === 'time') return now?.by === 'time' ? undefined : { by, isDescending: true };
  const isDescending = DESCENDING_FIRST.has(by);
  if (now?.by !== by) return { by, isDescending };
  return now.isDescending === isDescending ? { by, isDescending: !isDescending } : undefined;
}

/** As `aria-sort` says it. */
export function ariaSort(sort: CallSort | undefined, column: ColumnId): 'ascending' | 'descending' | 'none' | undefined {
  const key = sortKeyOf(column);
  if (key === undefined || column === 'bar') return undefined;
  if (!sort) return key === 'time' ? 'ascending' : 'none';
  return sort.by !== key ? 'none' : sort.isDescending ? 'descending' : 'ascending';
}
