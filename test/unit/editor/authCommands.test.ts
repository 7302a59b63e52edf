/** Signing in by command starts nothing of a workspace that is not trusted. */
import { beforeEach, expect, it, vi } from 'vitest';
import { registerAuthCommands, type AuthCommandParts } from '../../../src/extension/editor/authCommands';
import { COMMANDS } from '../../../src/extension/editor/ids';
import { nullLogger } from '../../../src/extension/util/logger';

const editor = vi.hoisted(() => ({ trusted: false, commands: new Map<string, () => Promise<unknown>>(), executed: [] as string[] }));

vi.mock('vscode', () => ({
  ProgressLocation: { Notification: 15 },
  l10n: { t: (text: string) => text },
  workspace: {
    get isTrusted() {
      return editor.trusted;
    },
  },
  commands: {
    registerCommand: (id: string, run: () => Promise<unknown>) => (editor.commands.set(id, run), { dispose: () => undefined }),
    executeCommand: (id: string) => (editor.executed.push(id), Promise.resolve()),
  },
  window: {
    showInformationMessage: () => Promise.resolve(undefined),
    withProgress: (_options: unknown, task: (progress: unknown, token: unknown) => Promise<unknown>) => task({}, { onCancellationRequested: () => undefined }),
  },
}));

const done: string[] = [];
const parts = {
  servers: () => [{ name: 'up', config: { type: 'http', url: 'https://mcp.example/${input:command}', headers: {} } }],
  resolver: { resolve: () => (done.push('resolve'), Promise.resolve({ type: 'http', name: 'up', url: 'https://mcp.example/', headers: {} })) },
  auth: { signIn: () => (done.push('signIn'), Promise.resolve(true)), forget: () => (done.push('forget'), Promise.resolve(true)) },
  logger: nullLogger,
} as unknown as AuthCommandParts;

beforeEach(() => {
  done.length = editor.executed.length = 0;
  registerAuthCommands(parts);
});

it.each([
  [COMMANDS.authSignIn, 'signIn'],
  [COMMANDS.authSignOut, 'forget'],
])('%s asks for trust first, and works with it', async (command, does) => {
  editor.trusted = false;
  await editor.commands.get(command)!();
  expect([done, editor.executed]).toEqual([[], ['workbench.trust.manage']]);
  editor.trusted = true;
  await editor.commands.get(command)!();
  expect(done).toEqual(['resolve', does]);
});
