/**
 * Owns which runs are looked at: one, or two side by side, with their results as they come. What was shown stays until
 * the next run has something to show.
 */
import { computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { PlaygroundState } from '../../../extension/contract/playground';
import type { PlaygroundRun, RunResult } from '../../../extension/contract/playgroundRuns';
import { toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import type { PlaygroundHost } from './playgroundHost';

/** `gone`: the host holds it no more. */
export type LoadedResult = { readonly kind: 'loading' } | { readonly kind: 'result'; readonly result: RunResult } | { readonly kind: 'gone' } | { readonly kind: 'failed'; readonly error: unknown };

const MAX_KEPT = 20;
/** Characters of results kept; those that are looked at stay, however long. */
const MAX_KEPT_TEXT = 64_000_000;

export class RunsModel implements Disposable {
  readonly selected = signal<string | undefined>(undefined);
  /** The selected run; where that is gone (a newer reading has come in its place), the newest. */
  readonly shown: ReadonlySignal<PlaygroundRun | undefined>;
  /** The run that stays on the left while others are looked at. */
  readonly beside = signal<string | undefined>(undefined);
  readonly runs: ReadonlySignal<readonly PlaygroundRun[]>;
  readonly isRunning: ReadonlySignal<boolean>;
  readonly results = signal<ReadonlyMap<string, LoadedResult>>(new Map());
  readonly #effect: Disposable;

  constructor(
    private readonly host: PlaygroundHost,
    state: ReadonlySignal<PlaygroundState | undefined>,
  ) {
    this.runs = computed(() => state.value?.runs ?? []);
    this.shown = computed(() => this.find(this.selected.value) ?? this.runs.value[0]);
    this.isRunning = computed(() => this.runs.value.some(({ status }) => status === 'running'));
    this.#effect = toDisposable(
      effect(() => {
        const wanted = new Set([this.shown.value?.id, this.beside.value]);
        const runs = this.runs.value;
        untracked(() => {
          for (const run of runs) if (wanted.has(run.id) && run.hasResult) this.#load(run.id);
          if (this.beside.peek() !== undefined && runs.length > 0 && !runs.some(({ id }) => id === this.beside.peek())) this.beside.value = undefined;
        });
      }),
    );
  }

  find(id: string | undefined): PlaygroundRun | undefined {
    return id === undefined ? undefined : this.runs.value.find((run) => run.id === id);
  }

  resultOf(id: string): LoadedResult | undefined {
    return this.results.value.get(id);
  }

  #load(id: string): void {
    const before = this.results.peek().get(id);
    if (before && before.kind !== 'failed') return;
    this.#keep(id, { kind: 'loading' });
    this.host.api.result(id).then(
      (result) => this.#keep(id, result ? { kind: 'result', result } : { kind: 'gone' }),
      (error: unknown) => this.#keep(id, { kind: 'failed', error }),
    );
  }

  #keep(id: string, result: LoadedResult): void {
    const next = new Map(this.results.peek());
    next.delete(id);
    next.set(id, result);
    let held = [...next.values()].reduce((sum, one) => sum + lengthOf(one), 0);
    for (const [old, one] of next) {
      if (next.size <= MAX_KEPT && held <= MAX_KEPT_TEXT) break;
      if (old === this.shown.peek()?.id || old === this.beside.peek()) continue;
      next.delete(old);
      held -= lengthOf(one);
    }
    this.results.value = next;
  }

  dispose(): void {
    this.#effect.dispose();
  }
}

function lengthOf(loaded: LoadedResult): number {
  return loaded.kind === 'result' ? loaded.result.text.length : 0;
}
