/** The model's promises: paging, following the tail, nothing overwritten by what was superseded, selection by call. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallSummary } from '../../../src/extension/contract/traffic';
import { AppError } from '../../../src/extension/util/errors';
import { TrafficModel } from '../../../src/webview/traffic/model/trafficModel';
import { niceCeiling } from '../../../src/webview/traffic/model/visibleRows';
import { ANSWER_DEADLINE_MS, RETRY_MS } from '../../../src/webview/platform/answered';
import { parseViewState, type ViewState } from '../../../src/webview/traffic/model/viewState';
import { detailOf } from '../../support/webview/generateCalls';
import { flush, ManualClock } from '../../support/webview/manualClock';
import { answerPage, pageOf, rowOf, ScriptedHost } from '../../support/webview/scriptedHost';
import { healthy } from '../../support/webview/stubHost';

let host: ScriptedHost;
let clock: ManualClock;
let model: TrafficModel;
let saved: ViewState;

function start(state: Partial<ViewState> = {}): void {
  saved = { ...parseViewState({}), ...state };
  model = new TrafficModel(host, clock, { read: () => saved, write: (next) => (saved = next) });
  model.start();
}

/** Answers the last page question out of a store with `total` calls. */
async function answer(total: number, more?: Parameters<typeof answerPage>[2]): Promise<void> {
  const question = host.pages.at(-1)!;
  question.resolve(answerPage(question.asked, total, more));
  await flush();
}

beforeEach(() => {
  host = new ScriptedHost();
  clock = new ManualClock();
});
afterEach(() => model.dispose());

describe('the first contact', () => {
  it('asks for status, the newest calls and the numbers at once', () => {
    start();
    expect([host.readies.length, host.pages.length, host.summaries.length]).toEqual([1, 1, 1]);
    expect(host.pages[0]?.asked.position).toEqual({ kind: 'newest' });
    expect(model.stage.value).toEqual({ kind: 'loading' });
  });

  it('shows the list once calls are there', async () => {
    start();
    await answer(1_000);
    expect(model.stage.value).toEqual({ kind: 'list' });
    expect(model.feed.rowAt(999)?.name).toBe('tool_1000');
  });

  it('says that the host does not answer after ten seconds, and recovers by Retry', async () => {
    start();
    await clock.advance(ANSWER_DEADLINE_MS);
    expect(model.stage.value.kind).toBe('noAnswer');
    model.start();
    host.readies.at(-1)?.resolve(healthy);
    await answer(3);
    expect(model.stage.value).toEqual({ kind: 'list' });
    expect(model.notices.value).toEqual([]);
  });

  it('asks for the numbers again by itself where the host did not answer', async () => {
    start();
    await answer(10);
    await clock.advance(ANSWER_DEADLINE_MS);
    expect([host.summaries.length, model.summaryFeed.summary.value]).toEqual([1, undefined]);
    await clock.advance(RETRY_MS);
    host.summaries.at(-1)?.resolve({ calls: 10 } as CallSummary);
    await flush();
    expect([host.summaries.length, model.summaryFeed.summary.value?.calls]).toEqual([2, 10]);
    await clock.advance(ANSWER_DEADLINE_MS + RETRY_MS);
    expect(host.summaries).toHaveLength(2);
  });

  it('keeps the list and says what failed when a later answer fails', async () => {
    start();
    await answer(10);
    host.advanced.fire({ through: 11 });
    host.pages.at(-1)?.reject(new AppError('store.unavailable', 'The disk is gone.'));
    await flush();
    expect(model.stage.value).toEqual({ kind: 'list' });
    expect(model.notices.value).toMatchObject([{ kind: 'noAnswer' }]);
  });
});

describe('live traffic', () => {
  it('asks at most once per answer however often traffic advances', async () => {
    start();
    await answer(10);
    for (let i = 0; i < 50; i += 1) host.advanced.fire({ through: 11 + i });
    await clock.advance(1_000);
    expect(host.pages).toHaveLength(2);
    await answer(60);
    expect(model.feed.total.value).toBe(60);
  });

  it('settles a running call in place', async () => {
    start();
    await answer(5, (n) => (n === 3 ? { status: 'running', durationUs: undefined } : {}));
    model.setView({ first: 0, end: 5 });
    expect(model.feed.rowAt(2)?.status).toBe('running');
    host.advanced.fire({ through: 6 });
    await answer(5);
    expect(model.feed.rowAt(2)).toMatchObject({ id: 'w1/3', status: 'ok' });
  });

  it('follows the tail while the user is there, and counts what is new where not', async () => {
    start();
    await answer(100);
    host.advanced.fire({ through: 101 });
    await answer(110);
    expect(model.newCount.value).toBe(0);
    model.userScrolled(false);
    await clock.advance(100);
    host.advanced.fire({ through: 120 });
    await answer(122);
    expect([model.following.value, model.newCount.value]).toEqual([false, 12]);
    model.userScrolled(true);
    expect([model.following.value, model.newCount.value]).toEqual([true, 0]);
  });

  it('does not announce as new what is in view', async () => {
    start();
    await answer(5);
    model.setView({ first: 0, end: 5 });
    model.select(2);
    host.advanced.fire({ through: 6 });
    await answer(6);
    model.setView({ first: 0, end: 6 });
    expect([model.following.value, model.newCount.value]).toEqual([false, 0]);
  });

  it('keeps what is in view current after a call was picked at the tail, however many come in', async () => {
    start();
    await answer(100, (n) => (n === 95 ? { status: 'running', durationUs: undefined } : {}));
    model.setView({ first: 80, end: 100 });
    await answer(100, (n) => (n === 95 ? { status: 'running', durationUs: undefined } : {}));
    model.select(98);
    host.advanced.fire({ through: 500 });
    expect(host.pages.at(-1)?.asked.limit).toBeLessThan(100);
    await answer(500);
    await clock.advance(100);
    host.advanced.fire({ through: 501 });
    await answer(501);
    expect(model.feed.rowAt(94)?.status).toBe('ok');
  });

  it('tries again by itself when the host speaks after a failure', async () => {
    start();
    host.pages.at(-1)?.reject(new AppError('store.unavailable', 'Not yet.'));
    host.readies.at(-1)?.reject(new AppError('rpc.closed', 'x'));
    await flush();
    expect(model.stage.value.kind).toBe('noAnswer');
    host.statusChanged.fire(healthy);
    await answer(2);
    expect(model.stage.value.kind).toBe('list');
  });

  it('asks for what is in view, not for the newest, while the user is elsewhere', async () => {
    start();
    await answer(10_000);
    model.userScrolled(false);
    model.setView({ first: 5_000, end: 5_030 });
    const { position, limit } = host.pages.at(-1)!.asked;
    expect(position).toEqual({ kind: 'offset', offset: 10_000 - 5_070 });
    expect(limit).toBe(110);
    await answer(10_000);
    expect(model.feed.rowAt(5_000)?.id).toBe('w1/5001');
  });

  it('asks one question at a time while the thumb is dragged, then for where it stopped', async () => {
    start();
    await answer(100_000);
    model.userScrolled(false);
    for (const first of [90_000, 70_000, 50_000, 30_000]) model.setView({ first, end: first + 30 });
    expect(host.pages).toHaveLength(2);
    await answer(100_000);
    expect(host.pages).toHaveLength(3);
    expect(host.pages.at(-1)?.asked.position).toEqual({ kind: 'offset', offset: 100_000 - 30_070 });
  });

  it('does not ask again and again where the host has nothing to give', async () => {
    start();
    await answer(1_000);
    model.userScrolled(false);
    model.setView({ first: 10, end: 40 });
    host.pages.at(-1)?.resolve({ rows: [], total: 1_000, offset: 930, through: 1_000 });
    await flush();
    expect(host.pages).toHaveLength(2);
  });

  it('moves with the rows when retention takes the oldest', async () => {
    start();
    await answer(1_000);
    model.userScrolled(false);
    model.setView({ first: 500, end: 530 });
    await answer(1_000);
    host.advanced.fire({ through: 1_001 });
    const asked = host.pages.at(-1)!.asked;
    const offset = asked.position.kind === 'offset' ? asked.position.offset : 0;
    // A hundred oldest calls are gone; counted from the newest, the same calls answer.
    host.pages.at(-1)?.resolve({ ...pageOf(1_000 - offset - asked.limit + 1, 1_000 - offset, 1_000), total: 900, offset });
    await flush();
    expect(model.shift.value).toEqual({ by: -100 });
    expect(model.feed.rowAt(400)?.id).toBe('w1/501');
  });
});

describe('the filter', () => {
  it('waits until typing rests, then asks list and numbers', async () => {
    start();
    await answer(10);
    model.filter.type('ser');
    model.filter.type('server:github');
    await clock.advance(149);
    expect(host.pages.some((page) => page.asked.filter === 'server:github')).toBe(false);
    await clock.advance(1);
    expect(host.pages.some((page) => page.asked.filter === 'server:github' && page.asked.limit > 1)).toBe(true);
    expect(host.summaries.at(-1)?.asked).toEqual({ filter: 'server:github' });
  });

  it('never shows the answer to a former filter', async () => {
    start();
    await answer(10);
    model.filter.type('slow');
    model.filter.apply();
    const slow = host.pages.findLast((page) => page.asked.filter === 'slow')!;
    model.filter.type('quick');
    model.filter.apply();
    const quick = host.pages.findLast((page) => page.asked.filter === 'quick')!;
    expect(slow.signal?.aborted).toBe(true);
    quick.resolve(pageOf(1, 2, 2));
    await flush();
    slow.resolve(pageOf(1, 7, 7));
    await flush();
    expect([model.feed.shownFilter.value, model.feed.total.value]).toEqual(['quick', 2]);
  });

  it('keeps the last result, live, and says why where a filter does not parse', async () => {
    start();
    await answer(10);
    model.filter.type('bad(');
    model.filter.apply();
    host.pages.findLast((page) => page.asked.filter === 'bad(')?.reject(new AppError('query.invalid', 'Expected ")".'));
    await flush();
    expect(model.feed.filterFailure.value?.message).toBe('Expected ")".');
    expect(model.feed.total.value).toBe(10);
    await clock.advance(200);
    host.advanced.fire({ through: 12 });
    const live = host.pages.at(-1)!;
    expect(live.asked.filter).toBe('');
    await answer(12);
    expect(model.feed.total.value).toBe(12);
    expect(model.feed.filterFailure.value).toBeDefined();
    model.filter.clear();
    await answer(12);
    expect(model.feed.filterFailure.value).toBeUndefined();
  });

  it('shows everything where the remembered filter does not parse any more', async () => {
    start({ filter: 'bad(' });
    host.pages[0]?.reject(new AppError('query.invalid', 'Expected ")".'));
    await flush();
    expect(host.pages.at(-1)?.asked.filter).toBe('');
    await answer(4);
    expect(model.feed.filterFailure.value).toBeDefined();
    expect(model.stage.value).toEqual({ kind: 'list' });
  });

  it('tells "nothing matches" from "nothing there"', async () => {
    start();
    host.readies[0]?.resolve(healthy);
    await answer(0);
    expect(model.stage.value.kind).toBe('idle');
    model.filter.type('x');
    model.filter.apply();
    host.pages.find((page) => page.asked.filter === 'x')?.resolve(pageOf(1, 0, 0));
    await flush();
    expect(model.stage.value).toEqual({ kind: 'nothingMatches', filter: 'x', scope: 'all' });
  });
});

describe('the selection', () => {
  it('is a call: it stays with it while rows come in and move', async () => {
    start();
    await answer(100);
    model.setView({ first: 80, end: 100 });
    model.select(90);
    expect(model.selection.value).toEqual({ id: 'w1/91', index: 90 });
    host.advanced.fire({ through: 101 });
    const { asked } = host.pages.at(-1)!;
    const offset = asked.position.kind === 'offset' ? asked.position.offset : 0;
    host.pages.at(-1)?.resolve({ ...pageOf(60, 100 - offset, 100), total: 90, offset });
    await flush();
    expect(model.selection.value).toEqual({ id: 'w1/91', index: 80 });
  });

  it('stops following, so that what comes in does not push the call away', async () => {
    start();
    await answer(100);
    model.select(99);
    expect(model.following.value).toBe(false);
  });

  it('selects a call that was not loaded yet as soon as it comes', async () => {
    start();
    await answer(10_000);
    model.select(0);
    expect(model.selection.value).toBeUndefined();
    model.setView({ first: 0, end: 20 });
    await answer(10_000);
    expect(model.selection.value).toEqual({ id: 'w1/1', index: 0 });
  });

  it('loads the detail only while it is open, and only the last one chosen counts', async () => {
    start();
    await answer(10);
    model.select(1);
    expect(host.calls).toHaveLength(0);
    model.openDetail();
    model.select(2);
    expect(host.calls.map((call) => call.asked)).toEqual(['w1/2', 'w1/3']);
    host.calls[1]?.resolve(detailOf(rowOf(3)));
    await flush();
    host.calls[0]?.resolve(detailOf(rowOf(2)));
    await flush();
    expect(model.detail.detail.value?.row.id).toBe('w1/3');
  });

  it('loads a running call again until it has settled', async () => {
    start();
    await answer(3, (n) => (n === 3 ? { status: 'running', durationUs: undefined } : {}));
    model.select(2, true);
    host.calls[0]?.resolve(detailOf(rowOf(3, { status: 'running', durationUs: undefined })));
    await flush();
    host.advanced.fire({ through: 4 });
    expect(host.calls).toHaveLength(2);
    host.calls[1]?.resolve(detailOf(rowOf(3)));
    await clock.advance(1_000);
    host.advanced.fire({ through: 5 });
    await clock.advance(1_000);
    expect(host.calls).toHaveLength(2);
  });

  it('says where a call is no longer recorded', async () => {
    start({ selectedId: 'w1/7', isDetailOpen: true });
    await answer(3);
    host.calls[0]?.resolve(undefined);
    await flush();
    expect(model.detail.isMissing.value).toBe(true);
  });

  it('remembers filter, selection, tab and sizes', async () => {
    start();
    await answer(10);
    model.select(4, true);
    model.tab.value = 'timing';
    model.splitRight.value = 0.3;
    model.filter.type('x');
    await clock.advance(200);
    expect(saved).toEqual({
      ...parseViewState({}),
      filter: 'x',
      selectedId: 'w1/5',
      isDetailOpen: true,
      tab: 'timing',
      splitRight: 0.3,
      place: { top: 0, seen: 10 },
    });
    expect(parseViewState({ ...saved })).toEqual(saved);
  });

  it('stands where the user was after a reload, and knows how many calls came since', async () => {
    start({ place: { top: 300, seen: 1_000 } });
    await answer(1_020);
    expect([model.following.value, model.newCount.value, model.visible.range.value.first]).toEqual([false, 20, 300]);
    model.setView({ first: 300, end: 330 });
    await answer(1_020);
    expect(model.feed.rowAt(300)?.id).toBe('w1/301');
    model.filter.type('x');
    model.filter.apply();
    host.pages.findLast((page) => page.asked.filter === 'x')?.resolve(pageOf(1, 5, 5));
    await flush();
    expect(model.following.value).toBe(true);
  });
});

it('says so when an action fails', async () => {
  start();
  host.actionFailure = new AppError('internal', 'No folder is open.');
  model.actions.openConfig(3);
  await flush();
  expect(host.actions).toEqual(['config 3']);
  expect(model.actions.failure.value).toBe(host.actionFailure);
});

it('leaves no timer and no listener behind', async () => {
  start();
  await answer(2, () => ({ status: 'running', durationUs: undefined }));
  model.setView({ first: 0, end: 2 });
  model.dispose();
  expect([host.advanced.hasListeners, host.statusChanged.hasListeners]).toEqual([false, false]);
});

it.each([
  [0, 1_000],
  [1_000, 1_000],
  [1_001, 2_000],
  [312_000, 500_000],
  [500_001, 1_000_000],
])('scales bars of up to %i µs to %i µs', (us, scale) => expect(niceCeiling(us)).toBe(scale));

describe('what somebody outside the view wants shown', () => {
  it('replaces the filter and selects the call, at the start and later', async () => {
    host.reveal = { filter: 'id:w1/7', call: 'w1/7' };
    start();
    await flush();
    expect(model.filter.text.value).toBe('id:w1/7');
    expect(host.calls.at(-1)?.asked).toBe('w1/7');
    host.reveal = { filter: 'definition:0123456789abcdef' };
    host.revealed.fire(null);
    await flush();
    expect(model.filter.text.value).toBe('definition:0123456789abcdef');
    expect(host.pages.filter(({ signal }) => !signal?.aborted).map(({ asked }) => asked.filter)).toContain('definition:0123456789abcdef');
  });

  it('leaves the view as it is where nothing is wanted', async () => {
    start();
    await answer(10);
    host.revealed.fire(null);
    await flush();
    expect(host.pages).toHaveLength(1);
  });
});
