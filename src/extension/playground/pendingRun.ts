/**
 * Owns a run before it is sent: listed as soon as it has to wait for its server, so that it can be cancelled there, and
 * taken off the list again where nothing is sent after all.
 */
import type { PlaygroundRun, RunRequest } from '../contract/playgroundRuns';
import { Deferred } from '../util/async';
import type { ServerConnection } from './connection';
import type { Run, RunList } from './runList';

/** What `wait` rejects with once the run is cancelled. */
class Cancelled extends Error {}

export class PendingRun {
  #run: Run | undefined;
  #isSent = false;
  readonly #cancelled = new Deferred<never>();

  constructor(
    readonly connection: ServerConnection,
    private readonly runs: RunList,
    private readonly request: RunRequest,
    private readonly origin: PlaygroundRun['origin'],
    /** It is in the list of runs from now on. */
    private readonly onListed: (run: string) => void,
  ) {
    // Nobody may be waiting when it is cancelled.
    this.#cancelled.promise.catch(() => undefined);
  }

  /** Once it is listed. */
  get id(): string | undefined {
    return this.#run?.state.id;
  }

  /** Waits, listed meanwhile; rejects at once when the run is cancelled. */
  wait<T>(waitsFor: PlaygroundRun['waitsFor'], what: Promise<T>): Promise<T> {
    this.runs.update(this.#listed(), { waitsFor });
    return this.unlessCancelled(what);
  }

  /** Waits where there is little to wait for: not listed for that. */
  unlessCancelled<T>(what: Promise<T>): Promise<T> {
    return Promise.race([this.#cancelled.promise, what]);
  }

  /** It is sent now: its time runs from here on. */
  send(asTask: boolean): Run {
    this.#isSent = true;
    const run = this.#listed();
    run.request = { ...this.request, asTask };
    this.runs.sent(run);
    return run;
  }

  /** Ends a run that is listed and not sent. */
  cancel(message: string): void {
    if (!this.#run || this.#isSent || !this.runs.settle(this.#run, { status: 'cancelled', message, waitsFor: undefined })) return;
    this.#cancelled.reject(new Cancelled());
  }

  /** The id of the run where `error` is that it was cancelled. */
  cancelledBy(error: unknown): string | undefined {
    return error instanceof Cancelled ? this.id : undefined;
  }

  /** Nothing more comes of it: what was neither sent nor cancelled was never a run. */
  end(): void {
    if (this.#run?.state.status === 'running' && !this.#isSent) this.runs.withdraw(this.#run);
  }

  #listed(): Run {
    if (this.#run) return this.#run;
    this.#run = this.runs.add(this.request, this.origin);
    this.onListed(this.#run.state.id);
    return this.#run;
  }
}
