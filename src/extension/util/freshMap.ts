/**
 * Owns a map for what comes and goes at a high rate for as long as the process lives: requests in flight, open streams.
 *
 * V8 leaves in each table that a Map has outgrown a pointer to the next one. Once one of them has lived long enough to be
 * moved to the old generation, all later tables, and with them all that ever stood in them, survive every quick garbage
 * collection, until a full one. So the Map is replaced now and then, which breaks the chain.
 */
const REPLACE_AFTER = 512;

export class FreshMap<K, V> implements Iterable<readonly [K, V]> {
  #map = new Map<K, V>();
  #added = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    // A large one is copied as seldom as it is large.
    if (++this.#added > REPLACE_AFTER + this.#map.size) {
      this.#added = 0;
      this.#map = new Map(this.#map);
    }
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map = new Map();
  }

  /** In the order in which they came. What is added meanwhile may be missing. */
  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  /** See `keys`. */
  values(): IterableIterator<V> {
    return this.#map.values();
  }

  /** See `keys`. */
  [Symbol.iterator](): Iterator<readonly [K, V]> {
    return this.#map.entries();
  }
}

/** The same for a set. */
export class FreshSet<T> implements Iterable<T> {
  readonly #map = new FreshMap<T, true>();

  get size(): number {
    return this.#map.size;
  }

  add(item: T): void {
    this.#map.set(item, true);
  }

  delete(item: T): boolean {
    return this.#map.delete(item);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#map.keys();
  }
}
