/** What else belongs to a call: said in a few words, opened on demand, and nested calls gone to and come back from. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallDetail, CallRow, FrameText } from '../../../src/extension/contract/traffic';
import { parseFilter } from '../../../src/extension/query/parser';
import { attemptsAmong, attemptsFilter, candidatesAmong } from '../../../src/webview/traffic/model/attempts';
import { DetailLoader } from '../../../src/webview/traffic/model/detailLoader';
import { relatedOf } from '../../../src/webview/traffic/model/related';
import { detailOf } from '../../support/webview/generateCalls';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { ManualClock } from '../../support/webview/manualClock';
import { rowOf, ScriptedHost } from '../../support/webview/scriptedHost';

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

  const asking = (row: CallRow, params: string): CallDetail => {
    const detail = detailOf(row);
    return { ...detail, request: { ...detail.request, text: `{"jsonrpc":"2.0","id":${row.frame},"method":"tools/call","params":${params}}`, truncated: false } };
  };
  const again = rowOf(50, { ...failed, id: 'win/a/50', status: 'ok', timeMs: 103_000, requestBytes: 201 });
  const attemptsOf = (one: string, other: string): string[] => attemptsAmong(asking(failed, one), [asking(again, other)]).map(({ id }) => id);

  it.each([
    ['equal arguments', '{"name":"x","arguments":{"path":"a.txt"}}', '{"name":"x","arguments":{"path":"a.txt"}}'],
    ['another token and other meta data', '{"_meta":{"progressToken":9},"name":"x","arguments":{}}', '{"name":"x","arguments":{},"_meta":{"progressToken":10,"traceparent":"00"}}'],
    ['keys in another order', '{"name":"x","arguments":{"a":1,"b":[1,{"c":2,"d":3}]}}', '{"arguments":{"b":[1,{"d":3,"c":2}],"a":1},"name":"x"}'],
  ])('are those with %s', (_what, one, other) => {
    expect(attemptsOf(one, other)).toEqual(['win/a/50']);
  });

  it.each([
    ['another file whose name is as long', '{"name":"x","arguments":{"path":"a.txt"}}', '{"name":"x","arguments":{"path":"b.txt"}}'],
    ['another number of twenty digits', '{"name":"x","arguments":{"n":12345678901234567890}}', '{"name":"x","arguments":{"n":12345678901234567891}}'],
    ['a text for a number', '{"name":"x","arguments":{"n":1}}', '{"name":"x","arguments":{"n":"1"}}'],
    ['no arguments', '{"name":"x","arguments":{"n":1}}', '{"name":"x"}'],
  ])('are not those with %s', (_what, one, other) => {
    expect(attemptsOf(one, other)).toEqual([]);
  });

  it('are not claimed of requests that are known in part, or too deep to be compared', () => {
    const params = '{"name":"x","arguments":{}}';
    const cut = (detail: CallDetail): CallDetail => ({ ...detail, request: { ...detail.request, truncated: true } });
    expect(attemptsAmong(cut(asking(failed, params)), [cut(asking(again, params))])).toEqual([]);
    const deep = `{"name":"x","arguments":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
    expect(attemptsOf(deep, deep)).toEqual([]);
  });

  it('follow a failure: who was answered well does not try again', () => {
    const params = '{"name":"x","arguments":{}}';
    expect(attemptsAmong(asking(again, params), [asking(failed, params)]).map(({ id }) => id)).toEqual(['win/a/40']);
    const before = { ...again, timeMs: 90_000 };
    expect(attemptsAmong(asking({ ...failed, status: 'ok' }, params), [asking(before, params)])).toEqual([]);
    expect(candidatesAmong({ ...failed, status: 'ok' }, [before])).toEqual([]);
  });

  it('are looked for among the nearest of about the length, of the same server', () => {
    const many = Array.from({ length: 60 }, (_, i) => rowOf(100 + i, { ...failed, id: `win/a/${100 + i}`, timeMs: 100_000 + (i - 30) * 1_000 }));
    const candidates = candidatesAmong(failed, [...many, rowOf(51, { ...failed, id: 'long', requestBytes: 9_000 }), rowOf(52, { ...failed, id: 'else', server: 'other' }), failed]);
    expect(candidates).toHaveLength(24);
    expect(Math.max(...candidates.map(({ timeMs }) => Math.abs(timeMs - 100_000)))).toBe(12_000);
    expect(candidates.some(({ id }) => id === 'long' || id === 'else' || id === failed.id)).toBe(false);
  });
});

it('the requests of the candidates are read, and one that cannot be read is left out', async () => {
  const host = new ScriptedHost();
  const clock = new ManualClock();
  const loader = new DetailLoader(host, clock);
  const call = (n: number, status: CallRow['status'], path: string): CallDetail => {
    const detail = detailOf(rowOf(n, { status, name: 'x', timeMs: 100_000 + n }));
    return { ...detail, request: { ...detail.request, text: JSON.stringify({ id: n, method: 'tools/call', params: { name: 'x', arguments: { path } } }) } };
  };
  const [failed, other, again, gone] = [call(1, 'error', 'a.txt'), call(2, 'ok', 'b.txt'), call(3, 'ok', 'a.txt'), call(4, 'ok', 'a.txt')];
  loader.findAttempts(failed!);
  host.pages[0]!.resolve({ rows: [gone!.row, again!.row, other!.row, failed!.row], total: 4, offset: 0, through: 4 });
  await vi.waitFor(() => expect(host.calls.map(({ asked }) => asked)).toEqual(['w1/2', 'w1/3', 'w1/4']));
  host.calls[0]!.resolve(other);
  host.calls[1]!.resolve(again);
  host.calls[2]!.reject(new Error('gone'));
  await vi.waitFor(() => expect(loader.attempts.value?.rows.map(({ id }) => id)).toEqual(['w1/3']));
  loader.dispose();
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
