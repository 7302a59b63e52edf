/** Owns what tests of damaged and older segments share: one that is sealed, as bytes, and what is shown of such bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import type { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { Player, tempFolder } from './storeHarness';

/** Journals of a window that is gone; what it did is `play`ed. */
export function deadWindow(dir: string, writer: string, play: (player: Player, journal: JournalWriter) => void): void {
  let tick = 0;
  const clock = { ...systemClock, wallMs: () => 1_790_000_000_000 + tick++, monotonicUs: () => tick * 1000 };
  const journal = new JournalWriter({ dir, writer, clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
  play(new Player({ journal }, `s-${writer}`, clock), journal);
  journal.close();
}

export function sealerIn(dir: string, engine: SqlEngine, options: Partial<ConstructorParameters<typeof Sealer>[0]> = {}): Sealer {
  const warn = (message: string): never => {
    throw new Error(message);
  };
  return new Sealer({ dir, engine, me: 'me', now: Date.now, warn, mergeFrom: 100, ...options });
}

/** The segment of one window. */
export async function segmentBytes(engine: SqlEngine, writer: string, play: (player: Player) => void, compressFrom?: number): Promise<Buffer> {
  const dir = tempFolder();
  deadWindow(dir, writer, play);
  await sealerIn(dir, engine, { compressFrom }).recover();
  return readFileSync(join(dir, `${writer}-1.sqlite`));
}

export function viewOf(dir: string, engine: SqlEngine, options: Partial<ConstructorParameters<typeof StoreView>[0]> = {}): StoreView {
  return new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: () => undefined, searchBudgetMs: Infinity, rowsBudgetMs: Infinity, ...options });
}

/** Asks a folder in which there is nothing but this file. */
export async function asked<T>(engine: SqlEngine, name: string, bytes: Buffer, use: (view: StoreView) => Promise<T>): Promise<T> {
  const dir = tempFolder();
  writeFileSync(join(dir, name), bytes);
  const view = viewOf(dir, engine);
  try {
    await view.refresh();
    return await use(view);
  } finally {
    view.close();
  }
}
