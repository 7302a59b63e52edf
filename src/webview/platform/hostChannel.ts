/**
 * Owns the Channel between a webview and the extension host: `postMessage` out, `message` events in.
 *
 * Invariant: only VS Code's own frame is listened to. It posts from the same origin as the page and is never the page
 * itself (VS Code replaces `window.parent`, so the source cannot be compared with it); everything else is dropped.
 */
import type { Channel } from '../../extension/rpc/peer';
import { Emitter } from '../../extension/util/event';
import { toDisposable, type Disposable } from '../../extension/util/lifecycle';
import type { VsCodeApi } from './vscodeApi';

export interface HostChannel extends Channel, Disposable {}

export function createHostChannel(api: Pick<VsCodeApi, 'postMessage'>, page: Window = window): HostChannel {
  const messages = new Emitter<unknown>();
  const listen = (event: MessageEvent): void => {
    if (event.origin !== page.origin || event.source === page) return;
    messages.fire(event.data);
  };
  page.addEventListener('message', listen);
  const lifetime = toDisposable(() => {
    page.removeEventListener('message', listen);
    messages.dispose();
  });
  return { post: (message) => api.postMessage(message), onMessage: messages.event, dispose: () => lifetime.dispose() };
}
