/** Owns what pointer and context-menu key do to rows of calls and of groups. */
import type { CellId } from '../model/cellTerms';
import type { SelectHow } from '../model/selector';
import type { TrafficModel } from '../model/trafficModel';
import type { MenuController } from '../../components/Menu';
import { strings } from '../strings';
import { groupMenu } from './groupMenu';
import { openRowMenu } from './rowMenu';

/** The row an event is about, and how it is chosen; `undefined` where it is about none. */
export function rowPressed(event: MouseEvent): { readonly index: number; readonly how: SelectHow } | undefined {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
  if (!row || event.button !== 0) return undefined;
  return { index: Number(row.dataset['index']), how: event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'alone' };
}

export interface RowMenuContext {
  readonly model: TrafficModel;
  readonly menus: MenuController;
  /** The grid; from the keyboard the event is its own. */
  readonly grid: HTMLElement | null;
  /** Selects the row the menu is about. */
  readonly choose: (index: number) => void;
}

export function onRowContextMenu(event: MouseEvent, { model, menus, grid, choose }: RowMenuContext): void {
  if (!(event.target instanceof Element)) return;
  event.preventDefault();
  const target = event.target.closest<HTMLElement>('[data-index]');
  const index = target && Number(target.dataset['index']);
  const rowAt = index === null ? undefined : model.source.rowAt(index);
  // Pointed at something that is no call, such as a group.
  if (index !== null && !rowAt) return;
  const isChosen = rowAt !== undefined && model.chosen.rows.peek().has(rowAt.id);
  if (index !== null && !isChosen) choose(index);
  const row = isChosen ? rowAt : model.selectedRow.peek();
  if (!row) return;
  const cell = event.target.closest<HTMLElement>('[data-cell]')?.dataset['cell'] as CellId | undefined;
  openRowMenu(model, row, { menus, at: menuPlace(event, target ? undefined : grid?.querySelector('.call-row.active')), cell: target ? cell : undefined });
}

/** The menu of the group that an event is about; gives false where it is about none. */
export function onGroupContextMenu(event: MouseEvent, { model, menus, grid, choose }: RowMenuContext): boolean {
  if (!(event.target instanceof Element)) return false;
  const { groups } = model.layouts;
  const target = event.target.closest<HTMLElement>('[data-group]');
  const active = event.target.closest('[data-index]') ? undefined : groups.activeGroup.peek();
  const index = target ? Number(target.dataset['group']) : active === undefined ? undefined : groups.indexOfGroup(active);
  const item = index === undefined ? undefined : groups.itemAt(index);
  if (index === undefined || item?.kind !== 'group') return false;
  event.preventDefault();
  if (target) choose(index);
  menus.open({ label: strings.groupMenu, entries: groupMenu(model, item.node), at: menuPlace(event, target ? undefined : grid?.querySelector('.group-row.selected')) });
  return true;
}

/** Under the row that the keyboard is at, if the event is the keyboard's; else at the pointer. */
function menuPlace(event: MouseEvent, row: Element | null | undefined): { readonly x: number; readonly y: number } {
  const box = row?.getBoundingClientRect();
  return box ? { x: box.left + 24, y: box.bottom } : { x: event.clientX, y: event.clientY };
}
