/** Holds the lock of routing: one change at a time over all windows, and no window for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoutingFs } from '../../../../src/extension/servers/routing/files';
import { RoutingLock } from '../../../../src/extension/servers/routing/lock';
import { FakeClock } from '../../util/fakeClock';
import { Bench, STORAGE } from './bench';

describe('the lock', () => {
  it('never takes over from one that is alive, however long it takes', async () => {
    const clock = new FakeClock();
    const bench = new Bench();
    const start = () => new RoutingLock({ fs: bench.fs, storageDir: STORAGE, randomId: () => `lock${clock.waiting}`, now: () => clock.wallMs(), timer: clock.timer.bind(clock) });
    let finish = (): void => undefined;
    const long = start().run(() => new Promise<void>((resolve) => (finish = resolve)));
    await clock.advance(300_000);
    await expect(start().run(() => Promise.resolve())).rejects.toMatchObject({ code: 'routing.busy' });
    finish();
    await long;
    await expect(start().run(() => Promise.resolve('mine'))).resolves.toBe('mine');
    expect([clock.waiting, bench.fs.text(`${STORAGE}/routing.lock`)]).toEqual([0, undefined]);
  });

  it('lets one alone in of many windows that find a lock left behind, whatever is in it and whoever is faster', async () => {
    const clock = new FakeClock();
    const left = fc.constantFrom(JSON.stringify({ pid: process.pid, atMs: 0 }), '', '{"pid":0}');
    await fc.assert(
      fc.asyncProperty(left, fc.infiniteStream(fc.nat(9)), async (text, delays) => {
        const bench = new Bench();
        bench.fs.set(`${STORAGE}/routing.lock`, text);
        const pause = async (turns = delays.next().value): Promise<void> => {
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        };
        const slowly = (name: 'create' | 'read' | 'unlink') => async (...given: never[]): Promise<never> => {
          await pause();
          return (bench.fs[name] as (...args: never[]) => Promise<never>).apply(bench.fs, given);
        };
        const fs = Object.assign(Object.create(bench.fs) as RoutingFs, { mkdir: () => Promise.resolve(undefined), create: slowly('create'), read: slowly('read'), unlink: slowly('unlink') });
        let [inside, most] = [0, 0];
        const ends = Promise.allSettled(
          Array.from({ length: 5 }, (_, window) =>
            new RoutingLock({ fs, storageDir: STORAGE, randomId: () => `w${window}`, now: () => clock.wallMs(), timer: clock.timer.bind(clock) }).run(async () => {
              most = Math.max(most, (inside += 1));
              await pause(60);
              inside -= 1;
            }),
          ),
        );
        await clock.advance(1_000);
        const done = (await ends).filter(({ status }) => status === 'fulfilled').length;
        expect([most, done > 0]).toEqual([1, true]);
        expect(Object.keys(bench.fs.tree(STORAGE))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
