/**
 * Owns the newest groups of all calls, from turns: they are walked through from the newest on until a page is full, and only
 * what belongs to the page is summed up. So a page costs what stands on it, and one look at each turn.
 */
import { Histogram } from './histogram';
import { addTally, newTally, type Tally } from './tallies';
import type { TurnTable } from './turnTable';

export interface NewestGroup<I> {
  readonly key: string;
  readonly identity: I;
  readonly tally: Tally;
  readonly histogram: Histogram;
  /** Where all calls are of one. */
  session: string | undefined;
}

export interface Grouping<I> {
  identityOf(table: TurnTable, index: number): I;
  keyOf(identity: I): string;
  /** Equal for turns of the same group: a cheap way to tell most of the others. */
  pivotOf(table: TurnTable, index: number): string;
}

/** `after`: the place that the page begins behind. One group more than `limit` where there are more. */
export async function newestGroups<I>(tables: readonly TurnTable[], { identityOf, keyOf, pivotOf }: Grouping<I>, after: { lastMs: number; key: string } | undefined, limit: number, breathe: () => Promise<void>): Promise<NewestGroup<I>[]> {
  const chosen = new Map<string, NewestGroup<I>>();
  const seen = new Set<string>();
  const pivots = new Set<string>();
  for (const { lastMs, found } of byTime(tables)) {
    await breathe();
    // Groups end at their newest turns: where those come at the same moment, the keys say which is first.
    const fresh = new Map<string, I>();
    for (const [table, index] of found) {
      const identity = identityOf(table, index);
      const key = keyOf(identity);
      if (seen.has(key)) continue;
      seen.add(key);
      fresh.set(key, identity);
      if (!after || lastMs < after.lastMs || (lastMs === after.lastMs && key > after.key)) pivots.add(pivotOf(table, index));
      else fresh.delete(key);
    }
    for (const [key, identity] of [...fresh].sort(([a], [b]) => (a < b ? -1 : 1))) {
      chosen.set(key, { key, identity, tally: newTally(), histogram: new Histogram(), session: undefined });
    }
    if (chosen.size > limit) break;
  }
  for (const table of tables) {
    await breathe();
    for (let index = 0; index < table.length; index++) {
      if (!pivots.has(pivotOf(table, index))) continue;
      const group = chosen.get(keyOf(identityOf(table, index)));
      if (!group) continue;
      const session = table.session[index];
      group.session = group.tally.calls === 0 || group.session === session ? session : undefined;
      addTally(group.tally, table.tally(index));
      table.addHistogram(index, group.histogram);
    }
  }
  return [...chosen.values()];
}

/** Turns of all tables, newest first, those of one moment together. */
function* byTime(tables: readonly TurnTable[]): Iterable<{ readonly lastMs: number; readonly found: [TurnTable, number][] }> {
  const next = tables.map(() => 0);
  for (;;) {
    let lastMs = -Infinity;
    tables.forEach((table, t) => {
      if (next[t]! < table.length) lastMs = Math.max(lastMs, table.lastMs(table.newestFirst[next[t]!]!));
    });
    if (lastMs === -Infinity) return;
    const found: [TurnTable, number][] = [];
    tables.forEach((table, t) => {
      const order = table.newestFirst;
      while (next[t]! < order.length && table.lastMs(order[next[t]!]!) === lastMs) found.push([table, order[next[t]!++]!]);
    });
    yield { lastMs, found };
  }
}
