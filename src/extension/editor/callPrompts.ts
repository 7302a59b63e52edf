/** Owns what is asked before a recorded call reaches out of the log: opening one of its links, sending it again. */
import * as vscode from 'vscode';
import type { CheckedLink, ResendQuestion } from '../services/callActions';

/** Shows where the link really goes, and opens it when the user agrees. */
export async function openLink({ url, host, readableHost, hasUser }: CheckedLink): Promise<void> {
  const open = vscode.l10n.t('Open Link');
  const copy = vscode.l10n.t('Copy Link');
  const detail = [
    url,
    readableHost === undefined ? vscode.l10n.t('Host: {0}', host) : vscode.l10n.t('Host: {0}, written as {1}. Such names can look like others.', host, readableHost),
    ...(hasUser ? [vscode.l10n.t('What stands before the @ is a user name, not the host.')] : []),
    vscode.l10n.t('The link comes from a recorded message.'),
  ].join('\n\n');
  const choice = await vscode.window.showWarningMessage(vscode.l10n.t('Open this link in the browser?'), { modal: true, detail }, open, copy);
  if (choice === copy) await vscode.env.clipboard.writeText(url);
  if (choice === open) await vscode.env.openExternal(vscode.Uri.parse(url, true));
}

export async function confirmResend({ server, what, isTool, isReadOnly, isRedacted, argumentsText }: ResendQuestion): Promise<boolean> {
  const send = vscode.l10n.t('Send Again');
  const detail = [
    ...(isReadOnly === true
      ? []
      : [
          !isTool
            ? vscode.l10n.t('It may change something.')
            : isReadOnly === false
              ? vscode.l10n.t('The server does not mark this tool as read-only: it may change something a second time.')
              : vscode.l10n.t('The definition of this tool is not in the log: it may change something a second time.'),
        ]),
    ...(isRedacted ? [vscode.l10n.t('Secrets were hidden when it was recorded. Their marks would be sent instead; open it in the Playground to fill them in.')] : []),
    ...(argumentsText === '' ? [] : [argumentsText.length >= 1_000 ? `${argumentsText}…` : argumentsText]),
  ].join('\n\n');
  return (await vscode.window.showWarningMessage(vscode.l10n.t('Send {0} to {1} again?', what, server), { modal: true, detail }, send)) === send;
}
