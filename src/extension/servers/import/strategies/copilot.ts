/**
 * Owns the files that Copilot CLI and VS Code's agent host read, of which `.mcp.json` is Claude Code's too. Sources:
 * docs.github.com/en/copilot (Copilot CLI, "Adding MCP servers"; `COPILOT_HOME`), code.claude.com/docs/en/mcp (project scope).
 */
import { absolute, pathsOf } from '../paths';
import { folderPlaces, homePlace, httpEndpoint, objectAt, userPlace } from '../strategyParts';
import type { Shape, Strategy } from '../types';

const shape: Shape = { variables: 'braces', plainUrl: 'http' };

export const projectMcp: Strategy = {
  id: 'project.mcp',
  client: 'Claude Code and Copilot (.mcp.json)',
  shape,
  places: (environment) => folderPlaces(environment, '.mcp.json'),
  containers: objectAt(['mcpServers'], ['servers']),
  endpoint: httpEndpoint('braces', 'url', { type: 'http' }),
};

export const githubMcp: Strategy = {
  id: 'github.mcp',
  client: 'Copilot (.github/mcp.json)',
  shape,
  places: (environment) => folderPlaces(environment, '.github', 'mcp.json'),
  containers: objectAt(['mcpServers'], ['servers']),
  endpoint: httpEndpoint('braces', 'url', { type: 'http' }, { tools: ['*'] }),
};

export const copilotCli: Strategy = {
  id: 'copilot.cli',
  client: 'Copilot CLI',
  shape,
  places: (environment) => {
    const own = absolute(environment, 'COPILOT_HOME');
    if (own === undefined) return [homePlace(environment, '.copilot', 'mcp-config.json')];
    return [userPlace(environment, pathsOf(environment).join(own, 'mcp-config.json'))];
  },
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('braces', 'url', { type: 'http' }, { tools: ['*'] }),
};
