/**
 * Owns what host and webview agree on about the Playground: its catalogue, runs, requests of servers and saved calls.
 * Pure types and the limits both sides need. JSON values cross as JSON text, never parsed: big integers, the order of
 * keys and keys nobody knows survive.
 */
import type { CallStatus } from './traffic';

/** `template`: a resource template; its name is the URI template. A resource's name is its URI. */
export type CatalogKind = 'tool' | 'prompt' | 'resource' | 'template';

/** `request` and `notification`: raw JSON-RPC; the name is the method, the arguments are its params. */
export type RunKind = CatalogKind | 'request' | 'notification';

export interface CatalogTarget {
  readonly server: string;
  readonly kind: CatalogKind;
  /** As the server names it. */
  readonly name: string;
}

export interface RunTarget {
  readonly server: string;
  readonly kind: RunKind;
  readonly name: string;
}

// --- state -----------------------------------------------------------------------------------------------------------

/** What a person can do about a state; each is a button. `retry`: connect again. */
export type NextStep = 'manageTrust' | 'turnRoutingOn' | 'addServer' | 'openConfig' | 'review' | 'signIn' | 'retry' | 'showLog';

/** Why the Playground as a whole can do nothing, and what to do. */
export interface Obstacle {
  readonly kind: 'untrusted' | 'routingOff' | 'nothingConfigured' | 'starting' | 'gatewayFailed';
  readonly message: string;
  readonly steps: readonly NextStep[];
}

/**
 * The Playground's own connection to a server. `idle`: not asked for. `unavailable`: MCP Shark does not start it (not
 * approved, switched off). `failed`: it could not be started or was lost.
 */
export type ConnectionState =
  /** `isEnded`: by the user; looking at its lists does not connect it again. */
  | { readonly kind: 'idle'; readonly isEnded?: true }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'unavailable'; readonly message: string; readonly steps: readonly NextStep[] }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Last lines of stderr, oldest first. */
      readonly stderr: readonly string[];
      readonly steps: readonly NextStep[];
    };

/** Levels of log messages (RFC 5424), least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface PlaygroundServer {
  readonly name: string;
  readonly connection: ConnectionState;
  /** What the server said of itself; absent until it is connected. */
  readonly info?: { readonly name?: string; readonly title?: string; readonly version?: string };
  readonly protocolVersion?: string;
  readonly instructions?: string;
  /** What the server can, as far as the view offers it. */
  readonly can: {
    readonly complete: boolean;
    readonly log: boolean;
    readonly subscribe: boolean;
    /** Tool calls may run as tasks (MCP 2025-11-25, tasks); the tool's own definition says whether it may. */
    readonly tasks: boolean;
  };
  /** Number of each in the catalogue; those beyond the limits are counted in `omitted`. */
  readonly counts: Readonly<Record<CatalogKind, number>>;
  readonly omitted: number;
  /** Lists that could not be read, in words. */
  readonly problems: readonly string[];
  /** Level last asked for; absent: the server's own choice. */
  readonly logLevel?: LogLevel;
  /** Grows with every change of this server's catalogue: ask `catalog` again. */
  readonly revision: number;
  /** Grows with every log message of this server: ask `logs` again. */
  readonly logged: number;
}

export interface Subscription {
  readonly server: string;
  readonly uri: string;
  readonly sinceMs: number;
  /** How often the server said that it changed, and when last (Unix epoch, milliseconds). */
  readonly updates: number;
  readonly updatedMs?: number;
  /** The run that read it last; a new one is started at each update. */
  readonly run?: string;
}

export interface Root {
  /** A `file://` URI. */
  readonly uri: string;
  readonly name?: string;
}

export interface RootsState {
  readonly roots: readonly Root[];
  /** The workspace folders, as nobody has changed them. */
  readonly isDefault: boolean;
}

/** What somewhere else in the editor asked the Playground to show. */
export interface Opening {
  /** Grows with each, also over reloads of the window; the view acts on a number once. */
  readonly number: number;
  readonly target: RunTarget;
  readonly argumentsText?: string;
  /** A run to show, where one was started. */
  readonly run?: string;
}

/** Everything small the view draws from; sent whole at every change, at most ten times a second. */
export interface PlaygroundState {
  readonly obstacle?: Obstacle;
  /** In the order of the configuration. */
  readonly servers: readonly PlaygroundServer[];
  /** Newest first, at most `MAX_RUNS`. */
  readonly runs: readonly PlaygroundRun[];
  /** Oldest first. */
  readonly requests: readonly ServerRequest[];
  readonly subscriptions: readonly Subscription[];
  readonly roots: RootsState;
  readonly opening?: Opening;
  /** Grows when saved calls or their files change: ask `savedCalls` again. */
  readonly savedRevision: number;
  /** Grows when the history changes: ask `history` again. */
  readonly historyRevision: number;
}

// --- catalogue -------------------------------------------------------------------------------------------------------

/** Most items a `catalog` answer has; the rest is found by searching. */
export const MAX_CATALOG_ITEMS = 2_000;

/** How a definition differs from the one that was approved; `unknown`: nobody keeps approvals. */
export type DefinitionChange = 'unchanged' | 'new' | 'changed' | 'unknown';

/** Hints of a tool as the server gives them (it may lie); defaults of the specification are filled in. */
export interface ToolHints {
  readonly isReadOnly: boolean;
  readonly isDestructive: boolean;
  readonly isIdempotent: boolean;
  readonly isOpenWorld: boolean;
  /** Which of the four the server said itself. */
  readonly said: readonly ('readOnly' | 'destructive' | 'idempotent' | 'openWorld')[];
}

export interface CatalogItem {
  readonly kind: CatalogKind;
  readonly name: string;
  /** For people, where the server gives one. At most 200 characters. */
  readonly title?: string;
  /** First 300 characters. */
  readonly description?: string;
  readonly mimeType?: string;
  /** Of a resource, bytes, as the server says. */
  readonly size?: number;
  readonly hints?: ToolHints;
  /** Whether a tool may or must run as a task. */
  readonly task?: 'optional' | 'required';
  /** What the definition costs in a model's context. An estimate: about four characters a token. */
  readonly tokens: number;
  readonly lastUsedMs?: number;
  readonly change: DefinitionChange;
}

export interface CatalogSlice {
  readonly revision: number;
  /** In the server's order, tools first, then prompts, resources, templates. At most `MAX_CATALOG_ITEMS`. */
  readonly items: readonly CatalogItem[];
  /** Items that match the search, also those left out. */
  readonly total: number;
}

/** One variable of a URI template (RFC 6570). */
export interface TemplateVariable {
  readonly name: string;
  /** `*`: takes a list or an object as well. */
  readonly isExploded: boolean;
  /** Stands in `{?…}` or `{&…}`: may be left out. */
  readonly isQuery: boolean;
}

export interface PromptArgument {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly isRequired: boolean;
}

/** One item with everything the server said of it. */
export interface CatalogDefinition {
  readonly target: CatalogTarget;
  readonly item: CatalogItem;
  /** The definition byte for byte as it came, JSON text. */
  readonly text: string;
  readonly description?: string;
  /**
   * Schema of the arguments, JSON text. A tool's own; made from the arguments of a prompt and the variables of a
   * template, so that one form serves all. Absent for a resource.
   */
  readonly inputSchema?: string;
  readonly outputSchema?: string;
  readonly promptArguments?: readonly PromptArgument[];
  readonly variables?: readonly TemplateVariable[];
}

/** Asks for values of one argument (`completion/complete`); prompts and templates only. */
export interface CompletionQuery {
  readonly target: CatalogTarget;
  readonly argument: string;
  /** What is typed so far. */
  readonly value: string;
  /** The other arguments as they are, JSON text of an object. */
  readonly argumentsText: string;
}

export interface Completion {
  /** At most 100. */
  readonly values: readonly string[];
  readonly total?: number;
  readonly hasMore: boolean;
}

// --- arguments -------------------------------------------------------------------------------------------------------

export interface ArgumentProblem {
  /** JSON Pointer (RFC 6901) into the arguments; empty: the whole. */
  readonly path: string;
  readonly message: string;
}

/**
 * `syntax`: no JSON; never sent. `unusable`: the schema itself is invalid or took too long, so nothing was checked.
 * `problems`: the arguments do not fit; they can be sent all the same.
 */
export type ArgumentCheck =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'syntax';
      readonly message: string;
      /** 1-based. */
      readonly line: number;
      readonly column: number;
      /** UTF-16 units from the start. */
      readonly offset: number;
    }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'problems'; readonly problems: readonly ArgumentProblem[] };

export type TemplateExpansion =
  | { readonly kind: 'ok'; readonly uri: string }
  | { readonly kind: 'problem'; readonly message: string };

// --- runs ------------------------------------------------------------------------------------------------------------

export const MAX_RUNS = 100;
/** Characters of a run's arguments that the state holds. */
export const MAX_SHOWN_ARGUMENTS = 20_000;

export interface RunRequest {
  readonly target: RunTarget;
  /**
   * JSON text of an object: a tool's or prompt's arguments, a template's variables, the params of raw JSON-RPC. Empty:
   * none. Sent as written (a prompt's and a template's values are texts).
   */
  readonly argumentsText: string;
  /** Send although the arguments do not fit the schema. JSON that does not parse is never sent. */
  readonly sendAnyway: boolean;
  /** Run the tool as a task. A tool that requires a task runs as one anyway. */
  readonly asTask: boolean;
}

/** `declined`: the user was asked and said no; nothing was sent. */
export type RunStart =
  | { readonly kind: 'started'; readonly run: string }
  | { readonly kind: 'invalid'; readonly check: ArgumentCheck }
  | { readonly kind: 'declined' };

export interface RunProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface RunTask {
  readonly id: string;
  readonly status: string;
  readonly message?: string;
}

/** Where the time went, from the audit log. Microseconds. */
export interface RunTiming {
  readonly totalUs: number;
  readonly gatewayUs: number;
  /** Absent where no server was asked. */
  readonly upstreamUs?: number;
}

export interface PlaygroundRun {
  readonly id: string;
  readonly target: RunTarget;
  /** The first `MAX_SHOWN_ARGUMENTS` characters. */
  readonly argumentsText: string;
  /** There are more arguments than `argumentsText` holds: it is not to be sent again. */
  readonly isCut?: true;
  /** Who started it. */
  readonly origin: 'user' | 'saved' | 'resend' | 'subscription';
  readonly status: CallStatus;
  /** Unix epoch, milliseconds. */
  readonly startedMs: number;
  /** Milliseconds from the start to the end as the view's user felt it; absent while it runs. */
  readonly elapsedMs?: number;
  readonly progress?: RunProgress;
  readonly task?: RunTask;
  /** One line: the error's message, or why it ended. */
  readonly message?: string;
  /** Last lines of the server's stderr, where it was lost in mid-call. */
  readonly stderr?: readonly string[];
  /** Id of the recorded call in the store, as soon as it is known. */
  readonly call?: string;
  readonly timing?: RunTiming;
  /** The result is (still) held and `result` gives it. */
  readonly hasResult: boolean;
  /** Of the result, bytes. */
  readonly resultBytes?: number;
}

/** Characters of a result given at once. */
export const MAX_RESULT_TEXT = 1_000_000;

export interface RunResult {
  readonly run: string;
  /** `error`: a JSON-RPC error object. Otherwise the `result` member. */
  readonly kind: 'result' | 'error';
  /** Byte for byte as it came, JSON text; the first `MAX_RESULT_TEXT` characters. */
  readonly text: string;
  readonly truncated: boolean;
  /** Of `structuredContent` against the tool's output schema, where it has one. */
  readonly output?: ArgumentCheck;
  /** Log messages the server sent in the course of this run, oldest first; at most 200. */
  readonly logs: readonly LogMessage[];
}

/** A result to compare: of a run, or of a recorded call. */
export type ResultRef = { readonly kind: 'run'; readonly id: string } | { readonly kind: 'call'; readonly id: string };

/** One earlier run; its result is in the audit log. */
export interface HistoryEntry {
  readonly id: string;
  readonly target: RunTarget;
  /** Secrets are redacted; empty where it would be too long to keep. */
  readonly argumentsText: string;
  /** They are not the arguments that were sent. */
  readonly isRedacted: boolean;
  readonly status: CallStatus;
  readonly startedMs: number;
  readonly elapsedMs: number;
  readonly call?: string;
}

export interface LogMessage {
  /** Counts the server's messages, from 1. */
  readonly number: number;
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly logger?: string;
  /** JSON text of the data; a text without quotes where it is one. At most 10,000 characters. */
  readonly text: string;
  readonly run?: string;
}

// --- requests of servers ---------------------------------------------------------------------------------------------

/** Characters of a server's request that the state holds. */
export const MAX_SHOWN_PARAMS = 100_000;

interface ServerRequestBase {
  readonly id: string;
  readonly server: string;
  /** The run in whose course it came, where known. */
  readonly run?: string;
  readonly receivedMs: number;
  /** The request's params as they came, JSON text; the first `MAX_SHOWN_PARAMS` characters. */
  readonly paramsText: string;
}

export type ServerRequest =
  | (ServerRequestBase & {
      readonly kind: 'sampling';
      /** Characters of all texts in the messages and the system prompt. */
      readonly size: number;
    })
  | (ServerRequestBase & {
      readonly kind: 'form';
      readonly message: string;
      /** JSON text of the schema of what is asked for. */
      readonly schema: string;
    })
  | (ServerRequestBase & {
      readonly kind: 'url';
      readonly message: string;
      /** Whole; shown before it is opened. */
      readonly url: string;
      /** Host as the browser will read it (punycode where it is not ASCII); absent where the URL is none that can be opened. */
      readonly host?: string;
      /** Agreed and opened; the server has not yet said that it is complete. */
      readonly isOpened: boolean;
    });

export interface LanguageModel {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly maxInputTokens: number;
}

/** What a language model would be sent; shown before it is. */
export interface SamplingPreview {
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string; readonly images: number }[];
  /** What of the request cannot be passed on, in words (audio, tools, temperature …). */
  readonly notes: readonly string[];
  /** An estimate. */
  readonly tokens: number;
}

/** What a person or a model has answered, before it is sent. */
export interface SamplingDraft {
  readonly text: string;
  readonly model: string;
  readonly stopReason: string;
}

/** `result`: the whole result as JSON text, for what a text cannot say. */
export type SamplingAnswer =
  | { readonly kind: 'text'; readonly draft: SamplingDraft }
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'decline' };

export type FormAnswer =
  | { readonly kind: 'accept'; readonly contentText: string; readonly sendAnyway: boolean }
  | { readonly kind: 'decline' }
  | { readonly kind: 'cancel' };

// --- saved calls -----------------------------------------------------------------------------------------------------

export interface SavedCall {
  /** Of this window's making; changes when the file changes. */
  readonly id: string;
  /** Of the file it stands in. */
  readonly file: string;
  readonly name: string;
  /** Path of folders inside the file, `/` between; empty: none. */
  readonly folder: string;
  readonly target: RunTarget;
  /** As written, with `{{variables}}`. */
  readonly argumentsText: string;
  /** Names of the variables the arguments and the target use, in the order of their appearance. */
  readonly variables: readonly string[];
  readonly line: number;
}

export interface SavedFileProblem {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface SavedFile {
  /** Absolute path. */
  readonly path: string;
  /** For people: relative to the workspace. */
  readonly label: string;
  /** The collection's name, or the file's without its ending. */
  readonly name: string;
  /** Values of variables by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly calls: readonly SavedCall[];
  readonly problems: readonly SavedFileProblem[];
}

export interface SavedCallDraft {
  /** Absolute path of a known file; absent: `calls.json` of the first workspace folder. */
  readonly file?: string;
  /** The call to replace; absent: a new one. */
  readonly id?: string;
  readonly name: string;
  readonly folder: string;
  readonly target: RunTarget;
  readonly argumentsText: string;
  /** Save although values look like secrets. */
  readonly keepSecrets: boolean;
}

/** `secrets`: nothing was saved; these values look like secrets, and a variable can stand in their place. */
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly id: string }
  | { readonly kind: 'secrets'; readonly paths: readonly string[] }
  | { readonly kind: 'problem'; readonly message: string };
