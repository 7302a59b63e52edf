/** Owns questions about the newest traffic of one window, which is in memory: two tables, of which the older goes when the newer is full. */
import { wholeEntry, withoutBody, type JournalEntry } from '../journalFormat';
import { RecentTable } from './recentTable';
import type { Source } from './source';
import { StoreView, type StoreViewOptions } from './storeView';

/** A table is full with so many entries, some 2,000 calls, or so many bytes of texts. */
const mostEntries = 8192;
const mostBytes = 16 << 20;

export class RecentView extends StoreView {
  #older: RecentTable | undefined;
  #newer: RecentTable;

  constructor(
    options: StoreViewOptions,
    private readonly writer: string,
  ) {
    super({ ...options, writer });
    this.#newer = this.#table();
  }

  /** Takes an entry, whose body nobody else changes. */
  add(entry: JournalEntry): void {
    this.#newer.add(this.#whole(entry));
    if (this.#newer.entries < mostEntries && this.#newer.bytes < mostBytes) return;
    const full = this.#newer;
    this.#older?.close();
    this.#older = full;
    this.#newer = this.#table(full);
  }

  /**
   * What comes straight from the recorder may be only what differs from another frame, or nothing where it equals that one. Damaged
   * where that one is; absent where it came before what is kept here.
   */
  #whole(entry: JournalEntry): JournalEntry {
    const { meta } = entry;
    if (meta.k !== 'frame' || (meta.cut === undefined && meta.same === undefined) || meta.size === 0) return entry;
    if (entry.damaged) return withoutBody(entry, 'damaged');
    const { fwd = 0 } = meta;
    const near = this.#newer.text(fwd);
    const other = near ?? this.#older?.text(fwd);
    if (!Buffer.isBuffer(other)) return withoutBody(entry, other ?? 'absent');
    if (meta.cut !== undefined) return wholeEntry(entry, other);
    // Its own table is where its body is looked for.
    const { same: _ignored, ...rest } = meta;
    return near === undefined ? { ...entry, meta: rest, body: other } : entry;
  }

  /** Number of the last entry. */
  get last(): number {
    return this.#newer.last || (this.#older?.last ?? 0);
  }

  /** Makes what was added visible to questions; the folder is not looked at, but for notes. */
  override refresh(): Promise<boolean> {
    this.notes.read();
    this.#newer.flush();
    return Promise.resolve(true);
  }

  override close(): void {
    super.close();
    this.#older?.close();
    this.#newer.close();
  }

  protected override sources(): Source[] {
    return this.#older ? [this.#older, this.#newer] : [this.#newer];
  }

  #table(before?: RecentTable): RecentTable {
    return new RecentTable(() => this.options.engine.createMemory(), 'memory', this.writer, this.notes.book, before?.handOver());
  }
}
