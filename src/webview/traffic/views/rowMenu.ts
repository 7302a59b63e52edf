/** Owns what the context menu of a row offers: filter by the cell it was opened on, or by any of them from the keyboard. */
import type { CallRow } from '../../../extension/contract/traffic';
import type { MenuEntry } from '../../components/Menu';
import { visibleLine } from '../../components/visibleText';
import { cellTerms, type CellId, type CellTerms } from '../model/cellTerms';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';

const words = strings.filter;
/** What the keyboard is offered, since it opens the menu on a row and not on a cell. */
const USUAL: readonly CellId[] = ['name', 'server', 'method', 'status'];

export function rowMenu(model: TrafficModel, row: CallRow, cell: CellId | undefined): MenuEntry[] {
  return cell === undefined ? usualEntries(model, row) : cellEntries(model, cellTerms(row, cell));
}

function cellEntries(model: TrafficModel, terms: CellTerms | undefined): MenuEntry[] {
  if (!terms) return [];
  const { filter, exclude, isRange } = terms;
  return [
    { label: words.by(shown(filter)), onSelect: () => model.filter.add(filter) },
    { label: isRange ? words.by(shown(exclude)) : words.exclude(shown(filter)), onSelect: () => model.filter.add(exclude) },
  ];
}

function usualEntries(model: TrafficModel, row: CallRow): MenuEntry[] {
  const seen = new Set<string>();
  const all = USUAL.map((cell) => cellTerms(row, cell)).filter((terms): terms is CellTerms => {
    const isNew = terms !== undefined && !seen.has(terms.filter);
    if (isNew) seen.add(terms.filter);
    return isNew;
  });
  return [
    ...all.map(({ filter }) => ({ label: words.by(shown(filter)), onSelect: () => model.filter.add(filter) })),
    'separator',
    ...all.map(({ filter, exclude }) => ({ label: words.exclude(shown(filter)), onSelect: () => model.filter.add(exclude) })),
  ];
}

function shown(term: string): string {
  const line = visibleLine(term);
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
