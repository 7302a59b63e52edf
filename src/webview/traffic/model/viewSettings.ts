/**
 * Owns what the view keeps per workspace: saved filters, columns, how times are written, layout, scope and order. Loaded
 * once, at the first contact that succeeds; changes are shown at once and saved behind them, again and again where the host does
 * not answer. Until it is loaded nothing is saved over what was kept.
 */
import { batch, signal } from '@preact/signals';
import type { CallSort, Scope } from '../../../extension/contract/traffic';
import type { ColumnSetting, SavedFilter, TimeMode, TrafficLayout, TrafficSettings } from '../../../extension/contract/trafficApi';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { isAppError } from '../../../extension/util/errors';
import { DisposableStore, MutableDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered, RETRY_MS } from '../../platform/answered';
import type { TrafficHost } from './trafficHost';

const SAVE_MS = 300;

/** In the order they are offered. */
export const TRAFFIC_LAYOUTS = ['list', 'session', 'server', 'prompt', 'timeline'] as const satisfies readonly TrafficLayout[];

export class ViewSettings implements Disposable {
  readonly savedFilters = signal<readonly SavedFilter[]>([]);
  readonly columns = signal<readonly ColumnSetting[]>([]);
  readonly timeMode = signal<TimeMode>('local');
  readonly layout = signal<TrafficLayout>('list');
  readonly scope = signal<Scope>('all');
  /** Absent: as they happened, the newest last. */
  readonly sort = signal<CallSort | undefined>(undefined);

  readonly #store = new DisposableStore();
  readonly #save: Throttle;
  readonly #retry = this.#store.add(new MutableDisposable<Disposable>());
  #isLoaded = false;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    /** Takes why a change could not be kept. */
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.#save = this.#store.add(new Throttle(() => this.#write(), SAVE_MS, clock));
  }

  load(): void {
    if (this.#isLoaded) return;
    answered(this.host.settings(), this.clock).then(
      ({ savedFilters, columns, timeMode, layout, scope, sort }) => {
        if (this.#isLoaded) return;
        this.#isLoaded = true;
        batch(() => {
          this.savedFilters.value = savedFilters;
          this.columns.value = columns;
          this.timeMode.value = timeMode;
          this.layout.value = layout;
          this.scope.value = scope;
          this.sort.value = sort;
        });
      },
      // That the host does not answer is said by the list; the next contact asks again.
      () => undefined,
    );
  }

  /** Keeps a filter under a name; a name that is taken gets the new filter. */
  saveFilter(name: string, filter: string): void {
    const others = this.savedFilters.peek().filter((saved) => saved.name !== name);
    const next = [...others, { name, filter }].sort((a, b) => a.name.localeCompare(b.name));
    this.savedFilters.value = next;
    this.#changed();
  }

  forgetFilter(name: string): void {
    this.savedFilters.value = this.savedFilters.peek().filter((saved) => saved.name !== name);
    this.#changed();
  }

  setColumns(columns: readonly ColumnSetting[]): void {
    this.columns.value = columns;
    this.#changed();
  }

  setTimeMode(mode: TimeMode): void {
    this.timeMode.value = mode;
    this.#changed();
  }

  setLayout(layout: TrafficLayout): void {
    this.layout.value = layout;
    this.#changed();
  }

  setScope(scope: Scope): void {
    this.scope.value = scope;
    this.#changed();
  }

  setSort(sort: CallSort | undefined): void {
    this.sort.value = sort;
    this.#changed();
  }

  #changed(): void {
    if (this.#isLoaded) this.#save.trigger();
  }

  #write(): void {
    const sort = this.sort.peek();
    const settings: TrafficSettings = {
      savedFilters: this.savedFilters.peek(),
      columns: this.columns.peek(),
      timeMode: this.timeMode.peek(),
      layout: this.layout.peek(),
      scope: this.scope.peek(),
      ...(sort ? { sort } : {}),
    };
    this.#retry.clear();
    answered(this.host.saveSettings(settings), this.clock).catch((error: unknown) => {
      // Nothing to tell the user, to whom the list says that the host is gone: by then it is kept.
      if (isAppError(error, 'rpc.closed')) this.#retry.value = this.clock.timer(RETRY_MS, () => this.#save.trigger());
      else this.onFailure(error);
    });
  }

  dispose(): void {
    this.#store.dispose();
  }
}
