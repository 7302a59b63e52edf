/**
 * Owns agents that live in a terminal or inside an editor. Sources: openai/codex docs/config.md and developers.openai.com/codex/mcp
 * (Codex: `CODEX_HOME`, project `.codex/config.toml`, `http_headers`, `env_http_headers`, `bearer_token_env_var`);
 * google-gemini/gemini-cli docs/tools/mcp-server.md (`httpUrl` is Streamable HTTP, `url` is SSE); docs.cline.bot/mcp (Cline,
 * `CLINE_MCP_SETTINGS_PATH`); docs.roocode.com/features/mcp/using-mcp-in-roo (Roo Code); ampcode.com/manual (Amp).
 */
import { absolute, appData, editorUserDirs, pathsOf, xdgConfig } from '../paths';
import { authorization, folderPlaces, homeAndFolders, homePlace, httpEndpoint, objectAt, userPlace } from '../strategyParts';
import type { DiscoveryEnvironment, Strategy } from '../types';

export const codex: Strategy = {
  id: 'codex',
  client: 'Codex',
  shape: { variables: 'none', plainUrl: 'http' },
  places: (environment) => {
    const own = absolute(environment, 'CODEX_HOME');
    return [
      own === undefined ? homePlace(environment, '.codex', 'config.toml') : userPlace(environment, pathsOf(environment).join(own, 'config.toml')),
      ...folderPlaces(environment, '.codex', 'config.toml'),
    ];
  },
  containers: objectAt(['mcp_servers']),
  endpoint: (endpoint) =>
    endpoint.token.kind === 'variable'
      ? {
          value: { url: endpoint.url, bearer_token_env_var: endpoint.token.name },
          notes: [`Codex reads the token from the environment variable ${endpoint.token.name}: set it before it starts.`],
        }
      : { value: { url: endpoint.url, http_headers: { Authorization: authorization(endpoint, 'none').value } }, notes: [] },
};

export const gemini: Strategy = {
  id: 'gemini',
  client: 'Gemini CLI',
  shape: { variables: 'dollar', plainUrl: 'sse' },
  places: homeAndFolders('.gemini', 'settings.json'),
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('dollar', 'httpUrl'),
};

/** Settings of an extension in every editor that can run it. */
function extensionFiles(environment: DiscoveryEnvironment, extension: string, file: string): string[] {
  const { join } = pathsOf(environment);
  const forks = ['Cursor', 'Windsurf', 'Kiro'].map((name) => join(appData(environment), name, 'User'));
  return [...editorUserDirs(environment).map(({ dir }) => dir), ...forks].map((dir) => join(dir, 'globalStorage', extension, 'settings', file));
}

export const cline: Strategy = {
  id: 'cline',
  client: 'Cline',
  shape: { variables: 'vscode', plainUrl: 'sse' },
  places: (environment) => {
    const own = absolute(environment, 'CLINE_MCP_SETTINGS_PATH');
    return [
      ...(own === undefined ? [] : [userPlace(environment, own)]),
      homePlace(environment, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
      ...extensionFiles(environment, 'saoudrizwan.claude-dev', 'cline_mcp_settings.json').map((file) => userPlace(environment, file)),
    ];
  },
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('vscode', 'url', { type: 'streamableHttp' }, { disabled: false }),
};

export const roo: Strategy = {
  id: 'roo',
  client: 'Roo Code',
  shape: { variables: 'vscode', plainUrl: 'sse' },
  places: (environment) => [
    ...extensionFiles(environment, 'rooveterinaryinc.roo-cline', 'mcp_settings.json').map((file) => userPlace(environment, file)),
    ...folderPlaces(environment, '.roo', 'mcp.json'),
  ],
  containers: objectAt(['mcpServers']),
  endpoint: httpEndpoint('vscode', 'url', { type: 'streamable-http' }),
};

export const amp: Strategy = {
  id: 'amp',
  client: 'Amp',
  shape: { variables: 'braces', plainUrl: 'http' },
  places: (environment) => {
    const names = ['settings.json', 'settings.jsonc'];
    return [
      ...names.map((name) => userPlace(environment, pathsOf(environment).join(xdgConfig(environment), 'amp', name))),
      ...names.flatMap((name) => folderPlaces(environment, '.amp', name)),
    ];
  },
  // One key with a dot in it.
  containers: objectAt(['amp.mcpServers']),
  endpoint: httpEndpoint('braces', 'url'),
};
