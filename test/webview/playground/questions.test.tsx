/** Questions of servers that could be missed: behind another page of a narrow view, or half answered when it was hidden. */
import { afterEach, describe, expect, it } from 'vitest';
import { parseAnswers } from '../../../src/webview/playground/model/requestDrafts';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import { scenes } from '../../support/webview/playground/scenes';
import type { Scene } from '../../support/webview/playground/stubPlayground';

let view: OpenPlayground;
afterEach(() => view?.close());
const sign = (): HTMLElement | null => view.root.querySelector<HTMLElement>('.segment-count');

describe('in a narrow view', () => {
  it.each(['side', 'arguments'])('a question that waits is counted on the switch while the page is %s', async (page) => {
    const { requests } = scenes['elicitation']!.state!;
    view = await openPlayground({ ...scenes['elicitation']!, state: { ...scenes['elicitation']!.state, requests: [] }, view: { page } }, 420);
    expect(sign()).toBeNull();
    await view.host(() => view.stub.change({ requests: requests! }));
    expect([sign()?.textContent, sign()?.closest('button')?.getAttribute('aria-label')]).toEqual(['2', 'Result: 2 requests are waiting for you']);
    expect(view.root.querySelector('.narrow-switch [role=status]')?.textContent).toBe('2 requests are waiting for you');
    await view.click('Result: 2 requests are waiting for you');
    expect(view.root.querySelector('.request-card')).toBeTruthy();
    expect(sign()).toBeNull();
  });

  it('nothing is counted where the questions are in sight', async () => {
    view = await openPlayground(scenes['elicitation']!, 1_000);
    expect(sign()).toBeNull();
  });
});

describe('a half-written answer', () => {
  /** The view hidden and shown again: a new page with what the old one has saved. */
  const again = async (scene: Scene, change: (requests: NonNullable<Scene['state']>['requests']) => NonNullable<Scene['state']>['requests'] = (all) => all): Promise<void> => {
    await view.wait(400);
    const saved = JSON.parse(JSON.stringify(view.saved())) as object;
    view.close();
    view = await openPlayground({ ...scene, state: { ...scene.state, requests: change(scene.state!.requests)! }, view: saved });
  };
  const name = (): HTMLTextAreaElement => view.root.querySelector<HTMLTextAreaElement>('.request-card [data-pointer="/name"] textarea')!;
  const answer = (): HTMLTextAreaElement => view.root.querySelector<HTMLTextAreaElement>('.request-answer textarea')!;

  it('to a form survives hiding the view, and goes with the question', async () => {
    view = await openPlayground(scenes['elicitation']!);
    await view.type('.request-card [data-pointer="/name"] textarea', 'Ada');
    await again(scenes['elicitation']!);
    expect(name().value).toBe('Ada');
    await view.click('Accept');
    await view.wait(400);
    expect(view.saved().answers ?? []).toEqual([]);
  });

  it('to a sampling request survives hiding the view, also as JSON', async () => {
    view = await openPlayground(scenes['sampling']!);
    await view.type('.request-answer textarea', 'Paris');
    await again(scenes['sampling']!);
    expect(answer().value).toBe('Paris');
    await view.click('Write the whole result as JSON');
    await again(scenes['sampling']!);
    expect(view.root.querySelector<HTMLTextAreaElement>('.request-card .json-editor-input')?.value).toContain('"text": "Paris"');
  });

  it('is not given to a question of the same number in a later window', async () => {
    view = await openPlayground(scenes['elicitation']!);
    await view.type('.request-card [data-pointer="/name"] textarea', 'Ada');
    await again(scenes['elicitation']!, (all) => all!.map((request) => ({ ...request, receivedMs: request.receivedMs + 1 })));
    expect(name().value).toBe('');
  });

  it('is kept while its card is closed', async () => {
    view = await openPlayground(scenes['elicitation']!);
    await view.type('.request-card [data-pointer="/name"] textarea', 'Ada');
    await again(scenes['elicitation']!, (all) => all!.toReversed());
    expect(name()).toBeNull();
    await again(scenes['elicitation']!);
    expect(name().value).toBe('Ada');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['another form', { a: 1 }],
    ['parts of another form', [1, ['k'], [1, 'x'], ['k', { text: 1 }], ['k', null]]],
  ])('is read from %s without harm', (_what, raw) => expect(parseAnswers(raw)).toEqual([]));
});
