// Owns `--profile`: runs the gateway alone under `node --cpu-prof` in one scenario and says in which functions each of
// its threads spent the time, by their names in the source.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { number, table } from '../lib/markdown.mjs';
import { openSession } from './clients/session.mjs';
import { startHost } from './hosts.mjs';
import { throughput, warmUp } from './measure/calls.mjs';
import { summarize } from './profileSummary.mjs';

const LOAD_MS = 8000;
const TOP = 25;

export async function profile({ scenario, plan, run, text, log, out }) {
  const { upstream, endpoint, client, size, inFlight } = scenario;
  const name = [upstream, endpoint, client, size, inFlight].join('-');
  const dir = path.resolve(path.dirname(out), 'profile', `${name}-${process.pid}`);
  await mkdir(dir, { recursive: true });
  const host = await startHost(`shark-${upstream}`, { ...run, node: ['--cpu-prof', `--cpu-prof-dir=${dir}`] });
  let rate;
  try {
    const session = await openSession(client, host.endpoints[endpoint]);
    await warmUp(session, text, plan);
    log(`profiling ${name}`);
    ({ callsPerSecond: rate } = await throughput(session, text, size, inFlight, LOAD_MS));
    await session.close();
  } finally {
    await host.child.stop();
  }
  const parts = [`${name}: ${number(rate, 0)} calls/s while profiled. Profiles for the debugger: ${path.relative('.', dir)}`];
  for (const file of (await readdir(dir)).filter((one) => one.endsWith('.cpuprofile')).sort()) {
    parts.push(threadReport(file, JSON.parse(await readFile(path.join(dir, file), 'utf8'))));
  }
  return parts.join('\n\n');
}

function threadReport(file, recorded) {
  const { busyMs, spanMs, self, total } = summarize(recorded);
  // CPU.<date>.<time>.<pid>.<thread>.<sequence>.cpuprofile
  const thread = Number(file.split('.')[4]);
  const title = `### ${thread === 0 ? 'main thread' : `worker ${thread}`}: busy ${number((busyMs / spanMs) * 100, 0)} % of ${number(spanMs / 1000, 1)} s`;
  const rows = (entries) =>
    entries.slice(0, TOP).map(([where, ms]) => [where, number(ms, 0), `${number((ms / busyMs) * 100, 1)} %`]);
  const mine = total.filter(([where]) => where.includes('src/') || where.includes('node_modules/'));
  return [
    title,
    table(['self time', 'ms', 'of busy'], rows(self)),
    table(['with what it calls (own code)', 'ms', 'of busy'], rows(mine)),
  ].join('\n\n');
}
