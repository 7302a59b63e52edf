/**
 * Owns what a webview asks to be planned: ids become what the last look has found, whatever was sent; paths and texts are
 * never taken from it. Changes nothing.
 */
import { TOKEN_VARIABLE, type PlanRequest, type TokenPlace } from '../contract/setup';
import type { Discovery, Endpoint } from '../servers/import/types';
import type { ChangePlan } from '../servers/routing/plan';
import type { Routing } from '../servers/routing/routing';
import type { WorkspaceFolderInfo } from '../servers/variables';
import { AppError } from '../util/errors';

export interface RequestParts {
  readonly routing: Routing;
  readonly folders: () => readonly WorkspaceFolderInfo[];
  readonly fixedPort: () => number;
  readonly clientToken: () => string | undefined;
}

const NO_PORT =
  'Other clients need an address that stays. Set "mcpShark.endpoint.port" to a port of your choice, turn routing off and on, and try again.';
const NONE = 'If you did, look again: the files may have changed.';

/** Rejects with AppError `notFound`, `config.missing` (no port, no token) or `query.invalid`. */
export async function planRequested(request: PlanRequest, found: Discovery | undefined, parts: RequestParts): Promise<ChangePlan> {
  const { routing, folders } = parts;
  switch (request?.kind) {
    case 'route': {
      const wanted = new Set(listOf(request.places));
      const servers = (found?.servers ?? []).filter(({ id }) => wanted.has(id));
      if (servers.length === 0) throw new AppError('notFound', `Choose at least one server. ${NONE}`);
      if (request.otherClients !== 'point') return routing.planRoute({ servers, folders: folders(), otherClients: 'leave' });
      return routing.planRoute({ servers, folders: folders(), otherClients: 'point', endpoint: endpointOf(parts, request.token) });
    }
    case 'point': {
      const wanted = new Set(listOf(request.clients));
      const targets = [...(found?.files ?? []), ...(found?.absent ?? [])].filter(({ place }) => wanted.has(place.file) && place.own !== true);
      if (targets.length === 0) throw new AppError('notFound', `Choose at least one client. ${NONE}`);
      return routing.planPoint({ targets: targets.map(({ strategy, place }) => ({ strategy, place })), endpoint: endpointOf(parts, request.token) });
    }
    case 'undo':
      return routing.planUndo(request.records === 'all' ? 'all' : listOf(request.records));
    case 'restore':
      return routing.planRestore(String(request.backup));
    default:
      throw new AppError('query.invalid', 'There is no such plan.');
  }
}

function endpointOf({ fixedPort, clientToken }: RequestParts, from: TokenPlace | undefined): Endpoint {
  const port = fixedPort();
  const token = clientToken();
  if (port === 0) throw new AppError('config.missing', NO_PORT);
  if (token === undefined) throw new AppError('config.missing', 'Other clients need a token. Make one first, then try again.');
  return { url: endpointUrl(port), token: from === 'variable' ? { kind: 'variable', name: TOKEN_VARIABLE } : { kind: 'literal', value: token } };
}

/** Where other clients find the gateway. */
export function endpointUrl(port: number): string {
  return `http://127.0.0.1:${port}/mcp`;
}

/** Ids that a webview sent, whatever it was. */
const listOf = (ids: unknown): readonly string[] => (Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : []);
