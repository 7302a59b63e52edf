/**
 * Owns the values that completion offers: what occurs in the newest calls recorded (whatever the filter hides), in the
 * rows loaded, and the configured servers. Most frequent first, those that begin as typed before the others.
 */
import type { CallRow } from '../../../extension/contract/traffic';
import type { NameField } from '../../../extension/query/ast';
import { nameOf } from '../../../extension/query/match';
import type { ValueSource } from '../../../extension/query/suggest';
import { withDeadline } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { answered } from '../../platform/answered';
import type { TrafficHost } from './trafficHost';

const SAMPLE = 1_000;
/** A sample this old is taken anew. */
const FRESH_MS = 5_000;
const PATIENCE_MS = 250;

export interface LoadedValues {
  rows(): Iterable<CallRow>;
  servers(): readonly string[];
}

export class TrafficValues implements ValueSource {
  #sample: readonly CallRow[] = [];
  #sampledMs = Number.NEGATIVE_INFINITY;
  #sampling: Promise<void> | undefined;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    private readonly loaded: LoadedValues,
  ) {}

  async values(field: NameField, part: string, limit: number): Promise<readonly string[]> {
    // A busy host must not keep the list waiting: what is loaded will do then.
    await withDeadline(this.#refresh(), PATIENCE_MS, this.clock);
    const counts = new Map<string, number>();
    if (field === 'server') for (const name of this.loaded.servers()) counts.set(name, 0);
    const seen = new Set<string>();
    for (const rows of [this.#sample, this.loaded.rows()]) {
      for (const row of rows) {
        if (seen.has(row.id)) continue;
        seen.add(row.id);
        const value = valueOf(row, field);
        if (value !== undefined && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    const wanted = part.toLowerCase();
    return [...counts]
      .map(([value, count]) => ({ value, count, at: value.toLowerCase().indexOf(wanted) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || b.count - a.count || a.value.localeCompare(b.value))
      .slice(0, limit)
      .map(({ value }) => value);
  }

  /** Several questions at once share one sample; without an answer the rows loaded must do. */
  #refresh(): Promise<void> {
    if (this.#sampling) return this.#sampling;
    if (this.clock.wallMs() - this.#sampledMs < FRESH_MS) return Promise.resolve();
    this.#sampling = answered(this.host.page({ position: { kind: 'newest' }, limit: SAMPLE }), this.clock)
      .then(
        ({ rows }) => {
          this.#sample = rows;
        },
        () => undefined,
      )
      .finally(() => {
        this.#sampledMs = this.clock.wallMs();
        this.#sampling = undefined;
      });
    return this.#sampling;
  }
}

function valueOf(row: CallRow, field: NameField): string | undefined {
  // An id stands for one call: nobody completes it.
  return field === 'id' ? undefined : nameOf(row, field);
}
