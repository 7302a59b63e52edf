/**
 * Owns the store's interface to the rest of the extension: a journal to append to, and queries over everything kept.
 * The implementation lives in client.ts (this thread: the journal) and worker/ (sql.js).
 */
import type { BodyPart, CallDetail, CallPage, CallQuery, CallSummary, Direction, FrameKind, Leg, NoteChange } from '../contract/traffic';
import type { CallSelection, PayloadRef } from '../contract/trafficApi';
import type { GroupPage, GroupQuery, Statistics, StatisticsQuery, Timeline, TimelineQuery } from '../contract/trafficGroups';
import type { StoreState } from '../contract/status';
import type { Event } from '../util/event';

/** What the journal keeps of a frame, besides its bytes. Short keys: this is written for every frame. */
export interface FrameMeta {
  readonly k: 'frame';
  readonly leg: Leg;
  readonly dir: Direction;
  readonly kind: FrameKind;
  readonly s: string;
  readonly srv?: string;
  /** Raw JSON text of the JSON-RPC id. */
  readonly id?: string;
  readonly method?: string;
  /** Frame number this one passes on, on the other leg. */
  readonly fwd?: number;
  /** Bytes equal those of frame `fwd`; the body of this record is empty. */
  readonly same?: true;
  /**
   * The body is that of frame `fwd` with some bytes replaced by the body of this record: `[place, length]` of those bytes. Only
   * where nothing was redacted in either, so the whole has `size` bytes.
   */
  readonly cut?: readonly [place: number, length: number];
  readonly cause?: number;
  readonly own?: true;
  readonly headers?: Readonly<Record<string, string>>;
  /** First 16 hex digits of the hash of the definition that a request runs under. */
  readonly def?: string;
  /** Of an answer of the gateway itself: what its server calls the tool or prompt that was asked for. */
  readonly name?: string;
  /** Size on the wire in bytes, before redaction. */
  readonly size: number;
  /** How many values were redacted in the body. */
  readonly red?: number;
}

export interface EventMeta {
  readonly k: 'event';
  readonly type: string;
  readonly s?: string;
  readonly srv?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type EntryMeta = FrameMeta | EventMeta;

/** The write side; synchronous, never throws (what cannot be written is counted and becomes a Gap). */
export interface Journal {
  /**
   * Gives the entry's number: 1, 2, 3 … without holes within one writer. It is written when this returns, and so is
   * everything before it. `staged`: it may be written with the next entry instead, at the latest when the event loop
   * turns; only for what nobody is told of before. Its body must not change until then.
   * While the disk is slow, "written" is: accepted, and written in the background (`StoreState` says so).
   */
  append(meta: EntryMeta, wallMs: number, monotonicUs: number, body: Uint8Array | undefined, staged?: boolean): number;
  /** Writes what is staged. Never throws. */
  flush(): void;
  /** Whether the next entry may say `same` or `cut` of entry `n`: its body is kept, and in the same file. */
  canReferTo(n: number): boolean;
}

/** How long traffic is kept. */
export interface RetentionLimits {
  /** Most bytes of journals, segments and what lies beside them; 0: no limit. */
  readonly maxBytes: number;
  /** Segments with nothing younger than this go, milliseconds; 0: no limit. */
  readonly maxAgeMs: number;
}

/** What holds where nothing is set; a test holds the settings' defaults in package.json to it. */
export const defaultLimits: RetentionLimits = { maxBytes: 4096 * 1024 ** 2, maxAgeMs: 90 * 86_400_000 };

/**
 * What was found damaged or left behind, and done about it: by a start, of windows that ended without closing; later, of this window's own
 * journal, in which damage was found when it was sealed (no journals and frames then: what could be read was never away).
 */
export interface Recovery {
  readonly journals: number;
  readonly frames: number;
  readonly damagedEntries: number;
  readonly damagedBytes: number;
  /** Bytes of entries that were being written when their window was killed: nobody had been told of them. */
  readonly tornBytes: number;
  /** Names in the folder `quarantine` of originals in which something was damaged. */
  readonly quarantined: readonly string[];
}

export interface TrafficStore {
  readonly journal: Journal;
  readonly state: StoreState;
  readonly onDidChangeState: Event<StoreState>;
  /** Filed up to this frame number and visible to queries; at most ten times a second, and after recovery. */
  readonly onDidAdvance: Event<{ readonly through: number }>;
  /** Once for what was found; the event `store.recovered` in the log says the same. */
  readonly onDidRecover: Event<Recovery>;
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  summary(selection: CallSelection, signal?: AbortSignal): Promise<CallSummary>;
  groups(query: GroupQuery, signal?: AbortSignal): Promise<GroupPage>;
  timeline(query: TimelineQuery, signal?: AbortSignal): Promise<Timeline>;
  /** Counts and percentiles from roll-ups: costs hours of history, not calls. */
  statistics(query: StatisticsQuery, signal?: AbortSignal): Promise<Statistics>;
  call(id: string, signal?: AbortSignal): Promise<CallDetail | undefined>;
  /** Bytes `fromByte` to `fromByte + limit` of a recorded text, moved to where characters begin. `notFound`: there is no such text. */
  body(ref: PayloadRef, fromByte: number, limit: number, signal?: AbortSignal): Promise<BodyPart>;
  /** Changes the notes of calls; on disk when it resolves. Ids of calls that are not there are passed over; `notFound` where none is. */
  annotate(ids: readonly string[], change: NoteChange): Promise<void>;
  /** Id of the call whose request is this frame of this window. */
  callId(frame: number): string;
  /** Resolves when everything appended so far is visible to queries. */
  settled(): Promise<void>;
  /** Writes the SQLite file of recent traffic now; gives its absolute path. */
  snapshot(): Promise<string>;
  /** Syncs the journal, writes a last snapshot, stops the worker. */
  close(): Promise<void>;
}
