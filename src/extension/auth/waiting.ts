/**
 * Owns waiting with a limit: for something slow (a person, a browser), at most so long, and no longer than somebody
 * wants to know. Invariant: it always settles; what is waited for goes on and its late failure is nobody's surprise.
 */
import { Deferred } from '../util/async';
import type { Clock } from '../util/clock';
import { AppError } from '../util/errors';

export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
  /** The error when time has run out. */
  readonly late: () => AppError;
}

export async function within<T>(promise: Promise<T>, { clock, ms, signal, late }: Limit): Promise<T> {
  const tooLate = new Deferred<never>();
  const timer = clock.timer(ms, () => tooLate.reject(late()));
  try {
    return await unlessAborted(Promise.race([promise, tooLate.promise]), signal);
  } finally {
    timer.dispose();
  }
}

/** Waits for `promise` unless `signal` says that nobody waits any more: AppError `cancelled`. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(cancelled());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export function cancelled(): AppError {
  return new AppError('cancelled', 'The sign-in was given up.', { userFacing: false });
}
