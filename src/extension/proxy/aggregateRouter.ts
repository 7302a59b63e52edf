/**
 * Owns a session on `/mcp`: one upstream connection per server, and where each message goes. The gateway answers itself
 * what concerns all servers (initialize, lists, ping); everything else goes to the server that the tables name, with
 * nothing changed but the name, URI, id or token that the tables map.
 */
import type { Buffer } from 'node:buffer';
import { scanEnvelope } from '../mcp/envelope';
import { mergeInitializeAnswers } from '../mcp/initialize';
import {
  errorFrame,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  notificationFrame,
  resultFrame,
  SERVER_UNAVAILABLE,
} from '../mcp/messages';
import { ResourceTable } from '../mcp/resourceTable';
import { canonicalScalar, decodeString, findMember, findMembers, findPath, rawText, splice, type Edit, type Span } from '../mcp/spans';
import type { NameTable } from '../mcp/names';
import type { ConfiguredServer } from '../servers/types';
import { Deferred } from '../util/async';
import { Catalog, isListMethod, type CatalogHooks, type ListMethod } from './catalog';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { changed, verbatim, type Frame, type Outgoing } from './frame';
import { settledWithin, type Grace } from './grace';
import type { PostExchange } from './postExchange';
import { ReverseRequests } from './reverseRequests';
import { UpstreamConnection, type ConnectionContext, type Pending, type ServerFrame } from './upstreamConnection';
import { exposeUris } from './uriRewriter';

export interface AggregateOptions {
  readonly context: ConnectionContext;
  readonly names: NameTable;
  readonly grace: Grace;
  readonly version: string;
  readonly onStateChange: () => void;
  readonly onList: CatalogHooks['onList'];
  /** A server says that a list of its has changed. */
  readonly onListChanged: (server: string, method: string) => void;
}

/** What routing reads of a request's params, found in one walk. */
interface RoutedParams {
  readonly name?: Span;
  readonly uri?: Span;
  readonly ref?: Span;
  readonly meta?: Span;
  readonly task?: Span;
  readonly taskId?: Span;
}

const ROUTED_MEMBERS = ['name', 'uri', 'ref', '_meta', 'task', 'taskId'] as const;

interface OpenRequest {
  readonly frame: Frame;
  readonly params: RoutedParams;
  readonly exchange: PostExchange;
  /** Where it is in flight; absent while the gateway itself works on it. */
  connection?: UpstreamConnection;
}

const LIST_CHANGED = [
  ['tools', 'notifications/tools/list_changed'],
  ['prompts', 'notifications/prompts/list_changed'],
  ['resources', 'notifications/resources/list_changed'],
] as const;

const CHANGED_BY_LIST: Readonly<Partial<Record<ListMethod, string>>> = {
  'tools/list': 'notifications/tools/list_changed',
  'prompts/list': 'notifications/prompts/list_changed',
  'resources/list': 'notifications/resources/list_changed',
  'resources/templates/list': 'notifications/resources/list_changed',
};

export class AggregateRouter implements SessionRouter {
  readonly #connections: UpstreamConnection[] = [];
  readonly #settled = new Map<UpstreamConnection, Deferred<void>>();
  readonly #resources = new ResourceTable();
  readonly #tasks = new Map<string, string>();
  readonly #catalog: Catalog;
  readonly #reverse = new ReverseRequests();
  readonly #open = new Map<string, OpenRequest>();
  readonly #subscriptions = new Map<string, { readonly server: string; readonly uri: string }>();
  #initialize: Frame | undefined;
  #initialized: Frame | undefined;
  #isAnswered = false;
  /** Raw JSON of the last `logging/setLevel` params, for servers that come later. */
  #logLevel: string | undefined;
  /** Servers that came after the answer but before the client was ready to hear of them. */
  readonly #unannounced = new Set<UpstreamConnection>();
  #closed = false;

  constructor(
    private readonly session: DownstreamSession,
    servers: readonly ConfiguredServer[],
    private readonly options: AggregateOptions,
  ) {
    for (const server of servers) this.#connections.push(this.#connect(server));
    this.#catalog = new Catalog(
      { names: options.names, resources: this.#resources, tasks: this.#tasks },
      {
        onList: options.onList,
        onLateList: (connection, method) => {
          const notification = CHANGED_BY_LIST[method];
          if (notification !== undefined) this.#notify(connection, notification);
        },
      },
      options.context.clock,
      options.grace,
    );
  }

  get connections(): readonly UpstreamConnection[] {
    return this.#connections;
  }

  #connect(server: ConfiguredServer): UpstreamConnection {
    const connection = new UpstreamConnection(server, this.options.context, {
      onServerRequest: (from, frame) => {
        const bytes = this.#reverse.toClient(from, frame);
        const out = changed(frame, bytes, scanEnvelope(bytes), from.name, frame.pending?.cause);
        this.session.send(out, frame.pending?.exchange);
      },
      onServerNotification: (from, frame) => this.#serverNotification(from, frame),
      onHandshake: (from, _answer, first) => this.#handshake(from, first),
      onStateChange: (from) => {
        if (from.state.kind === 'failed' || from.state.kind === 'closed') this.#lost(from);
        this.options.onStateChange();
      },
    });
    this.#settled.set(connection, new Deferred());
    return connection;
  }

  /** Follows a change of configuration: stops what is gone, starts what is new, restarts what is different. */
  setServers(servers: readonly ConfiguredServer[]): void {
    const before = new Map(this.#connections.map((connection) => [connection.name, connection]));
    this.#connections.length = 0;
    const gone: UpstreamConnection[] = [];
    for (const server of servers) {
      const old = before.get(server.name);
      before.delete(server.name);
      if (old && old.server.fingerprint === server.fingerprint) {
        this.#connections.push(old);
        continue;
      }
      if (old) gone.push(old);
      const connection = this.#connect(server);
      this.#connections.push(connection);
      if (this.#initialize) this.#startConnection(connection, this.#initialize);
    }
    gone.push(...before.values());
    for (const connection of gone) {
      this.#resources.forget(connection.name);
      this.#settled.delete(connection);
      void connection.close();
      if (this.#initialized) for (const [, method] of LIST_CHANGED) this.#notify(connection, method);
    }
  }

  #startConnection(connection: UpstreamConnection, initialize: Frame): void {
    connection.start(initialize);
    if (this.#initialized) connection.clientInitialized(this.#initialized);
  }

  receive(frame: Frame, exchange: PostExchange | undefined): void {
    const { envelope } = frame;
    if (envelope.kind === 'request' && exchange) {
      const [name, uri, ref, meta, task, taskId] = findMembers(frame.bytes, envelope.paramsSpan, ROUTED_MEMBERS);
      const params = { name, uri, ref, meta, task, taskId };
      this.#open.set(envelope.id!, { frame, exchange, params });
      this.#request(frame, exchange, params);
      return;
    }
    if (envelope.kind === 'notification') {
      this.#clientNotification(frame);
      return;
    }
    const answer = this.#reverse.toServer(frame);
    if (!answer) return;
    const { connection, cause } = answer.reverse;
    connection.send(changed(frame, answer.bytes, scanEnvelope(answer.bytes), connection.name, cause));
  }

  #request(frame: Frame, exchange: PostExchange, params: RoutedParams): void {
    const { envelope, bytes } = frame;
    const method = envelope.method!;
    switch (method) {
      case 'initialize':
        void this.#initializeAll(frame);
        return;
      case 'ping':
        this.#answerOwn(frame, '{}');
        return;
      case 'tools/call':
      case 'prompts/get':
        this.#byName(frame, exchange, params.name, method === 'tools/call' ? 'tools/list' : 'prompts/list');
        return;
      case 'resources/read':
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        void this.#byUri(frame, exchange, params.uri);
        return;
      case 'completion/complete': {
        const uri = findMember(bytes, params.ref, 'uri');
        if (uri) void this.#byUri(frame, exchange, uri);
        else this.#byName(frame, exchange, findMember(bytes, params.ref, 'name'), 'prompts/list');
        return;
      }
      case 'logging/setLevel':
        void this.#setLogLevel(frame, exchange);
        return;
    }
    if (isListMethod(method)) {
      void this.#list(frame, exchange, method, params.meta);
      return;
    }
    this.#unknown(frame, exchange, params);
  }

  /** Requests of other revisions and extensions: by task, name or URI where they carry one, else to the only server. */
  #unknown(frame: Frame, exchange: PostExchange, params: RoutedParams): void {
    const { envelope, bytes } = frame;
    const task = decodeString(bytes, params.taskId);
    const byTask = task === undefined ? undefined : this.#find(this.#tasks.get(task));
    if (byTask) {
      this.#forward(frame, exchange, byTask, []);
      return;
    }
    if (this.#connections.length === 1) {
      this.#forward(frame, exchange, this.#connections[0]!, []);
      return;
    }
    const name = decodeString(bytes, params.name);
    if (name !== undefined && this.options.names.ownerOf(name)) {
      this.#byName(frame, exchange, params.name, 'tools/list');
      return;
    }
    const uri = decodeString(bytes, params.uri);
    if (uri !== undefined && this.#resources.ownerOf(uri)) {
      void this.#byUri(frame, exchange, params.uri);
      return;
    }
    if (task !== undefined) this.#fail(frame, INVALID_PARAMS, `Unknown task: ${task}`);
    else this.#fail(frame, METHOD_NOT_FOUND, `MCP Shark cannot tell which server "${envelope.method!}" is for`);
  }

  // --- handshake -----------------------------------------------------------------------------------------------------

  async #initializeAll(frame: Frame): Promise<void> {
    if (this.#initialize) {
      this.#fail(frame, INVALID_REQUEST, 'This session is already initialized');
      return;
    }
    this.#initialize = frame;
    const connections = [...this.#connections];
    const jobs = connections.map((connection) => this.#settled.get(connection)!.promise);
    for (const connection of connections) this.#startConnection(connection, frame);
    await settledWithin(jobs, this.options.grace, this.options.context.clock);
    if (this.#closed) return;
    const answers = this.#connections.flatMap((connection) =>
      connection.isReady && connection.handshake ? [{ server: connection.name, result: connection.handshake }] : [],
    );
    const requested = decodeString(frame.bytes, findPath(frame.bytes, frame.envelope.paramsSpan, 'protocolVersion'));
    const result = mergeInitializeAnswers(answers, requested, this.options.version);
    this.session.protocolVersion = typeof result.protocolVersion === 'string' ? result.protocolVersion : undefined;
    this.#isAnswered = true;
    this.#answerOwn(frame, JSON.stringify(result));
  }

  #handshake(connection: UpstreamConnection, first: boolean): void {
    if (connection.isReady) this.#settled.get(connection)?.resolve();
    if (!connection.isReady || !this.#isAnswered) return;
    this.#catchUp(connection, first);
    if (this.#initialized) this.#announce(connection);
    else this.#unannounced.add(connection);
  }

  /** Brings a server that came late, or came back, to where the client has brought the others. */
  #catchUp(connection: UpstreamConnection, first: boolean): void {
    const cause = this.#initialize?.number ?? 0;
    const ignore = (): void => undefined;
    if (this.#logLevel !== undefined && connection.hasCapability('logging')) {
      connection.request('logging/setLevel', this.#logLevel, cause).catch(ignore);
    }
    if (first) return;
    for (const { server, uri } of this.#subscriptions.values()) {
      if (server !== connection.name) continue;
      connection.request('resources/subscribe', JSON.stringify({ uri }), cause).catch(ignore);
    }
  }

  #announce(connection: UpstreamConnection): void {
    for (const [capability, method] of LIST_CHANGED) {
      if (connection.hasCapability(capability)) this.#notify(connection, method);
    }
  }

  #notify(connection: UpstreamConnection, method: string): void {
    if (this.#closed) return;
    const bytes = notificationFrame(method);
    this.session.send({ bytes, envelope: scanEnvelope(bytes), server: connection.name, ownMessage: true }, undefined);
  }

  #lost(connection: UpstreamConnection): void {
    this.#settled.get(connection)?.reject(new Error('lost'));
    // Late failures have nobody waiting.
    this.#settled.get(connection)?.promise.catch(() => undefined);
    for (const { mapped, cause } of this.#reverse.lost(connection)) {
      if (this.#closed) continue;
      const reason = JSON.stringify(`Server "${connection.name}" is gone`);
      const bytes = notificationFrame('notifications/cancelled', `{"requestId":${mapped},"reason":${reason}}`);
      const out: Outgoing = { bytes, envelope: scanEnvelope(bytes), server: connection.name, cause, ownMessage: true };
      this.session.send(out, undefined);
    }
  }

  // --- lists ---------------------------------------------------------------------------------------------------------

  async #list(frame: Frame, exchange: PostExchange, method: ListMethod, meta: Span | undefined): Promise<void> {
    const result = await this.#catalog.list(this.#connections, {
      method,
      cause: frame.number,
      meta: meta && rawText(frame.bytes, meta),
      exchange,
    });
    this.#answerOwn(frame, result);
  }

  #refresh(cause: number, ...methods: ListMethod[]): Promise<unknown> {
    return Promise.all(methods.map((method) => this.#catalog.list(this.#connections, { method, cause })));
  }

  // --- routing -------------------------------------------------------------------------------------------------------

  #find(server: string | undefined): UpstreamConnection | undefined {
    return server === undefined ? undefined : this.#connections.find((connection) => connection.name === server);
  }

  #byName(frame: Frame, exchange: PostExchange, span: Span | undefined, list: ListMethod): void {
    const name = decodeString(frame.bytes, span);
    if (name === undefined) {
      this.#fail(frame, INVALID_PARAMS, `"${frame.envelope.method!}" needs a name`);
      return;
    }
    const route = (): boolean => {
      const owner = this.options.names.ownerOf(name);
      const connection = this.#find(owner?.server);
      if (!owner || !connection) return false;
      this.#forward(frame, exchange, connection, [{ span: span!, text: JSON.stringify(owner.own) }]);
      return true;
    };
    if (route()) return;
    void this.#refresh(frame.number, list).then(() => {
      if (!route()) this.#fail(frame, INVALID_PARAMS, `Unknown ${list === 'tools/list' ? 'tool' : 'prompt'}: ${name}`);
    });
  }

  async #byUri(frame: Frame, exchange: PostExchange, span: Span | undefined): Promise<void> {
    const exposed = decodeString(frame.bytes, span);
    if (exposed === undefined) {
      this.#fail(frame, INVALID_PARAMS, `"${frame.envelope.method!}" needs a URI`);
      return;
    }
    const route = (): boolean => {
      const owner = this.#resources.ownerOf(exposed);
      const connection = this.#find(owner?.server);
      if (!owner || !connection) return false;
      if (frame.envelope.method === 'resources/subscribe') this.#subscriptions.set(exposed, owner);
      if (frame.envelope.method === 'resources/unsubscribe') this.#subscriptions.delete(exposed);
      const edits = owner.uri === exposed ? [] : [{ span: span!, text: JSON.stringify(owner.uri) }];
      this.#forward(frame, exchange, connection, edits);
      return true;
    };
    if (route()) return;
    await this.#refresh(frame.number, 'resources/list', 'resources/templates/list');
    if (route()) return;
    // Listed nowhere, which MCP allows: ask whoever has resources, in order, until one knows it.
    const candidates = this.#connections.filter((one) => one.isReady && one.hasCapability('resources'));
    if (candidates.length === 0) {
      this.#fail(frame, INVALID_PARAMS, `Unknown resource: ${exposed}`);
      return;
    }
    const ask = (k: number): void => {
      const connection = candidates[k]!;
      const isLast = k === candidates.length - 1;
      this.#forward(frame, exchange, connection, [], (answer) => {
        if (answer.envelope.kind !== 'error') {
          this.#resources.learn(connection.name, exposed);
          if (frame.envelope.method === 'resources/subscribe') {
            this.#subscriptions.set(exposed, { server: connection.name, uri: exposed });
          }
          return true;
        }
        if (isLast || !this.#open.has(frame.envelope.id!)) return true;
        ask(k + 1);
        return false;
      });
    };
    ask(0);
  }

  async #setLogLevel(frame: Frame, exchange: PostExchange): Promise<void> {
    const { bytes, envelope } = frame;
    this.#logLevel = envelope.paramsSpan && rawText(bytes, envelope.paramsSpan);
    const targets = this.#connections.filter((one) => one.isReady && one.hasCapability('logging'));
    if (targets.length === 1) {
      this.#forward(frame, exchange, targets[0]!, []);
      return;
    }
    const jobs = targets.map(
      (connection) =>
        new Promise<Frame>((resolve, reject) => {
          const pending = this.#pending(frame, exchange, resolve, (message) => reject(new Error(message)));
          connection.send(verbatim(frame, connection.name), pending);
        }),
    );
    await settledWithin(jobs, this.options.grace, this.options.context.clock);
    this.#answerOwn(frame, '{}');
  }

  /**
   * Sends the client's request to a server, with its own id. `accept`: looks at the answer first; `false` keeps it from
   * the client, because another server is asked instead.
   */
  #forward(
    frame: Frame,
    exchange: PostExchange,
    connection: UpstreamConnection,
    edits: readonly Edit[],
    accept?: (answer: Frame) => boolean,
  ): void {
    const { envelope } = frame;
    const id = envelope.id!;
    const open = this.#open.get(id);
    if (!open) return;
    open.connection = connection;
    const pending = this.#pending(
      frame,
      exchange,
      (answer) => {
        if (open.params.task) this.#learnTask(connection, answer);
        if (accept && !accept(answer)) return;
        const bytes = exposeUris(answer.bytes, answer.envelope, connection.name, this.#resources);
        this.#answer(
          frame,
          bytes === answer.bytes
            ? verbatim(answer, connection.name)
            : changed(answer, bytes, scanEnvelope(bytes), connection.name),
        );
      },
      (message, data) => this.#fail(frame, SERVER_UNAVAILABLE, message, data, connection.name),
    );
    const bytes = splice(frame.bytes, edits);
    const out =
      bytes === frame.bytes ? verbatim(frame, connection.name) : changed(frame, bytes, scanEnvelope(bytes), connection.name);
    connection.send(out, pending);
  }

  #pending(
    frame: Frame,
    exchange: PostExchange,
    onAnswer: Pending['onAnswer'],
    onLost: Pending['onLost'],
  ): Pending {
    const { bytes, envelope } = frame;
    const token = findMember(bytes, this.#open.get(envelope.id!)?.params.meta, 'progressToken');
    return {
      id: envelope.id!,
      method: envelope.method!,
      cause: frame.number,
      token: token && canonicalScalar(bytes, token),
      exchange,
      onAnswer,
      onLost,
    };
  }

  #learnTask(connection: UpstreamConnection, answer: Frame): void {
    const id = decodeString(answer.bytes, findPath(answer.bytes, answer.envelope.resultSpan, 'task', 'taskId'));
    if (id !== undefined) this.#tasks.set(id, connection.name);
  }

  // --- notifications -------------------------------------------------------------------------------------------------

  #clientNotification(frame: Frame): void {
    const { envelope, bytes } = frame;
    switch (envelope.method) {
      case 'notifications/initialized':
        if (this.#initialized) return;
        this.#initialized = frame;
        for (const connection of this.#connections) connection.clientInitialized(frame);
        for (const connection of this.#unannounced) this.#announce(connection);
        this.#unannounced.clear();
        return;
      case 'notifications/cancelled': {
        const span = findMember(bytes, envelope.paramsSpan, 'requestId');
        const id = span && canonicalScalar(bytes, span);
        const open = id === undefined ? undefined : this.#open.get(id);
        if (id === undefined || !open || open.frame.envelope.method === 'initialize') return;
        this.#open.delete(id);
        if (open.connection) {
          open.connection.send(verbatim(frame, open.connection.name, open.frame.number));
          open.connection.forget(id);
        }
        open.exchange.drop(id);
        return;
      }
      case 'notifications/progress': {
        const progress = this.#reverse.progressToServer(frame);
        if (!progress) return;
        const { connection, cause } = progress.reverse;
        connection.send(changed(frame, progress.bytes, scanEnvelope(progress.bytes), connection.name, cause));
        return;
      }
      default:
        for (const connection of this.#connections) {
          if (connection.isReady) connection.send(verbatim(frame, connection.name));
        }
    }
  }

  #serverNotification(connection: UpstreamConnection, frame: ServerFrame): void {
    const { envelope, pending } = frame;
    let bytes: Buffer | undefined = frame.bytes;
    switch (envelope.method) {
      case 'notifications/cancelled':
        bytes = this.#reverse.cancelledToClient(connection, frame);
        break;
      case 'notifications/resources/updated':
        bytes = exposeUris(frame.bytes, envelope, connection.name, this.#resources);
        break;
      case 'notifications/tools/list_changed':
      case 'notifications/prompts/list_changed':
      case 'notifications/resources/list_changed':
        this.options.onListChanged(connection.name, envelope.method);
        // Before the client knows the gateway's capabilities there is no list that could have changed.
        if (!this.#isAnswered) return;
        break;
    }
    if (!bytes) return;
    const out =
      bytes === frame.bytes
        ? verbatim(frame, connection.name, pending?.cause)
        : changed(frame, bytes, scanEnvelope(bytes), connection.name, pending?.cause);
    this.session.send(out, pending?.exchange);
  }

  // --- answers -------------------------------------------------------------------------------------------------------

  #answer(frame: Frame, out: Outgoing): void {
    const id = frame.envelope.id!;
    const open = this.#open.get(id);
    if (!open || open.frame !== frame) return;
    this.#open.delete(id);
    this.session.answer(open.exchange, id, out);
  }

  /** `result`: JSON text. */
  #answerOwn(frame: Frame, result: string | Buffer): void {
    const bytes = resultFrame(rawText(frame.bytes, frame.envelope.idSpan!), result);
    this.#answer(frame, { bytes, envelope: scanEnvelope(bytes), cause: frame.number, ownMessage: true });
  }

  #fail(frame: Frame, code: number, message: string, data?: unknown, server?: string): void {
    const bytes = errorFrame(rawText(frame.bytes, frame.envelope.idSpan!), code, message, data);
    this.#answer(frame, { bytes, envelope: scanEnvelope(bytes), server, cause: frame.number, ownMessage: true });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}
