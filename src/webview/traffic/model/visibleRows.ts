/**
 * Owns what depends on which rows are in view: the scale of their bars, and a clock that ticks only while one of them
 * (or the call in the detail) is still running.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { GAP_METHOD, PAUSE_METHOD, type CallRow } from '../../../extension/contract/traffic';
import type { Clock } from '../../../extension/util/clock';
import { MutableDisposable, type Disposable } from '../../../extension/util/lifecycle';
import type { RowRange } from '../../components/scrollSpace';
import type { RowSource } from './rowSource';

const TICK_MS = 200;

export class VisibleRows implements Disposable {
  readonly range = signal<RowRange>({ first: 0, end: 0 });
  /** Wall clock while something in view runs, for elapsed times. */
  readonly nowMs = signal(0);
  /** The longest duration in view, rounded up to a calm scale; microseconds. */
  readonly barScaleUs: ReadonlySignal<number>;
  readonly #tick = new MutableDisposable<Disposable>();

  constructor(
    /** What is in view now. */
    private readonly source: ReadonlySignal<RowSource>,
    private readonly clock: Clock,
    /** Another row to keep time for, wherever it is. */
    private readonly alsoWatched: () => CallRow | undefined,
    /** What stands still has no time that goes on. */
    private readonly isPaused: () => boolean,
  ) {
    this.barScaleUs = computed(() => {
      const source = this.source.value;
      void source.revision.value;
      const { first, end } = this.range.value;
      let longest = 0;
      for (let index = first; index < end; index += 1) longest = Math.max(longest, durationOf(source.rowAt(index)));
      return niceCeiling(longest);
    });
  }

  /** Starts the clock where it is needed; to be called whenever rows, range or selection changed. */
  keepTime(): void {
    if (this.#tick.value || this.isPaused() || !this.#hasRunning()) return;
    this.nowMs.value = this.clock.wallMs();
    this.#tick.value = this.clock.timer(TICK_MS, () => {
      this.#tick.clear();
      this.keepTime();
    });
  }

  #hasRunning(): boolean {
    const { first, end } = this.range.peek();
    for (let index = first; index < end; index += 1) if (this.source.peek().rowAt(index)?.status === 'running') return true;
    return this.alsoWatched()?.status === 'running';
  }

  dispose(): void {
    this.#tick.dispose();
  }
}

/** What stands for what is not in the log, such as a pause of recording, is no call whose length means anything beside others'. */
function durationOf(row: CallRow | undefined): number {
  return row?.method === PAUSE_METHOD || row?.method === GAP_METHOD ? 0 : (row?.durationUs ?? 0);
}

/** The next of 1, 2, 5, 10, 20 … ms: the scale of the bars must not jump with every row. */
export function niceCeiling(us: number): number {
  let scale = 1_000;
  for (;;) {
    for (const step of [1, 2, 5]) if (us <= scale * step) return scale * step;
    scale *= 10;
  }
}
