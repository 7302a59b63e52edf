/**
 * Owns the resources the person follows: subscribed at their servers, read again when one says that it has changed, at a
 * bearable pace, and subscribed anew when a server has been restarted.
 */
import type { Subscription } from '../contract/playground';
import type { RunStart } from '../contract/playgroundRuns';
import { AppError } from '../util/errors';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Clock } from '../util/clock';
import { errorText } from './catalog';
import type { ServerConnection } from './connection';
import { memberString } from './jsonText';

const MAX_SUBSCRIPTIONS = 100;
/** A resource is read this often at most. */
const READ_INTERVAL_MS = 500;

interface Followed {
  state: Subscription;
  readonly connection: ServerConnection;
  readonly pause: MutableDisposable<Disposable>;
  isStale: boolean;
}

export interface SubscriptionsOptions {
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly read: (connection: ServerConnection, uri: string) => Promise<RunStart>;
  /** A newer reading has come in its place. */
  readonly replaced: (run: string) => void;
}

export class Subscriptions {
  readonly #followed = new Map<string, Followed>();

  constructor(private readonly options: SubscriptionsOptions) {}

  get states(): readonly Subscription[] {
    return [...this.#followed.values()].map(({ state }) => state);
  }

  async subscribe(connection: ServerConnection, uri: string): Promise<void> {
    const key = keyOf(connection.name, uri);
    if (this.#followed.has(key)) return;
    if (this.#followed.size >= MAX_SUBSCRIPTIONS) throw new AppError('query.invalid', `At most ${MAX_SUBSCRIPTIONS} resources are followed; end another first.`);
    await this.#ask(connection, 'resources/subscribe', uri);
    const state: Subscription = { server: connection.name, uri, sinceMs: this.options.clock.wallMs(), updates: 0 };
    this.#followed.set(key, { state, connection, pause: new MutableDisposable(), isStale: false });
    this.options.onChange();
    await this.#read(key);
  }

  async unsubscribe(connection: ServerConnection, uri: string): Promise<void> {
    if (!this.#drop(keyOf(connection.name, uri))) return;
    if (connection.session?.state.kind === 'ready') await this.#ask(connection, 'resources/unsubscribe', uri);
  }

  /** `notifications/resources/updated`. */
  updated(server: string, params: string): void {
    const uri = memberString(params, 'uri');
    if (uri === undefined) return;
    // MCP 2025-11-25, server/resources: the URI may be one below the one that was subscribed.
    for (const [key, { state }] of this.#followed) {
      if (state.server !== server || !(uri === state.uri || uri.startsWith(state.uri.endsWith('/') ? state.uri : `${state.uri}/`))) continue;
      this.#change(key, { updates: state.updates + 1, updatedMs: this.options.clock.wallMs() });
      void this.#read(key);
    }
  }

  /** The server has shaken hands anew and knows of no subscription. */
  renew(connection: ServerConnection): void {
    for (const [key, { state }] of this.#followed) {
      if (state.server !== connection.name) continue;
      this.#ask(connection, 'resources/subscribe', state.uri).then(
        () => this.#read(key),
        () => this.#drop(key),
      );
    }
  }

  /** Ends all of a server, or all there are, without asking anybody. */
  dropAll(server?: string): void {
    for (const [key, { state }] of this.#followed) if (server === undefined || state.server === server) this.#drop(key);
  }

  async #read(key: string): Promise<void> {
    const followed = this.#followed.get(key);
    if (!followed) return;
    if (followed.pause.value) {
      followed.isStale = true;
      return;
    }
    followed.isStale = false;
    followed.pause.value = this.options.clock.timer(READ_INTERVAL_MS, () => {
      followed.pause.clear();
      if (followed.isStale) void this.#read(key);
    });
    const { connection, state } = followed;
    const start = await this.options.read(connection, state.uri).catch(() => undefined);
    if (start?.kind !== 'started') return;
    const before = this.#followed.get(key)?.state.run;
    this.#change(key, { run: start.run });
    if (before !== undefined) this.options.replaced(before);
  }

  #change(key: string, change: Partial<Subscription>): void {
    const followed = this.#followed.get(key);
    if (!followed) return;
    followed.state = { ...followed.state, ...change };
    this.options.onChange();
  }

  #drop(key: string): boolean {
    this.#followed.get(key)?.pause.dispose();
    const isDropped = this.#followed.delete(key);
    if (isDropped) this.options.onChange();
    return isDropped;
  }

  async #ask(connection: ServerConnection, method: string, uri: string): Promise<void> {
    const { kind, text } = await connection.request(method, JSON.stringify({ uri }));
    if (kind !== 'result') throw new AppError('rpc.remote', `${connection.name} answered ${method}: ${errorText(text)}`);
  }
}

function keyOf(server: string, uri: string): string {
  return JSON.stringify([server, uri]);
}
