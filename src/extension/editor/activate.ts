/**
 * Owns the joining of application and editor: makes the ports from VS Code's API, starts the application, registers
 * what VS Code shows. Everything registered is disposed with the returned lifetime; `close` also waits for the servers.
 */
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Application } from '../application';
import { SecretValues, withSecretValues } from '../capture/secretValues';
import { maxBodyBytesOf } from '../proxy/bodyLimit';
import { literalTerm } from '../query/print';
import { createServerRegistry } from '../servers/registry';
import { notingSecrets } from '../servers/inputSecrets';
import { createResolver } from '../servers/resolver';
import { userServersFile } from '../servers/routing/routing';
import { CallActions } from '../services/callActions';
import { TrafficService } from '../services/trafficService';
import { defaultLimits } from '../store/types';
import { systemClock } from '../util/clock';
import { Emitter } from '../util/event';
import { DisposableStore } from '../util/lifecycle';
import { createValidator } from '../validation/validator';
import { registerAuthCommands } from './authCommands';
import { confirmResend, openLink } from './callPrompts';
import { exportWithDialog, registerCommands, setRouting } from './commands';
import { openConfig, watchConfigProblems } from './configDocument';
import { openContent, registerContentFiles } from './contentFiles';
import { compareVersions, showVersion } from './definitionDocuments';
import { registerDefinitionProvider } from './definitionProvider';
import { ClientToken } from './clientToken';
import { createEditorGovernance } from './governance';
import { SETTINGS, STATE_KEYS } from './ids';
import { SecretInputs } from './inputs';
import { createLog } from './log';
import { createEditorAuth } from './oauth';
import { payloadUri, registerPayloadDocuments } from './payloadDocuments';
import { createEditorPlayground, type EditorPlayground } from './playgroundSetup';
import { watchRecovery } from './recoveryNews';
import { createEditorRedactor } from './redaction';
import { createServersSetup, type ServersSetup } from './serversSetup';
import { createStatusBar } from './statusBar';
import { TrafficPanel } from './trafficPanel';
import { configFileOf, localFolders } from './workspace';

export interface Running {
  close(): Promise<void>;
}

const setting = (id: string, otherwise: number): number => vscode.workspace.getConfiguration().get<number>(id, otherwise);
const randomId = (bytes: number): string => randomBytes(bytes).toString('base64url');

export async function start(context: vscode.ExtensionContext): Promise<Running> {
  const lifetime = new DisposableStore();
  const secrets = new SecretValues();
  const { logger, channel } = createLog(secrets);
  lifetime.add(channel);

  const inputs = new SecretInputs(context);
  const registry = lifetime.add(
    createServerRegistry({
      files: localFolders().map(configFileOf),
      userFile: userServersFile(context.globalStorageUri.fsPath),
      clock: systemClock,
      logger,
    }),
  );
  const resolver = createResolver({
    // Read at each start of a server: folders come and go.
    get folders() {
      return localFolders().map(({ name, uri }) => ({ name, path: uri.fsPath }));
    },
    inputs: () => registry.inputs,
    input: notingSecrets(inputs, (secret) => secrets.add(secret)),
    env: process.env,
    logger,
  });
  const version = String((context.extension.packageJSON as { version?: unknown }).version);
  const auth = lifetime.add(createEditorAuth(context, systemClock, logger));
  const { governance, scanner } = lifetime.add(createEditorGovernance(context, registry, { clock: systemClock, logger, randomId }));
  const clientToken = lifetime.add(new ClientToken(context.secrets, logger));
  const redactor = withSecretValues(lifetime.add(createEditorRedactor(logger)).redactor, secrets);
  const application = new Application({
    storeDir: path.join(context.globalStorageUri.fsPath, 'store'),
    distDir: path.join(context.extensionUri.fsPath, 'dist'),
    version,
    clock: systemClock,
    logger,
    randomId,
    registry,
    resolver,
    auth,
    governance,
    redactor,
    token: randomId(32),
    clientToken: () => clientToken.value,
    retention: {
      maxBytes: () => setting(SETTINGS.storeMaxSizeMb, defaultLimits.maxBytes / 1024 ** 2) * 1024 ** 2,
      maxAgeMs: () => setting(SETTINGS.storeMaxAgeDays, defaultLimits.maxAgeMs / 86_400_000) * 86_400_000,
    },
    port: () => setting(SETTINGS.endpointPort, 0),
    takesOtherPort: true,
    maxBodyBytes: () => maxBodyBytesOf(vscode.workspace.getConfiguration().get(SETTINGS.endpointMaxBodyMb)),
    trusted: () => vscode.workspace.isTrusted,
  });

  const validator = lifetime.add(createValidator({ workerFile: path.join(context.extensionUri.fsPath, 'dist', 'validationWorker.js'), clock: systemClock }));
  let playground: EditorPlayground | undefined;
  let servers: ServersSetup | undefined;
  /** Servers that were moved out of their configurations run nowhere while it is off: whoever turns it off is told. */
  const turnRouting = async (on: boolean): Promise<void> => {
    await setRouting(application, context, on);
    if (!on) void servers?.routingTurnedOff();
  };
  const flagged = lifetime.add(new Emitter<void>());
  const callActions = new CallActions({
    store: () => application.store(),
    checkSchema: (schema, value) => validator.checkSchema(schema, value),
    editor: { openContent, openLink, confirmResend, showDefinition: showVersion, compareDefinitions: compareVersions },
    findings: (server) => servers?.findings.of(server) ?? [],
    versions: (definition) => servers?.versions(definition) ?? [],
    redactor,
    playground: () => playground?.port,
  });
  const service = new TrafficService(application, {
    openPayload: async (id, part, title) => {
      const document = await vscode.workspace.openTextDocument(payloadUri(id, part, title));
      await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
    },
    comparePayloads: async (left, right) => {
      const [a, b] = [left, right].map(({ id, part, title }) => payloadUri(id, part, title));
      await vscode.commands.executeCommand('vscode.diff', a, b, `${left.title} ↔ ${right.title}`, { preview: true });
    },
    export: (format, run) => exportWithDialog(format, run, logger),
    copy: (text) => Promise.resolve(vscode.env.clipboard.writeText(text)),
    openConfig: (line) => openConfig(line, application.status.configProblems.find((p) => p.line === line)?.file),
    showLog: async () => channel.show(true),
    setRouting: turnRouting,
    settings: () => context.workspaceState.get(STATE_KEYS.trafficSettings),
    saveSettings: (settings) => Promise.resolve(context.workspaceState.update(STATE_KEYS.trafficSettings, settings)),
  }, callActions, { flagged: () => servers?.flagged() ?? [], onDidChange: flagged.event });
  const panel = lifetime.add(new TrafficPanel(context, application, service));
  lifetime.add(registerPayloadDocuments(service));
  playground = lifetime.add(
    createEditorPlayground({
      context,
      application,
      registry,
      governance,
      checkSchema: (schema, value) => validator.checkSchema(schema, value),
      redactor,
      answerText: (id) => callActions.whole({ id, part: 'response' }),
      showCall: async (call) => panel.reveal({ filter: literalTerm('id', call), call }),
      setRouting: turnRouting,
      version,
      logger,
    }),
  );
  servers = lifetime.add(
    createServersSetup({
      context,
      application,
      registry,
      resolver,
      auth,
      governance,
      scanner,
      inputs,
      clientToken,
      setRouting: turnRouting,
      showTraffic: async (filter) => panel.reveal({ filter }),
      openPlayground: (server) => playground?.openServer(server),
      version,
      logger,
    }),
  );
  lifetime.add(servers.findings.onDidScan(() => flagged.fire()));
  const { content } = playground;
  lifetime.add(registerContentFiles(async (ref, pointer) => (ref.part === 'run' ? content(ref.id, pointer) : callActions.content(ref, pointer))));
  lifetime.add(registerDefinitionProvider(application));
  lifetime.add(createStatusBar(application));
  lifetime.add(watchRecovery(application, logger));
  lifetime.add(watchConfigProblems(application));
  lifetime.add(registerAuthCommands({ auth, servers: () => registry.servers, resolver, logger }));
  lifetime.add(registerCommands({ application, context, panel, inputs, channel, logger, routingTurnedOff: async () => servers?.routingTurnedOff() }));
  lifetime.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void application.trustChanged()));
  lifetime.add(
    vscode.workspace.onDidChangeWorkspaceFolders(() => void registry.setFiles(localFolders().map(configFileOf))),
  );

  await Promise.all([registry.reload(), clientToken.load()]);
  await application.setRouting(context.workspaceState.get<boolean>(STATE_KEYS.routing, true));

  return {
    async close() {
      lifetime.release(channel);
      await application.close();
      lifetime.dispose();
      channel.dispose();
    },
  };
}
