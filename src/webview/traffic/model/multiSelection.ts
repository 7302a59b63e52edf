/**
 * Owns the calls chosen together, beside the one the detail shows. They are held with their rows, so that they stay chosen
 * wherever the list goes; another filter drops them.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { CallNote, CallRow, NoteChange } from '../../../extension/contract/traffic';
import type { RowSource } from './rowSource';

/** A range is chosen among rows that are loaded. No more than fit into one filter by their ids (MAX_FILTER_LENGTH). */
export const MAX_CHOSEN = 200;

const BYTES_PER_TOKEN = 4;

export interface ChosenSummary {
  readonly calls: number;
  readonly bytes: number;
  /** Estimate: four bytes of text make a token, as a rule of thumb. */
  readonly tokens: number;
  readonly p50Us?: number;
  readonly p95Us?: number;
}

export class MultiSelection {
  readonly rows = signal<ReadonlyMap<string, CallRow>>(new Map());
  readonly summary: ReadonlySignal<ChosenSummary | undefined>;
  /** Where a range starts: the row last chosen by itself. */
  #anchor: string | undefined;
  #isMarking = false;

  constructor() {
    this.summary = computed(() => (this.rows.value.size < 2 ? undefined : summaryOf([...this.rows.value.values()])));
  }

  /** Calls are marked one by one: moving on does not drop them. */
  get isMarking(): boolean {
    return this.#isMarking;
  }

  /** Whether a call shows as selected: it is among those chosen or, where none are, the keyboard is at it. */
  isShown(id: string | undefined, isActive: boolean): boolean {
    const rows = this.rows.value;
    return rows.size === 0 ? isActive : id !== undefined && rows.has(id);
  }

  /** One call alone: nothing is chosen together. */
  reset(anchor: string | undefined): void {
    this.#anchor = anchor;
    this.#isMarking = false;
    if (this.rows.peek().size > 0) this.rows.value = new Map();
  }

  /** Adds a call or takes it out; `current` is the one that was selected alone before. */
  toggle(row: CallRow, current: CallRow | undefined): void {
    const next = new Map(this.rows.peek());
    if (next.size === 0 && current) next.set(current.id, current);
    if (!next.delete(row.id)) next.set(row.id, row);
    this.#anchor = row.id;
    this.rows.value = next.size > MAX_CHOSEN ? this.rows.peek() : next;
    if (next.size === 0) this.#isMarking = false;
  }

  /** Adds a call to those marked, or takes it out; the others stay while one moves on. */
  mark(row: CallRow): void {
    this.#isMarking = true;
    this.toggle(row, undefined);
  }

  /** Every loaded row from the one chosen alone (`current` where none was) to a place. */
  chooseRange(feed: Pick<RowSource, 'rowAt' | 'indexOf'>, index: number, current: CallRow | undefined): void {
    this.#anchor ??= current?.id;
    const from = (this.#anchor === undefined ? undefined : feed.indexOf(this.#anchor)) ?? index;
    const rows = new Map<string, CallRow>();
    const step = from <= index ? 1 : -1;
    for (let at = from; at !== index + step && rows.size < MAX_CHOSEN; at += step) {
      const row = feed.rowAt(at);
      if (row) rows.set(row.id, row);
    }
    this.rows.value = rows.size < 2 ? new Map() : rows;
    this.#isMarking = false;
  }

  /** What was put on calls is seen on those chosen, too. */
  annotate(ids: readonly string[], change: NoteChange): void {
    const next = new Map(this.rows.peek());
    for (const id of ids) {
      const row = next.get(id);
      if (row) next.set(id, { ...row, note: changed(row.note, change) });
    }
    if (next.size > 0) this.rows.value = next;
  }

  /** In the order they happened. */
  ordered(): CallRow[] {
    return [...this.rows.peek().values()].sort((a, b) => a.timeMs - b.timeMs || a.frame - b.frame);
  }
}

function changed(note: CallNote | undefined, change: NoteChange): CallNote {
  const { isPinned, color, comment } = { ...note, ...change };
  return { ...(isPinned ? { isPinned } : {}), ...(color ? { color } : {}), ...(comment ? { comment } : {}) };
}

function summaryOf(rows: readonly CallRow[]): ChosenSummary {
  const durations = rows.flatMap(({ durationUs }) => (durationUs === undefined ? [] : [durationUs])).sort((a, b) => a - b);
  const at = (share: number): number | undefined => durations[Math.max(0, Math.ceil(durations.length * share) - 1)];
  const [p50Us, p95Us] = [at(0.5), at(0.95)];
  const bytes = rows.reduce((sum, row) => sum + row.requestBytes + (row.responseBytes ?? 0), 0);
  return {
    calls: rows.length,
    bytes,
    tokens: Math.round(bytes / BYTES_PER_TOKEN),
    ...(p50Us === undefined ? {} : { p50Us }),
    ...(p95Us === undefined ? {} : { p95Us }),
  };
}
