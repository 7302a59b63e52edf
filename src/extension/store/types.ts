/**
 * Owns the store's interface to the rest of the extension: a journal to append to, and queries over everything kept.
 * The implementation lives in client.ts (this thread: the journal) and worker/ (sql.js).
 */
import type { CallDetail, CallPage, CallQuery, CallSummary, Direction, FrameKind, Leg } from '../contract/traffic';
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
  readonly cause?: number;
  readonly own?: true;
  readonly headers?: Readonly<Record<string, string>>;
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
   */
  append(meta: EntryMeta, wallMs: number, monotonicUs: number, body: Uint8Array | undefined, staged?: boolean): number;
  /** Writes what is staged. Never throws. */
  flush(): void;
  /** Whether the next entry may say `same` of entry `n`: its body is kept, and in the same file. */
  canReferTo(n: number): boolean;
}

export interface TrafficStore {
  readonly journal: Journal;
  readonly state: StoreState;
  readonly onDidChangeState: Event<StoreState>;
  /** Filed up to this frame number and visible to queries; at most ten times a second, and after recovery. */
  readonly onDidAdvance: Event<{ readonly through: number }>;
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  summary(filter: string, signal?: AbortSignal): Promise<CallSummary>;
  call(id: string, signal?: AbortSignal): Promise<CallDetail | undefined>;
  /** Resolves when everything appended so far is visible to queries. */
  settled(): Promise<void>;
  /** Writes the SQLite file of recent traffic now; gives its absolute path. */
  snapshot(): Promise<string>;
  /** Syncs the journal, writes a last snapshot, stops the worker. */
  close(): Promise<void>;
}
