/** Owns the commands: each does one thing and says how it went. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { ExportFormat } from '../contract/trafficApi';
import type { ExportRun } from '../services/trafficService';
import { AppError, isAppError, messageOf } from '../util/errors';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { openConfig } from './configDocument';
import { COMMANDS, STATE_KEYS } from './ids';
import type { SecretInputs } from './inputs';
import { registerCommand } from './registerCommand';
import type { TrafficPanel } from './trafficPanel';

export interface CommandParts {
  readonly application: Application;
  readonly context: vscode.ExtensionContext;
  readonly panel: TrafficPanel;
  readonly inputs: SecretInputs;
  readonly channel: vscode.LogOutputChannel;
  readonly logger: Logger;
  readonly routingTurnedOff: () => Promise<void>;
}

export function registerCommands(parts: CommandParts): Disposable {
  const { application, context, panel, inputs, channel, logger } = parts;
  const store = new DisposableStore();
  const register = (id: string, run: () => unknown): void => {
    store.add(registerCommand(id, logger, run));
  };

  register(COMMANDS.trafficShow, () => panel.show());
  register(COMMANDS.logShow, () => channel.show(true));
  register(COMMANDS.configOpen, () => openConfig());
  register(COMMANDS.routingToggle, async () => {
    if (!application.status.trusted) {
      await vscode.commands.executeCommand('workbench.trust.manage');
      return;
    }
    const on = !application.status.routing;
    await setRouting(application, context, on);
    if (on && application.status.servers.length === 0) await offerConfig();
    if (!on) await parts.routingTurnedOff();
  });
  register(COMMANDS.storeReveal, async () => {
    const file = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Writing recent traffic to SQLite') },
      async () => (await application.store()).snapshot(),
    );
    const copy = vscode.l10n.t('Copy Path');
    const reveal = vscode.l10n.t('Reveal');
    const choice = await vscode.window.showInformationMessage(
      vscode.l10n.t('Recent traffic is in {0}', file),
      copy,
      reveal,
    );
    if (choice === copy) await vscode.env.clipboard.writeText(file);
    if (choice === reveal) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file));
  });
  register(COMMANDS.inputsForget, async () => {
    const count = await inputs.forgetAll();
    void vscode.window.showInformationMessage(
      count === 0
        ? vscode.l10n.t('No input values are stored.')
        : count === 1
          ? vscode.l10n.t('1 stored input value was forgotten. Servers ask for it when they next start.')
          : vscode.l10n.t('{0} stored input values were forgotten. Servers ask for them when they next start.', count),
    );
  });
  return store;
}

/** Turns routing on or off and remembers it for this workspace. */
export async function setRouting(
  application: Application,
  context: vscode.ExtensionContext,
  on: boolean,
): Promise<void> {
  await context.workspaceState.update(STATE_KEYS.routing, on);
  await application.setRouting(on);
}

const EXPORT_NAMES: Readonly<Record<ExportFormat, string>> = { jsonl: 'JSON Lines', json: 'JSON', csv: 'CSV', txt: 'Text' };

/** Asks for a file and exports to it, with progress; the ending of the chosen name decides the format. */
export async function exportWithDialog(wanted: ExportFormat, run: ExportRun, logger: Logger): Promise<void> {
  try {
    const formats = [wanted, ...(['jsonl', 'json', 'csv', 'txt'] as const).filter((format) => format !== wanted)];
    const name = `mcp-traffic-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${wanted}`;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Export Calls'),
      saveLabel: vscode.l10n.t('Export'),
      defaultUri: vscode.Uri.joinPath(folder, name),
      filters: Object.fromEntries(formats.map((format) => [EXPORT_NAMES[format], [format]])),
    });
    if (!uri) return;
    if (uri.scheme !== 'file') throw new AppError('query.invalid', vscode.l10n.t('Calls can be exported to files of this machine only.'));
    const file = uri.fsPath;
    const format = formats.find((one) => file.toLowerCase().endsWith(`.${one}`)) ?? wanted;
    const count = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Exporting calls'), cancellable: true },
      async (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        let shown = 0;
        const onProgress = (done: number, total: number): void => {
          const percent = total === 0 ? 100 : Math.min(100, (done / total) * 100);
          progress.report({ increment: percent - shown, message: vscode.l10n.t('{0} of {1}', done.toLocaleString(), total.toLocaleString()) });
          shown = percent;
        };
        return run({ file, format, signal: abort.signal, onProgress });
      },
    );
    const open = vscode.l10n.t('Open');
    const reveal = vscode.l10n.t('Reveal');
    const choice = await vscode.window.showInformationMessage(
      count === 1 ? vscode.l10n.t('1 call was exported to {0}', file) : vscode.l10n.t('{0} calls were exported to {1}', count.toLocaleString(), file),
      open,
      reveal,
    );
    if (choice === open) await vscode.commands.executeCommand('vscode.open', uri);
    if (choice === reveal) await vscode.commands.executeCommand('revealFileInOS', uri);
  } catch (error) {
    // Who cancels knows it; the file is not there.
    if (isAppError(error, 'cancelled')) return;
    logger.error('export failed', error);
    void vscode.window.showErrorMessage(vscode.l10n.t('The calls were not exported, and no file was left: {0}', messageOf(error)));
  }
}

async function offerConfig(): Promise<void> {
  const open = vscode.l10n.t('Open Server Configuration');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('No MCP server is configured: .vscode/mcp-shark.json is missing or lists none.'),
    open,
  );
  if (choice === open) await openConfig();
}
