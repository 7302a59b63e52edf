/**
 * Owns the store as the rest of the extension sees it: the journal on this thread, one worker for questions and one
 * for files (fileMaker.ts says when). Opening does no slow work: the journal takes entries at once, queries wait
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
import { messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import { FileMaker, type FileMakerOptions } from './fileMaker';
import { journalName, newWriterName } from './fileNames';
import { JournalWriter, type JournalFs } from './journalWriter';
import { OwnershipSign, processBirth, socketPathOf } from './ownership';
import { Questions } from './questions';
import type { Journal, TrafficStore } from './types';
import type { WorkerSetup } from './worker/api';
import type { UnreadableFile } from './worker/storeFolder';
import { stateOf, type WorkerCondition } from './storeStatus';
import { WorkerHandle } from './workerHandle';

export interface StoreOptions extends FileMakerOptions {
  /** Folder of the audit log; made where missing, private to the user. */
  readonly dir: string;
  /** The bundled worker, `dist/storeWorker.js`. */
  readonly workerFile: string;
  /** `dist/sql-wasm.wasm`. */
  readonly wasmFile: string;
  /** `bytes` of entropy as text. */
  readonly randomId: (bytes: number) => string;
  /** Default 128 MB. */
  readonly rotateBytes?: number;
  /** Segments of journals from this size on have compressed bodies; default 8 MB. */
  readonly compressFrom?: number;
  readonly pollMs?: number;
  /** The worker that makes files ends after so long without work, which gives its memory back; default 1 s. */
  readonly restAfterMs?: number;
  /** For tests of failing disks. */
  readonly fs?: JournalFs;
}

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
  readonly #telling = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #dir: string;
  readonly #writerName: string;
  readonly #writer: JournalWriter;
  readonly #sign: OwnershipSign;
  readonly #queries: WorkerHandle;
  readonly #questions: Questions;
  readonly #sealer: WorkerHandle;
  readonly #files: FileMaker;
  #queryState: WorkerCondition = 'opening';
  #sealerState: WorkerCondition = 'opening';
  #unreadable: readonly UnreadableFile[] = [];
  #state: StoreState = { kind: 'opening' };
  #toldUs = -Infinity;
  #closing: Promise<void> | undefined;

  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidAdvance = this.#advanced.event;

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
    this.#files = this.#lifetime.add(new FileMaker(this.#writer, this.#sealer, options, () => this.#queries.tell('grew')));

    this.#lifetime.add(this.#writer.onDidChange(() => this.#written()));
    this.#lifetime.add(
      this.#writer.onDidRotate((k) => {
        this.#queries.tell('rotated');
        this.#files.rotated(k);
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
  }

  get journal(): Journal {
    return this.#writer;
  }

  get state(): StoreState {
    return this.#state;
  }

  get onDidRecover(): TrafficStore['onDidRecover'] {
    return this.#files.onDidRecover;
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

  snapshot(): Promise<string> {
    return this.#files.snapshot();
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
    // What cannot be sealed in time is sealed by the next window: the journal is complete.
    const sealed = this.#files.end(k);
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
    this.#files.written();
    if (!this.#telling.value) {
      const sinceMs = (clock.monotonicUs() - this.#toldUs) / 1000;
      const waitMs = this.#queries.wasAskedWithin(attendedForMs) ? tellEveryMs : Math.max(tellEveryMs, tellUnattendedEveryMs - sinceMs);
      this.#telling.value = clock.timer(waitMs, () => {
        this.#telling.clear();
        this.#toldUs = clock.monotonicUs();
        this.#queries.tell('grew');
      });
    }
    // What else is wrong with the store (`isKept`) is no matter of what is written, and may last for long.
    const wasUnwell = this.#state.kind === 'degraded' && !this.#state.isKept;
    if (wasUnwell || this.#writer.trouble || this.#writer.isSlow || this.#writer.unsynced !== undefined) this.#updateState();
  }

  /** It rests most of the time; only that it was given up matters, and that it is tried again. */
  #sealerChanged(state: 'ready' | 'restarting' | 'lost'): void {
    const wasLost = this.#sealerState === 'lost';
    if (state !== 'restarting') this.#sealerState = state;
    // Nothing was made of journals meanwhile, nor removed.
    else if (wasLost) this.#files.makeUp();
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
