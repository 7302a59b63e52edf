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
import type { Redactor } from './capture/redactor';
import { RecordingGate } from './capture/recordingGate';
import { ServerHealthBook } from './capture/serverHealth';
import type { CapturedEvent, CapturedEventType, Recorder } from './capture/types';
import type { ServerHealth } from './contract/health';
import type { ApplicationStatus, GatewayState, ServerState, ServerStatus, StoreState } from './contract/status';
import { ungoverned } from './proxy/closedServers';
import { PlaygroundTap } from './playground/tap';
import { createGateway } from './proxy/gateway';
import { stateBehind } from './proxy/serverStates';
import type { Gateway } from './proxy/types';
import type { ApplicationGovernance } from './security/policyPorts';
import type { ServerRegistry } from './servers/registry';
import type { ConfiguredServer, ServerResolver } from './servers/types';
import { openStore } from './store/client';
import type { Recovery, TrafficStore } from './store/types';
import { SerialQueue, Throttle } from './util/async';
import type { Clock } from './util/clock';
import { AppError, isAppError, messageOf } from './util/errors';
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
  /** Approvals and policy; without it every server runs that its file does not disable. Disposed by whoever made it. */
  readonly governance?: ApplicationGovernance;
  /** Keeps secrets out of what is recorded; absent: the standard one. */
  readonly redactor?: Redactor;
  readonly token: string;
  /** For clients outside the editor, whose configuration holds it; `undefined`: none was made. */
  readonly clientToken?: () => string | undefined;
  /** Asked whenever they are applied; 0: no limit. */
  readonly retention?: { readonly maxBytes: () => number; readonly maxAgeMs: () => number };
  /** Asked at each start of routing; 0: a free port. */
  readonly port: () => number;
  /** Where that port is taken, by another window perhaps, a free one is used rather than none. */
  readonly takesOtherPort?: boolean;
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

/** What a server printed, and how its life goes; redacted, as in the audit log. */
export interface ServerEvent {
  readonly type: CapturedEventType;
  readonly server: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** How often, at most, a changed status is told to those who draw it. */
const STATUS_INTERVAL_MS = 100;
/** How often what passes unrecorded is counted out. */
const UNRECORDED_INTERVAL_MS = 1_000;

export class Application {
  readonly #lifetime = new DisposableStore();
  readonly #routing = new SerialQueue();
  readonly #changed = this.#lifetime.add(new Emitter<ApplicationStatus>());
  readonly #advanced = this.#lifetime.add(new Emitter<{ readonly through: number }>());
  readonly #catalog = this.#lifetime.add(new Emitter<void>());
  readonly #recovered = this.#lifetime.add(new Emitter<Recovery>());
  readonly #serverEvent = this.#lifetime.add(new Emitter<ServerEvent>());
  readonly #health: ServerHealthBook;
  readonly #gatewayEvents = this.#lifetime.add(new MutableDisposable<DisposableStore>());
  readonly #announce: Throttle;
  readonly #playgroundToken: string;
  #store: Promise<TrafficStore> | undefined;
  #storeState: StoreState = { kind: 'opening' };
  /** Of this window, over all starts of routing; never kept: whoever opens a window records. */
  readonly #recording = new RecordingGate();
  readonly #recordingTicks: Throttle;
  #gateway: Gateway | undefined;
  #gatewayState: GatewayState = { kind: 'off' };
  #saidUnrecorded = 0;
  /** What governance has said before there was an audit log to write it into. */
  #unwritten: CapturedEvent[] = [];
  #wanted = false;
  #closed = false;

  readonly onDidChangeStatus = this.#changed.event;
  /** Traffic advanced to this frame number. */
  readonly onDidAdvance = this.#advanced.event;
  /** The audit log found something to recover when it was opened. */
  readonly onDidRecover = this.#recovered.event;
  readonly onServerEvent = this.#serverEvent.event;
  /** What clients would be offered has changed: endpoint, servers or their tools. */
  readonly onDidChangeOffer = this.#catalog.event;
  /** What the Playground hears of its own sessions. */
  readonly playgroundTap = new PlaygroundTap();

  constructor(private readonly options: ApplicationOptions) {
    const { clock, registry, governance } = options;
    this.#playgroundToken = options.randomId(32);
    this.#health = new ServerHealthBook(clock);
    this.#announce = this.#lifetime.add(
      new Throttle(() => this.#changed.fire(this.status), STATUS_INTERVAL_MS, clock),
    );
    this.#recordingTicks = this.#lifetime.add(new Throttle(() => this.#announceUnrecorded(), UNRECORDED_INTERVAL_MS, clock));
    this.#lifetime.add(
      registry.onDidChange(() => {
        this.#gateway?.setServers(registry.servers);
        this.#health.keep(registry.servers.map(({ name }) => name));
        void this.#recordConfiguration();
        this.#announce.trigger();
        this.#catalog.fire();
        // The first server of a workspace may come after routing was turned on.
        if (this.#wanted) void this.#sync();
      }),
    );
    if (!governance) return;
    this.#lifetime.add(governance.onDidRecord((event) => this.#recordPolicy(event)));
    this.#lifetime.add(
      governance.onDidChangeGates(() => {
        this.#announce.trigger();
        this.#catalog.fire();
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
      recording: this.#recording.state,
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
      servers: this.options.registry.servers
        .filter((server) => this.#stateBehindGate(server) === undefined)
        .map(({ name }) => ({ name, url: `${url}/${encodeURIComponent(name)}`, version: this.#gateway?.versionOf(name) ?? '' })),
    };
  }

  /** Where the Playground connects, with a token that nobody else is given; `undefined` while nothing listens. */
  get playgroundEndpoint(): { readonly url: string; readonly token: string } | undefined {
    if (this.#gatewayState.kind !== 'on') return undefined;
    return { url: `${this.#gatewayState.url}/mcp`, token: this.#playgroundToken };
  }

  /** How a server is doing, over all sessions since routing was turned on. */
  health(server: string): ServerHealth {
    return this.#health.of(server);
  }

  /** Stops a server in every session until it is restarted or routing is turned on again. */
  async stopServer(server: string): Promise<void> {
    await this.#gateway?.stopServer(server);
  }

  /** Rejects with AppError `gateway.closed` while routing is off: nothing would start. */
  async restartServer(server: string): Promise<void> {
    if (!this.#gateway) throw new AppError('gateway.closed', 'MCP Shark routes nothing now, so no server can be started. Turn routing on first.');
    await this.#gateway.restartServer(server);
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

  /** Pauses or resumes recording in this window; traffic goes on either way. Both are written to the audit log. */
  async setRecording(on: boolean): Promise<void> {
    const { clock } = this.options;
    const store = await this.store();
    const recorder = createRecorder({ journal: store.journal, clock, gate: this.#recording, redactor: this.options.redactor });
    if (on) {
      const pause = this.#recording.resume();
      if (pause) recorder.event({ type: 'recording.resumed', data: { sinceMs: pause.sinceMs, frames: pause.frames } });
    } else if (this.#recording.pause(clock.wallMs())) {
      recorder.event({ type: 'recording.paused', data: {} });
      this.#recordingTicks.trigger();
    }
    this.#announce.trigger();
  }

  /** While paused, how much passes unrecorded is told now and then. */
  #announceUnrecorded(): void {
    const { state } = this.#recording;
    if (state.kind === 'on') return;
    if (state.frames !== this.#saidUnrecorded) this.#announce.trigger();
    this.#saidUnrecorded = state.frames;
    this.#recordingTicks.trigger();
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
      if (wanted && !this.#gateway && registry.servers.some(({ isDisabled }) => !isDisabled)) await this.#startGateway();
      if (!wanted && this.#gateway) await this.#stopGateway();
    });
  }

  async #startGateway(): Promise<void> {
    const { clock, logger, registry, port } = this.options;
    this.#setGatewayState({ kind: 'starting' });
    try {
      const store = await this.store();
      const onEvent = this.#tellOfServer.bind(this);
      const recorder: Recorder = this.playgroundTap.wrap(
        this.#health.observe(createRecorder({ journal: store.journal, clock, gate: this.#recording, redactor: this.options.redactor, onEvent })),
      );
      const url = await this.#listen(recorder, port());
      this.#setGatewayState({ kind: 'on', url });
      logger.info(`The gateway listens at ${url}/mcp. Configured servers: ${registry.servers.map(({ name }) => name).join(', ')}.`);
    } catch (error) {
      await this.#dropGateway();
      const message = messageOf(error);
      logger.error(`The gateway could not start: ${message}`, error);
      this.#setGatewayState({ kind: 'failed', message });
    }
  }

  /** Gives the URL; the gateway is `#gateway` then. */
  async #listen(recorder: Recorder, port: number): Promise<string> {
    const { clock, logger, randomId, registry, resolver, auth, governance, token, version, takesOtherPort } = this.options;
    const gateway = createGateway({
      recorder,
      resolver,
      auth,
      governance,
      clock,
      logger,
      randomId,
      token,
      playgroundToken: this.#playgroundToken,
      clientToken: this.options.clientToken,
      port,
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
    try {
      return await gateway.start();
    } catch (error) {
      if (port === 0 || takesOtherPort !== true || this.#closed || !isAppError(error, 'gateway.listenFailed')) throw error;
      logger.warn(`${messageOf(error)}. This window uses a free port; other clients reach whoever listens there.`);
      await this.#dropGateway();
      return this.#listen(recorder, 0);
    }
  }

  #tellOfServer({ type, server, data }: Omit<ServerEvent, 'server'> & { readonly server?: string }): void {
    if (server !== undefined) this.#serverEvent.fire({ type, server, data });
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
      const recorder = createRecorder({ journal: store.journal, clock, gate: this.#recording, redactor: this.options.redactor });
      for (const event of this.#unwritten.splice(0)) recorder.event(event);
      this.#lifetime.add(store.onDidAdvance((advance) => this.#advanced.fire(advance)));
      this.#lifetime.add(store.onDidRecover((recovery) => this.#recovered.fire(recovery)));
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
    const recorder = createRecorder({ journal: (await this.#store).journal, clock, gate: this.#recording, redactor: this.options.redactor });
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
    return this.options.registry.servers.map((server) => ({
      name: server.name,
      transport: server.config.type,
      state: this.#stateBehindGate(server) ?? { kind: 'idle' },
    }));
  }

  /** The state of a server that may not run; `undefined`: it may. */
  #stateBehindGate(server: ConfiguredServer): ServerState | undefined {
    const { governance } = this.options;
    return stateBehind(governance ? governance.gateOf(server) : ungoverned(server));
  }

  /** Decisions are worth opening the audit log for; that something waits is written once it is open. */
  #recordPolicy(event: CapturedEvent): void {
    const { clock, logger } = this.options;
    if (!this.#store) this.#unwritten.push(event);
    if (!this.#store && event.type === 'policy.waiting') return;
    // What is queued is written when the store opens.
    const isQueued = this.#unwritten.includes(event);
    this.store().then(
      ({ journal }) => {
        if (!isQueued) createRecorder({ journal, clock, gate: this.#recording, redactor: this.options.redactor }).event(event);
      },
      (error: unknown) => logger.warn(`"${event.type}" could not be written to the audit log: ${messageOf(error)}`),
    );
  }

  /** Stops the servers, then closes the store: nothing recorded late is lost. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sync();
    const store = await this.#store?.catch(() => undefined);
    // How long it was paused, and what passed, is written even where nobody resumes.
    if (store && this.#recording.state.kind === 'paused') await this.setRecording(true);
    await store?.close();
    this.#lifetime.dispose();
  }
}
