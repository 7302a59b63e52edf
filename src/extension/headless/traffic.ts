/**
 * Owns `npm run traffic`: prints recorded calls, oldest first, one JSON object a line, from the same store the gateway
 * writes, also while it is writing. Reads only; a closed pipe ends it quietly.
 */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { openStoreReader } from '../store/reader';
import { systemClock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { stderrLogger } from './ports';
import { trafficArguments } from './trafficArguments';

async function main(): Promise<void> {
  const { store, filter, scope } = trafficArguments(process.argv.slice(2));
  const dir = path.resolve(store);
  if (!existsSync(dir)) throw new AppError('store.unavailable', `There is no store at ${dir}.`);

  const reader = await openStoreReader({
    dir,
    wasmFile: path.resolve(__dirname, '..', 'sql-wasm.wasm'),
    clock: systemClock,
    logger: stderrLogger(false),
  });
  try {
    for await (const call of reader.calls({ filter, scope })) {
      const line = `${JSON.stringify(call)}\n`;
      if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  } finally {
    await reader.close();
  }
}

// `traffic | head` closes the pipe when it has seen enough: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main().catch((error: unknown) => {
  process.stderr.write(`traffic: ${messageOf(error)}\n`);
  process.exit(1);
});
