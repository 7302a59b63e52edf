/** Owns the shapes of configured servers: as written in `mcp-shark.json` (VS Code's `mcp.json` schema) and as resolved. */
import type { ServerAbout } from '../contract/governance';
import type { Given } from './given';

/** An entry under `servers`, as written: placeholders unresolved, unknown keys kept. */
export type ServerConfig = StdioServerConfig | HttpServerConfig;

export interface StdioServerConfig {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | number | null>>;
  readonly envFile?: string;
  readonly cwd?: string;
  /** What else the entry says; kept, not acted on. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret?: string;
}

export interface HttpServerConfig {
  /** `sse`: the deprecated HTTP+SSE transport of protocol 2024-11-05. */
  readonly type: 'http' | 'sse';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A client registered with the authorization server beforehand; otherwise it is registered on sign-in (RFC 7591). */
  readonly oauth?: OAuthClient;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An entry under `inputs`: a value asked for when a server first needs it, used as `${input:id}`. */
export type InputDefinition = PromptInput | PickInput | CommandInput;

interface InputBase {
  readonly id: string;
  readonly description?: string;
  readonly default?: string;
}

export interface PromptInput extends InputBase {
  readonly type: 'promptString';
  /** Do not show what is typed. */
  readonly password?: boolean;
}

export interface PickInput extends InputBase {
  readonly type: 'pickString';
  readonly options: readonly { readonly label: string; readonly value: string }[];
}

/** The value is what an editor command gives. */
export interface CommandInput extends InputBase {
  readonly type: 'command';
  readonly command: string;
  readonly args?: unknown;
}

export interface ConfiguredServer {
  readonly name: string;
  readonly config: ServerConfig;
  /** Absolute path of the file it stands in, and its 1-based line there. */
  readonly file: string;
  readonly line: number;
  /** Hash of everything that decides what runs; changes exactly when the server must be restarted. */
  readonly fingerprint: string;
  /** Configured but not to be started (`"enabled": false` or `"disabled": true`). */
  readonly isDisabled?: true;
  /** What the file says of the server; shown, not acted on. */
  readonly about?: ServerAbout;
  /** Which of its tools clients may see and call. */
  readonly tools?: ToolRules;
  /** Entries of the file's `allowList`; the policy decides what they are worth. */
  readonly allowList?: readonly string[];
}

/** Globs over the server's own tool names. */
export interface ToolRules {
  /** Left out of lists; can be called. */
  readonly hide: readonly string[];
  /** Left out of lists, and refused when called. */
  readonly deny: readonly string[];
}

/** A server with every placeholder replaced; may hold secrets, so it is never logged, stored or compared by value. */
export type ResolvedServer = {
  /** What was given for its inputs, the longest first: MCP Shark's own sentences never hold it. */
  readonly given?: readonly Given[];
} & (
  | {
      readonly type: 'stdio';
      readonly name: string;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | {
      readonly type: 'http' | 'sse';
      readonly name: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly oauth?: OAuthClient;
    }
);

/** Resolves placeholders when a server is started; rejects with AppError `config.unresolvedVariable`. */
export interface ServerResolver {
  resolve(server: ConfiguredServer): Promise<ResolvedServer>;
}
