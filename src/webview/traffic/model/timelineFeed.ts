/**
 * Owns what the time line shows: the calls of the period in view, the overview of everything above them, and which period
 * is in view. One question of each at a time.
 *
 * Invariants: without a zoom the whole period of the filter is shown and grows with the traffic; a zoom stays where it is;
 * what is zoomed to is drawn at once from what is there and then asked for.
 */
import { batch, signal } from '@preact/signals';
import type { CallRow } from '../../../extension/contract/traffic';
import type { Timeline } from '../../../extension/contract/trafficGroups';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, MutableDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import { questionOf } from './callFeed';
import { Latest } from './latest';
import { EVERYTHING, selectionKey, type ListQuery } from './listQuery';
import { pastPeriod, withoutPeriod, type Period } from './period';
import type { RowSource } from './rowSource';
import type { TrafficHost } from './trafficHost';

/** So many calls are drawn one by one. */
export const MOST_SPANS = 5_000;
export const OVERVIEW_BUCKETS = 200;
export const LANE_BUCKETS = 400;
const REFRESH_INTERVAL_MS = 250;
const ZOOM_REST_MS = 120;
/** Nothing shorter than this is worth looking at, milliseconds. */
const SHORTEST_MS = 1;

export class TimelineFeed implements RowSource, Disposable {
  readonly timeline = signal<Timeline | undefined>(undefined);
  /** Everything the filter shows but for its own period. */
  readonly overview = signal<Timeline | undefined>(undefined);
  /** What the user zoomed to; `undefined`: everything. */
  readonly zoom = signal<Period | undefined>(undefined);
  readonly isLoaded = signal(false);
  readonly revision = signal(0);
  readonly failure = signal<unknown>(undefined);

  readonly #store = new DisposableStore();
  readonly #details = this.#store.add(new Latest());
  readonly #whole = this.#store.add(new Latest());
  readonly #refresh: Throttle;
  readonly #zooming = this.#store.add(new MutableDisposable<Disposable>());
  #rows: readonly CallRow[] = [];
  #places = new Map<string, number>();
  #query: ListQuery = EVERYTHING;
  #isShown = false;
  #isPaused = false;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
  ) {
    this.#refresh = this.#store.add(new Throttle(() => this.#follow(), REFRESH_INTERVAL_MS, clock));
    this.#store.add(
      host.onAdvanced(() => {
        if (this.#isShown && !this.#isPaused) this.#refresh.trigger();
      }),
    );
  }

  show(isShown: boolean, query: ListQuery): void {
    const isSame = this.#isShown === isShown && selectionKey(query) === selectionKey(this.#query);
    this.#isShown = isShown;
    if (isSame && this.isLoaded.peek()) return;
    this.#query = query;
    if (!isShown) {
      this.#details.cancel();
      this.#whole.cancel();
      return;
    }
    this.zoom.value = undefined;
    this.refresh();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused && this.#isShown) this.refresh();
  }

  rowAt(index: number): CallRow | undefined {
    return this.#rows[index];
  }

  indexOf(id: string): number | undefined {
    return this.#places.get(id);
  }

  get count(): number {
    return this.#rows.length;
  }

  /** The period in view. */
  get period(): Period {
    const shown = this.zoom.value ?? this.timeline.value;
    return { fromMs: shown?.fromMs ?? 0, toMs: shown?.toMs ?? 1 };
  }

  /** Shows a period; one that holds everything shows everything from now on. */
  setZoom(period: Period | undefined): void {
    this.zoom.value = period && bounded(period, this.#extent());
    this.#zooming.value = this.clock.timer(ZOOM_REST_MS, () => this.#askDetails());
  }

  /** `factor` < 1 comes closer; `atMs` stays where it is. */
  zoomBy(factor: number, atMs?: number): void {
    const { fromMs, toMs } = this.period;
    const at = atMs ?? (fromMs + toMs) / 2;
    const length = Math.max(SHORTEST_MS, (toMs - fromMs) * factor);
    const from = at - ((at - fromMs) / (toMs - fromMs)) * length;
    this.setZoom({ fromMs: from, toMs: from + length });
  }

  /** Moves what is in view by a share of its length. */
  panBy(share: number): void {
    if (!this.zoom.peek()) return;
    const { fromMs, toMs } = this.period;
    const extent = this.#extent();
    const by = Math.min(extent.toMs - toMs, Math.max(extent.fromMs - fromMs, share * (toMs - fromMs)));
    this.setZoom({ fromMs: fromMs + by, toMs: toMs + by });
  }

  /** Brings a moment into view, and as much around it as is in view now. */
  reveal({ fromMs, toMs }: Period): void {
    const now = this.period;
    if (toMs >= now.fromMs && fromMs <= now.toMs) return;
    const half = (now.toMs - now.fromMs) / 2;
    this.setZoom({ fromMs: fromMs - half, toMs: fromMs + half });
  }

  refresh(): void {
    this.#askDetails();
    this.#askWhole();
  }

  #follow(): void {
    if (!this.#details.isBusy) this.#askDetails();
    if (!this.#whole.isBusy) this.#askWhole();
  }

  #extent(): Period {
    const whole = this.timeline.peek();
    const overview = this.overview.peek();
    return {
      fromMs: Math.min(whole?.fromMs ?? Infinity, overview?.fromMs ?? Infinity),
      toMs: Math.max(whole?.toMs ?? 0, overview?.toMs ?? 0),
    };
  }

  #askDetails(): void {
    if (!this.#isShown) return;
    const zoom = this.zoom.peek();
    const { filter, scope } = questionOf(this.#query);
    // A period that is over fills the view: nothing is drawn beyond its end.
    const period = zoom ? { fromMs: Math.floor(zoom.fromMs), toMs: Math.ceil(zoom.toMs) } : (pastPeriod(filter, this.clock.wallMs()) ?? {});
    this.#details.run(
      (signal) => answered(this.host.timeline({ filter, ...(scope ? { scope } : {}), ...period, limit: MOST_SPANS, buckets: LANE_BUCKETS }, signal), this.clock),
      (timeline) =>
        batch(() => {
          this.#rows = timeline.spans.map(({ row }) => row);
          this.#places = new Map(this.#rows.map((row, index) => [row.id, index]));
          this.timeline.value = timeline;
          this.failure.value = undefined;
          this.isLoaded.value = true;
          this.revision.value += 1;
        }),
      (error) => (this.failure.value = error),
    );
  }

  #askWhole(): void {
    const { filter, scope } = questionOf(this.#query);
    this.#whole.run(
      (signal) => answered(this.host.timeline({ filter: withoutPeriod(filter), ...(scope ? { scope } : {}), limit: 1, buckets: OVERVIEW_BUCKETS }, signal), this.clock),
      (timeline) => (this.overview.value = timeline),
      // The lanes say what is wrong.
      () => undefined,
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function bounded({ fromMs, toMs }: Period, extent: Period): Period | undefined {
  const whole = extent.toMs - extent.fromMs;
  const length = Math.max(SHORTEST_MS, toMs - fromMs);
  if (length >= whole) return undefined;
  const from = Math.min(Math.max(fromMs, extent.fromMs), extent.toMs - length);
  return { fromMs: from, toMs: from + length };
}
