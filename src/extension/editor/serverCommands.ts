/**
 * Owns the commands about servers: approve, restart, stop, output, configuration, definitions, connection check,
 * inventory. Each takes a node of the Servers tree, or asks which server is meant.
 */
import * as vscode from 'vscode';
import type { DoctorFix, DoctorReport } from '../contract/doctor';
import type { DefinitionRef } from '../contract/findings';
import type { DefinitionRow, DefinitionVersion, GovernanceApi, InventoryFormat } from '../contract/governance';
import type { ServerStatus } from '../contract/status';
import { shownName } from '../security/visible';
import { reportText } from '../services/doctor/reportText';
import { waitingBelow, type TreeNode } from '../services/serversTree';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { reviewApprovals } from './approvals';
import { openConfig } from './configDocument';
import { pickCalls } from './definitionCalls';
import { compareDefinition, showDefinition } from './definitionDocuments';
import { COMMANDS } from './ids';
import { plainMessage } from './plainMessage';
import { registerCommand } from './registerCommand';
import { isTreeNode } from './serversView';

export interface ServerCommandParts {
  readonly governance: GovernanceApi;
  readonly statuses: () => readonly ServerStatus[];
  readonly restart: (server: string) => Promise<void>;
  readonly stop: (server: string) => Promise<void>;
  readonly showOutput: (server: string) => void;
  readonly showTraffic: (filter: string) => Promise<void>;
  /** Every version kept of a definition, the one listed last first. */
  readonly versions: (definition: DefinitionRef) => readonly DefinitionVersion[];
  readonly examine: (server: string | undefined) => Promise<DoctorReport>;
  readonly logger: Logger;
}

const INVENTORY: readonly { readonly label: string; readonly format: InventoryFormat; readonly language: string }[] = [
  { label: 'Markdown', format: 'markdown', language: 'markdown' },
  { label: 'CSV', format: 'csv', language: 'plaintext' },
  { label: 'JSON', format: 'json', language: 'json' },
];

export function registerServerCommands(parts: ServerCommandParts): Disposable {
  const { governance, logger } = parts;
  const store = new DisposableStore();
  const register = (id: string, run: (node: unknown) => unknown): void => {
    store.add(registerCommand(id, logger, run as (...args: never[]) => unknown));
  };
  /** Runs with the server of a node, or the one the user picks among those that fit. */
  const forServer = (id: string, title: string, fits: (status: ServerStatus) => boolean, run: (server: string) => unknown): void =>
    register(id, async (node) => {
      const server = serverOf(node) ?? (await pickServer(parts.statuses().filter(fits), title));
      if (server !== undefined) await run(server);
    });
  const any = (): boolean => true;
  /** One that is switched off, waits or is refused does not start by this; one that the user has stopped does. */
  const canRestart = ({ name, state }: ServerStatus): boolean =>
    ['running', 'failed', 'idle'].includes(state.kind) || (state.kind === 'disabled' && governance.servers().some((one) => one.name === name && one.gate.kind === 'open'));

  register(COMMANDS.serverApprove, (node) => reviewApprovals(governance, serverOf(node)));
  forServer(COMMANDS.serverRestart, vscode.l10n.t('Restart which server?'), canRestart, async (server) => {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Restarting {0}', server) }, () => parts.restart(server));
  });
  forServer(COMMANDS.serverStop, vscode.l10n.t('Stop which server?'), ({ state }) => state.kind === 'running' || state.kind === 'starting', (server) => parts.stop(server));
  forServer(COMMANDS.serverShowOutput, vscode.l10n.t('Show the output of which server?'), any, parts.showOutput);
  forServer(COMMANDS.doctorRun, vscode.l10n.t('Check which server?'), any, (server) => check(parts, server));
  register(COMMANDS.doctorRunAll, () => check(parts, undefined));
  register(COMMANDS.serverOpenConfig, async (node) => {
    if (isTreeNode(node) && node.target?.kind === 'line') {
      await openConfig(node.target.line, node.target.file);
      return;
    }
    const name = serverOf(node) ?? (await pickServer(parts.statuses(), vscode.l10n.t('Open the configuration of which server?')));
    const server = governance.servers().find((one) => one.name === name);
    if (server) await openConfig(server.line, server.file);
  });
  register(COMMANDS.definitionShow, async (node) => {
    const target = definitionOf(node);
    if (target) await showDefinition(target.server, target.definition);
  });
  register(COMMANDS.definitionCompare, async (node) => {
    const target = definitionOf(node);
    if (target?.definition.previous !== undefined) await compareDefinition(target.server, target.definition, target.definition.previous);
  });
  register(COMMANDS.definitionShowCalls, async (node) => {
    const target = definitionOf(node);
    if (!target || !isTreeNode(node)) return;
    const definition = { server: target.server, kind: target.definition.kind, name: target.definition.name };
    // What a finding is about are the calls of the name, as in Traffic.
    const calls = await pickCalls(definition, node.context.startsWith('finding') ? [] : parts.versions(definition));
    if (calls !== undefined) await parts.showTraffic(calls);
  });
  register(COMMANDS.definitionApprove, async (node) => {
    const name = serverOf(node) ?? (await pickServer(parts.statuses(), vscode.l10n.t('Approve the definitions of which server?')));
    const server = governance.servers().find((one) => one.name === name);
    if (!server) return;
    // What was shown and nothing else: the server may list something new at any moment.
    const which = isTreeNode(node) ? waitingBelow(node) : await pickDefinitions(server.name, governance.definitions(server.id));
    if (!which) return;
    const count = which.length === 0 ? 0 : await governance.approveDefinitions(server.id, which);
    void vscode.window.showInformationMessage(
      plainMessage(
        count === 0
          ? vscode.l10n.t('{0} has no definition that waits for approval.', server.name)
          : count === 1
            ? vscode.l10n.t('1 definition of {0} was approved.', server.name)
            : vscode.l10n.t('{0} definitions of {1} were approved.', count, server.name),
      ),
    );
  });
  register(COMMANDS.inventoryExport, async () => {
    const picked = await vscode.window.showQuickPick([...INVENTORY], { title: vscode.l10n.t('Export the inventory of servers and definitions as') });
    if (!picked) return;
    const document = await vscode.workspace.openTextDocument({ language: picked.language, content: governance.inventory(picked.format) });
    await vscode.window.showTextDocument(document);
  });
  return store;
}

/** The server a node belongs to. */
function serverOf(node: unknown): string | undefined {
  if (!isTreeNode(node)) return undefined;
  const { target } = node;
  return target && 'server' in target ? target.server : undefined;
}

function definitionOf(node: unknown): (TreeNode['target'] & { readonly kind: 'definition' }) | undefined {
  return isTreeNode(node) && node.target?.kind === 'definition' ? node.target : undefined;
}

async function pickServer(statuses: readonly ServerStatus[], title: string): Promise<string | undefined> {
  if (statuses.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no server this can be done with.'));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    statuses.map(({ name, state }) => ({ label: name, description: state.kind === 'waitingForApproval' ? vscode.l10n.t('waiting for approval') : state.kind })),
    { title },
  );
  return picked?.label;
}

/** `undefined`: the user wants none. Empty: there is none. */
async function pickDefinitions(server: string, rows: readonly DefinitionRow[]): Promise<readonly DefinitionRow[] | undefined> {
  const items = rows
    .filter(({ state }) => state === 'new' || state === 'changed')
    .map((row) => ({ label: shownName(row.name || row.kind), description: `${row.kind}, ${row.state === 'new' ? vscode.l10n.t('new') : vscode.l10n.t('changed')}`, row }));
  if (items.length === 0) return [];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Approve which definitions of {0}?', server), canPickMany: true });
  return picked?.length ? picked.map(({ row }) => row) : undefined;
}

async function check({ examine }: ServerCommandParts, server: string | undefined): Promise<void> {
  const report = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: server === undefined ? vscode.l10n.t('Checking all servers') : vscode.l10n.t('Checking {0}', server),
    },
    () => examine(server),
  );
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: reportText(report) });
  await vscode.window.showTextDocument(document, { preview: true });
  const first = [...report.general, ...report.servers.flatMap(({ checks }) => checks)].find(({ outcome, fix }) => outcome === 'failed' && fix);
  if (!first?.fix) return;
  const { label, run } = stepOf(first.fix);
  if ((await vscode.window.showWarningMessage(plainMessage(`${first.title}: ${first.message}`), label)) === label) await run();
}

export function stepOf(fix: DoctorFix): { readonly label: string; readonly run: () => Thenable<unknown> } {
  const command = (label: string, id: string, ...args: unknown[]): ReturnType<typeof stepOf> => ({
    label,
    run: () => vscode.commands.executeCommand(id, ...args),
  });
  const node = (server: string): TreeNode => ({ id: '', label: server, icon: 'info', context: 'server', target: { kind: 'server', server } });
  switch (fix.kind) {
    case 'openConfig':
      return { label: vscode.l10n.t('Open Configuration'), run: () => openConfig(fix.line, fix.file) };
    case 'approve':
      return command(vscode.l10n.t('Review'), COMMANDS.serverApprove, node(fix.server));
    case 'restart':
      return command(vscode.l10n.t('Restart'), COMMANDS.serverRestart, node(fix.server));
    case 'showOutput':
      return command(vscode.l10n.t('Show Output'), COMMANDS.serverShowOutput, node(fix.server));
    case 'turnRoutingOn':
      return command(vscode.l10n.t('Turn Routing On'), COMMANDS.routingToggle);
    case 'manageTrust':
      return command(vscode.l10n.t('Manage Trust'), 'workbench.trust.manage');
    case 'openSetting':
      return command(vscode.l10n.t('Open Settings'), 'workbench.action.openSettings', fix.setting);
  }
}
