// The end of history: the oldest goes first, what is still needed stays, and whoever is asking meanwhile gets an answer.
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { defaultLimits, type RetentionLimits, type TrafficStore } from '../../../src/extension/store/types';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import type { Clock } from '../../../src/extension/util/clock';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, openTestStore, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const open: TrafficStore[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

const now = 1_800_000_000_000;
const day = 24 * 3600_000;
const deadPid = 999_999_999;
const noLimits: RetentionLimits = { maxBytes: 0, maxAgeMs: 0 };

/** Journals of a dead window that wrote `ageMs` ago. */
function journalOf(dir: string, writer: string, ageMs: number, calls = 20, rotateBytes?: number): void {
  const clock: Clock = { ...systemClock, wallMs: () => now - ageMs };
  const journal = new JournalWriter({ dir, writer, clock, logger: nullLogger, pid: deadPid, host: hostname(), socket: '/none', rotateBytes });
  const player = new Player({ journal }, writer, clock);
  for (let i = 0; i < calls; i++) player.call('a', writer, { i, filler: 'x'.repeat(200) });
  journal.close();
}

async function sealerIn(dir: string, me = 'me'): Promise<{ sealer: Sealer; engine: SqlEngine; warnings: string[] }> {
  const engine = await SqlEngine.start(wasmFile, dir);
  const warnings: string[] = [];
  const sealer = new Sealer({ dir, engine, me, now: () => now, warn: (message) => warnings.push(message), mergeFrom: 100 });
  return { sealer, engine, warnings };
}

const bytesOf = (dir: string): number => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

describe('retention', () => {
  it('removes what is too old, and says what it was', async () => {
    const dir = tempFolder();
    journalOf(dir, 'ancient', 100 * day, 7);
    journalOf(dir, 'old', 91 * day, 5);
    journalOf(dir, 'young', 89 * day);
    const { sealer, warnings } = await sealerIn(dir);
    await sealer.recover();
    const bytes = bytesOf(dir);
    const report = await sealer.retain({ ...noLimits, maxAgeMs: 90 * day });
    expect(readdirSync(dir)).toEqual(['young-1.sqlite']);
    expect(report).toEqual({ segments: 2, calls: 12, bytes: bytes - bytesOf(dir), fromMs: now - 100 * day, toMs: now - 91 * day, tooOld: 2, kept: 0 });
    expect(warnings).toEqual([]);
    expect(await sealer.retain({ ...noLimits, maxAgeMs: 90 * day })).toEqual({ segments: 0, calls: 0, bytes: 0, tooOld: 0, kept: 0 });
  });

  it('removes the oldest until the rest fits, by what is in the files, whatever their dates and names', async () => {
    const dir = tempFolder();
    journalOf(dir, 'z', 3 * day);
    journalOf(dir, 'm', 2 * day);
    journalOf(dir, 'a', day);
    const { sealer } = await sealerIn(dir);
    await sealer.recover();
    utimesSync(join(dir, 'z-1.sqlite'), now / 1000, now / 1000);
    const one = statSync(join(dir, 'a-1.sqlite')).size;
    expect(await sealer.retain({ ...noLimits, maxBytes: bytesOf(dir) })).toMatchObject({ segments: 0 });
    expect(await sealer.retain({ ...noLimits, maxBytes: one * 2 + 10 })).toMatchObject({ segments: 1, calls: 20, tooOld: 0 });
    expect(readdirSync(dir)).toEqual(['a-1.sqlite', 'm-1.sqlite']);
    expect(await sealer.retain(noLimits)).toMatchObject({ segments: 0 });
    expect(await sealer.retain({ ...noLimits, maxBytes: 1 })).toMatchObject({ segments: 2, calls: 40 });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('takes the signatures along, and nothing that is not the store’s', async () => {
    const dir = tempFolder();
    journalOf(dir, 'old', 2 * day, 3000);
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    const { sealer } = await sealerIn(dir);
    await sealer.recover();
    expect(readdirSync(dir)).toEqual(['notes.txt', 'old-1.sig', 'old-1.sqlite']);
    await sealer.retain({ ...noLimits, maxAgeMs: day });
    expect(readdirSync(dir)).toEqual(['notes.txt']);
  });

  it('leaves journals alone, and the segment that a journal goes on from', async () => {
    const dir = tempFolder();
    journalOf(dir, 'me', 5 * day, 20, 6000);
    const { sealer } = await sealerIn(dir);
    const journals = readdirSync(dir).length;
    expect(journals).toBeGreaterThan(3);
    for (let k = 1; k < journals; k++) sealer.seal(k, 'handOver');
    expect(await sealer.retain({ maxBytes: 1, maxAgeMs: 1 })).toMatchObject({ segments: journals - 2 });
    expect(readdirSync(dir)).toEqual([`me-${journals - 1}.sqlite`, `me-${journals}.jnl`]);
  });

  it('leaves what it cannot read alone', async () => {
    const dir = tempFolder();
    journalOf(dir, 'old', 5 * day);
    const { sealer } = await sealerIn(dir);
    await sealer.recover();
    writeFileSync(join(dir, 'odd-1.sqlite'), 'no database');
    expect(await sealer.retain({ maxBytes: 1, maxAgeMs: 1 })).toMatchObject({ segments: 1 });
    expect(readdirSync(dir)).toEqual(['odd-1.sqlite']);
  });

  it('removes a merged file together with what it replaced, so that nothing comes back', async () => {
    const dir = tempFolder();
    for (const name of ['b', 'c', 'd']) journalOf(dir, name, 5 * day);
    const { engine } = await sealerIn(dir);
    await new Sealer({ dir, engine, me: 'me', now: () => now, warn: (message) => expect.fail(message), mergeFrom: 3 }).recover();
    expect(readdirSync(dir)).toEqual(['merged-me-1.sig', 'merged-me-1.sqlite']);
    // The one that merged died before it had removed its sources.
    journalOf(dir, 'b', 5 * day);
    const { sealer } = await sealerIn(dir);
    new Sealer({ dir, engine, me: 'b', now: () => now, warn: (message) => expect.fail(message) }).seal(1, 'last');
    expect(readdirSync(dir)).toContain('b-1.sqlite');
    expect(await sealer.retain({ ...noLimits, maxAgeMs: day })).toMatchObject({ segments: 1, calls: 60 });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('does nothing while another window is at it', async () => {
    const dir = tempFolder();
    journalOf(dir, 'old', 5 * day);
    const { sealer } = await sealerIn(dir);
    await sealer.recover();
    writeFileSync(join(dir, 'merging.lock'), '');
    expect(await sealer.retain({ ...noLimits, maxAgeMs: day })).toMatchObject({ segments: 0 });
    // Nobody can be that long between making it and writing its name into it.
    utimesSync(join(dir, 'merging.lock'), 1, 1);
    expect(await sealer.retain({ ...noLimits, maxAgeMs: day })).toMatchObject({ segments: 1 });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('keeps the originals of damaged files for as long as they are not too much', async () => {
    const dir = tempFolder();
    const { sealer } = await sealerIn(dir);
    mkdirSync(join(dir, 'quarantine'));
    for (const [index, name] of ['oldest', 'older', 'newest'].entries()) {
      writeFileSync(join(dir, 'quarantine', name), 'x'.repeat(1000));
      utimesSync(join(dir, 'quarantine', name), index, index);
    }
    await sealer.retain({ ...noLimits, maxBytes: 12_000 });
    expect(readdirSync(join(dir, 'quarantine')).sort()).toEqual(['newest', 'older', 'oldest']);
    await sealer.retain({ ...noLimits, maxBytes: 8000 });
    expect(readdirSync(join(dir, 'quarantine')).sort()).toEqual(['newest', 'older']);
    await sealer.retain({ ...noLimits, maxAgeMs: day });
    expect(readdirSync(join(dir, 'quarantine'))).toHaveLength(2);
  });

  it('does not make a question fail that is being answered', async () => {
    const dir = tempFolder();
    for (let i = 0; i < 6; i++) journalOf(dir, `w${i}`, (10 - i) * day, 300);
    const { sealer, engine } = await sealerIn(dir);
    await sealer.recover();
    let breaths = 0;
    const view = new StoreView({
      dir,
      engine,
      now: () => now,
      breathe: async () => {
        if (++breaths === 3) {
          await sealer.retain({ ...noLimits, maxAgeMs: 7.5 * day });
          await view.refresh();
        }
      },
      warn: (message) => expect.fail(message),
      searchBudgetMs: Infinity,
    });
    await view.refresh();
    const page = { filter: 'filler -nothing', position: { kind: 'newest' }, limit: 1000 } as const;
    expect((await view.page(page, () => 0)).total).toBe(1800);
    expect(breaths).toBeGreaterThan(3);
    expect((await view.page(page, () => 0)).total).toBe(900);
    view.close();
  });
});

it('what holds where nothing is set is what the settings say they are by default', () => {
  const settings = manifest.contributes.configuration.properties;
  expect(defaultLimits).toEqual({
    maxBytes: settings['mcpShark.store.maxSizeMb'].default * 1024 * 1024,
    maxAgeMs: settings['mcpShark.store.maxAgeDays'].default * day,
  });
});

describe('the store', () => {
  it('keeps to its limits by itself and records what went', async () => {
    const dir = tempFolder();
    journalOf(dir, 'old', systemClock.wallMs() < now ? now - systemClock.wallMs() + 100 * day : 100 * day);
    const store = await openTestStore(dir);
    open.push(store);
    new Player(store).call('a', 'young', {});
    await expect.poll(() => existsSync(join(dir, 'old-1.sqlite')) || readdirSync(dir).some((name) => name.startsWith('old')), { timeout: 15_000 }).toBe(false);
    await expect.poll(async () => {
      const file = await store.snapshot();
      return execFileSync('sqlite3', [file, "SELECT type, json_extract(data, '$.calls'), json_extract(data, '$.tooOld') FROM events ORDER BY frame"], { encoding: 'utf8' }).trim();
    }, { timeout: 10_000 }).toBe('store.recovered||\nstore.retention|20|1');
    await store.settled();
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).rows.map((row) => row.name)).toEqual(['young']);
  });

  it('keeps to its size after sealing', async () => {
    const dir = tempFolder();
    const store = await openTestStore(dir, { rotateBytes: 20_000, maxBytes: 400_000 });
    open.push(store);
    const player = new Player(store);
    for (let i = 0; i < 600; i++) {
      player.call('a', 'b', { i, filler: 'y'.repeat(300) });
      if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const segments = (): number => readdirSync(dir).filter((name) => name.endsWith('.sqlite')).length;
    await expect.poll(() => readdirSync(dir).filter((name) => name.endsWith('.jnl')).length === 1 && bytesOf(dir) < 500_000, { timeout: 15_000 }).toBe(true);
    expect(segments()).toBeGreaterThan(0);
    await store.settled();
    const { rows } = await store.page({ position: { kind: 'newest' }, limit: 1000 });
    // The newest are there without a hole.
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.length).toBeLessThan(600);
    expect(rows.map((row) => row.detail)).toEqual(rows.map((_, index) => expect.stringContaining(`i: ${599 - index},`)));
  });
});
