/**
 * Owns what was pressed and is not sent yet, one run a target: it is shown as soon as it has to wait, so that it can be
 * cancelled, and what was looked at before comes back where nothing comes of it.
 */
import { batch, signal, type Signal } from '@preact/signals';
import type { PlaygroundState } from '../../../extension/contract/playground';
import type { PlaygroundRun, RunStart, RunTarget } from '../../../extension/contract/playgroundRuns';
import type { Clock } from '../../../extension/util/clock';
import type { RunsModel } from './runsModel';
import { draftKey, type NarrowPage } from './viewState';

interface Starting {
  /** By which the run is found as soon as it has to wait. */
  readonly ticket: string;
  /** What was looked at before the waiting run. */
  before?: { readonly page: NarrowPage; readonly run: string | undefined };
}

export class StartingRuns {
  /** By `draftKey`. */
  readonly #starting = signal<ReadonlyMap<string, Starting>>(new Map());
  #tickets = 0;

  constructor(
    private readonly clock: Clock,
    private readonly runs: RunsModel,
    private readonly page: Signal<NarrowPage>,
  ) {}

  get isAny(): boolean {
    return this.#starting.value.size > 0;
  }

  has(target: RunTarget): boolean {
    return this.#starting.value.has(draftKey(target));
  }

  /** The run of what was pressed, while it waits to be sent. */
  waiting(target: RunTarget): PlaygroundRun | undefined {
    const ticket = this.#starting.value.get(draftKey(target))?.ticket;
    return ticket === undefined ? undefined : this.runs.runs.value.find((run) => run.waitsFor !== undefined && run.ticket === ticket);
  }

  /** `start`: gives what came of it; `undefined` where it failed. One at a time for a target. */
  async start(target: RunTarget, start: (ticket: string) => Promise<RunStart | undefined>): Promise<RunStart | undefined> {
    const key = draftKey(target);
    if (this.#starting.peek().has(key)) return undefined;
    const starting: Starting = { ticket: `${this.clock.wallMs()}-${(this.#tickets += 1)}` };
    this.#starting.value = new Map([...this.#starting.peek(), [key, starting]]);
    const outcome = await start(starting.ticket);
    batch(() => {
      this.#starting.value = new Map([...this.#starting.peek()].filter(([other]) => other !== key));
      if (!starting.before) this.shown(outcome);
      else if (outcome?.kind !== 'started') this.#lookBack(starting.before);
    });
    return outcome;
  }

  shown(outcome: RunStart | undefined): void {
    if (outcome?.kind !== 'started') return;
    batch(() => {
      this.runs.selected.value = outcome.run;
      this.page.value = 'result';
    });
  }

  follow({ runs }: PlaygroundState): void {
    for (const starting of this.#starting.peek().values()) {
      const run = starting.before ? undefined : runs.find(({ waitsFor, ticket }) => waitsFor !== undefined && ticket === starting.ticket);
      if (!run) continue;
      starting.before = { page: this.page.peek(), run: this.runs.selected.peek() };
      this.shown({ kind: 'started', run: run.id });
    }
  }

  #lookBack({ page, run }: NonNullable<Starting['before']>): void {
    if (this.page.peek() === 'result') this.page.value = page;
    if (!this.runs.find(this.runs.selected.peek())) this.runs.selected.value = run;
  }
}
