/** What else belongs to a call: said in a few words, opened on demand, and nested calls gone to and come back from. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { FrameText } from '../../../src/extension/contract/traffic';
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
    await act(async () => view.root.querySelector<HTMLElement>('.related-toggle')!.click());
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
