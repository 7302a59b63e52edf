/**
 * Owns the token of clients outside the editor: made when the user asks for one, kept in SecretStorage, shown once. It
 * outlives the window, so that what stands in a client's configuration stays good; a new one makes the old one worthless.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { STATE_KEYS } from './ids';

export class ClientToken implements Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #changed = this.#lifetime.add(new Emitter<void>());
  #value: string | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly logger: Logger,
  ) {
    // Another window may make a new one.
    this.#lifetime.add(
      secrets.onDidChange(({ key }) => {
        if (key === STATE_KEYS.clientToken) void this.load();
      }),
    );
  }

  get value(): string | undefined {
    return this.#value;
  }

  /** Never rejects: a keyring that is locked must not keep MCP Shark from starting; other clients are refused then. */
  async load(): Promise<void> {
    let value: string | undefined;
    try {
      value = await this.secrets.get(STATE_KEYS.clientToken);
    } catch (error) {
      this.logger.warn(`The token for other clients cannot be read from the secret storage, so they cannot connect: ${messageOf(error)}`);
    }
    this.#take(value);
  }

  #take(value: string | undefined): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#changed.fire();
  }

  /** Asks before it replaces one; shows the new one with the means to copy it. */
  async make(): Promise<void> {
    if (this.#value !== undefined) {
      const replace = vscode.l10n.t('Make a New Token');
      const answer = await vscode.window.showWarningMessage(
        vscode.l10n.t('Replace the token for other clients?'),
        { modal: true, detail: vscode.l10n.t('Clients that use the one there is can no longer connect until their configuration holds the new one.') },
        replace,
      );
      if (answer !== replace) return;
    }
    const token = randomBytes(32).toString('base64url');
    await this.secrets.store(STATE_KEYS.clientToken, token);
    this.#take(token);
    const copy = vscode.l10n.t('Copy');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('The token for other clients'),
      {
        modal: true,
        detail: vscode.l10n.t('{0}\n\nIt is shown this once, and kept in the secret storage of the editor. Whoever has it can use your servers from this machine.', token),
      },
      copy,
    );
    if (answer === copy) await vscode.env.clipboard.writeText(token);
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}
