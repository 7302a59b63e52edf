/** Owns the joining of governance and editor: policy from the user's settings, files under the global storage. */
import { userInfo } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Governance } from '../security/policyGovernance';
import { policyFrom } from '../security/policy';
import { createScanner, type Scanner } from '../security/scanner';
import type { ServerRegistry } from '../servers/registry';
import type { Clock } from '../util/clock';
import { Emitter } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { SETTINGS } from './ids';

export interface EditorGovernance extends Disposable {
  readonly governance: Governance;
  readonly scanner: Scanner;
}

export const POLICY_KEYS: Readonly<Record<string, string>> = {
  servers: SETTINGS.policyServers,
  allowList: SETTINGS.policyAllowList,
  'tools.new': SETTINGS.policyToolsNew,
  'tools.changed': SETTINGS.policyToolsChanged,
  findings: SETTINGS.policyFindings,
};

export function createEditorGovernance(
  context: vscode.ExtensionContext,
  registry: ServerRegistry,
  ports: { readonly clock: Clock; readonly logger: Logger; readonly randomId: (bytes: number) => string },
): EditorGovernance {
  const store = new DisposableStore();
  const scanner = createScanner();
  const changed = store.add(new Emitter<void>());
  store.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (Object.values(POLICY_KEYS).some((setting) => change.affectsConfiguration(setting))) changed.fire();
    }),
  );
  const governance = store.add(
    new Governance({
      ...ports,
      scanner,
      dir: path.join(context.globalStorageUri.fsPath, 'governance'),
      // Machine scope: what a workspace says of them is not read.
      policy: () => policyFrom((key) => vscode.workspace.getConfiguration().get(POLICY_KEYS[key] ?? '')),
      onDidChangePolicy: changed.event,
      trusted: () => vscode.workspace.isTrusted,
      user: userName(),
      servers: () => registry.servers,
      inputs: () => registry.inputs,
    }),
  );
  return { governance, scanner, dispose: () => store.dispose() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // an account without an entry in the system's list of users
  }
}
