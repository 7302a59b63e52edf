/**
 * Owns what a person sees of `.vscode/mcp-shark.json` in the editor: opening it (with a commented example where there is
 * none), its problems in the Problems panel, and one notification when it stops being usable.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { ApplicationStatus, ConfigProblem } from '../contract/status';
import { EXAMPLE_CONFIG } from '../servers/exampleConfig';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { plainMessage } from './plainMessage';
import { configFileOf } from './workspace';

/** Opens the first folder's file, or the one that is named. */
export async function openConfig(line?: number, file?: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (file !== undefined) {
    await openFile(vscode.Uri.file(file), line);
    return;
  }
  if (!folder) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('MCP servers are configured per folder. Open a folder first.'),
    );
    return;
  }
  const uri = vscode.Uri.file(configFileOf(folder));
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  // Untitled until saved: looking at the example changes nothing on disk.
  const document = await vscode.workspace.openTextDocument(exists ? uri : uri.with({ scheme: 'untitled' }));
  const editor = await vscode.window.showTextDocument(document);
  if (!exists && document.getText() === '') {
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), EXAMPLE_CONFIG));
  }
  if (line !== undefined) reveal(editor, line);
}

/** A file that is named may be any client's: an example of ours has no place in it. */
async function openFile(uri: vscode.Uri, line: number | undefined): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri).then(
    (opened) => opened,
    () => undefined,
  );
  if (!document) {
    void vscode.window.showWarningMessage(plainMessage(vscode.l10n.t('{0} cannot be opened: it is gone, or is no text.', vscode.workspace.asRelativePath(uri))));
    return;
  }
  const editor = await vscode.window.showTextDocument(document);
  if (line !== undefined) reveal(editor, line);
}

function reveal(editor: vscode.TextEditor, line: number): void {
  const position = new vscode.Position(Math.max(1, Math.min(line, editor.document.lineCount)) - 1, 0);
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Shows configuration problems in the Problems panel, and says once when a new one comes up. */
export function watchConfigProblems(application: Application): Disposable {
  const store = new DisposableStore();
  const diagnostics = store.add(vscode.languages.createDiagnosticCollection('mcp-shark'));
  let told = '';
  const update = ({ configProblems: problems, configNotes: notes }: ApplicationStatus): void => {
    diagnostics.clear();
    for (const file of new Set([...problems, ...notes].map((problem) => problem.file))) {
      const here = (problem: ConfigProblem): boolean => problem.file === file;
      diagnostics.set(vscode.Uri.file(file), [
        ...problems.filter(here).map((problem) => diagnosticOf(problem, vscode.DiagnosticSeverity.Warning)),
        ...notes.filter(here).map((note) => diagnosticOf(note, vscode.DiagnosticSeverity.Information)),
      ]);
    }
    const key = JSON.stringify(problems);
    const first = problems[0];
    if (key === told) return;
    told = key;
    if (first) void tell(first, problems.length - 1);
  };
  store.add(application.onDidChangeStatus(update));
  update(application.status);
  return store;
}

async function tell(problem: ConfigProblem, more: number): Promise<void> {
  const where = vscode.workspace.asRelativePath(problem.file);
  const others = more > 0 ? vscode.l10n.t(' ({0} more in the Problems panel)', more) : '';
  const open = vscode.l10n.t('Open');
  const choice = await vscode.window.showWarningMessage(
    plainMessage(`${where}:${problem.line}: ${problem.message}${others}`),
    open,
  );
  if (choice === open) await openConfig(problem.line, problem.file);
}

function diagnosticOf(problem: ConfigProblem, severity: vscode.DiagnosticSeverity): vscode.Diagnostic {
  const start = new vscode.Position(problem.line - 1, problem.column - 1);
  const diagnostic = new vscode.Diagnostic(new vscode.Range(start, start.translate(0, 1)), problem.message, severity);
  diagnostic.source = 'MCP Shark';
  return diagnostic;
}
