/**
 * Owns the host's side of the Setup view: implements `SetupApi` over the application, governance, routing and a small
 * editor port. What comes from the webview is checked before use. It remembers what was found and planned last, so that
 * a webview names things by id and never gives paths or texts to be written.
 */
import type { Application } from '../application';
import type { DoctorFix, DoctorReport } from '../contract/doctor';
import type { DefinitionRef } from '../contract/findings';
import type { DefinitionRow, DefinitionVersion, GovernedServer, InventoryFormat } from '../contract/governance';
import type { BackupView, DoneChange, Found, PlanRequest, PlanView, ServerEdit, SetupState } from '../contract/setup';
import { MAX_VERSIONS, type SetupApi, type SetupEvents } from '../contract/setupApi';
import type { Handlers } from '../rpc/peer';
import { describeRun } from '../security/approvalsDescription';
import type { FindingsBook } from '../security/findingsBook';
import type { Governance } from '../security/policyGovernance';
import type { Scanner } from '../security/scanner';
import { canonicalOf } from '../servers/import/discover';
import type { Discovery, FoundServer } from '../servers/import/types';
import type { ServerRegistry } from '../servers/registry';
import { EditError } from '../servers/routing/editor';
import type { ChangePlan } from '../servers/routing/plan';
import type { Routing } from '../servers/routing/routing';
import { Throttle } from '../util/async';
import type { Clock } from '../util/clock';
import { AppError } from '../util/errors';
import { anyOf, Emitter } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { callsUnder } from './flaggedCalls';
import { foundView } from './setupFound';
import { planRequested } from './setupRequests';
import { checkedEdit, editedText, planView } from './setupPlans';
import { setupState, type SetupStateParts } from './setupState';

/** What only the editor can do for the view. */
export interface SetupEditorPort extends Pick<SetupApi, 'takeFix' | 'openFile' | 'openSetting' | 'setRouting' | 'manageTrust' | 'makeClientToken'> {
  /** Shows both sides of a planned file; the texts are looked up by plan and file. */
  showPlanned(plan: string, file: string, title: string): Promise<void>;
  showBackup(id: string, file: string): Promise<void>;
  /** Opens the file with this text in it, not saved, at the line. */
  edit(file: string, change: (text: string) => string, line: number): Promise<void>;
  showDefinition(server: string, row: DefinitionRow): Promise<void>;
  showVersion(definition: DefinitionRef, hash: string): Promise<void>;
  compareVersions(definition: DefinitionRef, left: string, right: string): Promise<void>;
  showTraffic(filter: string): Promise<void>;
  showText(text: string, language: string): Promise<void>;
  showOutput(server: string): void;
  openPlayground(server: string): void;
}

export interface SetupParts extends SetupStateParts {
  readonly application: Application;
  readonly registry: ServerRegistry;
  readonly governance: Governance;
  readonly findings: FindingsBook;
  readonly scanner: Scanner;
  readonly routing: Routing;
  /** Resolves when what a crash left half changed has been looked at; never rejects. */
  readonly recovered: Promise<void>;
  readonly discover: () => Promise<Discovery>;
  /** Leaves a note for the uninstall script: at start, and after files were changed. Never rejects. */
  readonly remember: () => Promise<void>;
  readonly examine: (server: string | undefined) => Promise<DoctorReport>;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly editor: SetupEditorPort;
}

const MAX_PLANS = 10;
const STATE_INTERVAL_MS = 150;
const LANGUAGES: Readonly<Record<InventoryFormat, string>> = { markdown: 'markdown', csv: 'plaintext', json: 'json' };

export class SetupService implements Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #changed = this.#lifetime.add(new Emitter<SetupEvents['state']>());
  readonly #plans = new Map<string, ChangePlan>();
  #found: Discovery | undefined;
  /** Files that the view was told of by the last look: they can be opened after a change has made the look old. */
  #shown: ReadonlySet<string> = new Set();
  /** Of the last look: what other clients have for the endpoint. Kept after a change, until the view looks again. */
  #pointed: readonly FoundServer[] = [];
  #done: readonly DoneChange[] = [];
  readonly #announce: Throttle;

  readonly onDidChange = this.#changed.event;

  constructor(private readonly parts: SetupParts) {
    const { application, findings, governance, clock, recovered, remember } = parts;
    void recovered.then(remember);
    this.#announce = this.#lifetime.add(new Throttle(() => this.#tell(), STATE_INTERVAL_MS, clock));
    const changed = anyOf(application.onDidChangeStatus, findings.onDidChange, governance.onDidChangeGates, governance.onDidChangeTools, governance.onDidList);
    this.#lifetime.add(changed(() => this.#announce.trigger()));
  }

  get state(): SetupState {
    return setupState(this.parts, this.#done, this.#pointed);
  }

  /** Methods a webview may call: own properties, each of fixed arity. */
  readonly handlers: Handlers<SetupApi> = {
    ready: async () => {
      await this.#readDone();
      return this.state;
    },
    find: () => this.#find(),
    plan: (request) => this.plan(request),
    showPlanned: async (plan, file) => {
      const planned = this.#planOf(plan).files.find((one) => one.file === file);
      if (!planned) throw new AppError('notFound', 'This file is not part of the plan.');
      await this.parts.editor.showPlanned(plan, file, this.parts.labelOf(file));
    },
    apply: (plan) => this.apply(plan),
    backups: () => this.#backups(),
    showBackup: async (id) => {
      const backup = (await this.parts.routing.backups()).find((one) => one.id === id);
      if (!backup) throw new AppError('notFound', 'There is no such backup.');
      await this.parts.editor.showBackup(backup.id, backup.file);
    },
    deleteBackup: (id) => this.parts.routing.deleteBackup(String(id)),
    approve: (id, hash) => this.parts.governance.approveServer(String(id), String(hash)),
    refuse: (id, hash) => this.parts.governance.refuseServer(String(id), String(hash)),
    edit: (id, change) => this.#edit(id, change),
    showDefinition: async (id, kind, name) => {
      const row = this.parts.governance.definitions(String(id)).find((one) => one.kind === kind && one.name === name);
      if (!row) throw new AppError('notFound', 'The server defines no such thing.');
      await this.parts.editor.showDefinition(this.#governed(id).name, row);
    },
    versions: async (id, kind, name) => this.#versions(id, kind, name).slice(0, MAX_VERSIONS),
    showVersion: async (id, kind, name, hash) => {
      const version = this.#versions(id, kind, name).find((one) => one.hash === hash);
      if (!version) throw new AppError('notFound', 'There is no such version of it.');
      await this.parts.editor.showVersion({ server: this.#governed(id).name, kind, name }, version.hash);
    },
    compareVersion: async (id, kind, name, hash) => {
      const versions = this.#versions(id, kind, name);
      const at = versions.findIndex((one) => one.hash === hash);
      const before = versions[at + 1];
      if (at < 0 || !before) throw new AppError('notFound', 'There is no version before it.');
      await this.parts.editor.compareVersions({ server: this.#governed(id).name, kind, name }, before.hash, hash);
    },
    approveDefinitions: (id, which) => this.parts.governance.approveDefinitions(String(id), Array.isArray(which) ? which : undefined),
    showCallsUnder: async (hash) => {
      if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) throw new AppError('query.invalid', 'This is no hash of a definition.');
      await this.parts.editor.showTraffic(callsUnder(hash));
    },
    exportInventory: async (format) => {
      if (typeof format !== 'string' || !Object.hasOwn(LANGUAGES, format)) throw new AppError('query.invalid', 'The inventory has no such form.');
      await this.parts.editor.showText(this.parts.governance.inventory(format), LANGUAGES[format]);
    },
    restart: async (server) => this.parts.application.restartServer(this.#name(server)),
    stop: async (server) => this.parts.application.stopServer(this.#name(server)),
    showOutput: async (server) => this.parts.editor.showOutput(this.#name(server)),
    openPlayground: async (server) => this.parts.editor.openPlayground(this.#name(server)),
    examine: async (server) => this.parts.examine(server === undefined ? undefined : this.#name(server)),
    takeFix: (fix) => this.#takeFix(fix),
    openFile: (file, line) => this.#openFile(file, line),
    openSetting: (setting) => this.#openSetting(setting),
    setRouting: (on) => this.parts.editor.setRouting(on === true),
    manageTrust: () => this.parts.editor.manageTrust(),
    makeClientToken: async () => {
      await this.parts.editor.makeClientToken();
      this.#announce.trigger();
    },
  };

  /** To be called when a setting that the state shows has changed. */
  refresh(): void {
    this.#announce.trigger();
  }

  /**
   * One side of a planned file, for the documents of the diff editor; `undefined`: there is no file on that side. Throws
   * AppError `notFound` for a plan that is no longer remembered: an empty side would look like a file that is to go.
   */
  plannedText(plan: string, file: string, side: 'before' | 'after'): string | undefined {
    const planned = this.#planOf(plan).files.find((one) => one.file === file);
    if (!planned) throw new AppError('notFound', 'This file is not part of the plan.');
    return planned[side];
  }

  async hasDone(): Promise<boolean> {
    return (await this.parts.routing.records()).length > 0;
  }

  /** What every server defines is a lot to put together for nobody. */
  #tell(): void {
    if (this.#changed.hasListeners) this.#changed.fire(this.state);
  }

  async #find(): Promise<Found> {
    const { discover, labelOf, registry, scanner, platform, recovered } = this.parts;
    await recovered;
    const found = await discover();
    this.#found = found;
    this.#pointed = found.servers.filter(({ isEndpoint }) => isEndpoint);
    this.#announce.trigger();
    this.#shown = new Set([...found.files.map(({ place }) => place.file), ...found.problems.map(({ file }) => file)]);
    return foundView(found, {
      labelOf,
      commandLineOf: (config) => describeRun({ config }, []).commandLine,
      canonicalOf: (config) => canonicalOf(config, { platform }),
      findingsOf: (server) => scanner.config(server),
      configured: registry.servers,
    });
  }

  /** Works out a change and remembers it; changes nothing. */
  async plan(request: PlanRequest): Promise<PlanView> {
    this.#needTrust();
    await this.parts.recovered;
    const plan = await planRequested(request, this.#found, this.parts);
    this.#plans.set(plan.id, plan);
    for (const id of this.#plans.keys()) {
      if (this.#plans.size <= MAX_PLANS) break;
      this.#plans.delete(id);
    }
    return planView(plan, this.parts.labelOf);
  }

  #planOf(id: string): ChangePlan {
    const plan = this.#plans.get(id);
    if (!plan) throw new AppError('notFound', 'This preview is too old. Make a new one.');
    return plan;
  }

  /** Does what a remembered plan says, once. */
  async apply(id: string): Promise<void> {
    this.#needTrust();
    const plan = this.#planOf(id);
    await this.#carryOut(plan);
    this.#plans.delete(id);
  }

  async #carryOut(plan: ChangePlan): Promise<void> {
    const { routing, registry, remember } = this.parts;
    await routing.apply(plan);
    this.#found = undefined;
    await remember();
    // A file that goes by an undo takes its servers with it; one that just vanishes keeps them.
    const gone = plan.files.filter(({ after }) => after === undefined).map(({ file }) => file);
    if (gone.length > 0) await registry.forget(gone);
    await registry.reload();
    await this.#readDone();
    this.#announce.trigger();
  }

  async #readDone(): Promise<void> {
    const { routing, labelOf, recovered } = this.parts;
    await recovered;
    this.#done = (await routing.records())
      .map(({ id, atMs, kind, servers, files }) => ({
        id,
        atMs,
        kind,
        servers,
        files: files.map(({ file, client }) => ({ file, fileLabel: labelOf(file), client })),
      }))
      .toReversed();
  }

  async #backups(): Promise<readonly BackupView[]> {
    const { routing, labelOf } = this.parts;
    return (await routing.backups()).map(({ id, file, atMs, bytes, isNeeded }) => ({ id, file, fileLabel: labelOf(file), atMs, bytes, isNeeded }));
  }

  async #edit(id: string, wanted: ServerEdit): Promise<void> {
    this.#needTrust();
    const { file, name, line } = this.#governed(id);
    const edit = checkedEdit(wanted);
    const change = (text: string): string => {
      try {
        return editedText(text, name, edit);
      } catch (error) {
        if (!(error instanceof EditError)) throw error;
        throw new AppError('config.invalid', `${this.parts.labelOf(file)} was not changed: ${error.message}.`, { cause: error });
      }
    };
    await this.parts.editor.edit(file, change, line);
  }

  async #openFile(file: string, line: number): Promise<void> {
    // Only what this view has shown.
    const known =
      this.#shown.has(file) ||
      this.parts.registry.servers.some((server) => server.file === file) ||
      this.#done.some(({ files }) => files.some((one) => one.file === file)) ||
      [...this.parts.registry.problems, ...this.parts.registry.notes].some((problem) => problem.file === file);
    if (!known) throw new AppError('notFound', 'This file is not one of those shown here.');
    await this.parts.editor.openFile(file, Number.isSafeInteger(line) && line > 0 ? line : 1);
  }

  async #openSetting(setting: string): Promise<void> {
    if (typeof setting !== 'string' || !/^(?:mcpShark|chat\.mcp)(?:\.[\w.]+)?$/.test(setting)) throw new AppError('query.invalid', 'This is no setting of MCP Shark.');
    await this.parts.editor.openSetting(setting);
  }

  async #takeFix(fix: DoctorFix): Promise<void> {
    switch (fix?.kind) {
      case 'openConfig':
        return this.#openFile(fix.file, fix.line);
      case 'openSetting':
        return this.#openSetting(fix.setting);
      case 'approve':
      case 'restart':
      case 'showOutput':
        return this.parts.editor.takeFix({ kind: fix.kind, server: this.#name(fix.server) });
      case 'turnRoutingOn':
      case 'manageTrust':
        return this.parts.editor.takeFix({ kind: fix.kind });
      default:
        throw new AppError('query.invalid', 'There is no such step.');
    }
  }

  #versions(id: string, kind: DefinitionRow['kind'], name: string): readonly DefinitionVersion[] {
    return this.parts.governance.versions(String(id), kind, String(name));
  }

  #governed(id: string): GovernedServer {
    const server = this.parts.governance.servers().find((one) => one.id === id);
    if (!server) throw new AppError('notFound', 'This server is no longer configured.');
    return server;
  }

  #name(server: string): string {
    if (!this.parts.registry.servers.some(({ name }) => name === server)) throw new AppError('notFound', 'This server is no longer configured.');
    return server;
  }

  #needTrust(): void {
    if (!this.parts.application.status.trusted) {
      throw new AppError('server.notAllowed', 'Nothing is changed while the workspace is in Restricted Mode. Trust it first.');
    }
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}
