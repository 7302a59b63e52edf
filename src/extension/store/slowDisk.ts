/**
 * Owns what the journal does while the disk is slow. Writes are synchronous as long as they are quick; where several took
 * long in a short time (a network home, a disk that sleeps or is overloaded), they go on in the background instead, from
 * memory that is bounded, so that traffic does not wait. When the disk has been well for a while, they are synchronous again.
 *
 * While it is slow, what was passed on may not be written yet: a killed process then loses what waits here.
 */
import type * as nodeFs from 'node:fs';
import type { Clock } from '../util/clock';

/** A synchronous write that takes longer is slow. */
const slowUs = 50_000;
/** So many slow ones within this time, and writes go on in the background. */
const slowWrites = 3;
const withinUs = 10_000_000;
/** So many quick ones in the background, one after another, and they are synchronous again. */
const quickWrites = 20;
/** What waits to be written is no more than this. */
const mostPendingBytes = 16 * 1024 * 1024;

export interface PendingWrite {
  readonly fd: number;
  readonly bytes: Buffer;
  readonly position: number;
  /** The entries that these bytes are. */
  readonly entries: readonly { readonly n: number; readonly wallMs: number }[];
}

export interface SlowDiskOptions {
  readonly fs: Pick<typeof nodeFs, 'write'>;
  readonly clock: Clock;
  /** The first of what waited was written. */
  readonly onWritten: (write: PendingWrite) => void;
  /** What waited could not be written, from the first of these on; none of it waits any more. */
  readonly onFailed: (lost: readonly PendingWrite[], error: Error) => void;
  readonly onChange: (isSlow: boolean) => void;
  readonly mostPendingBytes?: number;
}

export class SlowDisk {
  #slowAtUs: number[] = [];
  #queue: PendingWrite[] = [];
  #isWriting = false;
  #quick = 0;
  #ended: (() => void) | undefined;
  isSlow = false;
  /** Bytes that were accepted and are not written yet. */
  pendingBytes = 0;

  constructor(private readonly options: SlowDiskOptions) {}

  /** A synchronous write took so long. */
  took(us: number): void {
    if (us <= slowUs) return;
    const now = this.options.clock.monotonicUs();
    this.#slowAtUs = [...this.#slowAtUs.filter((at) => now - at < withinUs), now];
    if (this.#slowAtUs.length < slowWrites) return;
    this.#slowAtUs = [];
    this.#quick = 0;
    this.isSlow = true;
    this.options.onChange(true);
  }

  /** Accepts a write, or gives false where too much waits already. The bytes must not change any more. */
  push(write: PendingWrite): boolean {
    const { mostPendingBytes: most = mostPendingBytes } = this.options;
    if (this.pendingBytes > 0 && this.pendingBytes + write.bytes.length > most) return false;
    this.#queue.push(write);
    this.pendingBytes += write.bytes.length;
    this.#next();
    return true;
  }

  /**
   * For the end: what waits, to be written synchronously. What is being written is among it: the same bytes at the same
   * place once more do no harm. `underWay` resolves when that one is done with the file; absent where there is none.
   */
  end(): { readonly waiting: readonly PendingWrite[]; readonly underWay?: Promise<void> } {
    const waiting = this.#queue;
    this.#queue = [];
    this.pendingBytes = 0;
    return this.#isWriting ? { waiting, underWay: new Promise((resolve) => (this.#ended = resolve)) } : { waiting };
  }

  #next(): void {
    const write = this.#queue[0];
    if (this.#isWriting || !write) return;
    this.#isWriting = true;
    this.#write(write, 0, this.options.clock.monotonicUs());
  }

  #write(write: PendingWrite, from: number, beganUs: number): void {
    const { fs, clock, onWritten, onFailed } = this.options;
    const { fd, bytes, position } = write;
    fs.write(fd, bytes, from, bytes.length - from, position + from, (error, written) => {
      if (this.#ended) {
        this.#ended();
        return;
      }
      if (!error && from + written < bytes.length) {
        this.#write(write, from + written, beganUs);
        return;
      }
      this.#isWriting = false;
      if (error) {
        const lost = this.#queue;
        this.#queue = [];
        this.pendingBytes = 0;
        this.#quick = 0;
        onFailed(lost, error);
        return;
      }
      this.#queue.shift();
      this.pendingBytes -= bytes.length;
      this.#quick = clock.monotonicUs() - beganUs <= slowUs ? this.#quick + 1 : 0;
      onWritten(write);
      if (this.#queue.length > 0) this.#next();
      else if (this.#quick >= quickWrites) {
        this.isSlow = false;
        this.options.onChange(false);
      }
    });
  }
}
