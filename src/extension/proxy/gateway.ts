/**
 * Owns the gateway as a whole: the listener, the sessions, what all sessions share (names, configuration), and the status
 * the rest of the extension sees. Invariant: after `close()` there is no process, socket or timer left.
 */
import type { Gate } from '../contract/governance';
import type { GatewayState, ServerStatus } from '../contract/status';
import { NameTable } from '../mcp/names';
import type { ConfiguredServer } from '../servers/types';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import { AggregateRouter } from './aggregateRouter';
import { DEFAULT_MAX_BODY_BYTES } from './bodyLimit';
import { CatalogVersions } from './catalogVersions';
import { ClosedServers, ungoverned } from './closedServers';
import type { ConnectionContext } from './connectionTypes';
import { DownstreamSession } from './downstreamSession';
import { DEFAULT_GRACE } from './grace';
import { HttpListener, type Endpoint, type SessionHost } from './httpListener';
import { LazyQueue } from './lazyQueue';
import type { ListMethod } from './listKinds';
import { OpenSessions } from './openSessions';
import type { PostExchange } from './postExchange';
import { ProcessLedger, sweepOrphans } from './processLedger';
import { RefusingRouter } from './refusingRouter';
import { RelayRouter } from './relayRouter';
import { ServerMemory } from './serverMemory';
import { ServerStates } from './serverStates';
import type { Gateway, GatewayOptions } from './types';
import type { UpstreamConnection } from './upstreamConnection';

/** An answer that takes longer than this goes out as a stream, so that the client sees that it was heard. */
const LAZY_MS = 250;
const DEFAULT_IDLE_MS = 30 * 60_000;
const DEFAULT_MAX_SESSIONS = 256;
/** Closing takes this long at most, whatever the servers do. */
const CLOSE_LIMIT_MS = 4500;

class GatewayImpl implements Gateway, SessionHost {
  readonly #options: GatewayOptions;
  readonly #lifetime = new DisposableStore();
  readonly #stateChanged = this.#lifetime.add(new Emitter<GatewayState>());
  readonly #serversChanged = this.#lifetime.add(new Emitter<readonly ServerStatus[]>());
  readonly #catalogChanged = this.#lifetime.add(new Emitter<string>());
  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidChangeServers = this.#serversChanged.event;
  readonly onDidChangeCatalog = this.#catalogChanged.event;
  readonly #names = new NameTable();
  readonly #sessions: OpenSessions;
  readonly #lazy: LazyQueue<PostExchange>;
  readonly #sweep = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #states: ServerStates;
  readonly #memory: ServerMemory;
  readonly #versions: CatalogVersions;
  /** What `versions.state` was when it was told last. */
  #toldVersions = '';
  #configured: readonly ConfiguredServer[] = [];
  /** Those of the configured servers that may run. */
  #open: readonly ConfiguredServer[] = [];
  #closed = new ClosedServers([]);
  /** Those that the user has stopped, each with who did so last: a restart ends its own stop only. */
  readonly #stopped = new Map<string, object>();
  #status: readonly ServerStatus[] = [];
  #state: GatewayState = { kind: 'off' };
  readonly #processes: ProcessLedger | undefined;
  /** Looking for processes that earlier gateways have left behind. */
  #orphans: Promise<unknown> | undefined;
  readonly #giveUp = new AbortController();
  #listener: HttpListener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { stateDir, randomId, recorder, logger, clock, governance } = options;
    this.#states = new ServerStates(clock);
    const { idleSessionMs: idleMs = DEFAULT_IDLE_MS, maxSessions: most = DEFAULT_MAX_SESSIONS } = options;
    this.#sessions = new OpenSessions({ recorder, clock, logger, idleMs, most, onEnded: () => this.#updateStatus() });
    this.#memory = this.#lifetime.add(new ServerMemory(stateDir, randomId(6), clock, logger));
    this.#versions = new CatalogVersions(
      this.#memory,
      clock,
      (server) => this.#sessions.isServed(server),
      (server, limit) => recorder.event({ type: 'policy.limit', server, data: { what: 'changes of lists in an hour', limit } }),
    );
    if (governance) {
      this.#lifetime.add(governance.onDidChangeGates(() => this.#admit()));
      this.#lifetime.add(governance.onDidChangeTools((names) => this.#toolsChanged(names)));
    }
    this.#processes = stateDir === undefined ? undefined : new ProcessLedger(stateDir, randomId(6), logger);
    this.#lazy = this.#lifetime.add(
      new LazyQueue<PostExchange>(
        options.lazyMs ?? LAZY_MS,
        options.clock,
        (exchange) => exchange.startStream(),
      ),
    );
    this.#toldVersions = this.#versions.state;
  }

  get state(): GatewayState {
    return this.#state;
  }

  get servers(): readonly ServerStatus[] {
    return this.#status;
  }

  get catalogVersion(): string {
    return this.#versions.all;
  }

  versionOf(server: string): string {
    return this.#versions.of(server);
  }

  async start(): Promise<string> {
    if (this.#closing) throw new AppError('gateway.closed', 'The gateway has been closed');
    if (this.#state.kind === 'on') return this.#state.url;
    this.#setState({ kind: 'starting' });
    const listener = new HttpListener({
      host: this,
      recorder: this.#options.recorder,
      clock: this.#options.clock,
      token: this.#options.token,
      playgroundToken: this.#options.playgroundToken,
      clientToken: this.#options.clientToken,
      port: this.#options.port,
      maxBodyBytes: this.#options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    });
    const { stateDir, logger } = this.#options;
    // In the background: other programs may have to be asked.
    if (stateDir !== undefined) this.#orphans = sweepOrphans(stateDir, logger, { signal: this.#giveUp.signal });
    try {
      // Known before it listens: a close meanwhile finds it.
      this.#listener = listener;
      const port = await listener.listen();
      const url = `http://127.0.0.1:${port}`;
      this.#options.recorder.event({ type: 'gateway.started', data: { port, version: this.#options.version } });
      this.#setState({ kind: 'on', url });
      this.#armSweep();
      return url;
    } catch (error) {
      this.#setState({ kind: 'failed', message: messageOf(error) });
      throw error;
    }
  }

  setServers(servers: readonly ConfiguredServer[]): void {
    const before = new Map(this.#configured.map((server) => [server.name, server]));
    this.#configured = servers;
    const ruled: string[] = [];
    for (const { name, fingerprint, tools } of servers) {
      const known = before.get(name);
      if (known?.fingerprint !== fingerprint) this.#states.forget(name);
      else if (JSON.stringify(known.tools) !== JSON.stringify(tools)) ruled.push(name);
      before.delete(name);
    }
    for (const name of before.keys()) {
      this.#stopped.delete(name);
      this.#states.forget(name);
      this.#names.forget(name);
    }
    this.#versions.setServers(servers);
    this.#admit();
    if (ruled.length > 0) this.#toolsChanged(ruled);
  }

  stopServer(name: string): Promise<void> {
    return this.#stop(name, {});
  }

  async #stop(name: string, by: object): Promise<void> {
    if (!this.hasServer(name)) return;
    const ending = this.#sessions.connections().filter((connection) => connection.name === name);
    this.#stopped.set(name, by);
    this.#admit();
    // Also the one a session of its own ends by itself: closing twice is closing once.
    await Promise.all(ending.map((connection) => connection.close()));
  }

  async restartServer(name: string): Promise<void> {
    const restart = {};
    await this.#stop(name, restart);
    // Stopped, or restarted, by somebody else meanwhile: theirs is the last word.
    if (this.#stopped.get(name) !== restart) return;
    this.#stopped.delete(name);
    this.#states.forget(name);
    this.#admit();
  }

  /** Lets in what may run and stops what may not; the others go on. */
  #admit(): void {
    const { governance } = this.#options;
    const gates = this.#configured.map((server) => ({
      server,
      gate: this.#stopped.has(server.name) ? stoppedByUser(server.name) : governance ? governance.gateOf(server) : ungoverned(server),
    }));
    const wasOpen = new Set(this.#open.map(({ name }) => name));
    this.#open = gates.filter(({ gate }) => gate.kind === 'open').map(({ server }) => server);
    this.#closed = new ClosedServers(gates.filter(({ gate }) => gate.kind !== 'open'));
    for (const open of this.#sessions.all()) {
      const { endpoint, session } = open;
      if (endpoint.server === undefined) (session.router as AggregateRouter).setServers(this.#open);
      else {
        const now = this.#open.find(({ name }) => name === endpoint.server);
        const [connection] = open.connections();
        // The client is told by the 404 that its next message gets, and initializes again.
        if (now?.fingerprint !== connection?.server.fingerprint) this.end(session);
        else if (now) connection?.adopt(now);
      }
    }
    const turned = this.#configured.filter(({ name }) => wasOpen.has(name) !== this.#open.some((server) => server.name === name));
    this.#ruled(turned.map(({ name }) => name));
    this.#updateStatus();
    this.#tellVersions();
  }

  #ruled(names: readonly string[]): void {
    if (this.#state.kind === 'on') for (const name of names) this.#versions.ruled(name);
  }

  #toolsChanged(names: readonly string[]): void {
    for (const { session, endpoint } of this.#sessions.all()) {
      const { router } = session;
      if (router instanceof AggregateRouter) router.toolsChanged(names);
      else if (router instanceof RelayRouter && names.includes(endpoint.server!)) router.toolsChanged();
    }
    this.#ruled(names);
    this.#tellVersions();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasOn = this.#state.kind === 'on';
    this.#sweep.dispose();
    this.#giveUp.abort();
    let limit: Disposable | undefined;
    const late = new Promise<void>((resolve) => {
      limit = this.#options.clock.timer(CLOSE_LIMIT_MS, resolve);
    });
    // The sessions' last answers still go out; then the listener's sockets are cut.
    await Promise.race([this.#sessions.endAll(), late]);
    limit?.dispose();
    await this.#listener?.close();
    await this.#orphans;
    await this.#processes?.close().catch(() => undefined);
    if (wasOn) this.#options.recorder.event({ type: 'gateway.stopped', data: {} });
    this.#setState({ kind: 'off' });
    this.#lifetime.dispose();
  }

  // --- SessionHost ---------------------------------------------------------------------------------------------------

  readonly hasServer = (name: string): boolean => this.#configured.some((server) => server.name === name);

  find(wireId: string, endpoint: Endpoint): DownstreamSession | undefined {
    return this.#sessions.find(wireId, endpoint);
  }

  end(session: DownstreamSession): void {
    this.#sessions.end(session);
  }

  open(endpoint: Endpoint, isPlayground = false): DownstreamSession | undefined {
    if (this.#closing || !this.#sessions.hasRoom()) return undefined;
    const { recorder, resolver, clock, logger, randomId, auth } = this.#options;
    const session = new DownstreamSession({
      recorder,
      clock,
      lazy: this.#lazy,
      wireId: randomId(24),
      storeId: randomId(9),
    });
    const context: ConnectionContext = {
      recorder,
      resolver,
      clock,
      logger,
      auth,
      governance: this.#options.governance,
      processes: this.#processes,
      session: session.storeId,
    };
    const onStateChange = (): void => this.#updateStatus();
    let connections: () => readonly UpstreamConnection[];
    if (endpoint.server === undefined) {
      const router = new AggregateRouter(session, this.#open, {
        context: { ...context, fansOut: true },
        names: this.#names,
        memory: this.#memory,
        grace: this.#options.grace ?? DEFAULT_GRACE,
        version: this.#options.version,
        onStateChange,
        onList: (server, method, hash) => this.#observeList(server, method, hash),
        onListChanged: (server, method) => this.#observeListChanged(server, method),
        closed: (name, isPrefix) => this.#closed.ownerOf(name, isPrefix, this.#names),
      });
      session.router = router;
      connections = () => router.connections;
    } else {
      session.serverName = endpoint.server;
      const server = this.#open.find(({ name }) => name === endpoint.server);
      const router =
        server &&
        new RelayRouter(session, server, context, {
          onStateChange,
          onList: (method, hash) => this.#observeList(server.name, method, hash),
          onListChanged: (method) => this.#observeListChanged(server.name, method),
        });
      session.router = router ?? new RefusingRouter(session, endpoint.server, this.#closed.messageOf(endpoint.server), recorder);
      connections = () => (router ? [router.connection] : []);
    }
    this.#sessions.add({ session, endpoint, isPlayground, connections });
    return session;
  }

  // --- idle sessions -------------------------------------------------------------------------------------------------

  #armSweep(): void {
    const idleMs = this.#options.idleSessionMs ?? DEFAULT_IDLE_MS;
    this.#sweep.value = this.#options.clock.timer(Math.max(1000, idleMs / 10), () => {
      this.#sessions.sweep();
      // Not at the end of a session: a client that comes back at once would be sent away by it.
      this.#versions.settle();
      this.#tellVersions();
      this.#armSweep();
    });
  }

  // --- status --------------------------------------------------------------------------------------------------------

  #setState(state: GatewayState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }

  #updateStatus(): void {
    const status = this.#states.statuses(this.#configured, (name) => this.#closed.gateOf(name) ?? { kind: 'open' }, this.#sessions.connections());
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    this.#serversChanged.fire(status);
  }

  // --- versions -----------------------------------------------------------------------------------------------------

  #observeList(server: string, method: ListMethod, hash: string): void {
    if (this.#versions.listed(server, method, hash)) this.#tellVersions();
  }

  #observeListChanged(server: string, method: string): void {
    if (this.#versions.listChanged(server, method)) this.#tellVersions();
  }

  #tellVersions(): void {
    const { state, all } = this.#versions;
    if (state === this.#toldVersions) return;
    this.#toldVersions = state;
    this.#catalogChanged.fire(all);
  }
}

function stoppedByUser(name: string): Gate {
  return { kind: 'disabled', message: `Server "${name}" was stopped by you. Restart it to use it again.`, byUser: true };
}

/** Makes a gateway; it serves nothing before `start()`. */
export function createGateway(options: GatewayOptions): Gateway {
  return new GatewayImpl(options);
}
