/**
 * Owns what all read-only documents of MCP Shark share: texts that exist nowhere, looked up when VS Code asks for them,
 * under a name a person can read; what cannot be looked up is said in the document itself.
 */
import * as vscode from 'vscode';
import { messageOf } from '../util/errors';
import { exactJson } from '../util/json';
import type { Disposable } from '../util/lifecycle';

/** `query`: as in the document's URI. What `textOf` throws is shown in the words that `failed` makes of it. */
export function registerReadOnlyDocuments(scheme: string, textOf: (query: string) => string | Promise<string>, failed: (message: string) => string): Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    async provideTextDocumentContent({ query }) {
      try {
        return await textOf(query);
      } catch (error) {
        return failed(messageOf(error));
      }
    },
  });
}

/** A file name that says the title, whatever the title holds. */
export function jsonFileName(title: string): string {
  return `${title.replaceAll(/[^\p{L}\p{N} ._()-]+/gu, '_').slice(0, 80)}.json`;
}

/** Indents JSON whose every number survives the trip; anything else is shown exactly as it is. */
export function readable(text: string): string {
  const value = exactJson(text);
  return value === undefined ? text : JSON.stringify(value, undefined, 2);
}
