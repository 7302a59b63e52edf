/**
 * Owns the Traffic panel: one webview panel per window, revived after a reload, fed with events while it can be seen.
 * It passes messages between webview and service and knows nothing of what they say.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { TrafficEvents } from '../contract/trafficApi';
import { Peer } from '../rpc/peer';
import type { TrafficService } from '../services/trafficService';
import { DisposableStore, toDisposable, type Disposable } from '../util/lifecycle';
import { WEBVIEWS } from './ids';
import { webviewHtml, webviewRoot } from './webviewHtml';

export class TrafficPanel implements Disposable {
  readonly #lifetime = new DisposableStore();
  #panel: vscode.WebviewPanel | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly application: Application,
    private readonly service: TrafficService,
  ) {
    this.#lifetime.add(
      vscode.window.registerWebviewPanelSerializer(WEBVIEWS.traffic, {
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
    this.#adopt(
      vscode.window.createWebviewPanel(WEBVIEWS.traffic, 'MCP Traffic', vscode.ViewColumn.Active, {
        enableFindWidget: false,
      }),
    );
  }

  #adopt(panel: vscode.WebviewPanel): void {
    const { extensionUri } = this.context;
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
        this.service,
      ),
    );
    const emit = <K extends keyof TrafficEvents>(name: K, data: TrafficEvents[K]): void => {
      // Messages to a hidden webview are dropped; it asks for everything anew when it is shown again.
      if (panel.visible) peer.emit(name, data);
    };
    store.add(this.application.onDidChangeStatus((status) => emit('status', status)));
    store.add(this.application.onDidAdvance((advance) => emit('advanced', advance)));
    panel.onDidDispose(() => {
      store.dispose();
      this.#panel = undefined;
    });
    panel.webview.html = webviewHtml({ webview: panel.webview, extensionUri, bundle: 'traffic', title: 'MCP Traffic' });
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}
