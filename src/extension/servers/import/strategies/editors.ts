/**
 * Owns the other editors. Sources: cursor.com/docs/mcp (Cursor); docs.windsurf.com/windsurf/cascade/mcp (Windsurf, and
 * `~/.codeium/mcp_config.json` of its JetBrains plugin); zed.dev/docs/ai/mcp and zed.dev/docs/configuring-zed (Zed);
 * kiro.dev/docs/mcp/configuration (Kiro); JetBrains AI Assistant's plugin.xml, keys `llm.mcp.client.*.mcp.json.path`, and
 * jetbrains.com/help/junie/model-context-protocol-mcp.html (Junie: stdio only).
 */
import { nodeAt } from '../document';
import { appData, inHome, pathsOf, xdgConfig } from '../paths';
import { bridgeEndpoint, folderPlaces, homeAndFolders, homePlace, httpEndpoint, objectAt, userPlace } from '../strategyParts';
import type { Strategy } from '../types';

export const cursor: Strategy = {
  id: 'cursor',
  client: 'Cursor',
  shape: { variables: 'vscode', plainUrl: 'http' },
  places: homeAndFolders('.cursor', 'mcp.json'),
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('vscode', 'url'),
};

export const windsurf: Strategy = {
  id: 'windsurf',
  client: 'Windsurf',
  shape: { variables: 'vscode', plainUrl: 'http' },
  places: (environment) =>
    [['windsurf'], ['windsurf-next'], []].map((parts) => homePlace(environment, '.codeium', ...parts, 'mcp_config.json')),
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('vscode', 'serverUrl'),
};

export const zed: Strategy = {
  id: 'zed',
  client: 'Zed',
  shape: { variables: 'none', plainUrl: 'http' },
  places: (environment) => {
    const { join } = pathsOf(environment);
    const user =
      environment.platform === 'win32'
        ? join(appData(environment), 'Zed', 'settings.json')
        : environment.platform === 'darwin'
          ? join(environment.home, '.config', 'zed', 'settings.json')
          : join(xdgConfig(environment), 'zed', 'settings.json');
    return [userPlace(environment, user), ...folderPlaces(environment, '.zed', 'settings.json')];
  },
  // Servers that an extension brings have settings here, but neither program nor address.
  containers: objectAt(['context_servers']),
  endpoint: httpEndpoint('none', 'url'),
};

export const kiro: Strategy = {
  id: 'kiro',
  client: 'Kiro',
  shape: { variables: 'braces', plainUrl: 'http' },
  places: homeAndFolders('.kiro', 'settings', 'mcp.json'),
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('braces', 'url', {}, { disabled: false }),
  traceOf: (environment) => inHome(environment, '.kiro'),
};

export const jetbrainsAi: Strategy = {
  id: 'jetbrains.ai',
  client: 'JetBrains AI Assistant',
  shape: { variables: 'none', plainUrl: 'http' },
  places: homeAndFolders('.ai', 'mcp', 'mcp.json'),
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('none', 'url'),
};

export const junie: Strategy = {
  id: 'junie',
  client: 'JetBrains Junie',
  shape: { variables: 'none', plainUrl: 'http' },
  places: homeAndFolders('.junie', 'mcp', 'mcp.json'),
  containers: objectAt(['mcpServers']),
  endpoint: bridgeEndpoint,
  traceOf: (environment) => inHome(environment, '.junie'),
};

export const lmStudio: Strategy = {
  id: 'lmstudio',
  client: 'LM Studio',
  shape: { variables: 'none', plainUrl: 'http' },
  // lmstudio.ai/docs/app/mcp: Cursor's notation, in `mcp.json` of LM Studio's home (formerly `~/.cache/lm-studio`).
  places: (environment) => [homePlace(environment, '.lmstudio', 'mcp.json'), homePlace(environment, '.cache', 'lm-studio', 'mcp.json')],
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('none', 'url'),
};

export const opencode: Strategy = {
  id: 'opencode',
  client: 'opencode',
  shape: { variables: 'opencode', plainUrl: 'http' },
  // opencode.ai/docs/config and /docs/mcp-servers; opencode.ai/v2/docs/mcp-servers for `mcp.servers`.
  places: (environment) => {
    const { join } = pathsOf(environment);
    const names = ['opencode.json', 'opencode.jsonc'];
    return [
      ...names.map((name) => userPlace(environment, join(xdgConfig(environment), 'opencode', name))),
      ...names.flatMap((name) => folderPlaces(environment, name)),
      ...names.flatMap((name) => folderPlaces(environment, '.opencode', name)),
    ];
  },
  containers: (_place, root) => {
    const second = nodeAt(root, ['mcp', 'servers']);
    // A server of version 1 may be called "servers": it has a type or a switch.
    if (second && !second.entries.some(({ value }) => value.kind !== 'object')) return [{ path: ['mcp', 'servers'], by: 'key' }];
    return root === undefined || nodeAt(root, ['mcp']) ? [{ path: ['mcp'], by: 'key' }] : [];
  },
  endpoint: (endpoint, place, container) =>
    // Version 2 has no "enabled".
    httpEndpoint('opencode', 'url', { type: 'remote' }, container.path.length > 1 ? {} : { enabled: true })(endpoint, place, container),
};
