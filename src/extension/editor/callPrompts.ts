/** Owns what is asked before something of a server reaches out: opening an address, sending a recorded call again. */
import * as vscode from 'vscode';
import { shownName } from '../security/visible';
import type { CheckedLink, ResendQuestion } from '../services/callActions';
import { plainMessage, shownText } from './plainMessage';

/** Shows where the link really goes, and opens it when the user agrees. */
export async function openLink(link: CheckedLink): Promise<void> {
  await askToOpen(link, {
    question: vscode.l10n.t('Open this link in the browser?'),
    remark: vscode.l10n.t('The link comes from a recorded message.'),
    open: vscode.l10n.t('Open Link'),
    copy: vscode.l10n.t('Copy Link'),
  });
}

export interface OpenQuestion {
  readonly question: string;
  /** What else there is to know; empty: nothing. */
  readonly remark: string;
  readonly open: string;
  readonly copy: string;
}

/** Shows the whole address with its host. Gives whether it was opened. */
export async function askToOpen({ url, host, readableHost, hasUser }: CheckedLink, { question, remark, open, copy }: OpenQuestion): Promise<boolean> {
  const detail = [
    url,
    readableHost === undefined ? vscode.l10n.t('Host: {0}', host) : vscode.l10n.t('Host: {0}, written as {1}. Such names can look like others.', host, readableHost),
    ...(hasUser ? [vscode.l10n.t('What stands before the @ is a user name, not the host.')] : []),
    ...(remark === '' ? [] : [remark]),
  ].join('\n\n');
  const choice = await vscode.window.showWarningMessage(plainMessage(question), { modal: true, detail }, open, copy);
  if (choice === copy) await vscode.env.clipboard.writeText(url);
  return choice === open && (await vscode.env.openExternal(vscode.Uri.parse(url, true)));
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
    ...(argumentsText === '' ? [] : [shownText(argumentsText.length >= 1_000 ? `${argumentsText}…` : argumentsText)]),
  ].join('\n\n');
  // Names and arguments come from recorded messages, and so from anyone.
  const question = plainMessage(vscode.l10n.t('Send {0} to {1} again?', shownName(what), shownName(server)));
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, send)) === send;
}
