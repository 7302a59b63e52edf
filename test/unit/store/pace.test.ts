// How eagerly journals are followed: half of a core for who looks, next to nothing for nobody.
import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/extension/store/worker/pace';
import { FakeClock, settle } from '../util/fakeClock';

/** `worksMs`: how long each look takes; `more`: whether there is always more. */
function play({ worksMs = 0, more = false } = {}): { pace: Pace; clock: FakeClock; budgets: number[]; busyMs: () => number } {
  const clock = new FakeClock();
  const budgets: number[] = [];
  let busyMs = 0;
  const pace = new Pace({
    clock,
    onNews: () => undefined,
    file: (budgetMs) => {
      budgets.push(budgetMs);
      const ms = Math.min(worksMs, budgetMs);
      busyMs += ms;
      return new Promise((resolve) => void (ms === 0 ? resolve({ changed: true, more }) : clock.timer(ms, () => resolve({ changed: true, more }))));
    },
  });
  return { pace, clock, budgets, busyMs: () => busyMs };
}

describe('following the journals', () => {
  it('sees sparse traffic at once, whether or not anybody has asked', async () => {
    const { pace, clock, budgets } = play();
    for (let k = 0; k < 5; k++) {
      pace.look();
      await settle();
      expect(budgets).toHaveLength(k + 1);
      await clock.advance(5000);
    }
    expect(clock.waiting).toBe(0);
  });

  it('takes half of the time at most while somebody looks, and is never far behind', async () => {
    const { pace, clock, budgets, busyMs } = play({ worksMs: 1000, more: true });
    pace.asked();
    pace.look();
    await clock.advance(5000);
    expect(busyMs()).toBeLessThanOrEqual(2600);
    expect(budgets.length).toBeGreaterThan(5000 / 200);
  });

  it('takes next to nothing of a flood while nobody looks, and comes back when somebody does', async () => {
    const { pace, clock, busyMs } = play({ worksMs: 1000, more: true });
    pace.look();
    await clock.advance(20_000);
    expect(busyMs()).toBeLessThan(200);
    const before = busyMs();
    pace.asked();
    await clock.advance(3000);
    expect(busyMs() - before).toBeGreaterThan(500);
  });

  it.each([
    ['30 ms of hearing of it while somebody looks', true, 30],
    ['85 ms while nobody does', false, 85],
  ] as const)('sees what another window wrote within %s, however lately it has looked', async (_name, isAttended, withinMs) => {
    for (let sinceMs = 0; sinceMs <= 200; sinceMs += 5) {
      const { pace, clock, budgets } = play({ worksMs: 2 });
      if (isAttended) pace.asked();
      pace.look();
      await clock.advance(sinceMs);
      const before = budgets.length;
      pace.look();
      await clock.advance(withinMs);
      expect(budgets.length).toBeGreaterThan(before);
    }
  });

  it('does not forget what came while it was busy', async () => {
    const { pace, clock, budgets } = play({ worksMs: 10 });
    pace.look();
    await settle();
    pace.look();
    await clock.advance(1000);
    expect(budgets).toHaveLength(2);
    pace.dispose();
    pace.look();
    await clock.advance(1000);
    expect(budgets).toHaveLength(2);
  });
});
