/** Owns what the menu of a group of calls offers: filter by it, exclude it, copy its id, export its calls, open and close it. */
import { addTerm, chipsOf } from '../../../extension/query/edit';
import type { MenuEntry } from '../../components/Menu';
import type { GroupNode } from '../model/groupTree';
import { joinFilters } from '../model/listQuery';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';
import { shortened } from './cellMenu';
import { exportEntries } from './exportMenu';

const words = strings.filter;

export function groupMenu(model: TrafficModel, node: GroupNode): MenuEntry[] {
  const { groups } = model.layouts;
  const { filter, id, calls } = node.group;
  const shown = model.shownSelection;
  const terms = chipsOf(filter).map(({ text }) => text);
  const add = (added: readonly string[]): void => model.filter.set(added.reduce(addTerm, model.filter.text.peek()));
  return [
    { label: words.by(shortened(filter)), onSelect: () => add(terms) },
    { label: words.exclude(shortened(filter)), onSelect: () => add([negated(terms)]) },
    'separator',
    ...(id === undefined || id === '' ? [] : [{ label: strings.actions.copyValue, onSelect: () => model.actions.copyText(id) }, 'separator' as const]),
    ...exportEntries(model, { ...shown, filter: joinFilters(shown.filter, filter) }, calls),
    'separator',
    { label: node.isOpen ? listStrings.groups.close : listStrings.groups.open, onSelect: () => groups.toggle(node) },
  ];
}

/** What a call must be to lie outside of the group. */
function negated(terms: readonly string[]): string {
  const [only, more] = terms;
  if (only === undefined || more !== undefined) return `-(${terms.join(' ')})`;
  return only.startsWith('-') ? only.slice(1) : `-${only}`;
}
