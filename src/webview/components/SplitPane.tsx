/**
 * Owns two panes and the line between them: the second stands right of the first where there is room, below it
 * otherwise. The line can be dragged and moved with the arrow keys; its owner keeps the shares.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useWidth } from './useWidth';

const MIN_SHARE = 0.15;
const MAX_SHARE = 0.85;
const KEY_STEP = 0.02;

export interface SplitPaneProps {
  readonly first: ComponentChildren;
  /** Absent: the first pane has all the room. */
  readonly second?: ComponentChildren;
  /** From this width on, in pixels, the second pane stands right. */
  readonly wideFrom: number;
  readonly shareRight: number;
  readonly shareBelow: number;
  readonly onShare: (side: 'right' | 'below', share: number) => void;
  readonly label: string;
}

export function SplitPane(props: SplitPaneProps): VNode {
  const { first, second, wideFrom, label, onShare } = props;
  const ref = useRef<HTMLDivElement>(null);
  const isWide = useWidth(ref, 0) >= wideFrom;
  const [isDragging, setDragging] = useState(false);

  const side = isWide ? 'right' : 'below';
  const share = isWide ? props.shareRight : props.shareBelow;
  const move = (next: number): void => onShare(side, Math.round(Math.min(MAX_SHARE, Math.max(MIN_SHARE, next)) * 1000) / 1000);

  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    setDragging(true);
  };
  const onPointerMove = (event: PointerEvent): void => {
    const box = isDragging ? ref.current?.getBoundingClientRect() : undefined;
    if (!box) return;
    move(isWide ? (box.right - event.clientX) / box.width : (box.bottom - event.clientY) / box.height);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const grows = isWide ? 'ArrowLeft' : 'ArrowUp';
    const shrinks = isWide ? 'ArrowRight' : 'ArrowDown';
    if (event.key === grows) move(share + KEY_STEP);
    else if (event.key === shrinks) move(share - KEY_STEP);
    else if (event.key === 'Home') move(MAX_SHARE);
    else if (event.key === 'End') move(MIN_SHARE);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const isSplit = second !== undefined && second !== null && second !== false;
  return (
    <div ref={ref} class={`split-pane ${side}`}>
      <div class="split-first">{first}</div>
      {isSplit && (
        <div
          class={`sash ${isWide ? 'vertical' : 'horizontal'}${isDragging ? ' dragging' : ''}`}
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={isWide ? 'vertical' : 'horizontal'}
          aria-valuemin={MIN_SHARE * 100}
          aria-valuemax={MAX_SHARE * 100}
          aria-valuenow={Math.round(share * 100)}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={() => setDragging(false)}
          onPointerCancel={() => setDragging(false)}
          onDblClick={() => move(0.5)}
          onKeyDown={onKeyDown}
        />
      )}
      {isSplit && (
        <div class="split-second" style={{ flexBasis: `${share * 100}%` }}>
          {second}
        </div>
      )}
    </div>
  );
}
