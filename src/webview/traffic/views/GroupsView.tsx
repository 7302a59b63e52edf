/**
 * Owns calls seen in groups, as an ARIA treegrid: groups with their sums, and in those that are open their calls in the
 * columns of the list. Which groups there are and what is in them is the model's.
 */
import type { VNode } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import { ListScroller } from '../../components/listScroller';
import type { RowRange } from '../../components/scrollSpace';
import { moveByKey, VirtualList } from '../../components/VirtualList';
import type { GroupItem } from '../model/groupTree';
import type { SelectHow } from '../model/selector';
import { listStrings } from '../listStrings';
import { ROW_HEIGHT, type CallListProps } from './CallList';
import { GroupRow } from './GroupRow';
import { ListHeader } from './ListHeader';
import { actOnKey } from './listKeys';
import { NewChip } from './NewChip';
import { onGroupContextMenu, onRowContextMenu, rowPressed } from './rowPointer';
import { useCallRows } from './useCallRows';
import { useRowList } from './useRowList';

const words = listStrings.groups;

export function GroupsView({ model, menus, gridRef }: CallListProps): VNode {
  const { groups } = model.layouts;
  const layout = model.settings.layout.value;
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), [layout]);
  const count = groups.total.value;
  const selection = model.selection.value;
  const activeGroup = groups.activeGroup.value;
  void groups.revision.value;
  const { element, setElement } = useRowList(model, scroller, ROW_HEIGHT, gridRef);
  const { columns, template, renderCall } = useCallRows(model, element);
  const onVisible = useCallback((range: RowRange) => model.setView(range), [model]);
  const active = activeGroup === undefined ? selection?.index : groups.indexOfGroup(activeGroup);

  const goTo = (index: number, open = false, how?: SelectHow): void => {
    const item = groups.itemAt(index);
    groups.activeGroup.value = item?.kind === 'group' ? item.node.key : undefined;
    if (item?.kind === 'call') model.select(index, open, how);
    scroller.reveal(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const item = active === undefined ? undefined : groups.itemAt(active);
    const target = moveByKey(event, active, count, scroller.space.pageRows, 'start');
    if (target !== undefined) goTo(target, false, event.shiftKey ? 'range' : 'move');
    else if (!openOrClose(event, item)) {
      // What acts on a call has nothing to act on while a group is active.
      const isAbout = item?.kind !== 'group' || (event.key === ' ' && !event.ctrlKey);
      if (!isAbout || !actOnKey(model, event)) return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  /** Right opens a group, then goes into it; Left closes it, or goes to the group around. */
  const openOrClose = (event: KeyboardEvent, item: GroupItem | undefined): boolean => {
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { node } = item;
    if (item.kind === 'group' && event.key === 'Enter') groups.toggle(node);
    else if (item.kind === 'group' && event.key === 'ArrowRight') {
      if (!node.isOpen) groups.toggle(node, true);
      else if (active !== undefined && active + 1 < count) goTo(active + 1);
    } else if (event.key === 'ArrowLeft') {
      if (item.kind === 'group' && node.isOpen) groups.toggle(node, false);
      else {
        const around = item.kind === 'group' ? node.parent : node;
        const index = around && groups.indexOfGroup(around.key);
        if (index !== undefined) goTo(index);
      }
    } else return false;
    return true;
  };
  const onClick = (event: MouseEvent): void => {
    const group = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-group]') : null;
    if (group && event.button === 0) {
      const index = Number(group.dataset['group']);
      const item = groups.itemAt(index);
      goTo(index);
      if (item?.kind === 'group') groups.toggle(item.node);
      return;
    }
    const pressed = rowPressed(event);
    if (pressed) goTo(pressed.index, pressed.how === 'alone', pressed.how);
  };
  const renderRow = (index: number, rowId: string, offset: number): VNode => {
    const item = groups.itemAt(index);
    if (item?.kind === 'group') {
      const { node, place, siblings } = item;
      return (
        <GroupRow
          key={`group ${node.key}`}
          group={node.group}
          by={node.by}
          level={node.level}
          isOpen={node.isOpen}
          place={place}
          siblings={siblings}
          columns={columns.length}
          index={index}
          rowId={rowId}
          offset={offset}
          isSelected={node.key === activeGroup}
        />
      );
    }
    if (item?.kind !== 'call') {
      return (
        <div key={index} id={rowId} role="row" class="group-row loading level-2" style={{ top: `${offset}px` }} aria-busy="true">
          <span role="gridcell">{words.loading}</span>
        </div>
      );
    }
    const { row, node, place } = item;
    const isActive = activeGroup === undefined && index === selection?.index;
    return renderCall({ row, index, rowId, offset, isActive, level: node.level + 1, place, siblings: node.group.calls });
  };
  return (
    // One widget, as the list: its rows are reached through the grid's own keyboard.
    <div
      class="call-list"
      onClick={onClick}
      onContextMenu={(event) => {
        const context = { model, menus, grid: element.current, choose: goTo };
        if (!onGroupContextMenu(event, context)) onRowContextMenu(event, context);
      }}
    >
      <VirtualList
        scroller={scroller}
        count={count}
        role="treegrid"
        label={words.label(layout)}
        columnCount={columns.length}
        isMultiSelectable
        header={<ListHeader model={model} menus={menus} shown={columns} />}
        headerHeight={ROW_HEIGHT}
        activeIndex={active}
        renderRow={renderRow}
        onVisible={onVisible}
        onKeyDown={onKeyDown}
        elementRef={setElement}
        style={{ '--scale-us': model.visible.barScaleUs.value, '--columns': template }}
        busy={!groups.isLoaded.value}
      />
      <NewChip model={model} />
    </div>
  );
}
