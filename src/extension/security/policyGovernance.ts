/**
 * Owns governance as a whole: for each configured server its ledger, the decisions in it, its definitions; the rules of
 * policy and team file over them. The gateway asks it what may start, be listed and be called; views use it through
 * `GovernanceApi`. Everything kept stands in files of the user, never in the workspace, and several windows share them.
 */
import * as path from 'node:path';
import type { DefinitionKind, DefinitionRow, DefinitionVersion, Gate, GovernanceApi, GovernedServer, InventoryFormat, PendingServer } from '../contract/governance';
import type { CapturedEvent } from '../capture/types';
import type { ConfiguredServer, InputDefinition } from '../servers/types';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import { ServerApprovals } from './approvals';
import { describeRun, type RunDescription } from './approvalsDescription';
import { Ledger, MAX_LEDGER_BYTES, serverId, type LedgerLine } from './approvalsLedger';
import { DEFAULT_LIMITS, DefinitionBook, type DefinitionChanges, type Listing } from './definitions';
import { DefinitionsArchive } from './definitionsArchive';
import { exportInventory, isAbout, listedAs } from './inventory';
import { ruleForFinding, ruleForTool, ToolFilter, type Rule } from './policy';
import type { GatewayGovernance, GovernanceOptions, ListedTool } from './policyPorts';
import { StructuralFindings } from './structuralFindings';

interface ServerRecord {
  readonly id: string;
  readonly ledger: Ledger;
  readonly approvals: ServerApprovals;
  readonly book: DefinitionBook;
  readonly findings: StructuralFindings;
  /** The hash that was told to be waiting. */
  told?: string;
  limitDay?: number;
}

/** Other windows are heard of within this time. */
const POLL_MS = 2000;
const MAX_NAMES_TOLD = 20;

export class Governance implements GovernanceApi, GatewayGovernance, Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #gates = this.#lifetime.add(new Emitter<void>());
  readonly #tools = this.#lifetime.add(new Emitter<readonly string[]>());
  readonly #lists = this.#lifetime.add(new Emitter<void>());
  readonly #events = this.#lifetime.add(new Emitter<CapturedEvent>());
  readonly #poll = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #records = new Map<string, ServerRecord>();
  readonly #runs = new WeakMap<ConfiguredServer, { readonly inputs: readonly InputDefinition[]; readonly run: RunDescription }>();
  readonly #filters = new WeakMap<ConfiguredServer, ToolFilter>();
  readonly #archive: DefinitionsArchive;

  readonly onDidChangeGates = this.#gates.event;
  readonly onDidChangeTools = this.#tools.event;
  /** A server has listed something: what is known of its definitions may be more, or newer. */
  readonly onDidList = this.#lists.event;
  /** For the audit log: each approval, refusal and change. */
  readonly onDidRecord = this.#events.event;

  constructor(private readonly options: GovernanceOptions) {
    const { dir, randomId, logger, onDidChangePolicy } = options;
    this.#archive = new DefinitionsArchive(path.join(dir, 'definitions'), randomId, logger);
    if (onDidChangePolicy) {
      this.#lifetime.add(
        onDidChangePolicy(() => {
          this.#gates.fire();
          this.#tools.fire(this.options.servers().map(({ name }) => name));
        }),
      );
    }
    this.#armPoll();
  }

  // --- for the gateway -----------------------------------------------------------------------------------------------

  gateOf(server: ConfiguredServer): Gate {
    const record = this.#recordOf(server);
    if (record.ledger.isNewer) {
      return { kind: 'refused', message: `What was decided about server "${server.name}" was written by a later version of MCP Shark: update this one.` };
    }
    const run = this.#runOf(server);
    const gate = record.approvals.gate(this.options.policy(), server, run);
    if (gate.kind === 'waiting' && record.told !== run.hash) {
      record.told = run.hash;
      const why = record.approvals.why(run);
      const changes = why.kind === 'changed' ? why.changes : [];
      this.#events.fire({ type: 'policy.waiting', server: server.name, data: { hash: run.hash, file: server.file, why: why.kind, changes } });
    }
    return gate;
  }

  listing(server: ConfiguredServer, kind: DefinitionKind): Listing {
    return this.#recordOf(server).book.listing(kind);
  }

  listed(server: ConfiguredServer, { kind, new: added, changed, gone, notKept }: DefinitionChanges): void {
    const policy = this.options.policy();
    // Resources come and go with what they stand for; only tools have a policy of their own.
    const told = {
      new: policy.tools.new === 'allow' ? [] : added,
      changed: policy.tools.changed === 'allow' ? [] : changed,
      gone,
    };
    if (told.new.length + told.changed.length + told.gone.length > 0) {
      const some = (names: readonly string[]): object => ({ count: names.length, names: names.slice(0, MAX_NAMES_TOLD).map((name) => name.slice(0, 200)) });
      this.#events.fire({
        type: 'policy.definitions',
        server: server.name,
        data: { kind, new: some(told.new), changed: some(told.changed), gone: some(told.gone) },
      });
    }
    if (notKept > 0) this.#overLimit(server, kind, notKept);
    this.#lists.fire();
  }

  lacks(server: ConfiguredServer, kind: DefinitionKind): void {
    const { book } = this.#recordOf(server);
    if (!book.hasBaseline(kind)) book.listing(kind).end(true);
  }

  ruleForTool(server: ConfiguredServer, { name, hash, state, bytes }: ListedTool): Rule | undefined {
    const policy = this.options.policy();
    const record = this.#recordOf(server);
    // What was approved when it was listed stays so; what was not may have been approved since.
    const now = state === 'approved' ? state : record.book.stateOf('tool', name, hash);
    const rule = ruleForTool(policy, server.name, name, now);
    if (rule || policy.findings !== 'block' || record.book.isApprovedByUser('tool', name, hash)) return rule;
    const finding = record.findings.of(name, hash, bytes);
    return finding === undefined ? undefined : ruleForFinding(policy, server.name, name, finding);
  }

  get isStrict(): boolean {
    const { tools, findings } = this.options.policy();
    return tools.new === 'block' || tools.changed === 'block' || findings === 'block';
  }

  // --- for views -----------------------------------------------------------------------------------------------------

  servers(): readonly GovernedServer[] {
    return this.options.servers().map((server): GovernedServer => {
      const { id, approvals, book } = this.#recordOf(server);
      const { hash, commandLine } = this.#runOf(server);
      const decision = approvals.decisionOn(hash);
      const unapproved = book.rows().filter(({ kind, state }) => kind !== 'resource' && (state === 'new' || state === 'changed'));
      const { name, file, line, config, about = {} } = server;
      return {
        id,
        name,
        file,
        line,
        transport: config.type,
        gate: this.gateOf(server),
        hash,
        commandLine,
        about,
        ...(decision?.decision === 'approved' ? { approvedMs: decision.atMs, approvedBy: decision.by } : {}),
        unapproved: unapproved.length,
      };
    });
  }

  pending(): readonly PendingServer[] {
    return this.#shown((gate) => gate.kind === 'waiting');
  }

  refused(): readonly PendingServer[] {
    return this.#shown((gate) => gate.kind === 'refused' && gate.byUser === true);
  }

  /** What would run of those servers, as it is shown to the person who decides. */
  #shown(which: (gate: Gate) => boolean): PendingServer[] {
    return this.options.servers().flatMap((server): PendingServer[] => {
      if (!which(this.gateOf(server))) return [];
      const { id, approvals } = this.#recordOf(server);
      const run = this.#runOf(server);
      const { name, file, line, config, about = {} } = server;
      const fields = run.facts.map(({ field, text }) => ({ field, text }));
      return [{ id, name, file, line, hash: run.hash, transport: config.type, commandLine: run.commandLine, fields, why: approvals.why(run), about }];
    });
  }

  approveServer(id: string, hash: string): Promise<void> {
    return this.#decide(id, hash, 'approved');
  }

  refuseServer(id: string, hash: string): Promise<void> {
    return this.#decide(id, hash, 'refused');
  }

  // async: what is thrown is a rejection
  async #decide(id: string, hash: string, decision: 'approved' | 'refused'): Promise<void> {
    const server = this.#serverOf(id);
    const record = this.#recordOf(server);
    const run = this.#runOf(server);
    if (!this.options.trusted()) {
      throw new AppError('server.notAllowed', `Nothing can be decided about server "${server.name}" while the workspace is not trusted.`);
    }
    if (run.hash !== hash) {
      throw new AppError('server.notAllowed', `Server "${server.name}" has changed since it was shown: look at it again.`);
    }
    const gate = this.gateOf(server);
    const isForbidden = gate.kind === 'refused' && record.approvals.decisionOn(hash)?.decision !== 'refused';
    if (decision === 'approved' && isForbidden) throw new AppError('server.notAllowed', gate.message);
    const { clock, user } = this.options;
    const f = run.facts.map(({ field, text, digest }) => [field, text, digest] as const);
    record.ledger.append([{ e: 'server', t: clock.wallMs(), d: decision, h: hash, by: user, f }]);
    this.#events.fire({
      type: decision === 'approved' ? 'policy.approved' : 'policy.refused',
      server: server.name,
      data: { hash, file: server.file, by: user, commandLine: run.commandLine },
    });
    this.#gates.fire();
  }

  definitions(id: string): readonly DefinitionRow[] {
    const server = this.#serverOf(id);
    return this.#recordOf(server).book.rows().map((row) => {
      if (row.kind !== 'tool' || row.state === 'gone') return row;
      const { name, hash, state } = row;
      const rule = this.#filterOf(server).ruleFor(name) ?? this.ruleForTool(server, { name, hash, state });
      return rule ? { ...row, blocked: rule.pattern === undefined ? rule.rule : `${rule.rule}: ${rule.pattern}` } : row;
    });
  }

  versions(id: string, kind: DefinitionKind, name: string): readonly DefinitionVersion[] {
    return this.#recordOf(this.#serverOf(id)).book.versions(kind, name);
  }

  definitionText(hash: string): Promise<string | undefined> {
    return this.#archive.text(hash);
  }

  async approveDefinitions(id: string, which?: readonly Pick<DefinitionRow, 'kind' | 'name' | 'hash'>[]): Promise<number> {
    const server = this.#serverOf(id);
    const record = this.#recordOf(server);
    if (!this.options.trusted()) {
      throw new AppError('server.notAllowed', `Nothing can be decided about server "${server.name}" while the workspace is not trusted.`);
    }
    const wanted = which && new Set(which.map(({ kind, name, hash }) => `${kind}\n${name}\n${hash}`));
    const rows = record.book.rows().filter(({ kind, name, hash, state }) =>
      wanted ? wanted.has(`${kind}\n${name}\n${hash}`) : state === 'new' || state === 'changed',
    );
    if (rows.length === 0) return 0;
    const { clock, user } = this.options;
    record.ledger.append([{ e: 'ok', t: clock.wallMs(), by: user, d: rows.map(({ kind, name, hash }) => [kind, name, hash] as const) }]);
    const definitions = rows.slice(0, MAX_NAMES_TOLD).map(({ kind, name, hash }) => ({ kind, name: name.slice(0, 200), hash }));
    this.#events.fire({ type: 'policy.definitionsApproved', server: server.name, data: { by: user, count: rows.length, definitions } });
    this.#tools.fire([server.name]);
    return rows.length;
  }

  inventory(format: InventoryFormat): string {
    const { scanner, clock } = this.options;
    const governed = this.servers();
    const rows = governed.map(({ id }) => this.definitions(id));
    const found = scanner?.scan(governed.map(({ name }, k) => listedAs(name, rows[k]!, (hash) => this.#archive.textNow(hash)))) ?? [];
    const servers = governed.map((one, k) => ({
      ...one,
      findings: (scanner?.config(this.options.servers()[k]!) ?? []).map(({ message }) => message),
      definitions: rows[k]!.map((row) => ({ ...row, findings: found.filter(({ place }) => isAbout(place, one.name, row)).map(({ message }) => message) })),
    }));
    return exportInventory(servers, format, clock.wallMs());
  }

  /** Resolves when every text given so far is kept. */
  settled(): Promise<void> {
    return this.#archive.settled();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  // --- records -------------------------------------------------------------------------------------------------------

  #serverOf(id: string): ConfiguredServer {
    const server = this.options.servers().find(({ file, name }) => serverId(file, name) === id);
    if (!server) throw new AppError('notFound', 'The server is no longer configured.');
    return server;
  }

  #runOf(server: ConfiguredServer): RunDescription {
    const inputs = this.options.inputs();
    const known = this.#runs.get(server);
    if (known?.inputs === inputs) return known.run;
    const run = describeRun(server, inputs);
    this.#runs.set(server, { inputs, run });
    return run;
  }

  #filterOf(server: ConfiguredServer): ToolFilter {
    let filter = this.#filters.get(server);
    if (!filter) this.#filters.set(server, (filter = new ToolFilter(server.name, server.tools)));
    return filter;
  }

  #recordOf({ file, name }: ConfiguredServer): ServerRecord {
    const key = JSON.stringify([file, name]);
    const known = this.#records.get(key);
    if (known) return known;
    const { dir, clock, logger, limits = DEFAULT_LIMITS } = this.options;
    const approvals = new ServerApprovals();
    const write = (lines: readonly LedgerLine[]): void => {
      // Approvals are written by other ways: they must fit even then.
      if (ledger.size > MAX_LEDGER_BYTES) return;
      try {
        ledger.append(lines);
      } catch (error) {
        logger.warn(`What server "${name}" lists could not be noted: ${messageOf(error)}`);
      }
    };
    const book = new DefinitionBook({ now: () => clock.wallMs(), write, keep: (hash, bytes) => this.#archive.keep(hash, bytes) }, limits);
    const fold = (line: LedgerLine): void => {
      approvals.fold(line);
      book.fold(line);
    };
    const ledger: Ledger = new Ledger(path.join(dir, 'servers'), { file, name }, fold, logger);
    ledger.refresh();
    const record: ServerRecord = { id: serverId(file, name), ledger, approvals, book, findings: new StructuralFindings(name, this.options.scanner, logger) };
    this.#records.set(key, record);
    return record;
  }

  #overLimit(server: ConfiguredServer, kind: DefinitionKind, notKept: number): void {
    const record = this.#recordOf(server);
    const day = Math.floor(this.options.clock.wallMs() / 86_400_000);
    if (record.limitDay === day) return;
    record.limitDay = day;
    const limits = this.options.limits ?? DEFAULT_LIMITS;
    this.options.logger.warn(`Server "${server.name}" lists more than is kept: ${notKept} definitions are not in the archive`);
    this.#events.fire({ type: 'policy.limit', server: server.name, data: { what: 'definitions', kind, notKept, ...limits } });
  }

  #armPoll(): void {
    this.#poll.value = this.options.clock.timer(POLL_MS, () => {
      const changed = this.options.servers().filter((server) => {
        const { ledger, approvals, book } = this.#recordOf(server);
        const before = approvals.revision + book.revision;
        return ledger.refresh() && approvals.revision + book.revision !== before;
      });
      if (changed.length > 0) {
        this.#gates.fire();
        this.#tools.fire(changed.map(({ name }) => name));
      }
      this.#armPoll();
    });
  }
}
