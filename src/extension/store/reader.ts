/**
 * Owns reading a store without writing to it, while gateways are writing: for the headless `traffic` command and other
 * processes. Runs on the calling thread.
 */
import type { CallDetail, CallPage, CallQuery, CallRow, CallSummary } from '../contract/traffic';
import type { Clock } from '../util/clock';
import type { Logger } from '../util/logger';
import { SqlEngine } from './worker/sqlEngine';
import { compileFilter } from './worker/filterSql';
import { texts, type Place } from './worker/queries';
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
}

export interface StoreReader {
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  summary(filter: string, signal?: AbortSignal): Promise<CallSummary>;
  call(id: string): Promise<CallDetail | undefined>;
  /** Every call that matches, oldest first, up to the newest there is when it gets there. Throws `query.invalid`. */
  calls(filter?: string): AsyncIterable<RecordedCall>;
  close(): Promise<void>;
}

const pageSize = 200;

/** Opens a folder that may be empty, or be written to by others. */
export async function openStoreReader(options: StoreReaderOptions): Promise<StoreReader> {
  const { dir, wasmFile, clock, logger } = options;
  const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const engine = await SqlEngine.start(wasmFile, tmpdir());
  const view = new StoreView({ dir, engine, now: () => clock.wallMs(), breathe, warn: (message) => logger.warn(message) });
  await view.refresh();
  return {
    async page(query, signal) {
      await view.refresh();
      return view.page(query, () => 0, signal);
    },
    async summary(filter, signal) {
      await view.refresh();
      return view.summary(filter, signal);
    },
    async call(id) {
      await view.refresh();
      return view.call(id);
    },
    async *calls(text) {
      const filter = compileFilter(text, clock.wallMs());
      let from: Place | undefined;
      for (;;) {
        await view.refresh();
        const found = await view.newer(filter, from, pageSize);
        // Texts before the next look at the folder: it may close a source.
        const calls = found.map((call): RecordedCall => ({ ...call.row, ...texts(call) }));
        yield* calls;
        from = found.at(-1) ?? from;
        if (found.length < pageSize) return;
      }
    },
    close: () => Promise.resolve(view.close()),
  };
}
