/**
 * Owns `${input:id}` values: asked for when a server first needs one, kept in SecretStorage, never written to a file or
 * to the log. Cancelling the question cancels the start of that server.
 *
 * A value is kept for the file that asks and for where it goes: program or host. An entry that is changed to send it
 * elsewhere, or one of the same name in another project, does not get what was given before; it is asked for anew.
 */
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { fetchedPackage } from '../security/commandLine';
import type { InputPort } from '../servers/resolver';
import type { ConfiguredServer, InputDefinition } from '../servers/types';
import { STATE_KEYS } from './ids';
import { plainMessage } from './plainMessage';

type Asker = Pick<ConfiguredServer, 'name' | 'file' | 'config'>;

export class SecretInputs implements InputPort {
  /** One question at a time per input, however many servers wait for it. */
  readonly #asking = new Map<string, Promise<string | undefined>>();

  constructor(private readonly context: Pick<vscode.ExtensionContext, 'secrets' | 'workspaceState'>) {}

  get(input: InputDefinition, server: Asker): Promise<string | undefined> {
    const key = keyOf(input.id, server);
    let answer = this.#asking.get(key);
    if (!answer) {
      answer = this.#ask(key, input, server.name).finally(() => this.#asking.delete(key));
      this.#asking.set(key, answer);
    }
    return answer;
  }

  /** Keeps a value that was written down elsewhere, so that it is not asked for. */
  async store(server: Asker, id: string, value: string): Promise<void> {
    await this.#keep(keyOf(id, server), value);
  }

  /** Forgets every stored value that this workspace has used; gives how many there were. */
  async forgetAll(): Promise<number> {
    const keys = this.#index();
    await Promise.all(keys.map((key) => this.context.secrets.delete(key)));
    await this.context.workspaceState.update(STATE_KEYS.inputIndex, undefined);
    return keys.length;
  }

  async #ask(key: string, input: InputDefinition, server: string): Promise<string | undefined> {
    const stored = await this.context.secrets.get(key);
    if (stored !== undefined) {
      // Of the user's own servers it may have been given in another workspace: this one can forget it too.
      await this.#note(key);
      return stored;
    }
    const value = await prompt(input, server);
    if (value !== undefined) await this.#keep(key, value);
    return value;
  }

  async #keep(key: string, value: string): Promise<void> {
    await this.context.secrets.store(key, value);
    await this.#note(key);
  }

  async #note(key: string): Promise<void> {
    const keys = this.#index();
    if (!keys.includes(key)) await this.context.workspaceState.update(STATE_KEYS.inputIndex, [...keys, key]);
  }

  #index(): readonly string[] {
    return this.context.workspaceState.get<string[]>(STATE_KEYS.inputIndex, []);
  }
}

function keyOf(id: string, { file, config }: Asker): string {
  return STATE_KEYS.inputPrefix + createHash('sha256').update(JSON.stringify([file, id, destinationOf(config)])).digest('hex');
}

/** What a value is given to, as written: the host, or the program. Another version of a package is the same program. */
function destinationOf(config: ConfiguredServer['config']): readonly string[] {
  if (config.type !== 'stdio') {
    const url = URL.parse(config.url);
    // A placeholder in the host makes it no address, or one of anything: then all of it counts.
    return ['url', url && !url.host.includes('%') && !config.url.slice(0, url.origin.length).includes('${') ? url.origin : config.url];
  }
  const fetched = fetchedPackage(config);
  const { word, start, name } = fetched && !fetched.isAddress ? fetched : {};
  const at = word?.path[0] === 'args' ? word.path[1] : undefined;
  return ['command', config.command, ...config.args.map((arg, index) => (index === at ? arg.slice(0, start) + (name ?? '') : arg))];
}

async function prompt(input: InputDefinition, server: string): Promise<string | undefined> {
  const title = vscode.l10n.t('MCP Shark: input for server {0}', server);
  switch (input.type) {
    case 'promptString':
      return vscode.window.showInputBox({
        title,
        // The prompt of an input box can hold links, as a notification can.
        prompt: plainMessage(input.description ?? input.id),
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
