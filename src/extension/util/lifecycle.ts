/**
 * Owns the idea of a lifetime: whatever holds a listener, timer, child process or socket is a `Disposable`, and its
 * owner keeps it in a `DisposableStore`. Disposing twice is harmless; adding to a disposed store disposes at once.
 * Tests install a tracker to fail on what was never disposed.
 */
export interface Disposable {
  dispose(): void;
}

/** Told of every disposable made and disposed through this module; installed by tests only. */
export interface LeakTracker {
  made(disposable: Disposable): void;
  disposed(disposable: Disposable): void;
}

let tracker: LeakTracker | undefined;

export function setLeakTracker(next: LeakTracker | undefined): void {
  tracker = next;
}

/** Makes a disposable of a function; the function runs once at most. */
export function toDisposable(fn: () => void): Disposable {
  let done = false;
  const self: Disposable = {
    dispose() {
      if (done) return;
      done = true;
      tracker?.disposed(self);
      fn();
    },
  };
  tracker?.made(self);
  return self;
}

/** Owns any number of disposables and disposes them last-in, first-out. One that throws does not keep the others alive. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  constructor() {
    tracker?.made(this);
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  /** Gives an item up without disposing it. */
  release(item: Disposable): void {
    this.#items.delete(item);
  }

  /** Disposes what is held now; the store stays usable. */
  clear(): void {
    const items = [...this.#items].reverse();
    this.#items.clear();
    const failures: unknown[] = [];
    for (const item of items) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several disposables failed');
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    tracker?.disposed(this);
    this.clear();
  }
}

/** Owns at most one disposable; setting another disposes the one before. */
export class MutableDisposable<T extends Disposable> implements Disposable {
  #value: T | undefined;
  #disposed = false;

  get value(): T | undefined {
    return this.#value;
  }

  set value(next: T | undefined) {
    if (next === this.#value) return;
    const before = this.#value;
    this.#value = this.#disposed ? undefined : next;
    before?.dispose();
    if (this.#disposed) next?.dispose();
  }

  clear(): void {
    this.value = undefined;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.clear();
  }
}
