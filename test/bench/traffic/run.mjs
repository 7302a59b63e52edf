// `npm run bench:traffic`: the Traffic view in a real browser on the real store with a million calls: how fast it opens and
// filters, whether scrolling stutters, how late live calls are, how much memory it takes. See docs/benchmarks.md. Progress
// goes to stderr, the tables to stdout.
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { machineFacts } from '../lib/machine.mjs';
import { launchBrowser } from '../../support/editor/browser.ts';
import { buildCorpus, callMaker } from './corpus.mjs';
import { filtered, firstRows, scrolled, watchLive } from './inPage.mjs';
import { readOptions, USAGE } from './options.mjs';
import { report, verdicts } from './report.mjs';
import { bundle, serve } from './subject.mjs';

// Of the texts, the first is in one call of a thousand, the second in nearly every call, the third in none. Where as many calls
// pass as there are, it could not be told when they are shown.
const FILTERS = ['server:github status:error', 'tool:query*', 'server:rare', 'dur:>4s -server:github', 'since:1d', '"file77.ts"', 'content', 'zebrafinch'];
const BYTES_PER_CALL = 1_600;
/** Frames per second while live; two make a call. */
const LIVE_FRAMES = 1_000;
const SAMPLE_MS = 100;
const started = performance.now();
const log = (text) => console.error(`[${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s] ${text}`);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const parent = path.resolve(options.dir ?? os.tmpdir());
  await mkdir(parent, { recursive: true });
  const { bavail, bsize } = await statfs(parent);
  if (bavail * bsize < options.calls * BYTES_PER_CALL * 2) throw new Error(`there is too little room in ${parent} for ${options.calls} calls: ask for fewer with --calls, or name another folder with --dir`);
  const dir = await mkdtemp(path.join(parent, 'mcp-shark-bench-traffic-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

  const subject = await bundle(dir);
  const lib = createRequire(import.meta.url)(subject.library);
  const folder = path.join(dir, 'store');
  log(`writing ${options.calls.toLocaleString('en')} calls`);
  const corpus = await buildCorpus({ lib, files: subject, folder, calls: options.calls, log });
  log(`written and sealed in ${corpus.seconds.toFixed(0)} s`);
  const measured = await measure({ options, subject, lib, folder, corpus });
  const found = verdicts(measured);
  await mkdir(path.dirname(path.resolve(options.out)), { recursive: true });
  await writeFile(options.out, `${JSON.stringify({ machine: machineFacts(), ...measured, verdicts: found }, null, 1)}\n`);
  console.log(report(measured));
  log(`saved ${options.out}`);
  if (options.strict && found.some(({ met }) => !met)) process.exitCode = 1;
}

async function measure({ options, subject, lib, folder, corpus }) {
  const opening = performance.now();
  const store = await lib.openStore({
    dir: folder, workerFile: subject.workerFile, wasmFile: subject.wasmFile, clock: lib.systemClock, logger: lib.nullLogger,
    randomId: () => Math.random().toString(36).slice(2, 10), maxBytes: 0, maxAgeMs: 0,
  });
  await store.page({ position: { kind: 'newest' }, limit: 1 });
  const storeOpenMs = performance.now() - opening;
  const status = {
    gateway: { kind: 'on', url: 'http://127.0.0.1:1/mcp' }, store: { kind: 'ok' }, servers: [{ name: 'github', transport: 'stdio', state: { kind: 'running', connections: 1 } }],
    configProblems: [], configNotes: [], trusted: true, routing: true, recording: { kind: 'on' },
  };
  const service = new lib.TrafficService({ status, store: async () => store }, { settings: () => undefined, saveSettings: async () => undefined });
  const server = await serve(subject, lib, service, (listener) => store.onDidAdvance(listener));
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    const open = [];
    for (let round = -1; round < options.rounds; round += 1) {
      await page.goto(server.url, { waitUntil: 'commit' });
      const ms = await page.evaluate(firstRows);
      // The first round warms up.
      if (round >= 0) open.push(ms);
      await wait(300);
    }
    log(`opened ${open.length} times`);
    const filters = Object.fromEntries(FILTERS.map((filter) => [filter, []]));
    const cold = {};
    for (let round = -1; round < options.rounds; round += 1) {
      for (const filter of FILTERS) {
        const took = await page.evaluate(filtered, filter);
        if (round >= 0) filters[filter].push(took);
        else {
          cold[filter] = took;
          log(`first \`${filter}\`: ${took.ms.toFixed(0)} ms`);
        }
        await wait(200);
        await page.evaluate(filtered, '');
        await wait(200);
      }
      log(`filtered, round ${round + 1} of ${options.rounds}`);
    }
    const wheel = await page.evaluate(scrolled, [300, 'wheel']);
    const thumb = await page.evaluate(scrolled, [200, 'thumb']);
    log('scrolled');
    const live = await goLive(page, store, lib, options.live);
    log('live traffic over');
    const client = await page.context().newCDPSession(page);
    await client.send('HeapProfiler.collectGarbage');
    const heapMb = (await client.send('Runtime.getHeapUsage')).usedSize / 1e6;
    const domNodes = await page.evaluate(() => document.querySelectorAll('*').length);
    if (problems.length > 0) throw new Error(`the page failed: ${problems.join('; ')}`);
    return { corpus, storeOpenMs, open, filters, cold, wheel, thumb, live, heapMb, domNodes };
  } finally {
    await browser.close();
    server.close();
    await store.close();
  }
}

/** Follows the newest call while so many frames come per second; how late each sampled call was on screen. */
async function goLive(page, store, lib, seconds) {
  await page.locator('.call-list .virtual-list').press('End');
  await page.evaluate(watchLive);
  const next = callMaker(11);
  const written = [];
  const { clock } = { clock: lib.systemClock };
  const frames = page.evaluate(scrolled, [seconds * 60, 'still']);
  const start = performance.now();
  let n = 0;
  while (performance.now() - start < seconds * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * (LIVE_FRAMES / 2));
    for (; n < due; n += 1) {
      const { metas, bodies } = next(`live_${n}`);
      store.journal.append(metas[0], clock.wallMs(), clock.monotonicUs(), bodies[0], true);
      store.journal.append(metas[1], clock.wallMs(), clock.monotonicUs(), bodies[1], true);
      written.push(Date.now());
    }
    store.journal.flush();
    await wait(10);
  }
  await wait(1_000);
  const { lengths, pendingFrames } = await frames;
  const seen = await page.evaluate(() => window.stopWatching());
  const lateMs = [];
  for (let at = SAMPLE_MS; at < seconds * 1000 - SAMPLE_MS; at += SAMPLE_MS) {
    const call = Math.floor((at / 1000) * (LIVE_FRAMES / 2));
    const shown = seen.find(([newest]) => newest >= call);
    lateMs.push(shown ? shown[1] - written[call] : 60_000);
  }
  return { lateMs, lengths, pendingFrames, calls: n };
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(`bench:traffic: ${error.stack ?? error}\n\n${USAGE}`);
    process.exit(2);
  },
);
