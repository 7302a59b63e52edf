/**
 * Owns the link between a ScrollSpace and the element that scrolls: reads native scrolling, writes programmatic
 * scrolling, tells its listeners when the rows to show changed. One per VirtualList; its owner keeps it to scroll the
 * list from outside.
 */
import { Emitter } from '../../extension/util/event';
import { ScrollSpace, type RowRange } from './scrollSpace';

/** Scrolling that has paused this long counts as at rest. */
const REST_MS = 150;

export class ListScroller {
  readonly space: ScrollSpace;
  /** The rows to show, or where they stand, changed. */
  readonly #moved = new Emitter<void>();
  /** The user (not the program) moved the list. */
  readonly #userScrolled = new Emitter<{ readonly atEnd: boolean; readonly atStart: boolean }>();
  readonly onMoved = this.#moved.event;
  readonly onUserScrolled = this.#userScrolled.event;
  /** The row that must not be lost from view when the room changes, such as the selected one. */
  rowToKeep: (() => number | undefined) | undefined;
  #element: HTMLElement | undefined;
  #headerHeight = 0;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #last: RowRange & { readonly base: number } = { first: 0, end: 0, base: 0 };

  constructor(rowHeight: number, maxHeight?: number) {
    this.space = new ScrollSpace(rowHeight, maxHeight);
  }

  /** Starts to follow the element; the result undoes it. `headerHeight`: of what sticks to the top inside it. */
  attach(element: HTMLElement, headerHeight: number): () => void {
    this.#element = element;
    this.#headerHeight = headerHeight;
    const onScroll = (): void => this.#onScroll();
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(() => this.measure());
    observer?.observe(element);
    this.measure();
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer?.disconnect();
      clearTimeout(this.#restTimer);
      this.#element = undefined;
    };
  }

  /** Reads the height of the viewport anew. A row that matters and was in view stays in view. */
  measure(): void {
    const height = this.#element?.clientHeight ?? 0;
    const row = this.rowToKeep?.();
    const wasInView = row !== undefined && this.space.shows(row);
    this.resize(this.space.count, Math.max(0, height - this.#headerHeight));
    if (wasInView) this.reveal(row);
  }

  setCount(count: number): void {
    this.resize(count, this.space.viewport);
  }

  resize(count: number, viewport: number): void {
    if (count === this.space.count && viewport === this.space.viewport) return;
    this.space.resize(count, viewport);
    this.#moved.fire();
  }

  scrollTo(top: number): void {
    this.space.scrollTo(top);
    this.#moved.fire();
  }

  scrollToEnd(): void {
    this.scrollTo(this.space.maxTop);
  }

  reveal(index: number): void {
    if (this.space.reveal(index)) this.#moved.fire();
  }

  /** Writes the position to the element; called after the element got its height. */
  flush(): void {
    const element = this.#element;
    if (element && Math.abs(element.scrollTop - this.space.native) >= 1) element.scrollTop = this.space.native;
  }

  #onScroll(): void {
    const native = this.#element?.scrollTop ?? 0;
    // Our own writing comes back as an event too; the browser may have rounded it.
    if (Math.abs(native - this.space.native) < 1.5) return;
    this.space.onNativeScroll(native);
    this.#userScrolled.fire({ atEnd: this.space.atEnd, atStart: this.space.top < 1 });
    const now = { ...this.space.visible(), base: this.space.base };
    if (now.first !== this.#last.first || now.end !== this.#last.end || now.base !== this.#last.base) {
      this.#last = now;
      this.#moved.fire();
    }
    clearTimeout(this.#restTimer);
    if (this.space.isScaled) {
      this.#restTimer = setTimeout(() => {
        if (this.space.settle()) this.#moved.fire();
      }, REST_MS);
    }
  }
}
