/** Owns the bytes of a text: offset, hexadecimal, and what can be read of it. Only rows in view are drawn. */
import type { VNode } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { ListScroller } from './listScroller';
import { useWidth } from './useWidth';
import { moveByKey, VirtualList } from './VirtualList';

const ROW_HEIGHT = 20;
/** From this width on, in pixels, a row holds sixteen bytes; else eight. */
const WIDE_FROM = 580;

export function HexView({ text, label }: { readonly text: string; readonly label: string }): VNode {
  const element = useRef<HTMLDivElement | null>(null);
  const bytes = useMemo(() => new TextEncoder().encode(text), [text]);
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), [text]);
  const [active, setActive] = useState(0);
  const perRow = useWidth(element, WIDE_FROM) >= WIDE_FROM ? 16 : 8;
  const count = Math.ceil(bytes.length / perRow);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveByKey(event, active, count, scroller.space.pageRows);
    if (next === undefined) return;
    setActive(next);
    scroller.reveal(next);
    event.preventDefault();
    event.stopPropagation();
  };
  const renderRow = (index: number, rowId: string, offset: number): VNode => {
    const part = bytes.subarray(index * perRow, (index + 1) * perRow);
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
          {(index * perRow).toString(16).padStart(8, '0')}
        </span>
        <span role="gridcell" class="hex-bytes">
          {hex(part, perRow)}
        </span>
        <span role="gridcell" class="hex-text">
          {readable(part)}
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

/** Groups of eight, padded to a full row. */
export function hex(bytes: Uint8Array, perRow: number): string {
  const all = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  while (all.length < perRow) all.push('  ');
  const groups: string[] = [];
  for (let start = 0; start < all.length; start += 8) groups.push(all.slice(start, start + 8).join(' '));
  return groups.join('  ');
}

export function readable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}
