/**
 * Owns Continue: servers are a list with names in YAML, and the usual object in JSON files of `mcpServers` folders. Sources:
 * docs.continue.dev/customize/deep-dives/mcp, docs.continue.dev/reference, continuedev/continue config-yaml/src/schemas/mcp.
 */
import { absolute, inHome, pathsOf } from '../paths';
import { authorization, folderPlace, formatOf, userPlace } from '../strategyParts';
import type { Place, PlaceFolder, Strategy } from '../types';
import { nodeAt } from '../document';

const BLOCKS = /\.(ya?ml|json)$/i;

export const continueDev: Strategy = {
  id: 'continue',
  client: 'Continue',
  shape: { variables: 'continue', plainUrl: 'http' },
  places: (environment) => {
    const { join } = pathsOf(environment);
    const home = absolute(environment, 'CONTINUE_GLOBAL_DIR') ?? inHome(environment, '.continue');
    const userBlocks = join(home, 'mcpServers');
    return [
      userPlace(environment, join(home, 'config.yaml')),
      { dir: userBlocks, place: (name) => (BLOCKS.test(name) ? userPlace(environment, join(userBlocks, name)) : undefined) },
      ...environment.folders.map((folder): PlaceFolder => ({
        dir: join(folder.path, '.continue', 'mcpServers'),
        place: (name): Place | undefined => (BLOCKS.test(name) ? folderPlace(environment, folder, '.continue', 'mcpServers', name) : undefined),
      })),
    ];
  },
  containers: (place, root) => {
    const node = nodeAt(root, ['mcpServers']);
    if (root !== undefined && !node) return [];
    const isList = node ? node.kind === 'array' : formatOf(place.file) === 'yaml';
    return [{ path: ['mcpServers'], by: isList ? 'name' : 'key' }];
  },
  endpoint: (endpoint, _place, container) => {
    const { value, notes } = authorization(endpoint, 'none');
    const headers = { Authorization: value };
    return container.by === 'name'
      ? { value: { type: 'streamable-http', url: endpoint.url, requestOptions: { headers } }, notes }
      : { value: { type: 'http', url: endpoint.url, headers }, notes };
  },
};
