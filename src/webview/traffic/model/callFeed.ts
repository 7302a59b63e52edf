/**
 * Owns keeping the rows in view current: asks for what is missing, asks again when traffic advanced, one question at a
 * time and always for what is in view *now*. Knows nothing of selection or drawing.
 *
 * Invariants: an answer to a former question is never shown; the rows of the last good answer stay until a new filter's
 * first answer is there; a failure stays visible until an answer or `restart`; while paused nothing in view changes.
 */
import { batch, signal } from '@preact/signals';
import { isAppError, type AppError } from '../../../extension/util/errors';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import type { CallPage, CallQuery, CallRow } from '../../../extension/contract/traffic';
import type { ExportSelection } from '../../../extension/contract/trafficApi';
import type { RowRange } from '../../components/scrollSpace';
import { answered } from '../../platform/answered';
import { CallCache } from './callCache';
import { EVERYTHING, queryKey, type ListQuery } from './listQuery';
import type { RowSource } from './rowSource';
import type { TrafficHost } from './trafficHost';

/** Rows asked for beyond what is in view, at either end. */
const MARGIN = 40;
const REFRESH_INTERVAL_MS = 50;
/** How often it is only counted, while no row is to change. */
const COUNT_INTERVAL_MS = 500;

export interface FeedEvents {
  /** The rows in view moved to other places, `by` rows further down (negative: up). */
  onMoved(by: number): void;
  /** The first rows of another question are there. */
  onReplaced(): void;
}

export class CallFeed implements RowSource, Disposable {
  readonly total = signal(0);
  /** Bodies are still being searched: there may be more than `total`. */
  readonly isSearching = signal(false);
  readonly isLoaded = signal(false);
  readonly revision = signal(0);
  readonly failure = signal<unknown>(undefined);
  /** Why the wanted filter is not the one shown. */
  readonly filterFailure = signal<AppError | undefined>(undefined);
  readonly isBusy = signal(false);
  /** Filter of the rows shown. */
  readonly shownFilter = signal('');
  /** The whole question they answer. */
  readonly shown = signal<ListQuery>(EVERYTHING);
  readonly isPaused = signal(false);
  /** Calls that came while paused. */
  readonly pausedNew = signal(0);

  readonly #store = new DisposableStore();
  readonly #refresh: Throttle;
  readonly #count: Throttle;
  #cache = new CallCache();
  #query: ListQuery = EVERYTHING;
  #range: RowRange = { first: 0, end: 0 };
  #following = true;
  /** Rows are shown elsewhere (groups, time line): only their number is kept current. */
  #isCounting = false;
  #asking: AbortController | undefined;
  #isStale = true;
  /** Nothing is asked before the first `restart`. */
  #isStarted = false;
  /** Key of the question that was refused. */
  #rejected: string | undefined;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    private readonly events: FeedEvents,
  ) {
    this.#refresh = this.#store.add(new Throttle(() => this.#pump(), REFRESH_INTERVAL_MS, clock));
    this.#count = this.#store.add(new Throttle(() => void this.#askCount(), COUNT_INTERVAL_MS, clock));
    this.#store.add(
      host.onAdvanced(() => {
        this.#isStale = true;
        if (this.isPaused.peek()) this.#count.trigger();
        else this.#refresh.trigger();
      }),
    );
  }

  rowAt(index: number): CallRow | undefined {
    return this.#cache.at(index);
  }

  /** Every row held, in no order. */
  rows(): Iterable<CallRow> {
    return this.#cache.rows();
  }

  indexOf(id: string): number | undefined {
    return this.#cache.indexOf(id);
  }

  get through(): number {
    return this.#cache.through;
  }

  /** Whether the newest call stands at the end. */
  get isNewestLast(): boolean {
    return this.shown.value.sort === undefined;
  }

  /** What is in view, and whether the view stays at the newest row. */
  setView(range: RowRange, following: boolean): void {
    const isElsewhere = range.first !== this.#range.first || range.end !== this.#range.end;
    this.#range = range;
    this.#following = following;
    // Rows that were running when they left the view may have settled since.
    if (isElsewhere && !this.isPaused.peek() && this.#cache.hasRunning(range)) this.#isStale = true;
    this.#pump();
  }

  setCounting(isCounting: boolean): void {
    if (this.#isCounting === isCounting) return;
    this.#isCounting = isCounting;
    this.#isStale = true;
    this.#pump();
  }

  setPaused(isPaused: boolean): void {
    if (this.isPaused.peek() === isPaused) return;
    batch(() => {
      this.isPaused.value = isPaused;
      this.pausedNew.value = 0;
    });
    if (isPaused) this.#cache.freeze();
    else {
      this.#cache.thaw();
      this.#isStale = true;
      this.#pump();
    }
  }

  setQuery(query: ListQuery): void {
    if (queryKey(query) !== queryKey(this.#query)) this.restart(query);
  }

  /** Asks anew, whatever is under way. */
  restart(query: ListQuery): void {
    this.#isStarted = true;
    this.#query = query;
    this.#rejected = undefined;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#isStale = true;
    this.#pump();
  }

  refresh(): void {
    this.#isStale = true;
    this.#pump(true);
  }

  /** The question to ask: the one wanted, with the last good filter while that one's is refused. */
  #effective(): ListQuery {
    return queryKey(this.#query) === this.#rejected ? { ...this.#query, filter: this.shownFilter.peek() } : this.#query;
  }

  #pump(evenPaused = false): void {
    if (!this.#isStarted || this.#asking || this.#store.isDisposed) return;
    const query = this.#effective();
    const isNew = !this.isLoaded.peek() || queryKey(this.shown.peek()) !== queryKey(query);
    const isComplete = this.#isCounting || this.#cache.isComplete(this.#range);
    const isDue = this.#isStale && (evenPaused || !this.isPaused.peek());
    if (!isNew && !isDue && isComplete) return;
    if (isDue || isNew) this.#isStale = false;
    void this.#ask(query, isNew);
  }

  async #ask(query: ListQuery, isNew: boolean): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.isBusy.value = true;
    let again = false;
    try {
      const page = await answered(this.host.page({ ...questionOf(query), ...this.#where(isNew) }, asking.signal), this.clock);
      if (this.#asking !== asking) return;
      this.#show(page, query, isNew);
      // An answer that brought nothing of what is missing must not be asked for over and over.
      again = page.rows.length > 0;
    } catch (error) {
      if (this.#asking !== asking) return;
      if (isAppError(error, 'query.invalid') && query === this.#query) {
        this.filterFailure.value = error;
        this.#rejected = queryKey(query);
        this.#isStale = !this.isLoaded.peek();
        again = true;
      } else if (!isAppError(error, 'cancelled')) {
        this.failure.value = error;
      }
    }
    this.#asking = undefined;
    this.isBusy.value = false;
    if (again) this.#pump();
  }

  #where(isNew: boolean): Pick<CallQuery, 'position' | 'limit'> {
    if (this.#isCounting) return { position: { kind: 'newest' }, limit: 1 };
    // Frozen rows are fetched where they stand; the newest would be others.
    return isNew || (this.#following && !this.isPaused.peek()) ? this.#newest() : this.#cache.positionOf(this.#withMargin());
  }

  #show(page: CallPage, query: ListQuery, isNew: boolean): void {
    batch(() => {
      const anchor = isNew ? undefined : this.#anchor();
      if (isNew) {
        this.#cache = new CallCache(undefined, query.sort ? 'asGiven' : 'newestLast');
        this.pausedNew.value = 0;
      }
      const applied = this.#cache.apply(page, this.#range);
      // Another filter shows what there is when it is asked for, and stands still again.
      if (isNew && this.isPaused.peek()) this.#cache.freeze();
      this.shownFilter.value = query.filter;
      if (isNew) this.shown.value = query;
      this.isLoaded.value = true;
      this.failure.value = undefined;
      if (queryKey(query) === queryKey(this.#query)) this.filterFailure.value = undefined;
      this.total.value = this.#cache.total;
      this.isSearching.value = page.isTotalExact === false;
      this.revision.value += 1;
      if (isNew) this.events.onReplaced();
      else if (applied === 'moved' && anchor) {
        const place = this.#cache.indexOf(anchor.id);
        if (place !== undefined && place !== anchor.index) this.events.onMoved(place - anchor.index);
      }
    });
  }

  async #askCount(): Promise<void> {
    const query = this.shown.peek();
    try {
      const page = await answered(this.host.page({ ...questionOf(query), position: { kind: 'newest' }, limit: 1 }), this.clock);
      const isCurrent = this.isPaused.peek() && queryKey(this.shown.peek()) === queryKey(query);
      if (isCurrent) this.pausedNew.value = Math.max(0, page.total - this.total.peek());
    } catch {
      // The number alone is not worth a word; what is in view stays as it is anyway.
    }
  }

  #anchor(): { readonly id: string; readonly index: number } | undefined {
    for (let index = this.#range.first; index < this.#range.end; index += 1) {
      const row = this.#cache.at(index);
      if (row) return { id: row.id, index };
    }
    return undefined;
  }

  #newest(): Pick<CallQuery, 'position' | 'limit'> {
    const inView = this.#range.end - this.#range.first;
    return { position: { kind: 'newest' }, limit: Math.min(1_000, Math.max(60, inView) + MARGIN) };
  }

  #withMargin(): RowRange {
    return { first: Math.max(0, this.#range.first - MARGIN), end: Math.min(this.total.peek(), this.#range.end + MARGIN) };
  }

  dispose(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    this.#store.dispose();
  }
}

/** What is usual is left out of the message. */
export function questionOf({ filter, scope, sort }: ListQuery): ExportSelection {
  return { filter, ...(scope === 'all' ? {} : { scope }), ...(sort ? { sort } : {}) };
}
