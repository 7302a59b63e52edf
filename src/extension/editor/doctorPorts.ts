/** Owns what the connection doctor asks of application and editor. */
import * as vscode from 'vscode';
import type { Application } from '../application';
import { targetOf } from '../auth/target';
import type { UpstreamAuth } from '../auth/types';
import type { ServerRegistry } from '../servers/registry';
import type { ServerResolver } from '../servers/types';
import type { DoctorPorts } from '../services/doctor/doctor';
import { probeServer } from '../services/doctor/probe';
import { systemClock } from '../util/clock';
import { AppError } from '../util/errors';
import { SETTINGS } from './ids';

export interface DoctorParts {
  readonly application: Application;
  readonly registry: ServerRegistry;
  readonly resolver: ServerResolver;
  readonly auth: UpstreamAuth;
  readonly version: string;
}

export function doctorPorts({ application, registry, resolver, auth, version }: DoctorParts): DoctorPorts {
  return {
    clock: systemClock,
    status: () => application.status,
    servers: () => registry.servers,
    notes: () => registry.notes,
    serverAt: (file, line) =>
      registry.servers.filter((server) => server.file === file && server.line <= line).toSorted((a, b) => b.line - a.line)[0]?.name,
    stateOf: (server) => application.status.servers.find(({ name }) => name === server)?.state,
    resolve: (server) => resolver.resolve(server),
    isSignedIn: async (server) => (await auth.authorization(targetOf(server))) !== undefined,
    probe: async (server) => {
      const { offer } = application;
      if (!offer) throw new AppError('server.unreachable', 'The gateway is not up.');
      return probeServer({ server, url: `${offer.url}/${encodeURIComponent(server)}`, token: offer.token, version, clock: systemClock });
    },
    fixedPort: () => vscode.workspace.getConfiguration().get<number>(SETTINGS.endpointPort, 0),
    clientProblem: () => {
      const access = vscode.workspace.getConfiguration('chat').get<unknown>('mcp.access');
      const enabled = vscode.workspace.getConfiguration('chat').get<unknown>('mcp.enabled');
      if (access === 'none' || enabled === false) return vscode.l10n.t("VS Code's MCP support is switched off, so its chat uses no MCP server.");
      return access === 'registry' ? vscode.l10n.t('VS Code allows only MCP servers of a registry ("chat.mcp.access"), which may leave MCP Shark out.') : undefined;
    },
  };
}
