/** Owns a clock for tests that is the system's, but for what the gateway looks after every few minutes: tests say when. */
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';

const LONG_MS = 60_000;

export class QuietClock implements Clock {
  readonly wallMs = systemClock.wallMs;
  readonly monotonicUs = systemClock.monotonicUs;
  readonly #long = new Set<() => void>();

  timer(delayMs: number, fn: () => void): ReturnType<Clock['timer']> {
    if (delayMs < LONG_MS) return systemClock.timer(delayMs, fn);
    const run = (): void => fn();
    this.#long.add(run);
    return toDisposable(() => this.#long.delete(run));
  }

  /** Runs the long timers, each once. */
  minutesPass(): void {
    const due = [...this.#long];
    this.#long.clear();
    for (const run of due) run();
  }
}
