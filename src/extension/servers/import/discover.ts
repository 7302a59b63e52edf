/**
 * Owns finding MCP servers: asks every strategy where its client keeps them, reads those files and nothing else, and
 * says in our terms what stands there. Starts nothing, writes nothing, logs nothing, never rejects. What it gives back
 * holds the secrets that stand in the files, in `config` only: problems and notes name keys, never values.
 */
import { createHash } from 'node:crypto';
import type { ConfigProblem } from '../../contract/status';
import { canonicalJson } from '../fingerprint';
import type { HttpServerConfig, StdioServerConfig } from '../types';
import { inputIdsIn } from '../variables';
import { nodeConfigFiles, type ConfigFiles } from './configFiles';
import { describeNode, member, nodeAt, parseDocument, plainValue, positionOf, type ParsedDocument } from './document';
import type { DocNode } from './documentTree';
import { normaliseEntry } from './entry';
import { pathsOf } from './paths';
import { STRATEGIES } from './strategies';
import { isOwnEndpoint } from './strategyParts';
import type { Container, Discovery, DiscoveryEnvironment, FoundFile, FoundGroup, FoundServer, Place, PlaceFolder, PlaceOfClient, Strategy } from './types';

/** More than any file has; what comes after is not looked at. */
const MAX_SERVERS_PER_FILE = 1000;

/** Looks at all places of all clients. */
export async function discoverServers(
  environment: DiscoveryEnvironment,
  files: ConfigFiles = nodeConfigFiles,
  strategies: readonly Strategy[] = STRATEGIES,
): Promise<Discovery> {
  const servers: FoundServer[] = [];
  const found: FoundFile[] = [];
  const problems: ConfigProblem[] = [];
  const absent: PlaceOfClient[] = [];
  const seen = new Set<string>();
  for (const strategy of strategies) {
    const places = await placesOf(strategy, environment, files);
    const before = found.length;
    for (const place of places) {
      const key = environment.platform === 'linux' ? place.file : place.file.toLowerCase();
      if (seen.has(key)) continue;
      seen.add(key);
      const reading = await files.read(place.file);
      if (reading.kind === 'missing') continue;
      const read =
        reading.kind === 'text'
          ? readFoundFile(strategy, place, reading.text, environment)
          : { servers: [], problems: [{ file: place.file, line: 1, column: 1, message: `${reading.message}.` }], broken: true };
      servers.push(...read.servers);
      problems.push(...read.problems);
      found.push({ place, client: strategy.client, strategy: strategy.id, state: read.broken ? 'broken' : 'read', servers: read.servers.length });
    }
    const place = found.length === before ? await placeToMake(strategy, places, environment, files) : undefined;
    if (place) absent.push({ place, client: strategy.client, strategy: strategy.id });
  }
  return { servers, groups: groupServers(servers), files: found, absent, problems };
}

async function placesOf(strategy: Strategy, environment: DiscoveryEnvironment, files: ConfigFiles): Promise<Place[]> {
  const places: Place[] = [];
  for (const place of strategy.places(environment)) {
    if (isFolder(place)) {
      for (const name of await files.list(place.dir)) {
        // A name comes from the disk; one with a separator could lead elsewhere.
        const child = pathsOf(environment).basename(name) === name ? place.place(name) : undefined;
        if (child) places.push(child);
      }
    } else places.push(place);
  }
  return places;
}

/** Where a client that is on this machine, and has no file yet, would look for one of the user. */
async function placeToMake(strategy: Strategy, places: readonly Place[], environment: DiscoveryEnvironment, files: ConfigFiles): Promise<Place | undefined> {
  for (const place of places) {
    if (place.scope !== 'user' || place.own === true) continue;
    if ((await files.list(strategy.traceOf?.(environment) ?? pathsOf(environment).dirname(place.file))).length > 0) return place;
  }
  return undefined;
}

function isFolder(place: Place | PlaceFolder): place is PlaceFolder {
  return 'dir' in place;
}

/** What stands in one file. Pure; never throws. */
export function readFoundFile(
  strategy: Strategy,
  place: Place,
  text: string,
  environment: DiscoveryEnvironment,
): { servers: readonly FoundServer[]; problems: readonly ConfigProblem[]; broken: boolean } {
  const document = parseDocument(text, place.format);
  const problemAt = (offset: number, message: string): ConfigProblem => ({
    file: place.file,
    ...positionOf(document.text, offset),
    message: `${strategy.client}: ${message}.`,
  });
  if (document.problem) {
    const { offset, message } = document.problem;
    return { servers: [], problems: [problemAt(offset, `${message}. Correct it to see the servers of this file`)], broken: true };
  }
  if (document.root && document.root.kind !== 'object') {
    return { servers: [], problems: [problemAt(0, `the file must hold an object, found ${describeNode(document.root)}`)], broken: true };
  }
  const problems: ConfigProblem[] = [];
  const servers: FoundServer[] = [];
  if (document.root) {
    for (const container of strategy.containers(place, document.root, environment)) {
      const node = nodeAt(document.root, container.path);
      if (!node || (node.kind === 'scalar' && node.scalar === null)) continue;
      for (const entry of entriesOf(node, container)) {
        if (isSwitch(entry.node)) continue;
        if (servers.length >= MAX_SERVERS_PER_FILE) {
          problems.push(problemAt(entry.offset, `there are more than ${MAX_SERVERS_PER_FILE} servers; the rest is left out`));
          return { servers, problems, broken: false };
        }
        const result = readServer(strategy, place, container, document, entry, environment);
        if ('problem' in result) problems.push(problemAt(entry.offset, result.problem));
        else servers.push(result);
      }
      const expected = container.by === 'key' ? 'object' : 'array';
      if (node.kind !== expected) {
        const words = expected === 'object' ? 'an object of servers by name' : 'a list of servers';
        problems.push(problemAt(node.offset, `"${container.path.at(-1)}" must be ${words}, found ${describeNode(node)}`));
      }
    }
  }
  return { servers, problems, broken: false };
}

interface RawEntry {
  readonly name: string;
  readonly offset: number;
  readonly node: DocNode;
}

/** The last of two members of one name counts, as in JSON. */
function entriesOf(node: DocNode, container: Container): readonly RawEntry[] {
  if (container.by === 'key') {
    return node.entries
      .filter((entry, index) => node.entries.findLastIndex(({ key }) => key === entry.key) === index)
      .map(({ key, keyOffset, value }) => ({ name: key, offset: keyOffset, node: value }));
  }
  return node.items.map((item, index) => {
    const name = member(item, 'name')?.value.scalar;
    return { name: typeof name === 'string' ? name : `server-${index + 1}`, offset: item.offset, node: item };
  });
}

/** Settings of a server that an extension brings (Zed), or a switch for one defined elsewhere (opencode): none of its own. */
function isSwitch(node: DocNode): boolean {
  return node.kind === 'object' && node.entries.length > 0 && node.entries.every(({ key }) => ['source', 'settings', 'enabled', 'disabled'].includes(key));
}

function readServer(
  strategy: Strategy,
  place: Place,
  container: Container,
  document: ParsedDocument,
  entry: RawEntry,
  environment: DiscoveryEnvironment,
): FoundServer | { problem: string } {
  const { config, disabled, notes, problem, inputs, deniedTools } = normaliseEntry(entry.node, strategy.shape, container.by);
  if (!config) return { problem: `${entry.name.slice(0, 80)}: ${problem ?? 'it cannot be used'}` };
  const address = { container: container.path, by: container.by, name: entry.name } as const;
  const base = container.base ?? place.base;
  const folder = container.folder ?? place.folder;
  return {
    id: createHash('sha256').update(canonicalJson([place.file, address])).digest('hex').slice(0, 16),
    name: entry.name,
    client: strategy.client,
    strategy: strategy.id,
    scope: container.scope ?? place.scope,
    place,
    ...(folder ? { folder } : {}),
    ...(base === undefined ? {} : { base }),
    address,
    container,
    ...positionOf(document.text, entry.offset),
    config,
    disabled,
    deniedTools,
    inputs: [...inputs, ...usedInputs(config, container, document)],
    notes,
    canonical: canonicalOf(config, environment),
    isEndpoint: isOwnEndpoint(entry.name, JSON.stringify(config)),
  };
}

function usedInputs(config: StdioServerConfig | HttpServerConfig, container: Container, document: ParsedDocument): Record<string, unknown>[] {
  const ids = inputIdsIn(config);
  if (ids.size === 0 || !container.inputs) return [];
  const definitions = nodeAt(document.root, container.inputs)?.items ?? [];
  return definitions.flatMap((node) => (ids.has(String(member(node, 'id')?.value.scalar)) ? [plainValue(node) as Record<string, unknown>] : []));
}

/** Equal when the same would run with the same values: another database or account is another server. */
export function canonicalOf(config: StdioServerConfig | HttpServerConfig, environment: Pick<DiscoveryEnvironment, 'platform'>): string {
  const facts =
    config.type === 'stdio'
      ? {
          command: environment.platform === 'win32' ? config.command.toLowerCase().replace(/\.(cmd|exe|bat)$/, '') : config.command,
          args: config.args,
          env: Object.entries(config.env).map(([name, value]) => [name, value === null ? null : String(value)]).toSorted(),
          envFile: config.envFile,
          cwd: config.cwd,
        }
      : {
          url: URL.parse(config.url)?.href ?? config.url,
          headers: Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value]).toSorted(),
          oauth: config.oauth,
        };
  return createHash('sha256').update(canonicalJson(facts)).digest('hex');
}

export function groupServers(servers: readonly FoundServer[]): readonly FoundGroup[] {
  const groups = new Map<string, FoundServer[]>();
  for (const server of servers) {
    const group = groups.get(server.canonical);
    if (group) group.push(server);
    else groups.set(server.canonical, [server]);
  }
  return [...groups].map(([canonical, members]) => ({ canonical, servers: members }));
}
