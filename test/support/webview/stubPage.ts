/**
 * Owns the outer frame of a development page: stands where VS Code stands, gives the inner frame theme variables and
 * `acquireVsCodeApi` the way VS Code does, and answers with a stub host. `window.harness` lets a script act the host.
 */
import { Peer } from '../../../src/extension/rpc/peer';
import { Emitter } from '../../../src/extension/util/event';

interface Theme {
  readonly bodyClass: string;
  readonly themeKind: string;
  readonly variables: Readonly<Record<string, string>>;
}

interface Inner extends Window {
  harnessPost?: (message: unknown) => void;
  harnessState?: unknown;
}

export interface StubPage<Scene, Host> {
  readonly scenes: Readonly<Record<string, Scene>>;
  /** Which scene to show where the address names none. */
  readonly first: string;
  readonly methods: readonly string[];
  /** Has the methods, of its own or inherited. */
  readonly hostOf: (scene: Scene) => Host;
  /** Passes on what the host tells of itself; what is given stands beside the host in `window.harness`. */
  readonly connect: (host: Host, peer: Peer) => object | void;
}

/** `?scene=`, `?theme=`, and `?state=` for what the view had saved, in place of what the scene says. */
export async function openStubPage<Scene extends object, Host extends object>({ scenes, first, methods, hostOf, connect }: StubPage<Scene, Host>): Promise<void> {
  const query = new URLSearchParams(location.search);
  const scene = scenes[query.get('scene') ?? first];
  if (!scene) throw new Error('There is no such scene.');
  const theme = (await (await fetch(`/themes/${query.get('theme') ?? 'dark-modern'}.json`)).json()) as Theme;
  const saved = query.get('state');
  const view = 'view' in scene ? (scene.view as object | undefined) : undefined;

  const frame = document.createElement('iframe');
  frame.src = '/inner.html';
  const fromPage = new Emitter<unknown>();
  let saidAtMs: number | undefined;
  const host = hostOf(scene);
  const peer = new Peer(
    {
      post(message) {
        saidAtMs = performance.now();
        frame.contentWindow?.postMessage(structuredClone(message), location.origin);
      },
      onMessage: fromPage.event,
    },
    // Own, bound properties: Peer calls nothing inherited.
    Object.fromEntries(methods.map((name) => [name, (host as Record<string, (...args: unknown[]) => unknown>)[name]!.bind(host)])),
  );
  const more = connect(host, peer);
  const quietMs = (): number => (saidAtMs === undefined ? 0 : performance.now() - saidAtMs);
  (window as unknown as { harness: object }).harness = { host, quietMs, ...more };

  // The inner page's own script calls this before anything else of it runs.
  (window as unknown as { prepareInner: (inner: Inner) => void }).prepareInner = (inner) => {
    inner.harnessPost = (message) => {
      saidAtMs = performance.now();
      fromPage.fire(structuredClone(message));
    };
    inner.harnessState = saved === null ? view && { version: 1, ...view } : JSON.parse(saved);
    const root = inner.document.documentElement;
    for (const [name, value] of Object.entries(theme.variables)) root.style.setProperty(name, value);
    inner.document.addEventListener('DOMContentLoaded', () => {
      inner.document.body.className = theme.bodyClass;
      inner.document.body.dataset['vscodeThemeKind'] = theme.themeKind;
    });
  };
  document.body.append(frame);
}
