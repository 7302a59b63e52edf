/**
 * Owns the store as the rest of the extension sees it: the journal on this thread, one worker for questions and one
 * for files, and the timing between them. Opening does no slow work: the journal takes entries at once, queries wait
 * for their worker.
 *
 * Invariant: nothing that a worker does, or fails to do, can keep the journal from being written.
 */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { StoreState } from '../contract/status';
import type { BodyPart, CallDetail, CallPage, CallQuery, CallSummary, NoteChange } from '../contract/traffic';
import type { CallSelection, PayloadRef } from '../contract/trafficApi';
import type { GroupPage, GroupQuery, Statistics, StatisticsQuery, Timeline, TimelineQuery } from '../contract/trafficGroups';
import { withDeadline } from '../util/async';
import type { Clock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { journalName, newWriterName } from './fileNames';
import { JournalWriter, type JournalFs } from './journalWriter';
import { OwnershipSign, processBirth, socketPathOf } from './ownership';
import { Questions } from './questions';
import { defaultLimits, type Journal, type Recovery, type RetentionLimits, type TrafficStore } from './types';
import type { WorkerSetup } from './worker/api';
import type { RetentionReport } from './worker/retention';
import type { RecoveryReport } from './worker/sealer';
import type { UnreadableFile } from './worker/storeFolder';
import { stateOf, type WorkerCondition } from './storeStatus';
import { WorkerHandle } from './workerHandle';

export interface StoreOptions {
  /** Folder of the audit log; made where missing, private to the user. */
  readonly dir: string;
  /** The bundled worker, `dist/storeWorker.js`. */
  readonly workerFile: string;
  /** `dist/sql-wasm.wasm`. */
  readonly wasmFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `bytes` of entropy as text. */
  readonly randomId: (bytes: number) => string;
  /** Quiet time after which recent traffic is put into a SQLite file; default 10 s. */
  readonly snapshotQuietMs?: number;
  /** A journal of this size is sealed at a quiet moment instead; default 16 MB. */
  readonly sealQuietBytes?: number;
  /** Default 128 MB. */
  readonly rotateBytes?: number;
  /** Segments of journals from this size on have compressed bodies; default 8 MB. */
  readonly compressFrom?: number;
  /** The oldest sealed traffic goes when there are more bytes than this; default `defaultLimits`, 0: never. Read each time it is applied. */
  readonly maxBytes?: number;
  /** Sealed traffic goes when it is older than this; default `defaultLimits`, 0: never. Read each time it is applied. */
  readonly maxAgeMs?: number;
  readonly pollMs?: number;
  /** The worker that makes files ends after so long without work, which gives its memory back; default 1 s. */
  readonly restAfterMs?: number;
  /** For tests of failing disks. */
  readonly fs?: JournalFs;
}

/** Files the store could not make are tried again after this long. */
const sealAgainMs = 60_000;
const recoverAfterMs = 1000;
const recoverAgainMs = 6 * 60_000;
const retainEveryMs = 3600_000;
const closeWithinMs = 4000;
const tellEveryMs = 20;
/** While nobody looks, the query worker follows slowly (see Pace): to wake it more often costs the traffic, for nothing. The first after a silence is told soon: a view may be open that had nothing to ask. */
const tellUnattendedEveryMs = 80;
const attendedForMs = 10_000;

/** Opens the store for this process; the promise resolves before any worker is up. Never rejects for a bad folder. */
export function openStore(options: StoreOptions): Promise<TrafficStore> {
  return Promise.resolve(new StoreClient(options));
}

class StoreClient implements TrafficStore {
  readonly #lifetime = new DisposableStore();
  readonly #stateChanged = this.#lifetime.add(new Emitter<StoreState>());
  readonly #advanced = this.#lifetime.add(new Emitter<{ readonly through: number }>());
  readonly #recovered = this.#lifetime.add(new Emitter<Recovery>());
  readonly #quiet = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #telling = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #sealAgain = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #recoverAgain = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #retainAgain = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #dir: string;
  readonly #writerName: string;
  readonly #writer: JournalWriter;
  readonly #sign: OwnershipSign;
  readonly #queries: WorkerHandle;
  readonly #questions: Questions;
  readonly #sealer: WorkerHandle;
  /** Complete journals that have no segment yet, oldest first. */
  readonly #unsealed: number[] = [];
  #sealing: Promise<void> | undefined;
  #queryState: WorkerCondition = 'opening';
  #sealerState: WorkerCondition = 'opening';
  #unreadable: readonly UnreadableFile[] = [];
  #state: StoreState = { kind: 'opening' };
  /** What the last snapshot holds, as `k:last`. */
  #snapped = '';
  #lastAppendUs = 0;
  #toldUs = -Infinity;
  #closing: Promise<void> | undefined;

  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidAdvance = this.#advanced.event;
  readonly onDidRecover = this.#recovered.event;

  constructor(private readonly options: StoreOptions) {
    const { clock, logger, randomId, workerFile, wasmFile, compressFrom, pollMs = 1000, restAfterMs = 1000, rotateBytes, fs } = options;
    this.#dir = resolve(options.dir);
    this.#writerName = newWriterName(clock.wallMs(), randomId(6));
    const socket = socketPathOf(this.#dir, this.#writerName);
    const facts = { pid: process.pid, birth: processBirth(process.pid), host: hostname(), socket };
    this.#writer = new JournalWriter({ dir: this.#dir, writer: this.#writerName, clock, logger, rotateBytes, fs, ...facts });
    this.#lifetime.add(this.#writer);
    this.#sign = new OwnershipSign(socket, () => join(this.#dir, journalName(this.#writerName, this.#writer.position.k)));
    const setup = (role: WorkerSetup['role']): WorkerSetup => ({ role, dir: this.#dir, wasmFile, writer: this.#writerName, compressFrom, pollMs });
    this.#queries = this.#lifetime.add(new WorkerHandle(workerFile, setup('query'), logger, clock));
    const onAdvanced = (through: number): void => this.#advanced.fire({ through });
    this.#questions = new Questions(this.#queries, this.#writer, { dir: this.#dir, wasmFile, writer: this.#writerName, clock, logger, onAdvanced });
    this.#sealer = this.#lifetime.add(new WorkerHandle(workerFile, setup('sealer'), logger, clock, restAfterMs, 'process'));

    this.#lifetime.add(this.#writer.onDidChange(() => this.#written()));
    this.#lifetime.add(
      this.#writer.onDidRotate((k) => {
        this.#unsealed.push(k);
        this.#queries.tell('rotated');
        void this.#seal();
      }),
    );
    this.#lifetime.add(
      this.#queries.onEvent(({ name, data }) => {
        if (name === 'advanced') this.#advanced.fire(data as { through: number });
        if (name !== 'unreadable') return;
        this.#unreadable = data as readonly UnreadableFile[];
        this.#updateState();
      }),
    );
    this.#lifetime.add(
      this.#queries.onDidChangeState((state) => {
        this.#queryState = state === 'restarting' ? 'opening' : state;
        // One that is new says what it cannot read.
        if (state === 'restarting') this.#unreadable = [];
        this.#updateState();
      }),
    );
    this.#lifetime.add(this.#sealer.onDidChangeState((state) => this.#sealerChanged(state)));
    this.#updateState();
    // What was left behind can wait until whoever is starting has started.
    this.#recoverAgain.value = clock.timer(recoverAfterMs, () => void this.#recover());
  }

  get journal(): Journal {
    return this.#writer;
  }

  get state(): StoreState {
    return this.#state;
  }

  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage> {
    return this.#questions.ask('page', [query], signal);
  }

  summary(selection: CallSelection, signal?: AbortSignal): Promise<CallSummary> {
    return this.#questions.ask('summary', [selection], signal);
  }

  groups(query: GroupQuery, signal?: AbortSignal): Promise<GroupPage> {
    return this.#questions.ask('groups', [query], signal);
  }

  timeline(query: TimelineQuery, signal?: AbortSignal): Promise<Timeline> {
    return this.#questions.ask('timeline', [query], signal);
  }

  statistics(query: StatisticsQuery, signal?: AbortSignal): Promise<Statistics> {
    return this.#questions.ask('statistics', [query], signal);
  }

  call(id: string, signal?: AbortSignal): Promise<CallDetail | undefined> {
    return this.#questions.ask('call', [id], signal);
  }

  body(ref: PayloadRef, fromByte: number, limit: number, signal?: AbortSignal): Promise<BodyPart> {
    return this.#questions.ask('body', [ref, fromByte, limit], signal);
  }

  annotate(ids: readonly string[], change: NoteChange): Promise<void> {
    return this.#questions.ask('annotate', [ids, change]);
  }

  callId(frame: number): string {
    return `${this.#writerName}/${frame}`;
  }

  async settled(): Promise<void> {
    this.#writer.flush();
    await this.#questions.ask('catchUp', []);
  }

  async snapshot(): Promise<string> {
    this.#writer.flush();
    const { k, last } = this.#writer.position;
    const path = await this.#sealer.call<string>('snapshot', [k]);
    this.#snapped = `${k}:${last}`;
    return path;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, logger } = this.options;
    // What is staged may fill the file, and the last one is another then.
    this.#writer.flush();
    const { k } = this.#writer.position;
    this.#writer.close();
    this.#quiet.clear();
    // What cannot be sealed in time is sealed by the next window: the journal is complete.
    const sealed = (async () => {
      await this.#seal();
      if (this.#unsealed.length === 0) await this.#sealer.call('seal', [k, 'last']);
    })();
    try {
      if ((await withDeadline(sealed, closeWithinMs, clock)) === 'late') logger.warn('There was no time to seal the journal; the next start does it.');
    } catch (error) {
      logger.warn('The journal could not be sealed at the end; the next start does it.', messageOf(error));
    }
    sealed.catch(() => undefined);
    this.#sign.stop();
    this.#questions.dispose();
    await Promise.all([this.#queries.stop(), this.#sealer.stop()]);
    this.#lifetime.dispose();
  }

  #written(): void {
    const { clock } = this.options;
    this.#lastAppendUs = clock.monotonicUs();
    if (!this.#telling.value) {
      const sinceMs = (this.#lastAppendUs - this.#toldUs) / 1000;
      const waitMs = this.#queries.wasAskedWithin(attendedForMs) ? tellEveryMs : Math.max(tellEveryMs, tellUnattendedEveryMs - sinceMs);
      this.#telling.value = clock.timer(waitMs, () => {
        this.#telling.clear();
        this.#toldUs = clock.monotonicUs();
        this.#queries.tell('grew');
      });
    }
    if (!this.#quiet.value && !this.#closing) this.#waitForQuiet(this.options.snapshotQuietMs ?? 10_000);
    // What else is wrong with the store (`isKept`) is no matter of what is written, and may last for long.
    const wasUnwell = this.#state.kind === 'degraded' && !this.#state.isKept;
    if (wasUnwell || this.#writer.trouble || this.#writer.isSlow || this.#writer.unsynced !== undefined) this.#updateState();
  }

  /** One timer for any number of entries: it looks, when it ends, how long ago the last one was. */
  #waitForQuiet(waitMs: number): void {
    const { clock, snapshotQuietMs = 10_000, sealQuietBytes = 16 * 1024 * 1024 } = this.options;
    this.#quiet.value = clock.timer(waitMs, () => {
      this.#quiet.clear();
      const leftMs = snapshotQuietMs - (clock.monotonicUs() - this.#lastAppendUs) / 1000;
      if (leftMs > 1) {
        this.#waitForQuiet(leftMs);
        return;
      }
      const { k, length, last } = this.#writer.position;
      if (this.#snapped === `${k}:${last}`) return;
      // A snapshot is written as a whole each time: sealing bounds how much that is.
      if (length >= sealQuietBytes && this.#writer.rotate()) return;
      this.snapshot().catch((error: unknown) => this.options.logger.warn('The snapshot of recent traffic could not be written.', messageOf(error)));
    });
  }

  /** Seals complete journals in order; what fails is tried again. */
  #seal(): Promise<void> {
    this.#sealing ??= (async () => {
      try {
        for (let k = this.#unsealed[0]; k !== undefined; k = this.#unsealed[0]) {
          await this.#sealer.call('seal', [k, 'handOver']);
          this.#unsealed.shift();
          this.#queries.tell('grew');
        }
        if (!this.#closing) void this.#retain();
      } catch (error) {
        if (this.#closing || (error instanceof AppError && error.code === 'store.unavailable')) return;
        this.options.logger.warn('A journal could not be sealed yet.', messageOf(error));
        this.#sealAgain.value = this.options.clock.timer(sealAgainMs, () => void this.#seal());
      } finally {
        this.#sealing = undefined;
      }
    })();
    return this.#sealing;
  }

  async #recover(): Promise<void> {
    const { clock, logger } = this.options;
    try {
      const report = await this.#sealer.call<RecoveryReport>('recover', []);
      if (this.#closing) return;
      const { uncertain, ...facts } = report;
      if (report.journals > 0 || report.damagedEntries > 0 || report.quarantined.length > 0) {
        this.#writer.append({ k: 'event', type: 'store.recovered', data: { ...facts } }, clock.wallMs(), clock.monotonicUs(), undefined);
        logger.info('Journals of windows that ended without closing were recovered.', facts);
        this.#recovered.fire(facts);
        this.#queries.tell('grew');
      }
      if (uncertain > 0) this.#recoverAgain.value = clock.timer(recoverAgainMs, () => void this.#recover());
      await this.#retain();
    } catch (error) {
      if (!this.#closing) logger.warn('Earlier journals could not be recovered.', messageOf(error));
    }
  }

  /** Lets go of traffic that is beyond the limits, now and every hour. */
  async #retain(): Promise<void> {
    const { clock, logger, maxBytes = defaultLimits.maxBytes, maxAgeMs = defaultLimits.maxAgeMs } = this.options;
    this.#retainAgain.value = clock.timer(retainEveryMs, () => void this.#retain());
    try {
      const limits: RetentionLimits = { maxBytes, maxAgeMs };
      const report = await this.#sealer.call<RetentionReport>('retain', [limits]);
      if (report.segments === 0 || this.#closing) return;
      this.#writer.append({ k: 'event', type: 'store.retention', data: { ...report, ...limits } }, clock.wallMs(), clock.monotonicUs(), undefined);
      logger.info('The oldest recorded traffic was removed, as the settings for the store say.', report);
      this.#queries.tell('grew');
    } catch (error) {
      if (!this.#closing) logger.warn('Old traffic could not be removed yet.', messageOf(error));
    }
  }

  /** It rests most of the time; only that it was given up matters, and that it is tried again. */
  #sealerChanged(state: 'ready' | 'restarting' | 'lost'): void {
    const wasLost = this.#sealerState === 'lost';
    if (state !== 'restarting') this.#sealerState = state;
    // Nothing was made of journals meanwhile, nor removed.
    else if (wasLost) void this.#recover().then(() => this.#seal());
    this.#updateState();
  }

  #updateState(): void {
    const { trouble, unsynced, isSlow } = this.#writer;
    const next = stateOf({ trouble, unsynced, isSlow, queries: this.#queryState, files: this.#sealerState, unreadable: this.#unreadable });
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#state = next;
    this.#stateChanged.fire(next);
  }
}
