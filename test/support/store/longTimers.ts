/** Owns time in tests of real workers: the system's clock, on which what is longer than a minute is over when the test says so. */
import { systemClock, type Clock } from '../../../src/extension/util/clock';

export function clockWithLongTimers(): { readonly clock: Clock; readonly pass: () => void } {
  const long = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    timer(delayMs, fn) {
      // Retention comes hourly, and is no part of this.
      if (delayMs < 60_000 || delayMs >= 3600_000) return systemClock.timer(delayMs, fn);
      long.add(fn);
      return { dispose: () => void long.delete(fn) };
    },
  };
  return { clock, pass: () => [...long].forEach((fn) => (long.delete(fn), fn())) };
}
