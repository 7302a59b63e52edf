/**
 * Owns bytes as rows of one height, so many to a row as fit: which row is the active one, moving by keys, going to a place.
 * Only rows in view are drawn, and asked for. Knows nothing of what a row shows.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ByteSource } from './byteSource';
import { ListScroller } from './listScroller';
import { useWidth } from './useWidth';
import { moveByKey, VirtualList } from './VirtualList';

/** Width in pixels of a character until one is there to be measured. */
const USUAL_CHARACTER = 7.2;
/** Width in pixels until the element is there. */
const USUAL_WIDTH = 600;

export interface ByteRowsProps {
  readonly bytes: ByteSource;
  readonly label: string;
  /** Class of the list, and of a row. */
  readonly class: string;
  readonly rowClass: string;
  /** Pixels. */
  readonly rowHeight: number;
  readonly columnCount: number;
  /** How many bytes stand in a row of this width, where a character is so wide. */
  readonly perRowOf: (width: number, character: number) => number;
  /** A place to go to: its row becomes the active one. */
  readonly goTo?: { readonly offset: number } | undefined;
  /** The cells of the row that begins at this byte. */
  readonly cells: (start: number, perRow: number) => ComponentChildren;
}

export function ByteRows({ bytes, label, class: list, rowClass, rowHeight, columnCount, perRowOf, goTo, cells }: ByteRowsProps): VNode {
  void bytes.revision.value;
  const element = useRef<HTMLDivElement | null>(null);
  const rule = useRef<HTMLSpanElement>(null);
  const scroller = useMemo(() => new ListScroller(rowHeight), [bytes, rowHeight]);
  const [active, setActive] = useState(0);
  const [character, setCharacter] = useState(USUAL_CHARACTER);
  useLayoutEffect(() => {
    // Ten characters, in whatever font the user reads code in.
    const width = rule.current?.getBoundingClientRect().width ?? 0;
    if (width > 0) setCharacter(width / 10);
  });
  const perRow = perRowOf(useWidth(element, USUAL_WIDTH), character);
  const count = Math.ceil(bytes.length / perRow);
  const go = (index: number): void => {
    setActive(index);
    scroller.reveal(index);
  };
  useLayoutEffect(() => {
    if (goTo) go(Math.floor(goTo.offset / perRow));
  }, [goTo]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveByKey(event, active, count, scroller.space.pageRows);
    if (next === undefined) return;
    go(next);
    event.preventDefault();
    event.stopPropagation();
  };
  const renderRow = (index: number, rowId: string, offset: number): VNode => (
    <div
      key={index}
      id={rowId}
      role="row"
      aria-rowindex={index + 1}
      class={`byte-row ${rowClass}${index === active ? ' active' : ''}`}
      style={{ top: `${offset}px` }}
      onClick={() => setActive(index)}
    >
      {cells(index * perRow, perRow)}
    </div>
  );
  return (
    <>
      <span class="byte-rule" aria-hidden="true" ref={rule}>
        mmmmmmmmmm
      </span>
      <VirtualList
        scroller={scroller}
        count={count}
        label={label}
        class={`byte-rows ${list}`}
        columnCount={columnCount}
        activeIndex={Math.min(active, count - 1)}
        renderRow={renderRow}
        onKeyDown={onKeyDown}
        elementRef={(next) => (element.current = next)}
      />
    </>
  );
}
