// Owns memory: a fresh process for each subject and client, its resident memory before and after many calls of mixed
// size and after as many more, both as it is and after the garbage collector ran, so that growth is told from garbage not
// collected yet, and a leak from room that was made once.
import { readdir, readFile } from 'node:fs/promises';
import { openSession } from '../clients/session.mjs';
import { startHost } from '../hosts.mjs';
import { mixed } from './calls.mjs';

const IN_FLIGHT = 8;
/** What the proxy has started to work off what it was given may take this long to be done and gone. */
const HELPERS_MS = 60_000;
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
    // Once more: what is a leak goes on growing, what V8 has given itself room for does not.
    await mixed(session, text, plan.memory.calls, load);
    const later = await read(host.child, plan);
    await session.close();
    return {
      calls: plan.memory.calls,
      largest,
      before,
      after,
      growth: after.rss - before.rss,
      growthCollected: after.rssCollected - before.rssCollected,
      later,
      growthLater: later.rss - after.rss,
    };
  } catch (error) {
    return { failure: error.message };
  } finally {
    await host?.child.stop();
  }
}

async function read(child, plan) {
  await pause(plan.memory.settleMs);
  let helpers = await helpersRss(child.pid);
  for (const end = performance.now() + HELPERS_MS; helpers > 0 && performance.now() < end; helpers = await helpersRss(child.pid)) await pause(200);
  const { rss, nursery } = await child.usage(false);
  const collected = await child.usage(true);
  const { heapUsed, external, arrayBuffers } = collected;
  return { rss: rss + helpers, rssCollected: collected.rss + helpers, heapUsed, external, arrayBuffers, nursery, helpers };
}

/** Resident bytes of the processes that MCP Shark's store has started and that still run; 0 where that cannot be read. */
async function helpersRss(pid) {
  let sum = 0;
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '');
    for (const child of children.split(' ').filter(Boolean)) {
      const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
      if (!command.includes('storeWorker')) continue;
      const status = await readFile(`/proc/${child}/status`, 'utf8').catch(() => '');
      sum += Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    }
  }
  return sum;
}
