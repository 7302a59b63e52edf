/**
 * Owns the interface between the store's client and its two workers: one answers questions, the other makes files. They
 * are the same script, started with different roles, so that sealing never stands before a page.
 */
import type { BodyPart, CallDetail, CallPage, CallQuery, CallSummary, NoteChange } from '../../contract/traffic';
import type { CallSelection, PayloadRef } from '../../contract/trafficApi';
import type { GroupPage, GroupQuery, Statistics, StatisticsQuery, Timeline, TimelineQuery } from '../../contract/trafficGroups';
import type { Recovery, RetentionLimits } from '../types';
import type { RetentionReport } from './retention';
import type { RecoveryReport } from './sealer';
import type { UnreadableFile } from './storeFolder';

/** Given to the script as `workerData`. */
export interface WorkerSetup {
  readonly role: 'query' | 'sealer';
  readonly dir: string;
  readonly wasmFile: string;
  readonly writer: string;
  readonly compressFrom?: number;
  /** How often the folder is looked at besides being watched, milliseconds. */
  readonly pollMs: number;
}

export interface QueryWorkerApi {
  /** Resolves when everything that was on disk at the call is visible to queries; gives the last entry's number. */
  catchUp(): Promise<number>;
  page(query: CallQuery): Promise<CallPage>;
  summary(selection: CallSelection): Promise<CallSummary>;
  groups(query: GroupQuery): Promise<GroupPage>;
  timeline(query: TimelineQuery): Promise<Timeline>;
  statistics(query: StatisticsQuery): Promise<Statistics>;
  call(id: string): Promise<CallDetail | undefined>;
  body(ref: PayloadRef, fromByte: number, limit: number): Promise<BodyPart>;
  annotate(ids: readonly string[], change: NoteChange): Promise<void>;
}

export interface SealerWorkerApi {
  snapshot(k: number): Promise<string>;
  /** What of it was damaged, where anything was: the journal stays then, to be put aside (`quarantine`) when that has been told. */
  seal(k: number, ending: 'handOver' | 'last'): Promise<Recovery | undefined>;
  quarantine(k: number): Promise<void>;
  recover(): Promise<RecoveryReport>;
  retain(limits: RetentionLimits): Promise<RetentionReport>;
}

/** Events of both: `ready` once, `warning` with a text. The query worker: `advanced`, and `unreadable` when other files are left out than before; it is sent `grew`, and `rotated` when this window has begun another journal. */
export interface WorkerEvents {
  ready: null;
  failed: string;
  warning: string;
  advanced: { readonly through: number };
  unreadable: readonly UnreadableFile[];
  grew: null;
  rotated: null;
}
