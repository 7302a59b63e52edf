/** Owns what a list of rows does by itself, as the list and the groups both do: focus, moves under the view, revealing. */
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ListScroller } from '../../components/listScroller';
import type { TrafficModel } from '../model/trafficModel';

export interface RowList {
  readonly element: { readonly current: HTMLDivElement | null };
  readonly setElement: (element: HTMLDivElement | null) => void;
}

/** `gridRef` takes the grid's element, so that others can give it the focus. */
export function useRowList(model: TrafficModel, scroller: ListScroller, rowHeight: number, gridRef: (element: HTMLDivElement | null) => void): RowList {
  const element = useRef<HTMLDivElement | null>(null);
  const setElement = useCallback(
    (next: HTMLDivElement | null) => {
      element.current = next;
      gridRef(next);
    },
    [gridRef],
  );

  useEffect(() => {
    scroller.rowToKeep = () => model.selection.peek()?.index;
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

  // Rows moved under the view (retention took the oldest, a group came in above): move with them.
  const shift = model.shift.value;
  const doneShift = useRef(shift);
  useLayoutEffect(() => {
    if (!shift || shift === doneShift.current) return;
    doneShift.current = shift;
    const isKeptElsewhere = model.settings.layout.peek() === 'list' && model.following.peek();
    if (!isKeptElsewhere) scroller.scrollTo(scroller.space.top + shift.by * rowHeight);
  }, [shift, scroller, model, rowHeight]);

  // The detail takes room away, perhaps from over the very row it is about.
  const isDetailOpen = model.isDetailOpen.value;
  useEffect(() => {
    const index = model.selection.peek()?.index;
    if (!isDetailOpen || index === undefined) return undefined;
    const frame = requestAnimationFrame(() => scroller.reveal(index));
    return () => cancelAnimationFrame(frame);
  }, [isDetailOpen, scroller, model]);

  // A call that was gone to from elsewhere, such as a nested one, comes into view.
  const selectedId = model.selection.value?.id;
  const seenId = useRef(selectedId);
  useEffect(() => {
    if (seenId.current === selectedId) return;
    seenId.current = selectedId;
    const index = model.selection.peek()?.index;
    if (index !== undefined) scroller.reveal(index);
  }, [selectedId, scroller, model]);

  return { element, setElement };
}
