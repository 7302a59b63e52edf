/**
 * Owns the read-only documents behind the Setup view's diff editors: both sides of a planned change, and backups. The
 * texts are looked up when VS Code asks for them; for a plan that is no longer remembered both sides say so.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Routing } from '../servers/routing/routing';
import type { SetupService } from '../services/setupService';
import type { Disposable } from '../util/lifecycle';
import { SETUP_SCHEME } from './ids';
import { registerReadOnlyDocuments } from './readOnlyDocuments';

type Query =
  | { readonly kind: 'plan'; readonly plan: string; readonly file: string; readonly side: 'before' | 'after' }
  | { readonly kind: 'backup'; readonly backup: string };

function uriOf(query: Query, file: string): vscode.Uri {
  // The name decides the language and the title of the tab.
  return vscode.Uri.from({ scheme: SETUP_SCHEME, path: `/${path.basename(file)}`, query: JSON.stringify(query) });
}

export function registerSetupDocuments(service: SetupService, routing: Routing): Disposable {
  return registerReadOnlyDocuments(
    SETUP_SCHEME,
    async (text) => {
      const query = JSON.parse(text) as Query;
      if (query.kind === 'backup') return new TextDecoder().decode(await routing.readBackup(query.backup));
      return service.plannedText(query.plan, query.file, query.side) ?? '';
    },
    (message) => vscode.l10n.t('This can not be shown: {0}', message),
  );
}

/** `isPreview`: in the tab that the next one takes over. */
export async function showPlanned(plan: string, file: string, title: string, isPreview = true): Promise<void> {
  const side = (which: 'before' | 'after'): vscode.Uri => uriOf({ kind: 'plan', plan, file, side: which }, file);
  await vscode.commands.executeCommand('vscode.diff', side('before'), side('after'), vscode.l10n.t('{0}: now ↔ planned', title), { preview: isPreview });
}

/** A backup on the left, the file as it is now on the right. */
export async function showBackup(backup: string, file: string): Promise<void> {
  const uri = vscode.Uri.file(file);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  const left = uriOf({ kind: 'backup', backup }, file);
  if (!exists) {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(left), { preview: true });
    return;
  }
  await vscode.commands.executeCommand('vscode.diff', left, uri, vscode.l10n.t('{0}: backup ↔ now', path.basename(file)), { preview: true });
}
