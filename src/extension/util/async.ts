/**
 * Owns the small asynchronous tools every rank needs: a deferred promise, a deadline, a throttle, a serial queue.
 * None of them swallows a rejection.
 */
import type { Clock } from './clock';
import { MutableDisposable, type Disposable } from './lifecycle';

/** A promise with its two ends on the outside. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;
  #settled = false;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = (value) => {
        this.#settled = true;
        resolve(value);
      };
      this.reject = (reason) => {
        this.#settled = true;
        reject(reason);
      };
    });
  }

  get isSettled(): boolean {
    return this.#settled;
  }
}

/** Waits for `promise`, at most `ms`; gives `'late'` when time ran out. The promise itself goes on. */
export async function withDeadline<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T | 'late'> {
  const late = new Deferred<'late'>();
  const timer = clock.timer(ms, () => late.resolve('late'));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    timer.dispose();
  }
}

/**
 * Calls `fn` at once for the first `trigger` and afterwards at most once per `intervalMs`, never losing the last
 * trigger: what live views need to stay current without flooding.
 */
export class Throttle implements Disposable {
  readonly #timer = new MutableDisposable<Disposable>();
  #pending = false;
  #disposed = false;

  constructor(
    private readonly fn: () => void,
    private readonly intervalMs: number,
    private readonly clock: Clock,
  ) {}

  trigger(): void {
    if (this.#disposed) return;
    if (this.#timer.value) {
      this.#pending = true;
      return;
    }
    this.#arm();
    this.fn();
  }

  #arm(): void {
    this.#timer.value = this.clock.timer(this.intervalMs, () => {
      this.#timer.clear();
      if (!this.#pending) return;
      this.#pending = false;
      this.#arm();
      this.fn();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer.dispose();
  }
}

/** Runs asynchronous jobs one after another; a job that fails does not stop the next. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#tail.then(job, job);
    this.#tail = next.catch(() => undefined);
    return next;
  }
}
