/**
 * Owns a session on `/mcp`: one upstream connection per server, and where each message goes. The gateway answers itself
 * what concerns all servers (initialize, lists, ping); everything else goes to the server that the tables name, with
 * nothing changed but the name, URI, id or token that the tables map.
 */
import type { Buffer } from 'node:buffer';
import { movedEnvelope, scanEnvelope, type RoutedParams } from '../mcp/envelope';
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  notificationFrame,
  SERVER_UNAVAILABLE,
} from '../mcp/messages';
import { ResourceTable } from '../mcp/resourceTable';
import { canonicalScalar, decodeString, findMember, findPath, rawText, splice, type Edit, type Span } from '../mcp/spans';
import type { NameTable } from '../mcp/names';
import type { ConfiguredServer } from '../servers/types';
import { AggregateServers, type AggregateServersOptions } from './aggregateServers';
import { Catalog, isListMethod, type CatalogHooks, type ListMethod } from './catalog';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { changed, verbatim, type Frame, type Outgoing } from './frame';
import { settledWithin } from './grace';
import type { Pending } from './inFlight';
import { OpenRequests } from './openRequests';
import type { PostExchange } from './postExchange';
import { ReverseRequests } from './reverseRequests';
import type { ServerFrame, UpstreamConnection } from './upstreamConnection';
import { exposeUris } from './uriRewriter';

export interface AggregateOptions extends AggregateServersOptions {
  readonly names: NameTable;
  readonly onList: CatalogHooks['onList'];
  /** A server says that a list of its has changed. */
  readonly onListChanged: (server: string, method: string) => void;
}

const CHANGED_BY_LIST: Readonly<Partial<Record<ListMethod, string>>> = {
  'tools/list': 'notifications/tools/list_changed',
  'prompts/list': 'notifications/prompts/list_changed',
  'resources/list': 'notifications/resources/list_changed',
  'resources/templates/list': 'notifications/resources/list_changed',
};

export class AggregateRouter implements SessionRouter {
  readonly #servers: AggregateServers;
  readonly #resources = new ResourceTable();
  readonly #tasks = new Map<string, string>();
  readonly #catalog: Catalog;
  readonly #reverse = new ReverseRequests();
  readonly #open: OpenRequests;

  constructor(
    private readonly session: DownstreamSession,
    servers: readonly ConfiguredServer[],
    private readonly options: AggregateOptions,
  ) {
    this.#open = new OpenRequests(session);
    this.#servers = new AggregateServers(session, servers, options, {
      onServerRequest: (from, frame) => {
        const bytes = this.#reverse.toClient(from, frame);
        const out = changed(frame, bytes, scanEnvelope(bytes), from.name, frame.pending?.cause);
        this.session.send(out, frame.pending?.exchange);
      },
      onServerNotification: (from, frame) => this.#serverNotification(from, frame),
      onLost: (from) => this.#takeBackQuestions(from),
    });
    this.#catalog = new Catalog(
      { names: options.names, resources: this.#resources, tasks: this.#tasks },
      {
        onList: options.onList,
        onLateList: (connection, method) => {
          const notification = CHANGED_BY_LIST[method];
          if (notification !== undefined) this.#servers.notify(connection.name, notification);
        },
      },
      options.context.clock,
      options.grace,
    );
  }

  get connections(): readonly UpstreamConnection[] {
    return this.#servers.connections;
  }

  /** Follows a change of configuration: stops what is gone, starts what is new, restarts what is different. */
  setServers(servers: readonly ConfiguredServer[]): void {
    for (const { name } of this.#servers.replace(servers)) this.#resources.forget(name);
  }

  receive(frame: Frame, exchange: PostExchange | undefined): void {
    const { envelope } = frame;
    if (envelope.kind === 'request' && exchange) {
      const { params } = this.#open.open(frame, exchange);
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
        void this.#initialize(frame);
        return;
      case 'ping':
        this.#open.answerOwn(frame, '{}');
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
    const byTask = task === undefined ? undefined : this.#servers.find(this.#tasks.get(task));
    if (byTask) {
      this.#forward(frame, exchange, byTask, []);
      return;
    }
    if (this.#servers.connections.length === 1) {
      this.#forward(frame, exchange, this.#servers.connections[0]!, []);
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
    if (task !== undefined) this.#open.fail(frame, INVALID_PARAMS, `Unknown task: ${task}`);
    else this.#open.fail(frame, METHOD_NOT_FOUND, `MCP Shark cannot tell which server "${envelope.method!}" is for`);
  }

  async #initialize(frame: Frame): Promise<void> {
    const result = await this.#servers.initialize(frame);
    if (result === 'again') this.#open.fail(frame, INVALID_REQUEST, 'This session is already initialized');
    else if (result) this.#open.answerOwn(frame, JSON.stringify(result));
  }

  /** A server that is gone will not hear the client's answers; the client must not go on asking its user. */
  #takeBackQuestions(connection: UpstreamConnection): void {
    for (const { mapped, cause } of this.#reverse.lost(connection)) {
      const reason = JSON.stringify(`Server "${connection.name}" is gone`);
      const bytes = notificationFrame('notifications/cancelled', `{"requestId":${mapped},"reason":${reason}}`);
      const out: Outgoing = { bytes, envelope: scanEnvelope(bytes), server: connection.name, cause, ownMessage: true };
      this.session.send(out, undefined);
    }
  }

  // --- lists ---------------------------------------------------------------------------------------------------------

  async #list(frame: Frame, exchange: PostExchange, method: ListMethod, meta: Span | undefined): Promise<void> {
    const result = await this.#catalog.list(this.#servers.connections, {
      method,
      cause: frame.number,
      meta: meta && rawText(frame.bytes, meta),
      exchange,
    });
    this.#open.answerOwn(frame, result);
  }

  #refresh(cause: number, ...methods: ListMethod[]): Promise<unknown> {
    return Promise.all(methods.map((method) => this.#catalog.list(this.#servers.connections, { method, cause })));
  }

  // --- routing -------------------------------------------------------------------------------------------------------

  #byName(frame: Frame, exchange: PostExchange, span: Span | undefined, list: ListMethod): void {
    const name = decodeString(frame.bytes, span);
    if (name === undefined) {
      this.#open.fail(frame, INVALID_PARAMS, `"${frame.envelope.method!}" needs a name`);
      return;
    }
    const route = (): boolean => {
      const owner = this.options.names.ownerOf(name);
      const connection = this.#servers.find(owner?.server);
      if (!owner || !connection) return false;
      this.#forward(frame, exchange, connection, [{ span: span!, text: JSON.stringify(owner.own) }]);
      return true;
    };
    if (route()) return;
    void this.#refresh(frame.number, list).then(() => {
      if (!route()) this.#open.fail(frame, INVALID_PARAMS, `Unknown ${list === 'tools/list' ? 'tool' : 'prompt'}: ${name}`);
    });
  }

  async #byUri(frame: Frame, exchange: PostExchange, span: Span | undefined): Promise<void> {
    const exposed = decodeString(frame.bytes, span);
    if (exposed === undefined) {
      this.#open.fail(frame, INVALID_PARAMS, `"${frame.envelope.method!}" needs a URI`);
      return;
    }
    const route = (): boolean => {
      const owner = this.#resources.ownerOf(exposed);
      const connection = this.#servers.find(owner?.server);
      if (!owner || !connection) return false;
      if (frame.envelope.method === 'resources/subscribe') this.#servers.subscriptions.set(exposed, owner);
      if (frame.envelope.method === 'resources/unsubscribe') this.#servers.subscriptions.delete(exposed);
      const edits = owner.uri === exposed ? [] : [{ span: span!, text: JSON.stringify(owner.uri) }];
      this.#forward(frame, exchange, connection, edits);
      return true;
    };
    if (route()) return;
    await this.#refresh(frame.number, 'resources/list', 'resources/templates/list');
    if (route()) return;
    // Listed nowhere, which MCP allows: ask whoever has resources, in order, until one knows it.
    const candidates = this.#servers.connections.filter((one) => one.isReady && one.hasCapability('resources'));
    if (candidates.length === 0) {
      this.#open.fail(frame, INVALID_PARAMS, `Unknown resource: ${exposed}`);
      return;
    }
    const ask = (k: number): void => {
      const connection = candidates[k]!;
      const isLast = k === candidates.length - 1;
      this.#forward(frame, exchange, connection, [], (answer) => {
        if (answer.envelope.kind !== 'error') {
          this.#resources.learn(connection.name, exposed);
          if (frame.envelope.method === 'resources/subscribe') {
            this.#servers.subscriptions.set(exposed, { server: connection.name, uri: exposed });
          }
          return true;
        }
        if (isLast || !this.#open.isOpen(frame)) return true;
        ask(k + 1);
        return false;
      });
    };
    ask(0);
  }

  async #setLogLevel(frame: Frame, exchange: PostExchange): Promise<void> {
    const { bytes, envelope } = frame;
    this.#servers.logLevel = envelope.paramsSpan && rawText(bytes, envelope.paramsSpan);
    const targets = this.#servers.connections.filter((one) => one.isReady && one.hasCapability('logging'));
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
    this.#open.answerOwn(frame, '{}');
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
    const open = this.#open.get(envelope.id);
    if (!open) return;
    open.connection = connection;
    const pending = this.#pending(
      frame,
      exchange,
      (answer) => {
        if (open.params.task) this.#learnTask(connection, answer);
        if (accept && !accept(answer)) return;
        const bytes = exposeUris(answer.bytes, answer.envelope, connection.name, this.#resources);
        this.#open.answer(
          frame,
          bytes === answer.bytes
            ? verbatim(answer, connection.name)
            : changed(answer, bytes, scanEnvelope(bytes), connection.name),
        );
      },
      (message, data) => this.#open.fail(frame, SERVER_UNAVAILABLE, message, data, connection.name),
    );
    const bytes = splice(frame.bytes, edits);
    const out =
      edits.length === 0
        ? verbatim(frame, connection.name)
        : changed(frame, bytes, movedEnvelope(envelope, edits), connection.name);
    connection.send(out, pending);
  }

  #pending(
    frame: Frame,
    exchange: PostExchange,
    onAnswer: Pending['onAnswer'],
    onLost: Pending['onLost'],
  ): Pending {
    const { bytes, envelope } = frame;
    const token = findMember(bytes, this.#open.get(envelope.id)?.params.meta, 'progressToken');
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
        this.#servers.clientInitialized(frame);
        return;
      case 'notifications/cancelled': {
        const span = findMember(bytes, envelope.paramsSpan, 'requestId');
        const id = span && canonicalScalar(bytes, span);
        const open = this.#open.get(id);
        if (id === undefined || !open || open.frame.envelope.method === 'initialize') return;
        if (open.connection) {
          open.connection.send(verbatim(frame, open.connection.name, open.frame.number));
          open.connection.forget(id);
        }
        this.#open.cancel(open);
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
        for (const connection of this.#servers.connections) {
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
        if (!this.#servers.isAnswered) return;
        break;
    }
    if (!bytes) return;
    const out =
      bytes === frame.bytes
        ? verbatim(frame, connection.name, pending?.cause)
        : changed(frame, bytes, scanEnvelope(bytes), connection.name, pending?.cause);
    this.session.send(out, pending?.exchange);
  }

  async close(): Promise<void> {
    await this.#servers.close();
  }
}
