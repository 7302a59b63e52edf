/**
 * Owns what host, store and webviews agree on about recorded traffic. Pure types, plus the constants both sides need.
 * Words: see docs/architecture.md (frame, leg, call, session, server, finding, gap).
 */

/** `downstream`: between the client and the gateway. `upstream`: between the gateway and a server. */
export type Leg = 'downstream' | 'upstream';

/** Where a frame travels to. Client requests go `toServer`, answers and reverse requests go `toClient`. */
export type Direction = 'toServer' | 'toClient';

/** What a JSON-RPC message is. `invalid`: bytes that are no JSON-RPC message; they are recorded all the same. */
export type FrameKind = 'request' | 'result' | 'error' | 'notification' | 'batch' | 'invalid';

/**
 * Outcome of a call. `toolError`: an answer with `isError: true`. `error`: a JSON-RPC error. `transportError`: no
 * answer because a connection or process died. `blocked`: refused by MCP Shark itself. `unrecorded`: nobody can say, since
 * recording was paused when it ended, or since its result was damaged on disk; also the status of the rows that stand for what is not in the log (`PAUSE_METHOD`,
 * `GAP_METHOD`).
 */
export type CallStatus =
  | 'running'
  | 'ok'
  | 'error'
  | 'toolError'
  | 'transportError'
  | 'cancelled'
  | 'timedOut'
  | 'blocked'
  | 'unrecorded';

/** Method of the row that stands for a pause of recording, and of the one for frames that could not be kept. */
export const PAUSE_METHOD = 'recording/paused';
export const GAP_METHOD = 'recording/gap';
/** Method of what stands, among a call's related messages, for its request having gone out twice (kind `invalid`; its text is the event's). */
export const REPEATED_METHOD = 'server.requestRepeated';

/** Who asked: the client, a server (reverse request), the gateway itself (such as its own lists), or a refused HTTP request. */
export type CallOrigin = 'client' | 'server' | 'gateway' | 'http';

/** One row of the Traffic list: a call, or a notification that belongs to no call. */
export interface CallRow {
  /** Stable id, `<writer>/<number of the request frame>`. */
  readonly id: string;
  /** Orders calls of one writer: the number of the request's frame, from 1. */
  readonly frame: number;
  /** Unix epoch, milliseconds. */
  readonly timeMs: number;
  readonly origin: CallOrigin;
  /** The session's id in the store (never the wire's session id, which is a secret). */
  readonly session: string;
  /** clientInfo.name of the session, where known. */
  readonly client?: string;
  /** Configured name of the server; absent where the gateway answered for all. */
  readonly server?: string;
  /** JSON-RPC method, or the HTTP method for `http` rows. */
  readonly method: string;
  /** Tool, prompt or resource URI as its server names it. */
  readonly name?: string;
  /** The most telling arguments, or the error message where the call failed. At most 200 characters, redacted. */
  readonly detail?: string;
  readonly status: CallStatus;
  /** Microseconds from the request's arrival to the answer's departure; absent while running. */
  readonly durationUs?: number;
  /** Microseconds of `durationUs` spent waiting for the server; absent where no server was asked. */
  readonly upstreamUs?: number;
  readonly requestBytes: number;
  readonly responseBytes?: number;
  readonly errorCode?: number;
  /** Id of the call in whose course this one was made (a reverse request, the gateway's own lists). */
  readonly parent?: string;
  /** VS Code's ids of the conversation and of the user's request in it, where the client sends them. */
  readonly conversation?: string;
  readonly prompt?: string;
  /** First 16 hex digits of the hash of the definition the call ran under, where known. */
  readonly definition?: string;
  /** Made from the Playground. */
  readonly isPlayground?: true;
  readonly note?: CallNote;
}

export const NOTE_COLORS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;

export type NoteColor = (typeof NOTE_COLORS)[number];

/** What a user has put on a call. Such a call is exempt from retention. */
export interface CallNote {
  readonly isPinned?: true;
  readonly color?: NoteColor;
  /** At most `MAX_COMMENT` characters. */
  readonly comment?: string;
}

export const MAX_COMMENT = 10_000;

/** Most calls whose notes are changed at once. */
export const MAX_ANNOTATED = 1000;

/** A change of calls' notes; `null` takes away, what is absent stays. */
export interface NoteChange {
  readonly isPinned?: boolean;
  readonly color?: NoteColor | null;
  readonly comment?: string | null;
}

/** `window`: what passed through this window's gateway since it opened; `all`: everything in the audit log. */
export type Scope = 'window' | 'all';

/** What the list can be sorted by; equal ones by time, newest first. */
export type SortKey = 'time' | 'duration' | 'size' | 'server' | 'name' | 'method' | 'status' | 'client';

export interface CallSort {
  readonly by: SortKey;
  readonly isDescending: boolean;
}

/** Where a page of calls starts. Pages run newest first, or in the query's sort order; "older" is further down the list. */
export type PagePosition =
  | { readonly kind: 'newest' }
  /** Rows strictly older than the call with this cursor. */
  | { readonly kind: 'olderThan'; readonly cursor: string }
  /** Rows strictly newer than the call with this cursor, still given newest first, the ones next to the cursor. */
  | { readonly kind: 'newerThan'; readonly cursor: string }
  /** Rows from the `offset`-th newest on: for dragging a scroll bar. */
  | { readonly kind: 'offset'; readonly offset: number };

export interface CallQuery {
  /** Filter text in the filter language; empty or absent: everything. */
  readonly filter?: string;
  /** Absent: `all`. */
  readonly scope?: Scope;
  /** Absent: by time, newest first. */
  readonly sort?: CallSort;
  readonly position: PagePosition;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface CallPage {
  /** Newest first, or in the query's sort order. */
  readonly rows: readonly CallRow[];
  /** Calls in the query's scope that match the filter; where `isTotalExact` is false, as many as were found so far. */
  readonly total: number;
  /**
   * False while recorded bodies are still being searched: `total` is what was found so far, rows are complete as far as
   * they go, and the store tells when there is more (`onDidAdvance`). The newest page may then have fewer rows than its
   * limit, or none.
   */
  readonly isTotalExact?: false;
  /** Index of `rows[0]` among all matches, in the query's order from 0. */
  readonly offset: number;
  /** Cursors for the pages next to this one; absent where there is nothing further. */
  readonly olderCursor?: string;
  readonly newerCursor?: string;
  /** Number of the last frame the answer has seen. */
  readonly through: number;
}

/** One recorded message with its text. Times in microseconds of the writer's monotonic clock, relative to the call's request. */
export interface FrameText {
  readonly frame: number;
  readonly leg: Leg;
  readonly direction: Direction;
  readonly kind: FrameKind;
  readonly method?: string;
  readonly timeMs: number;
  readonly sinceRequestUs: number;
  /** Size on the wire, bytes. */
  readonly bytes: number;
  /** UTF-8 text as recorded (redacted). At most `MAX_INLINE_TEXT` characters; see `truncated`. */
  readonly text: string;
  readonly truncated: boolean;
  /** HTTP headers it came with, where it came by HTTP; secrets are redacted. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text of the JSON-RPC id, as written. */
  readonly rpcId?: string;
  /** Not all of the text can be read: it was damaged on disk. */
  readonly damaged?: true;
  /** The text is in the audit log, and cannot be read now, while the worker that reads it is lost. */
  readonly isOutOfReach?: true;
}

/** Part of a recorded text, for texts too long to be sent whole. */
export interface BodyPart {
  readonly text: string;
  /** Where `text` begins and ends in the UTF-8 text, bytes; both lie between characters. */
  readonly fromByte: number;
  readonly toByte: number;
  readonly totalBytes: number;
}

/** A line a server wrote to stderr (or a stray one to stdout) while a call ran. */
export interface ServerOutput {
  readonly timeMs: number;
  readonly sinceRequestUs: number;
  readonly stream: 'stderr' | 'stdout';
  readonly text: string;
}

/** Bodies longer than this many characters are cut in a `CallDetail` and fetched whole on demand. */
export const MAX_INLINE_TEXT = 1_000_000;

export interface SessionInfo {
  readonly id: string;
  readonly clientName?: string;
  readonly clientVersion?: string;
  readonly protocolVersion?: string;
  readonly startedMs: number;
  readonly endedMs?: number;
}

export interface CallDetail {
  readonly row: CallRow;
  readonly session?: SessionInfo;
  /** The exchange as the asking side saw it. */
  readonly request: FrameText;
  readonly response?: FrameText;
  /** The same exchange on the other leg, where there was one. */
  readonly upstreamRequest?: FrameText;
  readonly upstreamResponse?: FrameText;
  /** Everything else that belongs to the call, oldest first: progress, log messages, cancellation, nested calls. */
  readonly related: readonly FrameText[];
  readonly errorMessage?: string;
  /** Stack where the failure is MCP Shark's own or the server sent one. */
  readonly errorStack?: string;
  /** Calls made in the course of this one, oldest first. */
  readonly nested?: readonly CallRow[];
  /** What the server wrote between request and answer, oldest first; at most 500 lines. */
  readonly output?: readonly ServerOutput[];
  /** Output schema of the tool as its definition had it, JSON text, where it has one. */
  readonly outputSchema?: string;
}

/** Counts over the calls that match a filter. */
export interface CallSummary {
  readonly calls: number;
  readonly errors: number;
  readonly running: number;
  readonly bytes: number;
  /** 95th percentile of settled calls' durations, microseconds. */
  readonly p95Us?: number;
}
