/**
 * Owns the values that completion offers: what was ever recorded (servers, methods, names of tools and prompts as the log
 * counts them; sessions, clients, conversations and turns of its newest groups), what occurs in the newest calls (whatever
 * the filter hides) and in the rows loaded, and the configured servers. Most frequent first, those that begin as typed
 * before the others.
 */
import type { CallRow } from '../../../extension/contract/traffic';
import type { RecordedName } from '../../../extension/contract/trafficApi';
import type { CallGroup, GroupBy } from '../../../extension/contract/trafficGroups';
import { METHODS_OF_FIELD, type NameField } from '../../../extension/query/ast';
import { nameOf } from '../../../extension/query/match';
import type { ValueSource } from '../../../extension/query/suggest';
import { withDeadline } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { answered } from '../../platform/answered';
import type { TrafficHost } from './trafficHost';

const SAMPLE = 1_000;
const GROUPS = 1_000;
/** A sample this old is taken anew. What is newer than the rest is in it, so the rest may be older. */
const FRESH_MS = 5_000;
const HISTORY_FRESH_MS = 60_000;
const PATIENCE_MS = 250;

export interface LoadedValues {
  rows(): Iterable<CallRow>;
  servers(): readonly string[];
}

/** Values with how often each occurs. */
type Counts = Map<string, number>;

export class TrafficValues implements ValueSource {
  readonly #sample: Kept<readonly CallRow[]>;
  readonly #names: Kept<readonly RecordedName[]>;
  /** By the field whose values they know. */
  readonly #groups: Readonly<Partial<Record<NameField, Kept<readonly CallGroup[]>>>>;

  constructor(
    host: TrafficHost,
    private readonly clock: Clock,
    private readonly loaded: LoadedValues,
  ) {
    this.#sample = new Kept(clock, FRESH_MS, async () => (await host.page({ position: { kind: 'newest' }, limit: SAMPLE })).rows);
    this.#names = new Kept(clock, HISTORY_FRESH_MS, () => host.names());
    const groups = (by: GroupBy): Kept<readonly CallGroup[]> => new Kept(clock, HISTORY_FRESH_MS, async () => (await host.groups({ by, limit: GROUPS })).groups);
    const sessions = groups('session');
    this.#groups = { session: sessions, client: sessions, conversation: groups('conversation'), turn: groups('prompt') };
  }

  async values(field: NameField, part: string, limit: number): Promise<readonly string[]> {
    const named = NAMED[field];
    const groups = this.#groups[field];
    // A busy host must not keep the list waiting: what is there will do then.
    await withDeadline(Promise.all([this.#sample.refresh(), named && this.#names.refresh(), groups?.refresh()]), PATIENCE_MS, this.clock);
    const counts = this.#countsOfRows(field);
    const add = (value: string | undefined, calls: number): void => {
      if (value !== undefined && value !== '') counts.set(value, Math.max(counts.get(value) ?? 0, calls));
    };
    if (named) for (const [value, calls] of countsOfNames(named, this.#names.value ?? [])) add(value, calls);
    for (const { id, client, calls } of groups?.value ?? []) add(field === 'client' ? client : id, calls);
    if (field === 'server') for (const name of this.loaded.servers()) add(name, 0);
    return matching(counts, part, limit);
  }

  #countsOfRows(field: NameField): Counts {
    const counts: Counts = new Map();
    const seen = new Set<string>();
    for (const rows of [this.#sample.value ?? [], this.loaded.rows()]) {
      for (const row of rows) {
        if (seen.has(row.id)) continue;
        seen.add(row.id);
        // An id stands for one call: nobody completes it.
        const value = field === 'id' ? undefined : nameOf(row, field);
        if (value !== undefined && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    return counts;
  }
}

type ValueOf = (recorded: RecordedName) => string | undefined;

/** The fields that the log counts by name. Counts of a whole method are apart from those of the names in it. */
const NAMED: Readonly<Partial<Record<NameField, ValueOf>>> = {
  server: ({ server, name }) => (name === undefined ? server : undefined),
  method: ({ method, name }) => (name === undefined ? method : undefined),
  tool: ({ method, name }) => (METHODS_OF_FIELD.tool.includes(method) ? name : undefined),
  prompt: ({ method, name }) => (METHODS_OF_FIELD.prompt.includes(method) ? name : undefined),
  name: ({ name }) => name,
};

function countsOfNames(valueOf: ValueOf, names: readonly RecordedName[]): Counts {
  const counts: Counts = new Map();
  for (const recorded of names) {
    const value = valueOf(recorded);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + recorded.calls);
  }
  return counts;
}

function matching(counts: Counts, part: string, limit: number): readonly string[] {
  const wanted = part.toLowerCase();
  return [...counts]
    .map(([value, count]) => ({ value, count, at: value.toLowerCase().indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || b.count - a.count || a.value.localeCompare(b.value))
    .slice(0, limit)
    .map(({ value }) => value);
}

/** An answer of the host that is good for a while. Several questions at once share it; without one the former stays. */
class Kept<T> {
  value: T | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly freshMs: number,
    private readonly ask: () => Promise<T>,
  ) {}

  refresh(): Promise<void> {
    if (this.#asking) return this.#asking;
    if (this.clock.wallMs() - this.#askedMs < this.freshMs) return Promise.resolve();
    this.#asking = answered(this.ask(), this.clock)
      .then(
        (value) => {
          this.value = value;
          this.#askedMs = this.clock.wallMs();
        },
        // Asked again before long, but not with every letter typed.
        () => (this.#askedMs = this.clock.wallMs() - this.freshMs + Math.min(this.freshMs, FRESH_MS)),
      )
      .then(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
