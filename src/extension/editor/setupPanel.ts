/** Owns the Setup panel: its methods and its one event. */
import type * as vscode from 'vscode';
import type { SetupEvents } from '../contract/setupApi';
import type { SetupService } from '../services/setupService';
import type { Disposable } from '../util/lifecycle';
import { WEBVIEWS } from './ids';
import { WebviewPanelHost } from './webviewPanel';

export class SetupPanel implements Disposable {
  readonly #host: WebviewPanelHost<SetupEvents>;

  constructor(context: vscode.ExtensionContext, service: SetupService) {
    this.#host = new WebviewPanelHost({
      context,
      viewType: WEBVIEWS.setup,
      title: 'MCP Servers',
      bundle: 'setup',
      handlers: service.handlers,
      connect: (emit) => service.onDidChange((state) => emit('state', state)),
    });
  }

  show(): void {
    this.#host.show();
  }

  dispose(): void {
    this.#host.dispose();
  }
}
