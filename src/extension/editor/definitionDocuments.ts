/**
 * Owns the read-only documents that show archived definitions (`mcp-shark-definition:` URIs), laid out for reading, so
 * that VS Code's diff editor can show what a server has changed.
 */
import * as vscode from 'vscode';
import type { DefinitionRow } from '../contract/governance';
import { visibleInJson } from '../security/visible';
import type { Disposable } from '../util/lifecycle';
import { DEFINITION_SCHEME } from './ids';
import { jsonFileName, readable, registerReadOnlyDocuments } from './readOnlyDocuments';

export function definitionUri(server: string, { kind, name }: Pick<DefinitionRow, 'kind' | 'name'>, hash: string): vscode.Uri {
  return vscode.Uri.from({ scheme: DEFINITION_SCHEME, path: `/${hash.slice(0, 12)}/${jsonFileName(`${server} ${name || kind}`)}`, query: hash });
}

export function registerDefinitionDocuments(textOf: (hash: string) => Promise<string | undefined>): Disposable {
  return registerReadOnlyDocuments(
    DEFINITION_SCHEME,
    async (hash) => {
      const text = await textOf(hash);
      // What is meant not to be seen is what is looked for here.
      return text === undefined ? vscode.l10n.t('This definition is not in the archive.') : visibleInJson(readable(text));
    },
    (message) => vscode.l10n.t('This definition can not be shown: {0}', message),
  );
}

export async function showDefinition(server: string, row: DefinitionRow): Promise<void> {
  if (row.previous !== undefined && row.state === 'changed') {
    await compareDefinition(server, row, row.previous);
    return;
  }
  const document = await vscode.workspace.openTextDocument(definitionUri(server, row, row.hash));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** What it was on the left, what it is on the right. */
export async function compareDefinition(server: string, row: DefinitionRow, previous: string): Promise<void> {
  await vscode.commands.executeCommand(
    'vscode.diff',
    definitionUri(server, row, previous),
    definitionUri(server, row, row.hash),
    vscode.l10n.t('{0} {1}: before ↔ now', server, row.name || row.kind),
    { preview: true },
  );
}
