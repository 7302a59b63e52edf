/**
 * Owns the servers of a session on `/mcp`: their connections in configured order, the common handshake, and bringing
 * servers that come late or come back to where the client has brought the others. Knows nothing of routing.
 */
import { mergeInitializeAnswers, type InitializeAnswer } from '../mcp/initialize';
import { notificationFrame } from '../mcp/messages';
import { decodeString, findPath } from '../mcp/spans';
import type { ConfiguredServer } from '../servers/types';
import { Deferred } from '../util/async';
import { isJsonObject, type JsonObject } from '../util/json';
import type { ConnectionContext, ConnectionOwner } from './connectionTypes';
import type { DownstreamSession } from './downstreamSession';
import { ownMessage, type Frame } from './frame';
import { settledWithin, type Grace } from './grace';
import { CHANGE_NOTIFICATIONS } from './listKinds';
import { listsToReread, tellAgain } from './retelling';
import type { ServerMemory } from './serverMemory';
import { UpstreamConnection } from './upstreamConnection';

export interface AggregateServersOptions {
  readonly context: ConnectionContext;
  readonly grace: Grace;
  readonly memory: ServerMemory;
  /** Of the extension, for `serverInfo`. */
  readonly version: string;
  readonly onStateChange: () => void;
}

export interface AggregateServersHandlers extends Pick<ConnectionOwner, 'onServerRequest' | 'onServerNotification'> {
  /** The connection is not what it was: failed, closed, or about to shake hands again; what its server has asked is void. */
  onLost(connection: UpstreamConnection): void;
}

export class AggregateServers {
  /** Exposed URI to what is subscribed to at which server; taken up again when the server comes back. */
  readonly subscriptions = new Map<string, { readonly server: string; readonly uri: string }>();
  /** Raw JSON of the last `logging/setLevel` params, for servers that come later. */
  logLevel: string | undefined;

  #connections: UpstreamConnection[];
  readonly #settled = new Map<UpstreamConnection, Deferred<void>>();
  readonly #endings = new Set<Promise<void>>();
  /** Servers that came after the answer but before the client was ready to hear of them. */
  readonly #unannounced = new Set<UpstreamConnection>();
  #initialize: Frame | undefined;
  #initialized: Frame | undefined;
  #isAnswered = false;
  /** The capabilities that the client was told of. */
  #declared: JsonObject = {};
  #isClosed = false;

  constructor(
    private readonly session: DownstreamSession,
    servers: readonly ConfiguredServer[],
    private readonly options: AggregateServersOptions,
    private readonly handlers: AggregateServersHandlers,
  ) {
    this.#connections = servers.map((server) => this.#connect(server));
  }

  get connections(): readonly UpstreamConnection[] {
    return this.#connections;
  }

  /** The client has the answer to `initialize`. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Whether the client was told that the gateway has a capability. */
  declares(capability: string): boolean {
    return this.#declared[capability] !== undefined;
  }

  find(server: string | undefined): UpstreamConnection | undefined {
    return server === undefined ? undefined : this.#connections.find((connection) => connection.name === server);
  }

  /**
   * Shakes hands with all servers in parallel, with the client's own bytes; gives the merged result after the grace.
   * `again`: this was done before. `undefined`: the session has ended meanwhile.
   */
  async initialize(frame: Frame): Promise<JsonObject | 'again' | undefined> {
    if (this.#initialize) return 'again';
    this.#initialize = frame;
    const jobs = [...this.#settled.values()].map(({ promise }) => promise);
    for (const connection of this.#connections) this.#start(connection, frame);
    await settledWithin(jobs, this.options.grace, this.options.context.clock);
    if (this.#isClosed) return undefined;
    const answers: InitializeAnswer[] = [];
    let isUnknown = false;
    for (const connection of this.#connections) {
      const { name, isReady, handshake } = connection;
      // A session's capabilities are told once: of a server that is late, what it could the last time.
      const result = isReady ? handshake : mayCome(connection) ? this.options.memory.of(connection.server).handshake : undefined;
      if (result) answers.push({ server: name, result });
      else isUnknown ||= mayCome(connection);
    }
    const requested = decodeString(frame.bytes, findPath(frame.bytes, frame.envelope.paramsSpan, 'protocolVersion'));
    const result = mergeInitializeAnswers(answers, requested, this.options.version, isUnknown);
    if (isJsonObject(result.capabilities)) this.#declared = result.capabilities;
    this.session.protocolVersion = typeof result.protocolVersion === 'string' ? result.protocolVersion : undefined;
    this.#isAnswered = true;
    return result;
  }

  /** The client has finished the handshake; each server hears of it once it has answered. */
  clientInitialized(frame: Frame): void {
    if (this.#initialized) return;
    this.#initialized = frame;
    for (const connection of this.#connections) connection.clientInitialized(frame);
    for (const connection of this.#unannounced) this.#announce(connection);
    this.#unannounced.clear();
  }

  /** Takes over another configuration; gives the connections that are stopped, replaced ones included. */
  replace(servers: readonly ConfiguredServer[]): readonly UpstreamConnection[] {
    const before = new Map(this.#connections.map((connection) => [connection.name, connection]));
    const started: UpstreamConnection[] = [];
    this.#connections = servers.map((server) => {
      const old = before.get(server.name);
      if (old?.server.fingerprint === server.fingerprint) {
        before.delete(server.name);
        old.adopt(server);
        return old;
      }
      const connection = this.#connect(server);
      started.push(connection);
      return connection;
    });
    const gone = [...before.values()];
    for (const connection of gone) {
      this.#settled.get(connection)?.resolve();
      this.#settled.delete(connection);
      this.#unannounced.delete(connection);
      const ending = connection.close();
      this.#endings.add(ending);
      void ending.finally(() => this.#endings.delete(ending));
      if (this.#initialized) for (const method of CHANGE_NOTIFICATIONS.keys()) this.notify(connection.name, method);
    }
    if (this.#initialize) for (const connection of started) this.#start(connection, this.#initialize);
    return gone;
  }

  /** What clients may see of a server's tools has changed, though not by the server. */
  toolsChanged(server: string): void {
    const connection = this.find(server);
    if (!connection) return;
    connection.definitions.markStale();
    if (this.#initialized && connection.isReady && connection.hasCapability('tools')) this.notify(server, 'notifications/tools/list_changed');
  }

  /** Tells the client something on the gateway's own account. */
  notify(server: string, method: string): void {
    if (this.#isClosed) return;
    this.session.send(ownMessage(notificationFrame(method), server), undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#connections.map((connection) => connection.close()), ...this.#endings]);
  }

  #connect(server: ConfiguredServer): UpstreamConnection {
    const connection = new UpstreamConnection(server, this.options.context, {
      onServerRequest: (from, frame) => this.handlers.onServerRequest(from, frame),
      onServerNotification: (from, frame) => this.handlers.onServerNotification(from, frame),
      onHandshake: (from) => this.#handshake(from),
      onStateChange: (from) => {
        if (from.state.kind === 'failed' || from.state.kind === 'closed') {
          const settled = this.#settled.get(from);
          // Usually nobody is waiting any more.
          settled?.promise.catch(() => undefined);
          settled?.reject(new Error('lost'));
        }
        // Also when it is asked for a new session, having forgotten the one before.
        if (!from.isReady && !this.#isClosed) this.handlers.onLost(from);
        this.options.onStateChange();
      },
    });
    this.#settled.set(connection, new Deferred());
    return connection;
  }

  #start(connection: UpstreamConnection, initialize: Frame): void {
    connection.start(initialize);
    if (this.#initialized) connection.clientInitialized(this.#initialized);
  }

  #handshake(connection: UpstreamConnection): void {
    if (!connection.isReady) return;
    if (connection.handshake) this.options.memory.shookHands(connection.server, connection.handshake);
    this.#settled.get(connection)?.resolve();
    if (!this.#isAnswered) return;
    this.#catchUp(connection);
    if (this.#initialized) this.#announce(connection);
    else this.#unannounced.add(connection);
  }

  /** What the client is subscribed to at a server: exposed URI, and the server's own. */
  subscriptionsOf(server: string): [exposed: string, uri: string][] {
    return [...this.subscriptions].flatMap(([exposed, one]) => (one.server === server ? [[exposed, one.uri] as [string, string]] : []));
  }

  /** A new process knows nothing of the session, whether it follows a crash, a restart or a change of configuration. */
  #catchUp(connection: UpstreamConnection): void {
    const subscriptions = this.subscriptionsOf(connection.name).map(([, uri]) => JSON.stringify(uri));
    tellAgain(connection, this.#initialize?.number ?? 0, { logLevel: this.logLevel, subscriptions });
  }

  #announce(connection: UpstreamConnection): void {
    for (const method of listsToReread(connection)) this.notify(connection.name, method);
  }
}

/** Whether a server that is not there is on its way, or will be tried again. */
function mayCome({ state }: UpstreamConnection): boolean {
  return state.kind === 'starting' || (state.kind === 'failed' && state.retryInMs !== undefined);
}
