/**
 * Owns the Playground's connection to one server over its life: the session, its catalogue, logs, log level and what is
 * known of the server behind it. A lost session is opened anew on the next use or when asked for.
 */
import type { ConnectionState, PlaygroundServer } from '../contract/playground';
import { CATALOG_KINDS, MAX_CATALOG_ITEMS, type CatalogDefinition, type CatalogItem, type CatalogKind, type CatalogSlice } from '../contract/playgroundCatalog';
import type { LogLevel } from '../contract/playgroundRuns';
import { Deferred, Throttle, withDeadline } from '../util/async';
import { AppError, messageOf } from '../util/errors';
import type { Disposable } from '../util/lifecycle';
import { errorText, kindsChangedBy, ServerCatalog } from './catalog';
import { definitionOf, unlistedResource, type CatalogEntry } from './catalogEntry';
import { abilitiesOf, describedBy } from './handshake';
import { LastUsed } from './lastUsed';
import { ServerLogs } from './logs';
import type { PlaygroundOptions, WorldServer } from './ports';
import { PlaygroundSession, type Answer, type ReceivedRequest } from './session';
import type { ServerNews } from './tap';

const REQUEST_LIMIT_MS = 30_000;
const FIRST_READ_LIMIT_MS = 10_000;
const MAX_STDERR = 20;
/** Lists that a server says have changed are read again this often at most. */
const REFRESH_INTERVAL_MS = 500;

export interface ConnectionHandlers {
  readonly nextId: () => number;
  onChange(): void;
  onRequest(connection: ServerConnection, request: ReceivedRequest): void;
  onNotification(connection: ServerConnection, method: string, params: string, stream: string | undefined): void;
  /** The server has shaken hands, for the first time or again: what it knew of this client is gone. */
  onReady(connection: ServerConnection): void;
  /** The session is over: nothing that waits in it will be answered. */
  onSessionOver(connection: ServerConnection): void;
}

export class ServerConnection implements Disposable {
  readonly name: string;
  readonly fingerprint: string;
  readonly catalog: ServerCatalog;
  readonly logs = new ServerLogs();
  logLevel: LogLevel | undefined;
  /** The user has not ended it: it is connected when its lists are looked at. */
  isWanted = true;
  stderr: readonly string[] = [];
  #unavailable: WorldServer['unavailable'];
  #session: PlaygroundSession | undefined;
  /** URL the session was opened at. */
  #endpoint: string | undefined;
  /** The server behind the session has failed since. */
  #lost: { readonly message: string; readonly stderr: readonly string[] } | undefined;
  #revision = 0;
  #reading = false;
  readonly #firstRead = new Deferred<void>();
  readonly #stale = new Set<CatalogKind>();
  readonly #refresh: Throttle;
  readonly #lastUsed: LastUsed;
  #isDisposed = false;

  constructor(
    server: WorldServer,
    private readonly options: PlaygroundOptions,
    private readonly handlers: ConnectionHandlers,
  ) {
    this.name = server.name;
    this.fingerprint = server.fingerprint;
    this.#unavailable = server.unavailable;
    this.catalog = new ServerCatalog(options.clock);
    this.#lastUsed = new LastUsed({ server: server.name, catalog: this.catalog, calls: options.calls, clock: options.clock });
    this.#refresh = new Throttle(() => void this.#readStale(), REFRESH_INTERVAL_MS, options.clock);
  }

  get session(): PlaygroundSession | undefined {
    return this.#session;
  }

  get mayConnect(): boolean {
    return this.#unavailable === undefined;
  }

  setUnavailable(unavailable: WorldServer['unavailable']): void {
    this.#unavailable = unavailable;
    if (unavailable) void this.disconnect();
  }

  /** Where the gateway is now; a session that was opened elsewhere is over, one that was opened there before this was told stays. */
  setEndpoint(url: string | undefined): void {
    if (this.#session && url !== this.#endpoint) void this.disconnect();
  }

  /** Connects where it is not; resolves when that has succeeded or failed. */
  async connect(): Promise<void> {
    if (this.#unavailable) throw new AppError('server.notAllowed', this.#unavailable.message);
    const { endpoint } = this.options.world;
    if (!endpoint || this.#isDisposed) return;
    const kind = this.#session?.state.kind;
    if (kind === 'connecting' || kind === 'ready') {
      await this.#session?.open();
      return;
    }
    this.#lost = undefined;
    this.stderr = [];
    const session: PlaygroundSession = new PlaygroundSession(
      {
        server: this.name,
        url: `${endpoint.url}/${encodeURIComponent(this.name)}`,
        token: endpoint.token,
        version: this.options.version,
        clock: this.options.clock,
        nextId: this.handlers.nextId,
      },
      {
        onState: (state) => {
          if (this.#session !== session) return;
          if (state.kind === 'failed') this.handlers.onSessionOver(this);
          if (state.kind === 'ready') this.#isReady();
          this.handlers.onChange();
        },
        // What an earlier session still says is no news of this one, and would be answered in the wrong place.
        onRequest: (request) => {
          if (this.#session === session) this.handlers.onRequest(this, request);
        },
        onNotification: (method, params, stream) => {
          if (this.#session === session) this.#notified(method, params, stream);
        },
      },
    );
    this.#session = session;
    this.#endpoint = endpoint.url;
    await session.open();
  }

  #isReady(): void {
    void this.refresh();
    if (this.logLevel) {
      this.setLogLevel(this.logLevel).catch((error: unknown) => this.options.logger.warn(messageOf(error)));
    }
    this.handlers.onReady(this);
  }

  /** Being connected takes time: the session is not there, or the server behind it. */
  get hasToConnect(): boolean {
    return this.mayConnect && this.options.world.endpoint !== undefined && (this.#session?.state.kind !== 'ready' || this.#lost !== undefined);
  }

  /** A connected session, connecting first where need be. Rejects with a user-facing AppError that says why there is none. */
  async connected(): Promise<PlaygroundSession> {
    // A server that has died is started at once by a session of its own; in the old one it waits for its turn.
    if (this.#lost) await this.disconnect();
    await this.connect();
    if (this.#isDisposed) throw new AppError('server.notAllowed', `"${this.name}" has been configured otherwise or taken away meanwhile. Try again.`);
    const session = this.#session;
    if (!session) {
      if (!this.options.world.endpoint) throw new AppError('gateway.closed', 'MCP Shark routes no traffic right now: turn routing on.');
      throw new AppError('server.unreachable', `The connection to "${this.name}" was ended before it was there. Connect it again.`);
    }
    if (session.state.kind === 'failed') throw new AppError('server.unreachable', session.state.message);
    return session;
  }

  /** Asks for something that is no run of the user's: not waited for without end. */
  async request(method: string, params?: string): Promise<Answer> {
    const session = await this.connected();
    const sent = session.request(method, params);
    const answer = await withDeadline(sent.answer, REQUEST_LIMIT_MS, this.options.clock);
    if (answer !== 'late') return answer;
    session.forget(sent.id);
    return { kind: 'lost', text: `not answered within ${REQUEST_LIMIT_MS / 1000} s` };
  }

  async disconnect(): Promise<void> {
    const session = this.#session;
    // At once: who connects meanwhile gets another one.
    this.#session = undefined;
    this.#lost = undefined;
    if (!session) return;
    const isClosed = session.close();
    this.handlers.onSessionOver(this);
    if (!this.#isDisposed) this.handlers.onChange();
    await isClosed;
  }

  get isListed(): boolean {
    return this.#firstRead.isSettled;
  }

  /** Waits until the lists were read once, not without end: what is known of a tool then decides how it is run. */
  async listed(): Promise<void> {
    await withDeadline(this.#firstRead.promise, FIRST_READ_LIMIT_MS, this.options.clock);
  }

  /** Reads lists anew; all of them where none are named. */
  async refresh(kinds: readonly CatalogKind[] = CATALOG_KINDS): Promise<void> {
    for (const kind of kinds) this.#stale.add(kind);
    await this.#readStale();
  }

  async #readStale(): Promise<void> {
    const session = this.#session;
    if (this.#reading || session?.state.kind !== 'ready' || this.#stale.size === 0) return;
    this.#reading = true;
    const kinds = [...this.#stale];
    this.#stale.clear();
    try {
      await this.catalog.read(session, kinds);
      await this.#lastUsed.learn(true);
    } catch (error) {
      this.options.logger.warn(`The lists of "${this.name}" were not read: ${messageOf(error)}`);
    } finally {
      this.#reading = false;
      this.#firstRead.resolve();
      this.#revision++;
      this.handlers.onChange();
    }
    // What changed while it was read is read again, at the throttle's pace.
    if (this.#stale.size > 0) this.#refresh.trigger();
  }

  /** Calls were recorded, maybe by others: what they used was used now. */
  async recorded(): Promise<void> {
    if (!this.isListed || this.#session?.state.kind !== 'ready' || !(await this.#lastUsed.learn(false))) return;
    this.touch();
    this.handlers.onChange();
  }

  /** An item was used at this time. */
  used(kind: CatalogKind, name: string, timeMs: number): void {
    this.#lastUsed.used(kind, name, timeMs);
  }

  /** The catalogue has news that are not the server's (last used, approved). */
  touch(): void {
    this.#revision++;
  }

  #notified(method: string, params: string, stream: string | undefined): void {
    const changed = kindsChangedBy(method);
    if (changed.length > 0) {
      for (const kind of changed) this.#stale.add(kind);
      this.#refresh.trigger();
      return;
    }
    this.handlers.onNotification(this, method, params, stream);
  }

  /** What the gateway says of the server behind the session. */
  news(news: ServerNews): void {
    switch (news.kind) {
      case 'stderr':
        this.stderr = [...this.stderr, ...news.lines].slice(-MAX_STDERR);
        return;
      case 'failed':
        this.#lost = { message: news.message, stderr: news.stderr };
        this.stderr = news.stderr;
        this.handlers.onChange();
        return;
      case 'running':
        if (!this.#lost) return;
        // The gateway has started it again behind the same session.
        this.#lost = undefined;
        this.stderr = [];
        this.#isReady();
        this.handlers.onChange();
        return;
    }
  }

  async setLogLevel(level: LogLevel): Promise<void> {
    const { kind, text } = await this.request('logging/setLevel', JSON.stringify({ level }));
    if (kind !== 'result') throw new AppError('rpc.remote', `${this.name} did not take the log level: ${errorText(text)}`);
    this.logLevel = level;
    this.handlers.onChange();
  }

  slice(text: string): CatalogSlice {
    const { found, total } = this.catalog.search(text, MAX_CATALOG_ITEMS);
    const changeOf = this.options.approvals?.of(this.name);
    return { revision: this.#revision, items: found.map((entry) => this.itemOf(entry, changeOf)), total };
  }

  definition(kind: CatalogKind, name: string): CatalogDefinition | undefined {
    // Any resource can be asked for by its URI: it came as a link, from a template or from an earlier call.
    const isLink = kind === 'resource' && this.isListed && this.#session?.state.kind === 'ready';
    const entry = this.catalog.find(kind, name) ?? (isLink ? unlistedResource(name) : undefined);
    return entry && definitionOf(this.name, entry, this.itemOf(entry));
  }

  itemOf(entry: CatalogEntry, changeOf = this.options.approvals?.of(this.name)): CatalogItem {
    const lastUsedMs = this.#lastUsed.of(entry.kind, entry.name);
    const change = changeOf?.(entry.kind, entry.name) ?? 'unknown';
    return { ...entry.item, ...(lastUsedMs === undefined ? {} : { lastUsedMs }), change };
  }

  get can(): PlaygroundServer['can'] {
    return abilitiesOf(this.#session?.handshake);
  }

  get snapshot(): PlaygroundServer {
    return {
      name: this.name,
      connection: this.#connection,
      ...describedBy(this.#session?.handshake),
      can: this.can,
      counts: this.catalog.counts,
      tokens: this.catalog.tokens,
      omitted: this.catalog.omitted,
      problems: this.catalog.problems,
      ...(this.logLevel ? { logLevel: this.logLevel } : {}),
      revision: this.#revision,
      logged: this.logs.count,
    };
  }

  get #connection(): ConnectionState {
    if (this.#unavailable) return { kind: 'unavailable', ...this.#unavailable };
    const state = this.#session?.state;
    if (this.#lost) return { kind: 'failed', ...this.#lost, steps: FAILED_STEPS };
    switch (state?.kind) {
      case 'connecting':
      case 'ready':
        return { kind: state.kind };
      case 'failed': {
        const steps = /sign in|authentication|HTTP 401/i.test(state.message) ? (['signIn', ...FAILED_STEPS] as const) : FAILED_STEPS;
        return { kind: 'failed', message: state.message, stderr: this.stderr, steps };
      }
      default:
        return this.isWanted ? { kind: 'idle' } : { kind: 'idle', isEnded: true };
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#refresh.dispose();
    void this.disconnect();
  }
}

const FAILED_STEPS = ['retry', 'openConfig', 'showLog'] as const;
