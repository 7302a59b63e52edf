/**
 * Owns one worker as the client sees it, a thread or a process: started in the background or with the first request,
 * restarted once when it crashes, given up for a while after that. Requests made before it is up wait for it; requests to one that
 * is gone are rejected. One that has nothing to do may rest: ending is what gives its memory back. Where a process
 * cannot be had (the editor or the system does not let programs be started), a thread takes its place.
 */
import { Peer, type Channel } from '../rpc/peer';
import { Deferred } from '../util/async';
import type { Clock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import type { WorkerSetup } from './worker/api';
import { startWorker, type WorkerKind, type WorkerPort } from './workerPort';

const maxCrashes = 2;
const forgetCrashMs = 10 * 60_000;
/** One that was given up is tried again after so long. */
const reviveAfterMs = 5 * 60_000;

/** What its loss means, said to whoever asks it. */
export const lossWords: Readonly<Record<WorkerSetup['role'], string>> = {
  query: 'This is not among the latest traffic, and no other can be read because a background thread failed twice. Recording goes on; reload the window to see it, or wait five minutes.',
  sealer: 'No SQLite file can be made of the recorded traffic because the helper that makes them failed twice. Recording goes on; reload the window, or wait five minutes.',
};

export class WorkerHandle implements Disposable {
  readonly #events = new Emitter<{ name: string; data: unknown }>();
  readonly #state = new Emitter<'ready' | 'restarting' | 'lost'>();
  #ready = new Deferred<Peer>();
  #worker: WorkerPort | undefined;
  #peer: Peer | undefined;
  readonly #rest = new MutableDisposable<Disposable>();
  readonly #revival = new MutableDisposable<Disposable>();
  #crashes = 0;
  #startedUs = 0;
  #waiting = 0;
  #askedUs = -Infinity;
  #closed = false;

  readonly onEvent = this.#events.event;
  readonly onDidChangeState = this.#state.event;

  constructor(
    private readonly workerFile: string,
    private readonly setup: WorkerSetup,
    private readonly logger: Logger,
    private readonly clock: Clock,
    /** It ends after so long without a request, and starts again with the next; absent: never. */
    private readonly restAfterMs?: number,
    private kind: WorkerKind = 'thread',
    private readonly start: typeof startWorker = startWorker,
  ) {
    // Starting a thread takes milliseconds, which whoever opens the store need not wait for.
    if (restAfterMs === undefined) setImmediate(() => this.#wake());
  }

  /** Whether anybody has asked it anything in the last so many milliseconds. */
  wasAskedWithin(ms: number): boolean {
    return this.clock.monotonicUs() - this.#askedUs < ms * 1000;
  }

  /** Rejects with `store.unavailable` where the worker is gone for good, and with the worker's own errors. */
  async call<T>(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<T> {
    this.#askedUs = this.clock.monotonicUs();
    // It never keeps the process alive, except while somebody waits for its answer.
    this.#rest.clear();
    if (this.#waiting++ === 0) this.#worker?.keepAlive(true);
    this.#wake();
    try {
      const peer = await this.#ready.promise;
      try {
        return (await peer.call(method, args, signal)) as T;
      } catch (error) {
        // Crashed while it worked on this: once more, in the one that took its place.
        if (!(error instanceof AppError && error.code === 'rpc.closed') || this.#closed) throw error;
        const next = await this.#ready.promise;
        return (await next.call(method, args, signal)) as T;
      }
    } finally {
      if (--this.#waiting === 0) {
        this.#worker?.keepAlive(false);
        if (this.restAfterMs !== undefined && !this.#closed) this.#rest.value = this.clock.timer(this.restAfterMs, () => this.#sleep());
      }
    }
  }

  tell(name: string): void {
    this.#peer?.emit(name, null);
  }

  /** Ends it, whatever it is doing. */
  async stop(): Promise<void> {
    this.dispose();
    this.#worker?.keepAlive(true);
    await this.#worker?.terminate();
  }

  dispose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest.dispose();
    this.#revival.dispose();
    this.#fail('The store is closed.');
    this.#peer?.dispose();
    this.#events.dispose();
    this.#state.dispose();
  }

  #wake(): void {
    if (!this.#worker && !this.#closed && this.#crashes < maxCrashes) this.#start();
  }

  #sleep(): void {
    this.#rest.clear();
    const worker = this.#worker;
    if (!worker || this.#waiting > 0 || !this.#ready.isSettled) return;
    this.#worker = undefined;
    this.#ready = new Deferred<Peer>();
    this.#peer?.dispose();
    void worker.terminate();
  }

  #start(): void {
    this.#startedUs = this.clock.monotonicUs();
    const messages = new Emitter<unknown>();
    let worker: WorkerPort | undefined;
    let isUp = false;
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      const crashed = this.#worker === worker && !this.#closed;
      if (crashed && this.#ready.isSettled) this.#ready = new Deferred<Peer>();
      peer.dispose();
      if (crashed) this.#ended(reason, isUp);
    };
    const channel: Channel = { post: (message) => worker?.post(message), onMessage: messages.event };
    const peer = new Peer(channel);
    try {
      worker = this.start(this.kind, this.workerFile, this.setup, { onMessage: (message) => messages.fire(message), onEnd: end });
    } catch (error) {
      peer.dispose();
      this.#ended(messageOf(error), false);
      return;
    }
    if (this.#waiting === 0) worker.keepAlive(false);
    this.#worker = worker;
    this.#peer = peer;
    peer.on('ready')(() => {
      isUp = true;
      this.#ready.resolve(peer);
      this.#state.fire('ready');
    });
    peer.on<string>('failed')((reason) => {
      // It has come up, and says itself what is wrong with it.
      isUp = true;
      void worker.terminate();
      end(reason);
    });
    peer.on<string>('warning')((text) => this.logger.warn(text));
    for (const name of ['advanced', 'unreadable']) peer.on(name)((data) => this.#events.fire({ name, data }));
  }

  #ended(reason: string, wasUp: boolean): void {
    if (wasUp || this.kind === 'thread') {
      this.#crashed(reason);
      return;
    }
    this.kind = 'thread';
    this.#worker = undefined;
    this.logger.info(`The store's ${this.setup.role} worker runs as a thread of the window: as a process of its own it could not be started.`, reason);
    this.#start();
  }

  #crashed(reason: string): void {
    // Twice in a short time means that it will happen again; once in a while does not.
    if (this.clock.monotonicUs() - this.#startedUs > forgetCrashMs * 1000) this.#crashes = 0;
    this.#crashes++;
    this.#worker = undefined;
    this.logger.error(`The store's ${this.setup.role} worker ended.`, reason);
    if (this.#crashes < maxCrashes) {
      this.#state.fire('restarting');
      this.#start();
      return;
    }
    this.#fail(lossWords[this.setup.role]);
    this.#revival.value = this.clock.timer(reviveAfterMs, () => this.#revive());
    this.#state.fire('lost');
  }

  /** One more try; where that fails, too, it is given up again. */
  #revive(): void {
    this.#revival.clear();
    if (this.#closed) return;
    this.#crashes = maxCrashes - 1;
    this.#ready = new Deferred<Peer>();
    this.#state.fire('restarting');
    if (this.restAfterMs === undefined) this.#wake();
  }

  #fail(message: string): void {
    if (this.#ready.isSettled) this.#ready = new Deferred<Peer>();
    this.#ready.promise.catch(() => undefined);
    this.#ready.reject(new AppError('store.unavailable', message));
  }
}
