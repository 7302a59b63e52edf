/**
 * Owns the audit log as the application uses it: the store, opened at first need; the recorders that write into it; pausing
 * and resuming; what governance says, also before there is a store. Free of `vscode`.
 *
 * Invariants: whoever records shares one gate and one redactor; a pause is written down even where nobody resumes.
 */
import * as path from 'node:path';
import { createRecorder } from './capture/recorder';
import type { Redactor } from './capture/redactor';
import { RecordingGate } from './capture/recordingGate';
import type { CapturedEvent, Recorder } from './capture/types';
import type { ApplicationStatus, StoreState } from './contract/status';
import { openStore } from './store/client';
import type { Recovery, TrafficStore } from './store/types';
import { Throttle } from './util/async';
import type { Clock } from './util/clock';
import { messageOf } from './util/errors';
import { Emitter } from './util/event';
import { DisposableStore } from './util/lifecycle';
import type { Logger } from './util/logger';

export interface AuditLogOptions {
  /** Folder of the audit log; created where missing. */
  readonly storeDir: string;
  /** Folder with `storeWorker.js` and `sql-wasm.wasm`. */
  readonly distDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `bytes` of entropy, base64url. */
  readonly randomId: (bytes: number) => string;
  /** Keeps secrets out of what is recorded; absent: the standard one. */
  readonly redactor?: Redactor;
  /** Asked whenever they are applied; 0: no limit. */
  readonly retention?: { readonly maxBytes: () => number; readonly maxAgeMs: () => number };
}

/** How often what passes unrecorded is counted out. */
const UNRECORDED_INTERVAL_MS = 1_000;

export class AuditLog {
  readonly #lifetime = new DisposableStore();
  readonly #changed = this.#lifetime.add(new Emitter<void>());
  readonly #advanced = this.#lifetime.add(new Emitter<{ readonly through: number }>());
  readonly #recovered = this.#lifetime.add(new Emitter<Recovery>());
  /** Of this window, over all starts of routing; never kept: whoever opens a window records. */
  readonly #gate = new RecordingGate();
  readonly #ticks: Throttle;
  #saidUnrecorded = 0;
  #store: Promise<TrafficStore> | undefined;
  #state: StoreState = { kind: 'opening' };
  /** What governance has said before there was a store to write it into. */
  #unwritten: CapturedEvent[] = [];

  /** The store's state, or that of recording. */
  readonly onDidChange = this.#changed.event;
  /** Traffic advanced to this frame number. */
  readonly onDidAdvance = this.#advanced.event;
  /** The store found something to recover when it was opened, or damage later. */
  readonly onDidRecover = this.#recovered.event;

  constructor(private readonly options: AuditLogOptions) {
    this.#ticks = this.#lifetime.add(new Throttle(() => this.#tellUnrecorded(), UNRECORDED_INTERVAL_MS, options.clock));
  }

  get state(): StoreState {
    return this.#state;
  }

  get recording(): ApplicationStatus['recording'] {
    return this.#gate.state;
  }

  /** Somebody has asked for the store. */
  get isOpened(): boolean {
    return this.#store !== undefined;
  }

  /** Opens the store at the first call; later calls share it. */
  store(): Promise<TrafficStore> {
    this.#store ??= this.#open();
    return this.#store;
  }

  /** A recorder into the store, which is opened where it is not. `onEvent`: hears of events as they are recorded, redacted. */
  async recorder(onEvent?: (event: CapturedEvent) => void): Promise<Recorder> {
    return this.#recorderInto(await this.store(), onEvent);
  }

  #recorderInto({ journal }: Pick<TrafficStore, 'journal'>, onEvent?: (event: CapturedEvent) => void): Recorder {
    const { clock, redactor } = this.options;
    return createRecorder({ journal, clock, gate: this.#gate, redactor, onEvent });
  }

  /** Pauses or resumes recording in this window; traffic goes on either way. Both are written to the audit log. */
  async setRecording(on: boolean): Promise<void> {
    const recorder = await this.recorder();
    if (on) {
      const pause = this.#gate.resume();
      if (pause) recorder.event({ type: 'recording.resumed', data: { sinceMs: pause.sinceMs, frames: pause.frames } });
    } else if (this.#gate.pause(this.options.clock.wallMs())) {
      recorder.event({ type: 'recording.paused', data: {} });
      this.#ticks.trigger();
    }
    this.#changed.fire();
  }

  /** While paused, how much passes unrecorded is told now and then. */
  #tellUnrecorded(): void {
    const { state } = this.#gate;
    if (state.kind === 'on') return;
    if (state.frames !== this.#saidUnrecorded) this.#changed.fire();
    this.#saidUnrecorded = state.frames;
    this.#ticks.trigger();
  }

  /** Decisions are worth opening the store for; that something waits is written once it is open. */
  recordPolicy(event: CapturedEvent): void {
    if (!this.#store) this.#unwritten.push(event);
    if (!this.#store && event.type === 'policy.waiting') return;
    // What is queued is written when the store opens.
    const isQueued = this.#unwritten.includes(event);
    this.store().then(
      (store) => {
        if (!isQueued) this.#recorderInto(store).event(event);
      },
      (error: unknown) => this.options.logger.warn(`"${event.type}" could not be written to the audit log: ${messageOf(error)}`),
    );
  }

  async #open(): Promise<TrafficStore> {
    const { storeDir, distDir, clock, logger, randomId, retention } = this.options;
    try {
      const store = await openStore({
        dir: storeDir,
        workerFile: path.join(distDir, 'storeWorker.js'),
        wasmFile: path.join(distDir, 'sql-wasm.wasm'),
        clock,
        logger,
        randomId,
        // The store reads them each time it applies them; `undefined` is its default.
        get maxBytes() {
          return retention?.maxBytes();
        },
        get maxAgeMs() {
          return retention?.maxAgeMs();
        },
      });
      this.#state = store.state;
      this.#lifetime.add(
        store.onDidChangeState((state) => {
          this.#state = state;
          this.#changed.fire();
        }),
      );
      const recorder = this.#recorderInto(store);
      for (const event of this.#unwritten.splice(0)) recorder.event(event);
      this.#lifetime.add(store.onDidAdvance((advance) => this.#advanced.fire(advance)));
      this.#lifetime.add(store.onDidRecover((recovery) => this.#recovered.fire(recovery)));
      this.#changed.fire();
      return store;
    } catch (error) {
      this.#state = { kind: 'failed', message: messageOf(error) };
      this.#store = undefined; // the next use tries again
      this.#changed.fire();
      throw error;
    }
  }

  /** To be called when nothing is recorded any more: what was is not lost. */
  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined);
    // How long it was paused, and what passed, is written even where nobody resumes.
    if (store && this.#gate.state.kind === 'paused') await this.setRecording(true);
    await store?.close();
    this.#lifetime.dispose();
  }
}
