/** Owns what strategies are put together from: places of folders and homes, containers, and entries for the endpoint. */
import type { WorkspaceFolderInfo } from '../variables';
import { nodeAt } from './document';
import { inHome, pathsOf } from './paths';
import type { DiscoveryEnvironment, Endpoint, EndpointEntry, FoundServer, Place, Strategy, VariableStyle } from './types';

/** A file of the user, in the home folder. */
export function homePlace(environment: DiscoveryEnvironment, ...parts: readonly string[]): Place {
  return { file: inHome(environment, ...parts), scope: 'user', format: formatOf(parts.at(-1) ?? ''), base: environment.home };
}

export function userPlace(environment: DiscoveryEnvironment, file: string): Place {
  return { file, scope: 'user', format: formatOf(file), base: environment.home };
}

/** The same file in each workspace folder. */
export function folderPlaces(environment: DiscoveryEnvironment, ...parts: readonly string[]): Place[] {
  return environment.folders.map((folder) => folderPlace(environment, folder, ...parts));
}

export function folderPlace(environment: DiscoveryEnvironment, folder: WorkspaceFolderInfo, ...parts: readonly string[]): Place {
  const file = pathsOf(environment).join(folder.path, ...parts);
  return { file, scope: 'folder', format: formatOf(file), folder, base: folder.path };
}

/** A file of the same name in the home folder and in each workspace folder. */
export function homeAndFolders(...parts: readonly string[]): Strategy['places'] {
  return (environment) => [homePlace(environment, ...parts), ...folderPlaces(environment, ...parts)];
}

export function formatOf(file: string): Place['format'] {
  if (/\.toml$/i.test(file)) return 'toml';
  return /\.ya?ml$/i.test(file) ? 'yaml' : 'jsonc';
}

/** Servers by name in one object; the first of `paths` that exists, else the first. */
export function objectAt(...paths: readonly (readonly string[])[]): Strategy['containers'] {
  return (_place, root) => {
    const found = paths.find((path) => nodeAt(root, path));
    const path = root === undefined ? paths[0] : found;
    return path ? [{ path, by: 'key' }] : [];
  };
}

/** The endpoint cannot be written for a client: a sentence without its full stop. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

const NO_VARIABLES = 'The token is to come from a variable, but this client replaces none: have the token written into its file, or leave this client out';

/** What stands in `Authorization`, in the client's own way of naming variables. Throws EndpointError. */
export function authorization(endpoint: Endpoint, style: VariableStyle): { value: string; notes: string[] } {
  const { token } = endpoint;
  if (token.kind === 'literal') return { value: `Bearer ${token.value}`, notes: [] };
  const forms: Partial<Record<VariableStyle, string>> = {
    vscode: `\${env:${token.name}}`,
    braces: `\${${token.name}}`,
    dollar: `\${${token.name}}`,
    opencode: `{env:${token.name}}`,
  };
  const form = forms[style];
  if (form === undefined) throw new EndpointError(NO_VARIABLES);
  return { value: `Bearer ${form}`, notes: [`The client reads the token from the environment variable ${token.name}: set it before it starts.`] };
}

/** An entry for a client that speaks Streamable HTTP: its key for the address, and what else it wants there. */
export function httpEndpoint(style: VariableStyle, urlKey: string, before: object = {}, after: object = {}): Strategy['endpoint'] {
  return (endpoint): EndpointEntry => {
    const { value, notes } = authorization(endpoint, style);
    return { value: { ...before, [urlKey]: endpoint.url, headers: { Authorization: value }, ...after }, notes };
  };
}

/** Pinned: an unpinned one would run whatever is published under the name. */
const BRIDGE = 'mcp-remote@0.15.1';
const BRIDGE_TOKEN = 'MCP_SHARK_AUTH';

/**
 * An entry for a client that starts programs only: the bridge `mcp-remote`. The token stands in `env`, since arguments
 * are seen by every user of the machine, and since some clients break arguments at spaces (its README says so).
 */
export function bridgeEndpoint(endpoint: Endpoint): EndpointEntry {
  const { token } = endpoint;
  if (token.kind !== 'literal') throw new EndpointError(NO_VARIABLES);
  const args = ['-y', BRIDGE, endpoint.url, '--allow-http', '--transport', 'http-only', '--header', `Authorization:\${${BRIDGE_TOKEN}}`];
  return {
    value: { command: 'npx', args, env: { [BRIDGE_TOKEN]: `Bearer ${token.value}` } },
    notes: [`This client only starts programs: it reaches MCP Shark through the bridge ${BRIDGE}, which npx fetches from npm when it first runs.`],
  };
}

/** Does an entry of ours still lead to this endpoint, with its token? One that names a variable is taken at its word. */
export function leadsTo(config: FoundServer['config'], { url, token }: Endpoint): boolean {
  const isBridge = config.type === 'stdio';
  const address = isBridge ? config.args.find((text) => /^https?:/.test(text)) : config.url;
  const value = isBridge ? config.env[BRIDGE_TOKEN] : Object.entries(config.headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  if (URL.parse(address ?? '')?.port !== URL.parse(url)?.port) return false;
  return token.kind === 'variable' || value === `Bearer ${token.value}` || String(value).startsWith('Bearer ${env:');
}

/** Does this entry lead to MCP Shark itself? Routing it would make a circle. */
export function isOwnEndpoint(name: string, text: string): boolean {
  return /^mcp-shark(-\d+)?$/.test(name) && /https?:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/mcp(\/|$|")/.test(text);
}

