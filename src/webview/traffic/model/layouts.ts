/**
 * Owns the ways calls are seen (list, groups, time line): feeds each with the question asked and lets only the one shown
 * ask the host, pauses them together.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import type { CallFeed } from './callFeed';
import { GroupFeed, type GroupLayout } from './groupFeed';
import type { RowSource } from './rowSource';
import { TimelineFeed } from './timelineFeed';
import type { TrafficHost } from './trafficHost';
import type { ViewSettings } from './viewSettings';

export class Layouts implements Disposable {
  readonly groups: GroupFeed;
  readonly timeline: TimelineFeed;
  readonly isPaused = signal(false);
  /** Where the rows in view come from. */
  readonly source: ReadonlySignal<RowSource>;
  readonly #store = new DisposableStore();

  constructor(
    host: TrafficHost,
    clock: Clock,
    private readonly feed: CallFeed,
    settings: ViewSettings,
    onMoved: (by: number) => void,
  ) {
    this.groups = this.#store.add(new GroupFeed(host, clock, onMoved));
    this.timeline = this.#store.add(new TimelineFeed(host, clock));
    this.source = computed(() => {
      const layout = settings.layout.value;
      return layout === 'list' ? feed : layout === 'timeline' ? this.timeline : this.groups;
    });
    const show = (): void => {
      const layout = settings.layout.value;
      // What the list has answered is a filter that parses.
      const query = feed.shown.value;
      const isReady = feed.isLoaded.value;
      untracked(() => {
        feed.setCounting(layout !== 'list');
        if (!isReady) return;
        this.groups.show(isGrouped(layout) ? layout : undefined, query);
        this.timeline.show(layout === 'timeline', query);
      });
    };
    this.#store.add(toDisposable(effect(show)));
  }

  setPaused(isPaused: boolean): void {
    batch(() => {
      this.isPaused.value = isPaused;
      this.feed.setPaused(isPaused);
      this.groups.setPaused(isPaused);
      this.timeline.setPaused(isPaused);
    });
  }

  dispose(): void {
    this.#store.dispose();
  }
}

export function isGrouped(layout: string): layout is GroupLayout {
  return layout === 'session' || layout === 'server' || layout === 'prompt';
}
