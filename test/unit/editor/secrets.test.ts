// What is kept as a secret: the token of other clients, and values of inputs, each for the file and the place it was given to.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientToken } from '../../../src/extension/editor/clientToken';
import { SecretInputs } from '../../../src/extension/editor/inputs';
import type { ConfiguredServer, InputDefinition } from '../../../src/extension/servers/types';
import { nullLogger } from '../../../src/extension/util/logger';

const editor = vi.hoisted(() => ({ answers: [] as (string | undefined)[], shown: [] as string[], copied: [] as string[] }));

vi.mock('vscode', () => {
  const answer = (...texts: unknown[]) => (editor.shown.push(JSON.stringify(texts)), Promise.resolve(editor.answers.shift()));
  return {
    l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, index: string) => String(args[Number(index)])) },
    env: { clipboard: { writeText: (text: string) => (editor.copied.push(text), Promise.resolve()) } },
    window: { showWarningMessage: answer, showInformationMessage: answer, showInputBox: answer },
  };
});

beforeEach(() => {
  for (const list of Object.values(editor)) list.length = 0;
});

class Secrets {
  readonly kept = new Map<string, string>();
  isLocked = false;
  readonly #listeners: ((event: { key: string }) => void)[] = [];
  onDidChange = (listener: (event: { key: string }) => void) => (this.#listeners.push(listener), { dispose: () => undefined });
  get = async (key: string): Promise<string | undefined> => {
    if (this.isLocked) throw new Error('The keyring is locked');
    return this.kept.get(key);
  };
  store = async (key: string, value: string): Promise<void> => {
    this.kept.set(key, value);
    for (const listener of this.#listeners) listener({ key });
  };
  delete = async (key: string): Promise<void> => void this.kept.delete(key);
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the token for other clients', () => {
  it('is made when asked for, kept as a secret, and shown once', async () => {
    const secrets = new Secrets();
    const token = new ClientToken(secrets as never, nullLogger);
    await token.load();
    expect(token.value).toBeUndefined();
    editor.answers.push('Copy');
    await token.make();
    expect(token.value).toMatch(/^[\w-]{43}$/);
    expect([...secrets.kept.values()]).toEqual([token.value]);
    expect(editor.shown.filter((text) => text.includes(token.value!)).length).toBe(1);
    expect(editor.copied).toEqual([token.value]);
    const later = new ClientToken(secrets as never, nullLogger);
    await later.load();
    expect(later.value).toBe(token.value);
    expect(editor.shown.length).toBe(1);
  });

  it('is not replaced without a yes', async () => {
    const token = new ClientToken(new Secrets() as never, nullLogger);
    await token.make();
    const first = token.value;
    editor.answers.push(undefined);
    await token.make();
    expect(token.value).toBe(first);
    editor.answers.push('Make a New Token');
    await token.make();
    expect(token.value).not.toBe(first);
  });

  it('is the same in every window, and says when it changes', async () => {
    const secrets = new Secrets();
    const [one, two] = [new ClientToken(secrets as never, nullLogger), new ClientToken(secrets as never, nullLogger)];
    let told = 0;
    two.onDidChange(() => (told += 1));
    await one.make();
    await settled();
    expect(two.value).toBe(one.value);
    expect(told).toBe(1);
  });

  it('does not keep MCP Shark from starting where the keyring is locked', async () => {
    const secrets = new Secrets();
    secrets.isLocked = true;
    const warned: string[] = [];
    const token = new ClientToken(secrets as never, { ...nullLogger, warn: (text: string) => void warned.push(text) });
    await token.load();
    expect(token.value).toBeUndefined();
    expect(warned[0]).toContain('The keyring is locked');
  });
});

describe('values of inputs', () => {
  const input: InputDefinition = { id: 'token', type: 'promptString', password: true };
  const http = (url: string, file = '/w/a.json'): ConfiguredServer => ({ name: 's', file, line: 1, fingerprint: '', config: { type: 'http', url, headers: {} } });
  const stdio = (command: string, ...args: string[]): ConfiguredServer => ({ name: 's', file: '/w/a.json', line: 1, fingerprint: '', config: { type: 'stdio', command, args, env: {} } });

  function inputsOf(secrets = new Secrets()) {
    const state = new Map<string, unknown>();
    const workspaceState = { get: (key: string, otherwise: unknown) => state.get(key) ?? otherwise, update: async (key: string, value: unknown) => void state.set(key, value) };
    return { inputs: new SecretInputs({ secrets, workspaceState } as never), secrets, state };
  }

  it.each<[string, ConfiguredServer, ConfiguredServer, boolean]>([
    ['the same server', http('https://a.example/mcp'), http('https://a.example/mcp'), true],
    ['another path of the same host', http('https://a.example/mcp'), http('https://a.example/v2'), true],
    ['another host', http('https://a.example/mcp'), http('https://b.example/mcp'), false],
    ['another port', http('https://a.example/mcp'), http('https://a.example:8443/mcp'), false],
    ['no encryption', http('https://a.example/mcp'), http('http://a.example/mcp'), false],
    ['a host out of a variable', http('https://${env:A}/mcp'), http('https://${env:B}/mcp'), false],
    ['another file', http('https://a.example/mcp'), http('https://a.example/mcp', '/x/a.json'), false],
    ['another version of a package', stdio('npx', '-y', 'server@1.0.0', '--x'), stdio('npx', '-y', 'server@2.0.0', '--x'), true],
    ['another package', stdio('npx', '-y', 'server@1.0.0'), stdio('npx', '-y', 'evil@1.0.0'), false],
    ['another registry for it', stdio('npx', '-y', 'server@1'), stdio('npx', '--registry', 'https://evil.example', '-y', 'server@1'), false],
    ['another program', stdio('node', 'a.js'), stdio('node', 'b.js'), false],
  ])('given to a server: asked again for %s? %#', async (_what, first, second, isKnown) => {
    const { inputs } = inputsOf();
    editor.answers.push('one', 'two');
    expect(await inputs.get(input, first)).toBe('one');
    expect(await inputs.get(input, second)).toBe(isKnown ? 'one' : 'two');
    expect(editor.shown.length).toBe(isKnown ? 1 : 2);
  });

  it('are asked for in the words of the file, with no link in them', async () => {
    const { inputs } = inputsOf();
    editor.answers.push('x');
    await inputs.get({ ...input, description: 'Your token [here](command:workbench.action.terminal.new)' }, http('https://a.example/'));
    expect(editor.shown[0]).toContain('Your token [here] (command:');
  });

  it('are asked for once, however many wait, and kept after a reload; nobody else holds them', async () => {
    const { inputs, secrets, state } = inputsOf();
    editor.answers.push('s3cret');
    expect(await Promise.all([1, 2, 3].map(() => inputs.get(input, http('https://a.example/'))))).toEqual(['s3cret', 's3cret', 's3cret']);
    expect(editor.shown.length).toBe(1);
    expect(await inputsOf(secrets).inputs.get(input, http('https://a.example/'))).toBe('s3cret');
    expect(JSON.stringify([...state])).not.toContain('s3cret');
    expect([...secrets.kept.keys()].join()).not.toContain('a.example');
  });

  it('that are not given are asked for again', async () => {
    const { inputs, secrets } = inputsOf();
    editor.answers.push(undefined, 'now');
    expect(await inputs.get(input, http('https://a.example/'))).toBeUndefined();
    expect(secrets.kept.size).toBe(0);
    expect(await inputs.get(input, http('https://a.example/'))).toBe('now');
  });

  it('that were moved out of a file are not asked for, and all can be forgotten, in any workspace that used them', async () => {
    const { inputs, secrets } = inputsOf();
    const server = http('https://a.example/');
    await inputs.store(server, 'token', 'moved');
    const elsewhere = inputsOf(secrets).inputs;
    expect(await elsewhere.get(input, server)).toBe('moved');
    expect(await elsewhere.forgetAll()).toBe(1);
    expect(secrets.kept.size).toBe(0);
    expect(editor.shown).toEqual([]);
  });
});
