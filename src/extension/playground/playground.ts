/**
 * Owns the Playground as a whole: a connection to each configured server, the runs, what servers ask, and the one state
 * its view draws from. Free of the editor: what needs a person goes through a port.
 *
 * Invariants: no server is connected before its lists are looked at or something of it is run; once the view is closed and the last run is
 * over, no connection of the Playground is left.
 */
import type { PlaygroundState, Root } from '../contract/playground';
import type { CatalogDefinition, CatalogSlice, CatalogTarget, Completion, CompletionQuery } from '../contract/playgroundCatalog';
import type {
  ArgumentCheck,
  HistoryEntry,
  LogLevel,
  LogMessage,
  PlaygroundRun,
  RunResult,
  RunStart,
  RunTarget,
} from '../contract/playgroundRuns';
import { Throttle } from '../util/async';
import { Emitter } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { checkArguments } from './arguments';
import { complete } from './completion';
import type { ServerConnection } from './connection';
import { Connections } from './connections';
import { RunHistory } from './history';
import { Openings } from './openings';
import type { PlaygroundOptions, StartRequest } from './ports';
import { Roots } from './roots';
import { RunList, type Run } from './runList';
import { RunRecords } from './runRecords';
import { resultOf } from './runResult';
import { Runner } from './runner';
import { ServerRequests, type RequestContext } from './serverRequests';
import { Subscriptions } from './subscriptions';
import type { PlaygroundTap } from './tap';

/** The state is told this often at most. */
const STATE_INTERVAL_MS = 100;

export class Playground implements Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #changed = this.#lifetime.add(new Emitter<PlaygroundState>());
  readonly #tell: Throttle;
  readonly #connections: Connections;
  readonly #runs: RunList;
  readonly #runner: Runner;
  readonly #subscriptions: Subscriptions;
  readonly #roots: Roots;
  readonly #history: RunHistory;
  readonly requests: ServerRequests;
  readonly #openings: Openings;
  readonly #records: RunRecords;
  #requestIds = 0;
  savedRevision = 0;

  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly options: PlaygroundOptions,
    tap: PlaygroundTap,
  ) {
    const { clock, person, checkSchema, world, approvals } = options;
    const onChange = (): void => this.#tell.trigger();
    this.#tell = this.#lifetime.add(new Throttle(() => this.#changed.fire(this.state), STATE_INTERVAL_MS, clock));
    this.#roots = new Roots(options);
    this.#history = new RunHistory(options);
    this.#openings = new Openings(clock, onChange);
    this.#runs = new RunList(clock, onChange);
    this.#records = new RunRecords({ calls: options.calls, runs: this.#runs, onJudged: (run) => this.#history.add(run.state) });
    this.requests = new ServerRequests({ clock, checkSchema, person, roots: () => this.#roots.state.roots, onChange });
    this.#runner = new Runner(options, this.#runs, {
      onSettled: (run) => this.#settled(run),
      onUrlsRequired: (connection, error, sent) => this.requests.urlsRequired(this.#contextOf(connection), error, sent),
    });
    this.#subscriptions = new Subscriptions({
      clock,
      onChange,
      read: (connection, uri) => this.#read(connection, uri),
      replaced: (run) => this.#runs.remove(run),
    });
    tap.listener = {
      onSent: (id, frame) => {
        const run = this.#runner.runByRequest(id);
        if (run) this.#records.recorded(run, frame);
      },
      onOwnAnswer: (id) => this.#runner.answeredByGateway(id),
      onServer: (server, news) => this.#connections.find(server)?.news(news),
    };
    this.#connections = this.#lifetime.add(
      new Connections(options, {
        nextId: () => ++this.#requestIds,
        onChange,
        onRequest: (connection, request) => this.requests.receive(this.#contextOf(connection), request),
        onNotification: (connection, method, params, stream) => this.#notified(connection, method, params, stream),
        onReady: (connection) => this.#subscriptions.renew(connection),
        onSessionOver: (connection) => this.requests.cancelAll((card) => card.server === connection.name, true),
        onGone: (connection) => this.#subscriptions.dropAll(connection.name),
        isBusy: (connection) => this.#runner.isBusy(connection),
      }),
    );
    const follow = (): void => {
      this.#connections.follow();
      onChange();
    };
    this.#lifetime.add(world.onDidChange(follow));
    if (approvals) {
      this.#lifetime.add(
        approvals.onDidChange((servers) => {
          for (const server of servers) this.#connections.find(server)?.touch();
          onChange();
        }),
      );
    }
    follow();
  }

  get state(): PlaygroundState {
    const { obstacle } = this.options.world;
    const opening = this.#openings.latest;
    return {
      ...(obstacle ? { obstacle } : {}),
      servers: this.#connections.all.map(({ snapshot }) => snapshot),
      runs: this.#runs.states,
      requests: this.requests.cards,
      subscriptions: this.#subscriptions.states,
      roots: this.#roots.state,
      ...(opening ? { opening } : {}),
      savedRevision: this.savedRevision,
      historyRevision: this.#history.revision,
    };
  }

  /** In the order of the configuration. */
  get connections(): readonly ServerConnection[] {
    return this.#connections.all;
  }

  /** Something outside has changed that the state shows. */
  touch(): void {
    this.#tell.trigger();
  }

  // --- view ----------------------------------------------------------------------------------------------------------

  /** A view is there. */
  viewOpened(): void {
    this.#connections.viewOpened();
  }

  /** The view shows or searches the lists of these servers: connects to those of them that are not, and may be. */
  look(servers: readonly string[]): void {
    this.#connections.look(servers);
  }

  /** Nobody looks any more: what servers ask is turned down, and connections end with their last run. */
  viewClosed(): void {
    this.#openings.clear();
    this.requests.cancelAll(() => true);
    this.#subscriptions.dropAll();
    this.#connections.viewClosed();
  }

  /** Has the view show something that can be run. */
  open(target: RunTarget, argumentsText?: string, run?: string): void {
    this.#openings.open(target, argumentsText, run);
  }

  /** Has the view show a server with what it offers; the view connects it. */
  openServer(server: string): void {
    this.#openings.openServer(server);
  }

  #contextOf(connection: ServerConnection): RequestContext {
    const { name } = connection;
    return { server: name, session: () => connection.session, runOf: (stream) => this.#runner.runOf(name, stream) };
  }

  #notified(connection: ServerConnection, method: string, params: string, stream: string | undefined): void {
    switch (method) {
      case 'notifications/progress':
        this.#runner.progress(connection, params);
        return;
      case 'notifications/message': {
        const run = this.#runner.runOf(connection.name, stream);
        const message = connection.logs.add(params, this.options.clock.wallMs(), run);
        const logged = run === undefined ? undefined : this.#runs.get(run);
        if (logged) this.#runs.log(logged, message);
        this.touch();
        return;
      }
      case 'notifications/resources/updated':
        this.#subscriptions.updated(connection.name, params);
        return;
      case 'notifications/cancelled':
        this.requests.cancelledByServer(connection.name, params);
        return;
      case 'notifications/elicitation/complete':
        this.requests.completed(connection.name, params);
        return;
      case 'notifications/tasks/status':
        this.#runner.taskStatus(connection, params);
        return;
    }
  }

  // --- servers and catalogue -----------------------------------------------------------------------------------------

  async connect(server: string): Promise<void> {
    const connection = this.#connections.current(server);
    connection.isWanted = true;
    if (connection.snapshot.connection.kind === 'failed') await connection.disconnect();
    await connection.connect();
  }

  async disconnect(server: string): Promise<void> {
    const connection = this.#connections.get(server);
    connection.isWanted = false;
    this.#runner.disconnected(connection);
    this.#subscriptions.dropAll(server);
    await connection.disconnect();
  }

  catalog(server: string, text: string): CatalogSlice {
    return this.#connections.get(server).slice(text);
  }

  definition({ server, kind, name }: CatalogTarget): CatalogDefinition | undefined {
    return this.#connections.get(server).definition(kind, name);
  }

  async refresh(server: string): Promise<void> {
    const connection = this.#connections.current(server);
    await connection.connected();
    await connection.refresh();
  }

  complete(query: CompletionQuery): Promise<Completion> {
    return complete(this.#connections.get(query.target.server), query);
  }

  async checkArguments(target: CatalogTarget, argumentsText: string): Promise<ArgumentCheck> {
    return checkArguments(target.kind, argumentsText, this.definition(target)?.inputSchema, this.options.checkSchema);
  }

  // --- runs ----------------------------------------------------------------------------------------------------------

  /** `onListed`: the run can be seen and cancelled from now on, maybe long before it is sent. */
  async start(request: StartRequest, origin: PlaygroundRun['origin'] = 'user', onListed?: (run: string) => void): Promise<RunStart> {
    const connection = this.#connections.current(request.target.server);
    try {
      return await this.#runner.start(connection, request, origin, onListed);
    } finally {
      // One that was not started after all has connected its server for nothing, where no view is there.
      this.#connections.rest(connection);
    }
  }

  #read(connection: ServerConnection, uri: string): Promise<RunStart> {
    const target: RunTarget = { server: connection.name, kind: 'resource', name: uri };
    return this.#runner.start(connection, { target, argumentsText: '', sendAnyway: true, asTask: false }, 'subscription');
  }

  cancel(run: string): void {
    this.#runner.cancel(run);
  }

  dismiss(run: string): void {
    this.#runs.remove(run);
  }

  run(id: string): PlaygroundRun | undefined {
    return this.#runs.get(id)?.state;
  }

  /** The whole text of a result. */
  resultText(id: string): string | undefined {
    return this.#runs.get(id)?.result?.text;
  }

  result(id: string): Promise<RunResult | undefined> {
    return resultOf(this.#runs.get(id), this.options.checkSchema);
  }

  #settled(run: Run): void {
    const { target, status, id } = run.state;
    // What the server asked in the course of a call that it has answered itself, it may still want to know.
    if (status === 'cancelled' || status === 'transportError') this.requests.cancelAll((card) => card.run === id);
    const connection = this.#connections.find(target.server);
    if (target.kind !== 'request' && target.kind !== 'notification') connection?.used(target.kind, target.name, run.state.startedMs);
    connection?.touch();
    this.#history.add(run.state);
    if (connection) this.#connections.rest(connection);
    void this.#records.learn(run);
  }

  get history(): readonly HistoryEntry[] {
    return this.#history.entries;
  }

  clearHistory(): void {
    this.#history.clear();
    this.touch();
  }

  // --- as a client ---------------------------------------------------------------------------------------------------

  async setRoots(roots: readonly Root[] | undefined): Promise<void> {
    await this.#roots.set(roots);
    this.rootsChanged();
  }

  /** Tells every connected server that the roots are others. */
  rootsChanged(): void {
    for (const { session } of this.#connections.all) {
      if (session?.state.kind === 'ready') session.notify('notifications/roots/list_changed');
    }
    this.touch();
  }

  async setLogLevel(server: string, level: LogLevel): Promise<void> {
    await this.#connections.get(server).setLogLevel(level);
  }

  logs(server: string, after: number): readonly LogMessage[] {
    return this.#connections.get(server).logs.after(after);
  }

  async subscribe(server: string, uri: string): Promise<void> {
    await this.#subscriptions.subscribe(this.#connections.current(server), uri);
  }

  async unsubscribe(server: string, uri: string): Promise<void> {
    await this.#subscriptions.unsubscribe(this.#connections.get(server), uri);
  }

  dispose(): void {
    this.#subscriptions.dropAll();
    this.#lifetime.dispose();
  }
}
