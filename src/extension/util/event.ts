/**
 * Owns typed events in VS Code's own shape (`event(listener)` gives a Disposable), without importing VS Code, so that
 * every rank can use them. A listener that throws never keeps the others from hearing; the failure goes to the
 * handler given to the emitter, or is rethrown on a microtask.
 */
import { toDisposable, type Disposable } from './lifecycle';

export type Event<T> = (listener: (event: T) => void) => Disposable;

/** Fires when any of these does, and leaves out what it says. */
export function anyOf(...events: readonly Event<unknown>[]): Event<void> {
  return (listener) => {
    const heard = events.map((event) => event(() => listener()));
    return toDisposable(() => {
      for (const one of heard) one.dispose();
    });
  };
}

export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(event: T) => void>();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure?: (error: unknown) => void) {
    this.#onFailure =
      onFailure ??
      ((error) => {
        queueMicrotask(() => {
          throw error;
        });
      });
  }

  readonly event: Event<T> = (listener) => {
    // A wrapper per subscription: the same function may listen twice.
    const entry = (event: T): void => listener(event);
    this.#listeners.add(entry);
    return toDisposable(() => this.#listeners.delete(entry));
  };

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  fire(event: T): void {
    // A copy: who subscribes while an event is delivered hears the next one, not this one.
    const listeners = Array.from(this.#listeners);
    for (const listener of listeners) {
      // Who unsubscribed because of this very event must not hear it: what it works on may be gone.
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        this.#onFailure(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
