/** Owns what host, store and Traffic view agree on about calls seen in groups and on a time line. Pure types. */
import type { CallRow, CallStatus, Scope } from './traffic';

/**
 * What calls are grouped by. `conversation`: VS Code's `_meta["vscode.conversationId"]`; `prompt`: the request of the
 * user within it, `_meta["vscode.requestId"]`. Calls of clients that send neither form a group wherever their session
 * was silent for `PROMPT_GAP_MS`.
 */
export type GroupBy = 'session' | 'server' | 'conversation' | 'prompt';

/** A session that was silent for this long, milliseconds, begins a new prompt group. */
export const PROMPT_GAP_MS = 60_000;

export interface GroupQuery {
  /** Filter text; empty or absent: everything. */
  readonly filter?: string;
  readonly scope?: Scope;
  readonly by: GroupBy;
  /** Groups older than the one with this cursor. */
  readonly cursor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** Calls that belong together, with their sums over those of them that match the filter. */
export interface CallGroup {
  /** Stable while the group exists; opaque. */
  readonly key: string;
  /**
   * Filter text that selects exactly the calls of this group; joined to the user's filter it gives their pages
   * (`page`) and the groups inside (`groups`).
   */
  readonly filter: string;
  /** Name of the server, id of the session, conversation or request; absent where calls have none, or by time gap. */
  readonly id?: string;
  readonly client?: string;
  readonly clientVersion?: string;
  /** Session the group lies in, where it lies in one. */
  readonly session?: string;
  /** Told apart by a silence, not by an id the client sent. */
  readonly isByTime?: boolean;
  /** The session is the playground's own. */
  readonly isPlayground?: boolean;
  readonly calls: number;
  readonly errors: number;
  readonly running: number;
  readonly bytes: number;
  /** Sum and 95th percentile of settled calls' durations, microseconds. */
  readonly totalUs: number;
  readonly p95Us?: number;
  /** Times of the first and last matching call, Unix epoch, milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface GroupPage {
  /** Newest first, by `lastMs`. */
  readonly groups: readonly CallGroup[];
  readonly olderCursor?: string;
  readonly through: number;
}

export interface TimelineQuery {
  readonly filter?: string;
  readonly scope?: Scope;
  /** Period shown, Unix epoch, milliseconds; absent: from the first match, or up to now. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Up to this many calls are given one by one; more are counted in `buckets`. 1 to 5,000. */
  readonly limit: number;
  /** How many buckets the period is cut into. 1 to 2,000. */
  readonly buckets: number;
}

export interface TimelineMark {
  readonly kind: 'progress' | 'message' | 'cancel';
  readonly timeMs: number;
}

/** A call on the time line; nested ones (sampling, elicitation, the gateway's own) name the call they lie in. */
export interface TimelineSpan {
  readonly row: CallRow;
  /** At most 200; those left out are the ones closest to another. */
  readonly marks: readonly TimelineMark[];
}

export interface TimelineBucket {
  readonly server?: string;
  /** Index of the bucket in the period, from 0. */
  readonly index: number;
  readonly calls: number;
  readonly errors: number;
}

export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  /** Matching calls in the period. */
  readonly calls: number;
  /** Oldest first; empty where there are more than the limit. */
  readonly spans: readonly TimelineSpan[];
  /** Always given: for the overview above the lanes, and for the lanes where there are no spans. Only non-empty ones. */
  readonly buckets: readonly TimelineBucket[];
  readonly through: number;
}

/** What calls are counted by: the whole, servers, methods of a server, or what is called by name (tools and prompts). */
export type StatisticsBy = 'all' | 'server' | 'method' | 'name';

export interface StatisticsQuery {
  readonly scope?: Scope;
  /** Calls begun from this moment on, Unix epoch, milliseconds; absent: all. */
  readonly fromMs?: number;
  /** Calls begun before this moment. */
  readonly toMs?: number;
  readonly by: StatisticsBy;
  /** Calls made from the Playground count, too; they are left out by default. */
  readonly withPlayground?: boolean;
}

/** Counts over a period; durations are of settled calls, microseconds, percentiles within 2 %. */
export interface Statistics {
  /** Most calls first. */
  readonly rows: readonly StatisticsRow[];
  readonly through: number;
}

export interface StatisticsRow {
  /** Absent where the gateway answered for all, or the count is of the whole. */
  readonly server?: string;
  readonly method?: string;
  /** Tool or prompt. */
  readonly name?: string;
  readonly calls: number;
  /** Failed in any way; `byStatus` tells the kinds apart. */
  readonly errors: number;
  readonly byStatus: Readonly<Partial<Record<CallStatus, number>>>;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly totalUs: number;
  readonly p50Us?: number;
  readonly p95Us?: number;
  readonly p99Us?: number;
  /** When the last of them was made, Unix epoch, milliseconds. */
  readonly lastMs: number;
}
