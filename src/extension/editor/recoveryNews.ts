/**
 * Owns telling, once, what the audit log had to recover when it was opened, or found damaged later: traffic of a window that ended
 * badly is there again, and what could not be read is kept aside.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { Recovery } from '../store/types';
import type { Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { COMMANDS } from './ids';

export function watchRecovery(application: Application, logger: Logger): Disposable {
  return application.onDidRecover((recovery) => {
    logger.info(recoveryWords(recovery));
    if (recovery.frames === 0 && recovery.damagedEntries === 0 && recovery.quarantined.length === 0) return;
    const show = vscode.l10n.t('Show Traffic');
    const isHarmless = recovery.damagedEntries === 0 && recovery.quarantined.length === 0;
    const tell = isHarmless ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    void tell(recoveryWords(recovery), show).then((answer) => {
      if (answer === show) void vscode.commands.executeCommand(COMMANDS.trafficShow);
    });
  });
}

export function recoveryWords({ journals, frames, damagedEntries, tornBytes, quarantined }: Recovery): string {
  const counted = (count: number, one: string, many: string): string => (count === 1 ? one : many.replace('{0}', count.toLocaleString()));
  return [
    journals > 0
      ? vscode.l10n.t('A window ended without closing the audit log. {0} recovered.', counted(frames, vscode.l10n.t('1 message was'), vscode.l10n.t('{0} messages were')))
      : vscode.l10n.t('Some of what was recorded is damaged on disk.'),
    ...(tornBytes > 0 ? [vscode.l10n.t('A last, half-written message had not been passed on and is left out.')] : []),
    ...(damagedEntries > 0 ? [counted(damagedEntries, vscode.l10n.t('1 damaged entry can not be read.'), vscode.l10n.t('{0} damaged entries can not be read.'))] : []),
    ...(quarantined.length > 0 ? [vscode.l10n.t('What could not be read is kept in the folder "quarantine" of the audit log.')] : []),
  ].join(' ');
}
