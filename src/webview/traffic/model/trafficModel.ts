/**
 * Owns the state of the Traffic view and every action on it: signals out, methods in, no DOM. Composes the feeds and
 * decides what they show: filter, selection, following the newest call, what is remembered.
 *
 * Invariants: the selection is a call, not a place, and survives every refresh; the list follows the newest call only
 * while the user is there.
 */
import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { CallRow } from '../../../extension/contract/traffic';
import type { ApplicationStatus } from '../../../extension/contract/status';
import type { PayloadPart } from '../../../extension/contract/trafficApi';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, MutableDisposable, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import type { SavedState } from '../../platform/savedState';
import type { RowRange } from '../../components/scrollSpace';
import { CallFeed } from './callFeed';
import { DetailLoader } from './detailLoader';
import { noticesOf, stageOf, type Notice, type Stage } from './stage';
import { SummaryFeed } from './summaryFeed';
import { answered, type TrafficHost } from './trafficHost';
import type { BodyForm, DetailTab, ViewState } from './viewState';

/** Typing rests this long before the filter is asked for. */
const TYPING_MS = 150;
const TICK_MS = 200;

/** `index` is absent until the call was seen in the list. */
export interface Selection {
  readonly id: string;
  readonly index?: number;
}

export class TrafficModel implements Disposable {
  readonly status = signal<ApplicationStatus | undefined>(undefined);
  readonly filterText = signal('');
  readonly following = signal(true);
  /** Calls that came since the user left the tail. */
  readonly newCount: ReadonlySignal<number>;
  readonly selection = signal<Selection | undefined>(undefined);
  readonly isDetailOpen = signal(false);
  readonly tab = signal<DetailTab>('overview');
  readonly bodyForm = signal<BodyForm>('tree');
  readonly splitRight = signal(0.45);
  readonly splitBelow = signal(0.5);
  readonly stage: ReadonlySignal<Stage>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** The selected call's row: the list's newest knowledge of it, or else the loaded record's. */
  readonly selectedRow: ReadonlySignal<CallRow | undefined>;
  /** The longest duration in view, rounded up to a calm scale; microseconds. */
  readonly barScaleUs: ReadonlySignal<number>;
  /** Wall clock while something in view runs, for elapsed times. */
  readonly nowMs = signal(0);
  readonly actionFailure = signal<unknown>(undefined);
  /** The list shall move its rows by so many places without the user seeing them move. */
  readonly shift = signal<{ readonly by: number } | undefined>(undefined);
  readonly feed: CallFeed;
  readonly summaryFeed: SummaryFeed;
  readonly detail: DetailLoader;

  readonly #store = new DisposableStore();
  readonly #typing = this.#store.add(new MutableDisposable<Disposable>());
  readonly #tick = this.#store.add(new MutableDisposable<Disposable>());
  readonly #range = signal<RowRange>({ first: 0, end: 0 });
  readonly #leftAt = signal(0);
  readonly #readyFailure = signal<unknown>(undefined);
  /** A place that was chosen before its call was loaded. */
  #pendingIndex: number | undefined;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    private readonly saved: Pick<SavedState<ViewState>, 'read' | 'write'>,
  ) {
    this.feed = this.#store.add(
      new CallFeed(host, clock, {
        onMoved: (by) => {
          this.shift.value = { by };
          this.#leftAt.value += by;
        },
        onReplaced: () => {
          this.following.value = true;
        },
      }),
    );
    this.summaryFeed = this.#store.add(new SummaryFeed(host, clock));
    this.detail = this.#store.add(new DetailLoader(host, clock));
    this.newCount = computed(() => (this.following.value ? 0 : Math.max(0, this.feed.total.value - this.#leftAt.value)));
    const failure = computed(() => this.feed.failure.value ?? this.#readyFailure.value);
    this.stage = computed(() =>
      stageOf({
        status: this.status.value,
        isLoaded: this.feed.isLoaded.value,
        total: this.feed.total.value,
        filter: this.feed.shownFilter.value,
        failure: failure.value,
      }),
    );
    this.notices = computed(() => noticesOf(this.status.value, this.stage.value, failure.value));
    this.selectedRow = computed(() => this.#findSelectedRow());
    this.barScaleUs = computed(() => this.#barScale());
    this.#restore();
    this.#store.add(host.onStatus((status) => (this.status.value = status)));
    this.#store.add(toDisposable(effect(() => this.saved.write(this.#snapshot()))));
    this.#store.add(toDisposable(effect(() => this.#onRows())));
  }

  /** First contact with the host; also the way back after it was gone. */
  start(): void {
    answered(this.host.ready(), this.clock).then(
      (status) =>
        batch(() => {
          this.status.value = status;
          this.#readyFailure.value = undefined;
        }),
      (error: unknown) => (this.#readyFailure.value = error),
    );
    this.feed.retry();
    this.summaryFeed.setFilter(this.filterText.peek());
    this.detail.retry();
  }

  setView(range: RowRange): void {
    this.#range.value = range;
    this.feed.setView(range, this.following.peek());
    this.#keepTicking();
  }

  /** The user (not the program) scrolled the list. */
  userScrolled(atEnd: boolean): void {
    if (atEnd) this.following.value = true;
    else this.#leaveTail();
  }

  follow(): void {
    this.following.value = true;
  }

  setFilterText(text: string): void {
    this.filterText.value = text;
    this.#typing.value = this.clock.timer(TYPING_MS, () => this.applyFilter());
  }

  applyFilter(): void {
    this.#typing.clear();
    const filter = this.filterText.peek().trim();
    this.feed.setFilter(filter);
    this.summaryFeed.setFilter(filter);
  }

  clearFilter(): void {
    this.filterText.value = '';
    this.applyFilter();
  }

  /** Selects the row at a place; `open` shows its detail. */
  select(index: number, open = false): void {
    const row = this.feed.rowAt(index);
    batch(() => {
      // A place not loaded yet is selected when its call comes.
      this.#pendingIndex = row ? undefined : index;
      if (row) this.selection.value = { id: row.id, index };
      if (open && row) this.isDetailOpen.value = true;
      // Who picks a call reads it; what comes in now must not push it away.
      this.#leaveTail();
    });
    this.#loadDetail();
  }

  openDetail(): void {
    if (this.selection.peek()) this.isDetailOpen.value = true;
    this.#loadDetail();
  }

  closeDetail(): void {
    this.isDetailOpen.value = false;
    this.#loadDetail();
  }

  toggleRouting(on: boolean): void {
    void this.#act(() => this.host.setRouting(on));
  }
  openConfig(line?: number): void {
    void this.#act(() => this.host.openConfig(line));
  }
  showLog(): void {
    void this.#act(() => this.host.showLog());
  }
  openPayload(id: string, part: PayloadPart): void {
    void this.#act(() => this.host.openPayload(id, part));
  }
  copyPayload(id: string, part: PayloadPart): Promise<boolean> {
    return this.#act(() => this.host.copyPayload(id, part));
  }

  async #act(action: () => Promise<void>): Promise<boolean> {
    try {
      await answered(action(), this.clock);
      this.actionFailure.value = undefined;
      return true;
    } catch (error) {
      this.actionFailure.value = error;
      return false;
    }
  }

  #leaveTail(): void {
    if (!this.following.peek()) return;
    batch(() => {
      this.#leftAt.value = this.feed.total.peek();
      this.following.value = false;
    });
  }

  /** New rows: the selection finds its place again, and a row that was awaited is selected. */
  #onRows(): void {
    void this.feed.revision.value;
    const selection = this.selection.peek();
    const pending = this.#pendingIndex === undefined ? undefined : this.feed.rowAt(this.#pendingIndex);
    if (pending) {
      this.selection.value = { id: pending.id, index: this.#pendingIndex };
      this.#pendingIndex = undefined;
      this.#loadDetail();
    } else if (selection) {
      const index = this.feed.indexOf(selection.id);
      if (index !== undefined && index !== selection.index) this.selection.value = { ...selection, index };
      else if (index === undefined && selection.index !== undefined) {
        const other = this.feed.rowAt(selection.index);
        if (other && other.id !== selection.id) this.selection.value = { id: selection.id };
      }
    }
    this.#keepTicking();
  }

  #loadDetail(): void {
    this.detail.load(this.isDetailOpen.peek() ? this.selection.peek()?.id : undefined);
  }

  #findSelectedRow(): CallRow | undefined {
    const selection = this.selection.value;
    void this.feed.revision.value;
    if (!selection) return undefined;
    const listed = selection.index === undefined ? undefined : this.feed.rowAt(selection.index);
    if (listed?.id === selection.id) return listed;
    const loaded = this.detail.detail.value?.row;
    return loaded?.id === selection.id ? loaded : undefined;
  }

  #barScale(): number {
    void this.feed.revision.value;
    const { first, end } = this.#range.value;
    let longest = 0;
    for (let index = first; index < end; index += 1) longest = Math.max(longest, this.feed.rowAt(index)?.durationUs ?? 0);
    return niceCeiling(longest);
  }

  #hasRunningInView(): boolean {
    const { first, end } = this.#range.peek();
    for (let index = first; index < end; index += 1) if (this.feed.rowAt(index)?.status === 'running') return true;
    return this.selectedRow.peek()?.status === 'running';
  }

  #keepTicking(): void {
    if (this.#tick.value || !this.#hasRunningInView()) return;
    this.nowMs.value = this.clock.wallMs();
    this.#tick.value = this.clock.timer(TICK_MS, () => {
      this.#tick.clear();
      this.#keepTicking();
    });
  }

  #restore(): void {
    const state = this.saved.read();
    this.filterText.value = state.filter;
    this.feed.setFilter(state.filter.trim());
    this.tab.value = state.tab;
    this.bodyForm.value = state.bodyForm;
    this.splitRight.value = state.splitRight;
    this.splitBelow.value = state.splitBelow;
    if (state.selectedId !== undefined) this.selection.value = { id: state.selectedId };
    this.isDetailOpen.value = state.isDetailOpen;
    this.#loadDetail();
  }

  #snapshot(): ViewState {
    const selectedId = this.selection.value?.id;
    return {
      filter: this.filterText.value,
      ...(selectedId === undefined ? {} : { selectedId }),
      isDetailOpen: this.isDetailOpen.value,
      tab: this.tab.value,
      bodyForm: this.bodyForm.value,
      splitRight: this.splitRight.value,
      splitBelow: this.splitBelow.value,
    };
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** The next of 1, 2, 5, 10, 20 … ms: the scale of the bars must not jump with every row. */
export function niceCeiling(us: number): number {
  let scale = 1_000;
  for (;;) {
    for (const step of [1, 2, 5]) if (us <= scale * step) return scale * step;
    scale *= 10;
  }
}
