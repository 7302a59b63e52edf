/**
 * Owns the composition: builds audit log, registry and gateway in rank order, joins their states into one status
 * and disposes them in reverse. Free of `vscode`, so that the editor and the headless entries run the very same thing.
 *
 * Invariants: the store is open before the gateway listens, and is closed after the gateway is; at most one start or
 * stop of routing runs at a time.
 */
import * as path from 'node:path';
import { AuditLog, type AuditLogOptions } from './auditLog';
import type { UpstreamAuth } from './auth/types';
import { ServerHealthBook } from './capture/serverHealth';
import type { CapturedEventType, Recorder } from './capture/types';
import type { ServerHealth } from './contract/health';
import type { ApplicationStatus, GatewayState, ServerState, ServerStatus } from './contract/status';
import { ungoverned } from './proxy/closedServers';
import { PlaygroundTap } from './playground/tap';
import { createGateway } from './proxy/gateway';
import { stateBehind } from './proxy/serverStates';
import type { Gateway } from './proxy/types';
import type { ApplicationGovernance } from './security/policyPorts';
import type { ServerRegistry } from './servers/registry';
import type { ConfiguredServer, ServerResolver } from './servers/types';
import type { TrafficStore } from './store/types';
import { SerialQueue, Throttle } from './util/async';
import { AppError, isAppError, messageOf } from './util/errors';
import { Emitter } from './util/event';
import { DisposableStore, MutableDisposable } from './util/lifecycle';

export interface ApplicationOptions extends AuditLogOptions {
  readonly version: string;
  readonly registry: ServerRegistry;
  readonly resolver: ServerResolver;
  /** Signs in to HTTP servers that ask for it; disposed by whoever made it, after `close`. */
  readonly auth?: UpstreamAuth;
  /** Approvals and policy; without it every server runs that its file does not disable. Disposed by whoever made it. */
  readonly governance?: ApplicationGovernance;
  readonly token: string;
  /** For clients outside the editor, whose configuration holds it; `undefined`: none was made. */
  readonly clientToken?: () => string | undefined;
  /** Asked at each start of routing; 0: a free port. */
  readonly port: () => number;
  /** Where that port is taken, by another window perhaps, a free one is used rather than none. */
  readonly takesOtherPort?: boolean;
  /** Largest HTTP request body that is accepted, bytes; asked at each start of routing. Absent: 64 MB. */
  readonly maxBodyBytes?: () => number;
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

export class Application {
  readonly #lifetime = new DisposableStore();
  readonly #routing = new SerialQueue();
  readonly #changed = this.#lifetime.add(new Emitter<ApplicationStatus>());
  readonly #catalog = this.#lifetime.add(new Emitter<void>());
  readonly #serverEvent = this.#lifetime.add(new Emitter<ServerEvent>());
  readonly #health: ServerHealthBook;
  readonly #gatewayEvents = this.#lifetime.add(new MutableDisposable<DisposableStore>());
  readonly #announce: Throttle;
  readonly #playgroundToken: string;
  readonly #log: AuditLog;
  #gateway: Gateway | undefined;
  #gatewayState: GatewayState = { kind: 'off' };
  #wanted = false;
  #closed = false;

  readonly onDidChangeStatus = this.#changed.event;
  /** Traffic advanced to this frame number. */
  readonly onDidAdvance: AuditLog['onDidAdvance'];
  /** The audit log found something to recover when it was opened. */
  readonly onDidRecover: AuditLog['onDidRecover'];
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
    this.#log = new AuditLog(options);
    this.onDidAdvance = this.#log.onDidAdvance;
    this.onDidRecover = this.#log.onDidRecover;
    this.#lifetime.add(this.#log.onDidChange(() => this.#announce.trigger()));
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
    this.#lifetime.add(governance.onDidRecord((event) => this.#log.recordPolicy(event)));
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
      store: this.#log.state,
      servers: this.#serverStatuses(),
      configProblems: registry.problems,
      configNotes: registry.notes,
      trusted: trusted(),
      routing: this.#wanted,
      recording: this.#log.recording,
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
    return this.#log.store();
  }

  /** Turns routing on or off; resolves when the gateway is up or everything it had started is gone. */
  setRouting(on: boolean): Promise<void> {
    this.#wanted = on;
    this.#announce.trigger();
    return this.#sync();
  }

  /** Pauses or resumes recording in this window; traffic goes on either way. Both are written to the audit log. */
  setRecording(on: boolean): Promise<void> {
    return this.#log.setRecording(on);
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
    const { logger, registry, port } = this.options;
    this.#setGatewayState({ kind: 'starting' });
    try {
      const recorder = this.playgroundTap.wrap(this.#health.observe(await this.#log.recorder((event) => this.#tellOfServer(event))));
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
      maxBodyBytes: this.options.maxBodyBytes?.(),
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

  async #recordConfiguration(): Promise<void> {
    const { registry } = this.options;
    // Before the gateway ran there is no audit log to write into, and opening a file is no traffic.
    if (!this.#gateway || !this.#log.isOpened) return;
    const recorder = await this.#log.recorder();
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

  /** Stops the servers, then closes the store: nothing recorded late is lost. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sync();
    await this.#log.close();
    this.#lifetime.dispose();
  }
}
