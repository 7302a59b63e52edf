/**
 * Owns the offer to put configurations back when routing is turned off. What would be put back is shown before anything
 * is written: as a list of files, and on wish each of them in the diff editor.
 */
import * as vscode from 'vscode';
import type { PlanView } from '../contract/setup';
import type { SetupService } from '../services/setupService';
import { messageOf } from '../util/errors';
import type { Logger } from '../util/logger';
import { plainMessage } from './plainMessage';
import { showPlanned } from './setupDocuments';

/** More tabs at once help nobody; the Setup view shows each file. */
const MAX_SHOWN = 10;
const MAX_LISTED = 15;

/** Servers that were moved out of a client's configuration run nowhere while routing is off. Never rejects. */
export async function offerUndo(service: Pick<SetupService, 'hasDone' | 'plan' | 'apply'>, logger: Logger): Promise<void> {
  try {
    if (!(await service.hasDone())) return;
    const putBack = vscode.l10n.t('Put Configurations Back');
    const wanted = await vscode.window.showInformationMessage(
      vscode.l10n.t('Routing is off. Servers you routed through MCP Shark do not run until you turn it on, or put their configurations back as they were.'),
      putBack,
    );
    if (wanted !== putBack) return;
    const plan = await service.plan({ kind: 'undo', records: 'all' });
    if (!(await isConfirmed(plan))) return;
    await service.apply(plan.id);
    const count = plan.files.length;
    const done = count === 1 ? vscode.l10n.t('1 configuration file was put back.') : vscode.l10n.t('{0} configuration files were put back.', count);
    if (plan.problems.length === 0) void vscode.window.showInformationMessage(done);
    else {
      const left = plan.problems.map(({ fileLabel, message }) => `${fileLabel}: ${message}`).join(' ');
      void vscode.window.showWarningMessage(plainMessage(vscode.l10n.t('{0} These were left as they are: {1}', done, left)));
    }
  } catch (error) {
    logger.error('Configurations could not be put back.', error);
    void vscode.window.showErrorMessage(plainMessage(vscode.l10n.t('The configurations were not put back: {0}', messageOf(error))));
  }
}

async function isConfirmed(plan: PlanView): Promise<boolean> {
  const question = plan.files.length === 1 ? vscode.l10n.t('Put 1 configuration file back?') : vscode.l10n.t('Put {0} configuration files back?', plan.files.length);
  const yes = vscode.l10n.t('Put Back');
  const show = vscode.l10n.t('Show Changes');
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail: undoDetail(plan) }, yes, ...(plan.files.length > 0 ? [show] : []));
  if (answer !== show) return answer === yes;
  for (const { file, fileLabel } of plan.files.slice(0, MAX_SHOWN)) await showPlanned(plan.id, file, fileLabel, false);
  return (await vscode.window.showWarningMessage(question, yes)) === yes;
}

/** Files with what becomes of them, then what is worth knowing, as plain lines. */
export function undoDetail({ files, notes, problems }: PlanView): string {
  const listed = files.slice(0, MAX_LISTED).map(({ fileLabel, kind, linesAdded, linesRemoved }) =>
    kind === 'delete' ? vscode.l10n.t('{0} is taken away', fileLabel) : vscode.l10n.t('{0}: {1} lines in, {2} lines out', fileLabel, linesAdded, linesRemoved),
  );
  const more = files.length > listed.length ? [vscode.l10n.t('and {0} more', files.length - listed.length)] : [];
  const remarks = [...problems, ...notes].slice(0, MAX_LISTED).map(({ fileLabel, message }) => `${fileLabel}: ${message}`);
  return [[...listed, ...more].join('\n'), remarks.join('\n')].filter(Boolean).join('\n\n');
}
