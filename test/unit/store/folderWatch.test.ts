// Traffic is seen within a tenth of a second, whoever writes it, and also where the system tells of no changes.
import { appendFileSync, mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchFolder } from '../../../src/extension/store/worker/folderWatch';
import { Pace } from '../../../src/extension/store/worker/pace';
import type { TrafficStore } from '../../../src/extension/store/types';
import { cleanFolders, openTestStore, Player, tempFolder } from '../../support/store/storeHarness';
import { FakeClock, settle } from '../util/fakeClock';

const watching = vi.hoisted(() => ({ mode: 'works' as 'works' | 'fails' | 'silent' }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const watch = (...args: Parameters<typeof fs.watch>): unknown => {
    if (watching.mode === 'fails') throw new Error('ENOSPC: System limit for number of file watchers reached');
    if (watching.mode === 'silent') return { close: () => undefined, on: () => undefined };
    return fs.watch(...args);
  };
  return { ...fs, watch };
});

const open: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  watching.mode = 'works';
  await Promise.all(open.splice(0).map((end) => end()));
  cleanFolders();
});

/** A folder with journals of others that is watched; `looks` counts. */
function watched(journals: number): { dir: string; looks: () => number } {
  const dir = tempFolder();
  mkdirSync(join(dir, 'notes'));
  for (let k = 1; k <= journals; k++) writeFileSync(join(dir, `other${k}-1.jnl`), '');
  let looks = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const watch = watchFolder(dir, 1000, (name) => !name.startsWith('me-'), () => looks++);
  open.push(() => watch.dispose());
  return { dir, looks: () => looks };
}

describe('the folder', () => {
  it('is looked at every second where all is watched', () => {
    const { looks } = watched(32 - 1);
    vi.advanceTimersByTime(10_000);
    expect(looks()).toBe(10);
  });

  it.each([
    ['files cannot be watched', 'fails', 1],
    ['there are more journals than are watched', 'works', 40],
  ] as const)('is looked at ten times a second where %s', (_name, mode, journals) => {
    watching.mode = mode;
    const { looks } = watched(journals);
    vi.advanceTimersByTime(1000);
    expect(looks()).toBe(10);
  });

  it('is looked at ten times a second once watching has told nothing of what was written', () => {
    watching.mode = 'silent';
    const { dir, looks } = watched(1);
    vi.advanceTimersByTime(3000);
    expect(looks()).toBe(3);
    for (let k = 0; k < 2; k++) {
      appendFileSync(join(dir, 'other1-1.jnl'), 'more');
      vi.advanceTimersByTime(1000);
    }
    const before = looks();
    vi.advanceTimersByTime(1000);
    expect(looks() - before).toBe(10);
  });
});

describe('somebody who comes to look', () => {
  it('does not wait for the end of a pause that was made because nobody was there', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const pace = new Pace({ clock, onNews: () => undefined, file: () => (looks++, Promise.resolve({ changed: true, more: false })) });
    pace.look();
    await settle();
    pace.look();
    pace.asked();
    await clock.advance(30);
    expect(looks).toBe(2);
  });
});

async function openIn(dir: string): Promise<TrafficStore> {
  const store = await openTestStore(dir);
  open.push(() => store.close());
  await expect.poll(() => store.state.kind).toBe('ok');
  return store;
}

/** How long it takes until a store tells that it can show what it was just given; milliseconds. */
async function delayOf(store: TrafficStore): Promise<number> {
  const start = performance.now();
  const { response } = new Player(store).call('a', 'b', {});
  await new Promise<void>((resolve) => {
    const listening = store.onDidAdvance(({ through }) => {
      if (through < response) return;
      listening.dispose();
      resolve();
    });
  });
  return performance.now() - start;
}

/** Longer than whatever the store's threads wait for between two looks: their clock is the system's. */
const silence = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250));

describe('after a silence', () => {
  it('what passes through this window is told of at once', async () => {
    const store = await openIn(tempFolder());
    const delays: number[] = [];
    // Nobody asks it anything. The quickest counts: the machine may have other things to do.
    for (let k = 0; k < 4; k++) {
      await silence();
      delays.push(await delayOf(store));
    }
    expect(Math.min(...delays)).toBeLessThan(60);
  });

  it('a window that begins another journal shows itself to the others', async () => {
    const dir = tempFolder();
    const store = await openTestStore(dir, { rotateBytes: 1000 });
    open.push(() => store.close());
    await store.settled();
    let shown = 0;
    const watcher = watch(join(dir, 'notes'), () => shown++);
    open.push(() => watcher.close());
    new Player(store).call('a', 'b', { text: 'x'.repeat(1000) });
    await expect.poll(() => shown, { timeout: 5000 }).toBeGreaterThan(0);
  });
});
