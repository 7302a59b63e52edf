/** Owns who answers questions: the worker, and while that is lost, what is kept in memory here from then on (recentTraffic.ts). */
import { isAppError } from '../util/errors';
import type { Disposable } from '../util/lifecycle';
import type { JournalWriter } from './journalWriter';
import { RecentTraffic, type RecentTrafficOptions } from './recentTraffic';
import type { WorkerHandle } from './workerHandle';
import type { QueryWorkerApi } from './worker/api';

export class Questions implements Disposable {
  #recent: RecentTraffic | undefined;
  #isDisposed = false;

  constructor(
    private readonly worker: WorkerHandle,
    private readonly journal: JournalWriter,
    private readonly options: RecentTrafficOptions,
  ) {
    worker.onDidChangeState((state) => {
      if (state === 'lost') this.#keepRecent();
      if (state === 'ready') this.#letGo();
    });
  }

  /** Rejects with `store.unavailable` where nobody can answer, and with the worker's own errors. */
  async ask<T>(method: keyof QueryWorkerApi, args: readonly unknown[], signal?: AbortSignal): Promise<T> {
    if (this.#recent) return this.#recent.ask<T>(method, args, signal);
    try {
      return await this.worker.call<T>(method, args, signal);
    } catch (error) {
      // It may have been lost while it worked on this.
      const recent = this.#recent as RecentTraffic | undefined;
      if (!recent || !isAppError(error, 'store.unavailable')) throw error;
      return recent.ask<T>(method, args, signal);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#letGo();
  }

  #keepRecent(): void {
    if (this.#recent || this.#isDisposed) return;
    const { journal } = this;
    const recent = new RecentTraffic(this.options);
    this.#recent = recent;
    // What is staged is not in the file yet, and not told of either.
    journal.flush();
    void recent.begin(journal.position);
    journal.tap = (n, meta, wallMs, us, body) => recent.record(n, meta, wallMs, us, body);
  }

  #letGo(): void {
    this.journal.tap = undefined;
    this.#recent?.dispose();
    this.#recent = undefined;
  }
}
