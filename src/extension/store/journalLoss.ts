/** Owns what is known of entries that could not be kept, from the first failure until writing works again, and how that is said in the log. */
import type { EventMeta } from './types';

const firstRetryMs = 100;
const lastRetryMs = 2000;

export class JournalLoss {
  /** How many entries are missing. */
  count = 0;
  #fromMs: number;
  #toMs: number;
  #firstNumber: number;
  #lastNumber: number;
  #retryMs = firstRetryMs;

  /** `n`: number of the entry that could not be kept; 0: there was none to keep yet. */
  constructor(
    n: number,
    wallMs: number,
    readonly reason: string,
  ) {
    this.#fromMs = this.#toMs = wallMs;
    this.#firstNumber = this.#lastNumber = n;
  }

  add(n: number, wallMs: number): void {
    // Writing may have been impossible long before there was something to write.
    if (this.count === 0) {
      this.#fromMs = wallMs;
      this.#firstNumber = n;
    }
    this.count++;
    this.#toMs = wallMs;
    this.#lastNumber = n;
  }

  /** What is missing since then is missing as well. */
  include(later: JournalLoss): void {
    this.count += later.count;
    this.#toMs = later.#toMs;
    this.#lastNumber = later.#lastNumber;
  }

  /** How long to wait before writing is tried again, milliseconds: longer each time. */
  nextRetryMs(): number {
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(retryMs * 2, lastRetryMs);
    return retryMs;
  }

  /** The event that says what is missing. */
  gap(): EventMeta {
    return gapOf(this.count, this.#fromMs, this.#toMs, this.#firstNumber, this.#lastNumber, this.reason);
  }
}

/** `unsynced`: they were written, and may be missing after a power cut. */
export function gapOf(count: number, fromMs: number, toMs: number, firstNumber: number, lastNumber: number, reason: string, unsynced?: 'unsynced'): EventMeta {
  return { k: 'event', type: 'store.gap', data: { count, fromMs, toMs, firstNumber, lastNumber, reason, ...(unsynced ? { unsynced: true } : {}) } };
}
