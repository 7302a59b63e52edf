/**
 * Owns the connection doctor: runs ordered checks over trust, configuration, gateway, audit log and each server, and says
 * what to do about what it finds. It goes the way a client goes (through the gateway), so what it does is recorded.
 */
import type { DoctorCheck, DoctorReport } from '../../contract/doctor';
import type { ApplicationStatus, ConfigProblem, ServerState } from '../../contract/status';
import type { ConfiguredServer, ResolvedServer } from '../../servers/types';
import type { Clock } from '../../util/clock';
import { failed, ok, runChecks, warning, type Check } from './checkList';
import { serverChecks } from './serverChecks';

/** What a server showed of itself to a client that connected. */
export interface Probe {
  readonly initializeMs: number;
  readonly protocolVersion?: string | undefined;
  readonly serverInfo?: { readonly name?: string | undefined; readonly version?: string | undefined } | undefined;
  /** Names, as listed. */
  readonly tools: readonly string[];
  readonly prompts: number;
  readonly resources: number;
  /** Length of all definitions as JSON. */
  readonly definitionCharacters: number;
  /** Lists that could not be had, in words. */
  readonly problems: readonly string[];
}

export interface DoctorPorts {
  readonly clock: Clock;
  status(): ApplicationStatus;
  servers(): readonly ConfiguredServer[];
  notes(): readonly ConfigProblem[];
  /** Name of the server whose entry holds this line. */
  serverAt(file: string, line: number): string | undefined;
  stateOf(server: string): ServerState | undefined;
  /** May ask the user for inputs. */
  resolve(server: ConfiguredServer): Promise<ResolvedServer>;
  /** Whether MCP Shark holds a token for the server. */
  isSignedIn(server: Extract<ResolvedServer, { type: 'http' | 'sse' }>): Promise<boolean>;
  /** Connects to the server as a client would, through the gateway; rejects with what to tell the user. */
  probe(server: string): Promise<Probe>;
  /** The port that other clients are to find the gateway on; 0: any. */
  fixedPort(): number;
  /** What the editor says about its own MCP client; in words where it is off. */
  clientProblem(): string | undefined;
}

export async function examine(ports: DoctorPorts, only?: string): Promise<DoctorReport> {
  const general = await runChecks(generalChecks(ports), ports.clock);
  const broken = new Set(general.filter(isBad).map(({ id }) => id));
  const servers = ports.servers().filter(({ name }) => only === undefined || name === only);
  const reports = await Promise.all(
    servers.map(async (server) => ({
      server: server.name,
      checks: await runChecks(
        serverChecks(server, ports).map((check) => (check.id === 'allowed' ? { ...check, needs: ['trust', 'gateway'] } : check)),
        ports.clock,
        broken,
      ),
    })),
  );
  return { timeMs: ports.clock.wallMs(), general, servers: reports };
}

const isBad = ({ outcome }: DoctorCheck): boolean => outcome === 'failed' || outcome === 'skipped';

function generalChecks(ports: DoctorPorts): readonly Check[] {
  return [
    {
      id: 'trust',
      title: 'Workspace Trust',
      run: () =>
        ports.status().trusted
          ? ok('The workspace is trusted.')
          : failed('The workspace is in Restricted Mode, so nothing of it is started.', { kind: 'manageTrust' }),
    },
    {
      id: 'configuration',
      title: 'Configuration files',
      run: () => {
        const [first, ...more] = ports.status().configProblems;
        if (first) {
          const others = more.length > 0 ? ` (${more.length} more in the Problems panel)` : '';
          return warning(`${first.file}:${first.line}: ${first.message}${others}`, { kind: 'openConfig', file: first.file, line: first.line });
        }
        const count = ports.servers().length;
        return count > 0
          ? ok(`They configure ${count === 1 ? '1 server' : `${count} servers`}.`)
          : failed('No server is configured. Run "MCP Shark: Set Up Servers", or write .vscode/mcp-shark.json.');
      },
    },
    {
      id: 'gateway',
      title: 'Gateway',
      needs: ['trust', 'configuration'],
      run: () => {
        const { gateway, routing } = ports.status();
        if (!routing) return failed('Routing is off.', { kind: 'turnRoutingOn' });
        switch (gateway.kind) {
          case 'on': {
            const port = ports.fixedPort();
            if (port === 0 || new URL(gateway.url).port === String(port)) return ok(`It listens at ${gateway.url}.`);
            return warning(
              `It listens at ${gateway.url}, not on port ${port} of "mcpShark.endpoint.port": that was taken, by another window perhaps, or was set since. Other clients do not reach this window. Turn routing off and on once the port is free.`,
              { kind: 'openSetting', setting: 'mcpShark.endpoint.port' },
            );
          }
          case 'failed':
            return failed(gateway.message, { kind: 'openSetting', setting: 'mcpShark.endpoint.port' });
          default:
            return failed('It is not up yet. Try again in a moment.');
        }
      },
    },
    {
      id: 'auditLog',
      title: 'Audit log',
      run: () => {
        const { store, recording } = ports.status();
        if (recording.kind === 'paused') return warning('Recording is paused: what passes is not kept.');
        if (store.kind === 'degraded' || store.kind === 'failed') return warning(store.message);
        return ok('Everything that passes is kept.');
      },
    },
    {
      id: 'client',
      title: "VS Code's MCP client",
      run: () => {
        const problem = ports.clientProblem();
        return problem === undefined ? ok('It is on.') : warning(problem, { kind: 'openSetting', setting: 'chat.mcp' });
      },
    },
  ];
}
