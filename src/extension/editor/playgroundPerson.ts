/** Owns the questions the Playground asks: before destructive tools, before addresses are opened, for values of variables. */
import * as vscode from 'vscode';
import type { Confirmation, Person } from '../playground/ports';
import { shownName, visible } from '../security/visible';
import { checkedLink } from '../services/callActions';
import { askModel, listModels } from './languageModels';
import { plainMessage } from './plainMessage';

const MAX_SHOWN = 2_000;

/** Lines stay; what cannot be seen in them is written out. */
function shownText(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

export const editorPerson: Person = {
  models: listModels,
  ask: askModel,

  async confirm({ server, tool, argumentsText, why }: Confirmation) {
    const run = vscode.l10n.t('Run');
    const always = vscode.l10n.t("Run, Don't Ask Again for This Tool");
    const reason =
      why === 'destructive'
        ? vscode.l10n.t('Its server does not rule out that it destroys something.')
        : why === 'notReadOnly'
          ? vscode.l10n.t('It can change something.')
          : vscode.l10n.t('You asked to be asked before every tool.');
    const shown = shownText(argumentsText.length > MAX_SHOWN ? `${argumentsText.slice(0, MAX_SHOWN)}…` : argumentsText);
    const name = shownName(tool);
    const detail = [reason, vscode.l10n.t('Server: {0}', shownName(server)), vscode.l10n.t('Tool: {0}', name), vscode.l10n.t('Arguments:'), shown].join('\n');
    const choice = await vscode.window.showWarningMessage(plainMessage(vscode.l10n.t('Run {0}?', name)), { modal: true, detail }, run, always);
    return choice === run ? 'once' : choice === always ? 'always' : 'no';
  },

  async openUrl(server, url, message) {
    // What is shown is what is opened: an address that reads otherwise is refused here.
    const link = checkedLink(url);
    const open = vscode.l10n.t('Open in Browser');
    const copy = vscode.l10n.t('Copy Address');
    const host = link.readableHost === undefined ? link.host : vscode.l10n.t('{0}, written as {1}. Such names can look like others.', link.host, link.readableHost);
    const detail = [
      link.url,
      vscode.l10n.t('Host: {0}', host),
      ...(link.hasUser ? [vscode.l10n.t('What stands before the @ is a user name, not the host.')] : []),
      ...(message === '' ? [] : [vscode.l10n.t('{0} says: {1}', shownName(server), shownText(message.slice(0, MAX_SHOWN)))]),
    ].join('\n\n');
    const choice = await vscode.window.showWarningMessage(plainMessage(vscode.l10n.t('{0} asks you to open this address', shownName(server))), { modal: true, detail }, open, copy);
    if (choice === copy) await vscode.env.clipboard.writeText(link.url);
    return choice === open && (await vscode.env.openExternal(vscode.Uri.parse(link.url, true)));
  },

  async variable(name, call) {
    return vscode.window.showInputBox({
      title: plainMessage(vscode.l10n.t('Saved call: {0}', shownName(call))),
      prompt: vscode.l10n.t('Value of {0}', name),
      // A value that is asked for is often one that is not to be saved.
      password: /pass|secret|token|key/i.test(name),
      ignoreFocusOut: true,
    });
  },
};
