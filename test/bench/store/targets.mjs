// Owns the targets and their verdicts. Ratios are medians of the ratios of each round, taken in the same round, so that noise
// that meets both cancels out.
import { spread } from '../lib/stats.mjs';

/** Round by round `of` of one list against that of another. */
export function ratios(ours, theirs, of = (value) => value) {
  return spread(ours.map((value, round) => (theirs?.[round] === undefined ? Number.NaN : of(value) / of(theirs[round]))));
}

const most = (what, value, bound, unit) => ({ what, value, sign: '≤', bound, unit, met: value.median <= bound });
const least = (what, value, bound, unit) => ({ what, value, sign: '≥', bound, unit, met: value.median >= bound });

/** One verdict for each target; what could not be measured has `met: undefined`. */
export function verdicts({ writes, recovery, corpus, asked }) {
  const { store, watched, journal, normal, floor } = writes;
  const { warm, cold, memory } = asked;
  const found = [];
  for (const [lane, label] of [
    [watched, 'store with workers, a view looking on'],
    [store, 'store with workers'],
    [journal, 'journal'],
  ]) {
    found.push(
      least(`accepted rate against better-sqlite3, ${label}`, ratios(lane, normal, (value) => value.acceptedMbS), 5, '×'),
      most(`cost per message on the calling thread against better-sqlite3, ${label}`, ratios(lane, normal, (value) => value.meanUs), 0.1, '×'),
      most(`longest stall, ${label}`, spread(lane.map((value) => value.maxUs / 1000)), 10, 'ms'),
      least(`durable rate against raw disk, ${label}`, ratios(lane, floor, (value) => value.durableMbS), 0.5, '×'),
    );
  }
  found.push(
    most('128 MB journal queryable after a crash', spread(recovery.map((value) => value.shownMs)), 200, 'ms'),
    most('newest page, warm', spread(warm.store.newest), 1, 'ms'),
    most('newest page, cold: process started, files not in memory', spread(cold.store.map((value) => value.openMs + value.newestMs)), 100, 'ms'),
    ...['server', 'errors', 'rare'].map((name) => most(`filter, warm: ${{ server: 'server', errors: 'errors', rare: 'rare server and error' }[name]}`, spread(warm.store[name]), 10, 'ms')),
    most('keyset page, warm', spread(warm.store.keyset), 10, 'ms'),
    most('p95 of one tool over 24 h, warm', spread(warm.store.toolDay), 10, 'ms'),
    most('p50 and p95 of every tool over 24 h, warm', spread(warm.store.toolsDay), 10, 'ms'),
    least('rare text against native LIKE, warm', ratios(warm.native?.text ?? [], warm.store.text), 20, '×'),
    most("memory of the store's process after all questions", spread([Math.max(...memory) / 1e6]), 250, 'MB'),
    // The first round warms up.
    most('its growth from the first round to the last', spread([memory.at(-1) / memory[Math.min(1, memory.length - 1)]]), 1.1, '×'),
    most('disk against raw bodies', spread([corpus.diskBytes / corpus.rawBytes]), 0.5, '×'),
  );
  return found.map((verdict) => (Number.isNaN(verdict.value.median) ? { ...verdict, met: undefined } : verdict));
}
