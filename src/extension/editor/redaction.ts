/** Owns redaction as the user's settings have it: followed while VS Code runs; what is wrong with them is said once. */
import * as vscode from 'vscode';
import { createLiveRedactor } from '../capture/liveRedactor';
import type { Redactor } from '../capture/redactor';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { SETTINGS } from './ids';

const OPEN = 'Open Settings';

export function createEditorRedactor(logger: Logger): { readonly redactor: Redactor } & Disposable {
  const lifetime = new DisposableStore();
  const { redactionKeys, redactionPatterns, redactionOff } = SETTINGS;
  const setting = (id: string): unknown => vscode.workspace.getConfiguration().get(id);
  const live = createLiveRedactor(() => ({ keys: setting(redactionKeys), patterns: setting(redactionPatterns), off: setting(redactionOff) }));
  let said = '';
  const update = (): void => {
    const problems = live.update().map((problem) => `mcpShark.redaction.${problem}`);
    const text = problems.join('\n');
    if (text !== '' && text !== said) {
      for (const problem of problems) logger.warn(problem);
      const [first = ''] = problems;
      const more = problems.length > 1 ? ` (${problems.length - 1} more in the log.)` : '';
      void vscode.window.showWarningMessage(`${first}${more}`, OPEN).then((choice) => {
        if (choice === OPEN) void vscode.commands.executeCommand('workbench.action.openSettings', 'mcpShark.redaction');
      });
    }
    said = text;
  };
  update();
  lifetime.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if ([redactionKeys, redactionPatterns, redactionOff].some((id) => event.affectsConfiguration(id))) update();
    }),
  );
  return { redactor: live.redactor, dispose: () => lifetime.dispose() };
}
