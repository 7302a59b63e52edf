/**
 * Owns findings in the editor: each stands in the Problems panel on its line of the configuration (a definition's on the
 * line of its server), with quick fixes where there are some: move a secret to an input, pin a version.
 */
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Finding, FindingSeverity } from '../contract/findings';
import type { FindingsBook } from '../security/findingsBook';
import { moveSecretToInput, pinVersion, type TextEdit } from '../security/fixes';
import { installedVersion } from '../security/installedVersion';
import type { ConfiguredServer } from '../servers/types';
import { findingMarks, type FindingMark } from '../services/findingMarks';
import { SerialQueue } from '../util/async';
import { AppError } from '../util/errors';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { INTERNAL_COMMANDS } from './ids';
import type { SecretInputs } from './inputs';
import { registerCommand } from './registerCommand';
import { localFolders } from './workspace';

export interface FindingProblemsParts {
  readonly findings: FindingsBook;
  readonly servers: () => readonly ConfiguredServer[];
  readonly inputs: SecretInputs;
  readonly logger: Logger;
}

const SEVERITY: Readonly<Record<FindingSeverity, vscode.DiagnosticSeverity>> = { high: 1, medium: 1, low: 2 };
const SOURCE = 'MCP Shark';

class FindingDiagnostic extends vscode.Diagnostic {
  finding: Finding | undefined;
}

export function createFindingProblems({ findings, servers, inputs, logger }: FindingProblemsParts): Disposable {
  const store = new DisposableStore();
  const collection = store.add(vscode.languages.createDiagnosticCollection('mcp-shark-findings'));
  const queue = new SerialQueue();
  const update = async (): Promise<void> => {
    const texts = new Map<string, string>();
    const configured = servers();
    for (const { file } of configured) if (!texts.has(file)) texts.set(file, await textOf(file));
    if (store.isDisposed) return;
    const marks = findingMarks(findings.all, configured, (file) => texts.get(file) ?? '');
    collection.clear();
    for (const [file, list] of marks) collection.set(vscode.Uri.file(file), list.map(diagnosticOf));
  };
  const schedule = (): void => {
    queue.run(update).catch((error: unknown) => logger.error('The findings could not be shown in the Problems panel.', error));
  };
  store.add(findings.onDidChange(schedule));
  // What is typed moves lines before the file is saved.
  store.add(
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (collection.has(uri)) schedule();
    }),
  );
  store.add(
    vscode.languages.registerCodeActionsProvider(
      { scheme: 'file', pattern: '**/mcp-shark.json' },
      { provideCodeActions: (document, _range, { diagnostics }) => diagnostics.flatMap((one) => actionsFor(document, one)) },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
  store.add(
    registerCommand(INTERNAL_COMMANDS.findingFix, logger, (uri: vscode.Uri, finding: Finding) => applyFix(uri, finding, { servers, inputs })),
  );
  schedule();
  return store;
}

/** As the editor has it, saved or not; empty where it cannot be opened. */
async function textOf(file: string): Promise<string> {
  return vscode.workspace.openTextDocument(vscode.Uri.file(file)).then(
    (document) => document.getText(),
    () => '',
  );
}

function diagnosticOf({ finding, line, column, endColumn, message }: FindingMark): FindingDiagnostic {
  const diagnostic = new FindingDiagnostic(new vscode.Range(line - 1, column - 1, line - 1, endColumn - 1), message, SEVERITY[finding.severity]);
  diagnostic.source = SOURCE;
  diagnostic.code = finding.rule;
  diagnostic.finding = finding;
  return diagnostic;
}

function actionsFor(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
  // VS Code gives the diagnostic back as it was set, or a copy without what is ours: then there is nothing to fix by.
  const finding = (diagnostic as Partial<FindingDiagnostic>).finding;
  if (!finding?.fix || finding.place.in !== 'config') return [];
  const title =
    finding.fix.kind === 'moveSecret'
      ? vscode.l10n.t('Move the secret to an input kept in the secret storage')
      : vscode.l10n.t('Pin the version of {0}', finding.fix.package);
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.isPreferred = true;
  action.command = { command: INTERNAL_COMMANDS.findingFix, title, arguments: [document.uri, finding] };
  return [action];
}

async function applyFix(uri: vscode.Uri, { place, fix }: Finding, { servers, inputs }: Pick<FindingProblemsParts, 'servers' | 'inputs'>): Promise<void> {
  if (!fix || place.in !== 'config') return;
  const document = await vscode.workspace.openTextDocument(uri);
  const request = { server: place.server, path: place.path };
  if (fix.kind === 'moveSecret') {
    const server = servers().find(({ name, file }) => name === place.server && file === uri.fsPath);
    if (!server) throw gone();
    const moved = moveSecretToInput(document.getText(), { ...request, suggestedId: fix.suggestedId });
    if (!moved) throw gone();
    // First the storage: a file that asks for what nobody kept would be worse than one that holds it.
    await inputs.store(server, moved.inputId, moved.secret);
    await apply(document, moved.edits);
    return;
  }
  const version = await versionFor(fix.package, fix.runner === 'npm');
  if (version === undefined) return;
  const edit = pinVersion(document.getText(), { ...request, runner: fix.runner, package: fix.package, version });
  if (!edit) throw gone();
  await apply(document, [edit]);
}

const gone = (): AppError => new AppError('notFound', 'The file has changed since this was found. Save it, and look again.');

async function versionFor(name: string, isNpm: boolean): Promise<string | undefined> {
  const npmCache = process.env.npm_config_cache ?? (process.platform === 'win32' ? path.join(process.env.LOCALAPPDATA ?? homedir(), 'npm-cache') : path.join(homedir(), '.npm'));
  const known = isNpm ? await installedVersion(name, { folders: localFolders().map(({ uri }) => uri.fsPath), npmCache }) : undefined;
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Pin the version of {0}', name),
    prompt:
      known === undefined
        ? vscode.l10n.t('No version of it was found on this machine. Which one is to be used?')
        : vscode.l10n.t('This is the version found on this machine.'),
    value: known ?? '',
    validateInput: (text) => (/^(?:sha256:[0-9a-f]{64}|[A-Za-z0-9][A-Za-z0-9.+_-]{0,100})$/.test(text.trim()) ? undefined : vscode.l10n.t('Enter a version, such as 1.2.3.')),
  });
  return answer?.trim();
}

/** Left unsaved, for the user to look at. */
async function apply(document: vscode.TextDocument, edits: readonly TextEdit[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  for (const { offset, length, text } of edits) {
    edit.replace(document.uri, new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)), text);
  }
  if (!(await vscode.workspace.applyEdit(edit))) throw new AppError('config.invalid', vscode.l10n.t('The file was not changed: it is read-only, or it changed at the same moment.'));
  await vscode.window.showTextDocument(document);
}
