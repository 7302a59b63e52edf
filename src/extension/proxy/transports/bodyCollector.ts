/**
 * Owns putting an HTTP body together from its chunks. Where the length is announced the chunks are copied into one buffer
 * as they come, so that a large body costs its own size once; a body that comes in one chunk costs no copy at all.
 */
import { Buffer } from 'node:buffer';
import { letGo } from './letGo';

export class BodyCollector {
  #length = 0;
  #only: Buffer | undefined;
  #target: Buffer | undefined;
  #chunks: Buffer[] | undefined;

  /** `declared`: the value of the Content-Length header, 0 where there is none. */
  constructor(
    private readonly declared: number,
    private readonly maxBytes: number,
  ) {}

  /** Bytes seen so far, kept or not. */
  get length(): number {
    return this.#length;
  }

  /** All that was announced is there; never so where nothing was. What ends the message brings nothing more. */
  get isWhole(): boolean {
    return this.declared > 0 && this.#length === this.declared;
  }

  /** Takes a chunk, which is the collector's from then on; `false` once the body is too large, from when on nothing is kept. */
  push(chunk: Buffer): boolean {
    const at = this.#length;
    this.#length += chunk.length;
    if (this.#length > this.maxBytes) {
      this.#only = this.#target = this.#chunks = undefined;
      return false;
    }
    if (at === 0) {
      this.#only = chunk;
      return true;
    }
    const first = this.#only;
    this.#only = undefined;
    if (first) {
      if (this.declared >= this.#length && this.declared <= this.maxBytes) {
        this.#target = Buffer.allocUnsafeSlow(this.declared);
        first.copy(this.#target, 0);
        letGo(first);
      } else this.#chunks = [first];
    }
    if (this.#target) {
      chunk.copy(this.#target, at);
      letGo(chunk);
    } else this.#chunks?.push(chunk);
    return true;
  }

  /** The whole body. */
  end(): Buffer {
    if (this.#only) return this.#only;
    if (this.#target) return this.#length === this.#target.length ? this.#target : this.#target.subarray(0, this.#length);
    return Buffer.concat(this.#chunks ?? [], this.#chunks ? this.#length : 0);
  }
}
