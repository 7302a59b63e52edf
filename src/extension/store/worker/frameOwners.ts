/**
 * Owns which call a frame belongs to: for all frames of calls that are running, and for the latest ones of calls that are
 * settled, which late messages may still refer to.
 */
import type { CallRecord } from './callRecords';

/** Of so many frames of settled calls, and up to twice as many, late messages may still refer to any. */
const rememberedFrames = 10_000;

export class FrameOwners {
  readonly #running = new Map<number, CallRecord>();
  /** Frames of settled calls in two generations: leaving a whole map costs nothing, deleting its oldest entry much. */
  #recent = new Map<number, CallRecord>();
  #older = new Map<number, CallRecord>();

  /** The frame belongs to a call that is running. */
  hold(n: number, call: CallRecord): void {
    this.#running.set(n, call);
  }

  /** The frame belongs to a call that is settled, or says nothing that has to be known for long. */
  remember(n: number, call: CallRecord): void {
    if (this.#recent.size >= rememberedFrames) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(n, call);
  }

  /** The call runs no more. */
  settle(call: CallRecord): void {
    this.#settle(call.frame, call);
    this.#settle(call.otherRequestFrame, call);
    this.#settle(call.otherResponseFrame, call);
    this.#settle(call.responseFrame, call);
  }

  #settle(n: number | undefined, call: CallRecord): void {
    if (n !== undefined && this.#running.delete(n)) this.remember(n, call);
  }

  get(n: number): CallRecord | undefined {
    return this.#running.get(n) ?? this.#recent.get(n) ?? this.#older.get(n);
  }
}
