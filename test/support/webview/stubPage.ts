/**
 * Owns the outer frame of a development page whose view follows one state: stands where VS Code stands, gives the inner
 * frame theme variables and `acquireVsCodeApi`, and answers with a stub host. `window.harness` lets a script act the host.
 */
import { Peer } from '../../../src/extension/rpc/peer';
import { Emitter, type Event } from '../../../src/extension/util/event';

interface Theme {
  readonly bodyClass: string;
  readonly themeKind: string;
  readonly variables: Readonly<Record<string, string>>;
}

interface Inner extends Window {
  harnessPost?: (message: unknown) => void;
  harnessState?: unknown;
}

export interface StubPage<Scene> {
  readonly scenes: Readonly<Record<string, Scene>>;
  /** Which scene to show where the address names none. */
  readonly first: string;
  readonly methods: readonly string[];
  /** Has the methods, of its own or inherited. */
  readonly hostOf: (scene: Scene) => { readonly onState: Event<unknown> };
}

export async function openStubPage<Scene extends { readonly view?: object }>({ scenes, first, methods, hostOf }: StubPage<Scene>): Promise<void> {
  const query = new URLSearchParams(location.search);
  const scene = scenes[query.get('scene') ?? first];
  if (!scene) throw new Error('There is no such scene.');
  const theme = (await (await fetch(`/themes/${query.get('theme') ?? 'dark-modern'}.json`)).json()) as Theme;

  const frame = document.createElement('iframe');
  frame.src = '/inner.html';
  const fromPage = new Emitter<unknown>();
  const host = hostOf(scene);
  const peer = new Peer(
    { post: (message) => frame.contentWindow?.postMessage(structuredClone(message), location.origin), onMessage: fromPage.event },
    // Own, bound properties: Peer calls nothing inherited.
    Object.fromEntries(methods.map((name) => [name, (host as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!.bind(host)])),
  );
  host.onState((state) => peer.emit('state', state));
  (window as unknown as { harness: object }).harness = { host };

  // The inner page's own script calls this before anything else of it runs.
  (window as unknown as { prepareInner: (inner: Inner) => void }).prepareInner = (inner) => {
    inner.harnessPost = (message) => fromPage.fire(structuredClone(message));
    inner.harnessState = scene.view === undefined ? undefined : { version: 1, ...scene.view };
    const root = inner.document.documentElement;
    for (const [name, value] of Object.entries(theme.variables)) root.style.setProperty(name, value);
    inner.document.addEventListener('DOMContentLoaded', () => {
      inner.document.body.className = theme.bodyClass;
      inner.document.body.dataset['vscodeThemeKind'] = theme.themeKind;
    });
  };
  document.body.append(frame);
}
