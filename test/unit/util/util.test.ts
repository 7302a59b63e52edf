/** Holds the leaf tools that everything else leans on: lifetimes, events, async helpers, errors, JSON, the clock. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deferred, SerialQueue, Throttle, withDeadline } from '../../../src/extension/util/async';
import { systemClock } from '../../../src/extension/util/clock';
import { AppError, isAppError, messageOf } from '../../../src/extension/util/errors';
import { anyOf, Emitter } from '../../../src/extension/util/event';
import { exactJson, isJsonObject, tryParseJson } from '../../../src/extension/util/json';
import {
  DisposableStore,
  MutableDisposable,
  setLeakTracker,
  toDisposable,
  type Disposable,
} from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { FakeClock, settle } from './fakeClock';

/** Writes its name down when it is disposed. */
const noting = (log: string[], name: string): Disposable => toDisposable(() => void log.push(name));

describe('a disposable', () => {
  afterEach(() => setLeakTracker(undefined));

  it('runs once however often it is disposed', () => {
    const log: string[] = [];
    const disposable = noting(log, 'a');
    disposable.dispose();
    disposable.dispose();
    expect(log).toEqual(['a']);
  });

  it('is reported to a leak tracker when made and when disposed', () => {
    const alive = new Set<Disposable>();
    setLeakTracker({ made: (one) => alive.add(one), disposed: (one) => alive.delete(one) });
    const store = new DisposableStore();
    const mutable = store.add(new MutableDisposable<Disposable>());
    mutable.value = toDisposable(() => undefined);
    store.add(toDisposable(() => undefined));
    expect(alive.size).toBeGreaterThanOrEqual(3);
    store.dispose();
    expect([...alive]).toEqual([]);
  });
});

describe('a disposable store', () => {
  it('disposes last-in, first-out, once', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    for (const name of ['a', 'b', 'c']) store.add(noting(log, name));
    store.dispose();
    store.dispose();
    expect(log).toEqual(['c', 'b', 'a']);
    expect(store.isDisposed).toBe(true);
  });

  it('disposes at once what is added too late', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    store.dispose();
    store.add(noting(log, 'late'));
    expect(log).toEqual(['late']);
  });

  it('gives up what is released, and can be cleared and used again', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    const kept = store.add(noting(log, 'kept'));
    store.release(kept);
    store.add(noting(log, 'a'));
    store.clear();
    store.add(noting(log, 'b'));
    store.dispose();
    expect(log).toEqual(['a', 'b']);
  });

  it('disposes the others when one throws, and then throws', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    const fail = (text: string) => store.add({ dispose: () => { throw new Error(text); } });
    store.add(noting(log, 'a'));
    fail('one');
    store.add(noting(log, 'b'));
    expect(() => store.clear()).toThrow('one');
    expect(log).toEqual(['b', 'a']);
    fail('two');
    fail('three');
    expect(() => store.dispose()).toThrow(AggregateError);
  });
});

describe('a mutable disposable', () => {
  it('disposes what it held when it gets another, and keeps the same one', () => {
    const log: string[] = [];
    const mutable = new MutableDisposable<Disposable>();
    const a = noting(log, 'a');
    mutable.value = a;
    mutable.value = a;
    expect(log).toEqual([]);
    mutable.value = noting(log, 'b');
    expect(log).toEqual(['a']);
    mutable.clear();
    expect(log).toEqual(['a', 'b']);
    expect(mutable.value).toBeUndefined();
  });

  it('disposes at once what it gets too late', () => {
    const log: string[] = [];
    const mutable = new MutableDisposable<Disposable>();
    mutable.dispose();
    mutable.value = noting(log, 'late');
    expect(log).toEqual(['late']);
    expect(mutable.value).toBeUndefined();
  });
});

describe('an event', () => {
  it('is heard in order until its listener is disposed; the same function may listen twice', () => {
    const emitter = new Emitter<number>();
    const heard: number[] = [];
    const listener = (value: number): void => void heard.push(value);
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    expect(heard).toEqual([1, 1, 2]);
    emitter.dispose();
    emitter.fire(3);
    expect(heard).toEqual([1, 1, 2]);
    expect(emitter.hasListeners).toBe(false);
  });

  it('is not heard by one who begins to listen while it is told', () => {
    const emitter = new Emitter<void>();
    let late = 0;
    emitter.event(() => void emitter.event(() => late++));
    emitter.fire();
    expect(late).toBe(0);
  });

  it('is not heard by one who was unsubscribed while it is told', () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    emitter.event(() => second.dispose());
    const second = emitter.event(() => heard++);
    emitter.fire();
    expect(heard).toBe(0);
  });

  it('reaches the others when a listener throws', () => {
    const failures: unknown[] = [];
    const emitter = new Emitter<void>((error) => failures.push(error));
    let heard = 0;
    emitter.event(() => { throw new Error('no'); });
    emitter.event(() => heard++);
    emitter.fire();
    expect(heard).toBe(1);
    expect(failures.map(messageOf)).toEqual(['no']);
  });

  it('rethrows on a microtask what nobody handles', () => {
    const microtask = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((fn) => expect(fn).toThrow('no'));
    const emitter = new Emitter<void>();
    emitter.event(() => { throw new Error('no'); });
    emitter.fire();
    expect(microtask).toHaveBeenCalledOnce();
    microtask.mockRestore();
  });
});

it('any of several events is heard until nobody listens any more', () => {
  const [one, two] = [new Emitter<number>(), new Emitter<string>()];
  const heard: unknown[][] = [];
  const listening = anyOf(one.event, two.event)((...said: unknown[]) => void heard.push(said));
  one.fire(1);
  two.fire('2');
  expect(heard).toEqual([[], []]);
  listening.dispose();
  one.fire(3);
  expect(heard).toHaveLength(2);
  expect([one.hasListeners, two.hasListeners]).toEqual([false, false]);
});

describe('a deferred promise', () => {
  it('is settled from outside, once', async () => {
    const deferred = new Deferred<number>();
    expect(deferred.isSettled).toBe(false);
    deferred.resolve(1);
    deferred.reject(new Error('too late'));
    expect(deferred.isSettled).toBe(true);
    expect(await deferred.promise).toBe(1);
    const failing = new Deferred<number>();
    failing.reject(new Error('no'));
    await expect(failing.promise).rejects.toThrow('no');
  });
});

describe('a deadline', () => {
  it('gives the value, the failure, or that it is late, and leaves no timer', async () => {
    const clock = new FakeClock();
    expect(await withDeadline(Promise.resolve(1), 100, clock)).toBe(1);
    await expect(withDeadline(Promise.reject(new Error('no')), 100, clock)).rejects.toThrow('no');
    const late = withDeadline(new Promise(() => undefined), 100, clock);
    await clock.advance(100);
    expect(await late).toBe('late');
    expect(clock.waiting).toBe(0);
  });

  it('lets a promise that fails too late fail in silence', async () => {
    const clock = new FakeClock();
    const deferred = new Deferred<number>();
    const result = withDeadline(deferred.promise, 100, clock);
    await clock.advance(100);
    expect(await result).toBe('late');
    deferred.reject(new Error('nobody waits any more'));
    await settle(); // an unhandled rejection would fail the run
  });
});

describe('a throttle', () => {
  it('runs at once, then at most once per interval, and never loses the last trigger', async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const throttle = new Throttle(() => void at.push(clock.monotonicUs() / 1000), 100, clock);
    throttle.trigger();
    throttle.trigger();
    throttle.trigger();
    await clock.advance(50);
    throttle.trigger();
    await clock.advance(1000);
    throttle.trigger();
    expect(at).toEqual([0, 100, 1050]);
    await clock.advance(1000);
    expect(at).toHaveLength(3);
  });

  it('may be triggered from within', async () => {
    const clock = new FakeClock();
    let runs = 0;
    const throttle: Throttle = new Throttle(() => {
      if (++runs < 3) throttle.trigger();
    }, 100, clock);
    throttle.trigger();
    await clock.advance(1000);
    expect(runs).toBe(3);
  });

  it('goes on after a run that threw', async () => {
    const clock = new FakeClock();
    let runs = 0;
    const throttle = new Throttle(() => {
      if (++runs === 1) throw new Error('no');
    }, 100, clock);
    expect(() => throttle.trigger()).toThrow('no');
    throttle.trigger();
    await clock.advance(100);
    expect(runs).toBe(2);
  });

  it('does nothing once disposed', async () => {
    const clock = new FakeClock();
    let runs = 0;
    const throttle = new Throttle(() => runs++, 100, clock);
    throttle.trigger();
    throttle.trigger();
    throttle.dispose();
    throttle.trigger();
    await clock.advance(1000);
    expect({ runs, waiting: clock.waiting }).toEqual({ runs: 1, waiting: 0 });
  });
});

describe('a serial queue', () => {
  it('runs jobs one after another, also after one that failed', async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    const gate = new Deferred<void>();
    const first = queue.run(async () => {
      log.push('first begins');
      await gate.promise;
      log.push('first ends');
      throw new Error('no');
    });
    const second = queue.run(() => {
      log.push('second');
      return Promise.resolve(2);
    });
    const third = queue.run(() => {
      throw new Error('at once');
    });
    await settle();
    expect(log).toEqual(['first begins']);
    gate.resolve();
    await expect(first).rejects.toThrow('no');
    expect(await second).toBe(2);
    await expect(third).rejects.toThrow('at once');
    expect(await queue.run(() => Promise.resolve(4))).toBe(4);
    expect(log).toEqual(['first begins', 'first ends', 'second']);
  });
});

describe('errors', () => {
  it('carry code, details and cause', () => {
    const cause = new Error('below');
    const error = new AppError('config.invalid', 'No.', { cause, details: { line: 3 }, userFacing: false });
    expect(error).toMatchObject({ name: 'AppError', code: 'config.invalid', message: 'No.', details: { line: 3 }, userFacing: false, cause });
    expect('cause' in new AppError('internal', 'x')).toBe(false);
    expect(new AppError('internal', 'x').userFacing).toBe(true);
  });

  it('are recognised by class and code', () => {
    const error = new AppError('notFound', 'x');
    expect([isAppError(error), isAppError(error, 'notFound'), isAppError(error, 'internal'), isAppError(new Error('x'))]).toEqual([true, true, false, false]);
  });

  it.each([
    [new Error('a'), 'a'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [{ a: 1 }, '[object Object]'],
    [Object.create(null), 'Unknown error'],
    [Symbol('s'), 'Symbol(s)'],
  ])('have a message whatever was thrown', (thrown: unknown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});

it('tells JSON objects from everything else', () => {
  expect([{}, [], null, 1, 'x', undefined].map(isJsonObject)).toEqual([true, false, false, false, false, false]);
  expect([tryParseJson('{"a":1}'), tryParseJson('{a}'), tryParseJson('')]).toEqual([{ a: 1 }, undefined, undefined]);
});

describe('the system clock', () => {
  it('tells time in whole numbers that do not go back', () => {
    const before = systemClock.monotonicUs();
    expect(Number.isInteger(systemClock.wallMs()) && Number.isInteger(before)).toBe(true);
    expect(systemClock.monotonicUs()).toBeGreaterThanOrEqual(before);
  });

  it('fires a timer once, and not when it was disposed', async () => {
    let fired = 0;
    const disposed = systemClock.timer(1, () => fired++);
    disposed.dispose();
    await new Promise<void>((resolve) => systemClock.timer(5, resolve));
    expect(fired).toBe(0);
  });
});

it('the null logger takes everything', () => {
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) expect(nullLogger[level]('x', 1)).toBeUndefined();
});

describe('exactJson', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  it.each(['{"a":[1,"b",null]}', 'null', '0', '""'])('gives the value of %s', (text) => {
    expect(exactJson(text)).toEqual(JSON.parse(text));
  });

  it.each(['', '{', '1.0', '12345678901234567890', '{"a": 1}', deep])('gives nothing for what would not come out the same (%#)', (text) => {
    expect(exactJson(text)).toBeUndefined();
  });
});
