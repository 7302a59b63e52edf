/** Owns the bytes of a text: offset, hexadecimal, and what can be read of it. Only rows in view are drawn. */
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ListScroller } from './listScroller';
import { useWidth } from './useWidth';
import { moveByKey, VirtualList } from './VirtualList';

const ROW_HEIGHT = 20;
/** Width of a character until one is there to be measured. */
const USUAL_CHARACTER = 7.2;
/** Gaps between the columns and at both ends. */
const GAPS = 56;

export function HexView({ text, label }: { readonly text: string; readonly label: string }): VNode {
  const element = useRef<HTMLDivElement | null>(null);
  const bytes = useMemo(() => new TextEncoder().encode(text), [text]);
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), [text]);
  const [active, setActive] = useState(0);
  const [character, setCharacter] = useState(USUAL_CHARACTER);
  useLayoutEffect(() => {
    // The offset has eight characters, in whatever font the user reads code in.
    const offset = element.current?.querySelector('.hex-offset')?.getBoundingClientRect().width ?? 0;
    if (offset > 0) setCharacter(offset / 8);
  });
  const perRow = bytesPerRow(useWidth(element, 600), character);
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

/** As many bytes as fit whole: offset, three characters per byte and one for what it reads as. */
export function bytesPerRow(width: number, character: number): number {
  return [16, 8].find((count) => (8 + 4 * count) * character + GAPS <= width) ?? 4;
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
