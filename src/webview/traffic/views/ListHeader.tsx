/**
 * Owns the header of the list: names of the columns, their boundaries to drag, dragging a column elsewhere, and the same
 * from the keyboard (arrows move, Shift+arrows resize, Alt+arrows reorder, Enter opens the menu).
 */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { MenuController, MenuEntry } from '../../components/Menu';
import { columnChoices, moveBoundary, moveColumn, toggleColumn, type ColumnId } from '../model/columns';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import { timeClass } from './CallRowView';

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
  const openMenu = (at: { readonly x: number; readonly y: number }): void => menus.open({ label: strings.columnMenu, entries: columnMenu(model), at });

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
    }
    setTarget(undefined);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = shown.indexOf(active);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = shown[at + step];
    if (step !== 0 && event.shiftKey) {
      // The last column has no boundary on its right: its left one moves the other way.
      if (at === shown.length - 1) resize(at - 1, -step * KEY_STEP, widths());
      else resize(at, step * KEY_STEP, widths());
    } else if (step !== 0 && event.altKey) {
      if (next) settings.setColumns(moveColumn(settings.columns.peek(), active, next));
    } else if (step !== 0) {
      if (next) {
        setActive(next);
        cell(next)?.focus();
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      const box = cell(active)?.getBoundingClientRect();
      openMenu({ x: box?.left ?? 0, y: box?.bottom ?? 0 });
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
        onPointerCancel={onPointerUp}
        onContextMenu={(event) => {
          event.preventDefault();
          event.stopPropagation();
          openMenu({ x: event.clientX, y: event.clientY });
        }}
      >
        {shown.map((id, index) => {
          const label = id === 'time' ? strings.timeColumn[timeMode] : strings.columns[id];
          const drop = id === target && index !== dragged ? (index < dragged ? ' drop-before' : ' drop-after') : '';
          return (
            <span
              key={id}
              class={`${id === 'time' ? timeClass(timeMode) : `cell cell-${id}`}${drop}`}
              role="columnheader"
              data-column={id}
              tabIndex={id === focusable ? 0 : -1}
              title={id === 'status' ? label : strings.columnTooltip(label)}
              onFocus={() => setActive(id)}
              onPointerDown={(event) => onPointerDown(event, id, 'move')}
            >
              {id === 'status' || id === 'bar' ? <span class="sr-only">{label}</span> : <span class="column-label">{label}</span>}
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

/** What can be chosen about columns and times; also behind the button in the toolbar. */
export function columnMenu(model: TrafficModel): MenuEntry[] {
  const { settings } = model;
  const columns = settings.columns.peek();
  return [
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
