/**
 * Owns the composition: builds store, recorder, registry and gateway in rank order, joins their states into one status
 * and disposes them in reverse. Free of `vscode`, so that the editor and the headless entries run the very same thing.
 *
 * Invariants: the store is open before the gateway listens, and is closed after the gateway is; at most one start or
 * stop of routing runs at a time.
 */
import * as path from 'node:path';
import type { UpstreamAuth } from './auth/types';
import { createRecorder } from './capture/recorder';
import type { Recorder } from './capture/types';
import type { ApplicationStatus, GatewayState, ServerStatus, StoreState } from './contract/status';
import { createGateway } from './proxy/gateway';
import type { Gateway } from './proxy/types';
import type { ServerRegistry } from './servers/registry';
import type { ServerResolver } from './servers/types';
import { openStore } from './store/client';
import type { TrafficStore } from './store/types';
import { SerialQueue, Throttle } from './util/async';
import type { Clock } from './util/clock';
import { messageOf } from './util/errors';
import { Emitter } from './util/event';
import { DisposableStore, MutableDisposable } from './util/lifecycle';
import type { Logger } from './util/logger';

export interface ApplicationOptions {
  /** Folder of the audit log; created where missing. */
  readonly storeDir: string;
  /** Folder with `storeWorker.js` and `sql-wasm.wasm`. */
  readonly distDir: string;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `bytes` of entropy, base64url. */
  readonly randomId: (bytes: number) => string;
  readonly registry: ServerRegistry;
  readonly resolver: ServerResolver;
  /** Signs in to HTTP servers that ask for it; disposed by whoever made it, after `close`. */
  readonly auth?: UpstreamAuth;
  readonly token: string;
  /** Asked whenever they are applied; 0: no limit. */
  readonly retention?: { readonly maxBytes: () => number; readonly maxAgeMs: () => number };
  /** Asked at each start of routing; 0: a free port. */
  readonly port: () => number;
  /** Untrusted workspaces start nothing (Workspace Trust). */
  readonly trusted: () => boolean;
}

/** Where clients can connect. */
export interface Offer {
  /** The aggregate endpoint. */
  readonly url: string;
  readonly token: string;
  /** Changes with the merged catalog; VS Code caches tools by it. */
  readonly version: string;
  /** The endpoints that serve one server each, its names untouched. */
  readonly servers: readonly { readonly name: string; readonly url: string; readonly version: string }[];
}

/** How often, at most, a changed status is told to those who draw it. */
const STATUS_INTERVAL_MS = 100;

export class Application {
  readonly #lifetime = new DisposableStore();
  readonly #routing = new SerialQueue();
  readonly #changed = this.#lifetime.add(new Emitter<ApplicationStatus>());
  readonly #advanced = this.#lifetime.add(new Emitter<{ readonly through: number }>());
  readonly #catalog = this.#lifetime.add(new Emitter<void>());
  readonly #gatewayEvents = this.#lifetime.add(new MutableDisposable<DisposableStore>());
  readonly #announce: Throttle;
  #store: Promise<TrafficStore> | undefined;
  #storeState: StoreState = { kind: 'opening' };
  #gateway: Gateway | undefined;
  #gatewayState: GatewayState = { kind: 'off' };
  #wanted = false;
  #closed = false;

  readonly onDidChangeStatus = this.#changed.event;
  /** Traffic advanced to this frame number. */
  readonly onDidAdvance = this.#advanced.event;
  /** What clients would be offered has changed: endpoint, servers or their tools. */
  readonly onDidChangeOffer = this.#catalog.event;

  constructor(private readonly options: ApplicationOptions) {
    const { clock, registry } = options;
    this.#announce = this.#lifetime.add(
      new Throttle(() => this.#changed.fire(this.status), STATUS_INTERVAL_MS, clock),
    );
    this.#lifetime.add(
      registry.onDidChange(() => {
        this.#gateway?.setServers(registry.servers);
        void this.#recordConfiguration();
        this.#announce.trigger();
        this.#catalog.fire();
        // The first server of a workspace may come after routing was turned on.
        if (this.#wanted) void this.#sync();
      }),
    );
  }

  get status(): ApplicationStatus {
    const { registry, trusted } = this.options;
    return {
      gateway: this.#gatewayState,
      store: this.#storeState,
      servers: this.#serverStatuses(),
      configProblems: registry.problems,
      configNotes: registry.notes,
      trusted: trusted(),
      routing: this.#wanted,
    };
  }

  /** What to offer clients, or `undefined` while there is nothing to offer. */
  get offer(): Offer | undefined {
    if (this.#gatewayState.kind !== 'on' || !this.#gateway || this.options.registry.servers.length === 0) return;
    const url = `${this.#gatewayState.url}/mcp`;
    return {
      url,
      token: this.options.token,
      version: this.#gateway.catalogVersion,
      servers: this.options.registry.servers.map(({ name, fingerprint }) => ({
        name,
        url: `${url}/${encodeURIComponent(name)}`,
        version: `${fingerprint.slice(0, 12)}.${this.#gateway?.catalogVersion ?? ''}`,
      })),
    };
  }

  /** Opens the store at the first call; later calls share it. */
  store(): Promise<TrafficStore> {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  /** Turns routing on or off; resolves when the gateway is up or everything it had started is gone. */
  setRouting(on: boolean): Promise<void> {
    this.#wanted = on;
    this.#announce.trigger();
    return this.#sync();
  }

  /** Looks again at what `trusted` says. */
  trustChanged(): Promise<void> {
    this.#announce.trigger();
    return this.#sync();
  }

  #sync(): Promise<void> {
    return this.#routing.run(async () => {
      const { registry, trusted } = this.options;
      const wanted = this.#wanted && trusted() && !this.#closed;
      // Nothing configured: nothing to listen for, and no store to open yet.
      if (wanted && !this.#gateway && registry.servers.length > 0) await this.#startGateway();
      if (!wanted && this.#gateway) await this.#stopGateway();
    });
  }

  async #startGateway(): Promise<void> {
    const { clock, logger, randomId, registry, resolver, auth, token, version, port } = this.options;
    this.#setGatewayState({ kind: 'starting' });
    try {
      const store = await this.store();
      const recorder: Recorder = createRecorder({ journal: store.journal, clock });
      const gateway = createGateway({
        recorder,
        resolver,
        auth,
        clock,
        logger,
        randomId,
        token,
        port: port(),
        version,
        stateDir: path.join(this.options.storeDir, 'run'),
      });
      const events = new DisposableStore();
      events.add(gateway.onDidChangeState((state) => this.#setGatewayState(state)));
      events.add(gateway.onDidChangeServers(() => this.#announce.trigger()));
      events.add(gateway.onDidChangeCatalog(() => this.#catalog.fire()));
      this.#gatewayEvents.value = events;
      this.#gateway = gateway;
      gateway.setServers(registry.servers);
      const url = await gateway.start();
      this.#setGatewayState({ kind: 'on', url });
      logger.info(`The gateway listens at ${url}/mcp. Configured servers: ${registry.servers.map(({ name }) => name).join(', ')}.`);
    } catch (error) {
      await this.#dropGateway();
      const message = messageOf(error);
      logger.error(`The gateway could not start: ${message}`, error);
      this.#setGatewayState({ kind: 'failed', message });
    }
  }

  async #stopGateway(): Promise<void> {
    await this.#dropGateway();
    this.#setGatewayState({ kind: 'off' });
    this.options.logger.info('Routing is off: the gateway and its servers have stopped.');
  }

  async #dropGateway(): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = undefined;
    this.#gatewayEvents.clear();
    await gateway?.close();
  }

  #setGatewayState(state: GatewayState): void {
    this.#gatewayState = state;
    this.#announce.trigger();
    this.#catalog.fire();
  }

  async #openStore(): Promise<TrafficStore> {
    const { storeDir, distDir, clock, logger, randomId, retention } = this.options;
    try {
      const store = await openStore({
        dir: storeDir,
        workerFile: path.join(distDir, 'storeWorker.js'),
        wasmFile: path.join(distDir, 'sql-wasm.wasm'),
        clock,
        logger,
        randomId,
        // The store reads them each time it applies them; `undefined` is its default.
        get maxBytes() {
          return retention?.maxBytes();
        },
        get maxAgeMs() {
          return retention?.maxAgeMs();
        },
      });
      this.#storeState = store.state;
      this.#lifetime.add(
        store.onDidChangeState((state) => {
          this.#storeState = state;
          this.#announce.trigger();
        }),
      );
      this.#lifetime.add(store.onDidAdvance((advance) => this.#advanced.fire(advance)));
      this.#announce.trigger();
      return store;
    } catch (error) {
      this.#storeState = { kind: 'failed', message: messageOf(error) };
      this.#store = undefined; // the next use tries again
      this.#announce.trigger();
      throw error;
    }
  }

  async #recordConfiguration(): Promise<void> {
    const { clock, registry } = this.options;
    // Before the gateway ran there is no audit log to write into, and opening a file is no traffic.
    if (!this.#gateway || !this.#store) return;
    const recorder = createRecorder({ journal: (await this.#store).journal, clock });
    recorder.event({
      type: registry.problems.length > 0 ? 'config.invalid' : 'config.changed',
      data: {
        servers: registry.servers.map(({ name, fingerprint }) => ({ name, fingerprint })),
        problems: registry.problems.map(({ file, line, message }) => ({ file, line, message })),
      },
    });
  }

  #serverStatuses(): readonly ServerStatus[] {
    if (this.#gateway) return this.#gateway.servers;
    return this.options.registry.servers.map(({ name, config }) => ({
      name,
      transport: config.type,
      state: { kind: 'idle' },
    }));
  }

  /** Stops the servers, then closes the store: nothing recorded late is lost. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sync();
    const store = await this.#store?.catch(() => undefined);
    await store?.close();
    this.#lifetime.dispose();
  }
}
