/**
 * Owns the joining of Playground and editor: its ports over VS Code's API, its panel, commands and documents, and the
 * watch on files of saved calls. Everything registered is disposed with what `createEditorPlayground` gives.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { Redactor } from '../capture/redactor';
import type { NextStep } from '../contract/playground';
import type { CatalogKind, DefinitionChange } from '../contract/playgroundCatalog';
import { RUN_KINDS, type RunKind, type RunTarget } from '../contract/playgroundRuns';
import { Playground } from '../playground/playground';
import type { CheckSchema, ConfirmPolicy } from '../playground/ports';
import { SavedCalls } from '../playground/savedCalls';
import { UnseenRequests } from '../playground/unseenRequests';
import type { Governance } from '../security/policyGovernance';
import type { ServerRegistry } from '../servers/registry';
import { checkedLink, type ContentFile } from '../services/callActions';
import { playgroundHandlers, playgroundPort, runContent, type PlaygroundEditorPort } from '../services/playgroundService';
import { runSaved } from '../services/savedRuns';
import type { PlaygroundPort } from '../services/playgroundPort';
import { ApplicationWorld, recordedCalls } from '../services/playgroundWorld';
import { systemClock } from '../util/clock';
import { AppError } from '../util/errors';
import { isJsonObject } from '../util/json';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { openLink } from './callPrompts';
import { openConfig } from './configDocument';
import { openContent } from './contentFiles';
import { COMMANDS, SETTINGS, STATE_KEYS } from './ids';
import { editorPerson, tellOfRequest } from './playgroundPerson';
import { PlaygroundPanel } from './playgroundPanel';
import { registerCommand } from './registerCommand';
import { registerResultDocuments, resultUri } from './resultDocuments';
import { stepOf } from './serverCommands';
import { isTreeNode } from './serversView';
import { localFolders } from './workspace';

type PlaygroundGovernance = Pick<Governance, 'servers' | 'definitions' | 'onDidChangeTools'>;

export interface PlaygroundSetup {
  readonly context: vscode.ExtensionContext;
  readonly application: Application;
  readonly registry: ServerRegistry;
  readonly governance: PlaygroundGovernance | undefined;
  readonly checkSchema: CheckSchema;
  /** The user's own: what it takes out of the audit log stays out of everything else that is kept. */
  readonly redactor: Redactor;
  /** Whole text of a recorded answer. */
  readonly answerText: (call: string) => Promise<string>;
  readonly showCall: (call: string) => Promise<void>;
  readonly setRouting: (on: boolean) => Promise<void>;
  readonly version: string;
  readonly logger: Logger;
}

export interface EditorPlayground extends Disposable {
  /** What Traffic and the servers tree ask of it. */
  readonly port: PlaygroundPort;
  /** Shows the Playground with this server in it. */
  openServer(server: string): void;
  /** A file in the result of a run, as `openContent` was told of it. Throws `notFound` where the run is no longer held. */
  content(run: string, pointer: string): ContentFile;
}

export function createEditorPlayground(setup: PlaygroundSetup): EditorPlayground {
  const { context, application, registry, governance, logger } = setup;
  const lifetime = new DisposableStore();
  const redact = (text: string): string => Buffer.from(setup.redactor.body(Buffer.from(text)).bytes).toString();
  const playground = lifetime.add(
    new Playground(
      {
        world: lifetime.add(new ApplicationWorld(application, () => registry.servers)),
        calls: recordedCalls(application),
        person: editorPerson,
        memory: {
          get: (key) => context.workspaceState.get(STATE_KEYS.playgroundPrefix + key),
          set: async (key, value) => context.workspaceState.update(STATE_KEYS.playgroundPrefix + key, value),
        },
        checkSchema: setup.checkSchema,
        confirmPolicy,
        redact,
        folders: () => localFolders().map(({ uri, name }) => ({ uri: uri.toString(), name })),
        ...(governance ? { approvals: { of: (server) => changesOf(governance, server), onDidChange: governance.onDidChangeTools } } : {}),
        version: setup.version,
        clock: systemClock,
        logger,
      },
      application.playgroundTap,
    ),
  );

  const saved = lifetime.add(new SavedCalls({ folders: () => localFolders().map(({ uri, name }) => ({ path: uri.fsPath, name })), redact }));
  lifetime.add(watchSavedCalls(saved));
  lifetime.add(
    saved.onDidChange(() => {
      playground.savedRevision = saved.revision;
      playground.touch();
    }),
  );

  const editor: PlaygroundEditorPort = {
    reveal: async () => panel.show(),
    takeStep: (step, server) => takeStep(setup, step, server),
    openResult: async (result) => {
      const document = await vscode.workspace.openTextDocument(resultUri(result));
      await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
    },
    compareResults: async (left, right) => {
      await vscode.commands.executeCommand('vscode.diff', resultUri(left), resultUri(right), `${left.title} ↔ ${right.title}`, { preview: true });
    },
    showCall: setup.showCall,
    openFile: async (file, line) => {
      const position = new vscode.Position((line ?? 1) - 1, 0);
      await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(position, position) });
    },
    openContent: (file, { run, pointer }, how) => openContent({ id: run, part: 'run' }, pointer, file, how),
    copy: async (text) => vscode.env.clipboard.writeText(text),
    openLink: async (url) => openLink(checkedLink(url)),
  };
  const parts = { playground, saved, person: editorPerson, editor };
  const panel = lifetime.add(new PlaygroundPanel(context, playground, playgroundHandlers(parts)));
  const { requests, onDidChange } = playground;
  lifetime.add(new UnseenRequests({ requests, onDidChange, view: () => panel.view, tell: tellOfRequest, show: () => panel.show() }));
  lifetime.add(registerResultDocuments({ run: (id) => playground.resultText(id), call: setup.answerText }));
  lifetime.add(
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      playground.rootsChanged();
      void saved.reload();
    }),
  );

  const openServer = (server: string): void => {
    playground.openServer(server);
    panel.show();
  };
  // Two names for one thing: a menu says what it opens.
  for (const id of [COMMANDS.playgroundOpen, COMMANDS.playgroundOpenDefinition]) {
    lifetime.add(
      registerCommand(id, logger, (asked?: unknown) => {
        const { target, server, argumentsText } = askedFor(asked);
        if (target) playground.open(target, argumentsText);
        else if (server !== undefined) playground.openServer(server);
        panel.show();
      }),
    );
  }
  lifetime.add(
    registerCommand(COMMANDS.playgroundRunSaved, logger, async () => {
      const id = await pickSaved(saved);
      if (id === undefined) return;
      await runSaved(parts, id);
    }),
  );
  return { port: playgroundPort(parts), openServer, content: (run, pointer) => runContent(playground, run, pointer), dispose: () => lifetime.dispose() };
}

function confirmPolicy(): ConfirmPolicy {
  const value = vscode.workspace.getConfiguration().get(SETTINGS.playgroundConfirm);
  return value === 'notReadOnly' || value === 'always' ? value : 'destructive';
}

function changesOf(governance: PlaygroundGovernance, name: string): (kind: CatalogKind, name: string) => DefinitionChange {
  const server = governance.servers().find((one) => one.name === name);
  const rows = new Map(server ? governance.definitions(server.id).map((row) => [`${row.kind} ${row.name}`, row.state]) : []);
  return (kind, item) => {
    switch (rows.get(`${kind} ${item}`)) {
      case 'approved':
        return 'unchanged';
      case 'new':
        return 'new';
      case 'changed':
        return 'changed';
      default:
        return 'unknown';
    }
  };
}

async function takeStep({ application, registry, setRouting }: PlaygroundSetup, step: NextStep, server: string | undefined): Promise<void> {
  const run = async (command: string): Promise<void> => {
    await vscode.commands.executeCommand(command);
  };
  switch (step) {
    case 'manageTrust':
      return run('workbench.trust.manage');
    case 'turnRoutingOn':
      // Off first: a gateway that failed is started anew.
      if (application.status.gateway.kind === 'failed') await setRouting(false);
      return setRouting(true);
    case 'addServer':
      return openConfig();
    case 'openConfig': {
      const known = registry.servers.find(({ name }) => name === server);
      const [problem] = application.status.configProblems;
      return openConfig(known?.line ?? problem?.line, known?.file ?? problem?.file);
    }
    case 'review':
      return server === undefined ? run(COMMANDS.serverApprove) : void (await stepOf({ kind: 'approve', server }).run());
    case 'signIn':
      return run(COMMANDS.authSignIn);
    case 'showLog':
      return run(COMMANDS.logShow);
    case 'retry':
      return undefined;
  }
}

function watchSavedCalls(saved: SavedCalls): Disposable {
  const store = new DisposableStore();
  const watcher = store.add(vscode.workspace.createFileSystemWatcher('**/.vscode/mcp-shark/*.json'));
  const changed = (): void => void saved.reload();
  store.add(watcher.onDidCreate(changed));
  store.add(watcher.onDidChange(changed));
  store.add(watcher.onDidDelete(changed));
  return store;
}

async function pickSaved(saved: SavedCalls): Promise<string | undefined> {
  await saved.reload();
  const files = await saved.files();
  const items = files.flatMap((file) =>
    file.calls.map((call) => ({
      label: call.name,
      description: [call.target.server, call.target.name].join(' · '),
      detail: [file.name, ...(call.folder === '' ? [] : [call.folder])].join(' / '),
      id: call.id,
    })),
  );
  if (items.length === 0) {
    const problems = files.flatMap((file) => file.problems.map(({ message, line }) => `${file.label}:${line}: ${message}`));
    throw new AppError('notFound', problems[0] ?? vscode.l10n.t('No call is saved in this workspace. Save one in the Playground.'));
  }
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Run which saved call?'), matchOnDescription: true, matchOnDetail: true });
  return picked?.id;
}

const KINDS: ReadonlySet<unknown> = new Set(RUN_KINDS);

interface Asked {
  readonly target?: RunTarget;
  readonly argumentsText?: string | undefined;
  /** To be shown where there is no target. */
  readonly server?: string | undefined;
}

/** What a command was given: a node of the servers tree, or `{ server, kind, name, argumentsText }`, all of it or the server alone. */
function askedFor(asked: unknown): Asked {
  if (isTreeNode(asked)) {
    const { target } = asked;
    if (!target || !('server' in target)) return {};
    const { server } = target;
    if (target.kind !== 'definition' || !KINDS.has(target.definition.kind)) return { server };
    return { target: { server, kind: target.definition.kind as CatalogKind, name: target.definition.name } };
  }
  if (!isJsonObject(asked as never)) return {};
  const { server, kind, name, argumentsText } = asked as Record<string, unknown>;
  if (typeof server !== 'string') return {};
  if (typeof name !== 'string' || !KINDS.has(kind)) return { server };
  return { target: { server, kind: kind as RunKind, name }, argumentsText: typeof argumentsText === 'string' ? argumentsText : undefined };
}
