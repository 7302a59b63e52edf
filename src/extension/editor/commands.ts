/** Owns the commands: each does one thing and says how it went. */
import * as vscode from 'vscode';
import type { Application } from '../application';
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
        : vscode.l10n.t('{0} stored input value(s) were forgotten. Servers ask for them when they next start.', count),
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

async function offerConfig(): Promise<void> {
  const open = vscode.l10n.t('Open Server Configuration');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('No MCP server is configured: .vscode/mcp-shark.json is missing or lists none.'),
    open,
  );
  if (choice === open) await openConfig();
}
