/**
 * Owns reading a store without writing to it, while gateways are writing: for the headless `traffic` command and other
 * processes. Runs on the calling thread.
 */
import type { BodyPart, CallDetail, CallPage, CallQuery, CallRow, CallSummary } from '../contract/traffic';
import type { CallSelection, PayloadRef } from '../contract/trafficApi';
import type { GroupPage, GroupQuery, Statistics, StatisticsQuery, Timeline, TimelineQuery } from '../contract/trafficGroups';
import type { Clock } from '../util/clock';
import type { Logger } from '../util/logger';
import { SqlEngine } from './worker/sqlEngine';
import type { Place } from './worker/places';
import { StoreView } from './worker/storeView';
import { tmpdir } from 'node:os';

export interface StoreReaderOptions {
  readonly dir: string;
  readonly wasmFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A call with its recorded (redacted) texts. */
export interface RecordedCall extends CallRow {
  readonly request?: string;
  readonly response?: string;
  /** Of these, not all can be read, or nothing: damaged on disk. */
  readonly damaged?: readonly ('request' | 'response')[];
}

export interface StoreReader {
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  summary(selection: CallSelection, signal?: AbortSignal): Promise<CallSummary>;
  groups(query: GroupQuery, signal?: AbortSignal): Promise<GroupPage>;
  timeline(query: TimelineQuery, signal?: AbortSignal): Promise<Timeline>;
  statistics(query: StatisticsQuery, signal?: AbortSignal): Promise<Statistics>;
  call(id: string): Promise<CallDetail | undefined>;
  body(ref: PayloadRef, fromByte: number, limit: number): Promise<BodyPart>;
  /**
   * Every call that matches, oldest first, up to the newest there is when it gets there; the scope `window` is what passed
   * through the window that was opened last. Throws `query.invalid`.
   */
  calls(selection?: Partial<CallSelection>): AsyncIterable<RecordedCall>;
  close(): Promise<void>;
}

const pageSize = 200;

/** Opens a folder that may be empty, or be written to by others. */
export async function openStoreReader(options: StoreReaderOptions): Promise<StoreReader> {
  const { dir, wasmFile, clock, logger } = options;
  const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const engine = await SqlEngine.start(wasmFile, tmpdir());
  const view = new StoreView({ dir, engine, now: () => clock.wallMs(), breathe, warn: (message) => logger.warn(message), searchBudgetMs: Infinity, rowsBudgetMs: Infinity });
  await view.refresh();
  return {
    async page(query, signal) {
      await view.refresh();
      return view.page(query, () => 0, signal);
    },
    async summary(selection, signal) {
      await view.refresh();
      return view.summary(selection, signal);
    },
    async groups(query, signal) {
      await view.refresh();
      return view.groups(query, () => 0, signal);
    },
    async timeline(query, signal) {
      await view.refresh();
      return view.timeline(query, () => 0, signal);
    },
    async statistics(query, signal) {
      await view.refresh();
      return view.statistics(query, () => 0, signal);
    },
    async call(id) {
      await view.refresh();
      return view.call(id);
    },
    async body(ref, fromByte, limit) {
      await view.refresh();
      return view.body(ref, fromByte, limit);
    },
    async *calls(selection = {}) {
      let from: Place | undefined;
      for (;;) {
        await view.refresh();
        const found = await view.newer(selection, from, pageSize);
        for (const { row, request, response, damaged } of found) yield { ...row, request, response, ...(damaged ? { damaged } : {}) };
        from = found.at(-1) ?? from;
        if (found.length < pageSize) return;
      }
    },
    close: () => Promise.resolve(view.close()),
  };
}
