/**
 * Owns time: every timestamp and timer of the product comes from a `Clock`, so tests can hold time still.
 * `wallMs` says when (Unix epoch, milliseconds); `monotonicUs` says how long (microseconds, never goes back).
 */
import { toDisposable, type Disposable } from './lifecycle';

export interface Clock {
  /** Unix epoch, milliseconds, whole. */
  wallMs(): number;
  /** Microseconds since an arbitrary start; never goes backwards, whole. */
  monotonicUs(): number;
  /** Runs `fn` once after `delayMs`; disposing cancels it. */
  timer(delayMs: number, fn: () => void): Disposable;
}

// Named here because this file compiles without the DOM's and without Node's types.
declare const performance: { now(): number };
declare function setTimeout(fn: () => void, ms: number): unknown;
declare function clearTimeout(handle: unknown): void;

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicUs: () => Math.round(performance.now() * 1000),
  timer(delayMs, fn) {
    const handle = setTimeout(() => {
      timer.dispose();
      fn();
    }, delayMs);
    const timer = toDisposable(() => clearTimeout(handle));
    return timer;
  },
};
