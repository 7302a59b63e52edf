/**
 * Owns the gateway as a whole: the listener, the sessions, what all sessions share (names, configuration), and the status
 * the rest of the extension sees. Invariant: after `close()` there is no process, socket or timer left.
 */
import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { GatewayState, ServerState, ServerStatus } from '../contract/status';
import type { Envelope } from '../mcp/envelope';
import { NameTable } from '../mcp/names';
import { decodeString, findPath } from '../mcp/spans';
import type { ConfiguredServer } from '../servers/types';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { isJsonObject } from '../util/json';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import { AggregateRouter } from './aggregateRouter';
import { DownstreamSession } from './downstreamSession';
import { DEFAULT_GRACE } from './grace';
import { DEFAULT_MAX_BODY_BYTES, HttpListener, type Endpoint, type SessionHost } from './httpListener';
import { LazyQueue } from './lazyQueue';
import type { PostExchange } from './postExchange';
import { ProcessLedger, sweepOrphans } from './processLedger';
import { RelayRouter } from './relayRouter';
import type { Gateway, GatewayOptions } from './types';
import type { ConnectionContext, UpstreamConnection } from './upstreamConnection';

/** An answer that takes longer than this goes out as a stream, so that the client sees that it was heard. */
const LAZY_MS = 250;
const DEFAULT_IDLE_MS = 30 * 60_000;
const DEFAULT_MAX_SESSIONS = 256;
/** Closing takes this long at most, whatever the servers do. */
const CLOSE_LIMIT_MS = 4500;

interface OpenSession {
  readonly session: DownstreamSession;
  readonly endpoint: Endpoint;
  readonly connections: () => readonly UpstreamConnection[];
}

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
  readonly #sessions = new Map<string, OpenSession>();
  readonly #lazy: LazyQueue<PostExchange>;
  readonly #sweep = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #endings = new Set<Promise<void>>();
  readonly #lastFailures = new Map<string, ServerState & { kind: 'failed' }>();
  /** Per server and list: hash of what was listed last. */
  readonly #lists = new Map<string, string>();
  #changes = '';
  #catalogVersion = '';
  #configured: readonly ConfiguredServer[] = [];
  #status: readonly ServerStatus[] = [];
  #state: GatewayState = { kind: 'off' };
  readonly #processes: ProcessLedger | undefined;
  #listener: HttpListener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { stateDir, randomId, logger } = options;
    this.#processes = stateDir === undefined ? undefined : new ProcessLedger(stateDir, randomId(6), logger);
    this.#lazy = this.#lifetime.add(
      new LazyQueue<PostExchange>(
        options.lazyMs ?? LAZY_MS,
        options.clock,
        (exchange) => exchange.isFinished,
        (exchange) => exchange.startStream(),
      ),
    );
    this.#updateCatalogVersion();
  }

  get state(): GatewayState {
    return this.#state;
  }

  get servers(): readonly ServerStatus[] {
    return this.#status;
  }

  get catalogVersion(): string {
    return this.#catalogVersion;
  }

  async start(): Promise<string> {
    if (this.#closing) throw new AppError('gateway.closed', 'The gateway has been closed');
    if (this.#state.kind === 'on') return this.#state.url;
    this.#setState({ kind: 'starting' });
    const listener = new HttpListener({
      host: this,
      recorder: this.#options.recorder,
      token: this.#options.token,
      port: this.#options.port,
      maxBodyBytes: this.#options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    });
    const { stateDir, logger } = this.#options;
    if (stateDir !== undefined) void sweepOrphans(stateDir, logger);
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
    const before = new Map(this.#configured.map((server) => [server.name, server.fingerprint]));
    this.#configured = servers;
    for (const { name, fingerprint } of servers) {
      if (before.get(name) !== fingerprint) this.#forget(name);
      before.delete(name);
    }
    for (const name of before.keys()) {
      this.#forget(name);
      this.#names.forget(name);
    }
    for (const open of [...this.#sessions.values()]) {
      const { endpoint, session } = open;
      if (endpoint.server === undefined) (session.router as AggregateRouter).setServers(servers);
      else {
        const now = servers.find(({ name }) => name === endpoint.server);
        const [connection] = open.connections();
        // The client is told by the 404 that its next message gets, and initializes again.
        if (now?.fingerprint !== connection?.server.fingerprint) this.end(session);
      }
    }
    this.#updateStatus();
    this.#updateCatalogVersion();
  }

  #forget(name: string): void {
    this.#lastFailures.delete(name);
    for (const key of this.#lists.keys()) if (key.startsWith(`${JSON.stringify(name)} `)) this.#lists.delete(key);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasOn = this.#state.kind === 'on';
    this.#sweep.dispose();
    for (const { session } of [...this.#sessions.values()]) this.end(session);
    let limit: Disposable | undefined;
    const late = new Promise<void>((resolve) => {
      limit = this.#options.clock.timer(CLOSE_LIMIT_MS, resolve);
    });
    // The sessions' last answers still go out; then the listener's sockets are cut.
    await Promise.race([Promise.all(this.#endings), late]);
    limit?.dispose();
    await this.#listener?.close();
    await this.#processes?.close().catch(() => undefined);
    if (wasOn) this.#options.recorder.event({ type: 'gateway.stopped', data: {} });
    this.#setState({ kind: 'off' });
    this.#lifetime.dispose();
  }

  // --- SessionHost ---------------------------------------------------------------------------------------------------

  readonly hasServer = (name: string): boolean => this.#configured.some((server) => server.name === name);

  find(wireId: string, endpoint: Endpoint): DownstreamSession | undefined {
    const open = this.#sessions.get(wireId);
    return open?.endpoint.server === endpoint.server ? open?.session : undefined;
  }

  open(endpoint: Endpoint): DownstreamSession | undefined {
    if (this.#closing) return undefined;
    if (this.#sessions.size >= (this.#options.maxSessions ?? DEFAULT_MAX_SESSIONS)) {
      this.#sweepIdle();
      if (this.#sessions.size >= (this.#options.maxSessions ?? DEFAULT_MAX_SESSIONS)) return undefined;
    }
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
      processes: this.#processes,
      session: session.storeId,
    };
    const onStateChange = (): void => this.#updateStatus();
    let connections: () => readonly UpstreamConnection[];
    if (endpoint.server === undefined) {
      const router = new AggregateRouter(session, this.#configured, {
        context: { ...context, fansOut: true },
        names: this.#names,
        grace: this.#options.grace ?? DEFAULT_GRACE,
        version: this.#options.version,
        onStateChange,
        onList: (server, method, hash) => this.#observeList(server, method, hash),
        onListChanged: (server, method) => this.#observeListChanged(server, method),
      });
      session.router = router;
      connections = () => router.connections;
    } else {
      const server = this.#configured.find(({ name }) => name === endpoint.server)!;
      const router = new RelayRouter(session, server, context, onStateChange);
      session.router = router;
      session.serverName = server.name;
      connections = () => [router.connection];
    }
    session.onInitialize = (bytes, envelope) => this.#recordOpened(session, endpoint, bytes, envelope);
    this.#sessions.set(session.wireId, { session, endpoint, connections });
    return session;
  }

  end(session: DownstreamSession): void {
    if (!this.#sessions.delete(session.wireId)) return;
    const ending = session.close().then(
      () => {
        this.#options.recorder.event({ type: 'session.closed', session: session.storeId, data: {} });
      },
      (error: unknown) => this.#options.logger.error(`A session could not be closed: ${messageOf(error)}`),
    );
    this.#endings.add(ending);
    void ending.finally(() => {
      this.#endings.delete(ending);
      this.#updateStatus();
    });
  }

  #recordOpened(session: DownstreamSession, endpoint: Endpoint, bytes: Buffer, envelope: Envelope): void {
    const text = (...path: string[]): string | undefined => decodeString(bytes, findPath(bytes, envelope.paramsSpan, ...path));
    this.#options.recorder.event({
      type: 'session.opened',
      session: session.storeId,
      server: endpoint.server,
      data: {
        endpoint: endpoint.server === undefined ? '/mcp' : `/mcp/${encodeURIComponent(endpoint.server)}`,
        clientName: text('clientInfo', 'name'),
        clientVersion: text('clientInfo', 'version'),
        protocolVersion: text('protocolVersion'),
      },
    });
  }

  // --- idle sessions -------------------------------------------------------------------------------------------------

  #armSweep(): void {
    const idleMs = this.#options.idleSessionMs ?? DEFAULT_IDLE_MS;
    this.#sweep.value = this.#options.clock.timer(Math.max(1000, idleMs / 10), () => {
      this.#sweepIdle();
      this.#armSweep();
    });
  }

  #sweepIdle(): void {
    const limit = this.#options.clock.wallMs() - (this.#options.idleSessionMs ?? DEFAULT_IDLE_MS);
    for (const { session } of [...this.#sessions.values()]) if (session.lastActiveMs < limit) this.end(session);
  }

  // --- status --------------------------------------------------------------------------------------------------------

  #setState(state: GatewayState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }

  #updateStatus(): void {
    const byServer = new Map<string, UpstreamConnection[]>();
    for (const { connections } of this.#sessions.values()) {
      for (const connection of connections()) {
        const list = byServer.get(connection.name);
        if (list) list.push(connection);
        else byServer.set(connection.name, [connection]);
      }
    }
    const status = this.#configured.map(({ name, config }): ServerStatus => ({
      name,
      transport: config.type,
      state: this.#stateOf(name, byServer.get(name) ?? []),
    }));
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    this.#serversChanged.fire(status);
  }

  #stateOf(name: string, connections: readonly UpstreamConnection[]): ServerState {
    const ready = connections.filter((connection) => connection.isReady);
    if (ready.length > 0) {
      this.#lastFailures.delete(name);
      const info = ready[0]!.handshake?.serverInfo;
      const version = isJsonObject(info) && typeof info.version === 'string' ? info.version : undefined;
      return { kind: 'running', connections: ready.length, ...(version === undefined ? {} : { version }) };
    }
    for (const { state } of connections) {
      if (state.kind !== 'failed') continue;
      const known = this.#lastFailures.get(name);
      if (known?.message === state.message) return known;
      const failed = {
        kind: 'failed',
        message: state.message,
        stderr: state.stderr,
        atMs: this.#options.clock.wallMs(),
      } as const;
      this.#lastFailures.set(name, failed);
      return failed;
    }
    // A restart that is under way does not hide why it is needed.
    const failure = this.#lastFailures.get(name);
    if (failure) return failure;
    return connections.some(({ state }) => state.kind === 'starting') ? { kind: 'starting' } : { kind: 'idle' };
  }

  // --- catalog version -----------------------------------------------------------------------------------------------

  #observeList(server: string, method: string, hash: string): void {
    const key = `${JSON.stringify(server)} ${method}`;
    const before = this.#lists.get(key);
    this.#lists.set(key, hash);
    // Learning a list for the first time changes nothing that anybody could have cached.
    if (before === undefined || before === hash) return;
    this.#bumpCatalog(`${key} ${hash}`);
  }

  #observeListChanged(server: string, method: string): void {
    const known = [...this.#lists.keys()].some((key) => key.startsWith(`${JSON.stringify(server)} `));
    if (known) this.#bumpCatalog(`${server} ${method} ${this.#changes}`);
  }

  #bumpCatalog(what: string): void {
    this.#changes = createHash('sha256').update(`${this.#changes}\n${what}`).digest('base64url').slice(0, 8);
    this.#updateCatalogVersion();
  }

  #updateCatalogVersion(): void {
    const servers = this.#configured.map(({ name, fingerprint }) => [name, fingerprint]);
    const base = createHash('sha256').update(JSON.stringify(servers)).digest('base64url').slice(0, 12);
    const version = this.#changes === '' ? base : `${base}.${this.#changes}`;
    if (version === this.#catalogVersion) return;
    this.#catalogVersion = version;
    this.#catalogChanged.fire(version);
  }
}

/** Makes a gateway; it serves nothing before `start()`. */
export function createGateway(options: GatewayOptions): Gateway {
  return new GatewayImpl(options);
}
