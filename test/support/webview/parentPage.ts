/**
 * Owns the outer frame of the development page: stands where VS Code stands, gives the inner frame theme variables and
 * `acquireVsCodeApi` the way VS Code does, and answers with a stub host. `window.harness` lets a script act the host.
 */
import { Peer } from '../../../src/extension/rpc/peer';
import { Emitter } from '../../../src/extension/util/event';
import { scenes } from './scenes';
import { HOST_METHODS, StubHost } from './stubHost';

interface Theme {
  readonly bodyClass: string;
  readonly themeKind: string;
  readonly variables: Readonly<Record<string, string>>;
}

interface Inner extends Window {
  harnessPost?: (message: unknown) => void;
  harnessState?: unknown;
}

declare global {
  interface Window {
    harness?: { readonly host: StubHost; add(count: number): void; emit(name: string, data: unknown): void };
  }
}

const query = new URLSearchParams(location.search);
const scene = scenes[query.get('scene') ?? 'busy'];
if (!scene) throw new Error('There is no such scene.');
const theme = (await (await fetch(`/themes/${query.get('theme') ?? 'dark-modern'}.json`)).json()) as Theme;
const state = query.get('state');

const frame = document.createElement('iframe');
frame.src = '/inner.html';
const fromPage = new Emitter<unknown>();
const host = new StubHost(scene);
const peer = new Peer(
  {
    post: (message) => frame.contentWindow?.postMessage(structuredClone(message), location.origin),
    onMessage: fromPage.event,
  },
  // Own, bound properties: Peer calls nothing inherited.
  Object.fromEntries(
    HOST_METHODS.map((name) => [
      name,
      (host[name] as (...args: unknown[]) => unknown).bind(host),
    ]),
  ),
);
window.harness = {
  host,
  add(count) {
    host.add(count);
    peer.emit('advanced', { through: host.total });
  },
  emit: (name, data) => peer.emit(name, data),
};

// The inner page's own script calls this before anything else of it runs.
(window as unknown as { prepareInner: (inner: Inner) => void }).prepareInner = (inner) => {
  inner.harnessPost = (message) => fromPage.fire(structuredClone(message));
  inner.harnessState = state ? JSON.parse(state) : undefined;
  const root = inner.document.documentElement;
  for (const [name, value] of Object.entries(theme.variables)) root.style.setProperty(name, value);
  inner.document.addEventListener('DOMContentLoaded', () => {
    inner.document.body.className = theme.bodyClass;
    inner.document.body.dataset['vscodeThemeKind'] = theme.themeKind;
  });
};
document.body.append(frame);
