// The Playground in the editor: what it keeps is redacted as the user wants it, and its commands show what they are given.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRedactor } from '../../../src/extension/capture/redactor';
import type { PlaygroundState } from '../../../src/extension/contract/playground';
import type { HistoryEntry, PlaygroundRun } from '../../../src/extension/contract/playgroundRuns';
import { COMMANDS } from '../../../src/extension/editor/ids';
import { createEditorPlayground, type EditorPlayground, type PlaygroundSetup } from '../../../src/extension/editor/playgroundSetup';
import { RunHistory } from '../../../src/extension/playground/history';
import type { PlaygroundOptions } from '../../../src/extension/playground/ports';
import { PlaygroundTap } from '../../../src/extension/playground/tap';
import type { TreeNode } from '../../../src/extension/services/serversTree';
import { nullLogger } from '../../../src/extension/util/logger';

const editor = vi.hoisted(() => ({
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  shown: 0,
  made: [] as unknown[],
}));

vi.mock('vscode', () => {
  const nothing = { dispose: () => undefined };
  const event = () => nothing;
  return {
    l10n: { t: (text: string) => text },
    env: { language: 'en' },
    Uri: { joinPath: () => ({}), from: () => ({}), file: () => ({}) },
    ViewColumn: { Active: -1, Beside: -2 },
    commands: { registerCommand: (id: string, run: (...args: unknown[]) => unknown) => (editor.commands.set(id, run), nothing) },
    workspace: {
      getConfiguration: () => ({ get: () => undefined }),
      createFileSystemWatcher: () => ({ ...nothing, onDidCreate: event, onDidChange: event, onDidDelete: event }),
      registerTextDocumentContentProvider: event,
      onDidChangeWorkspaceFolders: event,
      workspaceFolders: [],
    },
    window: {
      registerWebviewPanelSerializer: event,
      createWebviewPanel: () => {
        editor.shown += 1;
        return { webview: { onDidReceiveMessage: event, postMessage: async () => true, asWebviewUri: String }, onDidDispose: event, reveal: () => (editor.shown += 1), dispose: () => undefined, visible: true };
      },
    },
  };
});

vi.mock('../../../src/extension/playground/playground', async (original) => {
  const { Playground } = await original<typeof import('../../../src/extension/playground/playground')>();
  return {
    Playground: class extends Playground {
      constructor(options: PlaygroundOptions, tap: PlaygroundTap) {
        super(options, tap);
        editor.made.push({ options, playground: this });
      }
    },
  };
});

interface Made {
  readonly options: PlaygroundOptions;
  readonly playground: { readonly state: PlaygroundState };
}

let setUp: EditorPlayground | undefined;
afterEach(() => {
  setUp?.dispose();
  editor.commands.clear();
  editor.made.length = 0;
  editor.shown = 0;
});

function start(more: Partial<PlaygroundSetup> = {}): Made & { readonly kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>();
  const status = { servers: [], configProblems: [], gateway: { kind: 'off' }, trusted: true, routing: true };
  setUp = createEditorPlayground({
    context: { extensionUri: {}, workspaceState: { get: (key: string) => kept.get(key), update: async (key: string, value: unknown) => void kept.set(key, value) } } as never,
    application: { playgroundTap: new PlaygroundTap(), onDidChangeStatus: () => ({ dispose: () => undefined }), onDidAdvance: () => ({ dispose: () => undefined }), status, playgroundEndpoint: undefined } as never,
    registry: { servers: [] } as never,
    governance: undefined,
    checkSchema: async () => ({ kind: 'fits' }),
    redactor: createRedactor(),
    answerText: async () => '',
    showCall: async () => undefined,
    setRouting: async () => undefined,
    version: '9.9.9',
    logger: nullLogger,
    ...more,
  });
  return { ...(editor.made[0] as Made), kept };
}

describe('what is kept of runs', () => {
  const run: PlaygroundRun = {
    id: 'run-1', target: { server: 's', kind: 'tool', name: 't' }, argumentsText: '{"patientId":"4711-88","note":"case AC-123456"}', origin: 'user', status: 'ok', startedMs: 1, hasResult: false,
  };

  it('is redacted by the names and patterns of the user', () => {
    const redactor = createRedactor({ keys: ['patientId'], patterns: [{ kind: 'case', pattern: 'AC-\\d{6}' }] });
    const { options, kept } = start({ redactor });
    new RunHistory(options).add(run);
    const [[, entries]] = [...kept] as [[string, readonly HistoryEntry[]]];
    expect(entries).toMatchObject([{ argumentsText: '{"patientId":"[redacted:key]","note":"case [redacted:case]"}', isRedacted: true }]);
  });
});

describe('the commands that open it', () => {
  const node = (target: TreeNode['target']): TreeNode => ({ id: 'n', label: 'n', icon: 'info', context: 'c', ...(target ? { target } : {}) });
  const definition = { kind: 'tool', name: 'echo', state: 'new', hash: 'h' } as never;
  it.each<[what: string, given: unknown, opening: object | undefined]>([
    ['nothing', undefined, undefined],
    ['a server of the tree', node({ kind: 'server', server: 's' }), { server: 's' }],
    ['a definition of the tree', node({ kind: 'definition', server: 's', definition }), { target: { server: 's', kind: 'tool', name: 'echo' } }],
    ['a definition that cannot be run', node({ kind: 'definition', server: 's', definition: { kind: 'instructions', name: '' } as never }), { server: 's' }],
    ['a server by name', { server: 's' }, { server: 's' }],
    ['a target with arguments', { server: 's', kind: 'prompt', name: 'p', argumentsText: '{}' }, { target: { server: 's', kind: 'prompt', name: 'p' }, argumentsText: '{}' }],
    ['nonsense', { server: 7, kind: 'tool' }, undefined],
  ])('show %s', async (_what, given, opening) => {
    const { playground } = start();
    await editor.commands.get(COMMANDS.playgroundOpenDefinition)!(given);
    const { number, ...rest } = playground.state.opening ?? { number: 0 };
    expect(playground.state.opening === undefined ? undefined : rest).toEqual(opening);
    expect(editor.shown).toBe(1);
    expect(number > 0).toBe(opening !== undefined);
  });

  it('so does Setup, which names a server', () => {
    const { playground } = start();
    setUp?.openServer('files');
    expect(playground.state.opening).toMatchObject({ server: 'files' });
    expect(editor.shown).toBe(1);
  });
});
