/**
 * Owns following the newest call: whether the list does, since when not, and how many came in where nobody looks.
 *
 * Invariant: it follows only while the user is where new calls come in.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { RowRange } from '../../components/scrollSpace';
import type { CallFeed } from './callFeed';
import type { Layouts } from './layouts';

export class Tail {
  readonly following = signal(true);
  /** How many calls there were when the user left. */
  readonly leftAt = signal(0);

  constructor(private readonly feed: () => CallFeed) {}

  /** Calls that came since the user left; none where it is not known where new ones come in. */
  newCount(layouts: Layouts, range: () => RowRange): ReadonlySignal<number> {
    return computed(() => {
      const feed = this.feed();
      if (layouts.source.value !== feed || layouts.isPaused.value) return 0;
      const total = feed.total.value;
      const { sort } = feed.shown.value;
      if (sort && sort.by !== 'time') return 0;
      const { first, end } = range();
      // What is in view need not be announced.
      const isUnseen = !this.following.value && (sort ? first > 0 : end < total);
      return isUnseen ? Math.max(0, total - this.leftAt.value) : 0;
    });
  }

  leave(): void {
    if (!this.following.peek()) return;
    batch(() => {
      this.leftAt.value = this.feed().total.peek();
      this.following.value = false;
    });
  }

  /** Rows moved, such as after retention: what was seen is counted from there. */
  moved(by: number): void {
    if (this.feed().isNewestLast) this.leftAt.value += by;
  }
}
