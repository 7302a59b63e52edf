/**
 * Owns the rows the view holds, by their place in the list. In the order of time, 0 is the oldest match and `total - 1`
 * the newest, while the contract counts from the newest; in any other order both count from the top. This file is the only
 * one that turns one into the other.
 *
 * Invariants: at most about `capacity` rows; an answer that disagrees about which call stands where (retention, a filter
 * that rows leave) drops all that was held before. Answers must be applied in the order of their questions.
 */
import type { CallPage, CallRow, CallQuery } from '../../../extension/contract/traffic';
import type { RowRange } from '../../components/scrollSpace';

/** `moved`: rows stand elsewhere than before; see `indexOf`. */
export type Applied = 'applied' | 'moved';

export class CallCache {
  readonly #rows = new Map<number, CallRow>();
  readonly #places = new Map<string, number>();
  /** As the host said last. */
  #latest = 0;
  /** What is held stays as it is: rows beyond these are not taken in. */
  #frozen: number | undefined;
  #through = -1;

  constructor(
    private readonly capacity = 4_000,
    /** `newestLast`: the order of time; `asGiven`: the order the host gives. */
    private readonly order: 'newestLast' | 'asGiven' = 'newestLast',
  ) {}

  get total(): number {
    return Math.min(this.#latest, this.#frozen ?? this.#latest);
  }
  /** Number of the last frame known to be in `total` and the rows of the last answer. */
  get through(): number {
    return this.#through;
  }

  at(index: number): CallRow | undefined {
    return this.#rows.get(index);
  }

  rows(): Iterable<CallRow> {
    return this.#rows.values();
  }

  indexOf(id: string): number | undefined {
    return this.#places.get(id);
  }

  /** No row is added from now on; those that came meanwhile are there after `thaw`. */
  freeze(): void {
    this.#frozen ??= this.#latest;
  }

  thaw(): void {
    this.#frozen = undefined;
  }

  /** What to ask the host for so that the answer holds the rows of `range`. */
  positionOf(range: RowRange): Pick<CallQuery, 'position' | 'limit'> {
    const end = Math.min(range.end, this.total);
    const limit = Math.max(1, Math.min(1_000, end - range.first));
    const offset = Math.max(0, this.order === 'asGiven' ? range.first : this.#latest - end);
    return { position: offset === 0 ? { kind: 'newest' } : { kind: 'offset', offset }, limit };
  }

  isComplete(range: RowRange): boolean {
    const end = Math.min(range.end, this.total);
    for (let index = Math.max(0, range.first); index < end; index += 1) if (!this.#rows.has(index)) return false;
    return true;
  }

  /** Whether a row of the range is still running, so that it has to be asked for again. */
  hasRunning(range: RowRange): boolean {
    for (let index = range.first; index < range.end; index += 1) {
      if (this.#rows.get(index)?.status === 'running') return true;
    }
    return false;
  }

  apply(page: CallPage, keep: RowRange): Applied {
    this.#through = page.through;
    let moved = page.total < this.#latest;
    const placeOf = (k: number): number => (this.order === 'asGiven' ? page.offset + k : page.total - 1 - page.offset - k);
    for (let k = 0; k < page.rows.length; k += 1) {
      const row = page.rows[k];
      const held = this.#rows.get(placeOf(k));
      const place = row && this.#places.get(row.id);
      if ((held && held.id !== row?.id) || (place !== undefined && place !== placeOf(k))) moved = true;
    }
    if (moved) {
      this.#rows.clear();
      this.#places.clear();
    }
    this.#latest = page.total;
    for (let k = 0; k < page.rows.length; k += 1) {
      const row = page.rows[k];
      if (row) this.#put(placeOf(k), row);
    }
    this.#evict(keep);
    return moved ? 'moved' : 'applied';
  }

  #put(index: number, row: CallRow): void {
    if (index < 0 || index >= this.total) return;
    const held = this.#rows.get(index);
    // The same object for the same content: rows compare by identity, and most answers repeat what is on screen.
    if (held && isSame(held, row)) return;
    this.#rows.set(index, row);
    this.#places.set(row.id, index);
  }

  #evict(keep: RowRange): void {
    if (this.#rows.size <= this.capacity) return;
    const middle = (keep.first + keep.end) / 2;
    const far = [...this.#rows.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const index of far.slice(0, this.#rows.size - Math.floor(this.capacity / 2))) {
      const row = this.#rows.get(index);
      this.#rows.delete(index);
      if (row) this.#places.delete(row.id);
    }
  }
}

function isSame(a: CallRow, b: CallRow): boolean {
  return (
    a.id === b.id &&
    a.status === b.status &&
    a.durationUs === b.durationUs &&
    a.upstreamUs === b.upstreamUs &&
    a.responseBytes === b.responseBytes &&
    a.detail === b.detail &&
    a.name === b.name &&
    a.server === b.server &&
    a.client === b.client &&
    a.errorCode === b.errorCode &&
    a.requestBytes === b.requestBytes &&
    isSameNote(a.note, b.note)
  );
}

function isSameNote(a: CallRow['note'], b: CallRow['note']): boolean {
  return a?.isPinned === b?.isPinned && a?.color === b?.color && a?.comment === b?.comment;
}
