/** Owns time for webview tests: it stands still until a test moves it. */
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';

export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<{ readonly atMs: number; readonly fn: () => void }>();

  wallMs(): number {
    return this.#nowMs;
  }

  monotonicUs(): number {
    return this.#nowMs * 1000;
  }

  timer(delayMs: number, fn: () => void): ReturnType<Clock['timer']> {
    const entry = { atMs: this.#nowMs + delayMs, fn };
    this.#timers.add(entry);
    return toDisposable(() => this.#timers.delete(entry));
  }

  /** Lets time pass: runs what falls due, in order, and the promises in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await flush();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.fn();
      await flush();
    }
    this.#nowMs = endMs;
    await flush();
  }
}

/** Lets every promise that is settled already be noticed, several steps deep. */
export async function flush(): Promise<void> {
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
}
