// Owns the interleaving: in each round every measure is taken of all subjects right after each other, in an order that
// rotates, so that noise of the machine meets them alike. Sessions stay open over all rounds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openSession } from '../clients/session.mjs';
import { SIZES } from '../payload.mjs';
import { sequence, throughput, warmUp } from './calls.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const FAILURES_LIMIT = 2;

/** Measures by name; each takes an open session, or opens its own, and gives numbers. */
export function measures(plan, text) {
  const all = {};
  for (const [name, size] of Object.entries(SIZES)) {
    all[name] = ({ session }) => sequence(session, text, size, plan.calls[name]);
  }
  for (const inFlight of [1, 8, 64]) {
    all[`${inFlight} in flight`] = ({ session, child }) => loaded(child, () => throughput(session, text, 100, inFlight, plan.throughputMs));
  }
  all.start = async ({ client, endpoint }) => ({ startMs: await sessionStart(client, endpoint) });
  return all;
}

/** Adds the CPU time that the proxy's process took for each call, all its threads together. */
async function loaded(child, load) {
  const before = await child?.usage(false);
  const { calls, callsPerSecond } = await load();
  const after = await child?.usage(false);
  return { callsPerSecond, cpuUsPerCall: child ? (after.cpuUs - before.cpuUs) / calls : Number.NaN };
}

/** From nothing to a listed tool, on a session of its own. */
async function sessionStart(client, endpoint) {
  const started = performance.now();
  const session = await openSession(client, endpoint);
  const elapsed = performance.now() - started;
  await session.close();
  return elapsed;
}

/**
 * Runs all rounds. `lanes` are `{ subject, client, endpoint }`. Returns for each lane `{ values: { measure: [...] },
 * failures: { measure: text } }`; a measure that failed twice is not tried again.
 */
export async function runRounds({ lanes, plan, text, log }) {
  const takes = measures(plan, text);
  for (const lane of lanes) await prepare(lane, text, plan);
  for (let round = 0; round < plan.rounds; round++) {
    log(`round ${round + 1} of ${plan.rounds}`);
    for (const client of plan.clients) {
      const turn = rotated(lanes.filter((lane) => lane.client === client), round);
      for (const [name, take] of Object.entries(takes)) {
        for (const lane of turn) await measure(lane, name, take, round);
      }
    }
  }
  for (const lane of lanes) await lane.session?.close().catch(() => undefined);
}

const rotated = (list, by) => list.map((_, index) => list[(index + by) % list.length]);

async function prepare(lane, text, plan) {
  lane.values = {};
  lane.failures = {};
  lane.failed = {};
  try {
    lane.session = await openSession(lane.client, lane.endpoint);
    await warmUp(lane.session, text, plan);
  } catch (error) {
    lane.failures['warm-up'] = error.message;
  }
}

async function measure(lane, name, take, round) {
  lane.values[name] ??= [];
  lane.values[name][round] = null;
  if ((lane.failed[name] ?? 0) >= FAILURES_LIMIT) return;
  collectGarbage();
  try {
    lane.session ??= await openSession(lane.client, lane.endpoint);
    lane.values[name][round] = await take(lane);
  } catch (error) {
    lane.failed[name] = (lane.failed[name] ?? 0) + 1;
    lane.failures[name] = error.message;
    await lane.session?.close().catch(() => undefined);
    lane.session = undefined;
  }
}
