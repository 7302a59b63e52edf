// Windows that die: what they had recorded is found, once, by those that live.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeHeader, journalVersion } from '../../../src/extension/store/journalFormat';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { OwnershipSign, socketPathOf } from '../../../src/extension/store/ownership';
import { openStoreReader } from '../../../src/extension/store/reader';
import type { TrafficStore } from '../../../src/extension/store/types';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { killWriters } from '../../crash/killedWriters';
import { cleanFolders, openTestStore, Player, recordedIn, tempFolder, wasmFile } from '../../support/store/storeHarness';

const open: TrafficStore[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  cleanFolders();
});

/** The process id of a process that is no more. */
function deadPid(): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', '0']);
    child.on('close', () => resolve(child.pid ?? 1));
  });
}

/** A journal as a window that was killed leaves it. */
async function deadJournal(dir: string, writer: string, play: (player: Player) => void, options: { rotateBytes?: number; pid?: number } = {}): Promise<void> {
  const journal = new JournalWriter({ dir, writer, clock: systemClock, logger: nullLogger, pid: options.pid ?? (await deadPid()), host: hostname(), socket: socketPathOf(dir, writer), rotateBytes: options.rotateBytes });
  play(new Player({ journal }, writer));
  journal.close();
}

async function recover(dir: string, me = 'me'): Promise<Awaited<ReturnType<Sealer['recover']>> & { warnings: string[] }> {
  const engine = await SqlEngine.start(wasmFile, dir);
  const warnings: string[] = [];
  const sealer = new Sealer({ dir, engine, me, now: Date.now, warn: (message) => warnings.push(message) });
  return { ...(await sealer.recover()), warnings };
}

const integrity = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => execFileSync('sqlite3', [join(dir, name), 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim());

describe('recovery', () => {
  it('loses and doubles nothing when windows are killed while others write', async () => {
    const dir = tempFolder();
    let seed = 7;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    // The long run: MCP_SHARK_KILLS=1000.
    const kills = Number(process.env['MCP_SHARK_KILLS'] ?? 50);
    const result = await killWriters(dir, kills, { random });
    expect(result).toMatchObject({ kills, lost: [], duplicated: [], wrong: 0 });
    expect(result.acknowledged).toBeGreaterThan(50);
    // The next window seals what they left.
    const store = await openTestStore(dir);
    open.push(store);
    await expect.poll(() => readdirSync(dir).filter((name) => name.includes('.jnl')), { timeout: 15_000 + kills * 500 }).toHaveLength(1);
    expect(new Set(integrity(dir))).toEqual(new Set(['ok']));
    await store.settled();
    const { calls } = await store.summary({ filter: 'tool:left* OR tool:right*', scope: 'all' });
    expect(calls).toBeGreaterThanOrEqual(result.acknowledged);
  }, 60_000 + Number(process.env['MCP_SHARK_KILLS'] ?? 0) * 3000);

  it('seals a dead window’s journal and says so in the next one’s traffic', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => void player.call('a', 'b', {}));
    const store = await openTestStore(dir);
    open.push(store);
    await expect.poll(() => existsSync(join(dir, 'dead-1.sqlite')) && !readdirSync(dir).some((name) => name.startsWith('dead-1.jnl')), { timeout: 10_000 }).toBe(true);
    await store.settled();
    expect((await store.page({ position: { kind: 'newest' }, limit: 5 })).rows).toMatchObject([{ name: 'b', status: 'ok' }]);
    const file = await store.snapshot();
    expect(execFileSync('sqlite3', [file, "SELECT type, json_extract(data, '$.journals') FROM events"], { encoding: 'utf8' }).trim()).toBe('store.recovered|1');
  });

  it('leaves a live window’s journal alone, also where only its socket shows that it lives', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'living', (player) => void player.call('a', 'b', {}));
    const sign = new OwnershipSign(socketPathOf(dir, 'living'), () => '');
    await expect.poll(() => existsSync(socketPathOf(dir, 'living'))).toBe(true);
    expect(await recover(dir)).toMatchObject({ journals: 0, uncertain: 1 });
    expect(existsSync(join(dir, 'living-1.jnl'))).toBe(true);
    sign.stop();
    expect(await recover(dir)).toMatchObject({ journals: 1, uncertain: 0 });
  });

  it('leaves a journal alone whose process lives though nobody listens yet', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'starting', (player) => void player.call('a', 'b', {}), { pid: process.pid });
    expect(await recover(dir)).toMatchObject({ journals: 0, uncertain: 1 });
  });

  it('knows a writer by its other journals when it was killed before the first line of the last', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => void player.call('a', 'b', {}));
    writeFileSync(join(dir, 'dead-2.jnl'), '');
    expect(await recover(dir)).toMatchObject({ journals: 1, damagedEntries: 0, quarantined: [], uncertain: 0 });
    expect(readdirSync(dir)).toEqual(['dead-1.sqlite']);
    expect(await recordedIn(dir)).toHaveLength(1);
  });

  it('gives calls that were never answered a status that says so', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => void player.ask('a', 'hanging', {}));
    await recover(dir);
    expect(await recordedIn(dir)).toMatchObject([{ name: 'hanging', status: 'transportError' }]);
  });

  it('continues calls through every journal of the dead window', async () => {
    const dir = tempFolder();
    await deadJournal(
      dir,
      'dead',
      (player) => {
        const asked = player.ask('a', 'long', {});
        for (let i = 0; i < 20; i++) player.call('a', 'tick', { i });
        player.answer('a', asked, { result: { content: [{ type: 'text', text: 'at last' }] } });
      },
      { rotateBytes: 3000 },
    );
    const journals = readdirSync(dir).length;
    expect(journals).toBeGreaterThan(3);
    expect(await recover(dir)).toMatchObject({ journals });
    const calls = await recordedIn(dir);
    expect(calls).toHaveLength(21);
    expect(calls[0]).toMatchObject({ name: 'long', status: 'ok' });
    expect(calls[0]?.response).toContain('at last');
    expect(new Set(integrity(dir))).toEqual(new Set(['ok']));
  });

  it('keeps the rest of a damaged journal, and the original in quarantine', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => {
      for (let i = 0; i < 10; i++) player.call('a', `tool${i}`, {});
    });
    const path = join(dir, 'dead-1.jnl');
    const bytes = readFileSync(path);
    const where = bytes.indexOf('a__tool4');
    bytes.fill(0, where, where + 4);
    writeFileSync(path, bytes);
    expect(await recover(dir)).toMatchObject({ journals: 1, damagedEntries: 1, quarantined: ['dead-1.jnl'] });
    expect(readFileSync(join(dir, 'quarantine', 'dead-1.jnl')).equals(bytes)).toBe(true);
    const names = (await recordedIn(dir)).map((call) => call.name);
    expect(names).toEqual(['tool0', 'tool1', 'tool2', 'tool3', 'tool4', 'tool5', 'tool6', 'tool7', 'tool8', 'tool9']);
  });

  it('takes a torn last entry for what it is', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => void player.call('a', 'b', {}));
    const path = join(dir, 'dead-1.jnl');
    writeFileSync(path, readFileSync(path).subarray(0, -10));
    const report = await recover(dir);
    expect(report).toMatchObject({ journals: 1, damagedEntries: 0, quarantined: [] });
    expect(report.tornBytes).toBeGreaterThan(0);
  });

  it('can be cut short anywhere and repeated', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => void player.call('a', 'b', {}));
    // The segment was there and the journal not yet gone; another adopter died before; a file was half built.
    copyFileSync(join(dir, 'dead-1.jnl'), join(dir, 'saved'));
    await recover(dir, 'first');
    renameSync(join(dir, 'saved'), join(dir, 'dead-1.jnl.by-first'));
    writeFileSync(join(dir, 'dead-1.sqlite.building-first'), 'half');
    expect(await recordedIn(dir)).toHaveLength(1);
    await recover(dir, 'second');
    expect(readdirSync(dir)).toEqual(['dead-1.sqlite']);
    expect(await recordedIn(dir)).toHaveLength(1);
  });

  it('makes nothing of a window that recorded nothing', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', () => undefined);
    await recover(dir);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('leaves what a newer version wrote alone, and says so', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'new-1.jnl'), encodeHeader({ version: journalVersion + 1, writer: 'new', k: 1, pid: await deadPid(), host: hostname(), socket: '', startedMs: 0 }));
    expect((await recover(dir)).warnings.join()).toMatch(/newer MCP Shark/);
    expect(readdirSync(dir)).toEqual(['new-1.jnl']);
    expect(await recordedIn(dir)).toEqual([]);
  });

  it('shows what is readable when a segment is corrupt', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'one', (player) => void player.call('a', 'one', {}));
    await deadJournal(dir, 'two', (player) => void player.call('a', 'two', {}));
    await recover(dir);
    const path = join(dir, 'one-1.sqlite');
    const bytes = readFileSync(path);
    // Where the file begins stands nothing that is shown.
    writeFileSync(path, Buffer.from(bytes).fill(0x5a, 0, 4096));
    expect((await recordedIn(dir)).map((call) => call.name)).toEqual(['one', 'two']);
    writeFileSync(path, Buffer.from(bytes).fill(0x5a));
    expect((await recordedIn(dir)).map((call) => call.name)).toEqual(['two']);
  });

  it('shows what is readable when a segment turns out to be corrupt inside', async () => {
    const dir = tempFolder();
    for (const name of ['one', 'two']) {
      await deadJournal(dir, name, (player) => {
        for (let i = 0; i < 300; i++) player.call('a', name, { i });
      });
    }
    await recover(dir);
    const path = join(dir, 'one-1.sqlite');
    const bytes = readFileSync(path);
    // Everything but the pages that opening reads.
    writeFileSync(path, bytes.fill(0x5a, 8 * 4096));
    const warnings: string[] = [];
    const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: { ...nullLogger, warn: (message) => warnings.push(message) } });
    const { rows, total } = await reader.page({ position: { kind: 'newest' }, limit: 1000 });
    const count = (name: string): number => rows.filter((row) => row.name === name).length;
    expect(count('two')).toBe(300);
    expect(count('one')).toBeGreaterThan(0);
    expect(count('one')).toBeLessThan(100);
    expect(total).toBe(rows.length);
    expect(warnings.join()).toContain(`one-1.sqlite is damaged (page`);
    expect(warnings.join()).toContain(`Missing: ${300 - count('one')} calls`);
    await reader.close();
  });

  it('puts small segments together, and every call is still there once', async () => {
    const dir = tempFolder();
    for (let i = 0; i < 9; i++) {
      await deadJournal(
        dir,
        `dead${i}`,
        (player) => {
          player.initialize();
          const asked = player.ask('a', `long${i}`, {});
          for (let j = 0; j < 5; j++) player.call('a', `tool${i}-${j}`, { j });
          player.answer('a', asked, { result: { content: [{ type: 'text', text: `at last ${i}` }] } });
        },
        { rotateBytes: i === 0 ? 3000 : undefined },
      );
    }
    const before = await recordedIn(dir);
    expect(before).toHaveLength(63);
    await recover(dir);
    const names = readdirSync(dir);
    expect(names).toEqual(['merged-me-1.sig', 'merged-me-1.sqlite']);
    expect(integrity(dir)).toEqual(['ok']);
    const sort = (calls: typeof before): string[] => calls.map((call) => JSON.stringify(call)).sort();
    expect(sort(await recordedIn(dir))).toEqual(sort(before));
    expect(execFileSync('sqlite3', [join(dir, 'merged-me-1.sqlite'), "SELECT count(*), count(request), count(response), count(DISTINCT substr(id, 1, 5)) FROM calls"], { encoding: 'utf8' }).trim()).toBe('63|63|63|9');
  });

  it('does not show what a merged file replaces, and removes it', async () => {
    const dir = tempFolder();
    for (let i = 0; i < 8; i++) await deadJournal(dir, `dead${i}`, (player) => void player.call('a', `tool${i}`, {}));
    const engine = await SqlEngine.start(wasmFile, dir);
    const options = { dir, engine, now: Date.now, warn: (message: string) => expect.fail(message) };
    await new Sealer({ ...options, me: 'first', mergeFrom: 100 }).recover();
    for (const name of readdirSync(dir)) copyFileSync(join(dir, name), join(dir, `${name}.saved`));
    await new Sealer({ ...options, me: 'second' }).recover();
    for (const name of readdirSync(dir)) if (name.endsWith('.saved')) renameSync(join(dir, name), join(dir, name.slice(0, -6)));
    expect(readdirSync(dir)).toHaveLength(10);
    expect(await recordedIn(dir)).toHaveLength(8);
    await new Sealer({ ...options, me: 'third' }).recover();
    expect(readdirSync(dir)).toEqual(['merged-second-1.sig', 'merged-second-1.sqlite']);
  });

  it('makes a segment of a snapshot whose journal is gone', async () => {
    const dir = tempFolder();
    await deadJournal(dir, 'dead', (player) => void player.call('a', 'b', {}));
    await recover(dir);
    renameSync(join(dir, 'dead-1.sqlite'), join(dir, 'dead-1.recent.sqlite'));
    await recover(dir);
    expect(await recordedIn(dir)).toHaveLength(1);
    rmSync(join(dir, 'dead-1.sqlite'));
    expect(statSync(dir).isDirectory()).toBe(true);
  });
});
