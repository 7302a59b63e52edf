/** The channel hears VS Code's frame and nobody else. */
import { describe, expect, it } from 'vitest';
import { createHostChannel } from '../../../src/webview/platform/hostChannel';
import { SavedState } from '../../../src/webview/platform/savedState';
import { parseViewState } from '../../../src/webview/traffic/model/viewState';

class Page extends EventTarget {
  readonly origin = 'vscode-webview://abc';
}

function message(data: unknown, origin: string, source: unknown): Event {
  return Object.assign(new Event('message'), { data, origin, source });
}

describe('the host channel', () => {
  const outer = {};

  it('passes on what VS Code posts from the same origin', () => {
    const page = new Page();
    const heard: unknown[] = [];
    createHostChannel({ postMessage: () => undefined }, page as unknown as Window).onMessage((data) => heard.push(data));
    page.dispatchEvent(message({ k: 'event' }, page.origin, outer));
    expect(heard).toEqual([{ k: 'event' }]);
  });

  it.each([
    ['another origin', 'https://evil.example', outer],
    ['an opaque origin', 'null', outer],
    ['no origin', '', outer],
  ])('drops messages from %s', (_, origin, source) => {
    const page = new Page();
    const heard: unknown[] = [];
    createHostChannel({ postMessage: () => undefined }, page as unknown as Window).onMessage((data) => heard.push(data));
    page.dispatchEvent(message('x', origin, source));
    expect(heard).toEqual([]);
  });

  it('drops messages the page posts to itself', () => {
    const page = new Page();
    const heard: unknown[] = [];
    createHostChannel({ postMessage: () => undefined }, page as unknown as Window).onMessage((data) => heard.push(data));
    page.dispatchEvent(message('x', page.origin, page));
    expect(heard).toEqual([]);
  });

  it('posts through VS Code and goes deaf when disposed', () => {
    const page = new Page();
    const posted: unknown[] = [];
    const heard: unknown[] = [];
    const channel = createHostChannel({ postMessage: (m) => posted.push(m) }, page as unknown as Window);
    channel.onMessage((data) => heard.push(data));
    channel.post(1);
    channel.dispose();
    page.dispatchEvent(message('x', page.origin, outer));
    expect([posted, heard]).toEqual([[1], []]);
  });
});

describe('saved state', () => {
  const stateOf = (raw: unknown): SavedState<ReturnType<typeof parseViewState>> =>
    new SavedState({ getState: () => raw, setState: () => undefined }, 1, parseViewState);

  it.each([
    ['nothing', undefined],
    ['another version', { version: 2, filter: 'x' }],
    ['no object', 'x'],
    ['wrong types', { version: 1, filter: 3, tab: 'nope', splitRight: 7 }],
  ])('starts fresh from %s', (_, raw) => {
    expect(stateOf(raw).read()).toEqual(parseViewState({}));
  });

  it('reads back what it wrote', () => {
    let kept: unknown;
    const saved = new SavedState({ getState: () => kept, setState: (s) => (kept = s) }, 1, parseViewState);
    const state = { ...parseViewState({}), filter: 'server:github', selectedId: 'w1/3', isDetailOpen: true, tab: 'timing' as const };
    saved.write(state);
    expect(saved.read()).toEqual(state);
  });
});
