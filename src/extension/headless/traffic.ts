/**
 * Owns `npm run traffic`: prints recorded calls, oldest first, one JSON object a line, from the same store the gateway
 * writes, also while it is writing. Reads only; a closed pipe ends it quietly.
 */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { openStoreReader } from '../store/reader';
import { systemClock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { stderrLogger } from './ports';

const USAGE = 'usage: npm run -s traffic -- --store DIR [--filter TEXT] [--scope all|window] [--format jsonl]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string' },
      filter: { type: 'string', default: '' },
      scope: { type: 'string', default: 'all' },
      format: { type: 'string', default: 'jsonl' },
    },
  });
  if (!values.store) throw new AppError('config.missing', `--store is needed. ${USAGE}`);
  if (values.format !== 'jsonl') {
    throw new AppError('query.invalid', `--format ${values.format} is not known; the only format is jsonl. ${USAGE}`);
  }
  const { scope, filter } = values;
  if (scope !== 'all' && scope !== 'window') {
    throw new AppError('query.invalid', `--scope ${scope} is not known; it is all, or window for what passed through the window opened last. ${USAGE}`);
  }
  const dir = path.resolve(values.store);
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
