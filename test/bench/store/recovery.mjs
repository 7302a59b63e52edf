// Owns the crash measure: a journal of 128 MB whose writer is gone, and how long it takes a fresh process to show its newest
// page, and then to seal it.
import { mkdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { here, startNode } from '../lib/children.mjs';
import { exchanges, metasOf } from './messages.mjs';
import { root } from './subjects.mjs';

const JOURNAL_BYTES = 128 * 1024 * 1024;

export async function measureRecovery({ lib, files, library, dir, rounds, log }) {
  const folder = path.join(dir, 'crashed');
  const values = [];
  for (let round = 0; round < rounds; round++) {
    mkdirSync(folder, { recursive: true });
    writeJournal(lib, folder);
    const child = startNode(here('recovered.mjs', import.meta.url), [library, files.wasmFile, folder]);
    values.push(JSON.parse(await child.firstLine(120_000)));
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
    log(`crash recovery, round ${round + 1} of ${rounds}`);
  }
  return values;
}

function writeJournal({ JournalWriter, nullLogger }, folder) {
  const clock = { wallMs: () => Date.now(), monotonicUs: () => 0, timer: () => ({ dispose() {} }) };
  // No such process: its writer is dead.
  const writer = new JournalWriter({ dir: folder, writer: 'crashed', clock, logger: nullLogger, pid: 999_999_999, host: os.hostname(), socket: '', rotateBytes: Infinity });
  for (const exchange of exchanges(root, 3, 10_000)) {
    const bodies = [Buffer.from(exchange.request), Buffer.from(exchange.answer)];
    metasOf(exchange, bodies[0].length, bodies[1].length).forEach((meta, index) => writer.append(meta, Date.now(), exchange.id * 1000, bodies[index]));
    if (writer.position.length >= JOURNAL_BYTES) break;
  }
  writer.close();
}
