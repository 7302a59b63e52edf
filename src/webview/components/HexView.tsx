/** Owns the bytes of a text: offset, hexadecimal, and what can be read of it. Only rows in view are drawn, and asked for. */
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ByteSource } from './byteSource';
import { hex, readable } from './hexText';
import { ListScroller } from './listScroller';
import { useWidth } from './useWidth';
import { moveByKey, VirtualList } from './VirtualList';

const ROW_HEIGHT = 20;
/** Width of a character until one is there to be measured. */
const USUAL_CHARACTER = 7.2;
/** Gaps between the columns and at both ends. */
const GAPS = 56;

export interface HexViewProps {
  readonly bytes: ByteSource;
  readonly label: string;
  /** A place to go to: its row becomes the active one. */
  readonly goTo?: { readonly offset: number } | undefined;
}

export function HexView({ bytes, label, goTo }: HexViewProps): VNode {
  void bytes.revision.value;
  const element = useRef<HTMLDivElement | null>(null);
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), [bytes]);
  const [active, setActive] = useState(0);
  const [character, setCharacter] = useState(USUAL_CHARACTER);
  useLayoutEffect(() => {
    // The offset has eight characters, in whatever font the user reads code in.
    const offset = element.current?.querySelector('.hex-offset')?.getBoundingClientRect().width ?? 0;
    if (offset > 0) setCharacter(offset / 8);
  });
  const perRow = bytesPerRow(useWidth(element, 600), character);
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
  const renderRow = (index: number, rowId: string, offset: number): VNode => {
    const start = index * perRow;
    const part = bytes.read(start, Math.min(start + perRow, bytes.length));
    return (
      <div
        key={index}
        id={rowId}
        role="row"
        aria-rowindex={index + 1}
        class={index === active ? 'hex-row active' : 'hex-row'}
        style={{ top: `${offset}px` }}
        onClick={() => setActive(index)}
      >
        <span role="gridcell" class="hex-offset">
          {start.toString(16).padStart(8, '0')}
        </span>
        <span role="gridcell" class="hex-bytes">
          {hex(part ?? new Uint8Array(), perRow)}
        </span>
        <span role="gridcell" class="hex-text">
          {part ? readable(part) : '…'}
        </span>
      </div>
    );
  };
  return (
    <VirtualList
      scroller={scroller}
      count={count}
      label={label}
      class="hex-view"
      columnCount={3}
      activeIndex={Math.min(active, count - 1)}
      renderRow={renderRow}
      onKeyDown={onKeyDown}
      elementRef={(next) => (element.current = next)}
    />
  );
}

/** As many bytes as fit whole: offset, three characters per byte and one for what it reads as. */
export function bytesPerRow(width: number, character: number): number {
  return [16, 8].find((count) => (8 + 4 * count) * character + GAPS <= width) ?? 4;
}
