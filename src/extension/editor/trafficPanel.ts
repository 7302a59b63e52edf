/** Owns the Traffic panel: which methods it has, and which events feed it. */
import type * as vscode from 'vscode';
import type { Application } from '../application';
import type { TrafficEvents, TrafficReveal } from '../contract/trafficApi';
import type { TrafficService } from '../services/trafficService';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { WEBVIEWS } from './ids';
import { WebviewPanelHost } from './webviewPanel';

export class TrafficPanel implements Disposable {
  readonly #host: WebviewPanelHost<TrafficEvents>;

  constructor(
    context: vscode.ExtensionContext,
    application: Application,
    private readonly service: TrafficService,
  ) {
    this.#host = new WebviewPanelHost({
      context,
      viewType: WEBVIEWS.traffic,
      title: 'MCP Traffic',
      bundle: 'traffic',
      handlers: service,
      connect: (emit) => {
        const events = new DisposableStore();
        events.add(application.onDidChangeStatus((status) => emit('status', status)));
        events.add(application.onDidAdvance((advance) => emit('advanced', advance)));
        events.add(service.onDidReveal(() => emit('revealed', null)));
        events.add(service.onDidFlag(() => emit('flagged', null)));
        return events;
      },
    });
  }

  show(): void {
    this.#host.show();
  }

  /** Shows the view with this filter, and the call selected where one is named. */
  reveal(reveal: TrafficReveal): void {
    this.service.reveal(reveal);
    this.#host.show();
  }

  dispose(): void {
    this.#host.dispose();
  }
}
