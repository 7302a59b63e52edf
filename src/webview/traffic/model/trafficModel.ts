/**
 * Owns the state of the Traffic view and every action on it: signals out, methods in, no DOM. Composes the feeds and
 * decides what they show: filter, selection, following the newest call, pausing, what is remembered.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { CallRow, NoteChange, SortKey } from '../../../extension/contract/traffic';
import type { ExportSelection, TrafficLayout } from '../../../extension/contract/trafficApi';
import type { ApplicationStatus } from '../../../extension/contract/status';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import type { SavedState } from '../../platform/savedState';
import type { RowRange } from '../../components/scrollSpace';
import { CallFeed, questionOf } from './callFeed';
import { DetailLoader } from './detailLoader';
import { connectFilter } from './connectFilter';
import { DropHints } from './dropHints';
import type { FilterModel } from './filterModel';
import { Flags } from './flags';
import { HostActions } from './hostActions';
import { Layouts } from './layouts';
import type { ListQuery } from './listQuery';
import type { RowSource } from './rowSource';
import { CallSelector, type SelectHow } from './selector';
import { nextSort } from './sorting';
import { noticesOf, stageOf, type Notice, type Stage } from './stage';
import { SummaryFeed } from './summaryFeed';
import { Tail } from './tail';
import type { TrafficHost } from './trafficHost';
import { TimeBase } from './timeBase';
import { recall, snapshotOf } from './viewMemory';
import { ViewSettings } from './viewSettings';
import { VisibleRows } from './visibleRows';
import type { BodyForm, DetailTab, ViewState } from './viewState';

/** Scrolling saves the place; more often than this would only cost. */
const SAVE_MS = 200;

export class TrafficModel implements Disposable {
  readonly status = signal<ApplicationStatus | undefined>(undefined);
  readonly tail = new Tail(() => this.feed);
  readonly following = this.tail.following;
  /** Calls that came since the user left the tail. */
  readonly newCount: ReadonlySignal<number>;
  readonly selector = new CallSelector();
  readonly selection = this.selector.selection;
  readonly chosen = this.selector.chosen;
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
  /** The call whose comment shall be written: who shows it takes it from here. */
  readonly commentRequest = signal<string | undefined>(undefined);
  readonly feed: CallFeed;
  readonly layouts: Layouts;
  readonly dropHints: DropHints;
  readonly filter: FilterModel;
  readonly flags: Flags;
  readonly settings: ViewSettings;
  readonly timeBase: TimeBase;
  readonly summaryFeed: SummaryFeed;
  readonly detail: DetailLoader;
  readonly visible: VisibleRows;
  readonly actions: HostActions;

  readonly #store = new DisposableStore();
  readonly #readyFailure = signal<unknown>(undefined);
  #isResuming = false;
  #isStarted = false;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    private readonly saved: Pick<SavedState<ViewState>, 'read' | 'write'>,
  ) {
    const onMoved = (by: number): void => {
      this.shift.value = { by };
    };
    this.feed = this.#store.add(
      new CallFeed(host, clock, {
        onMoved: (by) => {
          onMoved(by);
          this.tail.moved(by);
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
    this.settings = this.#store.add(new ViewSettings(host, clock, (error) => this.actions.refuse(error)));
    this.filter = this.#store.add(connectFilter(host, clock, { feed: this.feed, summaryFeed: this.summaryFeed, settings: this.settings, servers }));
    this.flags = this.#store.add(new Flags(host));
    this.layouts = this.#store.add(new Layouts(host, clock, this.feed, this.settings, onMoved));
    this.timeBase = this.#store.add(new TimeBase(host, clock, this.feed, this.settings));
    this.actions = new HostActions(host, clock);
    this.detail = this.#store.add(new DetailLoader(host, clock));
    this.newCount = this.tail.newCount(this.layouts, () => this.visible.range.value);
    const failure = computed(() => this.layouts.source.value.failure.value ?? this.feed.failure.value ?? this.#readyFailure.value);
    this.stage = computed(() =>
      stageOf({
        status: this.status.value,
        isLoaded: this.feed.isLoaded.value,
        total: this.feed.total.value,
        filter: this.feed.shownFilter.value,
        scope: this.feed.shown.value.scope,
        isSearching: this.feed.isSearching.value,
        failure: failure.value,
      }),
    );
    const isRead = (notice: Notice): boolean => notice.kind === 'configNote' && this.readNotes.value.has(notice.problem.message);
    this.notices = computed(() => noticesOf(this.status.value, this.stage.value, failure.value).filter((notice) => !isRead(notice)));
    this.selectedRow = computed(() => this.#findSelectedRow());
    this.visible = this.#store.add(
      new VisibleRows(
        this.layouts.source,
        clock,
        () => this.selectedRow.peek(),
        () => this.layouts.isPaused.peek(),
      ),
    );
    const emptyQuery = computed((): ListQuery | undefined => (this.stage.value.kind === 'nothingMatches' ? this.feed.shown.value : undefined));
    this.dropHints = this.#store.add(new DropHints(host, clock, emptyQuery));
    const state = this.saved.read();
    recall(this, state);
    this.#isResuming = state.place !== undefined;
    this.#store.add(host.onStatus((status) => this.#onStatus(status)));
    this.#store.add(host.onRevealed(() => this.#reveal()));
    const save = this.#store.add(new Throttle(() => this.saved.write(snapshotOf(this)), SAVE_MS, clock));
    this.#store.add(
      toDisposable(
        effect(() => {
          void snapshotOf(this);
          untracked(() => save.trigger());
        }),
      ),
    );
    this.#store.add(toDisposable(effect(() => this.#onRows())));
    const follow = (): void => {
      const [range, following, source] = [this.visible.range.value, this.following.value, this.layouts.source.value];
      untracked(() => {
        if (source === this.feed) this.feed.setView(range, following);
        else if (source === this.layouts.groups) this.layouts.groups.setView(range);
      });
    };
    this.#store.add(toDisposable(effect(follow)));
    // Scope and order belong to the question: asked anew when they change, such as when the kept ones arrive.
    const reask = (): void => {
      void [this.settings.scope.value, this.settings.sort.value];
      untracked(() => {
        if (this.#isStarted) this.filter.apply();
      });
    };
    this.#store.add(toDisposable(effect(reask)));
  }

  get source(): RowSource {
    return this.layouts.source.value;
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
    this.#isStarted = true;
    this.settings.load();
    this.flags.load();
    this.filter.apply(true);
    if (this.source.failure.peek() !== undefined) this.source.refresh();
    this.#loadDetail();
    this.#reveal();
    if (this.detail.failure.peek() !== undefined) this.detail.retry();
  }

  /** Somebody outside the view wants something shown: asks what. A host that is gone is noticed elsewhere. */
  #reveal(): void {
    answered(this.host.takeReveal(), this.clock).then(
      (reveal) => {
        if (!reveal) return;
        batch(() => {
          this.setLayout('list');
          this.filter.set(reveal.filter);
        });
        if (reveal.call !== undefined) this.showCall(reveal.call);
      },
      () => undefined,
    );
  }

  setView(range: RowRange): void {
    this.visible.range.value = range;
    this.visible.keepTime();
  }

  /** The user (not the program) scrolled the list; `isAtNewest`: to where new calls come in. */
  userScrolled(isAtNewest: boolean): void {
    if (isAtNewest) this.following.value = true;
    else this.tail.leave();
  }

  follow(): void {
    this.following.value = true;
  }

  /** Selects the row at a place, alone or with others; `open` shows its detail. */
  select(index: number, open = false, how: SelectHow = 'alone'): void {
    const { source } = this;
    batch(() => {
      this.selector.select(source, index, how, this.selectedRow.peek());
      if (open && source.rowAt(index)) this.isDetailOpen.value = true;
      // Who picks a call reads it; what comes in now must not push it away.
      this.tail.leave();
    });
    this.#loadDetail();
  }

  /** Shows a call by its id, wherever it stands, such as one nested in another. */
  showCall(id: string): void {
    batch(() => {
      this.selector.show(id, this.source.indexOf(id));
      this.isDetailOpen.value = true;
      this.tail.leave();
    });
    this.#loadDetail();
  }

  /** The calls an action is about: those chosen together, where the one given is among them; else that one, or the one selected. */
  targets(row?: CallRow): CallRow[] {
    const chosen = this.chosen.ordered();
    if (chosen.length > 0 && (!row || chosen.some(({ id }) => id === row.id))) return chosen;
    const one = row ?? this.selectedRow.peek();
    return one ? [one] : [];
  }

  /** Puts something on calls, or takes it away; gives whether that was done. */
  async annotate(ids: readonly string[], change: NoteChange): Promise<boolean> {
    if (!(await this.actions.annotate(ids, change))) return false;
    this.source.refresh();
    this.chosen.annotate(ids, change);
    this.detail.retry();
    return true;
  }

  /** Pins what is not pinned yet; where all are, none are afterwards. */
  togglePinned(rows = this.targets()): void {
    if (rows.length === 0) return;
    const isPinned = !rows.every(({ note }) => note?.isPinned === true);
    void this.annotate(rows.map(({ id }) => id), { isPinned });
  }

  /** Opens the call's detail where its comment is written. */
  editComment(row: CallRow): void {
    this.showCall(row.id);
    this.tab.value = 'overview';
    this.commentRequest.value = row.id;
  }

  setLayout(layout: TrafficLayout): void {
    if (layout === this.settings.layout.peek()) return;
    batch(() => {
      this.settings.setLayout(layout);
      this.selector.moveTo(this.layouts.source.peek());
      // The list comes back at the call it is about, or else at the newest.
      const index = layout === 'list' ? this.selection.peek()?.index : undefined;
      const first = Math.max(0, (index ?? 0) - 3);
      this.visible.range.value = { first, end: first };
      if (layout === 'list' && index === undefined) this.following.value = true;
    });
  }

  /** By a column: its usual order, the other way round, then as they happened again. */
  sortBy(key: SortKey): void {
    this.settings.setSort(nextSort(this.settings.sort.peek(), key));
  }

  /** What is shown stands still; what comes in meanwhile is only counted. */
  setPaused(isPaused: boolean): void {
    batch(() => {
      this.layouts.setPaused(isPaused);
      this.summaryFeed.setPaused(isPaused);
    });
    this.visible.keepTime();
  }

  /** What is shown, in its order, for exports. */
  get shownSelection(): ExportSelection {
    return questionOf(this.feed.shown.peek());
  }

  openDetail(): void {
    if (this.selection.peek()) this.isDetailOpen.value = true;
    this.#loadDetail();
  }

  closeDetail(): void {
    this.isDetailOpen.value = false;
    this.#loadDetail();
  }

  /** The host speaks: whatever failed before may well work now. */
  #onStatus(status: ApplicationStatus): void {
    batch(() => {
      this.status.value = status;
      this.#readyFailure.value = undefined;
    });
    this.settings.load();
    if (this.feed.failure.peek() !== undefined) this.filter.apply(true);
    else if (this.source.failure.peek() !== undefined) this.source.refresh();
  }

  /** New rows: the selection finds its place again, and a row that was awaited is selected. */
  #onRows(): void {
    const source = this.layouts.source.value;
    void source.revision.value;
    if (this.selector.settle(source)) this.#loadDetail();
    this.visible.keepTime();
  }

  #loadDetail(): void {
    this.detail.load(this.isDetailOpen.peek() ? this.selection.peek()?.id : undefined);
  }

  #findSelectedRow(): CallRow | undefined {
    const selection = this.selection.value;
    const source = this.layouts.source.value;
    void source.revision.value;
    if (!selection) return undefined;
    const listed = selection.index === undefined ? undefined : source.rowAt(selection.index);
    if (listed?.id === selection.id) return listed;
    const loaded = this.detail.detail.value?.row;
    return loaded?.id === selection.id ? loaded : undefined;
  }

  dispose(): void {
    this.#store.dispose();
  }
}
