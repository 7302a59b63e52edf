/**
 * Owns the list of calls: header, keyboard, following the newest call, and the chip that says what came in meanwhile.
 * Which rows there are and what is selected is the model's.
 */
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { ListScroller } from '../../components/listScroller';
import type { MenuController } from '../../components/Menu';
import type { RowRange } from '../../components/scrollSpace';
import { moveByKey, VirtualList } from '../../components/VirtualList';
import type { SelectHow } from '../model/selector';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';
import { ListHeader } from './ListHeader';
import { actOnKey } from './listKeys';
import { NewChip } from './NewChip';
import { onRowContextMenu, rowPressed } from './rowPointer';
import { useCallRows } from './useCallRows';
import { useRowList } from './useRowList';

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
  const { sort } = model.feed.shown.value;
  const isNewestLast = sort === undefined;
  void model.feed.revision.value;
  const { element, setElement } = useRowList(model, scroller, ROW_HEIGHT, gridRef);
  const { columns, template, renderCall } = useCallRows(model, element);

  useEffect(() => {
    const scrolled = scroller.onUserScrolled(({ atEnd, atStart }) => model.userScrolled(isNewestLast ? atEnd : atStart));
    return () => scrolled.dispose();
  }, [scroller, model, isNewestLast]);

  // Out of the order of time, what matters most stands first.
  useEffect(() => {
    if (following && !isNewestLast) scroller.scrollTo(0);
  }, [following, sort, isNewestLast, scroller]);

  const onVisible = useCallback((range: RowRange) => model.setView(range), [model]);
  const choose = (index: number, open = false, how?: SelectHow): void => {
    model.select(index, open, how);
    scroller.reveal(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = moveByKey(event, selection?.index, count, scroller.space.pageRows, isNewestLast ? 'end' : 'start');
    if (target !== undefined) {
      choose(target, false, event.shiftKey ? 'range' : 'move');
      if (event.key === (isNewestLast ? 'End' : 'Home')) model.follow();
    } else if (!actOnKey(model, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent): void => {
    const pressed = rowPressed(event);
    // Who chooses several has no use for the detail of each.
    if (pressed) choose(pressed.index, pressed.how === 'alone', pressed.how);
  };
  const renderRow = (index: number, rowId: string, offset: number): VNode =>
    renderCall({ row: model.feed.rowAt(index), index, rowId, offset, isActive: index === selection?.index });
  return (
    // The list is one widget: its rows are reached through the grid's own keyboard, so the click needs no other way in.
    <div class="call-list" onClick={onClick} onContextMenu={(event) => onRowContextMenu(event, { model, menus, grid: element.current, choose })}>
      <VirtualList
        scroller={scroller}
        count={count}
        label={isNewestLast ? strings.listLabel : strings.sortedLabel(listStrings.sort.said(sort))}
        columnCount={columns.length}
        isMultiSelectable
        header={<ListHeader model={model} menus={menus} shown={columns} />}
        headerHeight={ROW_HEIGHT}
        activeIndex={selection?.index}
        followEnd={following && isNewestLast && !model.layouts.isPaused.value}
        renderRow={renderRow}
        onVisible={onVisible}
        onKeyDown={onKeyDown}
        elementRef={setElement}
        style={{ '--scale-us': model.visible.barScaleUs.value, '--columns': template }}
        busy={model.feed.isBusy.value && !model.feed.isLoaded.value}
      />
      <NewChip model={model} />
    </div>
  );
}
