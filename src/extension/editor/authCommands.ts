/** Owns signing in to and out of servers by command: choose a server that is reached by HTTP, then say how it went. */
import * as vscode from 'vscode';
import { targetOf } from '../auth/target';
import type { UpstreamAuth, UpstreamTarget } from '../auth/types';
import type { ConfiguredServer, ServerResolver } from '../servers/types';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { COMMANDS } from './ids';
import { registerCommand } from './registerCommand';

export interface AuthCommandParts {
  readonly auth: UpstreamAuth;
  readonly servers: () => readonly ConfiguredServer[];
  readonly resolver: ServerResolver;
  readonly logger: Logger;
}

export function registerAuthCommands(parts: AuthCommandParts): Disposable {
  const { auth, logger } = parts;
  const store = new DisposableStore();
  store.add(
    registerCommand(COMMANDS.authSignIn, logger, async () => {
      const target = await pickTarget(parts, vscode.l10n.t('Sign in to which server?'));
      if (!target) return;
      const signedIn = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Signing in to {0}', target.name),
          cancellable: true,
        },
        (_progress, token) => {
          const abort = new AbortController();
          token.onCancellationRequested(() => abort.abort());
          return auth.signIn(target, abort.signal);
        },
      );
      void vscode.window.showInformationMessage(
        signedIn
          ? vscode.l10n.t('Signed in to {0}.', target.name)
          : vscode.l10n.t('{0} offers no OAuth. If it needs a token, put it into "headers".', target.name),
      );
    }),
  );
  store.add(
    registerCommand(COMMANDS.authSignOut, logger, async () => {
      const target = await pickTarget(parts, vscode.l10n.t('Sign out of which server?'));
      if (!target) return;
      void vscode.window.showInformationMessage(
        (await auth.forget(target))
          ? vscode.l10n.t('Signed out of {0}: its tokens are deleted.', target.name)
          : vscode.l10n.t('There was no sign-in to {0}.', target.name),
      );
    }),
  );
  return store;
}

async function pickTarget({ servers, resolver }: AuthCommandParts, title: string): Promise<UpstreamTarget | undefined> {
  // Resolving runs the commands that inputs name, and both commands talk to the server: the file must be trusted first.
  if (!vscode.workspace.isTrusted) {
    await vscode.commands.executeCommand('workbench.trust.manage');
    return undefined;
  }
  const items = servers().flatMap((server) =>
    server.config.type === 'stdio' ? [] : [{ label: server.name, description: server.config.url, server }],
  );
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No configured server is reached by HTTP.'));
    return undefined;
  }
  const picked = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title });
  if (!picked) return undefined;
  const resolved = await resolver.resolve(picked.server);
  return resolved.type === 'stdio' ? undefined : targetOf(resolved);
}
