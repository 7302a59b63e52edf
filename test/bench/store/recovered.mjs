// The process that comes after a crash: opens the folder, shows the newest page, then one with a filter, then seals. Prints what each took.
import { createRequire } from 'node:module';
import { stat } from 'node:fs/promises';
import path from 'node:path';

const [library, wasmFile, folder] = process.argv.slice(2);
const { SqlEngine, StoreView, Sealer } = createRequire(import.meta.url)(library);
const { size } = await stat(path.join(folder, 'crashed-1.jnl'));
const breathe = () => new Promise((resolve) => setImmediate(resolve));
const warn = (message) => console.error(message);

// Of the thread that answers; what V8 compiles meanwhile, it compiles in others.
const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

const began = performance.now();
const engine = await SqlEngine.start(wasmFile, folder);
const started = performance.now();
const cpuStarted = cpuMs();
const view = new StoreView({ dir: folder, engine, now: Date.now, breathe, warn });
await view.refresh();
const { rows, total } = await view.page({ position: { kind: 'newest' }, limit: 200 }, () => 0);
const shown = performance.now();
const cpuShown = cpuMs();
// Asks the tables, which the newest page does not.
await view.page({ filter: 'status:error', position: { kind: 'newest' }, limit: 200 }, () => 0);
const filtered = performance.now();
view.close();
if (rows.length !== 200) throw new Error(`${rows.length} rows of ${total}`);
const sealing = performance.now();
const found = await new Sealer({ dir: folder, engine, me: 'bench', now: Date.now, warn }).recover();
const sealed = performance.now();
if (found.frames < total) throw new Error('not everything was sealed');
console.log(JSON.stringify({ bytes: size, calls: total, startMs: started - began, shownMs: shown - started, shownCpuMs: cpuShown - cpuStarted, filteredMs: filtered - shown, sealMs: sealed - sealing }));
// Until it is told to stop: its line is read before its end is seen.
process.channel?.ref();
