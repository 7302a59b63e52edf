/**
 * Owns keeping the rows in view current: asks for what is missing, asks again when traffic advanced, one question at a
 * time and always for what is in view *now*. Knows nothing of selection or drawing.
 *
 * Invariants: an answer to a former filter is never shown; the rows of the last good answer stay until a new filter's
 * first answer is there; a failure stays visible until an answer or `restart`.
 */
import { batch, signal } from '@preact/signals';
import { isAppError, type AppError } from '../../../extension/util/errors';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import type { CallPage, CallRow } from '../../../extension/contract/traffic';
import type { RowRange } from '../../components/scrollSpace';
import { CallCache } from './callCache';
import { answered, type TrafficHost } from './trafficHost';

/** Rows asked for beyond what is in view, at either end. */
const MARGIN = 40;
const REFRESH_INTERVAL_MS = 100;

export interface FeedEvents {
  /** The rows in view moved to other places, `by` rows further down (negative: up). */
  onMoved(by: number): void;
  /** The first rows of another filter are there. */
  onReplaced(): void;
}

export class CallFeed implements Disposable {
  readonly total = signal(0);
  readonly isLoaded = signal(false);
  /** Raised whenever the rows behind `rowAt` changed. */
  readonly revision = signal(0);
  readonly failure = signal<unknown>(undefined);
  /** Why the wanted filter is not the one shown. */
  readonly filterFailure = signal<AppError | undefined>(undefined);
  readonly isBusy = signal(false);
  /** Filter of the rows shown. */
  readonly shownFilter = signal('');

  readonly #store = new DisposableStore();
  readonly #refresh: Throttle;
  #cache = new CallCache();
  #filter = '';
  #range: RowRange = { first: 0, end: 0 };
  #following = true;
  #asking: AbortController | undefined;
  #isStale = true;
  /** Nothing is asked before the first `restart`. */
  #isStarted = false;
  #rejected: string | undefined;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    private readonly events: FeedEvents,
  ) {
    this.#refresh = this.#store.add(new Throttle(() => this.#pump(), REFRESH_INTERVAL_MS, clock));
    this.#store.add(
      host.onAdvanced(() => {
        this.#isStale = true;
        this.#refresh.trigger();
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

  /** What is in view, and whether the view stays at the newest row. */
  setView(range: RowRange, following: boolean): void {
    const isElsewhere = range.first !== this.#range.first || range.end !== this.#range.end;
    this.#range = range;
    this.#following = following;
    // Rows that were running when they left the view may have settled since.
    if (isElsewhere && this.#cache.hasRunning(range)) this.#isStale = true;
    this.#pump();
  }

  setFilter(filter: string): void {
    if (filter !== this.#filter) this.restart(filter);
  }

  /** Asks anew, whatever is under way. */
  restart(filter: string): void {
    this.#isStarted = true;
    this.#filter = filter;
    this.#rejected = undefined;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#isStale = true;
    this.#pump();
  }

  /** The filter to ask with: what is wanted, or the last good one while that is rejected. */
  #effectiveFilter(): string {
    return this.#filter === this.#rejected ? this.shownFilter.value : this.#filter;
  }

  #pump(): void {
    if (!this.#isStarted || this.#asking || this.#store.isDisposed) return;
    const isNew = !this.isLoaded.value || this.shownFilter.value !== this.#effectiveFilter();
    if (!isNew && !this.#isStale && this.#cache.isComplete(this.#range)) return;
    this.#isStale = false;
    void this.#ask(this.#effectiveFilter(), isNew);
  }

  async #ask(filter: string, isNew: boolean): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.isBusy.value = true;
    const where = isNew || this.#following ? this.#newest() : this.#cache.positionOf(this.#withMargin());
    let again = false;
    try {
      const page = await answered(this.host.page({ filter, ...where }, asking.signal), this.clock);
      if (this.#asking !== asking) return;
      this.#show(page, filter, isNew);
      // An answer that brought nothing of what is missing must not be asked for over and over.
      again = page.rows.length > 0;
    } catch (error) {
      if (this.#asking !== asking) return;
      if (isAppError(error, 'query.invalid')) {
        this.filterFailure.value = error;
        this.#rejected = filter;
        this.#isStale = !this.isLoaded.value;
        again = true;
      } else if (!isAppError(error, 'cancelled')) {
        this.failure.value = error;
      }
    }
    this.#asking = undefined;
    this.isBusy.value = false;
    if (again) this.#pump();
  }

  #show(page: CallPage, filter: string, isNew: boolean): void {
    batch(() => {
      const anchor = isNew ? undefined : this.#anchor();
      if (isNew) this.#cache = new CallCache();
      const applied = this.#cache.apply(page, this.#range);
      this.shownFilter.value = filter;
      this.isLoaded.value = true;
      this.failure.value = undefined;
      if (filter === this.#filter) this.filterFailure.value = undefined;
      this.total.value = this.#cache.total;
      this.revision.value += 1;
      if (isNew) this.events.onReplaced();
      else if (applied === 'moved' && anchor) {
        const place = this.#cache.indexOf(anchor.id);
        if (place !== undefined && place !== anchor.index) this.events.onMoved(place - anchor.index);
      }
    });
  }

  #anchor(): { readonly id: string; readonly index: number } | undefined {
    for (let index = this.#range.first; index < this.#range.end; index += 1) {
      const row = this.#cache.at(index);
      if (row) return { id: row.id, index };
    }
    return undefined;
  }

  #newest(): { readonly position: { readonly kind: 'newest' }; readonly limit: number } {
    const inView = this.#range.end - this.#range.first;
    return { position: { kind: 'newest' }, limit: Math.min(1_000, Math.max(60, inView) + MARGIN) };
  }

  #withMargin(): RowRange {
    return { first: Math.max(0, this.#range.first - MARGIN), end: Math.min(this.total.value, this.#range.end + MARGIN) };
  }

  dispose(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    this.#store.dispose();
  }
}
