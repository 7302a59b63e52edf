/**
 * Owns what signing in to upstream servers needs of VS Code: SecretStorage, the consent dialog, the browser, and the
 * ways back from it. Local windows use the loopback listener; remote ones and the web use the URI handler, and a
 * forwarded loopback port where an authorization server does not take the editor's scheme. The flow itself is in auth/.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { loopbackRedirect } from '../auth/loopbackRedirect';
import { AnswerDesk, decodedQuery } from '../auth/redirectAnswer';
import type { BrowserPort, ConsentPort, ConsentRequest, RedirectPort, SecretPort, UpstreamAuth } from '../auth/types';
import { createUpstreamAuth } from '../auth/upstreamAuth';
import type { Clock } from '../util/clock';
import { toDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';

const CALLBACK_PATH = '/oauth/callback';

/** One per window: an extension has one URI handler. Disposing ends every sign-in under way. */
export function createEditorAuth(
  context: Pick<vscode.ExtensionContext, 'secrets' | 'extension'>,
  clock: Clock,
  logger: Logger,
): UpstreamAuth {
  const desk = new AnswerDesk();
  const handler = vscode.window.registerUriHandler({
    handleUri(uri) {
      if (uri.path === CALLBACK_PATH && !desk.deliver(decodedQuery(uri.query))) {
        logger.info('An answer to a sign-in came that nobody waits for.');
      }
    },
  });
  const auth = createUpstreamAuth({
    secrets: secretPort(context.secrets),
    browser,
    consent,
    redirects: redirects(desk, context.extension.id),
    // VS Code patches it with the user's proxy settings and certificates; looked up late for that.
    fetch: (url, init) => globalThis.fetch(url, init),
    clock,
    logger,
    randomId: (bytes) => randomBytes(bytes).toString('base64url'),
  });
  return {
    known: (server) => auth.known(server),
    authorization: (server, signal) => auth.authorization(server, signal),
    challenged: (server, challenge, signal) => auth.challenged(server, challenge, signal),
    signIn: (server, signal) => auth.signIn(server, signal),
    forget: (server) => auth.forget(server),
    dispose() {
      handler.dispose();
      auth.dispose();
    },
  };
}

function secretPort(secrets: vscode.SecretStorage): SecretPort {
  return {
    get: async (key) => secrets.get(key),
    set: async (key, value) => secrets.store(key, value),
    delete: async (key) => secrets.delete(key),
    onDidChange: (listener) => secrets.onDidChange(({ key }) => listener(key)),
  };
}

const browser: BrowserPort = {
  // As text: a vscode.Uri decodes and encodes the query again and so spoils redirect_uri and state. VS Code takes text
  // here too (extHostWindow.openUri), the typings do not say so.
  open: async (url) => vscode.env.openExternal(url as unknown as vscode.Uri),
};

const consent: ConsentPort = {
  async ask(request) {
    const { server, serverOrigin, issuerHost, authorizationHost, scopes, reason } = request;
    const question =
      reason === 'signIn'
        ? vscode.l10n.t('Sign in to MCP server "{0}" at {1}?', server, issuerHost)
        : vscode.l10n.t('MCP server "{0}" asks for more rights. Grant them at {1}?', server, issuerHost);
    const detail = [
      vscode.l10n.t('The server at {0} asks for it. MCP Shark opens your browser at {1}.', serverOrigin, authorizationHost),
      ...(scopes.length > 0 ? [vscode.l10n.t('Rights asked for: {0}', clip(scopes.join(', ')))] : []),
      vscode.l10n.t('Go on only if you know this server and trust {0}.', issuerHost),
    ].join('\n\n');
    const open = vscode.l10n.t('Open Browser');
    return (await vscode.window.showInformationMessage(question, { modal: true, detail }, open)) === open;
  },
  waiting: (request, cancel) => showWaiting(request, cancel),
};

function showWaiting({ server, issuerHost }: ConsentRequest, cancel: () => void): Disposable {
  let done: (() => void) | undefined;
  const over = new Promise<void>((resolve) => (done = resolve));
  void vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Waiting for the sign-in to "{0}" at {1} in the browser', server, issuerHost),
      cancellable: true,
    },
    (_progress, token) => {
      const listening = token.onCancellationRequested(cancel);
      return over.finally(() => listening.dispose());
    },
  );
  return toDisposable(() => done?.());
}

function redirects(desk: AnswerDesk, extensionId: string): readonly RedirectPort[] {
  const texts = {
    title: 'MCP Shark',
    done: vscode.l10n.t('MCP Shark has received the answer. You can close this page and go back to the editor.'),
    refused: vscode.l10n.t('This is not the answer MCP Shark is waiting for. Start the sign-in again from the editor.'),
  };
  const external = async (uri: string): Promise<string> => (await vscode.env.asExternalUri(vscode.Uri.parse(uri))).toString(true);
  const uriHandler: RedirectPort = {
    open: async (state) => desk.expect(state, await external(`${vscode.env.uriScheme}://${extensionId}${CALLBACK_PATH}`)),
  };
  const isRemote = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  return isRemote ? [uriHandler, loopbackRedirect({ texts, external })] : [loopbackRedirect({ texts }), uriHandler];
}

/** Scopes are the server's text: a dialog must stay readable. */
function clip(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
