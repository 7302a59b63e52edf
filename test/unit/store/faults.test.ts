// Every file operation of sealing, merging, recovery and retention fails once, in turn: nothing is lost or doubled, and the
// next attempt succeeds.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { texts } from '../../../src/extension/store/worker/details';
import { appendNotes } from '../../../src/extension/store/worker/noteFiles';
import { recordOf } from '../../../src/extension/store/worker/notes';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const faults = vi.hoisted(() => ({
  /** Operations are counted, and those that `fails` says fail. */
  armed: false,
  seen: [] as string[],
  fails: (_index: number, _name: string): string | undefined => undefined,
}));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  type Operation = (...args: unknown[]) => unknown;
  const wrapped: Record<string, unknown> = { ...fs };
  for (const name of ['openSync', 'closeSync', 'readSync', 'writeSync', 'fsyncSync', 'fstatSync', 'statSync', 'renameSync', 'rmSync', 'mkdirSync', 'readdirSync', 'readFileSync']) {
    const operation = wrapped[name] as Operation;
    wrapped[name] = (...args: unknown[]): unknown => {
      const code = faults.armed ? faults.fails(faults.seen.push(name) - 1, name) : undefined;
      if (code === undefined) return operation(...args);
      // A file whose closing fails is closed all the same.
      if (name === 'closeSync') operation(...args);
      throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name });
    };
  }
  return { ...wrapped, default: wrapped };
});

const codes = ['EIO', 'ENOSPC', 'EACCES'];
const deadPid = 999_999_999;
const writing = new Set(['openSync', 'writeSync', 'fsyncSync', 'mkdirSync', 'renameSync']);

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterAll(cleanFolders);

function journal(dir: string, writer: string, play: (player: Player) => void, rotateBytes?: number): void {
  const made = new JournalWriter({ dir, writer, clock: systemClock, logger: nullLogger, pid: deadPid, host: hostname(), socket: '/none', rotateBytes });
  play(new Player({ journal: made }, writer));
  made.close();
}

/** A call that is open over several journals, and others meanwhile. */
function longStory(player: Player): void {
  player.initialize();
  const asked = player.ask('a', 'long', {});
  for (let i = 0; i < 6; i++) player.call('a', `tick${i}`, { i });
  player.answer('a', asked, { result: { content: [{ type: 'text', text: 'at last' }] } });
}

interface Seen {
  readonly name: string;
  readonly status: string;
  readonly response?: string;
}

/** Every call as a reader sees it. */
async function callsIn(dir: string): Promise<Seen[]> {
  const view = new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => expect.fail(message) });
  await view.refresh();
  const found = await view.newer({}, undefined, 1000);
  const calls = found.map((call): Seen => ({ name: `${call.row.id} ${call.row.name ?? call.row.method}`, status: call.row.status, response: texts(call).response }));
  view.close();
  return calls.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const namesOf = (calls: readonly Seen[]): string[] => calls.map(({ name }) => name);

interface Scenario {
  /** Makes the folder to begin with. */
  readonly prepare: (dir: string) => Promise<void>;
  /** What is tried; may throw where it says what failed. */
  readonly attempt: (sealer: Sealer) => Promise<void>;
  readonly mayThrow: boolean;
  /** What the folder may hold in the end. */
  readonly leftovers: RegExp;
}

function sealerOf(dir: string, warn: (message: string) => void): Sealer {
  return new Sealer({ dir, engine, me: 'me', now: Date.now, warn, mergeFrom: 3, compressFrom: 0, signFrom: 0 });
}

async function attempt(scenario: Scenario, dir: string, fails: typeof faults.fails): Promise<string[]> {
  faults.seen = [];
  faults.fails = fails;
  faults.armed = true;
  try {
    await scenario.attempt(sealerOf(dir, () => undefined));
  } catch (error) {
    if (!scenario.mayThrow || !String(error).includes('injected')) throw error;
  } finally {
    faults.armed = false;
  }
  return faults.seen;
}

/** Lets operation after operation fail, and looks at the folder each time, before and after the next attempt. */
async function exhaust(scenario: Scenario, failsFrom: (at: number) => typeof faults.fails, step = 1): Promise<number> {
  const template = tempFolder();
  await scenario.prepare(template);
  const before = await callsIn(template);
  const dir = join(tempFolder(), 'store');
  const again = (): void => {
    rmSync(dir, { recursive: true, force: true });
    cpSync(template, dir, { recursive: true, preserveTimestamps: true });
  };
  again();
  const operations = await attempt(scenario, dir, () => undefined);
  const wanted = await callsIn(dir);
  expect(namesOf(wanted)).toEqual(namesOf(before));
  for (let at = 0; at < operations.length; at += step) {
    again();
    await attempt(scenario, dir, failsFrom(at));
    const what = `${operations[at]} (${at} of ${operations.length})`;
    expect(namesOf(await callsIn(dir)), `after ${what} failed`).toEqual(namesOf(before));
    await scenario.attempt(sealerOf(dir, (message) => expect.fail(`${what}: ${message}`)));
    expect(await callsIn(dir), `after ${what} failed and all was well again`).toEqual(wanted);
    for (const name of readdirSync(dir)) expect(name, `left behind when ${what} failed`).toMatch(scenario.leftovers);
  }
  return operations.length;
}

const once = (at: number): typeof faults.fails => (index) => (index === at ? codes[at % codes.length] : undefined);
/** A disk that is full, or a folder that may not be written to any more, from that moment on. */
const fromThenOn = (at: number): typeof faults.fails => (index, name) => (index >= at && writing.has(name) ? codes[1 + (at % 2)] : undefined);

const recovery: Scenario = {
  async prepare(dir) {
    journal(dir, 'long', longStory, 3000);
    journal(dir, 'damaged', (player) => void [1, 2, 3].map((i) => player.call('a', `tool${i}`, { i })));
    const path = join(dir, 'damaged-1.jnl');
    const bytes = readFileSync(path);
    const where = bytes.indexOf('a__tool2');
    writeFileSync(path, bytes.fill(0, where, where + 2));
    journal(dir, 'adopted', (player) => void player.call('a', 'adopted', {}));
    renameSync(join(dir, 'adopted-1.jnl'), join(dir, 'adopted-1.jnl.by-gone'));
    const others = tempFolder();
    for (const name of ['small', 'snapshot']) {
      journal(others, name, (player) => void player.call('a', name, {}));
      await new Sealer({ dir: others, engine, me: 'other', now: Date.now, warn: (message) => expect.fail(message), signFrom: 0 }).recover();
    }
    cpSync(join(others, 'small-1.sqlite'), join(dir, 'small-1.sqlite'));
    cpSync(join(others, 'small-1.sig'), join(dir, 'small-1.sig'));
    // The journal of this one is gone: it is all there is.
    cpSync(join(others, 'snapshot-1.sqlite'), join(dir, 'snapshot-1.sqlite'));
    writeFileSync(join(dir, 'x-1.sqlite.building-gone'), 'half');
  },
  async attempt(sealer) {
    await sealer.recover();
  },
  mayThrow: false,
  leftovers: /^(?:merged-me-\d\.(?:sqlite|sig)|[a-z]+-\d\.(?:sqlite|sig)|quarantine)$/,
};

const sealing: Scenario = {
  async prepare(dir) {
    journal(dir, 'me', longStory, 3000);
    expect(readdirSync(dir)).toEqual(['me-1.jnl', 'me-2.jnl', 'me-3.jnl']);
    const path = join(dir, 'me-2.jnl');
    const bytes = readFileSync(path);
    const where = bytes.indexOf('"arguments"');
    writeFileSync(path, bytes.fill(0, where, where + 2));
    sealerOf(dir, (message) => expect.fail(message)).snapshot(1);
    await Promise.resolve();
  },
  async attempt(sealer) {
    // As the client does, and once more from the beginning where it did not hear how it ended.
    sealer.seal(1, 'handOver');
    if (sealer.seal(2, 'handOver')) sealer.quarantine(2);
    sealer.seal(3, 'last');
    await Promise.resolve();
  },
  mayThrow: true,
  leftovers: /^(?:me-\d\.(?:sqlite|sig)|quarantine)$/,
};

describe('a file operation that fails', () => {
  it('in recovery and merging costs nothing', async () => {
    expect(await exhaust(recovery, once)).toBeGreaterThan(100);
  }, 180_000);

  it('in recovery and merging, and all writing after it, costs nothing', async () => {
    await exhaust(recovery, fromThenOn, 7);
  }, 120_000);

  it('in sealing, and putting aside what is damaged, costs nothing', async () => {
    expect(await exhaust(sealing, once)).toBeGreaterThan(50);
  }, 120_000);

  it('in retention removes nothing twice and nothing that is to stay', async () => {
    const template = tempFolder();
    for (const name of ['old', 'young']) {
      journal(template, name, (player) => void player.call('a', name, {}));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Sealer({ dir: template, engine, me: 'other', now: Date.now, warn: (message) => expect.fail(message), signFrom: 0 }).recover();
    const dir = join(tempFolder(), 'store');
    const scenario: Scenario = {
      prepare: () => Promise.resolve(),
      // One byte less than there is.
      attempt: async (sealer) => void (await sealer.retain({ maxAgeMs: 0, maxBytes: limit })),
      mayThrow: false,
      leftovers: /^young-1\./,
    };
    let limit = 0;
    let operations = 1;
    for (let at = -1; at < operations; at++) {
      rmSync(dir, { recursive: true, force: true });
      cpSync(template, dir, { recursive: true });
      limit = readdirSync(dir).reduce((sum, name) => sum + readFileSync(join(dir, name)).length, -1);
      const seen = await attempt(scenario, dir, once(at));
      if (at < 0) operations = seen.length;
      expect(existsSync(join(dir, 'young-1.sqlite')), `${seen[at]} (${at})`).toBe(true);
      await scenario.attempt(sealerOf(dir, (message) => expect.fail(message)));
      expect(readdirSync(dir).filter((name) => !name.endsWith('.sig'))).toEqual(['young-1.sqlite']);
    }
    expect(operations).toBeGreaterThan(10);
  });

  it('in retention never costs a call that has a note', async () => {
    const template = tempFolder();
    journal(template, 'old', (player) => void [1, 2, 3].map((i) => player.call('a', `tool${i}`, { i })));
    await new Sealer({ dir: template, engine, me: 'other', now: Date.now, warn: (message) => expect.fail(message), signFrom: 0 }).recover();
    const noted = (await callsIn(template)).find(({ name }) => name.endsWith('tool2'));
    appendNotes(template, 'w', [recordOf(noted?.name.split(' ')[0] ?? '', { isPinned: true }, 1, 'w')]);
    const dir = join(tempFolder(), 'store');
    const scenario: Scenario = {
      prepare: () => Promise.resolve(),
      attempt: async (sealer) => void (await sealer.retain({ maxAgeMs: 0, maxBytes: 1 })),
      mayThrow: false,
      leftovers: /./,
    };
    let operations = 1;
    for (let at = -1; at < operations; at++) {
      rmSync(dir, { recursive: true, force: true });
      cpSync(template, dir, { recursive: true });
      const seen = await attempt(scenario, dir, once(at));
      if (at < 0) operations = seen.length;
      expect((await callsIn(dir)).filter(({ name }) => name === noted?.name), `${seen[at]} (${at})`).toEqual([noted]);
      await scenario.attempt(sealerOf(dir, (message) => expect.fail(message)));
      await sealerOf(dir, (message) => expect.fail(message)).recover();
      expect(await callsIn(dir), `${seen[at]} (${at})`).toEqual([noted]);
    }
    expect(operations).toBeGreaterThan(30);
  });
});
