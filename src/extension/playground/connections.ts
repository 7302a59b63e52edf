/**
 * Owns the connections to all configured servers: made, replaced and ended as configuration, approval and gateway change,
 * opened when somebody looks at what a server offers, closed when no view is there and nothing runs.
 */
import { AppError } from '../util/errors';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import { ServerConnection, type ConnectionHandlers } from './connection';
import type { PlaygroundOptions } from './ports';

/** What others use is learnt this long after it is recorded. */
const LEARN_MS = 5_000;
/** Servers that are started at the same time because somebody looks at them. */
const CONNECT_AT_ONCE = 4;

export interface ConnectionsHooks extends ConnectionHandlers {
  /** A server is no longer configured, or is another one now. */
  onGone(connection: ServerConnection): void;
  /** Whether a run of this server goes on. */
  isBusy(connection: ServerConnection): boolean;
}

export class Connections implements Disposable {
  readonly #byName = new Map<string, ServerConnection>();
  #hasView = false;
  /** Names of servers whose lists the view shows or searches. */
  #looked: ReadonlySet<string> = new Set();
  #connecting = 0;
  readonly #recorded: Disposable;
  readonly #learning = new MutableDisposable<Disposable>();

  constructor(
    private readonly options: PlaygroundOptions,
    private readonly hooks: ConnectionsHooks,
  ) {
    const { calls, clock } = options;
    this.#recorded = calls.onDidRecord(() => {
      this.#learning.value ??= clock.timer(LEARN_MS, () => {
        this.#learning.clear();
        for (const connection of this.all) void connection.recorded();
      });
    });
  }

  /** In the order of the configuration. */
  get all(): readonly ServerConnection[] {
    return [...this.#byName.values()];
  }

  find(name: string): ServerConnection | undefined {
    return this.#byName.get(name);
  }

  /** Throws `notFound`, in words, where there is no such server. */
  get(name: string): ServerConnection {
    const connection = this.#byName.get(name);
    if (!connection) throw new AppError('notFound', `No server "${name.slice(0, 80)}" is configured.`);
    return connection;
  }

  /**
   * As `get`, by what the world says at this moment: it tells late, and who uses a server between a change and its being
   * told means the server as it is configured and allowed now.
   */
  current(name: string): ServerConnection {
    this.follow();
    return this.get(name);
  }

  /** Follows what the world says now. */
  follow(): void {
    const { world } = this.options;
    for (const connection of this.all) connection.setEndpoint(world.endpoint?.url);
    const before = new Map(this.#byName);
    this.#byName.clear();
    for (const server of world.servers) {
      const known = before.get(server.name);
      if (known?.fingerprint === server.fingerprint) {
        before.delete(server.name);
        known.setUnavailable(server.unavailable);
        this.#byName.set(server.name, known);
      } else this.#byName.set(server.name, new ServerConnection(server, this.options, this.hooks));
    }
    for (const gone of before.values()) {
      gone.dispose();
      this.hooks.onGone(gone);
    }
    this.#connectLooked();
  }

  viewOpened(): void {
    this.#hasView = true;
  }

  /** The view shows or searches what these servers offer, and no longer what others do. */
  look(servers: readonly string[]): void {
    this.#looked = new Set(servers);
    this.#connectLooked();
  }

  viewClosed(): void {
    this.#hasView = false;
    this.#looked = new Set();
    for (const connection of this.all) this.rest(connection);
  }

  /** Ends a connection that nobody needs any more. */
  rest(connection: ServerConnection): void {
    if (!this.#hasView && !this.hooks.isBusy(connection)) void connection.disconnect();
  }

  #connectLooked(): void {
    while (this.#hasView && this.options.world.endpoint && this.#connecting < CONNECT_AT_ONCE) {
      const next = this.all.find(({ name, mayConnect, isWanted, session }) => this.#looked.has(name) && mayConnect && isWanted && !session);
      if (!next) return;
      this.#connecting++;
      const done = (): void => {
        this.#connecting--;
        this.#connectLooked();
      };
      // How it failed is in its state.
      next.connect().then(done, done);
    }
  }

  dispose(): void {
    this.#hasView = false;
    this.#recorded.dispose();
    this.#learning.dispose();
    for (const connection of this.all) connection.dispose();
  }
}
