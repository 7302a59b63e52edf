/**
 * Owns where VS Code keeps MCP servers. Sources: code.visualstudio.com/docs/copilot/reference/mcp-configuration (schema,
 * `.vscode/mcp.json`, user and profile, dev containers), microsoft/vscode `mcpConfigPathsService.ts` (`settings.mcp` of a
 * workspace file), `devContainer.vscode.schema.json` (`customizations.vscode.mcp`), microsoft/vscode#269340 (remote user and profiles).
 */
import { nodeAt } from '../document';
import { editorUserDirs, pathsOf, samePath } from '../paths';
import { folderPlace, folderPlaces, httpEndpoint } from '../strategyParts';
import type { Container, Place, PlaceFolder, Shape, Strategy } from '../types';

const shape: Shape = { variables: 'vscode', plainUrl: 'http' };
const endpoint = httpEndpoint('vscode', 'url', { type: 'http' });

function containersAt(prefix: readonly string[]): Strategy['containers'] {
  return (_place, root): readonly Container[] =>
    root === undefined || nodeAt(root, [...prefix, 'servers'])
      ? [{ path: [...prefix, 'servers'], by: 'key', inputs: [...prefix, 'inputs'] }]
      : [];
}

export const vscodeFolder: Strategy = {
  id: 'vscode.folder',
  client: 'VS Code (workspace folder)',
  shape,
  places: (environment) => folderPlaces(environment, '.vscode', 'mcp.json').map((place) => ({ ...place, own: true })),
  containers: containersAt([]),
  endpoint,
};

export const vscodeWorkspaceFile: Strategy = {
  id: 'vscode.workspaceFile',
  client: 'VS Code (workspace file)',
  shape,
  places: ({ workspaceFile, folders }) =>
    workspaceFile === undefined || folders.length === 0
      ? []
      : [{ file: workspaceFile, scope: 'workspace', format: 'jsonc', folder: folders[0], base: folders[0]?.path, own: true }],
  containers: containersAt(['settings', 'mcp']),
  endpoint,
};

export const vscodeUser: Strategy = {
  id: 'vscode.user',
  client: 'VS Code (user)',
  shape,
  places: (environment) => {
    const { join } = pathsOf(environment);
    const { editorUserDir, home } = environment;
    return editorUserDirs(environment).flatMap(({ dir, remote }): (Place | PlaceFolder)[] => {
      const own = editorUserDir !== undefined && samePath(environment, dir, editorUserDir);
      const common = { format: 'jsonc', base: home, own } as const;
      const profiles = join(dir, 'profiles');
      return [
        { file: join(dir, 'mcp.json'), scope: remote ? 'remote' : 'user', ...common },
        { dir: profiles, place: (name) => ({ file: join(profiles, name, 'mcp.json'), scope: 'profile', ...common }) },
      ];
    });
  },
  containers: containersAt([]),
  endpoint,
};

export const devcontainer: Strategy = {
  id: 'devcontainer',
  client: 'Dev container',
  shape,
  places: (environment) => {
    const { join } = pathsOf(environment);
    return environment.folders.flatMap((folder): (Place | PlaceFolder)[] => {
      const place = (...parts: string[]): Place => ({ ...folderPlace(environment, folder, ...parts), scope: 'devcontainer', own: true });
      return [
        place('.devcontainer', 'devcontainer.json'),
        place('.devcontainer.json'),
        { dir: join(folder.path, '.devcontainer'), place: (name) => (name.endsWith('.json') ? undefined : place('.devcontainer', name, 'devcontainer.json')) },
      ];
    });
  },
  containers: containersAt(['customizations', 'vscode', 'mcp']),
  endpoint,
};
