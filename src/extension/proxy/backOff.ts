/** Owns how long a server that failed is left alone: longer each time, and as at first once it has run for a while. */
const FIRST_MS = 1000;
const MAX_MS = 60_000;
/** A server that ran this long before it was lost starts again without delay growth. */
const STABLE_MS = 60_000;

export class BackOff {
  #failures = 0;

  /** How often it has failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Takes in a failure after `ranMs` of running; gives how long to wait, milliseconds. */
  failed(ranMs: number): number {
    if (ranMs >= STABLE_MS) this.#failures = 0;
    return Math.min(FIRST_MS * 2 ** this.#failures++, MAX_MS);
  }
}
