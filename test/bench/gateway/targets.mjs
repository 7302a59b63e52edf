// Owns the targets and their verdicts. A ratio is the median of the ratios of each round, subject against floor taken in
// the same round, so that noise that meets both cancels out.
import { spread } from '../lib/stats.mjs';

const MEMORY_LIMIT_BYTES = 10_000_000;
const P50 = (value) => value.p50;
const RATE = (value) => value.callsPerSecond;

/** `most` or `least` is the bound of the ratio; `byClient` where it depends on the client. */
const TARGETS = [
  { what: 'p50, 100 B', measure: '100 B', of: P50, upstream: 'stdio', most: { sdk: 1.3, light: 1.5 } },
  { what: 'p50, 10 KB', measure: '10 KB', of: P50, upstream: 'stdio', most: { sdk: 1.3, light: 1.5 } },
  { what: 'p50, 1 MB', measure: '1 MB', of: P50, upstream: 'stdio', most: { sdk: 1.4, light: 1.4 } },
  { what: 'calls/s, 64 in flight', measure: '64 in flight', of: RATE, upstream: 'stdio', least: { sdk: 0.9, light: 0.9 } },
  { what: 'p50, 100 B', measure: '100 B', of: P50, upstream: 'http', most: { sdk: 1.3, light: 1.3 } },
  { what: 'p50, 10 KB', measure: '10 KB', of: P50, upstream: 'http', most: { sdk: 1.3, light: 1.3 } },
  { what: 'p50, 1 MB', measure: '1 MB', of: P50, upstream: 'http', most: { sdk: 1.4, light: 1.4 } },
  { what: 'calls/s, 64 in flight', measure: '64 in flight', of: RATE, upstream: 'http', least: { sdk: 0.9, light: 0.9 } },
];

/** Subject against floor, round by round: `{ median, min, max, count }` of the ratios. */
export function ratioOf(lane, floor, measure, of) {
  const ours = lane?.values[measure] ?? [];
  const theirs = floor?.values[measure] ?? [];
  return spread(ours.map((value, round) => (value && theirs[round] ? of(value) / of(theirs[round]) : Number.NaN)));
}

/** One verdict for each target, client and endpoint of ours. */
export function verdicts({ lanes, memory }) {
  const find = (id, client) => lanes.find((lane) => lane.subject.id === id && lane.client === client);
  const found = [];
  for (const lane of lanes.filter(({ subject }) => subject.kind === 'ours')) {
    const { subject, client } = lane;
    const common = { subject: subject.id, label: subject.label, upstream: subject.upstream, client };
    for (const target of TARGETS.filter(({ upstream }) => upstream === subject.upstream)) {
      const ratio = ratioOf(lane, find(subject.floor, client), target.measure, target.of);
      const bound = (target.most ?? target.least)[client];
      const met = target.most ? ratio.median <= bound : ratio.median >= bound;
      found.push({ ...common, what: target.what, ratio, sign: target.most ? '≤' : '≥', bound, met });
    }
    const grown = memory.find((one) => one.subject === subject.id && one.client === client);
    if (grown) {
      const met = grown.growth <= MEMORY_LIMIT_BYTES;
      found.push({ ...common, what: 'memory growth', bytes: grown.growth, sign: '≤', bound: MEMORY_LIMIT_BYTES, met });
    }
  }
  return found;
}
