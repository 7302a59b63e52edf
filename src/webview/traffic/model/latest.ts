/**
 * Owns "only the newest question counts": one job under way at most, aborted when a newer one comes. The outcome of a
 * job that was superseded is dropped, so that it never overwrites newer data.
 */
import { isAppError } from '../../../extension/util/errors';
import type { Disposable } from '../../../extension/util/lifecycle';

export class Latest implements Disposable {
  #current: AbortController | undefined;

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Runs `job`; calls `done` or `failed` unless something newer was run or `cancel` was called meanwhile. */
  run<T>(job: (signal: AbortSignal) => Promise<T>, done: (value: T) => void, failed: (error: unknown) => void): void {
    this.cancel();
    const current = new AbortController();
    this.#current = current;
    const settle = (report: () => void): void => {
      if (this.#current !== current) return;
      this.#current = undefined;
      report();
    };
    job(current.signal).then(
      (value) => settle(() => done(value)),
      (error: unknown) => settle(() => {
        if (!isAppError(error, 'cancelled')) failed(error);
      }),
    );
  }

  cancel(): void {
    this.#current?.abort();
    this.#current = undefined;
  }

  dispose(): void {
    this.cancel();
  }
}
