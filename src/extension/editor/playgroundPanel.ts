/** Owns the Playground panel: its methods, its one event, and that the Playground hears when nobody looks any more. */
import type * as vscode from 'vscode';
import type { PlaygroundApi, PlaygroundEvents } from '../contract/playgroundApi';
import type { Playground } from '../playground/playground';
import type { Handlers } from '../rpc/peer';
import { DisposableStore, toDisposable, type Disposable } from '../util/lifecycle';
import { WEBVIEWS } from './ids';
import { WebviewPanelHost } from './webviewPanel';

export class PlaygroundPanel implements Disposable {
  readonly #host: WebviewPanelHost<PlaygroundEvents>;

  constructor(context: vscode.ExtensionContext, playground: Playground, handlers: Handlers<PlaygroundApi>) {
    this.#host = new WebviewPanelHost({
      context,
      viewType: WEBVIEWS.playground,
      title: 'MCP Playground',
      bundle: 'playground',
      handlers,
      connect: (emit) => {
        const events = new DisposableStore();
        events.add(playground.onDidChange((state) => emit('state', state)));
        events.add(toDisposable(() => playground.viewClosed()));
        return events;
      },
    });
  }

  show(): void {
    this.#host.show();
  }

  get view(): WebviewPanelHost<PlaygroundEvents>['view'] {
    return this.#host.view;
  }

  dispose(): void {
    this.#host.dispose();
  }
}
