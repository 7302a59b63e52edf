/**
 * Owns what host and webview agree on about runs of the Playground: what is sent, how it is checked, how it goes and ends,
 * and what servers log meanwhile. Arguments and results cross as JSON text, never parsed.
 */
import { CATALOG_KINDS } from './playgroundCatalog';
import type { CallStatus } from './traffic';
import type { SchemaCheck } from './trafficApi';

/** `request` and `notification`: raw JSON-RPC; the name is the method, the arguments are its params. */
export const RUN_KINDS = [...CATALOG_KINDS, 'request', 'notification'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** JSON-RPC as it is typed: no definition of its server's stands behind it. */
export function isRaw(kind: RunKind): kind is 'request' | 'notification' {
  return kind === 'request' || kind === 'notification';
}

export interface RunTarget {
  readonly server: string;
  readonly kind: RunKind;
  readonly name: string;
}

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

/** Where a saved call stands; found again after its file has changed. */
export interface SavedPlace {
  /** Absolute path of its file. */
  readonly file: string;
  readonly folder: string;
  readonly name: string;
}

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
  /** What it was loaded from: variables in it are filled in, with the file's values or the user's. Absent: sent as written. */
  readonly saved?: SavedPlace;
  /** Of the asking view's choosing: it finds the run by it while it is being started. At most 100 characters. */
  readonly ticket?: string;
}

/** `started`: it was sent, or cancelled before. `declined`: the user was asked and said no; nothing was sent. */
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
  /** Why it is not sent yet: its server is being started, or its lists are being read. */
  readonly waitsFor?: 'server' | 'lists' | undefined;
  /** As its request had it. */
  readonly ticket?: string;
  /** When it was sent; until then, when it began to wait. Unix epoch, milliseconds. */
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

/** Characters of a result given at once: room for media as large as is drawn (30 MB, as base64) and for what is around it. */
export const MAX_RESULT_TEXT = 42_000_000;

export interface RunResult {
  readonly run: string;
  /** `error`: a JSON-RPC error object. Otherwise the `result` member. */
  readonly kind: 'result' | 'error';
  /** Byte for byte as it came, JSON text; the first `MAX_RESULT_TEXT` characters. */
  readonly text: string;
  readonly truncated: boolean;
  /** Of `structuredContent` against the tool's output schema, where it has one. */
  readonly output?: SchemaCheck;
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

// --- logs ------------------------------------------------------------------------------------------------------------

/** Levels of log messages (RFC 5424), least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
