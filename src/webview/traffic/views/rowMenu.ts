/**
 * Owns what the menus about calls offer: filter by the cell the menu was opened on (or by any, from the keyboard), open,
 * compare, copy, export, notes, sending again.
 */
import { NOTE_COLORS, type CallRow } from '../../../extension/contract/traffic';
import type { CopyForm, ExportFormat } from '../../../extension/contract/trafficApi';
import { literalTerm } from '../../../extension/query/print';
import { AppError } from '../../../extension/util/errors';
import type { MenuController, MenuEntry } from '../../components/Menu';
import { visibleLine } from '../../components/visibleText';
import { cellTerms, type CellId, type CellTerms } from '../model/cellTerms';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';
import { isMissing } from './CallRowView';
import { NOTE_ICONS } from './NoteMarks';

const words = strings.filter;
const actions = strings.actions;
const notes = listStrings.notes;
/** What the keyboard is offered, since it opens the menu on a row and not on a cell. */
const USUAL: readonly CellId[] = ['name', 'server', 'method', 'status'];
const FORMATS: readonly ExportFormat[] = ['json', 'jsonl', 'csv', 'txt'];

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
  const { cell } = place;
  const terms = cell === undefined ? undefined : cellTerms(row, cell);
  const chosen = model.chosen.ordered();
  // What stands for no call can be noted and filtered by, and nothing else.
  const isCall = !isMissing(row);
  const copies = [
    ...(terms?.value === undefined ? [] : [{ label: actions.copyValue, onSelect: () => model.actions.copyText(terms.value ?? '') }]),
    ...(isCall ? copyEntries(model, row) : []),
  ];
  const groups: MenuEntry[][] = [
    cell === undefined ? usualEntries(model, row) : cellEntries(model, terms),
    model.flags.of(row) ? [{ label: listStrings.flagged.filter, icon: 'warning', onSelect: () => model.filter.set(model.flags.filter) }] : [],
    noteEntries(model, row, place),
    chosen.length >= 2 ? chosenEntries(model, chosen) : isCall ? openEntries(model, row) : [],
    copies,
  ];
  return groups.filter((group) => group.length > 0).flatMap((group, index) => (index === 0 ? group : ['separator' as const, ...group]));
}

/** Pin, colour, comment: of all calls chosen together; sending again: of one. */
export function noteEntries(model: TrafficModel, row: CallRow, place: RowMenuPlace): MenuEntry[] {
  const rows = model.targets(row);
  const isPinned = rows.every(({ note }) => note?.isPinned === true);
  const canRepeat = rows.length === 1 && row.origin === 'client' && row.method === 'tools/call';
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

/** Everything the filter shows, in each format. */
export function exportMenu(model: TrafficModel): MenuEntry[] {
  const selection = model.shownSelection;
  const count = model.feed.total.peek();
  return FORMATS.map((format) => ({
    label: actions.export(count, format),
    disabled: count === 0,
    onSelect: () => model.actions.export(selection, format),
  }));
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

function openEntries(model: TrafficModel, row: CallRow): MenuEntry[] {
  return [
    { label: actions.openRequest, onSelect: () => model.actions.openPayload(row.id, 'request') },
    { label: actions.openResponse, disabled: row.responseBytes === undefined, onSelect: () => model.actions.openPayload(row.id, 'response') },
  ];
}

function chosenEntries(model: TrafficModel, chosen: readonly CallRow[]): MenuEntry[] {
  const filter = literalIds(chosen);
  const [left, right] = chosen;
  const isPair = chosen.length === 2 && left !== undefined && right !== undefined;
  return [
    ...(isPair
      ? (['request', 'response'] as const).map((part) => ({
          label: actions.compare[part],
          ...(partToCompare(model) === part ? { hint: 'D' } : {}),
          disabled: part === 'response' && (left.responseBytes === undefined || right.responseBytes === undefined),
          onSelect: () => compareChosen(model, part),
        }))
      : []),
    ...FORMATS.map((format) => ({ label: actions.exportChosen(chosen.length, format), onSelect: () => model.actions.export({ filter }, format) })),
    { label: actions.showChosen(chosen.length), onSelect: () => model.filter.set(filter) },
  ];
}

/** What comparing is about: requests while one is read or where an answer is missing, else responses. */
function partToCompare(model: TrafficModel): 'request' | 'response' {
  const isUnanswered = model.chosen.ordered().some(({ responseBytes }) => responseBytes === undefined);
  return isUnanswered || model.tab.peek() === 'request' ? 'request' : 'response';
}

/** Shows the two chosen calls side by side, or says how to choose them. */
export function compareChosen(model: TrafficModel, part = partToCompare(model)): void {
  const [left, right, more] = model.chosen.ordered();
  if (left && right && !more) model.actions.compare({ id: left.id, part }, { id: right.id, part });
  else model.actions.refuse(new AppError('query.invalid', actions.compareNeedsTwo));
}

/** The filter that shows exactly these calls. */
function literalIds(rows: readonly CallRow[]): string {
  return `id:${rows.map(({ id }) => literalTerm('id', id).slice('id:'.length)).join(',')}`;
}

function shown(term: string): string {
  const line = visibleLine(term);
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
