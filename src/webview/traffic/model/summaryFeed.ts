/**
 * Owns the numbers in the summary strip: of the calls that match the filter and, where one is set, of how many. Follows
 * traffic twice a second at most; a failure keeps the last numbers, since the list says what is wrong, and where the host did not
 * answer they are asked for again.
 */
import { batch, signal } from '@preact/signals';
import type { CallSummary } from '../../../extension/contract/traffic';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { isAppError } from '../../../extension/util/errors';
import { DisposableStore, MutableDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered, RETRY_MS } from '../../platform/answered';
import type { TrafficHost } from './trafficHost';
import { questionOf } from './callFeed';
import { Latest } from './latest';
import { EVERYTHING, type ListQuery } from './listQuery';

const INTERVAL_MS = 500;

export class SummaryFeed implements Disposable {
  readonly summary = signal<CallSummary | undefined>(undefined);
  /** Calls in the whole store; absent while there is no filter. */
  readonly outOf = signal<number | undefined>(undefined);

  readonly #store = new DisposableStore();
  readonly #latest = this.#store.add(new Latest());
  readonly #throttle: Throttle;
  readonly #retry = this.#store.add(new MutableDisposable<Disposable>());
  #query: ListQuery = EVERYTHING;
  #isDue = false;
  #isPaused = false;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
  ) {
    this.#throttle = this.#store.add(new Throttle(() => this.#follow(), INTERVAL_MS, clock));
    this.#store.add(
      host.onAdvanced(() => {
        if (!this.#isPaused) this.#throttle.trigger();
      }),
    );
  }

  setQuery(query: ListQuery): void {
    this.#query = query;
    this.#ask();
  }

  /** The numbers are of what is shown: they stand still with it. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused) this.#ask();
  }

  /** Traffic advanced: a question under way is let finish, else a slow host would never get to answer one. */
  #follow(): void {
    if (this.#latest.isBusy) this.#isDue = true;
    else this.#ask();
  }

  #ask(): void {
    const { filter, scope } = this.#query;
    const where = scope === 'all' ? {} : { scope };
    this.#isDue = false;
    this.#retry.clear();
    this.#latest.run(
      (signal) =>
        answered(
          Promise.all([
            this.host.summary({ filter, ...where }, signal),
            filter === '' ? undefined : this.host.page({ ...questionOf({ filter: '', scope }), position: { kind: 'newest' }, limit: 1 }, signal),
          ]),
          this.clock,
        ),
      ([summary, all]) => {
        batch(() => {
          this.summary.value = summary;
          this.outOf.value = all?.total;
        });
        if (this.#isDue) this.#throttle.trigger();
      },
      (error) => {
        if (isAppError(error, 'rpc.closed')) this.#retry.value = this.clock.timer(RETRY_MS, () => this.#ask());
      },
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}
