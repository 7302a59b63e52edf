/**
 * Owns what VS Code's MCP client is offered: one definition, the gateway's aggregate endpoint, while routing is on and
 * something is configured; nothing otherwise. `version` changes with the catalog, because VS Code caches tools by it.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import { toDisposable, type Disposable } from '../util/lifecycle';
import { PROVIDERS } from './ids';

export const DEFINITION_LABEL = 'MCP Shark';

export function registerDefinitionProvider(application: Application): Disposable {
  const changed = new vscode.EventEmitter<void>();
  const offerChanged = application.onDidChangeOffer(() => changed.fire());
  const registration = vscode.lm.registerMcpServerDefinitionProvider(PROVIDERS.gateway, {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: () => definitions(application),
    // VS Code may start a definition it remembers from before a reload: give it today's address and token.
    resolveMcpServerDefinition: () => definitions(application)[0],
  });
  return toDisposable(() => {
    registration.dispose();
    offerChanged.dispose();
    changed.dispose();
  });
}

function definitions(application: Application): vscode.McpHttpServerDefinition[] {
  const { offer } = application;
  if (!offer) return [];
  return [
    new vscode.McpHttpServerDefinition(
      DEFINITION_LABEL,
      vscode.Uri.parse(offer.url),
      { Authorization: `Bearer ${offer.token}` },
      offer.version,
    ),
  ];
}
