/**
 * Owns how eagerly journals are followed. Filing takes a core from the traffic that is to be filed, so it gets half of
 * one while somebody looks, and next to nothing while nobody does: whoever asks is given everything first, and what is
 * sealed meanwhile is never filed here at all. That nobody looks is told by silence: a view asks when it hears of news.
 */
import type { Clock } from '../../util/clock';
import { MutableDisposable, type Disposable } from '../../util/lifecycle';

export interface PaceOptions {
  /** Files for about so long; gives whether anything was new, and whether there is more. */
  readonly file: (budgetMs: number) => Promise<{ readonly changed: boolean; readonly more: boolean }>;
  readonly onNews: () => void;
  readonly clock: Clock;
}

const attendedMs = 10_000;
const attended = { budgetMs: 40, leastPauseMs: 25, mostPauseMs: 150 };
const alone = { budgetMs: 4, leastPauseMs: 80, mostPauseMs: 1000 };

export class Pace implements Disposable {
  readonly #timer = new MutableDisposable<Disposable>();
  #askedUs = -Infinity;
  #busy = false;
  #again = false;
  #disposed = false;
  /** The last look ended before everything was filed. */
  #hasMore = false;
  /** Pause after a look that nobody made use of. */
  #lonelyMs = alone.leastPauseMs;

  constructor(private readonly options: PaceOptions) {}

  /** Whether somebody has asked of late. */
  get isAttended(): boolean {
    return this.options.clock.monotonicUs() - this.#askedUs < attendedMs * 1000;
  }

  /** Somebody asks. */
  asked(): void {
    const wasAttended = this.isAttended;
    this.#askedUs = this.options.clock.monotonicUs();
    this.#lonelyMs = alone.leastPauseMs;
    // Whoever comes does not wait for the end of a pause that was made because nobody was there.
    if (!wasAttended && this.#timer.value && !this.#busy) this.#wait(attended.leastPauseMs);
  }

  /** There may be something to file. */
  look(): void {
    if (this.#disposed) return;
    if (this.#busy || this.#timer.value) {
      this.#again = true;
      return;
    }
    void this.#run();
  }

  async #run(): Promise<void> {
    const { file, onNews, clock } = this.options;
    this.#busy = true;
    this.#again = false;
    const beganUs = clock.monotonicUs();
    this.#hasMore = false;
    try {
      const { changed, more } = await file(this.isAttended ? attended.budgetMs : alone.budgetMs);
      this.#hasMore = more;
      if (changed) onNews();
    } finally {
      this.#busy = false;
      const workedMs = (clock.monotonicUs() - beganUs) / 1000;
      this.#pause(workedMs);
    }
  }

  #pause(workedMs: number): void {
    if (this.#disposed) return;
    let pauseMs: number;
    if (this.isAttended) pauseMs = Math.min(Math.max(workedMs, attended.leastPauseMs), attended.mostPauseMs);
    else {
      pauseMs = this.#lonelyMs;
      // It keeps up: whoever may be looking sees everything soon. It does not: less and less is tried.
      this.#lonelyMs = this.#hasMore ? Math.min(pauseMs * 2, alone.mostPauseMs) : alone.leastPauseMs;
    }
    this.#wait(pauseMs);
  }

  #wait(pauseMs: number): void {
    this.#timer.value = this.options.clock.timer(pauseMs, () => {
      this.#timer.clear();
      if (this.#hasMore || this.#again) void this.#run();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer.dispose();
  }
}
