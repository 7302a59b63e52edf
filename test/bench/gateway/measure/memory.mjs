// Owns memory: a fresh process for each subject and client, its resident memory before and after many calls of mixed
// size, both as it is and after the garbage collector ran, so that growth is told from garbage not collected yet.
import { openSession } from '../clients/session.mjs';
import { startHost } from '../hosts.mjs';
import { mixed } from './calls.mjs';

const IN_FLIGHT = 8;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * `undefined` for `direct`, which has no process; `{ failure }` where it could not be measured. `largest` is the size
 * of the largest calls, smaller for a peer that refuses 1 MB.
 */
export async function measureMemory({ subject, client, run, plan, text, largest }) {
  if (subject.kind === 'direct') return undefined;
  const load = { inFlight: IN_FLIGHT, largest };
  let host;
  try {
    host = await startHost(subject.host, run);
    const session = await openSession(client, host.endpoints[subject.endpoint]);
    await mixed(session, text, plan.memory.warmUpCalls, load);
    const before = await read(host.child, plan);
    await mixed(session, text, plan.memory.calls, load);
    const after = await read(host.child, plan);
    await session.close();
    return {
      calls: plan.memory.calls,
      largest,
      before,
      after,
      growth: after.rss - before.rss,
      growthCollected: after.rssCollected - before.rssCollected,
    };
  } catch (error) {
    return { failure: error.message };
  } finally {
    await host?.child.stop();
  }
}

async function read(child, plan) {
  await pause(plan.memory.settleMs);
  const { rss } = await child.usage(false);
  const collected = await child.usage(true);
  const { heapUsed, external, arrayBuffers } = collected;
  return { rss, rssCollected: collected.rss, heapUsed, external, arrayBuffers };
}
