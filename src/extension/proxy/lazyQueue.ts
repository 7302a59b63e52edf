/**
 * Owns "do this unless it was settled within N ms" for many short-lived things at the price of one timer: all wait the
 * same time, so a queue in order of arrival is enough.
 */
import type { Clock } from '../util/clock';
import { MutableDisposable, type Disposable } from '../util/lifecycle';

export class LazyQueue<T> implements Disposable {
  #items: { readonly dueUs: number; readonly item: T }[] = [];
  readonly #timer = new MutableDisposable<Disposable>();

  /** `isSettled` items are passed over when their time comes. */
  constructor(
    private readonly delayMs: number,
    private readonly clock: Clock,
    private readonly isSettled: (item: T) => boolean,
    private readonly onDue: (item: T) => void,
  ) {}

  add(item: T): void {
    this.#items.push({ dueUs: this.clock.monotonicUs() + this.delayMs * 1000, item });
    if (!this.#timer.value) this.#arm(this.delayMs);
  }

  #arm(delayMs: number): void {
    this.#timer.value = this.clock.timer(delayMs, () => {
      this.#timer.clear();
      const now = this.clock.monotonicUs() + 500;
      const items = this.#items;
      let k = 0;
      while (k < items.length && (items[k]!.dueUs <= now || this.isSettled(items[k]!.item))) k++;
      this.#items = items.slice(k);
      const next = this.#items[0];
      if (next) this.#arm(Math.max(1, Math.ceil((next.dueUs - now) / 1000)));
      for (const { item } of items.slice(0, k)) if (!this.isSettled(item)) this.onDue(item);
    });
  }

  dispose(): void {
    this.#timer.dispose();
    this.#items = [];
  }
}
