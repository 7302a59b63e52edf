/**
 * Owns the state of the Traffic view and every action on it: signals out, methods in, no DOM. Composes the feeds and
 * decides what they show: filter, selection, following the newest call, what is remembered.
 *
 * Invariants: the selection is a call, not a place, and survives every refresh; the list follows the newest call only
 * while the user is there.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { CallRow } from '../../../extension/contract/traffic';
import type { ApplicationStatus } from '../../../extension/contract/status';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import type { SavedState } from '../../platform/savedState';
import type { RowRange } from '../../components/scrollSpace';
import { CallFeed } from './callFeed';
import { DetailLoader } from './detailLoader';
import { connectFilter } from './connectFilter';
import type { FilterModel } from './filterModel';
import { HostActions } from './hostActions';
import { MultiSelection } from './multiSelection';
import { noticesOf, stageOf, type Notice, type Stage } from './stage';
import { SummaryFeed } from './summaryFeed';
import { answered, type TrafficHost } from './trafficHost';
import { TimeBase } from './timeBase';
import { ViewSettings } from './viewSettings';
import { VisibleRows } from './visibleRows';
import type { BodyForm, DetailTab, ViewState } from './viewState';

/** Scrolling saves the place; more often than this would only cost. */
const SAVE_MS = 200;

/** `index` is absent until the call was seen in the list. */
export interface Selection {
  readonly id: string;
  readonly index?: number;
}

export class TrafficModel implements Disposable {
  readonly status = signal<ApplicationStatus | undefined>(undefined);
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
  /** Messages of the notes the user put away. */
  readonly readNotes = signal<ReadonlySet<string>>(new Set());
  /** The list shall move its rows by so many places without the user seeing them move. */
  readonly shift = signal<{ readonly by: number } | undefined>(undefined);
  readonly feed: CallFeed;
  readonly filter: FilterModel;
  readonly settings: ViewSettings;
  readonly timeBase: TimeBase;
  readonly summaryFeed: SummaryFeed;
  readonly detail: DetailLoader;
  readonly visible: VisibleRows;
  readonly actions: HostActions;
  readonly chosen = new MultiSelection();

  readonly #store = new DisposableStore();
  readonly #leftAt = signal(0);
  readonly #readyFailure = signal<unknown>(undefined);
  /** A place that was chosen before its call was loaded. */
  #pendingIndex: number | undefined;
  #isResuming = false;

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
          // Another filter starts at its newest call; the first answer after a reload stands where the user was.
          if (!this.#isResuming) this.following.value = true;
          this.#isResuming = false;
          this.chosen.reset(undefined);
        },
      }),
    );
    this.summaryFeed = this.#store.add(new SummaryFeed(host, clock));
    const servers = (): readonly string[] => (this.status.peek()?.servers ?? []).map(({ name }) => name);
    this.filter = this.#store.add(connectFilter(host, clock, this.feed, this.summaryFeed, servers));
    this.settings = this.#store.add(new ViewSettings(host, clock, (error) => this.actions.refuse(error)));
    this.timeBase = this.#store.add(new TimeBase(host, clock, this.feed, this.settings));
    this.actions = new HostActions(host, clock);
    this.detail = this.#store.add(new DetailLoader(host, clock));
    this.newCount = computed(() => {
      const total = this.feed.total.value;
      // What is in view need not be announced.
      const isUnseen = !this.following.value && this.visible.range.value.end < total;
      return isUnseen ? Math.max(0, total - this.#leftAt.value) : 0;
    });
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
    const isRead = (notice: Notice): boolean => notice.kind === 'configNote' && this.readNotes.value.has(notice.problem.message);
    this.notices = computed(() => noticesOf(this.status.value, this.stage.value, failure.value).filter((notice) => !isRead(notice)));
    this.selectedRow = computed(() => this.#findSelectedRow());
    this.visible = this.#store.add(new VisibleRows(this.feed, clock, () => this.selectedRow.peek()));
    this.#restore();
    this.#store.add(host.onStatus((status) => this.#onStatus(status)));
    const save = this.#store.add(new Throttle(() => this.saved.write(this.#snapshot()), SAVE_MS, clock));
    this.#store.add(
      toDisposable(
        effect(() => {
          void this.#snapshot();
          untracked(() => save.trigger());
        }),
      ),
    );
    this.#store.add(toDisposable(effect(() => this.#onRows())));
    const follow = (): void => {
      const [range, following] = [this.visible.range.value, this.following.value];
      untracked(() => this.feed.setView(range, following));
    };
    this.#store.add(toDisposable(effect(follow)));
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
    this.settings.load();
    this.filter.apply(true);
    this.#loadDetail();
    if (this.detail.failure.peek() !== undefined) this.detail.retry();
  }

  setView(range: RowRange): void {
    this.visible.range.value = range;
    this.visible.keepTime();
  }

  /** The user (not the program) scrolled the list. */
  userScrolled(atEnd: boolean): void {
    if (atEnd) this.following.value = true;
    else this.#leaveTail();
  }

  follow(): void {
    this.following.value = true;
  }

  /** Selects the row at a place, alone or (see MultiSelection) with others; `open` shows its detail. */
  select(index: number, open = false, how: 'alone' | 'toggle' | 'range' = 'alone'): void {
    const row = this.feed.rowAt(index);
    batch(() => {
      const current = this.selectedRow.peek();
      if (how === 'range') this.chosen.chooseRange(this.feed, index, current);
      else if (how === 'toggle' && row) this.chosen.toggle(row, current);
      else this.chosen.reset(row?.id);
      // A place not loaded yet is selected when its call comes.
      this.#pendingIndex = row ? undefined : index;
      if (row) this.selection.value = { id: row.id, index };
      if (open && row) this.isDetailOpen.value = true;
      // Who picks a call reads it; what comes in now must not push it away.
      this.#leaveTail();
    });
    this.#loadDetail();
  }

  /** Shows a call by its id, wherever the list stands, such as one nested in another. */
  showCall(id: string): void {
    const index = this.feed.indexOf(id);
    batch(() => {
      this.chosen.reset(id);
      this.#pendingIndex = undefined;
      this.selection.value = { id, ...(index === undefined ? {} : { index }) };
      this.isDetailOpen.value = true;
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

  #leaveTail(): void {
    if (!this.following.peek()) return;
    batch(() => {
      this.#leftAt.value = this.feed.total.peek();
      this.following.value = false;
    });
  }

  /** The host speaks: whatever failed before may well work now. */
  #onStatus(status: ApplicationStatus): void {
    batch(() => {
      this.status.value = status;
      this.#readyFailure.value = undefined;
    });
    this.settings.load();
    if (this.feed.failure.peek() !== undefined) this.filter.apply(true);
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
    this.visible.keepTime();
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

  #restore(): void {
    const state = this.saved.read();
    this.filter.text.value = state.filter;
    this.tab.value = state.tab;
    this.bodyForm.value = state.bodyForm;
    this.splitRight.value = state.splitRight;
    this.splitBelow.value = state.splitBelow;
    if (state.place) {
      this.#isResuming = true;
      this.following.value = false;
      this.#leftAt.value = state.place.seen;
      this.visible.range.value = { first: state.place.top, end: state.place.top };
    }
    if (state.selectedId !== undefined) this.selection.value = { id: state.selectedId };
    this.isDetailOpen.value = state.isDetailOpen;
  }

  #snapshot(): ViewState {
    const selectedId = this.selection.value?.id;
    return {
      filter: this.filter.text.value,
      ...(selectedId === undefined ? {} : { selectedId }),
      isDetailOpen: this.isDetailOpen.value,
      tab: this.tab.value,
      bodyForm: this.bodyForm.value,
      splitRight: this.splitRight.value,
      splitBelow: this.splitBelow.value,
      ...(this.following.value ? {} : { place: { top: this.visible.range.value.first, seen: this.#leftAt.value } }),
    };
  }

  dispose(): void {
    this.#store.dispose();
  }
}
