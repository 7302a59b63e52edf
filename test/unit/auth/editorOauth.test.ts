/** The ports over VS Code's API: which way back is taken where, and that addresses arrive in the browser unharmed. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nullLogger } from '../../../src/extension/util/logger';
import { MemorySecrets } from './authFixture';
import { madeUpWeb, PATHS, SERVER } from './hostileWeb';
import { FakeClock } from '../util/fakeClock';

interface FakeUri {
  readonly path: string;
  readonly query: string;
  toString(skipEncoding?: boolean): string;
}

const editor = vi.hoisted(() => ({
  handler: undefined as { handleUri(uri: FakeUri): void } | undefined,
  opened: [] as unknown[],
  questions: [] as unknown[][],
  agrees: true,
  remoteName: undefined as string | undefined,
  onOpen: undefined as ((url: string) => void) | undefined,
}));

vi.mock('vscode', () => ({
  UIKind: { Desktop: 1, Web: 2 },
  ProgressLocation: { Notification: 15 },
  Uri: { parse: (text: string) => ({ toString: () => text }) },
  l10n: { t: (text: string, ...values: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, at: string) => String(values[Number(at)])) },
  env: {
    uriScheme: 'vscode',
    uiKind: 1,
    get remoteName() {
      return editor.remoteName;
    },
    asExternalUri: (uri: { toString(): string }) => Promise.resolve({ toString: () => `${uri.toString()}?windowId=7` }),
    openExternal: (url: unknown) => {
      editor.opened.push(url);
      editor.onOpen?.(String(url));
      return Promise.resolve(true);
    },
  },
  window: {
    registerUriHandler: (handler: typeof editor.handler) => {
      editor.handler = handler;
      return { dispose: () => (editor.handler = undefined) };
    },
    showInformationMessage: (...question: unknown[]) => {
      editor.questions.push(question);
      return Promise.resolve(editor.agrees ? question.at(-1) : undefined);
    },
    withProgress: (_options: unknown, task: (progress: unknown, token: unknown) => Promise<void>) =>
      task({}, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
  },
}));

const { createEditorAuth } = await import('../../../src/extension/editor/oauth');

const target = { name: 'notes', url: SERVER };
const challenge = { status: 401, wwwAuthenticate: 'Bearer scope="a:b"', sent: undefined } as const;

function create(web = madeUpWeb()) {
  vi.stubGlobal('fetch', web.fetch);
  const secrets = new MemorySecrets();
  const context = {
    extension: { id: 'mcpshark.mcp-shark' },
    secrets: {
      get: secrets.get,
      store: secrets.set,
      delete: secrets.delete,
      onDidChange: (listener: (event: { key: string }) => void) => secrets.onDidChange((key) => listener({ key })),
    },
  } as unknown as Parameters<typeof createEditorAuth>[0];
  return { auth: createEditorAuth(context, new FakeClock(), nullLogger), secrets, web };
}

/** VS Code hands a Uri whose query is decoded. */
function comesBack(state: string): void {
  editor.handler!.handleUri({ path: '/oauth/callback', query: `windowId=7&code=a+b%c&state=${state}`, toString: () => '' });
}

beforeEach(() => {
  Object.assign(editor, { opened: [], questions: [], agrees: true, remoteName: undefined, onOpen: undefined });
  return () => vi.unstubAllGlobals();
});

describe('signing in from the editor', () => {
  it('asks first, naming server and issuer, in a dialog that must be answered', async () => {
    editor.agrees = false;
    const { auth } = create();
    await expect(auth.challenged(target, challenge)).rejects.toMatchObject({ code: 'cancelled' });
    const [question, options] = editor.questions[0]!;
    expect(question).toBe('Sign in to MCP server "notes" at login.example.com?');
    expect(options).toMatchObject({ modal: true, detail: expect.stringContaining('https://mcp.example.com') as string });
    expect(editor.opened).toEqual([]);
    auth.dispose();
    expect(editor.handler).toBeUndefined();
  });

  it('comes back through the URI handler in a remote window', async () => {
    editor.remoteName = 'ssh-remote';
    editor.onOpen = (url) => comesBack(new URL(url).searchParams.get('state')!);
    const { auth, web } = create();
    expect(await auth.challenged(target, challenge)).toBe(true);
    const opened = new URL(editor.opened[0] as string);
    expect(opened.searchParams.get('redirect_uri')).toBe('vscode://mcpshark.mcp-shark/oauth/callback?windowId=7');
    const exchange = new URLSearchParams(web.bodies[web.asked.indexOf(PATHS.token)]);
    expect(exchange.get('code')).toBe('a+b%c');
    expect(exchange.get('redirect_uri')).toBe('vscode://mcpshark.mcp-shark/oauth/callback?windowId=7');
    auth.dispose();
  });

  it('gives the browser the address as text: a Uri would change it', async () => {
    editor.remoteName = 'ssh-remote';
    editor.onOpen = (url) => comesBack(new URL(url).searchParams.get('state')!);
    const { auth } = create();
    await auth.challenged(target, challenge);
    expect(editor.opened[0]).toEqual(expect.stringContaining('scope=a%3Ab'));
    auth.dispose();
  });

  it('comes back to the loopback listener in a local window', async () => {
    const realFetch = globalThis.fetch;
    editor.onOpen = (url) => {
      const query = new URL(url).searchParams;
      void realFetch(`${query.get('redirect_uri')}?code=c&state=${query.get('state')}`);
    };
    const { auth } = create();
    expect(await auth.challenged(target, challenge)).toBe(true);
    expect(new URL(editor.opened[0] as string).searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
    auth.dispose();
  });

  it('pays no heed to answers that nobody waits for', () => {
    const { auth } = create();
    expect(() => comesBack('x')).not.toThrow();
    auth.dispose();
  });
});
