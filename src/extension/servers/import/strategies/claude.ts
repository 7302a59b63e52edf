/**
 * Owns Claude Desktop and Claude Code. Sources: modelcontextprotocol.io/docs/develop/connect-local-servers and VS Code's
 * `nativeMcpDiscoveryAdapters.ts` (Desktop: stdio only, started in the home folder); code.claude.com/docs/en/mcp (Code: user
 * scope and local scope, by project, in `~/.claude.json`; `CLAUDE_CONFIG_DIR`).
 */
import { member, nodeAt } from '../document';
import { absolute, appData, inHome, pathsOf, samePath } from '../paths';
import { bridgeEndpoint, homePlace, httpEndpoint, objectAt, userPlace } from '../strategyParts';
import type { Container, Strategy } from '../types';

export const claudeDesktop: Strategy = {
  id: 'claude.desktop',
  client: 'Claude Desktop',
  shape: { variables: 'none', plainUrl: 'http' },
  places: (environment) => [
    userPlace(environment, pathsOf(environment).join(appData(environment), 'Claude', 'claude_desktop_config.json')),
  ],
  containers: objectAt(['mcpServers']),
  endpoint: bridgeEndpoint,
};

export const claudeCode: Strategy = {
  id: 'claude.code',
  client: 'Claude Code',
  shape: { variables: 'braces', plainUrl: 'http' },
  places: (environment) => {
    const own = absolute(environment, 'CLAUDE_CONFIG_DIR');
    return [own === undefined ? homePlace(environment, '.claude.json') : userPlace(environment, pathsOf(environment).join(own, '.claude.json'))];
  },
  containers: (_place, root, environment) => {
    const user: Container[] = root === undefined || member(root, 'mcpServers') ? [{ path: ['mcpServers'], by: 'key' }] : [];
    const projects = member(root, 'projects')?.value.entries ?? [];
    return [
      ...user,
      ...projects.flatMap(({ key, value }): Container[] => {
        if (!nodeAt(value, ['mcpServers'])) return [];
        const folder = environment.folders.find(({ path }) => samePath(environment, path, key));
        const path = ['projects', key, 'mcpServers'];
        return [{ path, by: 'key', base: key, ...(folder ? { folder, scope: 'folder' as const } : {}) }];
      }),
    ];
  },
  endpoint: httpEndpoint('braces', 'url', { type: 'http' }),
  // The file stands in the home folder.
  traceOf: (environment) => absolute(environment, 'CLAUDE_CONFIG_DIR') ?? inHome(environment, '.claude'),
};
