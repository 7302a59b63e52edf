// Owns what is compared: the store, bundled from the sources as they are, and better-sqlite3, installed from npm at a pinned
// version into the user's cache folder, outside the tree.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';

export const root = path.resolve(import.meta.dirname, '../../..');
export const NATIVE_VERSION = '13.2.0';
const INSTALL_TIMEOUT_MS = 300_000;

const ENTRY = `
export { createRecorder } from './src/extension/capture/recorder';
export { openStore } from './src/extension/store/client';
export { JournalWriter } from './src/extension/store/journalWriter';
export { bucketOf } from './src/extension/store/worker/histogram';
export { Sealer } from './src/extension/store/worker/sealer';
export { SqlEngine } from './src/extension/store/worker/sqlEngine';
export { createFileSchema, finishFileSchema } from './src/extension/store/worker/schema';
export { StoreView } from './src/extension/store/worker/storeView';
export { systemClock } from './src/extension/util/clock';
export { nullLogger } from './src/extension/util/logger';
`;

/** Bundles the store into `dir`; gives the paths of library, worker and sql.js. */
export async function bundleStore(dir) {
  const common = { absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node22', logLevel: 'error' };
  const library = path.join(dir, 'store.cjs');
  const workerFile = path.join(dir, 'storeWorker.cjs');
  await esbuild.build({ ...common, stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' }, outfile: library });
  await esbuild.build({ ...common, entryPoints: ['src/extension/store/worker/main.ts'], outfile: workerFile });
  return { library, workerFile, wasmFile: createRequire(path.join(root, 'package.json')).resolve('sql.js/dist/sql-wasm.wasm') };
}

/** Gives `{ entry }`, or `{ absent }` with the reason. */
export async function installNative(log) {
  const base = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  const dir = path.join(base, 'mcp-shark-bench', `better-sqlite3-${NATIVE_VERSION}`);
  const entry = path.join(dir, 'node_modules/better-sqlite3');
  try {
    if (!existsSync(path.join(entry, 'package.json'))) {
      log(`installing better-sqlite3@${NATIVE_VERSION}`);
      await mkdir(dir, { recursive: true });
      await writeFile(path.join(dir, 'package.json'), '{"private":true}');
      // It brings its binaries along: nothing has to be built, so no script has to run.
      const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `better-sqlite3@${NATIVE_VERSION}`];
      await promisify(execFile)('npm', args, { cwd: dir, shell: process.platform === 'win32', timeout: INSTALL_TIMEOUT_MS });
    }
    const Database = createRequire(import.meta.url)(entry);
    new Database(':memory:').close();
    return { entry, Database };
  } catch (error) {
    return { absent: `better-sqlite3 ${NATIVE_VERSION} could not be installed or loaded: ${firstError(String(error.stderr || error.message))}` };
  }
}

/** npm warns of this and that before it says what went wrong. */
function firstError(text) {
  const lines = text.trim().split('\n');
  return lines.filter((line) => !line.startsWith('npm warn')).slice(0, 3).join(' ') || lines[0];
}
