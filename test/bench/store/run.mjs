// `npm run bench:store`: what the store costs and how fast it answers, beside better-sqlite3 and the raw disk, in interleaved
// rounds of one run. See docs/benchmarks.md. Owns the course of a run and its clean-up; progress goes to stderr, the
// tables to stdout.
import { readdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { machineFacts } from '../lib/machine.mjs';
import { buildCorpus } from './corpus.mjs';
import { MEAN_BYTES } from './messages.mjs';
import { readOptions, USAGE } from './options.mjs';
import { askAll } from './questions.mjs';
import { measureRecovery } from './recovery.mjs';
import { report } from './report.mjs';
import { bundleStore, installNative } from './subjects.mjs';
import { verdicts } from './targets.mjs';
import { NATIVE, prepare, writeRound, WRITERS } from './writing.mjs';

const started = performance.now();
const log = (text) => console.error(`[${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s] ${text}`);
const PREFIX = 'mcp-shark-bench-store-';

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  if (Number.parseInt(process.versions.node, 10) < 22) {
    throw new Error(`this is Node ${process.versions.node}; \`npm run bench:store\` brings the Node 24 that is needed`);
  }
  const parent = path.resolve(options.dir ?? os.tmpdir());
  await mkdir(parent, { recursive: true });
  removeLeftovers(parent);
  await checkSpace(parent, options);
  const dir = await mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
  // Also when interrupted: lib/children.mjs turns signals into an exit.
  process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  await bench(options, dir);
}

async function bench(options, dir) {
  const facts = { machine: machineFacts(), options: { ...options, out: undefined, dir: undefined } };
  const { library, ...files } = await bundleStore(dir);
  const lib = createRequire(import.meta.url)(library);
  const { Database, entry, absent } = await installNative(log);
  if (absent) log(absent);
  const { rounds } = options;

  const work = prepare(options.writeMb * 1e6);
  const ids = Object.keys(WRITERS).filter((id) => Database || !NATIVE.has(id));
  const writes = Object.fromEntries(ids.map((id) => [id, []]));
  // The first round warms up.
  for (let round = -1; round < rounds; round++) {
    for (const id of ids) {
      const value = await writeRound(id, work, { dir, lib, files, Database });
      if (round >= 0) writes[id].push(value);
    }
    log(`writing, round ${round + 1} of ${rounds}`);
  }
  const recovery = await measureRecovery({ lib, files, library, dir, rounds, log });
  log(`building a history of ${options.messages.toLocaleString('en')} messages`);
  const corpus = await buildCorpus({ lib, files, Database, dir, messages: options.messages, log });
  const asked = await askAll({ corpus, files, library, entry, rounds, log });

  const measured = { facts, writes, recovery, corpus: { ...corpus, folder: undefined, native: undefined }, asked };
  const found = verdicts(measured);
  await mkdir(path.dirname(path.resolve(options.out)), { recursive: true });
  await writeFile(options.out, `${JSON.stringify({ ...measured, verdicts: found, absent }, null, 1)}\n`);
  console.log(report({ ...measured, verdicts: found, absent }));
  log(`saved ${options.out}`);
  if (asked.wrong.length > 0 || (options.strict && found.some(({ met }) => !met))) process.exitCode = 1;
}

/** Folders of runs that were killed too hard to clean up. */
function removeLeftovers(parent) {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    log(`removing ${name}, left by a run that was killed`);
    rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The history twice, ours compressed; one journal before it is sealed; what a writing round makes. */
async function checkSpace(parent, { messages, writeMb }) {
  const needed = messages * MEAN_BYTES * 1.8 + 4 * writeMb * 1e6 + 1e9;
  const { bavail, bsize } = await statfs(parent);
  const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;
  if (bavail * bsize < needed * 1.2) {
    throw new Error(`${gigabytes(needed)} are needed in ${parent} for ${messages} messages and ${gigabytes(bavail * bsize)} are free: ask for fewer with --messages, or name another folder with --dir`);
  }
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(`bench:store: ${error.stack ?? error}\n\n${USAGE}`);
    process.exit(2);
  },
);
