/** Owns waiting for many servers without letting one of them delay the others. */
import type { Clock } from '../util/clock';
import type { Disposable } from '../util/lifecycle';

export interface Grace {
  /** How long the others are waited for once the first has answered. */
  readonly afterFirstMs: number;
  readonly totalMs: number;
}

export const DEFAULT_GRACE: Grace = { afterFirstMs: 2000, totalMs: 5000 };

/**
 * Resolves when all jobs are settled or the grace is over; never rejects. Jobs that failed or are late are `undefined`;
 * the late ones go on.
 */
export function settledWithin<T>(
  jobs: readonly Promise<T>[],
  grace: Grace,
  clock: Clock,
): Promise<(T | undefined)[]> {
  return new Promise((resolve) => {
    const results: (T | undefined)[] = jobs.map(() => undefined);
    let open = jobs.length;
    let afterFirst: Disposable | undefined;
    let total: Disposable | undefined;
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      afterFirst?.dispose();
      total?.dispose();
      resolve(results);
    };
    if (open === 0) {
      finish();
      return;
    }
    total = clock.timer(grace.totalMs, finish);
    jobs.forEach((job, k) => {
      job.then(
        (value) => {
          if (isOver) return;
          results[k] = value;
          if (--open === 0) finish();
          else afterFirst ??= clock.timer(grace.afterFirstMs, finish);
        },
        () => {
          if (!isOver && --open === 0) finish();
        },
      );
    });
  });
}
