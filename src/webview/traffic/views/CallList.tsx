/**
 * Owns the list of calls: columns, header, keyboard, following the newest call, and the "N new" chip. Which rows there
 * are and what is selected is the model's.
 */
import type { VNode } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Icon } from '../../components/Icon';
import { ListScroller } from '../../components/listScroller';
import type { MenuController } from '../../components/Menu';
import type { RowRange } from '../../components/scrollSpace';
import { useWidth } from '../../components/useWidth';
import { moveByKey, VirtualList } from '../../components/VirtualList';
import type { CellId } from '../model/cellTerms';
import { layoutColumns } from '../model/columns';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import { CallRowView } from './CallRowView';
import { ListHeader } from './ListHeader';
import { compareChosen, rowMenu } from './rowMenu';

export const ROW_HEIGHT = 22;

export interface CallListProps {
  readonly model: TrafficModel;
  readonly menus: MenuController;
  /** Takes the grid's element, so that others can give it the focus. */
  readonly gridRef: (element: HTMLDivElement | null) => void;
}

export function CallList({ model, menus, gridRef }: CallListProps): VNode {
  const scroller = useMemo(() => {
    const made = new ListScroller(ROW_HEIGHT);
    if (!model.following.peek()) {
      // Back from a reload: where the user was.
      made.space.resize(model.feed.total.peek(), 0);
      made.space.scrollTo(model.visible.range.peek().first * ROW_HEIGHT);
    }
    return made;
  }, [model]);
  const following = model.following.value;
  const selection = model.selection.value;
  const count = model.feed.total.value;
  const isDetailOpen = model.isDetailOpen.value;
  void model.feed.revision.value;

  const element = useRef<HTMLDivElement | null>(null);
  const setElement = useCallback(
    (next: HTMLDivElement | null) => {
      element.current = next;
      gridRef(next);
    },
    [gridRef],
  );

  useEffect(() => {
    const scrolled = scroller.onUserScrolled(({ atEnd }) => model.userScrolled(atEnd));
    scroller.rowToKeep = () => model.selection.peek()?.index;
    return () => scrolled.dispose();
  }, [scroller, model]);

  // With the focus on the view but on nothing in it, keys shall reach the list.
  useEffect(() => {
    const focus = (): void => {
      const grid = element.current;
      if (grid && document.hasFocus() && document.activeElement === document.body) grid.focus({ preventScroll: true });
    };
    focus();
    window.addEventListener('focus', focus);
    return () => window.removeEventListener('focus', focus);
  }, []);

  // Rows moved under the view (retention took the oldest): move with them.
  const shift = model.shift.value;
  const doneShift = useRef(shift);
  useLayoutEffect(() => {
    if (!shift || shift === doneShift.current) return;
    doneShift.current = shift;
    if (!model.following.peek()) scroller.scrollTo(scroller.space.top + shift.by * ROW_HEIGHT);
  }, [shift, scroller, model]);

  // The detail takes room away, perhaps from over the very row it is about.
  useEffect(() => {
    const index = model.selection.peek()?.index;
    if (!isDetailOpen || index === undefined) return undefined;
    const frame = requestAnimationFrame(() => scroller.reveal(index));
    return () => cancelAnimationFrame(frame);
  }, [isDetailOpen, scroller, model]);

  const { shown, template } = layoutColumns(model.settings.columns.value, useWidth(element, 1_000));
  // The same columns are the same array: rows compare by identity.
  const columnKey = shown.join(' ');
  const columns = useMemo(() => shown, [columnKey]);
  const timeMode = model.settings.timeMode.value;
  const startMs = model.timeBase.startMs.value;
  const sinceMs = (index: number): number | undefined => {
    if (timeMode === 'start') return startMs;
    return timeMode === 'previous' ? model.feed.rowAt(index - 1)?.timeMs : undefined;
  };

  // A call that was gone to from elsewhere, such as a nested one, comes into view.
  const selectedId = selection?.id;
  const seenId = useRef(selectedId);
  useEffect(() => {
    if (seenId.current === selectedId) return;
    seenId.current = selectedId;
    const index = model.selection.peek()?.index;
    if (index !== undefined) scroller.reveal(index);
  }, [selectedId, scroller, model]);

  const onVisible = useCallback((range: RowRange) => model.setView(range), [model]);
  const choose = (index: number, open: boolean, how?: 'alone' | 'toggle' | 'range'): void => {
    model.select(index, open, how);
    scroller.reveal(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const target = moveByKey(event, selection?.index, count, scroller.space.pageRows);
    if (target !== undefined) {
      choose(target, false, event.shiftKey ? 'range' : 'alone');
      if (event.key === 'End') model.follow();
    } else if (event.key === 'Enter' && selection) model.openDetail();
    else if (event.key === 'd' && isPlain) compareChosen(model);
    else if (event.key === 'Escape' && model.chosen.rows.peek().size > 0) model.chosen.reset(selection?.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (!row || event.button !== 0) return;
    const how = event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'alone';
    // Who chooses several has no use for the detail of each.
    choose(Number(row.dataset['index']), how === 'alone', how);
  };
  const onContextMenu = (event: MouseEvent): void => {
    if (!(event.target instanceof Element)) return;
    event.preventDefault();
    const target = event.target.closest<HTMLElement>('[data-index]');
    const index = target && Number(target.dataset['index']);
    const isChosen = index !== null && model.chosen.rows.peek().has(model.feed.rowAt(index)?.id ?? '');
    if (index !== null && !isChosen) choose(index, false);
    const row = isChosen ? model.feed.rowAt(index) : model.selectedRow.peek();
    if (!row) return;
    const cell = event.target.closest<HTMLElement>('[data-cell]')?.dataset['cell'] as CellId | undefined;
    // From the keyboard the event is the grid's: open at the row it is about.
    const box = target ? undefined : element.current?.querySelector('.call-row.selected')?.getBoundingClientRect();
    const at = box ? { x: box.left + 24, y: box.bottom } : { x: event.clientX, y: event.clientY };
    menus.open({ label: strings.rowMenu, entries: rowMenu(model, row, target ? cell : undefined), at });
  };
  const chosen = model.chosen.rows.value;
  const isSelected = (index: number): boolean =>
    chosen.size === 0 ? index === selection?.index : chosen.has(model.feed.rowAt(index)?.id ?? '');
  const renderRow = (index: number, rowId: string, offset: number): VNode => (
    <CallRowView
      key={index}
      row={model.feed.rowAt(index)}
      columns={columns}
      timeMode={timeMode}
      sinceMs={sinceMs(index)}
      index={index}
      rowId={rowId}
      offset={offset}
      isSelected={isSelected(index)}
      nowMs={model.visible.nowMs}
    />
  );

  const newCount = model.newCount.value;
  return (
    // The list is one widget: its rows are reached through the grid's own keyboard, so the click needs no other way in.
    <div class="call-list" onClick={onClick} onContextMenu={onContextMenu}>
      <VirtualList
        scroller={scroller}
        count={count}
        label={strings.listLabel}
        columnCount={columns.length}
        isMultiSelectable
        header={<ListHeader model={model} menus={menus} shown={columns} />}
        headerHeight={ROW_HEIGHT}
        activeIndex={selection?.index}
        followEnd={following}
        renderRow={renderRow}
        onVisible={onVisible}
        onKeyDown={onKeyDown}
        elementRef={setElement}
        style={{ '--scale-us': model.visible.barScaleUs.value, '--columns': template }}
        busy={model.feed.isBusy.value && !model.feed.isLoaded.value}
      />
      {newCount > 0 && (
        <button type="button" class="new-chip" title={strings.newCallsTooltip} onClick={() => model.follow()}>
          <Icon name="arrow-down" />
          {strings.newCalls(newCount)}
        </button>
      )}
    </div>
  );
}
