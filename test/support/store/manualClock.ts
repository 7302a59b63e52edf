/** Owns time in tests of what is synchronous: it stands still until a test moves it on; timers that are due then run, in the order in which they were set. */
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable, type Disposable } from '../../../src/extension/util/lifecycle';

export class ManualClock implements Clock {
  us = 0;
  readonly #timers = new Set<{ readonly dueUs: number; readonly fn: () => void }>();
  readonly wallMs = (): number => 1_700_000_000_000 + Math.floor(this.us / 1000);
  readonly monotonicUs = (): number => this.us;

  timer(delayMs: number, fn: () => void): Disposable {
    const timer = { dueUs: this.us + delayMs * 1000, fn };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  advance(ms: number): void {
    this.us += ms * 1000;
    for (const timer of [...this.#timers].filter(({ dueUs }) => dueUs <= this.us)) if (this.#timers.delete(timer)) timer.fn();
  }
}
