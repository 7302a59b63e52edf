/**
 * Owns the process that reads a store as somebody else: bundled and started with a folder, sql.js and, by root, the id of
 * the user to be, it prints how many calls it can read, what it was warned of, and whether it could have written there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStoreReader } from '../../../src/extension/store/reader';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';

const [dir = '', wasmFile = '', user] = process.argv.slice(2);

function mayWrite(): boolean {
  try {
    // Not `access`: that asks about the user who started this process.
    writeFileSync(join(dir, 'written'), '');
    return true;
  } catch {
    return false;
  }
}

/** Not by starting as another user: who may not read the folder above could not even start. */
function become(id: number): void {
  process.setgroups?.([]);
  process.setegid?.(id);
  process.seteuid?.(id);
}

async function main(): Promise<void> {
  if (user !== undefined) become(Number(user));
  const warnings: string[] = [];
  const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: { ...nullLogger, warn: (message) => warnings.push(message) } });
  let calls = 0;
  for await (const call of reader.calls()) if (call.response?.includes('done')) calls++;
  await reader.close();
  process.stdout.write(JSON.stringify({ mayWrite: mayWrite(), calls, warnings }));
}

void main();
