/** What is shown stands still while it is paused, and catches up afterwards; recording is paused by the host. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { TrafficModel } from '../../../src/webview/traffic/model/trafficModel';
import { parseViewState } from '../../../src/webview/traffic/model/viewState';
import { flush, ManualClock } from '../../support/webview/manualClock';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { answerPage, pageOf, ScriptedHost } from '../../support/webview/scriptedHost';

describe('the model', () => {
  const host = (): ScriptedHost => new ScriptedHost();
  async function started(scripted: ScriptedHost, clock: ManualClock): Promise<TrafficModel> {
    const model = new TrafficModel(scripted, clock, { read: () => parseViewState({}), write: () => undefined });
    model.start();
    scripted.pages.at(-1)!.resolve(answerPage(scripted.pages.at(-1)!.asked, 500));
    await flush();
    model.setView({ first: 480, end: 500 });
    return model;
  }

  it('asks for no row, only how many there are, and takes them in when it goes on', async () => {
    const [scripted, clock] = [host(), new ManualClock()];
    const model = await started(scripted, clock);
    model.setPaused(true);
    await clock.advance(1_000);
    const before = scripted.pages.length;
    scripted.advanced.fire({ through: 520 });
    await clock.advance(1_000);
    expect(scripted.pages.slice(before).map(({ asked }) => asked.limit)).toEqual([1]);
    scripted.pages.at(-1)!.resolve(pageOf(520, 520, 520));
    await flush();
    expect([model.feed.pausedNew.value, model.feed.total.value, model.newCount.value]).toEqual([20, 500, 0]);
    model.setPaused(false);
    scripted.pages.at(-1)!.resolve(answerPage(scripted.pages.at(-1)!.asked, 520));
    await flush();
    expect([model.feed.pausedNew.value, model.feed.total.value]).toEqual([0, 520]);
    model.dispose();
  });

  it('fetches what is scrolled to while paused, in its right place, however many came since', async () => {
    const [scripted, clock] = [host(), new ManualClock()];
    const model = await started(scripted, clock);
    model.setPaused(true);
    model.userScrolled(false);
    model.setView({ first: 100, end: 120 });
    // Thirty calls came in: the first answer tells, the next question is right.
    for (let n = 0; n < 3; n += 1) {
      const question = scripted.pages.at(-1)!;
      if (!question.isSettled) question.resolve(answerPage(question.asked, 530));
      await flush();
    }
    expect(model.feed.total.value).toBe(500);
    for (const index of [100, 110, 119]) expect(model.feed.rowAt(index)?.frame).toBe(index + 1);
    model.dispose();
  });

  it('shows another filter as it is then, and stands still again', async () => {
    const [scripted, clock] = [host(), new ManualClock()];
    const model = await started(scripted, clock);
    model.setPaused(true);
    model.filter.set('server:github');
    scripted.pages.findLast(({ asked }) => asked.filter !== '' && asked.limit > 1)!.resolve(pageOf(1, 3, 3));
    await flush();
    expect([model.feed.total.value, model.layouts.isPaused.value]).toEqual([3, true]);
    const before = scripted.pages.length;
    scripted.advanced.fire({ through: 600 });
    await clock.advance(2_000);
    expect(scripted.pages.slice(before).every(({ asked }) => asked.limit === 1)).toBe(true);
    model.dispose();
  });
});

describe('the view', () => {
  let view: OpenView;
  afterEach(() => view.close());

  it('pauses and goes on with Space, and says how many came in', async () => {
    view = await openView(scenes['busy']!);
    await view.press(' ');
    view.stub.add(12);
    view.advanced.fire({ through: view.stub.total });
    await act(() => view.clock.advance(600));
    await view.settle();
    expect(view.text()).toContain('12 new while paused');
    expect(view.grid().getAttribute('aria-rowcount')).toBe('1205');
    await view.click('12 new while paused');
    expect(view.grid().getAttribute('aria-rowcount')).toBe('1217');
  });

  it('asks the host to pause recording', async () => {
    view = await openView(scenes['busy']!);
    await view.click('Recording. Pause it: calls go on, nothing is written down');
    expect(view.stub.actions).toEqual(['recording false']);
  });

  it('says that recording is paused, how long and what passed, above everything else, and offers to resume', async () => {
    view = await openView(scenes['notRecording']!);
    expect(view.root.querySelector('.notice')?.textContent).toMatch(/Recording is paused since \d\d:\d\d:\d\d.*382 messages have passed unrecorded/);
    expect(view.root.querySelector('.call-row.missing')?.textContent).toContain('382 messages not written down');
    await view.click('Resume recording');
    expect(view.stub.actions).toEqual(['recording true']);
  });

  it('shows a gap in the log as a row that is no call', async () => {
    view = await openView(scenes['gap']!);
    const rows = [...view.root.querySelectorAll('.call-row.missing')].map((row) => row.textContent);
    expect(rows.some((text) => text?.includes('could not be kept: the disk is full'))).toBe(true);
    expect(view.root.querySelector('.call-row.missing.failed')).toBeNull();
  });
});
