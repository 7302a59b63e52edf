// `npm run bench:gateway`: what the gateway costs, against floors and peers, in interleaved rounds of one run. See
// docs/benchmarks.md. Owns the course of a run and its clean-up; progress goes to stderr, the tables to stdout.
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { machineFacts } from '../lib/machine.mjs';
import { startEcho, startHost } from './hosts.mjs';
import { measureMemory } from './measure/memory.mjs';
import { runRounds } from './measure/rounds.mjs';
import { readOptions, USAGE } from './options.mjs';
import { SIZES, textMaker } from './payload.mjs';
import { installPeers } from './peers.mjs';
import { profile } from './profile.mjs';
import { report } from './report.mjs';
import { chooseSubjects } from './subjects.mjs';
import { verdicts } from './targets.mjs';

const started = performance.now();
const log = (text) => console.error(`[${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s] ${text}`);

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  if (Number.parseInt(process.versions.node, 10) < 22) {
    throw new Error(`this is Node ${process.versions.node}; \`npm run bench:gateway\` brings the Node 24 that is needed`);
  }
  const dir = await mkdtemp(path.join(os.tmpdir(), 'mcp-shark-bench-'));
  // Also when interrupted: lib/children.mjs turns signals into an exit, and has killed the children by then.
  process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const text = textMaker(options.payload);
  const run = { dir, echo: await startEcho(options.upstream), gateway: path.resolve(options.gateway), node: [] };
  if (options.scenario) console.log(await profile({ ...options, run, text, log }));
  else await bench(options, run, text);
}

async function bench(options, run, text) {
  const { plan, out } = options;
  const facts = { machine: machineFacts(), options: { ...options, rounds: plan.rounds, out: undefined, gateway: undefined } };
  const absent = options.peers ? await installPeers(log) : {};
  if (!existsSync(options.gateway)) absent['MCP Shark'] = 'is not built; run `npm run build` first';
  const subjects = chooseSubjects(options).filter(
    ({ kind, peer }) => !(peer in absent) && (kind !== 'ours' || existsSync(options.gateway)),
  );

  const hosts = await startHosts(subjects, run, absent);
  const measurable = subjects.filter(({ host }) => hosts.has(host));
  const lanes = plan.clients.flatMap((client) =>
    measurable.map((subject) => {
      const { child, endpoints } = hosts.get(subject.host);
      return { subject, client, child, endpoint: endpoints[subject.endpoint] };
    }),
  );
  log(`warming up ${measurable.length} subjects`);
  await runRounds({ lanes, plan, text, log });
  for (const { child } of hosts.values()) await child?.stop();

  const memory = options.memory ? await runMemory(lanes, options, run, text) : [];
  const found = verdicts({ lanes, memory });
  await mkdir(path.dirname(path.resolve(out)), { recursive: true });
  await writeFile(out, `${JSON.stringify({ facts, lanes: lanes.map(savedLane), memory, verdicts: found, absent }, null, 1)}\n`);
  console.log(report({ facts, lanes, memory, verdicts: found, absent }));
  log(`saved ${out}`);
  if (options.strict && (found.length === 0 || found.some(({ met }) => !met))) process.exitCode = 1;
}

async function startHosts(subjects, run, absent) {
  const hosts = new Map();
  for (const id of new Set(subjects.map(({ host }) => host))) {
    try {
      hosts.set(id, await startHost(id, run));
    } catch (error) {
      absent[id] = `could not be started: ${error.message}`;
    }
  }
  return hosts;
}

async function runMemory(lanes, { plan }, run, text) {
  const memory = [];
  for (const { subject, client, failures } of lanes) {
    const largest = SIZES['1 MB' in failures ? '10 KB' : '1 MB'];
    const found = await measureMemory({ subject, client, run, plan, text, largest });
    if (!found) continue;
    log(`memory of ${subject.id}, ${client} client`);
    memory.push({ subject: subject.id, label: subject.label, upstream: subject.upstream, client, ...found });
  }
  return memory;
}

/** Without headers: they hold the token. */
const savedLane = ({ subject, client, values, failures }) => ({ subject, client, values, failures });

main().then(
  () => process.exit(),
  (error) => {
    console.error(`bench:gateway: ${error.stack ?? error}\n\n${USAGE}`);
    process.exit(2);
  },
);
