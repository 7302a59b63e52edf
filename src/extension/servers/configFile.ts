/**
 * Owns the reading of one `mcp-shark.json` (the schema of VS Code's `mcp.json`): text in, servers, inputs and problems out.
 * Pure. A file that cannot be read as a whole is `broken` and says so in one problem; a bad entry is reported at its
 * place and left out, and the others load.
 */
import { getNodeValue } from 'jsonc-parser';
import type { ServerAbout } from '../contract/governance';
import type { ConfigProblem } from '../contract/status';
import { EntryReader } from './entryReader';
import { fingerprintOf } from './fingerprint';
import { describeType, JsoncReader, propertiesOf, type Node } from './jsoncReader';
import type { ConfiguredServer, HttpServerConfig, InputDefinition, ServerConfig, StdioServerConfig, OAuthClient, ToolRules } from './types';

export interface ServersFile {
  /** In the order of the file. */
  readonly servers: readonly ConfiguredServer[];
  readonly inputs: readonly InputDefinition[];
  readonly problems: readonly ConfigProblem[];
  /** What is not wrong, but not honoured either; for information. */
  readonly notes: readonly ConfigProblem[];
  /** The file as a whole cannot be used: the last good version should stay in use. */
  readonly broken: boolean;
}

/** Parses; never throws. `file` is the absolute path that problems and servers carry. */
export function parseServersFile(text: string, file: string): ServersFile {
  const reader = new JsoncReader(text, file);
  if (reader.syntaxProblem) return brokenFile(reader.syntaxProblem);
  const { root } = reader;
  if (root?.type !== 'object') {
    const found = root ? `, found ${describeType(root)}` : '';
    return brokenFile(reader.problemAt(root?.offset ?? 0, `The file must be an object such as { "servers": { … } }${found}.`));
  }
  const top = propertiesOf(root);
  const serversNode = top.find(({ key }) => key === 'servers')?.value;
  if (serversNode && serversNode.type !== 'object') {
    const message = `"servers" must be an object of servers by name, found ${describeType(serversNode)}.`;
    return brokenFile(reader.problem(serversNode, message));
  }
  return new FileReader(reader, file).read(top, serversNode);
}

function brokenFile(problem: ConfigProblem): ServersFile {
  return { servers: [], inputs: [], problems: [problem], notes: [], broken: true };
}

/** Keys of VS Code and of other clients that change nothing here, and what that means. */
const NOT_HONOURED: Readonly<Record<string, string>> = {
  dev: 'the server is neither watched nor debugged',
  sandbox: 'the server runs without a sandbox',
  sandboxEnabled: 'the server runs without a sandbox',
};

/** What MCP Shark adds to VS Code's schema; none of it decides what runs. */
export const GOVERNANCE_KEYS: ReadonlySet<string> = new Set(['purpose', 'owner', 'permissions', 'note', 'enabled', 'tools']);
const MAX_GLOB_LENGTH = 200;

const STDIO_KEYS = ['command', 'args', 'env', 'envFile', 'cwd'];
const HTTP_KEYS = ['url', 'headers', 'oauth'];
/** Keys of an entry that have a meaning here; all others are only kept. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set(['type', 'disabled', ...STDIO_KEYS, ...HTTP_KEYS, ...GOVERNANCE_KEYS]);

class FileReader {
  readonly #problems: ConfigProblem[] = [];
  readonly #notes: ConfigProblem[] = [];

  constructor(
    private readonly reader: JsoncReader,
    private readonly file: string,
  ) {}

  read(top: ReturnType<typeof propertiesOf>, serversNode: Node | undefined): ServersFile {
    for (const { key, keyNode } of top) {
      if (key === 'mcpServers' && !serversNode) {
        this.#problem(keyNode, '"mcpServers" is what other clients call it: rename it to "servers".');
      }
      if (key === 'sandbox') this.#note(keyNode, '"sandbox" is not honoured: servers run without a sandbox.');
    }
    const inputsNode = top.find(({ key }) => key === 'inputs')?.value;
    const inputs = inputsNode ? this.#inputs(inputsNode) : [];
    const allowList = this.#allowList(top);
    const found = serversNode ? this.#servers(serversNode, inputs) : [];
    const servers = allowList ? found.map((server) => ({ ...server, allowList })) : found;
    return { servers, inputs, problems: this.#problems, notes: this.#notes, broken: false };
  }

  #servers(node: Node, inputs: readonly InputDefinition[]): ConfiguredServer[] {
    const seen = new Set<string>();
    const servers: ConfiguredServer[] = [];
    for (const { key: name, keyNode, value } of propertiesOf(node)) {
      const wrong = problemOfName(name);
      if (wrong !== undefined) {
        this.#problem(keyNode, `"${name.slice(0, 80)}" cannot be the name of a server: ${wrong}.`);
        continue;
      }
      if (seen.has(name)) {
        this.#problem(keyNode, `servers.${name} is defined twice; this second one is ignored. Rename or remove it.`);
        continue;
      }
      seen.add(name);
      const read = this.#server(name, keyNode, value);
      if (!read) continue;
      this.#checkInputs(name, value, inputs);
      const line = this.reader.lineOf(keyNode);
      servers.push({ name, ...read, file: this.file, line, fingerprint: fingerprintOf(read.config, this.file) });
    }
    return servers;
  }

  #server(name: string, keyNode: Node, node: Node): ServerEntry | undefined {
    const entry = new EntryReader(this.reader, `servers.${name}`, node, keyNode);
    const type = entry.isObject() ? typeOf(entry) : undefined;
    const config = type === 'stdio' ? readStdio(entry) : type && readHttp(entry, type);
    const governance = type && readGovernance(entry);
    this.#problems.push(...entry.problems);
    if (!type || !config || entry.problems.length > 0) return undefined;
    if (governance?.isDisabled) this.#note(keyNode, `servers.${name} is disabled and not started.`);
    for (const [key, consequence] of Object.entries(NOT_HONOURED)) {
      const place = entry.key(key);
      if (place) this.#note(place, `servers.${name}: "${key}" is not honoured: ${consequence}.`);
    }
    for (const key of type === 'stdio' ? HTTP_KEYS : STDIO_KEYS) {
      const place = entry.key(key);
      if (place) this.#note(place, `servers.${name}: "${key}" means nothing to a server of type "${type}".`);
    }
    const extra = entry.rest(KNOWN_KEYS);
    return { config: extra ? { ...config, extra } : config, ...governance };
  }

  /** `undefined`: there is none, which is not the same as an empty one. */
  #allowList(top: ReturnType<typeof propertiesOf>): readonly string[] | undefined {
    const node = top.findLast(({ key }) => key === 'allowList')?.value;
    if (!node) return undefined;
    if (node.type !== 'array') {
      this.#problem(node, `"allowList" must be a list of servers, found ${describeType(node)}.`);
      return [];
    }
    return (node.children ?? []).flatMap((child, index) => {
      const text: unknown = child.type === 'string' ? child.value : undefined;
      if (typeof text === 'string' && isAllowListEntry(text)) return [text];
      this.#problem(child, `"allowList[${index}]" must be the name of a server, or "sha256:" and the hash of one.`);
      return [];
    });
  }

  /** An input that is not defined would only be found when the server starts. */
  #checkInputs(name: string, node: Node, inputs: readonly InputDefinition[]): void {
    if (node.type === 'string') {
      for (const [placeholder, id] of String(node.value).matchAll(/\$\{input:([^{}]*)\}/g)) {
        if (inputs.some((input) => input.id === id)) continue;
        this.#problem(node, `servers.${name} uses ${placeholder}, but "inputs" defines no "${id}": add it there.`);
      }
    }
    for (const child of node.children ?? []) this.#checkInputs(name, child, inputs);
  }

  #inputs(node: Node): InputDefinition[] {
    if (node.type !== 'array') {
      this.#problem(node, `"inputs" must be a list of inputs, found ${describeType(node)}.`);
      return [];
    }
    const inputs = new Map<string, InputDefinition>();
    (node.children ?? []).forEach((child, index) => {
      const entry = new EntryReader(this.reader, `inputs[${index}]`, child, child);
      const input = entry.isObject() ? readInput(entry) : undefined;
      if (input && inputs.has(input.id)) entry.fail(child, `"${input.id}" is defined twice; this second one is ignored`);
      else if (input && entry.problems.length === 0) inputs.set(input.id, input);
      this.#problems.push(...entry.problems);
    });
    return [...inputs.values()];
  }

  #problem(node: Node, message: string): void {
    this.#problems.push(this.reader.problem(node, message));
  }

  #note(node: Node, message: string): void {
    this.#notes.push(this.reader.problem(node, message));
  }
}

type ServerEntry = Pick<ConfiguredServer, 'config' | 'about' | 'tools' | 'isDisabled'>;

/** Whether a text can stand in an allow list: the name of a server, or `sha256:` and the hash of what runs. */
export function isAllowListEntry(text: string): boolean {
  return /^sha256:/i.test(text) ? /^sha256:[0-9a-f]{64}$/i.test(text) : problemOfName(text) === undefined;
}

function readGovernance(entry: EntryReader): Omit<ServerEntry, 'config'> {
  const texts = { purpose: entry.optionalString('purpose'), owner: entry.optionalString('owner'), note: entry.optionalString('note') };
  const permissions = entry.node('permissions') ? entry.strings('permissions') : undefined;
  const said = Object.entries({ ...texts, permissions }).filter(([, value]) => value !== undefined);
  const isEnabled = entry.optionalBoolean('enabled') !== false && entry.value('disabled') !== true;
  const tools = readTools(entry);
  return {
    ...(said.length > 0 ? { about: Object.fromEntries(said) as ServerAbout } : {}),
    ...(tools ? { tools } : {}),
    ...(isEnabled ? {} : { isDisabled: true }),
  };
}

function readTools(entry: EntryReader): ToolRules | undefined {
  const inner = entry.inner('tools');
  if (!inner) return undefined;
  inner.onlyKeys(['hide', 'deny']);
  const wrong = (glob: string): string | undefined =>
    glob.trim() === '' ? 'must not be empty' : glob.length > MAX_GLOB_LENGTH ? `must not be longer than ${MAX_GLOB_LENGTH} characters` : undefined;
  const rules = { hide: inner.strings('hide', wrong), deny: inner.strings('deny', wrong) };
  entry.take(inner);
  return rules;
}

/** Why a name cannot be used in paths, URLs and names of tools; `undefined`: it can. */
export function problemOfName(name: string): string | undefined {
  if (name.trim() === '') return 'it is empty';
  if (name.length > 64) return 'it is longer than 64 characters';
  if (['__proto__', 'constructor', 'prototype'].includes(name)) return 'the word is reserved';
  if (!/^[\p{L}\p{N}\p{M} ._/@:+()-]+$/u.test(name)) return 'use letters, digits, spaces and . _ - / @ : + ( ) only';
  if (/^[\s/]|[\s/]$|\/\/|(^|\/)\.\.?(\/|$)/.test(name)) return 'it must not begin or end with a space or "/", nor be a relative path';
  return undefined;
}

function typeOf(entry: EntryReader): ServerConfig['type'] | undefined {
  const node = entry.node('type');
  if (node) {
    const value: unknown = node.value;
    if (value === 'stdio' || value === 'http' || value === 'sse') return value;
    const found = typeof value === 'string' ? JSON.stringify(value) : describeType(node);
    const hint = /http/i.test(found) ? ': write "http"' : '';
    entry.fail(node, `"type" must be "stdio", "http" or "sse", found ${found}${hint}`);
    return undefined;
  }
  const hasCommand = entry.node('command') !== undefined;
  const hasUrl = entry.node('url') !== undefined;
  if (hasCommand && hasUrl) entry.fail(undefined, 'it has both "command" and "url": say which with "type", or remove one');
  else if (hasCommand) return 'stdio';
  else if (hasUrl) return 'http';
  else entry.fail(undefined, 'it needs "command" (a program to start) or "url" (a server to connect to)');
  return undefined;
}

function readStdio(entry: EntryReader): StdioServerConfig | undefined {
  const command = entry.requiredString('command');
  const args = entry.strings('args');
  const env = entry.record('env', ['string', 'number', 'null'], 'a string, a number or null');
  const envFile = entry.optionalString('envFile');
  const cwd = entry.optionalString('cwd');
  return command === undefined ? undefined : { type: 'stdio', command, args, env, envFile, cwd };
}

function readHttp(entry: EntryReader, type: 'http' | 'sse'): HttpServerConfig | undefined {
  const url = entry.requiredString('url');
  const headers = entry.record('headers', ['string'], 'a string');
  if (url === undefined) return undefined;
  // One with placeholders can only be checked once they are replaced.
  if (!url.includes('${') && !isServerUrl(url)) {
    entry.fail(entry.node('url'), '"url" must be an address that begins with http:// or https://');
  }
  const oauth = readOAuth(entry);
  return oauth ? { type, url, headers, oauth } : { type, url, headers };
}

function readOAuth(entry: EntryReader): OAuthClient | undefined {
  if (!entry.node('oauth')) return undefined;
  const { clientId, clientSecret } = entry.record('oauth', ['string'], 'a string');
  if (clientId === undefined || clientId.trim() === '') {
    entry.fail(entry.node('oauth'), '"oauth" needs the "clientId" under which MCP Shark is registered; leave "oauth" out where it registers itself');
    return undefined;
  }
  return clientSecret === undefined ? { clientId } : { clientId, clientSecret };
}

/** What a server can be reached at; `unix:` and `pipe:` as in VS Code. */
export function isServerUrl(url: string): boolean {
  return /^(https?|unix|pipe):$/.test(URL.parse(url)?.protocol ?? '');
}

function readInput(entry: EntryReader): InputDefinition | undefined {
  const id = entry.requiredString('id');
  const description = entry.optionalString('description');
  const defaultValue = entry.optionalString('default');
  if (id === undefined) return undefined;
  const base = { id, description, default: defaultValue };
  const node = entry.node('type');
  switch (node?.value) {
    case 'promptString':
      return { ...base, type: 'promptString', password: entry.value('password') === true };
    case 'pickString':
      return { ...base, type: 'pickString', options: entry.options('options') };
    case 'command': {
      const command = entry.requiredString('command');
      const args = entry.node('args');
      if (command === undefined) return undefined;
      return { ...base, type: 'command', command, ...(args ? { args: getNodeValue(args) as unknown } : {}) };
    }
    default:
      entry.fail(node, '"type" must be "promptString", "pickString" or "command"');
      return undefined;
  }
}
