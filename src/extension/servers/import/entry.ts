/**
 * Owns the translation of one entry, as any client writes it, into ours. Pure. What we do not act on is kept word for
 * word in `extra` and named in a note; no note ever holds a value, since values may be secrets.
 */
import type { HttpServerConfig, OAuthClient, StdioServerConfig } from '../types';
import { describeNode, member, plainValue } from './document';
import type { DocNode } from './documentTree';
import type { Shape } from './types';
import { translateVariables } from './variables';

export interface NormalisedEntry {
  readonly config: StdioServerConfig | HttpServerConfig | undefined;
  readonly disabled: boolean;
  readonly notes: readonly string[];
  /** Why there is no config: a sentence without its full stop. */
  readonly problem?: string;
  readonly inputs: readonly Readonly<Record<string, unknown>>[];
  /** Names of tools that must not be used: `tools.deny` in our schema. */
  readonly deniedTools: readonly string[];
}

const TYPES: Readonly<Record<string, 'stdio' | 'http' | 'sse'>> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  https: 'http',
  remote: 'http',
  'streamable-http': 'http',
  streamablehttp: 'http',
  streamable_http: 'http',
  sse: 'sse',
};

const CLIENTS_OWN = 'confirmations stay a matter of the client';
const ALL_TOOLS = 'all tools of the server are offered';
/** What other clients' fields come to here. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  sandbox: 'the server runs without a sandbox',
  sandboxEnabled: 'the server runs without a sandbox',
  dev: 'the server is neither watched nor debugged',
  timeout: 'MCP Shark sets no time limit',
  startup_timeout_sec: 'MCP Shark sets no time limit',
  tool_timeout_sec: 'MCP Shark sets no time limit',
  networkTimeout: 'MCP Shark sets no time limit',
  connectionTimeout: 'MCP Shark sets no time limit',
  alwaysAllow: CLIENTS_OWN,
  autoApprove: CLIENTS_OWN,
  trust: CLIENTS_OWN,
  includeTools: ALL_TOOLS,
  excludeTools: ALL_TOOLS,
  disabledTools: ALL_TOOLS,
  enabled_tools: ALL_TOOLS,
  oauth: 'signing in follows what the server says of it',
  disabled_tools: ALL_TOOLS,
  gallery: '',
  version: '',
  source: '',
  name: '',
  description: '',
};
const DENIED_TOOLS = ['disabledTools', 'excludeTools', 'disabled_tools'];
const STDIO_ONLY = ['command', 'args', 'env', 'environment', 'envFile', 'cwd'];
const HTTP_ONLY = ['url', 'httpUrl', 'serverUrl', 'headers', 'http_headers', 'env_http_headers', 'bearer_token_env_var', 'oauth', 'requestOptions'];
/** Of these `null` is the same as nothing. */
const KNOWN: ReadonlySet<string> = new Set(['type', 'transport', 'disabled', 'enabled', ...STDIO_ONLY, ...HTTP_ONLY]);

export function normaliseEntry(node: DocNode, shape: Shape, by: 'key' | 'name'): NormalisedEntry {
  return new Reading(node, shape, by).run();
}

class Reading {
  readonly #notes = new Set<string>();
  readonly #secrets = new Set<string>();
  /** Keys of which a reading has consumed everything. */
  readonly #used = new Set<string>();
  /** What is left of a key that was consumed in part. */
  readonly #remains = new Map<string, unknown>();
  #problem: string | undefined;

  constructor(
    private readonly node: DocNode,
    private readonly shape: Shape,
    by: 'key' | 'name',
  ) {
    if (by === 'name') this.#used.add('name');
  }

  run(): NormalisedEntry {
    const deniedTools = this.#deniedTools();
    const [isOff, isOn] = [this.#switch('disabled'), this.#switch('enabled')];
    const config = this.node.kind === 'object' ? this.#config() : this.#fail(`it must be an object, found ${describeNode(this.node)}`);
    const inputs = [...this.#secrets].map((id) => ({ type: 'promptString', id, description: `Secret ${id} of Continue`, password: true }));
    return {
      config: this.#problem === undefined ? config : undefined,
      disabled: isOff === true || isOn === false,
      notes: [...this.#notes],
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      inputs,
      deniedTools,
    };
  }

  #config(): StdioServerConfig | HttpServerConfig | undefined {
    const type = this.#type();
    if (type === undefined) return undefined;
    const config = type === 'stdio' ? this.#stdio() : this.#http(type);
    const extra = this.#extra(type);
    return config && extra ? { ...config, extra } : config;
  }

  #type(): 'stdio' | 'http' | 'sse' | undefined {
    const key = typeof this.#scalar('type') === 'string' ? 'type' : 'transport';
    const written = this.#scalar(key);
    const [hasCommand, hasUrl] = [this.#has('command'), this.#has('url') || this.#has('httpUrl') || this.#has('serverUrl')];
    if (typeof written === 'string') {
      const type = TYPES[written.toLowerCase()];
      this.#used.add(key);
      if (type) return type;
      this.#fail('its "type" is none that MCP Shark knows (stdio, http, sse)');
      return undefined;
    }
    if (hasCommand) return 'stdio';
    if (this.#has('httpUrl') || this.#has('serverUrl')) return 'http';
    if (hasUrl) return this.shape.plainUrl;
    this.#fail('it names neither a program to start nor an address');
    return undefined;
  }

  #stdio(): StdioServerConfig | undefined {
    const command = this.#consumed('command');
    const args = this.#list(this.#consumed('args'), 'args');
    const env = this.#env();
    const rest = { env, ...this.#optional('envFile'), ...this.#optional('cwd') };
    // opencode: program and arguments in one list. Zed, formerly: an object of its own.
    if (command?.kind === 'array') {
      const [program, ...more] = this.#list(command, 'command');
      if (program !== undefined) return { type: 'stdio', command: program, args: [...more, ...args], ...rest };
    } else if (command?.kind === 'object') {
      const program = this.#text(member(command, 'path')?.value);
      const own = this.#texts(member(command, 'env')?.value, 'command.env');
      if (program !== undefined) {
        const first = this.#list(member(command, 'args')?.value, 'command.args');
        this.#leave('command', command, ['path', 'args', 'env']);
        return { type: 'stdio', command: program, args: [...first, ...args], ...rest, env: { ...own, ...env } };
      }
    } else {
      const program = this.#text(command);
      if (program !== undefined && program.trim() !== '') return { type: 'stdio', command: program, args, ...rest };
    }
    return this.#fail('"command" is missing or no text');
  }

  #http(type: 'http' | 'sse'): HttpServerConfig | undefined {
    const url = this.#text(this.#consumed('httpUrl', 'serverUrl', 'url'));
    if (url === undefined || url.trim() === '') return this.#fail('its address is missing or no text');
    if (!url.includes('${') && !/^(https?|unix|pipe):$/.test(URL.parse(url)?.protocol ?? '')) {
      return this.#fail('its address does not begin with http:// or https://');
    }
    const headers = { ...this.#texts(this.#consumed('headers', 'http_headers'), 'headers'), ...this.#requestHeaders() };
    for (const [header, variable] of Object.entries(this.#texts(this.#consumed('env_http_headers'), 'env_http_headers'))) {
      headers[header] = `\${env:${variable}}`;
    }
    const bearer = this.#scalar('bearer_token_env_var');
    if (typeof bearer === 'string') {
      this.#used.add('bearer_token_env_var');
      headers['Authorization'] = `Bearer \${env:${bearer}}`;
    }
    const oauth = this.#oauth();
    return oauth ? { type, url, headers, oauth } : { type, url, headers };
  }

  /** Continue: `requestOptions.headers`. What else stands there is kept. */
  #requestHeaders(): Record<string, string> {
    const options = this.#field('requestOptions');
    if (options?.kind !== 'object') return {};
    this.#used.add('requestOptions');
    this.#leave('requestOptions', options, ['headers']);
    return this.#texts(member(options, 'headers')?.value, 'requestOptions.headers');
  }

  #oauth(): OAuthClient | undefined {
    const node = this.#field('oauth');
    if (node?.kind !== 'object') return undefined;
    const clientId = this.#text(member(node, 'clientId')?.value);
    const clientSecret = this.#text(member(node, 'clientSecret')?.value);
    if (clientId === undefined) return undefined;
    this.#used.add('oauth');
    this.#leave('oauth', node, clientSecret === undefined ? ['clientId'] : ['clientId', 'clientSecret']);
    return clientSecret === undefined ? { clientId } : { clientId, clientSecret };
  }

  #env(): Record<string, string | number | null> {
    const node = this.#consumed('env', 'environment');
    if (!node) return {};
    if (node.kind !== 'object') return this.#fail('"env" must be an object') ?? {};
    return Object.fromEntries(
      node.entries.flatMap(({ key, value }): [string, string | number | null][] => {
        if (value.kind === 'scalar' && (value.scalar === null || typeof value.scalar === 'number')) return [[key, value.scalar]];
        if (value.kind === 'scalar' && typeof value.scalar === 'boolean') return [[key, String(value.scalar)]];
        const text = this.#text(value);
        if (text === undefined) this.#fail(`"env.${key}" is no text`);
        return text === undefined ? [] : [[key, text]];
      }),
    );
  }

  /** Tools that the client does not let its model use: the same as `tools.deny` here. */
  #deniedTools(): readonly string[] {
    return DENIED_TOOLS.flatMap((key) => {
      const node = this.#field(key);
      const names = node?.kind === 'array' ? node.items.map(({ scalar }) => scalar) : undefined;
      // Anything but plain names could mean another thing as a glob.
      if (!names?.every((name) => typeof name === 'string' && /^[A-Za-z0-9_.:/-]+$/.test(name))) return [];
      this.#used.add(key);
      return names as string[];
    });
  }

  /** Copilot's list of allowed tools; the name has another meaning in our schema. */
  #allowedTools(): Record<string, unknown> {
    const node = this.#field('tools');
    if (node?.kind !== 'array' || this.#has('includeTools')) return {};
    this.#used.add('tools');
    const names = plainValue(node) as unknown[];
    if (names.length === 1 && names[0] === '*') return {};
    this.#notes.add(`Its list of allowed "tools" is kept as "includeTools" but not honoured: ${ALL_TOOLS}.`);
    return { includeTools: names };
  }

  #extra(type: 'stdio' | 'http' | 'sse'): Record<string, unknown> | undefined {
    const allowed = this.#allowedTools();
    const others = this.node.entries.filter(({ key }) => !this.#used.has(key) && (this.#has(key) || !KNOWN.has(key)));
    const unusedHere = type === 'stdio' ? HTTP_ONLY : STDIO_ONLY;
    for (const { key } of others) {
      const consequence = CONSEQUENCES[key];
      if (unusedHere.includes(key)) this.#notes.add(`"${key}" means nothing to a server of type "${type}"; it is kept.`);
      else if (consequence !== '') this.#notes.add(`"${key.slice(0, 60)}" is kept but not honoured${consequence === undefined ? '' : `: ${consequence}`}.`);
    }
    const extra = { ...Object.fromEntries(others.map(({ key, value }) => [key, plainValue(value)])), ...Object.fromEntries(this.#remains), ...allowed };
    return Object.keys(extra).length > 0 ? extra : undefined;
  }

  #optional(key: 'cwd' | 'envFile'): { cwd?: string; envFile?: string } {
    const text = this.#text(this.#field(key));
    if (text !== undefined) this.#used.add(key);
    return text === undefined || text === '' ? {} : { [key]: text };
  }

  #list(node: DocNode | undefined, field: string): string[] {
    if (!node) return [];
    if (node.kind !== 'array') return this.#fail(`"${field}" must be a list of texts`) ?? [];
    return node.items.flatMap((item) => {
      // Numbers are common here, and every client takes them for texts.
      const text = item.kind === 'scalar' && typeof item.scalar === 'number' ? String(item.scalar) : this.#text(item);
      if (text === undefined) this.#fail(`"${field}" holds ${describeNode(item)}: every item must be a text`);
      return text === undefined ? [] : [text];
    });
  }

  #texts(node: DocNode | undefined, field: string): Record<string, string> {
    if (node?.kind !== 'object') return node ? (this.#fail(`"${field}" must be an object of texts`) ?? {}) : {};
    return Object.fromEntries(
      node.entries.flatMap(({ key, value }): [string, string][] => {
        const text = this.#text(value);
        if (text === undefined) this.#fail(`"${field}.${key}" is no text`);
        return text === undefined ? [] : [[key, text]];
      }),
    );
  }

  #text(node: DocNode | undefined): string | undefined {
    if (node?.kind !== 'scalar' || typeof node.scalar !== 'string') return undefined;
    const { text, kept, secrets } = translateVariables(node.scalar, this.shape.variables);
    for (const placeholder of kept) {
      this.#notes.add(`${placeholder.slice(0, 80)} has no equal in MCP Shark and is kept as it is: replace it before the server can start.`);
    }
    for (const secret of secrets) {
      this.#secrets.add(secret);
      this.#notes.add(`The secret ${secret} is asked for when the server first starts.`);
    }
    return text;
  }

  #field(key: string): DocNode | undefined {
    const node = member(this.node, key)?.value;
    return node?.kind === 'scalar' && node.scalar === null ? undefined : node;
  }

  /** The first of these that is there, to be read whole. */
  #consumed(...keys: readonly string[]): DocNode | undefined {
    const key = keys.find((candidate) => this.#has(candidate));
    if (key === undefined) return undefined;
    this.#used.add(key);
    return this.#field(key);
  }

  /** Keeps, and names, what a reading of an object has not consumed. */
  #leave(key: string, node: DocNode, consumed: readonly string[]): void {
    const left = node.entries.filter((entry) => !consumed.includes(entry.key));
    if (left.length === 0) return;
    this.#remains.set(key, Object.fromEntries(left.map((entry) => [entry.key, plainValue(entry.value)])));
    this.#notes.add(`Of "${key}" MCP Shark uses ${consumed.map((one) => `"${one}"`).join(', ')} only; the rest is kept but not honoured.`);
  }

  #switch(key: 'disabled' | 'enabled'): boolean | undefined {
    const value = this.#scalar(key);
    if (typeof value !== 'boolean') return undefined;
    this.#used.add(key);
    return value;
  }

  #has(key: string): boolean {
    return this.#field(key) !== undefined;
  }

  #scalar(key: string): unknown {
    return this.#field(key)?.scalar;
  }

  #fail(problem: string): undefined {
    this.#problem ??= problem;
    return undefined;
  }
}
