/** What else belongs to a call: said in a few words, opened on demand, and nested calls gone to and come back from. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { FrameText } from '../../../src/extension/contract/traffic';
import { parseFilter } from '../../../src/extension/query/parser';
import { attemptsAmong, attemptsFilter } from '../../../src/webview/traffic/model/attempts';
import { relatedOf } from '../../../src/webview/traffic/model/related';
import { detailOf } from '../../support/webview/generateCalls';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { rowOf } from '../../support/webview/scriptedHost';

function frame(n: number, message: object, more: Partial<FrameText> = {}): FrameText {
  const method = (message as { method?: string }).method;
  return { frame: n, leg: 'downstream', direction: 'toClient', kind: 'notification', timeMs: 0, sinceRequestUs: n, bytes: 9, text: JSON.stringify(message), truncated: false, ...(method === undefined ? {} : { method }), ...more };
}
const relatedWith = (...related: FrameText[]): ReturnType<typeof relatedOf> => relatedOf({ ...detailOf(rowOf(40, { id: 'win/a/40' })), related });

describe('the summary', () => {
  it.each<[object, string | undefined]>([
    [{ method: 'notifications/progress', params: { progress: 2, total: 5, message: 'two' } }, '2 of 5, two'],
    [{ method: 'notifications/progress', params: { progress: 0.5 } }, '0.5'],
    [{ method: 'notifications/message', params: { level: 'warning', data: { a: 1 } } }, 'warning · {"a":1}'],
    [{ method: 'notifications/cancelled', params: { reason: 'user' } }, 'user'],
    [{ method: 'notifications/progress', params: 7 }, undefined],
    [{ error: { code: 1, message: 'declined' } }, 'declined'],
    [{ result: {} }, undefined],
  ])('of %j is %j', (message, summary) => {
    expect(relatedWith(frame(41, message))[0]?.summary).toBe(summary);
  });

  it('is none for what is no JSON', () => {
    expect(relatedWith(frame(41, {}, { text: '{' }))[0]?.summary).toBeUndefined();
  });
});

describe('a nested call', () => {
  const ask = { method: 'sampling/createMessage', params: {} };
  it('has the number of its first frame, on whichever side that is', () => {
    const entries = relatedWith(
      frame(41, ask, { kind: 'request', leg: 'upstream' }), frame(42, ask, { kind: 'request' }),
      frame(45, ask, { kind: 'request', leg: 'upstream' }), frame(46, ask, { kind: 'request' }),
    );
    expect(entries.map(({ callId }) => callId)).toEqual(['win/a/41', 'win/a/45']);
  });
});

describe('what is told together', () => {
  const ask = { id: 4, method: 'sampling/createMessage', params: {} };
  it('is a nested call with its row and its answer', () => {
    const row = rowOf(41, { id: 'win/a/41', status: 'error' });
    const detail = { ...detailOf(rowOf(40, { id: 'win/a/40' })), nested: [row], related: [frame(41, ask, { kind: 'request', rpcId: '4' }), frame(50, { id: 4, result: {} }, { kind: 'result', rpcId: '4', direction: 'toServer' })] };
    expect(relatedOf(detail)).toMatchObject([{ callId: 'win/a/41', row: { status: 'error' }, answer: { frame: 50 } }]);
    expect(relatedOf(detail)).toHaveLength(1);
  });

  it('is a nested call whose messages were recorded elsewhere, in its place', () => {
    const call = detailOf(rowOf(40, { id: 'win/a/40', timeMs: 1_000 }));
    const entries = relatedOf({ ...call, related: [frame(41, { method: 'notifications/progress', params: { progress: 1 } }, { sinceRequestUs: 9_000_000 })], nested: [rowOf(60, { id: 'win/a/60', timeMs: 3_000 })] });
    expect(entries.map(({ callId, sinceRequestUs }) => [callId, sinceRequestUs])).toEqual([['win/a/60', 2_000_000], [undefined, 9_000_000]]);
  });
});

describe('other attempts at the same', () => {
  const failed = rowOf(40, { id: 'win/a/40', status: 'timedOut', timeMs: 100_000, requestBytes: 200, name: 'x', origin: 'client' });
  it('are asked for in the session and the minute around', () => {
    expect(attemptsFilter(failed)).toContain('since:1970-01-01T00:00:40.000Z until:1970-01-01T00:02:40.000Z');
    expect(parseFilter(attemptsFilter(failed) ?? '')).toBeTruthy();
    expect(attemptsFilter(rowOf(1, { name: undefined }))).toBeUndefined();
  });

  it('ask for as much, and only a failure is tried again', () => {
    const again = rowOf(50, { ...failed, id: 'win/a/50', status: 'ok', timeMs: 103_000, requestBytes: 201 });
    const other = rowOf(51, { ...failed, id: 'win/a/51', requestBytes: 900 });
    expect(attemptsAmong(failed, [other, again, failed]).map(({ id }) => id)).toEqual(['win/a/50']);
    expect(attemptsAmong(again, [other, again, failed]).map(({ id }) => id)).toEqual(['win/a/40']);
    expect(attemptsAmong({ ...failed, status: 'ok' }, [{ ...again, timeMs: 90_000 }])).toEqual([]);
  });
});

describe('the tab', () => {
  let view: OpenView;
  afterEach(() => view.close());

  it('lists, opens and jumps there and back', async () => {
    view = await openView(scenes['busy']!);
    const row = [...view.root.querySelectorAll<HTMLElement>('.call-row[id]:not(.running)')].findLast((one) => one.textContent?.includes('browser_navigate'))!;
    const index = Number(row.dataset['index']);
    await act(async () => row.click());
    await view.settle();
    await view.click('Related (6)');
    expect(view.root.querySelector('.related')?.textContent).toContain('20 of 100, Connecting');
    await act(async () => view.root.querySelector<HTMLElement>('.related-toggle[aria-expanded]')!.click());
    expect(view.root.querySelector('.related-message')?.textContent).toContain('message:"Connecting"');
    await view.click('Open call');
    expect(view.model.selection.value).toEqual({ id: `w1/${index}`, index: index - 1 });
    expect(view.root.querySelector('.detail .facts')).toBeTruthy();
    await view.click('Back to browser_navigate');
    expect(view.model.selection.value?.id).toBe(`w1/${index + 1}`);
    expect(view.root.querySelector('.related')).toBeTruthy();
    expect(view.root.querySelector('[title^="Back to"]')).toBeNull();
  });

  it('says so where there is nothing', async () => {
    view = await openView(scenes['busy']!, { tab: 'related' });
    const row = [...view.root.querySelectorAll<HTMLElement>('.call-row[id]:not(.running)')].findLast((one) => one.textContent?.includes('create_issue'))!;
    await act(async () => row.click());
    await view.settle();
    expect(view.text()).toContain('Nothing else was said in this call.');
  });
});
