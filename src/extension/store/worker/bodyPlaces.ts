/**
 * Owns where the bodies of a journal's frames are: in the journal, or here where they came from the journal before. Numbers
 * have no holes, so places stand one behind the other: sixteen bytes each, where a row of a table would be fifty.
 */
export interface BodyPlace {
  /** Where it begins in the file; absent where `data` is given. */
  readonly at?: number;
  readonly bytes: number;
  readonly data?: Buffer;
}

const firstRoom = 1024;

export class BodyPlaces {
  readonly #carried = new Map<number, Buffer>();
  /** Number of the frame that the first place belongs to; 0: there is none yet. */
  #first = 0;
  #used = 0;
  /** Places and sizes by turns; a size of 0: the entry has no body. */
  #places = new Float64Array(firstRoom * 2);

  /** What came from the journal before. */
  carry(n: number, data: Buffer): void {
    this.#carried.set(n, data);
  }

  /** Numbers ascend. */
  add(n: number, at: number, bytes: number): void {
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

  get(n: number): BodyPlace | undefined {
    const index = n - this.#first;
    const bytes = this.#first > 0 && index >= 0 && index < this.#used ? this.#places[index * 2 + 1]! : 0;
    if (bytes > 0) return { at: this.#places[index * 2], bytes };
    const data = this.#carried.get(n);
    return data && { bytes: data.length, data };
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
