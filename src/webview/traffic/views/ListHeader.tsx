/**
 * Owns the header of the list: names of the columns, sorting by them, their boundaries to drag, dragging a column elsewhere,
 * and the same from the keyboard (Enter sorts, arrows move, Shift+arrows resize, Alt+arrows reorder, Shift+F10 opens the menu).
 */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from '../../components/Icon';
import type { MenuController } from '../../components/Menu';
import { moveBoundary, moveColumn, type ColumnId } from '../model/columns';
import { ariaSort, sortKeyOf } from '../model/sorting';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import { timeClass } from './CallRowView';
import { columnMenu } from './columnMenu';

const KEY_STEP = 8;
/** A press that moves less is no drag. */
const DRAG_FROM = 5;

export interface ListHeaderProps {
  readonly model: TrafficModel;
  readonly menus: MenuController;
  readonly shown: readonly ColumnId[];
}

interface Drag {
  readonly kind: 'resize' | 'move';
  readonly column: ColumnId;
  readonly startX: number;
  readonly widths: ReadonlyMap<ColumnId, number>;
}

export function ListHeader({ model, menus, shown }: ListHeaderProps): VNode {
  const row = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | undefined>(undefined);
  const [target, setTarget] = useState<ColumnId | undefined>(undefined);
  const [active, setActive] = useState<ColumnId>('name');
  const { settings } = model;
  const timeMode = settings.timeMode.value;
  const cell = (id: ColumnId): HTMLElement | null | undefined => row.current?.querySelector<HTMLElement>(`[data-column=${id}]`);
  const widths = (): Map<ColumnId, number> => new Map(shown.map((id) => [id, cell(id)?.offsetWidth ?? 0]));
  const resize = (left: number, dx: number, from: ReadonlyMap<ColumnId, number>): void =>
    settings.setColumns(moveBoundary(settings.columns.peek(), shown, from, left, dx));
  const openMenu = (column: ColumnId | undefined, at: { readonly x: number; readonly y: number }): void =>
    menus.open({ label: strings.columnMenu, entries: columnMenu(model, column && { column, shown }), at });
  const sort = settings.sort.value;
  const sortBy = (column: ColumnId): boolean => {
    const key = sortKeyOf(column);
    if (key !== undefined) model.sortBy(key);
    return key !== undefined;
  };

  const onPointerDown = (event: PointerEvent, column: ColumnId, kind: Drag['kind']): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    if (kind === 'resize') event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture?.(event.pointerId);
    drag.current = { kind, column, startX: event.clientX, widths: widths() };
  };
  const onPointerMove = (event: PointerEvent): void => {
    const now = drag.current;
    if (!now) return;
    const dx = event.clientX - now.startX;
    if (now.kind === 'resize') resize(shown.indexOf(now.column), dx, now.widths);
    else if (target !== undefined || Math.abs(dx) > DRAG_FROM) {
      const over = shown.find((id) => {
        const box = cell(id)?.getBoundingClientRect();
        return box && event.clientX >= box.left && event.clientX < box.right;
      });
      setTarget(over ?? now.column);
    }
  };
  const onPointerUp = (): void => {
    const now = drag.current;
    drag.current = undefined;
    if (now?.kind === 'move' && target !== undefined && target !== now.column) {
      settings.setColumns(moveColumn(settings.columns.peek(), now.column, target));
    } else if (now?.kind === 'move' && target === undefined) sortBy(now.column);
    setTarget(undefined);
  };
  const onCancel = (): void => {
    drag.current = undefined;
    setTarget(undefined);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const on = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-column]')?.dataset['column'] : undefined;
    const column = shown.find((id) => id === on) ?? active;
    const at = shown.indexOf(column);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = shown[at + step];
    if (step !== 0 && event.shiftKey) {
      // The last column has no boundary on its right: its left one moves the other way.
      if (at === shown.length - 1) resize(at - 1, -step * KEY_STEP, widths());
      else resize(at, step * KEY_STEP, widths());
    } else if (step !== 0 && event.altKey) {
      if (next) settings.setColumns(moveColumn(settings.columns.peek(), column, next));
    } else if (step !== 0) {
      if (next) {
        setActive(next);
        cell(next)?.focus();
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      const box = cell(column)?.getBoundingClientRect();
      if (!sortBy(column)) openMenu(column, { x: box?.left ?? 0, y: box?.bottom ?? 0 });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const focusable = shown.includes(active) ? active : shown[0];
  const dragged = target === undefined ? -1 : shown.indexOf(drag.current?.column ?? 'name');
  return (
    <div role="rowgroup" class="list-header">
      <div
        ref={row}
        class="call-row header"
        role="row"
        aria-rowindex={1}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onCancel}
        onContextMenu={(event) => {
          event.preventDefault();
          event.stopPropagation();
          const on = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-column]')?.dataset['column'] : undefined;
          openMenu(shown.find((id) => id === on), { x: event.clientX, y: event.clientY });
        }}
      >
        {shown.map((id, index) => {
          const label = id === 'time' ? strings.timeColumn[timeMode] : strings.columns[id];
          const key = sortKeyOf(id);
          const isSorted = sort !== undefined && sort.by === key && id !== 'bar';
          const classes = `${key === undefined ? '' : ' sortable'}${isSorted ? ' sorted' : ''}`;
          const drop = id === target && index !== dragged ? (index < dragged ? ' drop-before' : ' drop-after') : '';
          return (
            <span
              key={id}
              class={`${id === 'time' ? timeClass(timeMode) : `cell cell-${id}`}${classes}${drop}`}
              role="columnheader"
              aria-sort={ariaSort(sort, id)}
              data-column={id}
              tabIndex={id === focusable ? 0 : -1}
              title={id === 'status' ? label : strings.columnTooltip(label)}
              onFocus={() => setActive(id)}
              onPointerDown={(event) => onPointerDown(event, id, 'move')}
            >
              {id === 'status' || id === 'bar' ? <span class="sr-only">{label}</span> : <span class="column-label">{label}</span>}
              {isSorted && <Icon name={sort.isDescending ? 'arrow-down' : 'arrow-up'} class="sort-mark" />}
              {index < shown.length - 1 && id !== 'status' && (
                <span class="column-sash" aria-hidden="true" onPointerDown={(event) => onPointerDown(event, id, 'resize')} />
              )}
            </span>
          );
        })}
      </div>
    </div>
  );
}
