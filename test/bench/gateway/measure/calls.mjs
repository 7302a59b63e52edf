// Owns the load: calls one after the other, calls with many in flight, and mixed ones. All loops are bounded in number or time.
import { percentile } from '../../lib/stats.mjs';
import { mixedSize } from '../payload.mjs';

const SEQUENCE_LIMIT_MS = 15_000;

/** `count` calls one after the other, fewer where they take too long: p50, p95 and p99 in milliseconds. */
export async function sequence(session, text, size, count) {
  const taken = [];
  for (const end = performance.now() + SEQUENCE_LIMIT_MS; taken.length < count && performance.now() < end; ) {
    taken.push(await session.call(text(size)));
  }
  return { p50: percentile(taken, 0.5), p95: percentile(taken, 0.95), p99: percentile(taken, 0.99), calls: taken.length };
}

/** Keeps `inFlight` calls under way for `forMs`: calls per second, those still under way at the end included. */
export async function throughput(session, text, size, inFlight, forMs) {
  let done = 0;
  const started = performance.now();
  const worker = async () => {
    while (performance.now() - started < forMs) {
      await session.call(text(size));
      done++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { calls: done, callsPerSecond: (done / (performance.now() - started)) * 1000 };
}

/** `count` calls of mixed size up to `largest`, `inFlight` at a time. */
export async function mixed(session, text, count, { inFlight, largest }) {
  let next = 0;
  const worker = async () => {
    while (next < count) await session.call(text(mixedSize(next++, largest)));
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** What every session sees before it is measured, so that no compiler is measured. */
export async function warmUp(session, text, plan) {
  await sequence(session, text, 100, plan.warmUpCalls);
  await sequence(session, text, 10_000, plan.warmUpCalls / 4);
  await sequence(session, text, 1_000_000, 4);
  await throughput(session, text, 100, 64, plan.warmUpMs);
}
