/** Owns how a command fails: what went wrong is logged whole, and shown in words for people. */
import * as vscode from 'vscode';
import { AppError, isAppError, messageOf } from '../util/errors';
import type { Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { plainMessage } from './plainMessage';

export function registerCommand(id: string, logger: Logger, run: (...args: never[]) => unknown): Disposable {
  return vscode.commands.registerCommand(id, async (...args: never[]) => {
    try {
      return await run(...args);
    } catch (error) {
      // The user said no: no news to him.
      if (isAppError(error, 'cancelled')) return undefined;
      logger.error(`${id} failed`, error);
      void vscode.window.showErrorMessage(
        plainMessage(
          error instanceof AppError && error.userFacing
            ? error.message
            : vscode.l10n.t('MCP Shark could not do that: {0}', messageOf(error)),
        ),
      );
      return undefined;
    }
  });
}
