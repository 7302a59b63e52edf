/**
 * Owns a machine for tests of the Setup service: a home and a workspace on disk, real discovery, routing, registry, governance
 * and checks. Only what the editor does is played.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Application } from '../../../src/extension/application';
import type { DefinitionRef } from '../../../src/extension/contract/findings';
import type { SetupApi } from '../../../src/extension/contract/setupApi';
import type { SetupState } from '../../../src/extension/contract/setup';
import type { CapturedEvent } from '../../../src/extension/capture/types';
import { FindingsBook } from '../../../src/extension/security/findingsBook';
import { DEFAULT_POLICY } from '../../../src/extension/security/policy';
import { Governance } from '../../../src/extension/security/policyGovernance';
import { createScanner } from '../../../src/extension/security/scanner';
import { discoverServers } from '../../../src/extension/servers/import/discover';
import { createServerRegistry } from '../../../src/extension/servers/registry';
import { createResolver } from '../../../src/extension/servers/resolver';
import { createRouting } from '../../../src/extension/servers/routing/routing';
import { rememberedStorage, rememberStorage } from '../../../src/extension/servers/routing/storagePlaces';
import { SetupService, type SetupEditorPort } from '../../../src/extension/services/setupService';
import { nullLogger } from '../../../src/extension/util/logger';
import { FakeClock } from '../util/fakeClock';

export const TOKEN = 'tok-3nDv9-never-shown';

export class FakeSetupEditor implements SetupEditorPort {
  readonly did: string[] = [];
  /** Files as an editor tab has them after an edit. */
  readonly edited = new Map<string, string>();
  showPlanned = async (plan: string, file: string, title: string): Promise<void> => void this.did.push(`diff ${plan} ${file} ${title}`);
  showBackup = async (id: string, file: string): Promise<void> => void this.did.push(`backup ${id} ${file}`);
  edit = async (file: string, change: (text: string) => string): Promise<void> => void this.edited.set(file, change(readFileSync(file, 'utf8')));
  showDefinition = async (server: string): Promise<void> => void this.did.push(`definition ${server}`);
  showVersion = async ({ server, kind, name }: DefinitionRef, hash: string): Promise<void> => void this.did.push(`version ${server} ${kind} ${name} ${hash}`);
  compareVersions = async ({ server, kind, name }: DefinitionRef, left: string, right: string): Promise<void> => void this.did.push(`versions ${server} ${kind} ${name} ${left} ${right}`);
  showTraffic = async (filter: string): Promise<void> => void this.did.push(`traffic ${filter}`);
  showText = async (text: string, language: string): Promise<void> => void this.did.push(`text ${language} ${text}`);
  showOutput = (server: string): void => void this.did.push(`output ${server}`);
  openPlayground = (server: string): void => void this.did.push(`playground ${server}`);
  takeFix = async (fix: object): Promise<void> => void this.did.push(`fix ${JSON.stringify(fix)}`);
  openFile = async (file: string, line: number): Promise<void> => void this.did.push(`file ${file}:${line}`);
  openSetting = async (setting: string): Promise<void> => void this.did.push(`setting ${setting}`);
  setRouting = async (on: boolean): Promise<void> => void this.did.push(`routing ${on}`);
  manageTrust = async (): Promise<void> => void this.did.push('trust');
  makeClientToken = async (): Promise<void> => void this.did.push('token');
}

/** The methods of the view, as it calls them. */
export type CalledApi = { [K in keyof SetupApi]: SetupApi[K] };

/** `before`: a machine that was closed, to be started again. */
export function setUp(files: Readonly<Record<string, string>> = {}, before?: string) {
  const root = before ?? realpathSync(mkdtempSync(path.join(tmpdir(), 'mcp-shark-setup-')));
  const at = (file: string): string => path.join(root, file);
  const put = (file: string, text: string): string => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
    return at(file);
  };
  const read = (file: string): string => readFileSync(at(file), 'utf8');
  mkdirSync(at('work'), { recursive: true });
  for (const [file, text] of Object.entries(files)) put(file, text);

  const given = { trusted: true, port: 0, token: undefined as string | undefined };
  const clock = new FakeClock();
  const userDir = at('home/.config/Code/User');
  const storageDir = path.join(userDir, 'globalStorage/mcpshark.mcp-shark');
  const folders = [{ name: 'work', path: at('work') }];
  let ids = 0;
  const randomId = (): string => `id${++ids}`;
  const routing = createRouting({ storageDir, now: () => clock.wallMs(), randomId, isTrusted: () => given.trusted, platform: 'linux' });
  const registry = createServerRegistry({ files: [at('work/.vscode/mcp-shark.json')], userFile: routing.userFile, clock, logger: nullLogger });
  const scanner = createScanner();
  const governance = new Governance({
    dir: path.join(storageDir, 'governance'),
    clock,
    logger: nullLogger,
    randomId,
    scanner,
    policy: () => DEFAULT_POLICY,
    trusted: () => given.trusted,
    user: 'ada',
    servers: () => registry.servers,
    inputs: () => registry.inputs,
  });
  const application = new Application({
    storeDir: at('store'),
    distDir: at('dist'),
    version: '1',
    clock,
    logger: nullLogger,
    randomId,
    registry,
    resolver: createResolver({ folders, inputs: () => registry.inputs, input: { get: async () => undefined }, env: {} }),
    token: 'window-token',
    port: () => given.port,
    trusted: () => given.trusted,
  });
  const findings = new FindingsBook({ scanner, servers: () => registry.servers, governance, triggers: [registry.onDidChange], clock, logger: nullLogger });
  const editor = new FakeSetupEditor();
  const service = new SetupService({
    application,
    registry,
    governance,
    findings,
    scanner,
    routing,
    recovered: Promise.resolve(),
    discover: () =>
      discoverServers({ platform: 'linux', home: at('home'), env: {}, folders: given.trusted ? folders : [], editorUserDir: userDir }),
    folders: () => folders,
    labelOf: (file) => path.relative(root, file),
    policy: () => 'ask',
    fixedPort: () => given.port,
    clientToken: () => given.token,
    remember: () => rememberStorage(routing, at('.'), storageDir),
    examine: async () => ({ timeMs: 0, general: [], servers: [] }),
    platform: 'linux',
    clock,
    editor,
  });
  const events: CapturedEvent[] = [];
  governance.onDidRecord((event) => events.push(event));
  return {
    root,
    at,
    put,
    read,
    given,
    clock,
    routing,
    registry,
    governance,
    findings,
    editor,
    service,
    events,
    /** What the uninstall script would be told. */
    remembered: () => rememberedStorage(at('.')),
    api: service.handlers as unknown as CalledApi,
    get state(): SetupState {
      return service.state;
    },
    /** `isKept`: the disk stays, for another start. */
    async close(isKept = false): Promise<void> {
      service.dispose();
      findings.dispose();
      await application.close();
      governance.dispose();
      registry.dispose();
      if (!isKept) rmSync(root, { recursive: true, force: true });
    },
  };
}

export type SetupFixture = ReturnType<typeof setUp>;
