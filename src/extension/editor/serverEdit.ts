/** Owns edits of server files on behalf of a view: in an editor tab, not saved, so that the user sees what changes and saves. */
import * as vscode from 'vscode';
import { AppError } from '../util/errors';

/** Rejects with what `change` throws, and with AppError `config.invalid` where the tab takes no edit. */
export async function editFile(file: string, change: (text: string) => string, line: number): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const before = document.getText();
  const span = changedSpan(before, change(before));
  const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  if (span) {
    const range = new vscode.Range(document.positionAt(span.start), document.positionAt(span.end));
    const isDone = await editor.edit((edit) => edit.replace(range, span.text));
    if (!isDone) throw new AppError('config.invalid', vscode.l10n.t('The file was not changed: it is read-only, or it changed at the same moment.'));
  }
  const position = new vscode.Position(Math.min(line, document.lineCount) - 1, 0);
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** The part in which two texts differ, so that cursors and folds elsewhere stay; line endings are never cut in two. */
export function changedSpan(before: string, after: string): { readonly start: number; readonly end: number; readonly text: string } | undefined {
  if (before === after) return undefined;
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  // An editor has no place between CR and LF, nor between the halves of a character.
  const isInside = (text: string, at: number): boolean => /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(at - 1, at + 1));
  while (start > 0 && (isInside(before, start) || isInside(after, start))) start -= 1;
  while (tail > 0 && (isInside(before, before.length - tail) || isInside(after, after.length - tail))) tail -= 1;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}
