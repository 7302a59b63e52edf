/**
 * Owns the read-only documents that show archived definitions (`mcp-shark-definition:` URIs), laid out for reading, so
 * that VS Code's diff editor can show what a server has changed.
 */
import * as vscode from 'vscode';
import type { DefinitionRef } from '../contract/findings';
import type { DefinitionRow } from '../contract/governance';
import { visibleInJson } from '../security/visible';
import type { Disposable } from '../util/lifecycle';
import { DEFINITION_SCHEME } from './ids';
import { jsonFileName, readable, registerReadOnlyDocuments } from './readOnlyDocuments';

/** Of a hash, where versions are told apart. */
export const SHOWN_DIGITS = 12;

export function definitionUri(server: string, { kind, name }: Pick<DefinitionRow, 'kind' | 'name'>, hash: string): vscode.Uri {
  return vscode.Uri.from({ scheme: DEFINITION_SCHEME, path: `/${hash.slice(0, SHOWN_DIGITS)}/${jsonFileName(`${server} ${name || kind}`)}`, query: hash });
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
  if (row.previous !== undefined && row.state === 'changed') await compareDefinition(server, row, row.previous);
  else await showVersion({ ...row, server }, row.hash);
}

/** What it was on the left, what it is on the right. */
export async function compareDefinition(server: string, row: DefinitionRow, previous: string): Promise<void> {
  await compare({ ...row, server }, previous, row.hash, vscode.l10n.t('{0} {1}: before ↔ now', server, row.name || row.kind));
}

/** One version of a definition, whichever is listed now. */
export async function showVersion(definition: DefinitionRef, hash: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(definitionUri(definition.server, definition, hash));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Two versions, named by the beginnings of their hashes. */
export async function compareVersions(definition: DefinitionRef, left: string, right: string): Promise<void> {
  const { server, name, kind } = definition;
  const [before, after] = [left, right].map((hash) => hash.slice(0, SHOWN_DIGITS));
  await compare(definition, left, right, `${server} ${name || kind}: ${before} ↔ ${after}`);
}

async function compare(definition: DefinitionRef, left: string, right: string, title: string): Promise<void> {
  const { server } = definition;
  await vscode.commands.executeCommand('vscode.diff', definitionUri(server, definition, left), definitionUri(server, definition, right), title, { preview: true });
}
