/**
 * Owns turning a configured server into what is really started: placeholders replaced, inputs asked for, environment
 * and working folder put together.
 *
 * Invariants: everything is resolved anew at each start; no message ever holds a resolved value, since it may be a
 * secret; every failure is an AppError that names server, field, file and line.
 */
import { readFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseEnv } from 'node:util';
import { AppError, type ErrorCode } from '../util/errors';
import { nullLogger, type Logger } from '../util/logger';
import { isServerUrl } from './configFile';
import { inheritedEnvironment, withChanges } from './environment';
import type { Given } from './given';
import type { ConfiguredServer, InputDefinition, ResolvedServer, ServerResolver, StdioServerConfig } from './types';
import { fixedValue, KNOWN_PLACEHOLDERS, replacePlaceholders, type WorkspaceFolderInfo } from './variables';

/** Where the values of inputs come from: the editor asks and keeps them as secrets, headless reads the environment. */
export interface InputPort {
  /** `undefined`: nobody gave a value. `server`: as written, who is to get it. */
  get(input: InputDefinition, server: ConfiguredServer): Promise<string | undefined>;
}

export interface ResolverOptions {
  readonly folders: readonly WorkspaceFolderInfo[];
  /** Asked at each resolution: the definitions in use now. */
  readonly inputs: () => readonly InputDefinition[];
  readonly input: InputPort;
  /** The environment of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger?: Logger;
  readonly home?: string;
  readonly platform?: NodeJS.Platform;
}

export function createResolver(options: ResolverOptions): ServerResolver {
  return { resolve: (server) => new Resolution(options, server).run() };
}

class Resolution {
  readonly #folder: WorkspaceFolderInfo;
  readonly #home: string;
  readonly #isWindows: boolean;
  /** An input that stands in several fields is asked for once. */
  readonly #inputs = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly options: ResolverOptions,
    private readonly server: ConfiguredServer,
  ) {
    this.#folder = folderOf(server.file, options.folders);
    this.#home = options.home ?? os.homedir();
    this.#isWindows = (options.platform ?? process.platform) === 'win32';
  }

  async run(): Promise<ResolvedServer> {
    const resolved = await this.#resolved();
    const given = await Promise.all([...this.#inputs].map(async ([id, value]): Promise<Given> => ({ value: (await value) ?? '', placeholder: `\${input:${id}}` })));
    return given.length === 0 ? resolved : { ...resolved, given: given.toSorted((a, b) => b.value.length - a.value.length) };
  }

  async #resolved(): Promise<ResolvedServer> {
    const { config, name } = this.server;
    if (config.type === 'stdio') return this.#stdio(config);
    const url = await this.#text('url', config.url);
    if (!isServerUrl(url)) throw this.#error('config.invalid', '"url" is no http:// or https:// address once its variables are replaced');
    const headers = await this.#texts('headers', Object.entries(config.headers));
    for (const [header, value] of headers) {
      // A line break here (a secret pasted with its end of line) would fail later, and that message would hold the value.
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
        throw this.#error('config.invalid', `"headers.${header}" holds a character that no header can: a line break, perhaps`);
      }
    }
    const client = config.oauth && Object.fromEntries(await this.#texts('oauth', Object.entries(config.oauth)));
    return {
      type: config.type,
      name,
      url,
      headers: Object.fromEntries(headers),
      ...(client?.clientId === undefined ? {} : { oauth: { ...client, clientId: client.clientId } }),
    };
  }

  async #stdio(config: StdioServerConfig): Promise<ResolvedServer> {
    const { name } = this.server;
    const command = this.#untildify(await this.#text('command', config.command));
    const args: string[] = [];
    for (const [index, arg] of config.args.entries()) args.push(this.#untildify(await this.#text(`args[${index}]`, arg)));
    const cwd = await this.#cwd(config.cwd);
    const own = await this.#texts(
      'env',
      Object.entries(config.env).map(([key, value]) => [key, value === null ? null : String(value)]),
    );
    const inherited = inheritedEnvironment(this.options.env);
    const fromFile = withChanges(inherited, await this.#envFile(config.envFile), this.#isWindows);
    const env = withChanges(fromFile, Object.fromEntries(own), this.#isWindows);
    return { type: 'stdio', name, command, args, cwd, env };
  }

  async #cwd(cwd: string | undefined): Promise<string> {
    if (cwd === undefined) return this.#folder.path;
    return path.resolve(this.#folder.path, this.#untildify(await this.#text('cwd', cwd)));
  }

  async #envFile(envFile: string | undefined): Promise<Record<string, string>> {
    if (envFile === undefined) return {};
    const file = path.resolve(this.#folder.path, this.#untildify(await this.#text('envFile', envFile)));
    try {
      const content = await readFile(file, 'utf8');
      return { ...parseEnv(content.replace(/^\uFEFF/, '')) } as Record<string, string>;
    } catch (cause) {
      const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const what = isMissing ? 'does not exist: create it, or remove "envFile"' : 'cannot be read';
      throw this.#error('config.invalid', `the "envFile" ${file} ${what}`, { cause });
    }
  }

  async #texts<T extends string | null>(field: string, entries: readonly (readonly [string, T])[]): Promise<[string, T | string][]> {
    const resolved: [string, T | string][] = [];
    for (const [key, value] of entries) {
      resolved.push([key, value === null ? value : await this.#text(`${field}.${key}`, value)]);
    }
    return resolved;
  }

  async #text(field: string, text: string): Promise<string> {
    const value = await replacePlaceholders(
      text,
      (name, argument) => this.#lookup(field, name, argument),
      (placeholder) => this.#unresolved(field, placeholder),
    );
    if (value.includes('\0')) throw this.#error('config.invalid', `"${field}" holds a null character`);
    return value;
  }

  async #lookup(field: string, name: string, argument: string | undefined): Promise<string | undefined> {
    if (name === 'input' && argument) return this.#input(argument);
    const { env, folders, logger = nullLogger } = this.options;
    if (name === 'env' && argument && this.#env(argument) === undefined) {
      const variable = `\${env:${argument}}`;
      logger.warn(`servers.${this.server.name}: "${field}" uses ${variable}, which is not set: it is left empty, as VS Code does.`);
    }
    const variables = {
      folder: this.#folder,
      folders,
      home: this.#home,
      pathSeparator: this.#isWindows ? '\\' : '/',
      env: (variable: string) => this.#env(variable, env),
    };
    return fixedValue(variables, name, argument);
  }

  #env(name: string, env = this.options.env): string | undefined {
    if (!this.#isWindows) return Object.hasOwn(env, name) ? env[name] : undefined;
    return Object.entries(env).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];
  }

  #input(id: string): Promise<string | undefined> {
    const definition = this.options.inputs().find((input) => input.id === id);
    if (!definition) return Promise.resolve(undefined);
    let value = this.#inputs.get(id);
    if (!value) this.#inputs.set(id, (value = this.options.input.get(definition, this.server)));
    return value;
  }

  #unresolved(field: string, placeholder: string): AppError {
    const id = /^\$\{input:(.*)\}$/.exec(placeholder)?.[1];
    const what =
      id === undefined
        ? `which stands for nothing. Known are ${KNOWN_PLACEHOLDERS}`
        : this.options.inputs().some((input) => input.id === id)
          ? 'but no value was given for it. Restart the server to be asked again'
          : `but "inputs" defines no "${id}": add it there`;
    return this.#error('config.unresolvedVariable', `"${field}" uses ${placeholder}, ${what}`, { details: { field, placeholder } });
  }

  #error(code: ErrorCode, message: string, more: { cause?: unknown; details?: Record<string, unknown> } = {}): AppError {
    const { name, file, line } = this.server;
    return new AppError(code, `servers.${name}: ${message} (${file}:${line}).`, {
      cause: more.cause,
      details: { server: name, file, line, ...more.details },
    });
  }

  /** `~` and `~/…` as VS Code takes them; there is no shell that would. */
  #untildify(text: string): string {
    return /^~(?=$|[\\/])/.test(text) ? this.#home + text.slice(1) : text;
  }
}

/** The workspace folder a file belongs to: the innermost that holds it, else the one that its `.vscode` stands in. */
function folderOf(file: string, folders: readonly WorkspaceFolderInfo[]): WorkspaceFolderInfo {
  const holds = (folder: WorkspaceFolderInfo): boolean => {
    const relative = path.relative(folder.path, file);
    return !relative.startsWith('..') && !path.isAbsolute(relative);
  };
  const [innermost] = folders.filter(holds).toSorted((a, b) => b.path.length - a.path.length);
  if (innermost) return innermost;
  const parent = path.dirname(file);
  const own = path.basename(parent) === '.vscode' ? path.dirname(parent) : parent;
  return folders[0] ?? { name: path.basename(own), path: own };
}
