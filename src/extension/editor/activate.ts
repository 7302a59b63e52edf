/**
 * Owns the joining of application and editor: makes the ports from VS Code's API, starts the application, registers
 * what VS Code shows. Everything registered is disposed with the returned lifetime; `close` also waits for the servers.
 */
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Application } from '../application';
import { createServerRegistry } from '../servers/registry';
import { createResolver } from '../servers/resolver';
import { TrafficService } from '../services/trafficService';
import { systemClock } from '../util/clock';
import { DisposableStore } from '../util/lifecycle';
import { registerAuthCommands } from './authCommands';
import { exportWithDialog, registerCommands, setRouting } from './commands';
import { openConfig, watchConfigProblems } from './configDocument';
import { registerDefinitionProvider } from './definitionProvider';
import { SETTINGS, STATE_KEYS } from './ids';
import { SecretInputs } from './inputs';
import { createLog } from './log';
import { createEditorAuth } from './oauth';
import { payloadUri, registerPayloadDocuments } from './payloadDocuments';
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
  const { logger, channel } = createLog();
  lifetime.add(channel);

  const inputs = new SecretInputs(context);
  const registry = lifetime.add(
    createServerRegistry({ files: localFolders().map(configFileOf), clock: systemClock, logger }),
  );
  const resolver = createResolver({
    // Read at each start of a server: folders come and go.
    get folders() {
      return localFolders().map(({ name, uri }) => ({ name, path: uri.fsPath }));
    },
    inputs: () => registry.inputs,
    input: inputs,
    env: process.env,
    logger,
  });
  const version = String((context.extension.packageJSON as { version?: unknown }).version);
  const auth = lifetime.add(createEditorAuth(context, systemClock, logger));
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
    token: randomId(32),
    retention: {
      maxBytes: () => setting(SETTINGS.storeMaxSizeMb, 4096) * 1024 * 1024,
      maxAgeMs: () => setting(SETTINGS.storeMaxAgeDays, 90) * 86_400_000,
    },
    port: () => setting(SETTINGS.endpointPort, 0),
    trusted: () => vscode.workspace.isTrusted,
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
    setRouting: (on) => setRouting(application, context, on),
    settings: () => context.workspaceState.get(STATE_KEYS.trafficSettings),
    saveSettings: (settings) => Promise.resolve(context.workspaceState.update(STATE_KEYS.trafficSettings, settings)),
  });
  const panel = lifetime.add(new TrafficPanel(context, application, service));
  lifetime.add(registerPayloadDocuments(service));
  lifetime.add(registerDefinitionProvider(application));
  lifetime.add(createStatusBar(application));
  lifetime.add(watchConfigProblems(application));
  lifetime.add(registerAuthCommands({ auth, servers: () => registry.servers, resolver, logger }));
  lifetime.add(registerCommands({ application, context, panel, inputs, channel, logger }));
  lifetime.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void application.trustChanged()));
  lifetime.add(
    vscode.workspace.onDidChangeWorkspaceFolders(() => void registry.setFiles(localFolders().map(configFileOf))),
  );

  await registry.reload();
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
