/**
 * Owns the arithmetic of a list of any number of fixed-height rows in a browser that caps the height of an element.
 * Pure: no DOM. `top` is the true position in pixels over all rows; `native` is the scroll position of the element,
 * whose height is capped.
 *
 * Invariants: a small native move moves `top` by exactly as much, so wheel and touch stay smooth; a large one (the
 * thumb is dragged) moves in proportion; first and last row are always reachable. Near both ends the two spaces differ
 * by a constant only, so that scrolling there never has to be corrected.
 */
export interface RowRange {
  /** First row, inclusive. */
  readonly first: number;
  /** Last row, exclusive. */
  readonly end: number;
}

/** Chromium caps at about 33 million physical pixels; this leaves room for 400 % zoom. */
export const MAX_NATIVE_HEIGHT = 8_000_000;
/** Part of the native range at each end in which one native pixel is one true pixel. */
const EXACT_SHARE = 0.05;

export class ScrollSpace {
  #count = 0;
  #viewport = 0;
  #top = 0;
  #native = 0;

  constructor(
    readonly rowHeight: number,
    private readonly maxHeight: number = MAX_NATIVE_HEIGHT,
  ) {}

  get count(): number {
    return this.#count;
  }
  get viewport(): number {
    return this.#viewport;
  }
  get top(): number {
    return this.#top;
  }
  get native(): number {
    return this.#native;
  }
  /** Height of all rows, had the browser no cap. */
  get trueHeight(): number {
    return this.#count * this.rowHeight;
  }
  /** Height to give to the element that scrolls. */
  get nativeHeight(): number {
    return Math.min(this.trueHeight, this.maxHeight);
  }
  get maxTop(): number {
    return Math.max(0, this.trueHeight - this.#viewport);
  }
  get maxNative(): number {
    return Math.max(0, this.nativeHeight - this.#viewport);
  }
  get isScaled(): boolean {
    return this.trueHeight > this.maxHeight;
  }
  get atEnd(): boolean {
    return this.#top >= this.maxTop - 1;
  }
  /** Where row 0 would stand inside the element, in its own pixels; row i stands `i * rowHeight` further down. */
  get base(): number {
    return this.#native - this.#top;
  }

  /** Changes number of rows or viewport height; `top` stays where it is, or is cut to what there is. */
  resize(count: number, viewport: number): void {
    const wasSynchronous = this.#native === this.#idealNative();
    this.#count = Math.max(0, Math.floor(count));
    this.#viewport = Math.max(0, viewport);
    this.#top = clamp(this.#top, 0, this.maxTop);
    // Drift that a running gesture built up is kept until it rests: jumping now would be seen.
    this.#native = wasSynchronous || !this.isScaled ? this.#idealNative() : clamp(this.#native, 0, this.maxNative);
  }

  /** The element was scrolled to `native` by the user. */
  onNativeScroll(native: number): void {
    const next = clamp(native, 0, this.maxNative);
    const delta = next - this.#native;
    const isSmall = Math.abs(delta) <= Math.max(2 * this.#viewport, 1_000);
    this.#native = next;
    if (!this.isScaled) this.#top = next;
    else if (isSmall) this.#top = clamp(this.#top + delta, 0, this.maxTop);
    else this.#top = this.#topAt(next);
  }

  scrollTo(top: number): void {
    this.#top = clamp(top, 0, this.maxTop);
    this.#native = this.#idealNative();
  }

  scrollToEnd(): void {
    this.scrollTo(this.maxTop);
  }

  /** Scrolls as little as needed to show the row whole. Gives false where it was in view already. */
  reveal(index: number): boolean {
    const from = index * this.rowHeight;
    const to = from + this.rowHeight - this.#viewport;
    if (this.#top > from) this.scrollTo(from);
    else if (this.#top < to) this.scrollTo(to);
    else return false;
    return true;
  }

  /** Whether the row is in view, whole. */
  shows(index: number): boolean {
    return index * this.rowHeight >= this.#top && (index + 1) * this.rowHeight <= this.#top + this.#viewport;
  }

  /** Scrolling rests: brings the native position back in step. Gives true where it has to move. */
  settle(): boolean {
    const ideal = this.#idealNative();
    if (Math.abs(ideal - this.#native) < 1) return false;
    this.#native = ideal;
    return true;
  }

  /** Rows that can be seen, cut rows included. */
  visible(): RowRange {
    const first = clamp(Math.floor(this.#top / this.rowHeight), 0, this.#count);
    const end = clamp(Math.ceil((this.#top + this.#viewport) / this.rowHeight), first, this.#count);
    return { first, end };
  }

  /** Rows that fit whole, at least one: the step of Page Up and Page Down. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.#viewport / this.rowHeight));
  }

  #exact(): number {
    return Math.min(Math.floor(this.maxHeight * EXACT_SHARE), this.maxNative / 2);
  }

  #idealNative(): number {
    if (!this.isScaled) return this.#top;
    const exact = this.#exact();
    if (this.#top <= exact) return this.#top;
    if (this.#top >= this.maxTop - exact) return this.maxNative - (this.maxTop - this.#top);
    return Math.round(exact + (this.#top - exact) * this.#compression());
  }

  #topAt(native: number): number {
    const exact = this.#exact();
    if (native <= exact) return native;
    if (native >= this.maxNative - exact) return this.maxTop - (this.maxNative - native);
    return Math.round(exact + (native - exact) / this.#compression());
  }

  /** Native pixels per true pixel between the two exact ends. */
  #compression(): number {
    const exact = this.#exact();
    return (this.maxNative - 2 * exact) / (this.maxTop - 2 * exact);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
