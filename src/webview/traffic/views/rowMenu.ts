/**
 * Owns what the menus about calls offer: filter by its cells (cellMenu.ts), open, compare, copy, export, notes, sending
 * again.
 */
import { repeatable } from '../../../extension/contract/repeatable';
import { NOTE_COLORS, type CallRow } from '../../../extension/contract/traffic';
import type { CopyForm } from '../../../extension/contract/trafficApi';
import { literalTerm } from '../../../extension/query/print';
import { AppError } from '../../../extension/util/errors';
import type { MenuController, MenuEntry } from '../../components/Menu';
import type { CellId } from '../model/cellTerms';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';
import { isMissing } from './CallRowView';
import { filterEntries, valueEntries } from './cellMenu';
import { exportEntries } from './exportMenu';
import { NOTE_ICONS } from './NoteMarks';

const actions = strings.actions;
const notes = listStrings.notes;

/** Where a menu about calls was opened. */
export interface RowMenuPlace {
  readonly menus: MenuController;
  readonly at: { readonly x: number; readonly y: number };
  /** Absent: on the row as a whole. */
  readonly cell: CellId | undefined;
}

export function openRowMenu(model: TrafficModel, row: CallRow, place: RowMenuPlace): void {
  place.menus.open({ label: strings.rowMenu, entries: rowMenu(model, row, place), at: place.at });
}

function rowMenu(model: TrafficModel, row: CallRow, place: RowMenuPlace): MenuEntry[] {
  const chosen = model.targets(row);
  // What stands for no call can be noted and filtered by, and nothing else.
  const isCall = !isMissing(row);
  const groups: MenuEntry[][] = [
    filterEntries(model, row, place),
    model.flags.of(row) ? [{ label: listStrings.flagged.filter, icon: 'warning', onSelect: () => model.filter.set(model.flags.filter) }] : [],
    noteEntries(model, row, place),
    chosen.length >= 2 ? chosenEntries(model, chosen) : isCall ? [...openEntries(model, row), ...compareEntries(model)] : [],
    [...valueEntries(model, row, place), ...(isCall ? copyEntries(model, row) : [])],
  ];
  return groups.filter((group) => group.length > 0).flatMap((group, index) => (index === 0 ? group : ['separator' as const, ...group]));
}

/** Pin, colour, comment: of all calls chosen together; sending again: of one. */
export function noteEntries(model: TrafficModel, row: CallRow, place: RowMenuPlace): MenuEntry[] {
  const rows = model.targets(row);
  const isPinned = rows.every(({ note }) => note?.isPinned === true);
  const canRepeat = rows.length === 1 && 'server' in repeatable(row);
  return [
    { label: isPinned ? notes.unpin : notes.pin, hint: 'P', icon: 'pin', onSelect: () => model.togglePinned(rows) },
    { label: notes.color, icon: 'symbol-color', opensMenu: true, onSelect: () => place.menus.open({ label: notes.color, entries: colorEntries(model, rows), at: place.at }) },
    ...(rows.length === 1
      ? [{ label: row.note?.comment ? notes.editComment : notes.comment, icon: 'comment', onSelect: () => model.editComment(row) }]
      : []),
    ...(canRepeat
      ? [
          'separator' as const,
          { label: notes.resend, icon: 'debug-rerun', onSelect: () => model.actions.resend(row.id) },
          { label: notes.playground, icon: 'beaker', onSelect: () => model.actions.openInPlayground(row.id) },
        ]
      : []),
  ];
}

function colorEntries(model: TrafficModel, rows: readonly CallRow[]): MenuEntry[] {
  const ids = rows.map(({ id }) => id);
  const isAll = (color: string | undefined): boolean => rows.every(({ note }) => note?.color === color);
  return [
    ...NOTE_COLORS.map((color) => ({
      label: notes.colors[color],
      icon: `${NOTE_ICONS[color]} note-mark note-${color}`,
      checked: isAll(color),
      isChoice: true,
      onSelect: () => void model.annotate(ids, { color }),
    })),
    'separator' as const,
    { label: notes.noColor, checked: isAll(undefined), isChoice: true, onSelect: () => void model.annotate(ids, { color: null }) },
  ];
}

/** The forms a call can be copied in; also behind the button in the detail. */
export function copyEntries(model: TrafficModel, row: CallRow): MenuEntry[] {
  const canRepeat = row.origin === 'client' || row.origin === 'gateway';
  return (['jsonrpc', 'curl', 'typescript', 'markdown'] as const satisfies readonly CopyForm[]).map((form) => ({
    label: actions.copyAs[form],
    disabled: !canRepeat && (form === 'curl' || form === 'typescript'),
    onSelect: () => model.actions.copyCall(row.id, form),
  }));
}

function openEntries(model: TrafficModel, row: CallRow): MenuEntry[] {
  return [
    { label: actions.openRequest, onSelect: () => model.actions.openPayload(row.id, 'request') },
    { label: actions.openResponse, disabled: row.responseBytes === undefined, onSelect: () => model.actions.openPayload(row.id, 'response') },
  ];
}

/** Where there are two to compare. */
function compareEntries(model: TrafficModel): MenuEntry[] {
  const pair = pairToCompare(model);
  if (!pair) return [];
  return (['request', 'response'] as const).map((part) => ({
    label: actions.compare[part],
    ...(partToCompare(model, pair) === part ? { hint: 'D' } : {}),
    disabled: part === 'response' && pair.some(({ responseBytes }) => responseBytes === undefined),
    onSelect: () => compareChosen(model, part),
  }));
}

function chosenEntries(model: TrafficModel, chosen: readonly CallRow[]): MenuEntry[] {
  const filter = literalIds(chosen);
  const { sort } = model.shownSelection;
  return [
    ...compareEntries(model),
    ...exportEntries(model, { filter, ...(sort ? { sort } : {}) }, chosen.length, actions.exportChosen),
    { label: actions.showChosen(chosen.length), onSelect: () => model.filter.set(filter) },
  ];
}

type Pair = readonly [left: CallRow, right: CallRow];

/** The two calls chosen, or the one chosen and the one the keyboard is at; the older first. */
function pairToCompare(model: TrafficModel): Pair | undefined {
  const chosen = model.chosen.ordered();
  const here = model.selectedRow.peek();
  const all = chosen.length === 1 && here && here.id !== chosen[0]?.id ? [...chosen, here].sort((a, b) => a.timeMs - b.timeMs || a.frame - b.frame) : chosen;
  const [left, right, more] = all;
  return left && right && !more ? [left, right] : undefined;
}

/** What comparing is about: requests while one is read or where an answer is missing, else responses. */
function partToCompare(model: TrafficModel, pair: Pair): 'request' | 'response' {
  return pair.some(({ responseBytes }) => responseBytes === undefined) || model.tab.peek() === 'request' ? 'request' : 'response';
}

/** Shows two calls side by side, or says how to choose them. */
export function compareChosen(model: TrafficModel, asked?: 'request' | 'response'): void {
  const pair = pairToCompare(model);
  if (!pair) return model.actions.refuse(new AppError('query.invalid', actions.compareNeedsTwo));
  const part = asked ?? partToCompare(model, pair);
  model.actions.compare({ id: pair[0].id, part }, { id: pair[1].id, part });
}

/** The filter that shows exactly these calls. */
function literalIds(rows: readonly CallRow[]): string {
  return `id:${rows.map(({ id }) => literalTerm('id', id).slice('id:'.length)).join(',')}`;
}
