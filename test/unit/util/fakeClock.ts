/** Owns time in unit tests: it stands still until a test moves it on; timers then fire in the order of their times. */
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable, type Disposable } from '../../../src/extension/util/lifecycle';

export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ atMs: number; fn: () => void }>();

  constructor(private readonly startMs = Date.UTC(2026, 9, 5, 12)) {}

  wallMs(): number {
    return this.startMs + this.#nowMs;
  }

  monotonicUs(): number {
    return this.#nowMs * 1000;
  }

  timer(delayMs: number, fn: () => void): Disposable {
    const timer = { atMs: this.#nowMs + delayMs, fn };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  /** Timers that have neither fired nor been disposed. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Moves on; between two timers whatever waits for a promise gets its turn. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fn();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Lets everything that waits for settled promises run. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
