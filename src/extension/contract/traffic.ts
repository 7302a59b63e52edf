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
 * answer because a connection or process died. `blocked`: refused by MCP Shark itself.
 */
export type CallStatus =
  | 'running'
  | 'ok'
  | 'error'
  | 'toolError'
  | 'transportError'
  | 'cancelled'
  | 'timedOut'
  | 'blocked';

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
}

/** Where a page of calls starts. Pages run newest first. */
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
  readonly position: PagePosition;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface CallPage {
  /** Newest first. */
  readonly rows: readonly CallRow[];
  /** Calls that match the filter in the whole store. */
  readonly total: number;
  /** Index of `rows[0]` among all matches, newest = 0. */
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
