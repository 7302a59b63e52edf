/**
 * Owns drawing a window of fixed-height rows out of any number, as an ARIA grid. Focus stays on the grid itself
 * (`aria-activedescendant` names the row), so rows may come and go under it. Knows nothing of what a row shows.
 *
 * Invariant: only rows in view and a few beyond exist in the DOM, whatever the count.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useCallback, useEffect, useId, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { ListScroller } from './listScroller';
import type { RowRange } from './scrollSpace';

export interface VirtualListProps {
  readonly scroller: ListScroller;
  readonly count: number;
  /** Accessible name of the grid. */
  readonly label: string;
  readonly class?: string;
  /** `grid` for rows of cells, `treegrid` where rows hold rows, `tree` for JSON and the like. */
  readonly role?: 'grid' | 'treegrid' | 'tree';
  readonly columnCount?: number;
  readonly isMultiSelectable?: boolean;
  /** A header row that stays on top, and its height in pixels. */
  readonly header?: ComponentChildren;
  readonly headerHeight?: number;
  readonly activeIndex?: number;
  /** Stay at the end while rows are added. */
  readonly followEnd?: boolean;
  /** `rowId` must be the id of the row's element. `offset` is its distance from the top of the canvas, in pixels. */
  readonly renderRow: (index: number, rowId: string, offset: number) => VNode;
  readonly onVisible?: (range: RowRange) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly overscan?: number;
  readonly style?: Record<string, string | number>;
  readonly elementRef?: (element: HTMLDivElement | null) => void;
  readonly busy?: boolean;
}

export function VirtualList(props: VirtualListProps): VNode {
  const { scroller, count, headerHeight = 0, overscan = 8, followEnd = false, onVisible } = props;
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const elementRef = useRef<HTMLDivElement | null>(null);
  const id = useId();
  const onElement = props.elementRef;
  const setElement = useCallback(
    (element: HTMLDivElement | null) => {
      elementRef.current = element;
      onElement?.(element);
    },
    [onElement],
  );

  // Before the rows are computed: they depend on count, and a list that follows its end must never paint in between.
  const { space } = scroller;
  if (space.count !== count) space.resize(count, space.viewport);
  if (followEnd && !space.atEnd) space.scrollToEnd();

  useLayoutEffect(() => {
    const element = elementRef.current;
    if (!element) return undefined;
    const moved = scroller.onMoved(() => redraw(undefined));
    const detach = scroller.attach(element, headerHeight);
    return () => {
      detach();
      moved.dispose();
    };
  }, [scroller, headerHeight]);
  useLayoutEffect(() => scroller.flush());

  const visible = space.visible();
  useEffect(() => onVisible?.({ first: visible.first, end: visible.end }), [visible.first, visible.end, onVisible]);

  const first = Math.max(0, visible.first - overscan);
  const end = Math.min(count, visible.end + overscan);
  const rows: VNode[] = [];
  for (let index = first; index < end; index += 1) {
    rows.push(props.renderRow(index, `${id}-${index}`, space.base + index * space.rowHeight));
  }
  const active = props.activeIndex;
  const activeIsDrawn = active !== undefined && active >= first && active < end;
  const isGrid = props.role !== 'tree';

  return (
    <div
      ref={setElement}
      class={props.class ? `virtual-list ${props.class}` : 'virtual-list'}
      role={props.role ?? 'grid'}
      aria-label={props.label}
      aria-rowcount={isGrid ? count + (props.header ? 1 : 0) : undefined}
      aria-colcount={isGrid ? props.columnCount : undefined}
      aria-multiselectable={props.isMultiSelectable ? 'true' : undefined}
      aria-activedescendant={activeIsDrawn ? `${id}-${active}` : undefined}
      aria-busy={props.busy ? 'true' : undefined}
      tabIndex={0}
      style={props.style}
      onKeyDown={props.onKeyDown}
    >
      {props.header}
      <div class="virtual-canvas" role={isGrid ? 'rowgroup' : 'presentation'} style={{ height: `${space.nativeHeight}px` }}>
        {rows}
      </div>
    </div>
  );
}

/** What a key does to the active row; `undefined` where the key is not about moving. */
export function moveByKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  active: number | undefined,
  count: number,
  pageRows: number,
  /** Where a first key leads while no row is active. */
  from: 'start' | 'end' = 'end',
): number | undefined {
  if (count === 0 || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const last = count - 1;
  const entry = from === 'end' ? last : 0;
  const clamp = (index: number): number => Math.min(last, Math.max(0, index));
  switch (event.key) {
    case 'ArrowDown':
    case 'j':
      return active === undefined ? entry : clamp(active + 1);
    case 'ArrowUp':
    case 'k':
      return active === undefined ? entry : clamp(active - 1);
    case 'PageDown':
      return active === undefined ? entry : clamp(active + pageRows);
    case 'PageUp':
      return active === undefined ? entry : clamp(active - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
