/**
 * Owns the full record of the selected call: loads it, loads it again while the call runs and traffic advances, drops
 * what a newer selection superseded. What is shown stays until the next is there, marked by its own id.
 */
import { batch, signal } from '@preact/signals';
import type { CallDetail } from '../../../extension/contract/traffic';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import { answered, type TrafficHost } from './trafficHost';
import { Latest } from './latest';

const REFRESH_INTERVAL_MS = 250;

export class DetailLoader implements Disposable {
  readonly detail = signal<CallDetail | undefined>(undefined);
  readonly failure = signal<unknown>(undefined);
  /** The host knows no such call (any more). */
  readonly isMissing = signal(false);

  readonly #store = new DisposableStore();
  readonly #latest = this.#store.add(new Latest());
  #id: string | undefined;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
  ) {
    const refresh = this.#store.add(new Throttle(() => this.#refresh(), REFRESH_INTERVAL_MS, clock));
    this.#store.add(host.onAdvanced(() => refresh.trigger()));
  }

  /** Loads the call; `undefined` shows nothing. */
  load(id: string | undefined): void {
    if (id === this.#id) return;
    this.#id = id;
    batch(() => {
      this.failure.value = undefined;
      this.isMissing.value = false;
    });
    if (id === undefined) {
      this.#latest.cancel();
      this.detail.value = undefined;
    } else this.#ask(id);
  }

  retry(): void {
    if (this.#id !== undefined) this.#ask(this.#id);
  }

  #refresh(): void {
    const shown = this.detail.value;
    if (this.#id === undefined || this.#latest.isBusy) return;
    if (shown?.row.id === this.#id && shown.row.status !== 'running') return;
    this.#ask(this.#id);
  }

  #ask(id: string): void {
    this.#latest.run(
      () => answered(this.host.call(id), this.clock),
      (detail) =>
        batch(() => {
          this.failure.value = undefined;
          this.isMissing.value = detail === undefined;
          this.detail.value = detail;
        }),
      (error) => {
        this.failure.value = error;
      },
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}
