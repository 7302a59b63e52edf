/** Owns what the rest of the extension sees of each configured server: the best of its connections, or its last failure. */
import type { ServerState, ServerStatus } from '../contract/status';
import type { Gate } from '../contract/governance';
import type { ConfiguredServer } from '../servers/types';
import type { Clock } from '../util/clock';
import { isJsonObject } from '../util/json';
import type { UpstreamConnection } from './upstreamConnection';

export class ServerStates {
  readonly #lastFailures = new Map<string, ServerState & { kind: 'failed' }>();

  constructor(private readonly clock: Clock) {}

  /** Its failures are no longer its own: it is configured otherwise, or gone. */
  forget(name: string): void {
    this.#lastFailures.delete(name);
  }

  /** `gateOf`: of each configured server. */
  statuses(
    servers: readonly ConfiguredServer[],
    gateOf: (name: string) => Gate,
    connections: Iterable<UpstreamConnection>,
  ): ServerStatus[] {
    const byServer = new Map<string, UpstreamConnection[]>();
    for (const connection of connections) {
      const list = byServer.get(connection.name);
      if (list) list.push(connection);
      else byServer.set(connection.name, [connection]);
    }
    return servers.map(({ name, config }) => ({
      name,
      transport: config.type,
      state: stateBehind(gateOf(name)) ?? this.#stateOf(name, byServer.get(name) ?? []),
    }));
  }

  #stateOf(name: string, connections: readonly UpstreamConnection[]): ServerState {
    const ready = connections.filter((connection) => connection.isReady);
    if (ready.length > 0) {
      this.#lastFailures.delete(name);
      const info = ready[0]!.handshake?.serverInfo;
      const version = isJsonObject(info) && typeof info.version === 'string' ? info.version : undefined;
      return { kind: 'running', connections: ready.length, ...(version === undefined ? {} : { version }) };
    }
    for (const { state } of connections) {
      if (state.kind !== 'failed') continue;
      const known = this.#lastFailures.get(name);
      if (known?.message === state.message) return known;
      const failed = { kind: 'failed', message: state.message, stderr: state.stderr, atMs: this.clock.wallMs() } as const;
      this.#lastFailures.set(name, failed);
      return failed;
    }
    // A restart that is under way does not hide why it is needed.
    const failure = this.#lastFailures.get(name);
    if (failure) return failure;
    return connections.some(({ state }) => state.kind === 'starting') ? { kind: 'starting' } : { kind: 'idle' };
  }
}

/** The state of a server that may not run; `undefined`: it may. */
export function stateBehind(gate: Gate): ServerState | undefined {
  switch (gate.kind) {
    case 'open':
      return undefined;
    case 'waiting':
      return { kind: 'waitingForApproval', message: gate.message };
    default:
      return gate;
  }
}
