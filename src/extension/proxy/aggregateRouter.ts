/**
 * Owns a session on `/mcp`: one upstream connection per server, and where each message goes. The gateway answers itself
 * what concerns all servers (initialize, lists, ping); everything else goes to the server that the tables name, with
 * nothing changed but the name, URI, id or token that the tables map.
 */
import type { RoutedParams } from '../mcp/envelope';
import {
  BLOCKED_BY_POLICY,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  SERVER_UNAVAILABLE,
} from '../mcp/messages';
import { ResourceTable } from '../mcp/resourceTable';
import { canonicalScalar, decodeString, findMember, rawText, type Edit, type Span } from '../mcp/spans';
import type { NameTable } from '../mcp/names';
import type { ConfiguredServer } from '../servers/types';
import { Admission } from './admission';
import { setLogLevel } from './aggregateLogLevel';
import { AggregateNotifications } from './aggregateNotifications';
import { AggregateQuestions } from './aggregateQuestions';
import { AggregateServers, type AggregateServersOptions } from './aggregateServers';
import { Catalog, type CatalogHooks, type CatalogTables } from './catalog';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { exposed } from './exposure';
import { edited, rewritten, type Frame } from './frame';
import type { Pending } from './inFlight';
import { CHANGED_BY_LIST, isListMethod, type ListMethod } from './listKinds';
import { OpenRequests, type OpenRequest } from './openRequests';
import type { PostExchange } from './postExchange';
import { ownTaskEdits } from './taskRewriter';
import { TaskTable } from './taskTable';
import type { UpstreamConnection } from './upstreamConnection';
import { UriRouting } from './uriRouting';

export interface AggregateOptions extends AggregateServersOptions {
  readonly names: NameTable;
  readonly onList: CatalogHooks['onList'];
  /** A server says that a list of its has changed. */
  readonly onListChanged: (server: string, method: string) => void;
  /** Why nothing of a server can be called that is configured but may not run; `undefined`: it may. */
  readonly closed: (name: string, isPrefix: boolean) => { readonly server: string; readonly message: string } | undefined;
}

export class AggregateRouter implements SessionRouter {
  readonly #servers: AggregateServers;
  readonly #resources: ResourceTable;
  readonly #tasks = new TaskTable();
  readonly #tables: CatalogTables;
  readonly #catalog: Catalog;
  readonly #questions: AggregateQuestions;
  readonly #open: OpenRequests;
  readonly #admission: Admission;
  readonly #uris: UriRouting;
  readonly #notifications: AggregateNotifications;

  constructor(
    private readonly session: DownstreamSession,
    servers: readonly ConfiguredServer[],
    private readonly options: AggregateOptions,
  ) {
    const onLimit = (server: string, what: string, limit: number): void => {
      options.context.recorder.event({ type: 'policy.limit', session: session.storeId, server, data: { what, limit } });
    };
    this.#resources = new ResourceTable((server, limit) => onLimit(server, 'resources', limit));
    this.#admission = new Admission(options.context);
    this.#open = new OpenRequests(session);
    this.#servers = new AggregateServers(session, servers, options, {
      onServerRequest: (from, frame) => this.#questions.ask(from, frame),
      onServerNotification: (from, frame) => this.#notifications.fromServer(from, frame),
      onLost: (from) => this.#questions.takeBack(from),
    });
    this.#tables = { names: options.names, resources: this.#resources, tasks: this.#tasks };
    this.#questions = new AggregateQuestions({
      session,
      recorder: options.context.recorder,
      tasks: this.#tasks,
      connections: () => this.#servers.connections,
    });
    this.#catalog = new Catalog(
      this.#tables,
      {
        onList: options.onList,
        onLimit,
        onLateList: (connection, method) => {
          const notification = CHANGED_BY_LIST[method];
          if (notification !== undefined) this.#servers.notify(connection.name, notification);
        },
      },
      options.context.clock,
      options.grace,
    );
    this.#uris = new UriRouting({
      resources: this.#resources,
      servers: this.#servers,
      open: this.#open,
      refresh: (cause) => this.#refresh(cause, 'resources/list', 'resources/templates/list'),
      forward: (...forwarded) => this.#forward(...forwarded),
    });
    this.#notifications = new AggregateNotifications({
      ...this.#tables,
      session,
      servers: this.#servers,
      questions: this.#questions,
      open: this.#open,
      admission: this.#admission,
      onListChanged: options.onListChanged,
    });
  }

  get connections(): readonly UpstreamConnection[] {
    return this.#servers.connections;
  }

  /** Follows a change of configuration: stops what is gone, starts what is new, restarts what is different. */
  setServers(servers: readonly ConfiguredServer[]): void {
    // What the client is subscribed to keeps its name: the server may be back, or be there in another form.
    for (const { name } of this.#servers.replace(servers)) this.#resources.forget(name, this.#servers.subscriptionsOf(name));
  }

  /** What clients may see of these servers' tools has changed, though not by the servers. */
  toolsChanged(names: readonly string[]): void {
    for (const name of names) this.#servers.toolsChanged(name);
  }

  receive(frame: Frame, exchange: PostExchange | undefined): void {
    const { envelope } = frame;
    if (envelope.kind === 'request' && exchange) {
      this.#request(this.#open.open(frame, exchange));
      return;
    }
    if (envelope.kind === 'notification') {
      this.#notifications.fromClient(frame);
      return;
    }
    this.#questions.answer(frame);
  }

  /** See `SessionRouter.undeliverable`. */
  undeliverable(id: string): void {
    this.#questions.undeliverable(id);
  }

  #request(request: OpenRequest): void {
    const { frame, exchange, params } = request;
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
        void this.#uris.route(frame, exchange, params.uri);
        return;
      case 'completion/complete': {
        const uri = findMember(bytes, params.ref, 'uri');
        if (uri) void this.#uris.route(frame, exchange, uri);
        else this.#byName(frame, exchange, findMember(bytes, params.ref, 'name'), 'prompts/list');
        return;
      }
      case 'logging/setLevel':
        void this.#setLogLevel(request);
        return;
    }
    if (isListMethod(method)) {
      void this.#list(request, method);
      return;
    }
    this.#unknown(frame, exchange, params);
  }

  /** Requests of other revisions and extensions: by task, name or URI where they carry one, else to the only server. */
  #unknown(frame: Frame, exchange: PostExchange, params: RoutedParams): void {
    const { envelope, bytes } = frame;
    const task = decodeString(bytes, params.taskId);
    const owner = task === undefined ? undefined : this.#tasks.ownerOf(task);
    if (owner) {
      const byTask = this.#servers.find(owner.server);
      const edits = owner.own === task ? [] : [{ span: params.taskId!, text: JSON.stringify(owner.own) }];
      if (byTask) this.#forward(frame, exchange, byTask, edits);
      // Another server's task of that id is another task.
      else this.#open.fail(frame, INVALID_PARAMS, `Unknown task: ${task!}`);
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
      void this.#uris.route(frame, exchange, params.uri);
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

  // --- lists ---------------------------------------------------------------------------------------------------------

  async #list(open: OpenRequest, method: ListMethod): Promise<void> {
    const { frame, params } = open;
    const meta = params.meta && rawText(frame.bytes, params.meta);
    const list = await this.#catalog.list(this.#servers.connections, { method, cause: frame.number, meta, open });
    if ('result' in list) this.#open.answerOwn(frame, list.result);
    else {
      // The gateway has asked under an id of its own.
      const { error, server } = list;
      const id = { span: error.envelope.idSpan!, text: rawText(frame.bytes, frame.envelope.idSpan!) };
      this.#open.answer(frame, rewritten(error, [id], server));
    }
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
      if (!owner || !connection) return this.#isClosed(frame, name, false);
      const forward = (): void => this.#forward(frame, exchange, connection, [{ span: span!, text: JSON.stringify(owner.own) }]);
      if (frame.envelope.method !== 'tools/call') forward();
      else {
        this.#admission.ask(connection, frame, owner.own, (refusal) => {
          if (refusal) this.#open.fail(frame, BLOCKED_BY_POLICY, refusal.message, refusal.data, owner);
          // It may have been cancelled while the tools were listed.
          else if (this.#open.isOpen(frame)) forward();
        });
      }
      return true;
    };
    if (route()) return;
    void this.#refresh(frame.number, list).then(() => {
      if (route() || this.#isClosed(frame, name, true)) return;
      this.#open.fail(frame, INVALID_PARAMS, `Unknown ${list === 'tools/list' ? 'tool' : 'prompt'}: ${name}`);
    });
  }

  /** Refuses what belongs to a server that may not run. `isPrefix`: goes by how the name begins, where no table knows it. */
  #isClosed(frame: Frame, name: string, isPrefix: boolean): boolean {
    const closed = this.options.closed(name, isPrefix);
    if (!closed) return false;
    const data = { blockedBy: 'mcp-shark', rule: 'server', server: closed.server };
    const { recorder } = this.options.context;
    recorder.event({
      type: 'policy.blocked',
      session: this.session.storeId,
      server: closed.server,
      data: { tool: name.slice(0, 500), rule: 'server', frame: frame.number },
    });
    this.#open.fail(frame, BLOCKED_BY_POLICY, closed.message, data, this.#ownerOf(name, closed.server));
    return true;
  }

  /** What a server calls what clients call `name`; also where it was never listed. */
  #ownerOf(name: string | undefined, server: string): { readonly server: string; readonly own?: string } {
    return { server, own: name === undefined ? undefined : this.options.names.ownName(server, name) };
  }

  #setLogLevel(request: OpenRequest): Promise<void> {
    const { grace, context } = this.options;
    return setLogLevel(request, {
      servers: this.#servers,
      open: this.#open,
      grace,
      clock: context.clock,
      pending: ({ frame, exchange }, ...callbacks) => this.#pending(frame, exchange, ...callbacks),
      forward: ({ frame, exchange }, connection, accept) => this.#forward(frame, exchange, connection, [], accept),
    });
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
    if (open?.frame !== frame) return;
    open.connection = connection;
    const pending = this.#pending(
      frame,
      exchange,
      (answer) => {
        if (accept && !accept(answer)) return;
        this.#open.answer(frame, exposed(answer, connection.name, this.#tables, envelope));
      },
      (message, data) => this.#open.fail(frame, SERVER_UNAVAILABLE, message, data, this.#ownerOf(decodeString(frame.bytes, open.params.name), connection.name)),
    );
    const related = ownTaskEdits(frame.bytes, envelope, connection.name, this.#tasks);
    connection.send(edited(frame, related.length === 0 ? edits : [...edits, ...related], connection.name), pending);
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

  async close(): Promise<void> {
    await this.#servers.close();
  }
}
