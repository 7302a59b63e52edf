/** Owns what the Playground sees of application and audit log: whether and why not it can work, its servers, its calls. */
import type { Application } from '../application';
import type { NextStep, Obstacle } from '../contract/playground';
import type { ServerState } from '../contract/status';
import type { RecordedCalls, World, WorldServer } from '../playground/ports';
import { literalTerm } from '../query/print';
import { Emitter } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';

/** Resources have too many names to be counted by them: the latest readings tell. */
const MAX_READ = 1_000;

/** What is configured, with what changes when a server is another one. */
export type Fingerprints = () => readonly { readonly name: string; readonly fingerprint: string }[];

export class ApplicationWorld implements World, Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #changed = this.#lifetime.add(new Emitter<void>());
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly application: Application,
    private readonly fingerprints: Fingerprints,
  ) {
    this.#lifetime.add(application.onDidChangeStatus(() => this.#changed.fire()));
  }

  get endpoint(): World['endpoint'] {
    return this.application.playgroundEndpoint;
  }

  get servers(): readonly WorldServer[] {
    const fingerprints = new Map(this.fingerprints().map(({ name, fingerprint }) => [name, fingerprint]));
    return this.application.status.servers.map(({ name, state }) => {
      const unavailable = unavailableBecause(name, state);
      return { name, fingerprint: fingerprints.get(name) ?? '', ...(unavailable ? { unavailable } : {}) };
    });
  }

  get obstacle(): Obstacle | undefined {
    const { trusted, routing, gateway, servers, configProblems } = this.application.status;
    if (!trusted) return obstacle('untrusted', 'The workspace is in Restricted Mode: MCP Shark starts no server before you trust it.', 'manageTrust');
    if (servers.length === 0) {
      const [problem] = configProblems;
      return problem
        ? obstacle('nothingConfigured', `No server can be used: ${problem.message}`, 'openConfig')
        : obstacle('nothingConfigured', 'No MCP server is configured for this workspace.', 'addServer');
    }
    if (!routing) return obstacle('routingOff', 'Routing is off: the Playground works through the gateway, so that every try is in the log.', 'turnRoutingOn');
    switch (gateway.kind) {
      case 'on':
        return undefined;
      case 'failed':
        return obstacle('gatewayFailed', `The gateway could not start: ${gateway.message}`, 'turnRoutingOn', 'showLog');
      default:
        return obstacle('starting', 'The gateway is starting.');
    }
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}

function obstacle(kind: Obstacle['kind'], message: string, ...steps: NextStep[]): Obstacle {
  return { kind, message, steps };
}

function unavailableBecause(name: string, state: ServerState): WorldServer['unavailable'] {
  switch (state.kind) {
    case 'waitingForApproval':
      return { message: state.message || `"${name}" waits for your approval.`, steps: ['review', 'openConfig'] };
    case 'refused':
      return { message: state.message || `"${name}" may not run.`, steps: ['review', 'openConfig'] };
    case 'disabled':
      return { message: state.message || `"${name}" is switched off in the configuration.`, steps: ['openConfig'] };
    default:
      return undefined;
  }
}

/** The audit log as the Playground asks it. */
export function recordedCalls(application: Pick<Application, 'store' | 'onDidAdvance'>): RecordedCalls {
  return {
    // Numbers below 1 stand for what a pause kept out of the log.
    callId: async (frame) => (frame < 1 ? undefined : (await application.store()).callId(frame)),
    async row(call) {
      const store = await application.store();
      await store.settled();
      return (await store.page({ filter: literalTerm('id', call), position: { kind: 'newest' }, limit: 1 })).rows[0];
    },
    async lastUses(server, sinceMs) {
      const store = await application.store();
      const since = sinceMs === undefined ? '' : ` since:${new Date(sinceMs).toISOString()}`;
      const filter = `${literalTerm('server', server)} origin:client method:resources/read${since}`;
      const [named, read] = await Promise.all([
        store.statistics({ by: 'name', withPlayground: true, ...(sinceMs === undefined ? {} : { fromMs: sinceMs }) }),
        store.page({ filter, position: { kind: 'newest' }, limit: MAX_READ }),
      ]);
      const uses = named.rows.flatMap(({ server: of, method, name, lastMs }) => (of === server && method !== undefined && name !== undefined ? [{ method, name, timeMs: lastMs }] : []));
      return [...uses, ...read.rows];
    },
    onDidRecord: application.onDidAdvance,
  };
}
