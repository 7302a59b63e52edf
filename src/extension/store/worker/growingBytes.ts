/**
 * Owns the bytes of a database that is being filled: they grow by pieces, where sql.js itself would copy the whole file each
 * time it grows.
 */

/** What sql.js needs of a file's bytes to write to: room without end, in pieces that are never copied. */
export class GrowingBytes {
  readonly #pieces: Uint8Array[] = [];
  size = 0;
  /** Until it is written to, just the bytes it began with. */
  length: number;

  constructor(
    first: Uint8Array,
    private readonly pieceBytes: number,
  ) {
    this.set(first, 0);
    this.length = first.length;
  }

  /** sql.js asks for its own copy of the bytes it was given and keeps that: this very object. */
  slice(): this {
    this.length = 2 ** 40;
    return this;
  }

  /** To be copied at once: later writes show in it. */
  subarray(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.size);
    const start = from % this.pieceBytes;
    if (end > from && start + end - from <= this.pieceBytes) return this.#piece(from).subarray(start, start + end - from);
    const out = new Uint8Array(Math.max(0, end - from));
    for (let done = 0; done < out.length; ) {
      const at = (from + done) % this.pieceBytes;
      const part = this.#piece(from + done).subarray(at, Math.min(this.pieceBytes, at + out.length - done));
      out.set(part, done);
      done += part.length;
    }
    return out;
  }

  set(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const at = (position + done) % this.pieceBytes;
      const part = bytes.subarray(done, done + this.pieceBytes - at);
      this.#piece(position + done).set(part, at);
      done += part.length;
    }
    this.size = Math.max(this.size, position + bytes.length);
  }

  *pieces(): Iterable<Uint8Array> {
    for (let at = 0; at < this.size; at += this.pieceBytes) yield this.#piece(at).subarray(0, this.size - at);
  }

  #piece(position: number): Uint8Array {
    return (this.#pieces[Math.floor(position / this.pieceBytes)] ??= new Uint8Array(this.pieceBytes));
  }
}
