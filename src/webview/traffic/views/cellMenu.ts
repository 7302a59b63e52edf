/**
 * Owns what menus offer to filter by, exclude and copy: what stands in the cell the menu was opened on, or, where it was
 * opened on a row as a whole (from the keyboard, on the time line), what stands in any of its cells.
 */
import type { CallRow } from '../../../extension/contract/traffic';
import type { MenuEntry } from '../../components/Menu';
import { visibleLine } from '../../components/visibleText';
import { cellTerms, type CellId, type CellTerms } from '../model/cellTerms';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import type { RowMenuPlace } from './rowMenu';

const words = strings.filter;
/** What people mostly go by, first; the others stand in a menu of their own. */
const USUAL: readonly CellId[] = ['name', 'server', 'method', 'status'];
const OTHERS: readonly CellId[] = ['detail', 'duration', 'upstream', 'size', 'time', 'client', 'session', 'conversation', 'turn', 'origin'];

/** Filter by it, exclude it. */
export function filterEntries(model: TrafficModel, row: CallRow, { menus, at, cell }: RowMenuPlace): MenuEntry[] {
  if (cell !== undefined) return entriesOf(model, termsOf(row, [cell])).flat();
  const [filters, excludes] = entriesOf(model, termsOf(row, USUAL));
  const others = entriesOf(model, termsOf(row, OTHERS));
  return [
    ...filters,
    { label: words.byOther, opensMenu: true, onSelect: () => menus.open({ label: words.byOther, entries: [...others[0], 'separator', ...others[1]], at }) },
    'separator',
    ...excludes,
  ];
}

/** Copies what stands in the cell, or in one of all that can be chosen. */
export function valueEntries(model: TrafficModel, row: CallRow, { menus, at, cell }: RowMenuPlace): MenuEntry[] {
  const copy = (value: string): void => model.actions.copyText(value);
  if (cell !== undefined) return termsOf(row, [cell]).flatMap(({ value }) => (value === undefined ? [] : [{ label: strings.actions.copyValue, onSelect: () => copy(value) }]));
  const entries = [...USUAL, ...OTHERS].flatMap((id): MenuEntry[] => {
    const value = id === 'name' && row.name === undefined ? undefined : cellTerms(row, id)?.value;
    return value === undefined ? [] : [{ label: words.valueOf(strings.columns[id], shortened(value)), onSelect: () => copy(value) }];
  });
  return [{ label: strings.actions.copyAnyValue, opensMenu: true, onSelect: () => menus.open({ label: strings.actions.copyAnyValue, entries, at }) }];
}

/** A term as a menu can show it. */
export function shortened(term: string): string {
  const line = visibleLine(term);
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function entriesOf(model: TrafficModel, terms: readonly CellTerms[]): readonly [filters: MenuEntry[], excludes: MenuEntry[]] {
  return [
    terms.map(({ filter }) => ({ label: words.by(shortened(filter)), onSelect: () => model.filter.add(filter) })),
    terms.map(({ filter, exclude, isRange }) => ({ label: isRange ? words.by(shortened(exclude)) : words.exclude(shortened(filter)), onSelect: () => model.filter.add(exclude) })),
  ];
}

/** Each once: the method stands for a name that is not there. */
function termsOf(row: CallRow, cells: readonly CellId[]): CellTerms[] {
  const found = new Map<string, CellTerms>();
  for (const cell of cells) {
    const terms = cellTerms(row, cell);
    if (terms && !found.has(terms.filter)) found.set(terms.filter, terms);
  }
  return [...found.values()];
}
