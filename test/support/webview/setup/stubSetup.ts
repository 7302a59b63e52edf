/**
 * Owns a host that answers the Setup contract for the development page and for tests: it keeps a state, remembers what was
 * asked of it, and plans and applies changes of files that do not exist.
 */
import type { DoctorFix, DoctorReport } from '../../../../src/extension/contract/doctor';
import type { DefinitionRow, DefinitionVersion, InventoryFormat } from '../../../../src/extension/contract/governance';
import type { BackupView, Found, PlanRequest, PlanView, ServerEdit, SetupServer, SetupState } from '../../../../src/extension/contract/setup';
import type { SetupApi } from '../../../../src/extension/contract/setupApi';
import type { AppError } from '../../../../src/extension/util/errors';
import { Emitter } from '../../../../src/extension/util/event';

export interface Scene {
  readonly state?: Partial<SetupState>;
  readonly found?: Found;
  /** What every plan says, beside its kind and id. */
  readonly plan?: Partial<PlanView>;
  readonly backups?: readonly BackupView[];
  /** Of definitions, by name; others have had the one they have. */
  readonly versions?: Readonly<Record<string, readonly DefinitionVersion[]>>;
  readonly report?: DoctorReport;
  /** State the view was left with. */
  readonly view?: object;
  readonly isGone?: boolean;
  /** Never answers these. */
  readonly slow?: readonly (keyof SetupApi)[];
}

export const HOST_METHODS = [
  'ready', 'find', 'plan', 'showPlanned', 'apply', 'backups', 'showBackup', 'deleteBackup', 'approve', 'refuse', 'edit', 'showDefinition', 'versions', 'showVersion', 'compareVersion', 'approveDefinitions', 'showCallsUnder',
  'exportInventory', 'restart', 'stop', 'showOutput', 'openPlayground', 'examine', 'takeFix', 'openFile', 'openSetting', 'setRouting', 'manageTrust', 'makeClientToken',
] as const satisfies readonly (keyof SetupApi)[];

const NOTHING_FOUND: Found = { groups: [], clients: [], problems: [], files: 0 };

export class StubSetup implements SetupApi {
  /** What was asked, in words; reading aside. */
  readonly actions: string[] = [];
  /** Versions by name that are others than the scene has. */
  readonly changedVersions = new Map<string, readonly DefinitionVersion[]>();
  /** What the next call of a method rejects with. */
  readonly failures = new Map<keyof SetupApi, AppError>();
  state: SetupState;
  found: Found;
  backupList: readonly BackupView[];
  readonly #changed = new Emitter<SetupState>();
  readonly onState = this.#changed.event;
  readonly #plans = new Map<string, PlanRequest>();
  #planned = 0;

  constructor(readonly scene: Scene) {
    this.found = scene.found ?? NOTHING_FOUND;
    this.backupList = scene.backups ?? [];
    this.state = {
      isTrusted: true,
      isRouting: true,
      hasFolder: true,
      gateway: { kind: 'on', url: 'http://127.0.0.1:50123' },
      policy: 'ask',
      servers: [],
      pending: [],
      problems: [],
      notes: [],
      done: [],
      fixedPort: 0,
      hasClientToken: false,
      outdatedClients: [],
      ...scene.state,
    };
  }

  change(part: Partial<SetupState>): void {
    this.state = structuredClone({ ...this.state, ...part });
    this.#changed.fire(this.state);
  }

  changeServer(id: string, part: Partial<SetupServer>): void {
    this.change({ servers: this.state.servers.map((server) => (server.id === id ? { ...server, ...part } : server)) });
  }

  ready(): Promise<SetupState> {
    return this.scene.isGone ? new Promise(() => undefined) : Promise.resolve(this.state);
  }
  find(): Promise<Found> {
    return this.#did('find', 'find', () => this.found);
  }
  plan(request: PlanRequest): Promise<PlanView> {
    return this.#did('plan', `plan ${JSON.stringify(request)}`, () => {
      const id = `plan${(this.#planned += 1)}`;
      this.#plans.set(id, request);
      return { files: [], notes: [], problems: [], servers: [], ...this.scene.plan, id, kind: request.kind };
    });
  }
  showPlanned(plan: string, file: string): Promise<void> {
    return this.#did('showPlanned', `showPlanned ${plan} ${file}`);
  }
  apply(plan: string): Promise<void> {
    return this.#did('apply', `apply ${plan}`, () => {
      const request = this.#plans.get(plan);
      const files = this.scene.plan?.files ?? [];
      if (request?.kind === 'route' || request?.kind === 'point') {
        this.change({ done: [{ id: plan, atMs: Date.now(), kind: request.kind, servers: this.scene.plan?.servers ?? [], files }, ...this.state.done] });
      }
      if (request?.kind === 'undo') this.change({ done: request.records === 'all' ? [] : this.state.done.filter(({ id }) => !request.records.includes(id)) });
    });
  }
  backups(): Promise<readonly BackupView[]> {
    return this.#did('backups', 'backups', () => this.backupList);
  }
  showBackup(id: string): Promise<void> {
    return this.#did('showBackup', `showBackup ${id}`);
  }
  deleteBackup(id: string): Promise<void> {
    return this.#did('deleteBackup', `deleteBackup ${id}`, () => {
      this.backupList = this.backupList.filter((backup) => backup.id !== id);
    });
  }
  approve(id: string, hash: string): Promise<void> {
    return this.#did('approve', `approve ${id} ${hash}`, () => {
      this.change({
        pending: this.state.pending.filter((server) => server.id !== id),
        servers: this.state.servers.map((server) => (server.id === id ? { ...server, gate: { kind: 'open' }, state: { kind: 'idle' } } : server)),
      });
    });
  }
  refuse(id: string, hash: string): Promise<void> {
    return this.#did('refuse', `refuse ${id} ${hash}`, () => this.change({ pending: this.state.pending.filter((server) => server.id !== id) }));
  }
  edit(id: string, change: ServerEdit): Promise<void> {
    return this.#did('edit', `edit ${id} ${JSON.stringify(change)}`);
  }
  showDefinition(id: string, kind: DefinitionRow['kind'], name: string): Promise<void> {
    return this.#did('showDefinition', `showDefinition ${id} ${kind} ${name}`);
  }
  async versions(id: string, kind: DefinitionRow['kind'], name: string): Promise<readonly DefinitionVersion[]> {
    const row = this.state.servers.find((server) => server.id === id)?.definitions.find((one) => one.kind === kind && one.name === name);
    return this.changedVersions.get(name) ?? this.scene.versions?.[name] ?? (row ? [{ hash: row.hash, firstSeenMs: row.changedMs, place: 'listed' }] : []);
  }
  showVersion(id: string, kind: DefinitionRow['kind'], name: string, hash: string): Promise<void> {
    return this.#did('showVersion', `showVersion ${id} ${kind} ${name} ${hash.slice(0, 4)}`);
  }
  compareVersion(id: string, kind: DefinitionRow['kind'], name: string, hash: string): Promise<void> {
    return this.#did('compareVersion', `compareVersion ${id} ${kind} ${name} ${hash.slice(0, 4)}`);
  }
  approveDefinitions(id: string, which: readonly Pick<DefinitionRow, 'kind' | 'name' | 'hash'>[] | undefined): Promise<number> {
    return this.#did('approveDefinitions', `approveDefinitions ${id} ${which?.map(({ kind, name, hash }) => `${kind} ${name} ${hash.slice(0, 4)}`).join(', ') ?? 'all'}`, () => which?.length ?? 0);
  }
  showCallsUnder(hash: string): Promise<void> {
    return this.#did('showCallsUnder', `showCallsUnder ${hash.slice(0, 4)}`);
  }
  exportInventory(format: InventoryFormat): Promise<void> {
    return this.#did('exportInventory', `exportInventory ${format}`);
  }
  restart(server: string): Promise<void> {
    return this.#did('restart', `restart ${server}`);
  }
  stop(server: string): Promise<void> {
    return this.#did('stop', `stop ${server}`);
  }
  showOutput(server: string): Promise<void> {
    return this.#did('showOutput', `showOutput ${server}`);
  }
  openPlayground(server: string): Promise<void> {
    return this.#did('openPlayground', `openPlayground ${server}`);
  }
  examine(server: string | undefined): Promise<DoctorReport> {
    return this.#did('examine', `examine ${server ?? 'all'}`, () => this.scene.report ?? { timeMs: Date.now(), general: [], servers: [] });
  }
  takeFix(fix: DoctorFix): Promise<void> {
    return this.#did('takeFix', `takeFix ${fix.kind}`);
  }
  openFile(file: string, line: number): Promise<void> {
    return this.#did('openFile', `openFile ${file}:${line}`);
  }
  openSetting(setting: string): Promise<void> {
    return this.#did('openSetting', `openSetting ${setting}`);
  }
  setRouting(on: boolean): Promise<void> {
    return this.#did('setRouting', `setRouting ${on}`, () => this.change({ isRouting: on }));
  }
  manageTrust(): Promise<void> {
    return this.#did('manageTrust', 'manageTrust');
  }
  makeClientToken(): Promise<void> {
    return this.#did('makeClientToken', 'makeClientToken', () => this.change({ hasClientToken: true }));
  }

  async #did<T = void>(method: keyof SetupApi, words: string, value?: () => T): Promise<T> {
    this.actions.push(words);
    if (this.scene.slow?.includes(method)) return new Promise(() => undefined);
    const failure = this.failures.get(method);
    this.failures.delete(method);
    if (failure) throw failure;
    return value?.() as T;
  }
}
