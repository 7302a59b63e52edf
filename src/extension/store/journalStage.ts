/**
 * Owns the bytes of entries that are to be written in one call: encoded one after another, small ones in one piece of memory
 * that is used again and again, big bodies where they are.
 */
import { bodyCrc, encodeMeta, headCrc, prefixLength, writePrefix } from './journalFormat';
import type { EntryMeta } from './types';

const scratchBytes = 64 * 1024;
const lineEnd = Buffer.from('\n');

export interface StagedEntry {
  readonly n: number;
  readonly wallMs: number;
}

export interface Staged {
  /** The bytes, in order; they hold until the next entry is added. */
  readonly parts: Uint8Array[];
  readonly entries: readonly StagedEntry[];
}

export class JournalStage {
  /** Bytes of staged entries: `#parts`, and after them what stands in the scratch from `#runStart` to `#used`. */
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #used = 0;
  #runStart = 0;
  #parts: Uint8Array[] = [];
  #entries: StagedEntry[] = [];

  /** Entries that wait. */
  get count(): number {
    return this.#entries.length;
  }

  /** `seed` is that of the file the entry is to stand in. The body must not change until it is written. */
  add(n: number, meta: EntryMeta, wallMs: number, us: number, given: Uint8Array, seed: number): void {
    const body = meta.k === 'event' ? Buffer.from(JSON.stringify(meta.data)) : given;
    const text = encodeMeta(n, wallMs, us, meta);
    // Worst case three bytes per UTF-16 unit; and the line end after the body before.
    const most = prefixLength(body.length) + text.length * 3 + 2;
    const head = this.#used + most <= scratchBytes ? this.#scratch : Buffer.allocUnsafe(most);
    if (head !== this.#scratch && this.#used > this.#runStart) {
      this.#parts.push(this.#scratch.subarray(this.#runStart, this.#used));
      this.#runStart = this.#used;
    }
    const start = head === this.#scratch ? this.#used : 0;
    const metaStart = start + prefixLength(body.length);
    const metaEnd = metaStart + head.write(text, metaStart, 'utf8');
    writePrefix(head, start, body.length, headCrc(head.subarray(metaStart, metaEnd), body.length, seed), bodyCrc(body, n, seed));
    head[metaEnd] = 10;
    let end = metaEnd + 1;
    if (end + body.length < head.length) {
      head.set(body, end);
      end += body.length;
      head[end++] = 10;
      if (head === this.#scratch) this.#used = end;
      else this.#parts.push(head.subarray(0, end));
    } else if (head === this.#scratch) {
      this.#parts.push(head.subarray(this.#runStart, end), body);
      this.#runStart = end;
      head[end] = 10;
      this.#used = end + 1;
    } else this.#parts.push(head.subarray(0, end), body, lineEnd);
    this.#entries.push({ n, wallMs });
  }

  /** Gives what is staged; nothing is afterwards. */
  take(): Staged {
    const parts = this.#parts;
    const entries = this.#entries;
    if (this.#used > this.#runStart) parts.push(this.#scratch.subarray(this.#runStart, this.#used));
    this.#parts = [];
    this.#entries = [];
    this.#used = this.#runStart = 0;
    return { parts, entries };
  }
}
