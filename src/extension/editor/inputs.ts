/**
 * Owns `${input:id}` values: asked for when a server first needs one, kept in SecretStorage, never written to a file or
 * to the log. Cancelling the question cancels the start of that server.
 */
import * as vscode from 'vscode';
import type { InputDefinition } from '../servers/types';
import type { InputPort } from '../servers/resolver';
import { STATE_KEYS } from './ids';

export class SecretInputs implements InputPort {
  /** One question at a time per input, however many servers wait for it. */
  readonly #asking = new Map<string, Promise<string | undefined>>();

  constructor(private readonly context: vscode.ExtensionContext) {}

  get(input: InputDefinition, server: string): Promise<string | undefined> {
    const key = this.#keyOf(input.id);
    let answer = this.#asking.get(key);
    if (!answer) {
      answer = this.#ask(key, input, server).finally(() => this.#asking.delete(key));
      this.#asking.set(key, answer);
    }
    return answer;
  }

  /** Forgets every stored value of this workspace; gives how many there were. */
  async forgetAll(): Promise<number> {
    const keys = this.context.workspaceState.get<string[]>(STATE_KEYS.inputIndex, []);
    await Promise.all(keys.map((key) => this.context.secrets.delete(key)));
    await this.context.workspaceState.update(STATE_KEYS.inputIndex, undefined);
    return keys.length;
  }

  async #ask(key: string, input: InputDefinition, server: string): Promise<string | undefined> {
    const stored = await this.context.secrets.get(key);
    if (stored !== undefined) return stored;
    const value = await prompt(input, server);
    if (value === undefined) return undefined;
    await this.context.secrets.store(key, value);
    const keys = this.context.workspaceState.get<string[]>(STATE_KEYS.inputIndex, []);
    await this.context.workspaceState.update(STATE_KEYS.inputIndex, [...new Set([...keys, key])]);
    return value;
  }

  /** Per workspace: the same id may mean another secret in another project. */
  #keyOf(id: string): string {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.toString() ?? '';
    return `${STATE_KEYS.inputPrefix}${folder}:${id}`;
  }
}

async function prompt(input: InputDefinition, server: string): Promise<string | undefined> {
  const title = vscode.l10n.t('MCP Shark: input for server {0}', server);
  switch (input.type) {
    case 'promptString':
      return vscode.window.showInputBox({
        title,
        prompt: input.description ?? input.id,
        value: input.default ?? '',
        password: input.password === true,
        ignoreFocusOut: true,
      });
    case 'pickString': {
      const items = input.options.map((option) => ({ label: option.label, value: option.value }));
      const picked = await vscode.window.showQuickPick(items, {
        title,
        placeHolder: input.description ?? input.id,
        ignoreFocusOut: true,
      });
      return picked?.value;
    }
    case 'command': {
      const value = await vscode.commands.executeCommand<unknown>(input.command, input.args);
      return typeof value === 'string' ? value : undefined;
    }
  }
}
