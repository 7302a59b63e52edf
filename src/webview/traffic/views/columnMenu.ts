/** Owns what can be chosen about columns, their order, the order of calls and how times are written. */
import type { CallSort } from '../../../extension/contract/traffic';
import type { MenuEntry } from '../../components/Menu';
import { columnChoices, moveColumn, toggleColumn, type ColumnId } from '../model/columns';
import { sortKeyOf } from '../model/sorting';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';

const words = listStrings.sort;

/** `on`: the column whose header the menu was opened on, and the columns shown. Also behind the button in the toolbar. */
export function columnMenu(model: TrafficModel, on?: { readonly column: ColumnId; readonly shown: readonly ColumnId[] }): MenuEntry[] {
  const { settings } = model;
  const columns = settings.columns.peek();
  return [
    ...(on ? [...columnEntries(model, on.column, on.shown), 'separator' as const] : []),
    { heading: strings.columnMenu },
    ...columnChoices(columns).map(({ id, isShown, isFixed }) => ({
      label: strings.columns[id],
      checked: isShown,
      disabled: isFixed,
      onSelect: () => settings.setColumns(toggleColumn(settings.columns.peek(), id)),
    })),
    'separator',
    { heading: strings.timeMenu },
    ...(['local', 'utc', 'start', 'previous'] as const).map((mode) => ({
      label: strings.timeModes[mode],
      checked: settings.timeMode.peek() === mode,
      isChoice: true,
      onSelect: () => settings.setTimeMode(mode),
    })),
    'separator',
    { label: strings.resetColumns, disabled: columns.length === 0, onSelect: () => settings.setColumns([]) },
  ];
}

function columnEntries(model: TrafficModel, column: ColumnId, shown: readonly ColumnId[]): MenuEntry[] {
  const { settings } = model;
  const at = shown.indexOf(column);
  const move = (target: ColumnId | undefined): void => {
    if (target !== undefined) settings.setColumns(moveColumn(settings.columns.peek(), column, target));
  };
  const isFixed = columnChoices(settings.columns.peek()).some(({ id, isFixed: fixed }) => id === column && fixed);
  const orders = sortEntries(model, column);
  return [
    ...orders,
    ...(orders.length > 0 ? ['separator' as const] : []),
    { label: words.moveLeft, disabled: at <= 0, onSelect: () => move(shown[at - 1]) },
    { label: words.moveRight, disabled: at < 0 || at >= shown.length - 1, onSelect: () => move(shown[at + 1]) },
    { label: words.hide, disabled: isFixed, onSelect: () => settings.setColumns(toggleColumn(settings.columns.peek(), column)) },
  ];
}

function sortEntries(model: TrafficModel, column: ColumnId): MenuEntry[] {
  const by = sortKeyOf(column);
  if (by === undefined) return [];
  const { settings } = model;
  const now = settings.sort.peek();
  const entry = (label: string, sort: CallSort | undefined): MenuEntry => ({
    label,
    checked: now?.by === sort?.by && now?.isDescending === sort?.isDescending,
    isChoice: true,
    onSelect: () => settings.setSort(sort),
  });
  const natural = entry(words.none, undefined);
  if (by === 'time') return [natural, entry(words.newestFirst, { by, isDescending: true })];
  return [entry(words.ascending, { by, isDescending: false }), entry(words.descending, { by, isDescending: true }), natural];
}
