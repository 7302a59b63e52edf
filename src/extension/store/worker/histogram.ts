/**
 * Owns how many settled calls took how long: counts by bucket of duration. Durations of one bucket differ by 4 % (`bucketOf`),
 * so a percentile taken from its middle is at most 2 % off.
 */

/** Counts as they are kept: a bucket and its calls by turns, each bucket once. */
export type Buckets = Uint32Array;

const logGrowth = Math.log(1.04);

/** Bucket 0 is less than a microsecond. */
export function bucketOf(durationUs: number): number {
  return durationUs < 1 ? 0 : 1 + Math.floor(Math.log(durationUs) / logGrowth);
}

/** A duration of this bucket, microseconds. */
export const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.round(1.04 ** (bucket - 0.5)));

/** Counts as they stand in roll-ups, "bucket:calls bucket:calls …"; the same bucket may stand there more than once. */
export function readBuckets(text: string): Buckets {
  const histogram = new Histogram();
  histogram.addText(text);
  return histogram.buckets();
}

/** An hour, and little more before it has to grow. */
const firstRoom = 576;

export class Histogram {
  #calls = new Float64Array(0);
  /** All that are counted. */
  settled = 0;

  add(bucket: number, calls: number): void {
    if (bucket >= this.#calls.length) {
      const grown = new Float64Array(Math.max(firstRoom, bucket + 64));
      grown.set(this.#calls);
      this.#calls = grown;
    }
    this.#calls[bucket]! += calls;
    this.settled += calls;
  }

  addBuckets(buckets: Buckets): void {
    for (let at = 0; at < buckets.length; at += 2) this.add(buckets[at]!, buckets[at + 1]!);
  }

  /** As `readBuckets` reads it, or a part of such a text. */
  addText(text: string, from = 0, to = text.length): void {
    let bucket = 0;
    let number = 0;
    for (let at = from; at <= to; at++) {
      // Digits, colons and spaces, and a space in thought at the end: much quicker than cutting the text to pieces.
      const code = at < to ? text.charCodeAt(at) : 32;
      if (code >= 48) {
        if (code < 58) number = number * 10 + code - 48;
        else bucket = number;
      }
      if (code === 32 && number > 0) this.add(bucket, number);
      if (code === 32 || code === 58) number = 0;
    }
  }

  addAll(other: Histogram): void {
    other.#calls.forEach((calls, bucket) => {
      if (calls > 0) this.add(bucket, calls);
    });
  }

  has(bucket: number): boolean {
    return (this.#calls[bucket] ?? 0) > 0;
  }

  buckets(): Buckets {
    const pairs: number[] = [];
    this.#calls.forEach((calls, bucket) => {
      if (calls > 0) pairs.push(bucket, calls);
    });
    return Uint32Array.from(pairs);
  }

  /** Durations in microseconds that these parts of the calls, ascending, do not exceed, within 2 %; empty where there are none. */
  percentiles(parts: readonly number[]): number[] {
    const found: number[] = [];
    let passed = 0;
    if (this.settled === 0) return found;
    for (let bucket = 0; bucket < this.#calls.length && found.length < parts.length; bucket++) {
      passed += this.#calls[bucket]!;
      while (found.length < parts.length && passed >= Math.ceil(this.settled * parts[found.length]!)) found.push(middleOf(bucket));
    }
    return found;
  }

  /** The bucket that holds the percentile, and its rank within the bucket, from 1. */
  place(part: number): { readonly bucket: number; readonly rank: number } | undefined {
    let rank = Math.ceil(this.settled * part);
    for (let bucket = 0; bucket < this.#calls.length; bucket++) {
      const calls = this.#calls[bucket]!;
      if (calls > 0 && rank <= calls) return { bucket, rank };
      rank -= calls;
    }
    return undefined;
  }
}
