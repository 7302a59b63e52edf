/**
 * Owns asking for approval of servers: one notification when something waits, and the question itself, which shows what
 * would run, in full, and why it is asked. Nothing is approved but what was shown.
 */
import * as vscode from 'vscode';
import type { FieldChange, GovernanceApi, PendingServer } from '../contract/governance';
import { visible } from '../security/visible';
import type { Event } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { messageOf } from '../util/errors';
import { plainMessage } from './plainMessage';

export type ApprovalPort = Pick<GovernanceApi, 'pending' | 'refused' | 'approveServer' | 'refuseServer'>;

/** Characters of what runs, and of one other field, and how many fields a dialog shows; the rest is shown on a page. */
const MAX_COMMAND = 1500;
const MAX_FIELD = 300;
const MAX_FIELDS = 25;

/** Tells of servers that begin to wait; each version of a server is told of once. */
export function watchApprovals(port: ApprovalPort, onDidChange: Event<unknown>, logger: Logger): Disposable {
  const store = new DisposableStore();
  const told = new Set<string>();
  const look = (): void => {
    const fresh = port.pending().filter(({ id, hash }) => !told.has(`${id} ${hash}`));
    if (fresh.length === 0) return;
    for (const { id, hash } of fresh) told.add(`${id} ${hash}`);
    void tell(port, fresh).catch((error: unknown) => {
      logger.error(`An approval failed: ${messageOf(error)}`, error);
      void vscode.window.showErrorMessage(plainMessage(vscode.l10n.t('Nothing was decided: {0}', messageOf(error))));
    });
  };
  store.add(onDidChange(look));
  look();
  return store;
}

async function tell(port: ApprovalPort, fresh: readonly PendingServer[]): Promise<void> {
  const review = vscode.l10n.t('Review');
  const names = fresh.map(({ name }) => `"${name}"`).join(', ');
  const [first] = fresh;
  const words =
    fresh.length === 1 && first
      ? first.why.kind === 'new'
        ? vscode.l10n.t('The MCP server {0} is new and is not started before you approve it.', names)
        : vscode.l10n.t('The MCP server {0} has changed since you approved it and is not started before you approve it again.', names)
      : vscode.l10n.t('{0} MCP servers are not started before you approve them: {1}.', fresh.length, names);
  if ((await vscode.window.showWarningMessage(plainMessage(words), review)) !== review) return;
  for (const { id, hash } of fresh) {
    // What waits may have changed while the notification stood there; only what waits now is asked about.
    const now = port.pending().find((one) => one.id === id && one.hash === hash);
    if (now && !(await askApproval(port, now))) return;
  }
}

/** Asks about every server that waits; or about the one of this name, also where the user has refused it before. */
export async function reviewApprovals(port: ApprovalPort, name?: string): Promise<void> {
  const pending = name === undefined ? port.pending() : [...port.pending(), ...port.refused()].filter((server) => server.name === name);
  if (pending.length === 0) {
    void vscode.window.showInformationMessage(
      name === undefined ? vscode.l10n.t('No server waits for approval.') : vscode.l10n.t('"{0}" does not wait for approval.', plainMessage(name)),
    );
    return;
  }
  for (const server of pending) if (!(await askApproval(port, server))) return;
}

/** `false`: the question was put off. */
export async function askApproval(port: ApprovalPort, server: PendingServer): Promise<boolean> {
  const approve = vscode.l10n.t('Approve');
  const refuse = vscode.l10n.t('Do Not Start');
  const showAll = vscode.l10n.t('Show in Full');
  const question =
    server.why.kind === 'new'
      ? vscode.l10n.t('Start the MCP server "{0}"?', server.name)
      : vscode.l10n.t('Start the changed MCP server "{0}"?', server.name);
  const { detail, full } = approvalText(server);
  const isCut = detail !== full;
  // What does not fit could hold what matters: it is looked at before anything can be approved.
  const hint = isCut ? `\n\n${vscode.l10n.t('This is not all of it. Look at it in full before you decide.')}` : '';
  let answer = await vscode.window.showWarningMessage(question, { modal: true, detail: detail + hint }, isCut ? showAll : approve, refuse);
  if (answer === showAll) {
    const content = `${question}\n\n${full}\n`;
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: 'plaintext' }), { preview: true });
    answer = await vscode.window.showWarningMessage(plainMessage(question), approve, refuse);
  }
  if (answer === approve) await port.approveServer(server.id, server.hash);
  else if (answer === refuse) await port.refuseServer(server.id, server.hash);
  return answer !== undefined;
}

/** What would run and why it is asked, as plain lines: as much as fits a dialog, and all of it. */
export function approvalText(server: PendingServer): { readonly detail: string; readonly full: string } {
  return { detail: linesOf(server, MAX_COMMAND, MAX_FIELD, MAX_FIELDS), full: linesOf(server, Infinity, Infinity, Infinity) };
}

function linesOf({ commandLine, fields, why, about, file, line, transport }: PendingServer, maxCommand: number, maxField: number, maxFields: number): string {
  const cutTo = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);
  // Texts of a file: on one line each, so that none can pass for a line of ours.
  const cut = (text: string): string => cutTo(visible(text.replaceAll(/[\r\n]+/g, ' ')), maxField);
  const runs = cutTo(visible(commandLine.replaceAll(/[\r\n]+/g, ' ')), maxCommand);
  const change = ({ field: name, before, after }: FieldChange): string => {
    const field = cut(name);
    if (before === undefined) return vscode.l10n.t('{0} was added: {1}', field, cut(after ?? ''));
    if (after === undefined) return vscode.l10n.t('{0} was removed: {1}', field, cut(before));
    return before === after
      ? vscode.l10n.t('{0} changed (its value is a secret and not shown)', field)
      : vscode.l10n.t('{0} was: {1}\n{0} is: {2}', field, cut(before), cut(after));
  };
  const some = (lines: readonly string[]): string[] =>
    lines.length > maxFields ? [...lines.slice(0, maxFields), vscode.l10n.t('and {0} more', lines.length - maxFields)] : [...lines];
  return [
    transport === 'stdio'
      ? vscode.l10n.t('This program is started with your rights:\n{0}', runs)
      : vscode.l10n.t('Messages of your AI client are sent to:\n{0}', runs),
    why.kind === 'new'
      ? vscode.l10n.t('It is asked because you have not approved this server before.')
      : [
          vscode.l10n.t('It is asked again because it changed since you approved it on {0}:', new Date(why.approvedMs).toLocaleDateString()),
          ...some(why.changes.map(change)),
        ].join('\n'),
    why.kind === 'new' ? some(fields.map(({ field, text }) => `${cut(field)}: ${cut(text)}`)).join('\n') : '',
    [
      ...(about.purpose ? [vscode.l10n.t('Purpose: {0}', cut(about.purpose))] : []),
      ...(about.owner ? [vscode.l10n.t('Owner: {0}', cut(about.owner))] : []),
      ...(about.permissions?.length ? [vscode.l10n.t('Expected permissions: {0}', cut(about.permissions.join(', ')))] : []),
      ...(about.note ? [vscode.l10n.t('Note: {0}', cut(about.note))] : []),
    ].join('\n'),
    `${vscode.workspace.asRelativePath(file)}:${line}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}
