/**
 * Owns what VS Code's MCP client is offered while routing is on and something is configured: the gateway's aggregate
 * endpoint as one definition, or one definition per server, as the setting says; nothing otherwise. `version` changes
 * with the catalog, because VS Code caches tools by it.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import { toDisposable, type Disposable } from '../util/lifecycle';
import { PROVIDERS, SETTINGS } from './ids';

export const DEFINITION_LABEL = 'MCP Shark';

export function registerDefinitionProvider(application: Application): Disposable {
  const changed = new vscode.EventEmitter<void>();
  const offerChanged = application.onDidChangeOffer(() => changed.fire());
  const registration = vscode.lm.registerMcpServerDefinitionProvider(PROVIDERS.gateway, {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: () => definitions(application),
    // VS Code may start a definition it remembers from before a reload: give it today's address and token.
    resolveMcpServerDefinition: (remembered) => definitions(application).find(({ label }) => label === remembered.label),
  });
  const setting = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(SETTINGS.clientDefinitions)) changed.fire();
  });
  return toDisposable(() => {
    registration.dispose();
    offerChanged.dispose();
    setting.dispose();
    changed.dispose();
  });
}

function definitions(application: Application): vscode.McpHttpServerDefinition[] {
  const { offer } = application;
  if (!offer) return [];
  const headers = { Authorization: `Bearer ${offer.token}` };
  const define = (label: string, url: string, version: string): vscode.McpHttpServerDefinition =>
    new vscode.McpHttpServerDefinition(label, vscode.Uri.parse(url), headers, version);
  return vscode.workspace.getConfiguration().get<string>(SETTINGS.clientDefinitions) === 'perServer'
    ? offer.servers.map(({ name, url, version }) => define(name, url, version))
    : [define(DEFINITION_LABEL, offer.url, offer.version)];
}
