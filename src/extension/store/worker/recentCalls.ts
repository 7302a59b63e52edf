/**
 * Owns what is known of a journal's calls without its table being asked: how many there are, from when to when, and the newest
 * of them. Calls change after they are listed, and are seen here as they are.
 */
import type { CallRecord } from './callRecords';
import { noExtent, type Extent } from './source';

/** So many of the newest are known, and up to twice as many: no page is longer. */
const listed = 1000;

export class RecentCalls {
  /** The newest, oldest first. */
  readonly #newest: CallRecord[] = [];
  #calls = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;

  /** A call that is new, or not. */
  add(call: CallRecord): void {
    if (call.isListed) return;
    call.isListed = true;
    this.#calls++;
    this.#minMs = Math.min(this.#minMs, call.timeMs);
    this.#maxMs = Math.max(this.#maxMs, call.timeMs);
    const newest = this.#newest;
    let place = newest.length;
    // Mostly the last one; clocks are set back, and calls that were open before come with their own time.
    while (place > 0 && compare(newest[place - 1]!, call) > 0) place--;
    if (place === 0 && newest.length > 0 && newest.length < this.#calls - 1) return;
    newest.splice(place, 0, call);
    if (newest.length > 2 * listed) newest.splice(0, newest.length - listed);
  }

  get extent(): Extent {
    return this.#calls > 0 ? { calls: this.#calls, minMs: this.#minMs, maxMs: this.#maxMs } : noExtent;
  }

  /** The newest calls, newest first; `undefined` where so many are not known here. */
  newest(limit: number): CallRecord[] | undefined {
    return this.#holds(limit) ? this.#newest.slice(Math.max(0, this.#newest.length - limit)).reverse() : undefined;
  }

  /** How many are newer than a place in the order of time, number and part; `undefined`: more than are known here. */
  after(timeMs: number, n: number, part: number): number | undefined {
    const newest = this.#newest;
    let place = newest.length;
    while (place > 0 && compare(newest[place - 1]!, { timeMs, frame: n, part }) > 0) place--;
    return place > 0 || this.#holds(newest.length + 1) ? newest.length - place : undefined;
  }

  #holds(limit: number): boolean {
    return limit <= this.#newest.length || this.#newest.length === this.#calls;
  }
}

type Placed = Pick<CallRecord, 'timeMs' | 'frame' | 'part'>;

function compare(a: Placed, b: Placed): number {
  return a.timeMs - b.timeMs || a.frame - b.frame || a.part - b.part;
}
