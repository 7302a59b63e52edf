/**
 * Owns where the bodies of a journal's frames are: in the journal, or here where they came from the journal before. Numbers
 * have no holes, so places stand one behind the other: sixteen bytes each, where a row of a table would be fifty.
 */
import type { JournalCut } from '../journalFormat';
import type { ReadAt } from '../journalReader';

/** A piece of a body: bytes of the file, or bytes that are at hand. */
type Piece = { readonly at: number; readonly bytes: number } | Buffer;

const firstRoom = 1024;

export class BodyPlaces {
  readonly #carried = new Map<number, Buffer>();
  /** What stands in the file of these is only what differs from another frame's. */
  readonly #cuts = new Map<number, JournalCut>();
  /** Number of the frame that the first place belongs to; 0: there is none yet. */
  #first = 0;
  #used = 0;
  /** Places and sizes by turns; a size of 0: the entry has no body. */
  #places = new Float64Array(firstRoom * 2);

  /** What came from the journal before. */
  carry(n: number, data: Buffer): void {
    this.#carried.set(n, data);
  }

  /** `bytes` of the file, and how they become a body, where they are not all of it. Numbers ascend. */
  add(n: number, at: number, bytes: number, cut?: JournalCut): void {
    if (cut) this.#cuts.set(n, cut);
    if (this.#first === 0) this.#first = n;
    const index = n - this.#first;
    if (index * 2 >= this.#places.length) {
      const grown = new Float64Array(Math.max(index * 2 + 2, this.#places.length * 2));
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[index * 2] = at;
    this.#places[index * 2 + 1] = bytes;
    this.#used = index + 1;
  }

  /** Bytes `from` up to `to` of a frame's body, and how many it has. */
  read(readAt: ReadAt, n: number, from = 0, to = Infinity): { bytes: Buffer; total: number } {
    const pieces = this.#pieces(n);
    const total = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
    const wanted = within(pieces, from, Math.min(to, total));
    const [only] = wanted;
    if (wanted.length === 1 && Buffer.isBuffer(only)) return { bytes: only, total };
    const bytes = Buffer.allocUnsafe(wanted.reduce((sum, piece) => sum + sizeOf(piece), 0));
    let done = 0;
    for (const piece of wanted) {
      const got = Buffer.isBuffer(piece) ? piece.copy(bytes, done) : readAt(bytes, done, piece.bytes, piece.at);
      done += got;
      if (got < sizeOf(piece)) break;
    }
    return { bytes: bytes.subarray(0, done), total };
  }

  #pieces(n: number): Piece[] {
    const index = n - this.#first;
    const bytes = this.#first > 0 && index >= 0 && index < this.#used ? this.#places[index * 2 + 1]! : 0;
    const data = this.#carried.get(n);
    const own: Piece | undefined = bytes > 0 ? { at: this.#places[index * 2]!, bytes } : data;
    const cut = this.#cuts.get(n);
    if (!cut) return own ? [own] : [];
    const others = this.#pieces(cut.from);
    return [...within(others, 0, cut.place), ...(own ? [own] : []), ...within(others, cut.place + cut.length, Infinity)];
  }

  /** Numbers of frames with bodies above one, ascending, or below one, descending; so many at most. */
  keys(range: { readonly above: number } | { readonly below: number }, limit: number): number[] {
    const carried = [...this.#carried.keys()].sort((a, b) => a - b);
    const found: number[] = [];
    const end = this.#first + this.#used;
    if ('above' in range) {
      for (const n of carried) if (n > range.above && found.length < limit) found.push(n);
      for (let n = Math.max(this.#first, range.above + 1); n < end && found.length < limit; n++) if (this.#has(n)) found.push(n);
      return found;
    }
    for (let n = Math.min(end, range.below) - 1; n >= this.#first && found.length < limit; n--) if (this.#has(n)) found.push(n);
    for (const n of carried.reverse()) if (n < range.below && found.length < limit) found.push(n);
    return found;
  }

  #has(n: number): boolean {
    return this.#places[(n - this.#first) * 2 + 1]! > 0;
  }
}

const sizeOf = (piece: Piece): number => (Buffer.isBuffer(piece) ? piece.length : piece.bytes);

/** What of pieces that stand one behind the other is from `from` up to `to`. */
function within(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const found: Piece[] = [];
  let start = 0;
  for (const piece of pieces) {
    const size = sizeOf(piece);
    const first = Math.max(0, from - start);
    const last = Math.min(size, to - start);
    if (first < last) found.push(Buffer.isBuffer(piece) ? piece.subarray(first, last) : { at: piece.at + first, bytes: last - first });
    start += size;
  }
  return found;
}
