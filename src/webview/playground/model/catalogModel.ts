/**
 * Owns what the catalogue shows: asks the host for each server's items again when its revision or the search changes, and
 * keeps the last answer until the next is there. Tells the host whose lists are looked at: only those servers are started.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { PlaygroundState } from '../../../extension/contract/playground';
import type { CatalogSlice } from '../../../extension/contract/playgroundCatalog';
import type { Clock } from '../../../extension/util/clock';
import { MutableDisposable, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { catalogRows, serverKey, type CatalogRow } from './catalogTree';
import type { PlaygroundHost } from './playgroundHost';

const SEARCH_MS = 150;

export class CatalogModel implements Disposable {
  readonly search = signal('');
  readonly closed = signal<ReadonlySet<string>>(new Set());
  /** Keys of rows the user has opened. */
  readonly opened = signal<ReadonlySet<string>>(new Set());
  readonly rows: ReadonlySignal<readonly CatalogRow[]>;
  readonly slices = signal<ReadonlyMap<string, CatalogSlice>>(new Map());
  readonly #applied = signal('');
  /** What was asked for last, by server: revision and search. */
  readonly #asked = new Map<string, string>();
  readonly #timer = new MutableDisposable<Disposable>();
  readonly #effect: Disposable;

  constructor(
    private readonly host: PlaygroundHost,
    private readonly clock: Clock,
    state: ReadonlySignal<PlaygroundState | undefined>,
  ) {
    this.rows = computed(() => catalogRows({ servers: state.value?.servers ?? [], slices: this.slices.value, search: this.#applied.value, closed: this.closed.value, opened: this.opened.value }));
    this.#effect = toDisposable(
      effect(() => {
        const servers = state.value?.servers ?? [];
        const search = this.#applied.value;
        untracked(() => {
          for (const server of servers) if (server.connection.kind === 'ready') this.#ask(server.name, server.revision, search);
        });
      }),
    );
  }

  type(text: string): void {
    this.search.value = text;
    this.#timer.value = this.clock.timer(SEARCH_MS, () => (this.#applied.value = text));
  }

  toggle(key: string, isOpen: boolean): void {
    batch(() => {
      this.closed.value = changed(this.closed.peek(), key, !isOpen);
      this.opened.value = changed(this.opened.peek(), key, isOpen);
    });
  }

  /** Names of the servers whose lists are shown or searched. */
  looked(servers: readonly { readonly name: string }[]): readonly string[] {
    const isSearching = this.#applied.value.trim() !== '';
    // Where there is one server only, there is nothing else to look at.
    const isOnly = servers.length === 1;
    return servers.map(({ name }) => name).filter((name) => isSearching || this.opened.value.has(serverKey(name)) || (isOnly && !this.closed.value.has(serverKey(name))));
  }

  #ask(server: string, revision: number, search: string): void {
    const wanted = `${revision} ${search}`;
    if (this.#asked.get(server) === wanted) return;
    this.#asked.set(server, wanted);
    this.host.api.catalog(server, search.trim()).then(
      (slice) => {
        // A newer question has been asked meanwhile: its answer counts.
        if (this.#asked.get(server) === wanted) this.slices.value = new Map([...this.slices.peek(), [server, slice]]);
      },
      () => {
        if (this.#asked.get(server) === wanted) this.#asked.delete(server);
      },
    );
  }

  dispose(): void {
    this.#timer.dispose();
    this.#effect.dispose();
  }
}

function changed(set: ReadonlySet<string>, key: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(key);
  else next.delete(key);
  return next;
}
