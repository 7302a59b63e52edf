/** A message whose text is lost, or out of reach, says so wherever it is shown or written to: an empty text would pass for what was recorded. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallDetail, FrameText } from '../../../src/extension/contract/traffic';
import { copyText } from '../../../src/extension/services/copyForms';
import { callJson } from '../../../src/extension/services/exportJson';
import { detailOf } from '../../support/webview/generateCalls';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { rowOf } from '../../support/webview/scriptedHost';
import { StubHost } from '../../support/webview/stubHost';

const damaged = { text: '', damaged: true } as const;
const hidden = { text: '', isOutOfReach: true } as const;

describe.each<[string, Partial<FrameText>, string]>([
  ['damaged', damaged, 'it was damaged on disk'],
  ['out of reach', hidden, 'cannot be shown now'],
])('a text that is %s', (_what, lack, words) => {
  let view: OpenView | undefined;
  let spy: { mockRestore(): void } | undefined;
  afterEach(() => {
    view?.close();
    spy?.mockRestore();
  });

  async function open(change: (detail: CallDetail) => CallDetail): Promise<OpenView> {
    const call = StubHost.prototype.call;
    spy = vi.spyOn(StubHost.prototype, 'call').mockImplementation(async function (this: StubHost, id: string) {
      return change((await call.call(this, id))!);
    });
    const opened = (view = await openView(scenes['samples']!));
    await act(async () => opened.root.querySelector<HTMLElement>('.call-row[data-index="0"]')!.click());
    await opened.settle();
    return opened;
  }

  it.each(['request', 'response'] as const)('is told of in the overview and in the tab of the %s', async (part) => {
    const opened = await open((detail) => ({ ...detail, upstreamRequest: undefined, upstreamResponse: undefined, [part]: { ...detail[part]!, ...lack } }));
    const hints = (): (string | null)[] => [...opened.root.querySelectorAll('.body-hint')].map(({ textContent }) => textContent);
    expect(hints()).toEqual([expect.stringContaining(words)]);
    await opened.click(part === 'request' ? 'Request' : 'Response');
    expect(hints()).toEqual([expect.stringContaining(words)]);
    await opened.click(part === 'request' ? 'Response' : 'Request');
    expect(hints()).toEqual([]);
  });

  it('is told of where it belongs to a call', async () => {
    const related: FrameText = { frame: 999, leg: 'downstream', direction: 'toClient', kind: 'notification', method: 'notifications/progress', timeMs: 0, sinceRequestUs: 5, bytes: 9, truncated: false, ...lack, text: '' };
    const opened = await open((detail) => ({ ...detail, related: [related] }));
    await opened.click('Related (1)');
    await act(async () => opened.root.querySelector<HTMLElement>('.related-toggle[aria-expanded=false]')!.click());
    expect(opened.root.querySelector('.related-message')?.textContent).toContain(words);
  });
});

describe('what is made of a call with a damaged text', () => {
  const detail = detailOf(rowOf(7, { status: 'unrecorded' }));
  const lossy: CallDetail = { ...detail, response: { ...detail.request, kind: 'result', ...damaged }, related: [{ ...detail.request, ...damaged }] };

  it('says so in an export', () => {
    expect(JSON.parse(callJson(lossy.row, lossy)!)).toMatchObject({ response: '', damaged: ['response'], related: [{ message: '', damaged: true }] });
    expect(JSON.parse(callJson(detail.row, detail)!)).not.toHaveProperty('damaged');
  });

  it('says so in a report', () => {
    expect(copyText(lossy, 'markdown').match(/it was damaged on disk/g)).toHaveLength(1);
    expect(copyText(detail, 'markdown')).not.toContain('damaged');
  });
});
