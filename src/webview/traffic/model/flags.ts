/**
 * Owns which calls the local checks say something about: of the definition they used, in the version they used, where that
 * is known. The host says when that is otherwise; what it said last holds until then.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { FlaggedDefinition } from '../../../extension/contract/findings';
import type { CallRow } from '../../../extension/contract/traffic';
import type { Disposable } from '../../../extension/util/lifecycle';
import type { TrafficHost } from './trafficHost';

/** A filter for more of them would be read by nobody, and slow. */
const MAX_IN_FILTER = 50;

export class Flags implements Disposable {
  readonly all = signal<readonly FlaggedDefinition[]>([]);
  readonly #byUse: ReadonlySignal<ReadonlyMap<string, FlaggedDefinition>>;
  readonly #told: Disposable;

  constructor(private readonly host: Pick<TrafficHost, 'flagged' | 'onFlagged'>) {
    this.#byUse = computed(() => new Map(this.all.value.map((flag) => [keyOf(flag.server, flag.method, flag.name), flag])));
    this.#told = host.onFlagged(() => this.load());
  }

  load(): void {
    this.host.flagged().then(
      (flagged) => (this.all.value = flagged),
      // A host that is gone is noticed elsewhere.
      () => undefined,
    );
  }

  of(row: CallRow | undefined): FlaggedDefinition | undefined {
    if (row?.server === undefined || row.name === undefined) return undefined;
    const flag = this.#byUse.value.get(keyOf(row.server, row.method, row.name));
    const isOther = row.definition !== undefined && flag?.definition !== undefined && row.definition !== flag.definition;
    return isOther ? undefined : flag;
  }

  /** Filter text for the calls of everything flagged, of the worst where there is too much; empty: nothing is. */
  get filter(): string {
    const terms = this.all.value.flatMap(({ calls }) => (calls === undefined ? [] : [calls])).slice(0, MAX_IN_FILTER);
    return terms.length === 1 ? terms[0]! : terms.map((term) => `(${term})`).join(' OR ');
  }

  dispose(): void {
    this.#told.dispose();
  }
}

function keyOf(server: string, method: string, name: string): string {
  return JSON.stringify([server, method, name]);
}
