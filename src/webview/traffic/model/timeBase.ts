/**
 * Owns what "since start" counts from: the time of the oldest call shown. Asked for only while times are written so,
 * once per filter; retention may move it, which the next filter or reload takes in.
 */
import { effect, signal } from '@preact/signals';
import { toDisposable, DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import type { Clock } from '../../../extension/util/clock';
import { answered } from '../../platform/answered';
import { questionOf, type CallFeed } from './callFeed';
import { Latest } from './latest';
import type { TrafficHost } from './trafficHost';
import type { ViewSettings } from './viewSettings';

export class TimeBase implements Disposable {
  /** Absent until it is known. */
  readonly startMs = signal<number | undefined>(undefined);
  readonly #store = new DisposableStore();

  constructor(host: TrafficHost, clock: Clock, feed: CallFeed, settings: ViewSettings) {
    const latest = this.#store.add(new Latest());
    this.#store.add(
      toDisposable(
        effect(() => {
          const { filter, scope } = feed.shown.value;
          const isWanted = settings.timeMode.value === 'start' && feed.isLoaded.value;
          this.startMs.value = undefined;
          latest.cancel();
          if (!isWanted) return;
          const offset = Math.max(0, feed.total.peek() - 1);
          latest.run(
            (aborted) => answered(host.page({ ...questionOf({ filter, scope }), position: { kind: 'offset', offset }, limit: 1 }, aborted), clock),
            ({ rows }) => (this.startMs.value = rows.at(-1)?.timeMs),
            () => undefined,
          );
        }),
      ),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}
