/**
 * Owns what the view keeps per workspace: saved filters, columns, how times are written. Loaded once, at the first contact
 * that succeeds; changes are shown at once and saved behind them. Until it is loaded nothing is saved over what was kept.
 */
import { batch, signal } from '@preact/signals';
import type { ColumnSetting, SavedFilter, TimeMode, TrafficSettings } from '../../../extension/contract/trafficApi';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import { answered, type TrafficHost } from './trafficHost';

const SAVE_MS = 300;

export class ViewSettings implements Disposable {
  readonly savedFilters = signal<readonly SavedFilter[]>([]);
  readonly columns = signal<readonly ColumnSetting[]>([]);
  readonly timeMode = signal<TimeMode>('local');

  readonly #store = new DisposableStore();
  readonly #save: Throttle;
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
      ({ savedFilters, columns, timeMode }) => {
        if (this.#isLoaded) return;
        this.#isLoaded = true;
        batch(() => {
          this.savedFilters.value = savedFilters;
          this.columns.value = columns;
          this.timeMode.value = timeMode;
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

  #changed(): void {
    if (this.#isLoaded) this.#save.trigger();
  }

  #write(): void {
    const settings: TrafficSettings = {
      savedFilters: this.savedFilters.peek(),
      columns: this.columns.peek(),
      timeMode: this.timeMode.peek(),
    };
    answered(this.host.saveSettings(settings), this.clock).catch((error: unknown) => this.onFailure(error));
  }

  dispose(): void {
    this.#store.dispose();
  }
}
