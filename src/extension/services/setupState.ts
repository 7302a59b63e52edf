/** Owns the one state that the Setup view draws from, put together of what registry, governance, checks and application say now. Changes nothing. */
import type { Application } from '../application';
import type { DoneChange, SetupServer, SetupState } from '../contract/setup';
import type { FindingsBook } from '../security/findingsBook';
import type { Governance } from '../security/policyGovernance';
import { leadsTo } from '../servers/import/strategyParts';
import type { FoundServer } from '../servers/import/types';
import type { ServerRegistry } from '../servers/registry';
import type { Routing } from '../servers/routing/routing';
import type { WorkspaceFolderInfo } from '../servers/variables';
import { endpointUrl } from './setupRequests';

export interface SetupStateParts {
  readonly application: Pick<Application, 'status' | 'health'>;
  readonly registry: Pick<ServerRegistry, 'servers'>;
  readonly governance: Pick<Governance, 'servers' | 'definitions' | 'pending'>;
  readonly findings: Pick<FindingsBook, 'of'>;
  readonly routing: Pick<Routing, 'userFile'>;
  readonly folders: () => readonly WorkspaceFolderInfo[];
  /** A file as people call it. */
  readonly labelOf: (file: string) => string;
  readonly policy: () => SetupState['policy'];
  readonly fixedPort: () => number;
  readonly clientToken: () => string | undefined;
}

/** `done`: newest first. `pointed`: entries for the endpoint that other clients had when they were looked at. */
export function setupState(parts: SetupStateParts, done: readonly DoneChange[], pointed: readonly FoundServer[]): SetupState {
  const { application, governance, folders, policy, fixedPort, clientToken } = parts;
  const [port, value] = [fixedPort(), clientToken()];
  const { trusted, routing, gateway, configProblems, configNotes } = application.status;
  return {
    isTrusted: trusted,
    isRouting: routing,
    hasFolder: folders().length > 0,
    gateway,
    policy: policy(),
    servers: trusted ? setupServers(parts) : [],
    pending: trusted ? governance.pending() : [],
    problems: trusted ? configProblems : [],
    notes: trusted ? configNotes : [],
    done,
    fixedPort: port,
    hasClientToken: value !== undefined,
    outdatedClients: pointed
      .filter(({ config }) => port === 0 || value === undefined || !leadsTo(config, { url: endpointUrl(port), token: { kind: 'literal', value } }))
      .map(({ place }) => place.file),
  };
}

function setupServers({ application, registry, governance, findings, labelOf, routing }: SetupStateParts): readonly SetupServer[] {
  const states = new Map(application.status.servers.map(({ name, state }) => [name, state]));
  const configured = new Map(registry.servers.map((server) => [server.name, server]));
  return governance.servers().map((server): SetupServer => {
    const own = configured.get(server.name);
    return {
      ...server,
      state: states.get(server.name) ?? { kind: 'idle' },
      health: application.health(server.name),
      fileLabel: labelOf(server.file),
      isUser: server.file === routing.userFile,
      isEnabled: own?.isDisabled !== true,
      hide: own?.tools?.hide ?? [],
      deny: own?.tools?.deny ?? [],
      definitions: governance.definitions(server.id),
      findings: findings.of(server.name),
    };
  });
}
