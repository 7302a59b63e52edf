/** Owns activation and deactivation: starts MCP Shark, shows why when it can not start, and waits for its end. */
import * as vscode from 'vscode';
import { start, type Running } from './editor/activate';
import { messageOf } from './util/errors';

let running: Promise<Running> | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  running = start(context);
  try {
    await running;
  } catch (error) {
    running = undefined;
    void vscode.window.showErrorMessage(vscode.l10n.t('MCP Shark could not start: {0}', messageOf(error)));
    throw error;
  }
}

export async function deactivate(): Promise<void> {
  const current = await running?.catch(() => undefined);
  running = undefined;
  await current?.close();
}
