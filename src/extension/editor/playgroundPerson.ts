/** Owns the questions the Playground asks: before destructive tools, before addresses are opened, for values of variables. */
import * as vscode from 'vscode';
import type { ServerRequest } from '../contract/playgroundRequests';
import type { Confirmation, Person } from '../playground/ports';
import { shownName } from '../security/visible';
import { checkedLink } from '../services/callActions';
import { askToOpen } from './callPrompts';
import { askModel, listModels } from './languageModels';
import { plainMessage, shownText } from './plainMessage';

const MAX_SHOWN = 2_000;

/** A notice that a server waits for an answer; gives whether the person wants to see the question. */
export async function tellOfRequest({ server, kind }: ServerRequest): Promise<boolean> {
  const show = vscode.l10n.t('Show');
  const name = shownName(server);
  const words = {
    form: vscode.l10n.t('{0} asks you something, and waits for your answer in the Playground.', name),
    url: vscode.l10n.t('{0} asks you to open a page, and waits for your answer in the Playground.', name),
    sampling: vscode.l10n.t("{0} asks for a language model's answer, and waits in the Playground.", name),
  } satisfies Record<ServerRequest['kind'], string>;
  return (await vscode.window.showInformationMessage(plainMessage(words[kind]), show)) === show;
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
    return askToOpen(checkedLink(url), {
      question: vscode.l10n.t('{0} asks you to open this address', shownName(server)),
      remark: message === '' ? '' : vscode.l10n.t('{0} says: {1}', shownName(server), shownText(message.slice(0, MAX_SHOWN))),
      open: vscode.l10n.t('Open in Browser'),
      copy: vscode.l10n.t('Copy Address'),
    });
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
