/**
 * Owns "do this unless it was settled within N ms" for many short-lived things at the price of one timer: all wait the
 * same time, so a queue in order of arrival is enough. What is settled is let go of at once: most are, and all that they
 * hold would otherwise live as long as the wait, and be moved about by the garbage collector meanwhile.
 */
import type { Clock } from '../util/clock';
import { FreshMap } from '../util/freshMap';
import { MutableDisposable, type Disposable } from '../util/lifecycle';

export class LazyQueue<T> implements Disposable {
  /** When each is due, monotonic microseconds, in order. */
  readonly #due = new FreshMap<T, number>();
  readonly #timer = new MutableDisposable<Disposable>();

  constructor(
    private readonly delayMs: number,
    private readonly clock: Clock,
    private readonly onDue: (item: T) => void,
  ) {}

  add(item: T): void {
    this.#due.set(item, this.clock.monotonicUs() + this.delayMs * 1000);
    if (!this.#timer.value) this.#arm(this.delayMs);
  }

  /** It needs no waiting for any more. */
  settle(item: T): void {
    this.#due.delete(item);
  }

  #arm(delayMs: number): void {
    this.#timer.value = this.clock.timer(delayMs, () => {
      this.#timer.clear();
      const now = this.clock.monotonicUs() + 500;
      const due: T[] = [];
      for (const [item, dueUs] of this.#due) {
        if (dueUs > now) {
          this.#arm(Math.max(1, Math.ceil((dueUs - now) / 1000)));
          break;
        }
        due.push(item);
      }
      for (const item of due) this.#due.delete(item);
      for (const item of due) this.onDue(item);
    });
  }

  dispose(): void {
    this.#timer.dispose();
    this.#due.clear();
  }
}
