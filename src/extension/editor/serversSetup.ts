/**
 * Owns the joining of governance and setting up with the editor: Setup view, Servers tree, approvals, findings, output
 * channels, connection check, routing of configurations. Everything registered is disposed with what is given.
 */
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { UpstreamAuth } from '../auth/types';
import type { DefinitionRef, Finding, FlaggedDefinition } from '../contract/findings';
import type { DefinitionVersion } from '../contract/governance';
import { serverId } from '../security/approvalsLedger';
import { FindingsBook } from '../security/findingsBook';
import { policyFrom } from '../security/policy';
import type { Governance } from '../security/policyGovernance';
import type { Scanner } from '../security/scanner';
import { discoverServers } from '../servers/import/discover';
import type { ServerRegistry } from '../servers/registry';
import { createRouting } from '../servers/routing/routing';
import { rememberStorage } from '../servers/routing/storagePlaces';
import type { ServerResolver } from '../servers/types';
import { examine } from '../services/doctor/doctor';
import { flaggedDefinitions } from '../services/flaggedCalls';
import { serverNodes, type ShownFinding } from '../services/serversTree';
import { SetupService } from '../services/setupService';
import { Throttle } from '../util/async';
import { systemClock } from '../util/clock';
import { messageOf } from '../util/errors';
import { anyOf, Emitter } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { watchApprovals } from './approvals';
import type { ClientToken } from './clientToken';
import { openConfig } from './configDocument';
import { compareVersions, registerDefinitionDocuments, showDefinition, showVersion } from './definitionDocuments';
import { watchDefinitions } from './definitionNews';
import { doctorPorts } from './doctorPorts';
import { createFindingProblems } from './findingProblems';
import { POLICY_KEYS } from './governance';
import { COMMANDS, SETTINGS } from './ids';
import type { SecretInputs } from './inputs';
import { registerCommand } from './registerCommand';
import { registerServerCommands, stepOf } from './serverCommands';
import { editFile } from './serverEdit';
import { ServerOutputs } from './serverOutput';
import { createServersView } from './serversView';
import { registerSetupDocuments, showBackup, showPlanned } from './setupDocuments';
import { SetupPanel } from './setupPanel';
import { offerUndo } from './undoOffer';
import { localFolders } from './workspace';

const TREE_INTERVAL_MS = 150;

export interface ServersSetupParts {
  readonly context: vscode.ExtensionContext;
  readonly application: Application;
  readonly registry: ServerRegistry;
  readonly resolver: ServerResolver;
  readonly auth: UpstreamAuth;
  readonly governance: Governance;
  readonly scanner: Scanner;
  readonly inputs: SecretInputs;
  readonly clientToken: ClientToken;
  readonly setRouting: (on: boolean) => Promise<void>;
  readonly showTraffic: (filter: string) => Promise<void>;
  readonly openPlayground: (server: string) => void;
  readonly version: string;
  readonly logger: Logger;
}

export interface ServersSetup extends Disposable {
  readonly findings: FindingsBook;
  /** Definitions that findings are about, as they are listed now. */
  flagged(): readonly FlaggedDefinition[];
  /** Every version kept of a definition, the one listed last first. */
  versions(definition: DefinitionRef): readonly DefinitionVersion[];
  /** To be asked when routing was turned off: offers to put configurations back. */
  routingTurnedOff(): Promise<void>;
}

export function createServersSetup(parts: ServersSetupParts): ServersSetup {
  const { context, application, registry, governance, scanner, inputs, logger, clientToken } = parts;
  const store = new DisposableStore();
  const storageDir = context.globalStorageUri.fsPath;
  const routing = createRouting({
    storageDir,
    now: () => systemClock.wallMs(),
    randomId: () => randomBytes(8).toString('hex'),
    isTrusted: () => vscode.workspace.isTrusted,
  });
  const recovered = recover();

  const findings = store.add(
    new FindingsBook({
      scanner,
      servers: () => registry.servers,
      governance,
      triggers: [registry.onDidChange, governance.onDidChangeTools, governance.onDidRecord, application.onDidChangeOffer],
      clock: systemClock,
      logger,
    }),
  );
  const changed = store.add(new Emitter<void>());
  // Servers list at once when they start, each of them several times.
  const told = store.add(new Throttle(() => changed.fire(), TREE_INTERVAL_MS, systemClock));
  const shows = anyOf(application.onDidChangeStatus, findings.onDidChange, governance.onDidChangeGates, governance.onDidChangeTools, governance.onDidList);
  store.add(shows(() => told.trigger()));

  const outputs = store.add(new ServerOutputs(application.onServerEvent));
  const look = (server: string | undefined) => examine(doctorPorts(parts), server);
  const service = store.add(
    new SetupService({
      application,
      registry,
      governance,
      findings,
      scanner,
      routing,
      recovered,
      discover: () =>
        discoverServers({
          platform: process.platform,
          home: homedir(),
          env: process.env,
          // In Restricted Mode nothing of the workspace is read.
          folders: vscode.workspace.isTrusted ? workspaceFolders() : [],
          ...(vscode.workspace.isTrusted && vscode.workspace.workspaceFile?.scheme === 'file' ? { workspaceFile: vscode.workspace.workspaceFile.fsPath } : {}),
          // <User>/globalStorage/<extension>
          editorUserDir: path.dirname(path.dirname(storageDir)),
        }),
      folders: workspaceFolders,
      labelOf: (file) => (file === routing.userFile ? vscode.l10n.t('your own servers') : labelOf(file)),
      policy: () => policyFrom((key) => vscode.workspace.getConfiguration().get(POLICY_KEYS[key] ?? '')).servers,
      fixedPort: () => vscode.workspace.getConfiguration().get<number>(SETTINGS.endpointPort, 0),
      clientToken: () => clientToken.value,
      remember: () => rememberStorage(routing, path.join(context.extensionUri.fsPath, 'dist'), storageDir),
      examine: look,
      platform: process.platform,
      clock: systemClock,
      editor: {
        showPlanned,
        showBackup,
        edit: editFile,
        showDefinition,
        showVersion,
        compareVersions,
        showTraffic: parts.showTraffic,
        showText: async (content, language) => {
          await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
        },
        showOutput: (server) => outputs.show(server),
        openPlayground: parts.openPlayground,
        takeFix: async (fix) => {
          await stepOf(fix).run();
        },
        openFile: (file, line) => openConfig(line, file),
        openSetting: async (setting) => {
          await vscode.commands.executeCommand('workbench.action.openSettings', setting);
        },
        setRouting: parts.setRouting,
        manageTrust: async () => {
          await vscode.commands.executeCommand('workbench.trust.manage');
        },
        makeClientToken: () => clientToken.make(),
      },
    }),
  );
  store.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(SETTINGS.endpointPort)) service.refresh();
    }),
  );
  store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => service.refresh()));
  store.add(clientToken.onDidChange(() => service.refresh()));
  const panel = store.add(new SetupPanel(context, service));
  store.add(registerSetupDocuments(service, routing));
  store.add(registerDefinitionDocuments((hash) => governance.definitionText(hash)));
  store.add(createFindingProblems({ findings, servers: () => registry.servers, inputs, logger }));
  store.add(registerCommand(COMMANDS.setupShow, logger, () => panel.show()));
  store.add(
    registerServerCommands({
      governance,
      statuses: () => application.status.servers,
      restart: (server) => application.restartServer(server),
      stop: (server) => application.stopServer(server),
      showOutput: (server) => outputs.show(server),
      showTraffic: parts.showTraffic,
      versions,
      examine: look,
      logger,
    }),
  );
  store.add(
    createServersView({
      // In Restricted Mode the view says why nothing is there.
      nodes: () =>
        vscode.workspace.isTrusted ? nodes() : [],
      waiting: () => (vscode.workspace.isTrusted ? governance.pending().length + governance.servers().filter(({ unapproved }) => unapproved > 0).length : 0),
      onDidChange: changed.event,
    }),
  );
  const watch = (): void => {
    // What waits may be new in the configuration, or changed by another window or a policy.
    store.add(watchApprovals(governance, anyOf(registry.onDidChange, governance.onDidChangeGates), logger));
    store.add(watchDefinitions(governance.onDidRecord, systemClock, () => panel.show()));
  };
  if (vscode.workspace.isTrusted) watch();
  else store.add(vscode.workspace.onDidGrantWorkspaceTrust(watch));

  return {
    findings,
    flagged: () => flaggedDefinitions(findings.all, hashes()),
    versions,
    routingTurnedOff: () => offerUndo(service, logger),
    dispose: () => store.dispose(),
  };

  function nodes(): ReturnType<typeof serverNodes> {
    const governed = governance.servers();
    const ids = new Map(governed.map(({ name, id }) => [name, id]));
    return serverNodes({
      statuses: application.status.servers,
      governed,
      health: (server) => application.health(server),
      definitions: (server) => {
        const id = ids.get(server);
        return id === undefined ? [] : governance.definitions(id);
      },
      findings: (server) => findings.of(server).map(shown),
      nowMs: systemClock.wallMs(),
    });
  }

  function versions({ server, kind, name }: DefinitionRef): readonly DefinitionVersion[] {
    const configured = registry.servers.find((one) => one.name === server);
    return configured ? governance.versions(serverId(configured.file, configured.name), kind, name) : [];
  }

  /** Looks each server up once, and only those that are asked about. */
  function hashes(): (definition: DefinitionRef) => string | undefined {
    const ids = new Map(governance.servers().map(({ name, id }) => [name, id]));
    const known = new Map<string, ReadonlyMap<string, string>>();
    return ({ server, kind, name }) => {
      const id = ids.get(server);
      if (id === undefined) return undefined;
      const rows = known.get(id) ?? new Map(governance.definitions(id).map((row) => [`${row.kind} ${row.name}`, row.hash]));
      known.set(id, rows);
      return rows.get(`${kind} ${name}`);
    };
  }

  async function recover(): Promise<void> {
    try {
      const left = await routing.recover();
      if (left.length > 0) {
        logger.warn(`An interrupted change of configurations was completed. These files had changed meanwhile and were left alone: ${left.join(', ')}`);
      }
    } catch (error) {
      logger.warn(`An interrupted change of configurations could not be looked at: ${messageOf(error)}`);
    }
  }
}

function workspaceFolders(): readonly { readonly name: string; readonly path: string }[] {
  return localFolders().map(({ name, uri }) => ({ name, path: uri.fsPath }));
}

function labelOf(file: string): string {
  const relative = vscode.workspace.asRelativePath(file);
  const home = homedir();
  return relative === file && file.startsWith(home + path.sep) ? `~${file.slice(home.length)}` : relative;
}

function shown({ message, severity, place }: Finding): ShownFinding {
  const isSevere = severity === 'high';
  switch (place.in) {
    case 'definition':
      return { message, isSevere, definition: { kind: place.kind, name: place.name } };
    case 'config':
      return { message, isSevere, place: { file: place.file, line: place.line, column: 1 } };
    default:
      return { message, isSevere };
  }
}
