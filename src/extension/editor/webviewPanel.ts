/**
 * Owns what every panel of MCP Shark shares: one webview panel per window and kind, revived after a reload, its methods
 * answered by a service, fed with events while it can be seen. Knows nothing of what is said.
 */
import * as vscode from 'vscode';
import { Peer } from '../rpc/peer';
import { DisposableStore, toDisposable, type Disposable } from '../util/lifecycle';
import { webviewHtml, webviewRoot } from './webviewHtml';

/** Sends an event of the panel's API. */
export type Emit<Events> = <K extends keyof Events & string>(name: K, data: Events[K]) => void;

export interface WebviewPanelOptions<Events> {
  readonly context: vscode.ExtensionContext;
  readonly viewType: string;
  readonly title: string;
  /** Name of the bundle in dist/webview. */
  readonly bundle: string;
  /** Methods the webview may call; own properties. */
  readonly handlers: object;
  /** Called for each panel that opens; what it gives is disposed when the panel is closed. */
  readonly connect: (emit: Emit<Events>) => Disposable;
}

export class WebviewPanelHost<Events> implements Disposable {
  readonly #lifetime = new DisposableStore();
  #panel: vscode.WebviewPanel | undefined;

  constructor(private readonly options: WebviewPanelOptions<Events>) {
    this.#lifetime.add(
      vscode.window.registerWebviewPanelSerializer(options.viewType, {
        deserializeWebviewPanel: async (panel) => {
          // A second panel can only come from a layout saved by an older window; the first one is the one.
          if (this.#panel) panel.dispose();
          else this.#adopt(panel);
        },
      }),
    );
    this.#lifetime.add(toDisposable(() => this.#panel?.dispose()));
  }

  show(): void {
    if (this.#panel) {
      this.#panel.reveal();
      return;
    }
    const { viewType, title } = this.options;
    this.#adopt(vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active, { enableFindWidget: false }));
  }

  /** `hidden`: behind another tab; `closed`: there is none. */
  get view(): 'visible' | 'hidden' | 'closed' {
    return !this.#panel ? 'closed' : this.#panel.visible ? 'visible' : 'hidden';
  }

  #adopt(panel: vscode.WebviewPanel): void {
    const { context, bundle, title, handlers, connect } = this.options;
    const { extensionUri } = context;
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.svg');
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(extensionUri)] };

    const store = new DisposableStore();
    const peer = store.add(
      new Peer(
        {
          post: (message) => void panel.webview.postMessage(message),
          onMessage: (listener) => panel.webview.onDidReceiveMessage(listener),
        },
        handlers,
      ),
    );
    store.add(
      connect((name, data) => {
        // Messages to a hidden webview are dropped; it asks for everything anew when it is shown again.
        if (panel.visible) peer.emit(name, data);
      }),
    );
    panel.onDidDispose(() => {
      this.#panel = undefined;
      store.dispose();
    });
    panel.webview.html = webviewHtml({ webview: panel.webview, extensionUri, bundle, title });
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}
