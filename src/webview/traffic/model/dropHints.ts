/**
 * Owns what to take out of a filter that nothing matches: each of its terms, with how many calls there were without it,
 * the ones that help most first. Asked for only then, a few terms at most.
 */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { chipsOf, removeTerm } from '../../../extension/query/edit';
import type { Clock } from '../../../extension/util/clock';
import { AppError } from '../../../extension/util/errors';
import { DisposableStore, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import { questionOf } from './callFeed';
import { Latest } from './latest';
import type { ListQuery } from './listQuery';
import type { TrafficHost } from './trafficHost';

const MAX_TERMS = 6;

export interface DropHint {
  /** What to take out; `scope`: looking in this window only. */
  readonly kind: 'term' | 'scope';
  readonly term: string;
  /** The filter that is left. */
  readonly filter: string;
  readonly calls: number;
}

export class DropHints implements Disposable {
  readonly hints = signal<readonly DropHint[]>([]);
  readonly #store = new DisposableStore();

  constructor(host: TrafficHost, clock: Clock, emptyQuery: ReadonlySignal<ListQuery | undefined>) {
    const latest = this.#store.add(new Latest());
    const look = (): void => {
      const query = emptyQuery.value;
      this.hints.value = [];
      latest.cancel();
      if (!query) return;
      const candidates = candidatesOf(query);
      latest.run(
        (signal) => Promise.all(candidates.map(({ query: other }) => answered(host.page({ ...questionOf(other), position: { kind: 'newest' }, limit: 1 }, signal), clock))),
        (pages) => {
          const hints = candidates.map(({ kind, term, query: { filter } }, index) => ({ kind, term, filter, calls: pages[index]?.total ?? 0 }));
          this.hints.value = hints.filter(({ calls }) => calls > 0).sort((a, b) => b.calls - a.calls);
        },
        () => undefined,
      );
    };
    this.#store.add(toDisposable(effect(look)));
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function candidatesOf(query: ListQuery): { readonly kind: DropHint['kind']; readonly term: string; readonly query: ListQuery }[] {
  const { filter, scope } = query;
  let terms: ReturnType<typeof chipsOf> = [];
  try {
    terms = chipsOf(filter);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  // Without its only term it is no filter: that is what "Clear filter" is for.
  const dropped = terms.length < 2 ? [] : terms.slice(0, MAX_TERMS).map((chip) => ({ kind: 'term' as const, term: chip.text, query: { ...query, filter: removeTerm(filter, chip.span) } }));
  const wider = scope === 'window' ? [{ kind: 'scope' as const, term: '', query: { ...query, scope: 'all' as const } }] : [];
  return [...wider, ...dropped];
}
